"""What a rule found, in the reader's language: numbers, days, lists of languages and properties, and what was counted on.

The ledger keeps what the gate wrote (``data_quality.gate``), whoever reads it; here it is taken apart again. What can't be
taken apart stays as it is.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any

from data_quality.codes import REMOVED
from data_quality.rule import Rule
from data_quality.rules.properties import PREFIX, label_of
from koppel.entities import ENTITIES

if TYPE_CHECKING:
    from data_quality.texts import Texts

_MORE = re.compile(r"(?P<list>.*) and (?P<count>[0-9]+) more", re.DOTALL)
_PRICES = re.compile(r"(?P<first>-?[0-9.]+) (?P<word>to|against) (?P<second>-?[0-9.]+)")
_MOMENT = "%d/%m/%Y %H:%M UTC"

Reader = Callable[["Texts", str], str]


def value_in_words(texts: "Texts", rule: Rule, value: str) -> str:
    """The value of a finding of a rule, as a reader of this language writes it."""
    more = _MORE.fullmatch(value) if ENTITIES[rule.entity].many else None
    if more and rule.id in _OF_LANGUAGES:
        return value_in_words(texts, rule, more["list"])
    if more:
        told = value_in_words(texts, rule, more["list"])
        return texts.gettext("{list} and {n} more", list=told, n=texts.number(int(more["count"])))
    if any(name == f"{PREFIX}*" for name in rule.fields):
        return _properties(texts, value)
    shows = None if callable(rule.shows) else rule.shows or rule.fields[0]
    return _reader(rule.id, rule.entity, shows)(texts, value)


@cache
def _reader(rule_id: str, entity: str, shows: str | None) -> Reader:
    """How the values of a rule are told: by the rule, or by the type of the column that it shows (None: it composes them)."""
    if rule_id in _BY_RULE or shows is None:
        return _BY_RULE.get(rule_id, _as_it_is)
    column = ENTITIES[entity].column(shows)
    return _BY_TYPE.get(column.dtype if column else "text", _as_it_is)


def _as_it_is(_: "Texts", value: str) -> str:
    return value


def _number(texts: "Texts", value: str) -> str:
    try:
        number = Decimal(value)
        return texts.number(number) if number.is_finite() else value
    except InvalidOperation:  # no number, or one of more digits than anybody reads
        return value


def _moment(texts: "Texts", value: str) -> str:
    try:
        return texts.moment(datetime.strptime(value, _MOMENT).replace(tzinfo=UTC))
    except ValueError:
        return value


def _languages(texts: "Texts", value: str) -> str:
    return ", ".join(dict.fromkeys(texts.language_name(code) for code in value.split(", ")))


def _removed(texts: "Texts", value: str) -> str:
    """Kinds of code in words; a tag that has none stays as it is."""
    words = (texts.gettext(REMOVED[code]) if code in REMOVED else code for code in value.split(", "))
    return ", ".join(dict.fromkeys(words))


def _prices(texts: "Texts", value: str) -> str:
    found = _PRICES.fullmatch(value)
    if found is None:
        return value
    first, second = _number(texts, found["first"]), _number(texts, found["second"])
    if found["word"] == "to":
        return texts.gettext("{first} to {second}", first=first, second=second)
    return texts.gettext("{first} against {second}", first=first, second=second)


def _properties(texts: "Texts", value: str) -> str:
    """``Colour: -, Storage``: the labels in this language; what follows a comma inside a value is no label."""
    labels = _labels(texts.properties)
    parts = [part.split(": ", 1) for part in value.split(", ")]
    return ", ".join(": ".join([_label(texts, labels, part[0]), *part[1:]]) for part in parts)


def _label(texts: "Texts", labels: Mapping[str, str], told: str) -> str:
    code = labels.get(told)
    return texts.field(PREFIX + code) if code else told


def _labels(properties: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {label_of(code, properties): code for code in properties}


_BY_TYPE: dict[str, Reader] = {"number": _number, "integer": _number, "money": _number, "time": _moment}
_OF_LANGUAGES = ("alt_text_missing", "category_name_missing")
"""Their values are lists already: more of them are the same languages of other rows."""
_BY_RULE: dict[str, Reader] = {
    **dict.fromkeys(_OF_LANGUAGES, _languages),
    "text_unsafe": _removed,
    "text_markup": _removed,
    "price_jump": _prices,
    "price_margin": _prices,
}
