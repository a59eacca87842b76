"""The numbers that the formula is given for each row of stock, as plain columns without gaps, and what it makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from koppel.stock_settings import StockSettings
from transformers.available import available, rounded
from transformers.stock_sets import Parts

SOLD_WITHOUT_STOCK = ("made_to_order", "drop_ship")

Numbers = pd.Series  # of float64
Flags = pd.Series  # of bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All numbers of a frame of stock, row by row; ``on_hand`` of a set is how many can be made."""

    on_hand: Numbers
    reserved: Numbers
    unit_size: Numbers
    taken: Numbers
    claimed: Numbers
    safety: Numbers
    kept_back: Numbers
    """The safety stock and what a silent location keeps back; ``inf``: everything."""
    by_measure: Flags
    at_least: Numbers
    sold_without_stock: pd.Series
    """The status of what is made to order or sent by its supplier, else missing."""
    silent: pd.Series
    """How a silent location is handled, missing where it is not silent."""
    sets: Mapping[Any, Parts]
    """What is in a set, by row."""
    quantity: Numbers
    free: Numbers

    @classmethod
    def of(cls, frame: pd.DataFrame, settings: StockSettings, sets: Mapping[Any, Parts]) -> "Figures":
        """The figures of an entity frame; numbers below nothing that only lower a figure count as nothing."""
        stale = flags(frame, "is_stale")
        named = frame["status"] if "status" in frame else pd.Series(None, index=frame.index, dtype="str")
        without_stock = named.where(named.isin(SOLD_WITHOUT_STOCK))
        handling = {code: location.when_silent for code, location in settings.locations.items()}
        given = {
            "on_hand": numbers(frame, "on_hand", 0.0),
            "reserved": numbers(frame, "reserved", 0.0).clip(lower=0),
            "unit_size": numbers(frame, "unit_size", 1.0),
            "claimed": numbers(frame, "claimed", 0.0).clip(lower=0),
            "by_measure": flags(frame, "sold_by_measure"),
        }
        for row, parts in sets.items():
            for name, value in {"on_hand": parts.count, "reserved": 0.0, "unit_size": 1.0, "claimed": 0.0}.items():
                given[name][row] = value
            given["by_measure"][row] = False
        taken = numbers(frame, "taken", 0.0).clip(lower=0)
        safety, kept_back = _kept_back(frame, settings, stale, sets)
        at_least = without_stock.notna() * settings.made_to_order
        quantity = available(taken=taken, safety=kept_back, at_least=at_least, **given)
        return cls(
            **given, taken=taken, safety=safety, kept_back=kept_back, at_least=at_least, sold_without_stock=without_stock,
            silent=frame["location"].map(handling).where(stale), sets=sets, quantity=quantity,
            free=rounded(quantity - taken, given["by_measure"]),
        )  # fmt: skip


def _kept_back(
    frame: pd.DataFrame, settings: StockSettings, stale: Flags, sets: Mapping[Any, Parts]
) -> tuple[Numbers, Numbers]:
    """The safety stock per row, and with what a silent location keeps back.

    Of a set only a safety stock that names it counts, and no silence: the location's own is kept back of what is in it.
    """
    categories = frame["category_code"] if "category_code" in frame else pd.Series(None, index=frame.index, dtype="str")
    rows = list(zip(frame["location"].tolist(), categories.tolist(), frame["sku"].tolist(), strict=True))
    safety = pd.Series([settings.safety(*row) for row in rows], index=frame.index, dtype="float64")
    kept_back = safety.copy()
    if stale.any():
        silent = [settings.kept_back(*row, is_stale=is_stale) for row, is_stale in zip(rows, stale, strict=True)]
        kept_back = pd.Series(silent, index=frame.index, dtype="float64")
    for row in sets:
        safety[row] = kept_back[row] = settings.safety("", categories[row], frame["sku"][row])
    return safety, kept_back


def numbers(frame: pd.DataFrame, name: str, missing: float) -> Numbers:
    """A column as ``float64``; a cell or a column that is not there has the value ``missing``."""
    if name not in frame:
        return pd.Series(missing, index=frame.index, dtype="float64")
    return frame[name].astype("Float64").fillna(missing).astype(np.float64)


def flags(frame: pd.DataFrame, name: str) -> Flags:
    """A column as ``bool``; what is not there is no."""
    if name not in frame:
        return pd.Series(data=False, index=frame.index, dtype=bool)
    return frame[name].fillna(value=False).astype(bool)
