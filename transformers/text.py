"""Texts that a person typed: characters that show nothing removed, encodings mended where that is certain, HTML made safe."""

from functools import lru_cache

import ftfy
import nh3
import pandas as pd

INVISIBLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
"""Control characters, zero-width spaces and marks that turn the reading direction: no shop should receive them."""

_CERTAIN = ftfy.TextFixerConfig(
    unescape_html=False,  # an entity in a name is for a rule to report, in a long text it is HTML
    replace_lossy_sequences=False,  # a lost character can only be guessed
    decode_inconsistent_utf8=False,  # a text that is only partly wrong may be right
)
_SUSPECT = "[^\x00-\x7f]{2}|Ã |[\x80-\x9f]"
"""A text decoded by the wrong encoding always shows one of these; only such texts are handed to ftfy."""

_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
_ALWAYS_CLEAN = ("script", "style", "iframe", "object", "embed", "form", "input", "svg")
_MARKS = {
    "style attribute": r"(?i)<[^>]*\sstyle\s*=",
    "event handler": r"(?i)<[^>]*[\s/\"']on[a-z]+\s*=",
    "script link": r"(?i)<[^>]*=\s*[\"']?\s*javascript:",
    "Word markup": r"(?i)class\s*=\s*[\"']?mso|</?[ovw]:[a-z]|<!--\[if",
}


def without_invisible(texts: pd.Series) -> pd.Series:
    """Texts without the characters of ``INVISIBLE``; line ends become ``\\n``, and no-break spaces stay."""
    found = texts.str.contains(INVISIBLE + "|\r", na=False)
    if not found.any():
        return texts
    some = texts[found].str.replace("\r\n?", "\n", regex=True).str.replace(INVISIBLE, "", regex=True)
    return texts.where(~found, some.reindex(texts.index))


def mended(texts: pd.Series) -> pd.Series:
    """Texts with encodings mended where the whole text can only be meant one way (``Ã©`` to ``é``), composed (NFC).

    What is left uncertain stays as it is, so that a rule can report it.
    """
    suspect = texts.str.contains(_SUSPECT, na=False)
    if suspect.any():
        some = texts[suspect].map(lambda text: ftfy.fix_encoding(text, _CERTAIN)).astype("str")
        texts = texts.where(~suspect, some.reindex(texts.index))
    foreign = texts.str.contains("[\u0300-\u036f\u0340-\u0344]", na=False)
    return texts.where(~foreign, texts[foreign].str.normalize("NFC").reindex(texts.index)) if foreign.any() else texts


def one_line(texts: pd.Series) -> pd.Series:
    """Texts without line ends, tabs and spaces at either end; spaces inside stay as they are."""
    texts = texts.str.strip()
    found = texts.str.contains("[\t\n]", na=False)
    if not found.any():
        return texts
    some = texts[found].str.replace("[ \t\n]*[\t\n][ \t\n]*", " ", regex=True)
    return texts.where(~found, some.reindex(texts.index))


def prose(texts: pd.Series) -> pd.Series:
    """A name, a brand, a property or an alternative text, ready to be judged; nothing left is a missing value."""
    return _empty_is_missing(one_line(without_invisible(mended(without_nul(texts)))))


def code(texts: pd.Series) -> pd.Series:
    """A code that a machine made: nothing mended, only what can't be seen and spaces at either end are taken off."""
    return _empty_is_missing(one_line(without_invisible(texts)))


def without_nul(texts: pd.Series) -> pd.Series:
    """Texts without NUL characters, which would hide a wrong encoding from ``mended``."""
    return texts.str.replace("\x00", "", regex=False)


def clean_html(texts: pd.Series, allowed_tags: frozenset[str]) -> tuple[pd.Series, pd.Series]:
    """Texts with only ``allowed_tags`` left, and what was removed per text (``script, style attribute``), else missing.

    Links keep their address (http, https, mailto, tel) and nothing else; a text without ``<`` and ``&`` is not touched.
    """
    texts = without_invisible(mended(without_nul(texts))).str.strip()
    marked = texts.str.contains("[<&]", na=False)
    removed = pd.Series(pd.NA, index=texts.index, dtype="str")
    if marked.any():
        some = texts[marked]
        clean = _cleaner(allowed_tags).clean
        removed = _removed(some, allowed_tags).reindex(texts.index)
        texts = texts.where(~marked, some.map(clean).str.strip().astype("str").reindex(texts.index))
    return _empty_is_missing(texts), removed


@lru_cache(maxsize=8)
def _cleaner(allowed_tags: frozenset[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(allowed_tags),
        clean_content_tags=set(_ALWAYS_CLEAN) - allowed_tags,
        attributes={tag: names for tag, names in _ATTRIBUTES.items() if tag in allowed_tags},
        url_schemes={"http", "https", "mailto", "tel"},
    )


def _removed(texts: pd.Series, allowed_tags: frozenset[str]) -> pd.Series:
    tags = texts.str.findall(r"<\s*([a-zA-Z][a-zA-Z0-9:-]*)")
    names = tags.map(lambda found: sorted({tag.lower() for tag in found} - allowed_tags), na_action="ignore")
    removed = names.map(", ".join).astype("str")
    # only a tag with an attribute, a name with a colon or a comment can bear one of the marks
    some = texts[texts.str.contains("[=:]|<!--", na=False)]
    for mark, pattern in _MARKS.items():
        found = some.str.contains(pattern, na=False).reindex(texts.index, fill_value=False)
        removed = removed.where(~found, (removed + ", " + mark).str.removeprefix(", "))
    return _empty_is_missing(removed)


def _empty_is_missing(texts: pd.Series) -> pd.Series:
    return texts.mask(texts.str.strip().eq(""))
