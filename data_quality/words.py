"""Looking at texts by column: whole words, editable lists per language, HTML taken off."""

import html
import re
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_quality.facts import ANY, Facts

LETTERS = "A-Za-z0-9À-ÖØ-öø-ÿŒœ"
"""Letters and digits in the languages of the shop, spelled out because not every engine agrees on the short forms."""

WORD_LISTS = (
    "abbreviations", "acronyms", "blocked", "promotion", "gift_cards", "no_colours", "generic_names", "placeholders",
    "internal", "competitors", "own_contacts", "fillings",
)  # fmt: skip
"""The lists of config/rules.toml that rules look into."""

Texts = pd.Series  # of str


def has(texts: Texts, pattern: str, *, ignore_case: bool = False) -> "pd.Series[bool]":
    """Whether each text holds the pattern (RE2, so a long text can't make it slow); a missing text doesn't.

    Straight to Arrow: pandas hands patterns with white space or flags to Python's engine, measured 6 times slower.
    """
    found = pc.match_substring_regex(_arrow(texts), pattern, ignore_case=ignore_case)
    return pd.Series(pc.fill_null(found, False).to_numpy(zero_copy_only=False), index=texts.index, dtype=bool)


def count_of(texts: Texts, pattern: str) -> "pd.Series[int]":
    """How often each text holds the pattern; nought for a missing text."""
    counts = pc.count_substring_regex(_arrow(texts), pattern)
    return pd.Series(pc.fill_null(counts, 0).to_numpy(), index=texts.index)


def swapped(texts: Texts, pattern: str, replacement: str) -> Texts:
    """Texts with every match of the pattern replaced."""
    changed = pc.replace_substring_regex(_arrow(texts), pattern, replacement)
    return pd.Series(pd.array(changed, dtype=texts.dtype), index=texts.index)


def _arrow(texts: Texts) -> Any:
    arrow = pa.array(texts, from_pandas=True)
    return (
        arrow
        if pa.types.is_large_string(arrow.type) or pa.types.is_string(arrow.type)
        else arrow.cast(pa.large_string())
    )


def any_word(words: Iterable[str]) -> str | None:
    """A pattern for any of the words or phrases, standing alone; a word in capitals only matches capitals. None: no words."""
    exact: list[str] = []
    loose: list[str] = []
    for word in words:
        (exact if word.isupper() else loose).append(re.escape(word).replace(r"\ ", r"\s+"))
    parts = (["|".join(exact)] if exact else []) + ([f"(?i:{'|'.join(loose)})"] if loose else [])
    return f"(?:^|[^{LETTERS}])(?:{'|'.join(parts)})(?:$|[^{LETTERS}])" if parts else None


def has_words(texts: Texts, facts: Facts, list_name: str, languages: Texts | None = None) -> "pd.Series[bool]":
    """Whether each text holds a word of an editable list, that of its own language and that for all."""
    if languages is None:
        pattern = any_word(facts.words(list_name, ANY))
        return has(texts, pattern) if pattern else none_of(texts)

    def one_language(part: Texts, language: str) -> "pd.Series[bool]":
        pattern = any_word(facts.words(list_name, language))
        return has(part, pattern) if pattern else none_of(part)

    return by_language(texts, languages, one_language)


def without_words(texts: Texts, facts: Facts, list_name: str, languages: Texts) -> Texts:
    """Each text without the words and phrases of an editable list, that of its own language and that for all."""
    rest = texts.copy()
    for language in languages.dropna().unique():
        own = languages.eq(language)
        if pattern := any_word(facts.words(list_name, str(language))):
            rest[own] = swapped(rest[own], pattern, " ")
    return rest


def still_holds(
    found: "pd.Series[bool]", rows: pd.DataFrame, judge: "Callable[[pd.DataFrame], pd.Series[bool]]"
) -> "pd.Series[bool]":
    """What was found at a first look, judged once more: slow looks are only for the few."""
    return found & judge(rows[found]).reindex(found.index, fill_value=False) if found.any() else found


def by_language(texts: Texts, languages: Texts, judge: "Callable[[Texts, str], pd.Series[bool]]") -> "pd.Series[bool]":
    """A yes or no per text, each language judged by itself."""
    verdicts = none_of(texts)
    for language in languages.dropna().unique():
        rows = languages.eq(language)
        verdicts[rows] = judge(texts[rows], str(language))
    return verdicts


def none_of(rows: "pd.Series | pd.DataFrame") -> "pd.Series[bool]":
    """No for every row."""
    return pd.Series(data=False, index=rows.index, dtype=bool)


def all_of(rows: "pd.Series | pd.DataFrame") -> "pd.Series[bool]":
    """Yes for every row."""
    return pd.Series(data=True, index=rows.index, dtype=bool)


def plain(texts: Texts) -> Texts:
    """HTML as a reader sees it: tags off, entities resolved, one space between words."""
    marked = has(texts, "[<&\n]")
    if not marked.any():
        return texts
    some = swapped(texts[marked], "<[^>]*>", " ")
    coded = some.str.contains("&", na=False, regex=False)
    some = some.where(~coded, some[coded].map(html.unescape).astype("str").reindex(some.index))
    some = swapped(some, "[ \t\n\r\u00a0]{2,}|[\t\n\r\u00a0]", " ").str.strip()
    return texts.where(~marked, some.reindex(texts.index))


def holds(texts: Texts, parts: Texts) -> "pd.Series[bool]":
    """Whether each text holds the part beside it, whatever the capitals; a missing part is in no text."""
    some = texts.notna() & parts.notna()
    pairs = zip(texts[some].str.lower().tolist(), parts[some].str.lower().tolist(), strict=True)
    found = pd.Series([part in text for text, part in pairs], index=texts.index[some], dtype=bool)
    return found.reindex(texts.index, fill_value=False)


def without(texts: Texts, parts: Texts) -> Texts:
    """Each text without the part beside it (the brand out of a name)."""
    found = holds(texts, parts)
    if not found.any():
        return texts
    pairs = zip(texts[found], parts[found], strict=True)
    some = [re.sub(re.escape(part), " ", text, flags=re.IGNORECASE) for text, part in pairs]
    return texts.where(~found, pd.Series(some, index=texts.index[found], dtype="str").reindex(texts.index))
