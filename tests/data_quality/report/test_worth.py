"""Worth: what is known, what is not made up, and what is mended first by it."""

from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from data_quality.report.worth import euro, kind_of, lost, ranked, with_worth

_KINDS = {
    "sku": pl.String, "category": pl.String, "revenue": pl.Int64, "stock_value": pl.Int64, "stock_status": pl.String,
    "stock_quantity": pl.Float64, "lost": pl.Float64, "minutes": pl.Int64,
}  # fmt: skip


def products(*rows: dict[str, Any]) -> pl.DataFrame:
    plain = {"category": "C", "stock_status": "in_stock", "lost": 0.5, "minutes": 10}
    return pl.DataFrame([{**plain, "sku": str(at), **row} for at, row in enumerate(rows)], schema=_KINDS)


def ranks(*rows: dict[str, Any], known_before: list[str] | None = None) -> list[float]:
    table = products(*rows)
    before = None if known_before is None else pl.Series(known_before, dtype=pl.String)
    kind = kind_of(table)
    return ranked(with_worth(table, kind), kind, before)["rank_worth"].to_list()


def test_worth_is_revenue_else_stock_value_else_nothing() -> None:
    assert kind_of(products({"revenue": 0}, {"stock_value": 5})) == "revenue"
    assert kind_of(products({"stock_value": 5})) == "stock"
    assert kind_of(products({})) == "none"
    assert ranks({"stock_value": 100_00}) == [5.0]
    assert ranks({}) == [0.0]


def test_in_stock_counts_more_than_what_nobody_can_buy() -> None:
    said = [{"revenue": 100_00, "stock_status": status} for status in ("in_stock", "on_order", "out_of_stock", "what?")]
    counted: list[dict[str, Any]] = [
        {"revenue": 100_00, "stock_status": "", "stock_quantity": amount} for amount in (3.0, 0.0)
    ]
    assert ranks(*said, *counted) == [5.0, 2.5, 1.25, 5.0, 5.0, 1.25]


def test_what_is_not_known_counts_as_the_median_of_its_category_in_the_ranking_only() -> None:
    rows: tuple[dict[str, Any], ...] = ({"revenue": 100_00}, {"revenue": 300_00}, {}, {"category": "other"})
    table = with_worth(products(*rows), "revenue")
    assert table["worth"].to_list() == [100_00, 300_00, None, None]
    assert ranks(*rows) == [5.0, 15.0, 10.0, 10.0]


def test_nothing_sold_says_nothing_of_a_new_product_only() -> None:
    rows = ({"revenue": 100_00}, {"revenue": 0})
    assert ranks(*rows, known_before=["0"]) == [5.0, 5.0]
    assert ranks(*rows, known_before=["0", "1"]) == [5.0, 0.0]
    assert ranks(*rows) == [5.0, 0.0]


def test_what_comes_back_from_customers_is_worth_nothing_less_than_nothing() -> None:
    assert ranks({"revenue": -100_00}) == [0.0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 100), st.integers(0, 100), st.integers(1, 500))
def test_more_worth_more_lost_or_less_work_never_comes_later(cents: int, part: int, more: int, minutes: int) -> None:
    base, dearer, worse, slower = ranks(
        {"revenue": cents, "lost": part / 100, "minutes": minutes},
        {"revenue": cents + more, "lost": part / 100, "minutes": minutes},
        {"revenue": cents, "lost": min(100, part + more) / 100, "minutes": minutes},
        {"revenue": cents, "lost": part / 100, "minutes": minutes + more},
    )
    assert slower <= base <= dearer
    assert base <= worse


def test_lost_is_the_mean_of_the_languages_that_have_a_score() -> None:
    rows = [("A", 100), ("A", 50), ("A", None), ("B", None)]
    table = lost(pl.DataFrame(rows, schema={"sku": pl.String, "score": pl.Int16}, orient="row")).sort("sku")
    assert table.rows() == [("A", 0.25), ("B", 0.0)]


def test_cents_are_exact_euro() -> None:
    assert euro(12_345_678_901_234) == Decimal("123456789012.34")
    assert euro(None) is None
