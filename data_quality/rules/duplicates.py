"""Rules that compare texts: is each text of one product and of one language only?"""

from collections.abc import Iterator, Mapping
from itertools import repeat
from string import ascii_lowercase, ascii_uppercase
from typing import Any

import pandas as pd

from data_quality.facts import Facts
from data_quality.rule import Predicate, Rule
from data_quality.rules.products import same_however_spelled
from data_quality.rules.properties import PREFIX
from data_quality.words import none_of

_LITTLE = 3
"""Letters of the longest little word: the, van, und. What a text tells is in the others."""
_ENDINGS = (b"", b"e", b"s", b"es", b"en")
"""What a word that describes may end in: schwarz, schwarze; noir, noires."""
_NO_LETTERS = bytes(byte for byte in range(0x80) if not chr(byte).isalpha()) + b"\xc2\xe2"
"""Numbers and signs in UTF-8; the last two are the first bytes of quotes, dashes and spaces beyond the plain ones."""
_LETTERS = bytes.maketrans(ascii_uppercase.encode() + _NO_LETTERS, ascii_lowercase.encode() + b" " * len(_NO_LETTERS))
"""Turns plain letters into small ones, and what is no letter into a space."""
_NOT_FIRST = bytes(range(0x80, 0xC0))
"""What follows the first byte of a letter. Without it a letter is one byte, and one accent is like another: that is all the
same to the comparison, and several times faster than regular expressions."""
_SHARED = {"characters": 40}
"""Options of long_text_shared."""


def _translated(column: str) -> Predicate:
    def check(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
        long_enough = rows[column].str.len().ge(facts.options["characters"])
        same = rows.duplicated(["sku", column], keep=False)
        return ~(long_enough & same).fillna(value=False).astype(bool)

    return check


def _own_text(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Variants share a text on purpose: same brand and category, other properties; so do categories that say so."""
    shares = facts.assortment.flags(rows["category_code"], "shares_texts", default=False)
    text = rows["long_text_plain"].where(~shares & rows["long_text_plain"].str.len().ge(facts.options["characters"]))
    same = text.notna() & rows.assign(long_text_plain=text).duplicated(["language", "long_text_plain"], keep=False)
    if not same.any():
        return ~same
    some = rows[same]
    traits = [name for name in rows.columns if name.startswith("property_") or name == "model"]
    by_text = some.groupby(["language", "long_text_plain"], sort=False)
    origin = some["brand"].fillna("").str.cat(some["category_code"].fillna(""), sep="\n")
    one_family = origin.groupby([some["language"], some["long_text_plain"]]).transform("nunique").eq(1)
    distinct = ~some.duplicated(["language", "long_text_plain", *traits], keep=False)
    all_distinct = distinct.groupby([some["language"], some["long_text_plain"]]).transform("all")
    variants = one_family & all_distinct if traits and by_text.ngroups else none_of(some)
    return ~same | variants.reindex(rows.index, fill_value=False)


def _words(text: str) -> list[bytes]:
    """The words of a text in small letters, one byte a letter, without numbers and signs."""
    return text.encode().translate(_LETTERS, _NOT_FIRST).split()


def _trait_words(column: str, values: "pd.Index[str]", facts: Facts) -> "list[frozenset[bytes]]":
    """Per value of a trait its words, with what customers read for it in any language."""
    options = facts.properties.get(column.removeprefix(PREFIX), {}).get("options", {})
    options = options if isinstance(options, Mapping) else {}
    known = {str(code).lower(): text.values() for code, text in options.items() if isinstance(text, Mapping)}
    told = (" ".join([value, *map(str, known.get(value.lower(), ()))]) for value in values)
    return [frozenset(word + end for word in _words(text) if len(word) > _LITTLE for end in _ENDINGS) for text in told]


def _own_words(rows: pd.DataFrame, facts: Facts) -> "Iterator[frozenset[bytes]]":
    """Per row the words of its brand, its model and its properties."""
    columns = []
    for name in rows.columns:
        if name in {"brand", "model"} or name.startswith(PREFIX):
            places, values = pd.factorize(rows[name])
            words = [*_trait_words(name, values, facts), frozenset[bytes]()]  # the last is that of place -1: no value
            if any(words):
                columns.append([words[place] for place in places])
    nothing: frozenset[bytes] = frozenset()
    return (nothing.union(*traits) for traits in zip(*columns, strict=True)) if columns else repeat(nothing)


def _signatures(rows: pd.DataFrame, facts: Facts) -> "pd.Series[Any]":
    """A number that stands for the words that are left of each long text; missing where too few are left."""
    found: list[int | None] = []
    for text, own in zip(rows["long_text_plain"].tolist(), _own_words(rows, facts), strict=False):
        left = b"".join([word for word in _words(text) if len(word) > _LITTLE and word not in own])
        found.append(hash(left) if len(left) >= facts.options["letters"] else None)
    return pd.Series(found, index=rows.index, dtype="Int64")


def _of_several_models(rows: pd.DataFrame, groups: "pd.Series[int]") -> "pd.Series[bool]":
    """Whether a row's group is of several models; where no model is given, of several brands or categories."""
    no_model = rows["model"].isna()
    brand = same_however_spelled(rows["brand"].where(no_model))
    several = none_of(rows)
    for kind in (rows["model"].str.lower(), brand, rows["category_code"].where(no_model)):
        several |= kind.groupby(groups).transform("nunique").gt(1)
    return several


def _caught(rows: pd.DataFrame, texts: "pd.Series[str]", facts: Facts) -> "pd.Series[bool]":
    """The rows among those with these texts that the rule long_text_shared finds."""
    if not facts.settings.get("long_text_shared", {}).get("enabled", True):
        return none_of(texts)
    same = rows[rows["long_text_plain"].isin(texts)]
    return ~_own_text(same, facts.for_rule(_SHARED, "long_text_shared")).reindex(texts.index)


def _told_anew(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """No text of another model is the same but for numbers, brand, model, properties and little words.

    Variants share a text on purpose, and so do categories that say so; the same text to the letter is for another rule.
    """
    shares = facts.assortment.flags(rows["category_code"], "shares_texts", default=False)
    long_enough = rows["long_text_plain"].str.len().ge(facts.options["letters"]).fillna(value=False).astype(bool)
    judged = rows[long_enough & ~shares]
    signatures = _signatures(judged, facts)
    keys = pd.DataFrame({"language": judged["language"], "signature": signatures})
    alike = judged[signatures.notna() & keys.duplicated(keep=False)]
    groups = keys.loc[alike.index].groupby(["language", "signature"], sort=False).ngroup()
    found = _of_several_models(alike, groups) & alike["long_text_plain"].groupby(groups).transform("nunique").gt(1)
    texts = alike.loc[found, "long_text_plain"]
    anew = pd.Series(data=True, index=rows.index)
    anew[texts.index[~_caught(rows, texts, facts)]] = False
    return anew


RULES = (
    Rule(
        id="short_text_untranslated", entity="product_text", fields=("short_text_plain", "sku"), severity="improve",
        question="short_text", title="The short text differs between languages", check=_translated("short_text_plain"),
        reason="The short text is word for word the same in another language. Have it translated.",
        role="marketing", minutes=6, options={"characters": 40},
    ),
    Rule(
        id="long_text_untranslated", entity="product_text", fields=("long_text_plain", "sku"), severity="improve",
        question="long_text", title="The long text differs between languages", check=_translated("long_text_plain"),
        reason="The long text is word for word the same in another language. Have it translated.",
        role="marketing", minutes=12, options={"characters": 40},
    ),
    Rule(
        id="long_text_shared", entity="product_text", fields=("long_text_plain", "language"),
        also=("brand", "model", "category_code", "property_*"), severity="improve", question="long_text",
        title="No two different products have the same long text", check=_own_text,
        reason="Other products have the same long text: '{value}'. Tell what is special about this one.",
        role="marketing", minutes=12, options=_SHARED,
    ),
    Rule(
        id="long_text_alike", entity="product_text", fields=("long_text_plain", "language"),
        also=("brand", "model", "category_code", "property_*"), severity="improve", question="long_text",
        title="No long text is that of another model with other numbers", check=_told_anew,
        reason="Another product has the same long text but for names and numbers: '{value}'. Tell what is special about this one.",
        role="marketing", minutes=12, options={"letters": 100},
    ),
)  # fmt: skip
