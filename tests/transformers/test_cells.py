# ruff: noqa: DTZ001 (times without a zone are part of the subject)
"""Cells: what people and databases write is read as they meant it, everything else is named, and nothing raises."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformers.cells import PARSERS, booleans, integers, money, numbers, texts, times


def column(*values: Any) -> pd.Series:
    return pd.Series(list(values), dtype="object")


def text_column(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype="str")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("12", 12.0), ("1,25", 1.25), ("1.25", 1.25), (",5", 0.5), (".5", 0.5), ("5,", 5.0), ("-3,2", -3.2), ("+4", 4.0),
        ("1.234,56", 1234.56), ("1,234.56", 1234.56), ("1 234,56", 1234.56), ("1\u202f234,5", 1234.5), ("1'234.5", 1234.5),
        ("1.234.567", 1234567.0), ("1,234,567", 1234567.0), ("1.234.567,8", 1234567.8), ("1.234", 1.234), ("1,234", 1.234),
        (" 7 ", 7.0), ("1e3", 1000.0), ("\u22125", -5.0), (3, 3.0), (2.5, 2.5), (Decimal("1.10"), 1.1), (True, None),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(written: Any, meant: float | None) -> None:
    parsed = numbers(column(written))
    assert (None if meant is None else parsed.values[0]) == meant
    assert bool(parsed.bad[0]) == (meant is None)


@pytest.mark.parametrize(
    "written",
    [
        "abc",
        "1,2,3",
        "1.23.456",
        "12 kg",
        "ca. 900",
        "1.234,567.8",
        "--5",
        "1e999",
        "nan",
        "inf",
        "0x10",
        "٣",
        "1_0",
        "½",
    ],
)
def test_what_is_no_number_is_named(written: str) -> None:
    for parse in (numbers, money, integers):
        parsed = parse(text_column(written, "1"))
        assert list(parsed.bad) == [True, False], parse
        assert parsed.values.isna().tolist() == [True, False]


@given(st.integers(-(10**17), 10**17), st.sampled_from(["", ".", " ", "\u00a0", "'"]))
@settings(max_examples=60, deadline=None)
def test_integers_come_back_whatever_parts_the_thousands(number: int, separator: str) -> None:
    written = f"{number:,}".replace(",", separator)
    if separator == "." and 3 < len(str(abs(number))) <= 6:
        return  # 1.234 is one and a bit; see test_a_lone_point_is_a_decimal_point
    assert integers(text_column(written)).values[0] == number


def test_a_lone_point_is_a_decimal_point() -> None:
    assert bool(integers(text_column("1.234")).bad[0])
    assert integers(text_column("12.000", "12,0", "12.")).values.tolist() == [12, 12, 12]


def test_integers_keep_every_digit_and_refuse_what_is_too_large() -> None:
    parsed = integers(text_column("9007199254740993", "9" * 19))
    assert parsed.values[0] == 9007199254740993
    assert list(parsed.bad) == [False, True]


@given(st.decimals(-(10**11), 10**11, places=6), st.sampled_from([".", ","]))
@settings(max_examples=80, deadline=None)
def test_money_is_exact_to_four_places(amount: Decimal, sign: str) -> None:
    parsed = money(text_column(format(amount, "f").replace(".", sign)))
    assert parsed.values[0] == amount.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    assert isinstance(parsed.values[0], Decimal)
    assert parsed.values[0].as_tuple().exponent == -4


@given(st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=5))
@settings(max_examples=30, deadline=None)
def test_money_from_a_driver_is_not_touched_by_floats(amounts: list[Decimal]) -> None:
    assert money(column(*amounts)).values.tolist() == amounts


def test_money_has_a_limit() -> None:
    parsed = money(text_column("999999999999.99", "1000000000000", "1e12", None))
    assert list(parsed.bad) == [False, True, True, False]
    assert parsed.values[3] is None


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)), st.integers(-12, 14))
@settings(max_examples=60, deadline=None)
def test_times_with_a_zone_are_the_same_moment(moment: datetime, hours: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    parsed = times(column(aware, aware.isoformat()))
    assert parsed.values.tolist() == [pd.Timestamp(aware).tz_convert("UTC")] * 2
    assert str(parsed.values.dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-23T14:05:00Z", datetime(2026, 11, 23, 14, 5)), ("2026-11-23 14:05:00+01", datetime(2026, 11, 23, 13, 5)),
        ("2026-11-23", datetime(2026, 11, 22, 23)), ("23/11/2026 14:05", datetime(2026, 11, 23, 13, 5)),
        ("23/11/2026", datetime(2026, 11, 22, 23)), ("1.7.2026", datetime(2026, 6, 30, 22)),
        (date(2026, 11, 23), datetime(2026, 11, 22, 23)), (datetime(2026, 7, 1, 12), datetime(2026, 7, 1, 10)),
        ("2026-10-25 02:30:00", datetime(2026, 10, 25, 1, 30)), ("2026-03-29 02:30:00", datetime(2026, 3, 29, 1)),
    ],
)  # fmt: skip
def test_times_as_people_write_them_in_brussels(written: Any, meant: datetime) -> None:
    parsed = times(column(written), "Europe/Brussels")
    assert parsed.values[0] == pd.Timestamp(meant, tz=UTC)


@pytest.mark.parametrize("written", ["yesterday", "31/02/2026", "2026-13-01", "14:05", "0000-00-00"])
def test_what_is_no_time_is_named(written: str) -> None:
    parsed = times(text_column(written, "2026-01-01", None))
    assert list(parsed.bad) == [True, False, False]


def test_booleans_in_three_languages() -> None:
    parsed = booleans(text_column("ja", "Non", "TRUE", "0", None, "misschien"))
    assert parsed.values.tolist() == [True, False, True, False, pd.NA, pd.NA]
    assert list(parsed.bad) == [False] * 5 + [True]
    assert booleans(pd.Series([True, False])).values.tolist() == [True, False]


def test_texts_of_anything() -> None:
    values = column(
        "x",
        12.0,
        1.5,
        7,
        True,
        Decimal("1.10"),
        b"caf\xc3\xa9",
        date(2026, 1, 2),
        None,
        "  ",
        "\ud800a",
        "\ud83d\ude00",
    )
    parsed = texts(values)
    assert parsed.values.fillna("-").tolist() == [
        "x",
        "12",
        "1.5",
        "7",
        "true",
        "1.10",
        "café",
        "2026-01-02",
        "-",
        "-",
        "\ufffda",
        "😀",
    ]
    assert not parsed.bad.any()


def test_texts_name_what_can_not_be_read() -> None:
    parsed = texts(column(b"caf\xe9", "x" * 4_000_001, "fine"))
    assert list(parsed.bad) == [True, True, False]


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(),
            st.floats(),
            st.integers(),
            st.binary(),
            st.decimals(allow_nan=False),
            st.just(Decimal("NaN")),
            st.datetimes(),
        ),
        max_size=6,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_cell_makes_a_parser_raise(values: list[Any]) -> None:
    for parse, _ in PARSERS.values():
        parsed = parse(column(*values))
        assert len(parsed.values) == len(parsed.bad) == len(values)
        assert not (parsed.values.notna() & parsed.bad).any()
