"""Pictures that look alike: their looks (64 bits each, from extractors/looks.py) compared bit by bit."""

from typing import Any

import numpy as np
import pandas as pd

Looks = np.ndarray[Any, np.dtype[np.uint64]]

MOST_REFERENCES = 1000
"""Pictures that all others are compared with; each costs a pass over all."""


def bits_of(looks: "pd.Series[str]") -> "tuple[Looks, np.ndarray[Any, np.dtype[np.bool_]]]":
    """Looks as whole numbers, and which of them are known; what is no look of 16 hexadecimal digits is not."""
    known = looks.str.fullmatch("[0-9a-f]{16}", na=False).to_numpy(dtype=bool)
    numbers = np.zeros(len(looks), dtype=np.uint64)
    numbers[known] = [int(look, 16) for look in looks[known]]
    return numbers, known


def like_any(looks: "pd.Series[str]", references: "pd.Series[str]", most: int) -> "pd.Series[bool]":
    """Which looks are at most so many bits apart from one of the references."""
    numbers, known = bits_of(looks)
    wanted, is_look = bits_of(references.drop_duplicates())
    found = np.zeros(len(looks), dtype=bool)
    for reference in wanted[is_look][:MOST_REFERENCES]:
        found |= np.bitwise_count(numbers ^ reference) <= most
    return pd.Series(found & known, index=looks.index, dtype=bool)
