"""Which field a person would mend for a finding: a cell that a work list can hold, or nothing that a cell could hold."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from data_quality.gate import LONGEST_VALUE
from data_quality.rule import Rule
from data_quality.rules.properties import PREFIX, label_of
from koppel.overrides import MENDABLE

_UNDECLARED = re.compile("[a-z0-9 ]+")
"""What a property is called that properties.toml does not know: its code in words."""

_TEXTS = ("short_text", "long_text")


def fields_of(
    rule: Rule, value: str, properties: Mapping[str, Mapping[str, Any]] | None = None
) -> tuple[str, ...]:  # fmt: skip
    """The mendable fields that a finding is about, the likeliest first; empty: nothing that a cell could hold.

    ``value``: of the finding; rules about properties name there which. ``properties``: config/properties.toml, for their labels.
    """
    if any(name == f"{PREFIX}*" for name in rule.fields):
        return _properties_in(value, properties or {})
    shows = rule.shows if isinstance(rule.shows, str) else ""
    return _fields_of(rule.entity, rule.fields, rule.question, shows)


@cache
def _fields_of(entity: str, judged: tuple[str, ...], question: str, shows: str) -> tuple[str, ...]:
    """A rule that shows another column than a mendable one is about that column (a price that is no price of its category)."""
    mendable = MENDABLE.get(entity, ())
    names = tuple(dict.fromkeys(name.removesuffix("_plain") for name in judged))
    found = [name for name in names if name in mendable]
    if not found or (shows and shows.removesuffix("_plain") not in mendable):
        return ()
    if question in found:
        found.remove(question)
        return (question, *[name for name in found if name in _TEXTS and question in _TEXTS])
    return (found[0],)


def _properties_in(value: str, properties: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The properties of ``Colour: -, Storage: n/a`` or ``Colour, Storage``.

    What follows a comma inside a value is the name of no property; a label that was cut off names none either.
    """
    parts = value.split(", ")
    if len(value) >= LONGEST_VALUE:
        parts = [*parts[:-1], *[part for part in parts[-1:] if ": " in part]]
    codes = {label_of(code, properties): code for code in properties}
    labels = [part.split(": ")[0] for part in parts if (": " in part) == (": " in value)]
    found = [codes.get(label) or (label.replace(" ", "_") if _UNDECLARED.fullmatch(label) else "") for label in labels]
    return tuple(dict.fromkeys(PREFIX + code for code in found if code))
