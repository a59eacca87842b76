"""The formula: never below nothing, never more than there is, the same for a number and for a column."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformers.available import available, free, rounded, sets

AMOUNT = st.integers(0, 10_000) | st.floats(0, 10_000).map(lambda amount: round(amount, 3))
ROW = st.tuples(
    AMOUNT,
    AMOUNT,
    AMOUNT,
    AMOUNT,
    AMOUNT,
    st.sampled_from([1, 6, 12, 0.5]),
    st.booleans(),
    st.sampled_from([0, 0, 999]),
)


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        ({"on_hand": 12}, 12),
        ({"on_hand": 12, "reserved": 3, "safety": 1, "taken": 2}, 10),
        ({"on_hand": 2, "reserved": 3, "taken": 3}, 3),
        ({"on_hand": 5, "claimed": 2}, 3),
        ({"on_hand": 1, "claimed": 2, "taken": 1}, 1),
        ({"on_hand": 3, "reserved": 1, "unit_size": 12, "safety": 2}, 22),
        ({"on_hand": 7.9}, 7),
        ({"on_hand": 7.98765, "by_measure": True}, 7.9876),
        ({"on_hand": 0.1, "unit_size": 30}, 3),
        ({"on_hand": 0, "at_least": 999, "taken": 2}, 1001),
        ({"on_hand": 2000, "at_least": 999}, 2000),
        ({"on_hand": 50, "safety": math.inf, "taken": 2}, 2),
    ],
)
def test_what_the_shop_is_to_hold(arguments: dict[str, float], holds: float) -> None:
    assert available(**{"reserved": 0, "safety": 0, "taken": 0, "claimed": 0, **arguments}) == holds


@given(st.lists(ROW, min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_a_column_is_its_rows(rows: list[tuple[float, ...]]) -> None:
    columns = [pd.Series(list(column)) for column in zip(*rows, strict=True)]
    one_by_one = [float(available(*row)) for row in rows]
    as_series = available(*columns)
    assert isinstance(as_series, pd.Series)
    assert as_series.tolist() == one_by_one
    assert available(*(column.to_numpy() for column in columns)).tolist() == one_by_one


@given(ROW)
@settings(max_examples=200, deadline=None)
def test_nothing_is_offered_that_is_not_free(row: tuple[float, ...]) -> None:
    on_hand, reserved, safety, taken, claimed, unit_size, by_measure, at_least = row
    quantity = float(available(*row))
    there = float(free(on_hand, reserved, safety, claimed, unit_size))
    assert 0 <= there <= max(on_hand * unit_size, 0)
    assert quantity <= max(there, at_least) + taken + 1e-6
    assert quantity > max(there, at_least) + taken - (1e-4 if by_measure else 1) - 1e-6
    assert by_measure or quantity % 1 == 0


@given(ROW, st.integers(0, 50))
@settings(max_examples=100, deadline=None)
def test_more_of_a_reason_against_never_gives_more(row: tuple[float, ...], more: int) -> None:
    before = float(available(*row))
    for place in (1, 2, 4):  # reserved, safety, claimed
        assert float(available(*row[:place], row[place] + more, *row[place + 1 :])) <= before


def test_rounding_goes_down_but_not_for_what_binary_fractions_do() -> None:
    assert rounded(0.1 + 0.2, by_measure=True) == 0.3
    assert rounded(np.array([2.9999999999, 2.999, 3.0])).tolist() == [3.0, 2.0, 3.0]


def test_sets_are_whole_and_as_many_as_the_scarcest_thing_allows() -> None:
    assert sets([(7, 2), (5, 1)]) == 3
    assert sets([(7, 2), (0, 1)]) == 0
    assert sets([(0.3, 0.1)]) == 3
    assert sets([]) == 0
    assert sets([(np.array([4, 9]), 2), (np.array([3, 3]), 1)]).tolist() == [2, 3]
