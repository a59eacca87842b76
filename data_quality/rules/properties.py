"""Rules for the question: are the properties known that matter to a customer?"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from data_quality.facts import ANY, Facts
from data_quality.rule import Rule, Show
from data_quality.words import any_word, has, none_of, without_words

PREFIX = "property_"
NUMERIC = ("number", "decimal", "integer", "weight")
"""Inputs of properties.toml that hold a number."""


def _columns(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if name.startswith(PREFIX)]


def _missing(rows: pd.DataFrame, facts: Facts) -> "dict[str, pd.Series[bool]]":
    """Per required property the rows that lack it."""
    lacking: dict[str, pd.Series[bool]] = {}
    for required, asked in facts.assortment.groups(rows["category_code"], "required_properties").items():
        for code in required:
            column = code if code.startswith(PREFIX) else PREFIX + code
            empty = rows[column].isna() if column in rows else ~none_of(rows)
            lacking[column] = lacking.get(column, none_of(rows)) | (asked & empty)
    return lacking


def _fillings(rows: pd.DataFrame, facts: Facts) -> "dict[str, pd.Series[bool]]":
    """Per property the rows where a dash or "n/a" stands in for a value; nought is a value where numbers are."""
    words = [word.lower() for word in facts.words("fillings", ANY)]
    found = {}
    for column in _columns(rows):
        is_number = facts.properties.get(column.removeprefix(PREFIX), {}).get("input") in NUMERIC
        zero_counts = is_number or column in facts.options["zero_counts"]
        chosen = [word for word in words if not (zero_counts and word == "0")]
        found[column] = rows[column].str.strip().str.lower().isin(chosen)
    return found


def _known_values(declared: Mapping[str, Any]) -> set[str]:
    """The option codes of a property and their translations, in small letters."""
    options = declared.get("options", {})
    if not isinstance(options, Mapping):
        return {str(option).lower() for option in options}
    words = {str(code).lower() for code in options}
    for texts in options.values():
        words |= {str(text).lower() for text in (texts.values() if isinstance(texts, Mapping) else [texts])}
    return words


def _strangers(rows: pd.DataFrame, facts: Facts) -> "dict[str, pd.Series[bool]]":
    """Per property with a list of values the rows that hold another one; fillings are for their own rule."""
    fillings = _fillings(rows, facts)
    found = {}
    for column in _columns(rows):
        known = _known_values(facts.properties.get(column.removeprefix(PREFIX), {}))
        if known:
            found[column] = rows[column].notna() & ~rows[column].str.lower().isin(known) & ~fillings[column]
    return found


def _no_numbers(rows: pd.DataFrame, facts: Facts) -> "dict[str, pd.Series[bool]]":
    """Per numeric property the rows whose text is no number."""
    fillings = _fillings(rows, facts)
    found = {}
    for column in _columns(rows):
        if facts.properties.get(column.removeprefix(PREFIX), {}).get("input") in NUMERIC:
            is_number = rows[column].str.fullmatch(r"\s*[+-]?[0-9]+(?:[.,][0-9]+)?\s*", na=True)
            found[column] = ~is_number & ~fillings[column]
    return found


def _none(find: Any) -> Any:
    """A predicate: nothing is found in any property."""

    def check(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
        broken = none_of(rows)
        for found in find(rows, facts).values():
            broken |= found.astype(bool)
        return ~broken

    return check


def _label(code: str, facts: Facts) -> str:
    """What customers see a property called, in English where there is a choice; else its code in words."""
    label = facts.properties.get(code, {}).get("label", {})
    if not isinstance(label, Mapping):
        return str(label)
    return str(label.get("en") or next(iter(label.values()), code.replace("_", " ")))


def _list(find: Any, *, with_value: bool) -> Show:
    """Shows the properties that were found, with or without what stands in them."""

    def show(rows: pd.DataFrame, facts: Facts) -> "pd.Series[str]":
        told = pd.Series("", index=rows.index, dtype="str")
        for column, found in find(rows, facts).items():
            text = _label(column.removeprefix(PREFIX), facts)
            added = (
                text + ": " + rows[column].fillna("").astype("str") if with_value else pd.Series(text, index=rows.index)
            )
            told = told.where(~found, told.str.cat(added, sep=", ").str.removeprefix(", "))
        return told

    return show


def _colour_agrees(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A name that holds the word of another colour, and not of its own; red wine is no colour."""
    column = PREFIX + facts.options["property"]
    options = facts.properties.get(facts.options["property"], {}).get("options", {})
    if column not in rows or not isinstance(options, Mapping):
        return ~none_of(rows)
    clash = none_of(rows)
    names = without_words(rows["name"], facts, "no_colours", rows["language"])
    for language in rows["language"].unique():
        own_rows = rows["language"].eq(language)
        words = {code: texts.get(language, "") for code, texts in options.items() if isinstance(texts, Mapping)}
        pattern = any_word(word.lower() for word in words.values() if word)
        for code, word in words.items():
            own = any_word([word.lower()]) if word else None
            if pattern and own:
                mine = own_rows & rows[column].str.lower().isin([code.lower(), word.lower()])
                clash |= mine & has(names, pattern) & ~has(names, own)
    return ~clash


RULES = (
    Rule(
        id="properties_required", entity="product", fields=("category_code", "property_*"), severity="improve",
        question="properties", title="The properties that matter in its category are filled in", check=_none(_missing),
        shows=_list(_missing, with_value=False),
        reason="Customers of this category ask for: {value}. Fill it in.", role="purchasing", minutes=4,
    ),
    Rule(
        id="property_filling", entity="product", fields=("property_*",), severity="improve", question="properties",
        title="No property holds a dash or the like", check=_none(_fillings), shows=_list(_fillings, with_value=True),
        reason="A property holds a sign instead of a value ({value}). Fill in the value, or leave it empty.",
        role="purchasing", minutes=2, options={"zero_counts": []},
    ),
    Rule(
        id="property_value", entity="product", fields=("property_*",), severity="improve", question="properties",
        title="Properties hold values from their list", check=_none(_strangers), shows=_list(_strangers, with_value=True),
        reason="The list has no such value ({value}). Choose one from the list, or have it added.",
        role="purchasing", minutes=2, options={"zero_counts": []},
    ),
    Rule(
        id="property_number", entity="product", fields=("property_*",), severity="improve", question="properties",
        title="Properties that are numbers hold only a number", check=_none(_no_numbers),
        shows=_list(_no_numbers, with_value=True),
        reason="A number is expected here ({value}). Type the number alone; the unit is added by itself.",
        role="purchasing", minutes=1, options={"zero_counts": []},
    ),
    Rule(
        id="name_colour", entity="product_text", fields=("name", "language"), also=("property_*",), severity="improve",
        question="properties", title="The colour in the name is that of the product", check=_colour_agrees,
        reason="The name '{value}' tells another colour than the property does. Correct the one that is wrong.",
        role="marketing", minutes=2, options={"property": "color"},
    ),
)  # fmt: skip
