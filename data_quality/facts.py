"""What rules may know besides the rows: thresholds, word lists, the assortment, the properties and the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from data_quality.assortment import Assortment
from koppel.errors import ConfigError
from koppel.judging import Context
from koppel.settings import read_toml

ANY = "all"
"""The language of words that count in every language."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that a person accepts until a day: this rule, for this ledger key."""

    rule: str
    key: str
    until: date


@dataclass(frozen=True, slots=True)
class Facts:
    """Configuration as rules use it. ``options`` are those of the rule that asks."""

    languages: tuple[str, ...]
    now: datetime
    assortment: Assortment
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[rules.ID]``: severity, enabled, and thresholds."""
    waivers: tuple[Waiver, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def words(self, name: str, language: str) -> list[str]:
        """An editable word list: the words for every language and those for this one."""
        chosen = self.lists.get(name, {})
        return [*chosen.get(ANY, []), *(chosen.get(language, []) if language != ANY else [])]

    def for_rule(self, defaults: Mapping[str, Any], rule: str) -> "Facts":
        """The facts with a rule's options: its defaults, and what config/rules.toml sets instead."""
        chosen = {name: value for name, value in self.settings.get(rule, {}).items() if name in defaults}
        return replace(self, options={**defaults, **chosen})


def load_facts(context: Context) -> Facts:
    """Facts from rules.toml and assortment.toml in the config folder; a file that is not there means: nothing set.

    ``context.options["now"]`` (aware) stands in for the clock. Raises ConfigError for a file that can't be understood.
    """
    values = _optional(context.config_root / "rules.toml")
    return Facts(
        languages=context.languages,
        now=context.options.get("now") or datetime.now(UTC),
        assortment=Assortment(_optional(context.config_root / "assortment.toml").get("categories", {})),
        properties=context.properties,
        lists=values.get("words", {}),
        settings=values.get("rules", {}),
        waivers=tuple(_waiver(entry) for entry in values.get("waivers", [])),
    )


def _optional(path: Path) -> dict[str, Any]:
    return read_toml(path) if path.exists() else {}


def _waiver(entry: dict[str, Any]) -> Waiver:
    if not isinstance(entry.get("until"), date) or not {"rule", "key"} <= entry.keys():
        raise ConfigError(
            f"A waiver in rules.toml is not complete: {entry}.",
            do='Write rule = "...", key = "..." and until = 2026-12-31 for it.',
        )
    return Waiver(entry["rule"], entry["key"], entry["until"])
