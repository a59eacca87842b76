"""Text in cells: it comes back as it went in, and is never a formula, whatever it looks like."""

import re

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

MOST = 32_767
"""Characters that a cell can hold."""

_TO_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}[_\r])|\r")
"""An underscore that seems to begin an escape, also one that ends where a carriage return is escaped."""
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def fits(text: str) -> bool:
    """Whether a cell can hold a text to the letter."""
    return not (ILLEGAL_CHARACTERS_RE.search(text) or _NO_TEXT.search(text)) and _units(text) <= MOST


def cut(text: str) -> str:
    """A text as a cell can hold it: a sign for each character that can't be written, and the end of what is too long left out."""
    clean = _NO_TEXT.sub("�", ILLEGAL_CHARACTERS_RE.sub("�", text))
    if _units(clean) <= MOST:
        return clean
    kept = min(len(clean), MOST - 1)
    while (over := _units(clean[:kept]) - (MOST - 1)) > 0:
        kept -= (over + 6) // 7  # of all characters, none takes more than seven in the file
    return f"{clean[:kept]}…"


def _units(text: str) -> int:
    """How much of a cell a text takes: spreadsheets count as UTF-16 does, and count what is escaped as it stands."""
    return len(written(text).encode("utf-16-le")) // 2 if len(text) > MOST // 7 else len(text)


def written(text: str) -> str:
    """A text as it stands in the file: what looks like an escaped character is escaped, and so is a carriage return."""
    return _TO_ESCAPE.sub(lambda found: "_x005F_" if found[0] == "_" else "_x000D_", text)


def read(text: str) -> str:
    """A text of the file as a person sees it. Characters that none can see stay escaped, for the value to be refused."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def looks_like_formula(text: str) -> bool:
    """Whether a program that is asked to edit the cell would take its text for a formula."""
    return text.startswith(_FORMULA)
