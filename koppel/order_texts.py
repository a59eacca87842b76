"""Pieces by name as one short text, such as ``000000012=2 000000015=1``: how amounts per order travel in a column."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_PIECES = 1e9
"""What is more is no amount of goods."""
LONGEST = 1_000_000
"""Characters; what is longer was not written by a query that anybody meant."""
MOST_NAMED = 20
"""Orders that a text names one by one; of more it holds the newest, and a mark that stands for the others."""

_PIECES = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a text says: ``amounts`` per name, each more than nothing, and the parts of it that could not be understood."""

    amounts: dict[str, float] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()


def parse(text: Any) -> Pieces:
    """Read ``NAME=PIECES NAME=PIECES ...``; the same name twice is added up, what is no such part is set aside.

    Never raises: anything but text (a missing cell) says nothing, and a text beyond ``LONGEST`` is unclear as a whole.
    """
    if not isinstance(text, str):
        return Pieces()
    if len(text) > LONGEST:
        return Pieces(unclear=(text[:60] + "…",))
    amounts: dict[str, float] = {}
    unclear: list[str] = []
    for part in text.split():
        name, _, pieces = part.partition("=")
        amount = float(pieces) if _PIECES.fullmatch(pieces) else None
        if not name or amount is None or amount > MOST_PIECES:
            unclear.append(part)
        elif amount:
            amounts[name] = amounts.get(name, 0.0) + amount
    return Pieces(amounts, tuple(unclear))


def told(amounts: Mapping[str, float]) -> str:
    """The text that ``parse`` reads: in the order of the names, without those of nothing."""
    return " ".join(f"{name}={number(amount)}" for name, amount in sorted(amounts.items()) if amount)


def shortened(parts: Iterable[str]) -> str:
    """Parts as one text; of more than ``MOST_NAMED`` the last ones, and a mark that differs when any of the others does."""
    parts = sorted(parts)
    if len(parts) <= MOST_NAMED:
        return " ".join(parts)
    others = parts[:-MOST_NAMED]
    mark = hashlib.blake2b(" ".join(others).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return " ".join([f"+{len(others)}:{mark}", *parts[-MOST_NAMED:]])


def number(amount: float) -> str:
    """An amount as people write it: at most four decimals, none where there is nothing after the point."""
    return f"{amount:.4f}".rstrip("0").rstrip(".") if amount % 1 else str(int(amount))
