"""Lags: percentiles are those of the sorted list, buckets are those of the clock, and what says nothing of the way is left out."""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koppel.ledger import Ledger
from koppel.stock_lag import BUCKET, BUCKETS, ELSEWHERE, Lag, first_bucket, read_lags
from tests.koppel.stock_ledger import StockLedger

NOW = datetime(2026, 11, 26, 12, 34, 56, tzinfo=UTC)


@pytest.fixture
def stock(ledger_url: str) -> Iterator[StockLedger]:
    ledger = Ledger(ledger_url)
    yield StockLedger(ledger, NOW)
    ledger.close()


def read(stock: StockLedger, *codes: str):
    with stock.ledger.transaction() as connection:
        return read_lags(connection, "shop", "stock_level", codes, NOW)


@given(st.lists(st.integers(-100, 100_000), min_size=1, max_size=200))
def test_a_percentile_is_a_lag_that_enough_others_do_not_exceed(tenths: list[int]):
    lag = Lag.of(Counter(tenths))
    ordered = sorted(tenths)
    assert lag.count == len(tenths)
    assert lag.median == ordered[math.ceil(len(ordered) / 2) - 1] / 10
    assert lag.p95 == ordered[math.ceil(len(ordered) * 95 / 100) - 1] / 10
    assert sum(one / 10 <= lag.p95 for one in tenths) >= 0.95 * len(tenths)


def test_no_change_has_no_lag():
    assert Lag.of({}) == Lag(0, None, None)


@given(st.integers(0, 4_000_000_000_000))
def test_a_day_of_buckets_ends_with_the_one_of_now(milliseconds: int):
    now = datetime.fromtimestamp(milliseconds / 1000, UTC)
    first = first_bucket(now)
    last = first + (BUCKETS - 1) * BUCKET
    assert last <= now < last + BUCKET
    assert (first.minute % 10, first.second, first.microsecond) == (0, 0, 0)


def test_each_place_has_its_own_lag_and_all_have_one_together(stock):
    for seconds in (1, 2, 3):
        stock.took("MECH:A", seconds)
    stock.took("ANT:A:B", 60)
    stock.took("NOWHERE:A", 600)
    everywhere, places = read(stock, "MECH", "ANT")
    assert places["MECH"].day == Lag(3, 2.0, 3.0)
    assert places["ANT"].day == Lag(1, 60.0, 60.0)
    assert places[ELSEWHERE].day == Lag(1, 600.0, 600.0)
    assert everywhere.day == Lag(5, 3.0, 600.0)


def test_the_last_ten_minutes_stand_apart_from_the_day(stock):
    stock.took("MECH:A", 1, minutes=9.9)
    stock.took("MECH:A", 50, minutes=10.1)
    stock.took("MECH:A", 70, minutes=23 * 60)
    stock.took("MECH:A", 90, minutes=25 * 60)
    everywhere, _ = read(stock, "MECH")
    assert everywhere.now == Lag(1, 1.0, 1.0)
    assert everywhere.day == Lag(3, 50.0, 70.0)
    assert len(everywhere.buckets) == BUCKETS
    found = {one.at: one.lag for one in everywhere.buckets if one.lag.count}
    assert found == {
        datetime(2026, 11, 25, 13, 30, tzinfo=UTC): Lag(1, 70.0, 70.0),
        datetime(2026, 11, 26, 12, 20, tzinfo=UTC): Lag(2, 1.0, 50.0),
    }
    assert everywhere.slowest is not None
    assert everywhere.slowest.lag.p95 == 70.0


def test_lags_are_rounded_to_tenths_and_may_be_below_zero(stock):
    for seconds in (0.04, 0.06, 0.449, 1.26, -2.31):
        stock.took(f"MECH:{seconds}", seconds)
    day = read(stock, "MECH")[0].day
    assert (day.median, day.p95) == (0.1, 1.3)
    stock.took("ANT:A", -2.31)
    assert read(stock, "ANT")[1]["ANT"].day.median == -2.3


def test_only_changes_that_the_target_took_count(stock):
    stock.took("MECH:A", 5)
    stock.took("MECH:B", 9999, kind="create")
    stock.took("MECH:C", 9999, outcome="rejected")
    stock.took("MECH:D", None)
    stock.target = "other"
    stock.took("MECH:E", 9999)
    stock.target, stock.entity = "shop", "price"
    stock.took("MECH:F", 9999)
    assert read(stock, "MECH")[0].day == Lag(1, 5.0, 5.0)


@pytest.mark.parametrize("minutes", [0, 10, 1439])
def test_what_is_newer_than_now_is_not_counted(stock, minutes):
    stock.took("MECH:A", 1, minutes=minutes)
    stock.took("MECH:A", 1, minutes=-1)
    assert read(stock, "MECH")[0].day.count == (1 if minutes < 1430 else 0)
    assert first_bucket(NOW) > NOW - timedelta(days=1)
