"""Text comparison as MySQL's utf8_general_ci does it: without letter case, accents and spaces at the end."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from sandbox.magento.inputs import leading_number, php_text


@lru_cache(maxsize=100_000)
def collated(text: str) -> str:
    """The key under which equal texts are equal."""
    if text.isascii():
        return text.lower().rstrip(" ")
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))
    return bare.upper().lower().rstrip(" ")


def sort_key(value: Any) -> tuple[int, float, str]:
    """Nothing first, then numbers, then text."""
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, bool | int | float):
        return (1, float(value), "")
    return (1, 0.0, collated(str(value)))


def compare(stored: Any, wanted: Any) -> int:
    """-1, 0 or 1; a stored number compares as a number, everything else as text."""
    if isinstance(stored, bool | int | float):
        left, right = float(stored), leading_number(php_text(wanted))
        return (left > right) - (left < right)
    one, other = collated(str(stored)), collated(php_text(wanted))
    return (one > other) - (one < other)


@lru_cache(maxsize=1000)
def like_pattern(pattern: str) -> re.Pattern[str]:
    """A LIKE pattern as a regular expression on collated text."""
    parts = {"%": ".*", "_": "."}
    folded = collated(pattern + "\0")[:-1]
    return re.compile("".join(parts.get(sign, re.escape(sign)) for sign in folded), re.DOTALL)


def like(stored: Any, pattern: str) -> bool:
    """Whether the text fits the LIKE pattern."""
    return like_pattern(pattern).fullmatch(collated(php_text(stored))) is not None
