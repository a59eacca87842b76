"""The arithmetic of a figure, told so that a person can follow it; whatever stands there, it tells something and never raises."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koppel.stock_story import told

TWELVE = {"on_hand": 12, "reserved": 3, "safety": 1, "taken": 2, "free": 8, "quantity": 10, "orders": "000000012=2"}


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (
            TWELVE,
            "12 on hand - 3 reserved - 1 safety + 2 already taken off for open orders (000000012)",
        ),
        (
            {"on_hand": 5, "claimed": 2, "orders": "000000013=-2", "free": 3, "quantity": 3},
            "5 on hand - 2 that the shop sold and the ERP did not take off yet (000000013)",
        ),
        (
            {"on_hand": 3, "unit_size": 12, "reserved": 1, "free": 24, "quantity": 24},
            "36 on hand (3 x 12) - 12 reserved",
        ),
        (
            {"on_hand": 0, "at_least": 999, "status": "made_to_order", "free": 999, "quantity": 999},
            "999 that may be sold at a time (made to order)",
        ),
        (
            {"on_hand": 9, "safety": 1, "silent": "zero", "taken": 2, "free": 0, "quantity": 2},
            "0 counted, because nobody heard of the location for too long + 2 already taken off for open orders",
        ),
        (
            {"on_hand": 9, "safety": 1, "silent": "last_minus_safety", "free": 7, "quantity": 7},
            "9 on hand - 2 x 1 safety (nobody heard of the location)",
        ),
    ],
)
def test_one_line_tells_the_sum(values: dict[str, Any], line: str) -> None:
    kept = f", which keeps {values['taken']} for those orders" if "taken" in values else ""
    ends = f" = {values['quantity']} for the shop{kept}"
    assert told(json.dumps(values)) == [line + ends]


def test_a_set_is_told_with_what_is_in_it() -> None:
    parts = [
        {"sku": "GLAS-1", "per_set": 6, "on_hand": 40, "reserved": 2, "pending": 6, "free": 32},
        {"sku": "KAN-2", "per_set": 1, "on_hand": 4, "safety": 1, "free": 3},
    ]
    values = {"on_hand": 3, "free": 3, "taken": 1, "quantity": 4, "parts": parts}
    assert told(json.dumps(values)) == [
        "3 sets can be made + 1 of open orders, taken off what is in it = 4 for the shop, which keeps 1 for those orders",
        "A set is 6 x GLAS-1 (40 on hand - 2 reserved - 6 for open orders = 32), 1 x KAN-2 (4 on hand - 1 safety = 3)",
    ]


def test_of_many_orders_the_newest_are_named() -> None:
    orders = " ".join(f"{number:09}=1" for number in range(12))
    (line,) = told(json.dumps({**TWELVE, "taken": 12, "orders": orders}))
    assert "(000000007, 000000008, 000000009, 000000010, 000000011 and 7 more)" in line


@pytest.mark.parametrize(
    "text", ["[", "[]", "3", '"x"', "null", '{"on_hand": "many"}', '{"on_hand": 1e999}', '{"parts": [3], "on_hand": 1}']
)
def test_what_can_not_be_read_is_said_to_be(text: str) -> None:
    assert told(text) == ["How the figure came about can't be read."]


def test_where_nothing_was_kept_nothing_is_told() -> None:
    assert told(None) == told("") == []


NAMES = st.sampled_from(
    ["on_hand", "taken", "free", "quantity", "parts", "orders", "sku", "silent", "status", "at_least"]
)
PLAIN = st.none() | st.booleans() | st.floats() | st.text()


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)))
@settings(max_examples=150, deadline=None)
def test_nothing_makes_it_raise(values: Any) -> None:
    assert all(isinstance(line, str) for line in told(json.dumps(values)))
