"""Pieces by name as text: read back as written, and whatever else stands there is named, never raised."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koppel.order_texts import LONGEST, Pieces, number, parse, shortened, told

NAME = st.text(st.characters(categories=["L", "N"], include_characters="-/#."), min_size=1, max_size=12)


@given(st.dictionaries(NAME, st.integers(1, 10**9) | st.sampled_from([0.5, 2.25, 0.0001]), max_size=6))
@settings(max_examples=150, deadline=None)
def test_what_is_told_is_read_back(amounts: dict[str, float]) -> None:
    assert parse(told(amounts)) == Pieces(amounts)


@pytest.mark.parametrize(
    "part",
    [
        "abc",
        "=",
        "=2",
        "1=",
        "1=2=3",
        "1=-2",
        "1=+2",
        "1=two",
        "1=1e9",
        "1=nan",
        "1=inf",
        "1=0x2",
        "1=٣",
        "1=9999999999999",
        "1=2,5",
    ],
)
def test_what_can_not_be_understood_is_set_aside(part: str) -> None:
    assert parse(f"000000012=2 {part} 000000013=1") == Pieces({"000000012": 2.0, "000000013": 1.0}, (part,))


@pytest.mark.parametrize("nothing", [None, float("nan"), 12, "", "  ", b"1=2", ["1=2"]])
def test_no_text_says_nothing(nothing: Any) -> None:
    assert parse(nothing) == Pieces()


def test_a_name_that_stands_twice_is_added_up_and_nothing_is_no_amount() -> None:
    assert parse("a=1 b=2\ta=3\nc=0") == Pieces({"a": 4.0, "b": 2.0})
    assert told({"b": 2.0, "a": 0.5, "c": 0.0}) == "a=0.5 b=2"


def test_a_text_beyond_all_measure_is_not_read() -> None:
    huge = parse("a=1 " * LONGEST)
    assert huge.amounts == {}
    assert len(huge.unclear) == 1
    assert len(huge.unclear[0]) < 100


@given(st.text())
@settings(max_examples=150, deadline=None)
def test_no_text_raises_or_gives_an_amount_that_is_none(text: str) -> None:
    assert all(0 < amount <= 1e9 for amount in parse(text).amounts.values())


def test_many_orders_make_a_short_text_that_differs_when_any_of_them_does() -> None:
    parts = [f"{order:09}:1/0" for order in range(500)]
    text = shortened(parts)
    assert len(text) < 400
    assert text.endswith("000000499:1/0")
    assert shortened(reversed(parts)) == text
    for changed in (0, 250, 499):
        other = [*parts[:changed], parts[changed].replace("1/0", "1/1"), *parts[changed + 1 :]]
        assert shortened(other) != text
    assert shortened(parts[:-1]) != text
    assert shortened(["b:1/0", "a:2/0"]) == "a:2/0 b:1/0"


def test_amounts_as_people_write_them() -> None:
    assert [number(amount) for amount in (2.0, 0.5, 2.25, 1 / 3, 1e9, 0)] == [
        "2",
        "0.5",
        "2.25",
        "0.3333",
        "1000000000",
        "0",
    ]
