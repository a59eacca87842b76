"""What a rule is: one declaration that the expectation, the finding, the docs page and the tests are made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from data_quality.facts import Facts

Severity = Literal["block", "improve", "hint"]
"""block: the record is held back · improve: it goes to the shop and costs points · hint: it never counts."""

Question = Literal[
    "name", "short_text", "long_text", "weight", "properties", "relations", "photos", "stock",
    "price", "gtin", "brand", "category", "status",
]  # fmt: skip
"""What a customer wants to know; the first eight are the questions of the report."""

Role = Literal["purchasing", "marketing", "warehouse", "it"]
"""Who mends it."""

Predicate = Callable[[pd.DataFrame, Facts], "pd.Series[bool]"]
"""Rows (only the rule's columns) to whether each is fine, or whether the rule applies to it; by column, never by row."""

Show = Callable[[pd.DataFrame, Facts], "pd.Series[str]"]
"""Rows that broke the rule to what was found in each, for a person to read."""

COULD_NOT_RUN = "could not run:"
"""Stands in the reason of what is held back because a rule could not judge it; the report tells that in other words."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A check that Great Expectations has itself: the expectation's class, and its arguments from configuration.

    It judges the rule's first field (all fields when ``many``), and skips empty cells unless they are what it looks for.
    """

    expectation: str
    arguments: Callable[[Facts], dict[str, Any]] = lambda _: {}
    many: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that a customer, or the shop, needs of a record.

    ``fields``: columns that it judges; without one of them it can't run, and that counts as failed. ``also``: columns that
    it looks at when the source has them. ``reason``: a sentence for a person; ``{value}`` is what was found in the column
    ``shows`` (the first field, or a function that looks closer), other names are options. ``options``: thresholds, each to
    be set in config/rules.toml.
    """

    id: str
    entity: str
    fields: tuple[str, ...]
    severity: Severity
    question: Question
    title: str
    reason: str
    check: BuiltIn | Predicate
    role: Role
    minutes: int
    also: tuple[str, ...] = ()
    applies_to: Predicate | None = None
    shows: str | Show | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that the rule looks at; a family (``property_*``) stands for its members."""
        return tuple(dict.fromkeys((*self.fields, *self.also, *([self.shows] if isinstance(self.shows, str) else []))))


def columns_of(rule: Rule, present: list[str]) -> list[str]:
    """The columns among ``present`` that the rule looks at, in its order.

    At least two where there are two: Great Expectations' multi-column expectations ask for it.
    """
    chosen: dict[str, None] = {}
    for name in rule.columns:
        members = [column for column in present if column.startswith(name[:-1])] if name.endswith("*") else [name]
        chosen |= dict.fromkeys(member for member in members if member in present)
    return [*chosen, *[name for name in present if name not in chosen][: max(0, 2 - len(chosen))]]


def missing_fields(rule: Rule, present: list[str]) -> list[str]:
    """The fields that the rule needs and that are not there; a family may be empty."""
    return [name for name in rule.fields if not name.endswith("*") and name not in present]
