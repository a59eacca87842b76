"""The arithmetic of a figure of stock in one or two lines that a person can follow, from the JSON that is kept with it."""

import json
import math
from collections.abc import Mapping
from typing import Any

from koppel.order_texts import number

_UNREADABLE = "How the figure came about can't be read."
_SOLD_WITHOUT = {"made_to_order": "made to order", "drop_ship": "sent by the supplier"}
_MOST_ORDERS = 5


def told(arithmetic: str | None) -> list[str]:
    """Lines such as "12 on hand - 3 reserved + 2 already taken off ... = 11 for the shop, which keeps 2 for those orders".

    Never raises: for a text that is no such JSON there is one line that says so, for none there are no lines.
    """
    if not arithmetic:
        return []
    try:
        values = json.loads(arithmetic)
        return [_sum(values), *_remarks(values)]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return [_UNREADABLE]


def _sum(values: Mapping[str, Any]) -> str:
    taken, quantity = (_amount(values.get(name, 0)) for name in ("taken", "quantity"))
    if "at_least" in values:
        without = _SOLD_WITHOUT.get(values.get("status", ""), "sold without stock")
        start = f"{number(_amount(values.get('free', 0)))} that may be sold at a time ({without})"
    elif values.get("silent") == "zero" and "parts" not in values:
        start = "0 counted, because nobody heard of the location for too long"
    else:
        start = _there(values)
    orders = _orders(values.get("orders"), "")
    why = "of open orders, taken off what is in it" if "parts" in values else "already taken off for open orders"
    added = f" + {number(taken)} {why}{orders}" if taken else ""
    kept = f", which keeps {number(taken)} for those orders" if taken else ""
    return f"{start}{added} = {number(quantity)} for the shop{kept}"


def _there(values: Mapping[str, Any]) -> str:
    """What is on hand, and all that is subtracted from it."""
    on_hand, size = _amount(values["on_hand"]), _amount(values.get("unit_size", 1))
    if "parts" in values:
        terms = [f"{number(on_hand)} sets can be made"]
    elif size != 1:
        terms = [f"{number(on_hand * size)} on hand ({number(on_hand)} x {number(size)})"]
    else:
        terms = [f"{number(on_hand)} on hand"]
    if reserved := _amount(values.get("reserved", 0)) * size:
        terms.append(f"{number(reserved)} reserved")
    if safety := _amount(values.get("safety", 0)):
        twice = values.get("silent") == "last_minus_safety" and "parts" not in values
        terms.append(
            f"2 x {number(safety)} safety (nobody heard of the location)" if twice else f"{number(safety)} safety"
        )
    if claimed := _amount(values.get("claimed", 0)):
        orders = _orders(values.get("orders"), "-")
        terms.append(f"{number(claimed)} that the shop sold and the ERP did not take off yet{orders}")
    return " - ".join(terms)


def _remarks(values: Mapping[str, Any]) -> list[str]:
    parts = values.get("parts")
    if not parts:
        return []
    told = [f"{number(_amount(part.get('per_set', 1)))} x {part['sku']} ({_part(part)})" for part in parts]
    return [f"A set is {', '.join(told)}"]


def _part(part: Mapping[str, Any]) -> str:
    terms = _there(
        {name: value for name, value in part.items() if name in {"on_hand", "unit_size", "reserved", "safety"}}
    )
    wanted = _amount(part.get("claimed", 0)) + _amount(part.get("pending", 0))
    return f"{terms}{f' - {number(wanted)} for open orders' if wanted else ''} = {number(_amount(part['free']))}"


def _orders(text: Any, sign: str) -> str:
    """The orders that are taken (sign: none) or claimed (``-``), in brackets."""
    pairs = [part.rpartition("=") for part in text.split()] if isinstance(text, str) else []
    names = [name for name, _, pieces in pairs if name and pieces.startswith("-") == bool(sign)]
    more = f" and {len(names) - _MOST_ORDERS} more" if len(names) > _MOST_ORDERS else ""
    return f" ({', '.join(names[-_MOST_ORDERS:])}{more})" if names else ""


def _amount(value: Any) -> float:
    amount = float(value)
    if not math.isfinite(amount):
        raise ValueError(amount)
    return amount
