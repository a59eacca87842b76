"""What rules may know besides the rows: thresholds, word lists, the assortment, the properties and the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from data_quality.assortment import Assortment

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
