"""The formula: how many pieces the shop is to hold of a SKU at a location; docs/stock.md writes it out with an example per case.

Every function takes plain numbers or columns (numpy arrays, pandas ``float64`` Series) in any mix, and gives the like. Amounts
are in pieces (or metres, kilograms...) unless told otherwise, and none may be missing.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

Amounts = Any
"""A number, or a column of numbers."""

PARTS = 10_000
"""Parts of a unit that goods sold by measure are counted in: the shop keeps four decimals."""
_NOISE = 6
"""Decimals beyond which a difference is what binary fractions make of decimal ones, and no goods."""


def free(on_hand: Amounts, reserved: Amounts, safety: Amounts, claimed: Amounts, unit_size: Amounts = 1.0) -> Amounts:
    """What nobody has a right to, never below nothing. ``on_hand`` and ``reserved`` in units of ``unit_size`` pieces."""
    return np.maximum(0.0, (on_hand - reserved) * unit_size - safety - claimed)


def available(
    on_hand: Amounts,
    reserved: Amounts,
    safety: Amounts,
    taken: Amounts,
    claimed: Amounts,
    unit_size: Amounts = 1.0,
    by_measure: Amounts = False,
    at_least: Amounts = 0.0,
) -> Amounts:
    """What the shop's source is to hold: what is free, and what the ERP took off for orders that the shop still has open.

    ``at_least``: so many may always be sold (made to order). Pieces are rounded down to whole ones, goods ``by_measure`` to
    four decimals.
    """
    return rounded(np.maximum(free(on_hand, reserved, safety, claimed, unit_size), at_least) + taken, by_measure)


def rounded(amounts: Amounts, by_measure: Amounts = False) -> Amounts:
    """Amounts rounded down to what the shop can sell: whole pieces, or ten-thousandths of a measure."""
    parts = np.where(by_measure, PARTS, 1)
    return np.floor(np.round(amounts * parts, _NOISE)) / parts


def sets(parts: Iterable[tuple[Amounts, Amounts]]) -> Amounts:
    """How many whole sets can be made: ``parts`` is (free, per set) of every component; no component makes no set."""
    counts = [np.floor(np.round(there / per_set, _NOISE)) for there, per_set in parts]
    return np.minimum.reduce(counts) if counts else 0.0
