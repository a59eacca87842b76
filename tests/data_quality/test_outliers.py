"""far_from_usual and the comparison of looks: arithmetic that holds for any numbers."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from data_quality.looks import like_any
from data_quality.outliers import far_from_usual

SETTINGS = {"items": 8, "factor": 10.0, "spreads": 4.0}
USUAL = st.lists(st.floats(0.5, 2.0), min_size=8, max_size=40)
LOOKS = st.integers(0, 2**64 - 1)


def far(values: list[float | None], **settings: float) -> list[bool]:
    groups = pd.Series(["A"] * len(values))
    return far_from_usual(pd.Series(values, dtype="Float64"), groups, **{**SETTINGS, **settings}).tolist()


@given(USUAL)
def test_what_is_alike_is_never_far(values: list[float]) -> None:
    assert not any(far([*values, None, 0, -5]))


@given(USUAL, st.sampled_from([1e-6, 1e6]))
def test_a_slip_is_far_and_its_unit_does_not_matter(values: list[float], scale: float) -> None:
    assert far([*[value * scale for value in values], 5000 * scale]) == [*[False] * len(values), True]


@given(st.lists(st.floats(0.5, 2.0), max_size=6))
def test_few_have_no_usual(values: list[float]) -> None:
    assert not any(far([*values, 5000]))


def test_each_group_has_its_own_usual() -> None:
    values = pd.Series([1.0] * 9 + [5000.0] * 9)
    assert not far_from_usual(values, pd.Series(["A"] * 9 + ["B"] * 9), **SETTINGS).any()


@given(LOOKS, st.sets(st.integers(0, 63), max_size=10), st.integers(0, 8))
def test_looks_are_compared_bit_by_bit(look: int, flipped: set[int], most: int) -> None:
    other = look
    for bit in flipped:
        other ^= 1 << bit
    looks = pd.Series([f"{other:016x}", None, "", "xyz"], dtype="str")
    assert like_any(looks, pd.Series([f"{look:016x}", None]), most).tolist() == [
        len(flipped) <= most,
        False,
        False,
        False,
    ]
