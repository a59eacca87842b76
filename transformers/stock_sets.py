"""Sets: what is in one and is there of it, read from JSON, and how many sets that makes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from koppel.stock_settings import StockSettings
from transformers.available import free, rounded, sets

_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Parts:
    """The things in a set at one location: how many sets they make, and for each what its figure is made of."""

    count: float
    told: list[dict[str, Any]]


class _Wrong(Exception):
    """What is wrong with a set, in a few words."""


def parts_of(text: str, location: str, settings: StockSettings, *, is_stale: bool) -> Parts | str:
    """Parts from the JSON that ``transformers.stock_level`` describes, or in a few words what is wrong with it."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return "it is no JSON"
    if not isinstance(entries, list) or not entries:
        return "there is nothing in it"
    try:
        told = [_part(entry, location, settings, is_stale=is_stale) for entry in entries]
    except _Wrong as error:
        return str(error)
    return Parts(float(sets((part["free"], part["per_set"]) for part in told)), told)


def _part(entry: Any, location: str, settings: StockSettings, *, is_stale: bool) -> dict[str, Any]:
    """What a part's figure is made of; what is nothing is left out."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("sku"), str) or not entry["sku"]:
        raise _Wrong("a part has no SKU")
    sku, category = entry["sku"], entry.get("category_code")
    per_set, unit_size = _number(entry, "per_set", None), _number(entry, "unit_size", 1.0)
    if per_set <= 0 or unit_size <= 0:
        raise _Wrong(f"{per_set:g} of {sku} in units of {unit_size:g}")
    category = category if isinstance(category, str) else None
    kept_back = settings.kept_back(location, category, sku, is_stale=is_stale)
    on_hand, reserved = _number(entry, "on_hand", None), max(_number(entry, "reserved", 0.0), 0.0)
    claimed, pending = (max(_number(entry, name, 0.0), 0.0) for name in ("claimed", "pending"))
    there = rounded(
        free(on_hand, reserved, kept_back, claimed + pending, unit_size), entry.get("sold_by_measure") is True
    )
    told = {
        "sku": sku, "per_set": per_set, "on_hand": on_hand, "unit_size": 0 if unit_size == 1 else unit_size,
        "reserved": reserved, "safety": settings.safety(location, category, sku), "claimed": claimed, "pending": pending,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value or name == "on_hand"} | {"free": float(there)}


def _number(entry: Mapping[str, Any], name: str, default: float | None) -> float:
    value = entry.get(name, default)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise _Wrong(f"{name.replace('_', ' ')} of {entry['sku']} is not known")
    return float(value)
