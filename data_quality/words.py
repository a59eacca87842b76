"""Looking at texts by column: whole words, editable lists per language, HTML taken off."""

import html
import re
from collections.abc import Callable, Iterable

import pandas as pd

from data_quality.facts import ANY, Facts

LETTERS = "A-Za-z0-9À-ÖØ-öø-ÿŒœ"
"""Letters and digits in the languages of the shop, spelled out because not every engine agrees on the short forms."""

Texts = pd.Series  # of str


def has(texts: Texts, pattern: str) -> "pd.Series[bool]":
    """Whether each text holds the pattern; a missing text doesn't."""
    return texts.str.contains(pattern, na=False).astype(bool)


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


def by_language(
    texts: Texts, languages: Texts, judge: "Callable[[Texts, str], pd.Series[bool]]"
) -> "pd.Series[bool]":
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
    marked = texts.str.contains("[<&\n]", na=False)
    if not marked.any():
        return texts
    some = texts[marked].str.replace("<[^>]*>", " ", regex=True)
    coded = some.str.contains("&", na=False, regex=False)
    some = some.where(~coded, some[coded].map(html.unescape).astype("str").reindex(some.index))
    some = some.str.replace(r"\s+", " ", regex=True).str.strip()
    return texts.where(~marked, some.reindex(texts.index))


def holds(texts: Texts, parts: Texts) -> "pd.Series[bool]":
    """Whether each text holds the part beside it, whatever the capitals; a missing part is in no text."""
    pairs = zip(texts.fillna("").str.lower(), parts.fillna("").str.lower(), strict=True)
    return pd.Series([bool(part) and part in text for text, part in pairs], index=texts.index, dtype=bool)


def without(texts: Texts, parts: Texts) -> Texts:
    """Each text without the part beside it (the brand out of a name)."""
    found = holds(texts, parts)
    if not found.any():
        return texts
    pairs = zip(texts[found], parts[found], strict=True)
    some = [re.sub(re.escape(part), " ", text, flags=re.IGNORECASE) for text, part in pairs]
    return texts.where(~found, pd.Series(some, index=texts.index[found], dtype="str").reindex(texts.index))
