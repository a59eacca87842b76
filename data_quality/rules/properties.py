"""Rules for the question: are the properties known that matter to a customer?"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from data_quality.facts import ANY, Facts
from data_quality.rule import Rule, Show
from data_quality.words import LETTERS, any_word, has, none_of, without_words

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


def label_of(code: str, properties: Mapping[str, Mapping[str, Any]]) -> str:
    """What customers see a property called, in English where there is a choice; else its code in words."""
    label = properties.get(code, {}).get("label", {})
    if not isinstance(label, Mapping):
        return str(label)
    return str(label.get("en") or next(iter(label.values()), code.replace("_", " ")))


def _list(find: Any, *, with_value: bool) -> Show:
    """Shows the properties that were found, with or without what stands in them."""

    def show(rows: pd.DataFrame, facts: Facts) -> "pd.Series[str]":
        told = pd.Series("", index=rows.index, dtype="str")
        for column, found in find(rows, facts).items():
            text = label_of(column.removeprefix(PREFIX), facts.properties)
            added = (
                text + ": " + rows[column].fillna("").astype("str") if with_value else pd.Series(text, index=rows.index)
            )
            told = told.where(~found, told.str.cat(added, sep=", ").str.removeprefix(", "))
        return told

    return show


def _with_a_word(texts: "pd.Series[str]", words: Iterable[str]) -> "pd.Series[str]":
    """Those among the texts that hold one of the words."""
    pattern = any_word(word for word in words if word)
    return texts[has(texts, pattern)] if pattern else texts.iloc[:0]


def _colour_agrees(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A name that holds the word of another colour, and not of its own; red wine is no colour."""
    column = PREFIX + facts.options["property"]
    options = facts.properties.get(facts.options["property"], {}).get("options", {})
    if column not in rows or not isinstance(options, Mapping):
        return ~none_of(rows)
    names = without_words(rows["name"], facts, "no_colours", rows["language"])
    clash = none_of(rows)
    for language in rows["language"].dropna().unique():
        words = {code: texts.get(language, "").lower() for code, texts in options.items() if isinstance(texts, Mapping)}
        coloured = _with_a_word(names[rows["language"].eq(language)], words.values())
        colours = rows[column].loc[coloured.index].str.lower()
        for code, word in words.items():
            mine = coloured[colours.isin([code.lower(), word])]
            if word:
                clash[mine.index.difference(_with_a_word(mine, [word]).index)] = True
    return ~clash


_SCALES = (
    {"ml": 1.0, "cl": 10.0, "dl": 100.0, "l": 1000.0, "L": 1000.0, "liter": 1000.0, "litres": 1000.0},
    {"mm": 0.1, "cm": 1.0, "m": 100.0},
    {"GB": 1.0, "Go": 1.0, "TB": 1000.0, "To": 1000.0},
    {"g": 1.0, "gr": 1.0, "gram": 1.0, "kg": 1000.0},
)
"""Units of the same kind, each in parts of the first: 33 cl in the name are 330 ml in the property."""
_SLACK = 0.03
"""A terabyte may be 1000 or 1024 gigabytes."""
_LONGEST_NAME = 300
"""Characters of a name that are searched for amounts."""
_NUMBER = r"[0-9]+(?:[.,][0-9]+)?"


def _amounts_agree(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A name that tells amounts of a kind, none of which is among the product's; six bottles of 33 cl may be 33 or 198."""
    clash = none_of(rows)
    by_unit: dict[str, list[str]] = {}
    for column, unit in facts.options["units"].items():
        if column in rows:
            by_unit.setdefault(unit, []).append(column)
    for unit, columns in by_unit.items():
        scale = next((scale for scale in _SCALES if unit in scale), {unit: 1.0})
        units = "|".join(re.escape(name) for name in scale)
        amount = rf"((?:{_NUMBER} ?[x×] ?)*{_NUMBER}) ?({units})"
        stated = pd.DataFrame({column: _numbers(rows[column]) * scale[unit] for column in columns})
        some = has(rows["name"], rf"{_NUMBER} ?(?:{units})(?:$|[^{LETTERS}])") & stated.notna().any(axis=1)
        found = re.compile(rf"(?<![{LETTERS}.,]){amount}(?![{LETTERS}])")
        pairs = zip(rows.loc[some, "name"].str.slice(0, _LONGEST_NAME), stated[some].to_numpy(), strict=True)
        wrong = [_none_fits(name, found, scale, own[own == own]) for name, own in pairs]  # noqa: PLR0124 (drops the missing ones)
        clash |= pd.Series(wrong, index=rows.index[some], dtype=bool).reindex(rows.index, fill_value=False)
    return ~clash


def _numbers(cells: "pd.Series[str]") -> "pd.Series[float]":
    return pd.to_numeric(cells.str.replace(",", ".", regex=False), errors="coerce").astype("float64")


def _none_fits(name: str, found: re.Pattern[str], scale: Mapping[str, float], own: Any) -> bool:
    """Whether a name tells amounts, and none is one of ``own``, alone or times a number that the name tells too."""
    told = [
        float(number.replace(",", ".")) * scale[unit] for numbers, unit in found.findall(name)
        for number in re.findall(_NUMBER, numbers)
    ]  # fmt: skip
    times = {1, *(int(number) for number in re.findall(r"(?<![0-9.,])[0-9]{1,2}(?![0-9.,])", name))}
    return bool(told) and not any(
        abs(amount * times_ - mine) <= _SLACK * mine or abs(amount - mine * times_) <= _SLACK * amount
        for amount in told for mine in own for times_ in times
    )  # fmt: skip


def _defaults(rows: pd.DataFrame, facts: Facts) -> "dict[str, pd.Series[bool]]":
    """Per property the rows with a value that nearly all have, in many categories: it was filled in, not looked up.

    What is true or false, and what has one option only, may well be the same everywhere.
    """
    found = {}
    for column in _columns(rows):
        declared = facts.properties.get(column.removeprefix(PREFIX), {})
        counts = rows[column].value_counts()
        if declared.get("input") == "boolean" or len(declared.get("options", {})) == 1 or counts.empty:
            continue
        top = rows[column].eq(counts.index[0]).fillna(value=False).astype(bool)
        is_usual = counts.iloc[0] >= max(facts.options["products"], facts.options["share"] * counts.sum())
        if is_usual and rows.loc[top, "category_code"].nunique() >= facts.options["categories"]:
            found[column] = top
    return found


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
    Rule(
        id="name_amount", entity="product_text", fields=("name",), also=("property_*",), severity="improve",
        question="properties", title="The size in the name is that of the product", check=_amounts_agree,
        reason="The name '{value}' tells another size than the properties do. Correct the one that is wrong.",
        role="marketing", minutes=2,
        options={"units": {
            "property_storage_gb": "GB", "property_content_ml": "ml", "property_content_g": "g",
            "property_diameter_cm": "cm", "property_length_cm": "cm", "property_width_cm": "cm",
        }},
    ),
    Rule(
        id="property_filled_in", entity="product", fields=("category_code", "property_*"), severity="hint",
        question="properties", title="Properties were looked up", check=_none(_defaults),
        shows=_list(_defaults, with_value=True),
        reason="Nearly all products have the same here ({value}), so it was filled in. Look it up, or leave it empty.",
        role="purchasing", minutes=2, options={"products": 50, "share": 0.9, "categories": 4},
    ),
)  # fmt: skip
