"""Numbers and dates as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.cells import number_text


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1,5", "auto", "1.5"), ("1.5", "auto", "1.5"), ("1.234,56", "auto", "1234.56"), ("1,234.56", "auto", "1234.56"),
        ("1.234.567", "auto", "1234567"), ("1 234,5", "auto", "1234.5"), ("12,50-", "auto", "-12.50"), ("-3", "auto", "-3"),
        ("1.234", "comma", "1234"), ("1.5", "comma", "1.5"), ("1,234", "point", "1234"), ("1,5", "point", "1,5"),
        ("€ 5", "auto", "€ 5"), ("", "auto", ""), ("1,2,3", "auto", "1,2,3"), ("12 kg", "auto", "12 kg"),
    ],
)  # fmt: skip
def test_number_text(text: str, decimal, expected: str) -> None:
    assert number_text(text, decimal) == expected


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False), st.sampled_from(["comma", "point"]))
def test_a_number_written_with_grouping_is_read_back_exactly(value: Decimal, decimal) -> None:
    written = f"{value:,.2f}"
    if decimal == "comma":
        written = written.translate(str.maketrans(",.", ".,"))
    assert Decimal(number_text(written, decimal)) == value


@given(st.text(max_size=20), st.sampled_from(["comma", "point", "auto"]))
def test_what_is_no_number_is_never_made_one(text: str, decimal) -> None:
    found = number_text(text, decimal)
    assert found == text or any(sign.isdigit() for sign in text)
