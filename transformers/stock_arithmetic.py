"""How each figure of stock came about, as compact JSON that ``koppel.stock_story`` tells; what is nothing is left out."""

import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from transformers.stock_figures import Figures


def arithmetic(figures: Figures, orders: "pd.Series[Any] | None") -> "pd.Series[str]":
    """One JSON object per row; ``orders``: the balance's ``ORDER=PIECES ...`` per row, where there is any."""
    unit_size = figures.unit_size.where(figures.unit_size.ne(1), 0.0)
    columns: list[Iterable[str]] = [
        _fragments("on_hand", figures.on_hand, always=True),
        _fragments("unit_size", unit_size),
        _fragments("reserved", figures.reserved),
        _fragments("safety", figures.safety),
        _fragments("claimed", figures.claimed),
        _fragments("taken", figures.taken),
        _fragments("at_least", figures.at_least),
        _texts("status", figures.sold_without_stock),
        _texts("silent", figures.silent),
        _texts("orders", orders) if orders is not None else [""] * len(unit_size),
        _fragments("free", figures.free, always=True),
        _fragments("quantity", figures.quantity, always=True),
    ]
    told = ["{" + "".join(parts)[1:] for parts in zip(*columns, strict=True)]
    ends = dict.fromkeys(figures.quantity.index, "}")
    ends |= {row: ',"parts":' + _compact(parts.told) + "}" for row, parts in figures.sets.items()}
    return pd.Series(
        [text + ends[row] for row, text in zip(ends, told, strict=True)], index=unit_size.index, dtype="str"
    )


def _fragments(name: str, amounts: "pd.Series[float]", *, always: bool = False) -> list[str]:
    if not always and not amounts.any():
        return [""] * len(amounts)
    start = f',"{name}":'
    return [f"{start}{_number(amount)}" if always or amount else "" for amount in amounts.tolist()]


def _texts(name: str, texts: "pd.Series[Any]") -> list[str]:
    if not texts.notna().any():
        return [""] * len(texts)
    return [f',"{name}":{_compact(text)}' if isinstance(text, str) and text else "" for text in texts.tolist()]


def _number(amount: float) -> str:
    return str(int(amount)) if amount % 1 == 0 else repr(round(amount, 4))


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
