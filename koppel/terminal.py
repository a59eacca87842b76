"""Text of outside systems made safe for a terminal: no markup, no control characters that could move the cursor."""

import re
from typing import Any

from rich.markup import escape

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def safe(value: Any, most: int | None = None) -> str:
    """A value as text for rich: control characters shown as ``�``, markup escaped, cut to ``most`` characters."""
    text = _CONTROL.sub("�", "" if value is None else str(value))
    return escape(text if most is None or len(text) <= most else f"{text[:most]}…")
