"""What rules may know besides the rows: thresholds, word lists, the assortment, the properties and the time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from data_quality.assortment import Assortment
from koppel.judging import Waiver

ANY = "all"
"""The language of words that count in every language."""

WEIGHTS: Mapping[str, int] = {
    "name": 20, "photos": 15, "properties": 15, "short_text": 10, "long_text": 10, "weight": 10, "relations": 10, "stock": 10,
}  # fmt: skip
"""What each question counts in a product's score; together 100."""

RULE_WEIGHT = 1
"""What a rule counts within its question, where config/rules.toml says nothing."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Configuration as rules use it. ``options`` are those of the rule that asks."""

    languages: tuple[str, ...]
    now: datetime
    assortment: Assortment
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[rules.ID]``: severity, enabled, weight, and thresholds."""
    waivers: tuple[Waiver, ...] = ()
    """Those of config/rules.toml and those that came back with a work list."""
    options: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    """``[weights]``: what each question counts in a score, all of them; together 100."""

    def words(self, name: str, language: str) -> list[str]:
        """An editable word list: the words for every language and those for this one."""
        chosen = self.lists.get(name, {})
        return [*chosen.get(ANY, []), *(chosen.get(language, []) if language != ANY else [])]

    def for_rule(self, defaults: Mapping[str, Any], rule: str) -> "Facts":
        """The facts with a rule's options: its defaults, and what config/rules.toml sets instead."""
        chosen = {name: value for name, value in self.settings.get(rule, {}).items() if name in defaults}
        return replace(self, options={**defaults, **chosen})
