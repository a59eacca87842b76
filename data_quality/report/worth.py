"""Worth: what a product brings in, and by that what is mended first; by column.

Worth is revenue of the last 12 months, or stock value where no revenue is known of any product, or nothing. What is not known is
never made up in a sum; only to rank products, a new one counts as much as the median of its category.
"""

from decimal import Decimal

import polars as pl

from data_quality.report.model import WorthKind

IN_STOCK = {"in_stock": 1.0, "made_to_order": 1.0, "drop_ship": 1.0, "on_order": 0.5, "out_of_stock": 0.25}
"""What a better page brings in now: all of it where customers can buy, half where they may wait, a quarter where they can't buy
yet: the page is found and remembered."""

_NOT_KNOWN = 1.0
"""Nobody said that it can't be sold."""


def kind_of(products: pl.DataFrame) -> WorthKind:
    """What worth is made of: revenue where any is known, else stock value, else nothing."""
    if products["revenue"].is_not_null().any():
        return "revenue"
    return "stock" if products["stock_value"].is_not_null().any() else "none"


def with_worth(products: pl.DataFrame, kind: WorthKind) -> pl.DataFrame:
    """Products with ``worth``: cents, null where it is not known."""
    column = {"revenue": pl.col("revenue"), "stock": pl.col("stock_value")}.get(kind, pl.lit(None))
    return products.with_columns(column.cast(pl.Int64).alias("worth"))


def lost(scores: pl.DataFrame) -> pl.DataFrame:
    """``sku`` and ``lost``: the part of the score that a product lacks (0-1), the mean of its languages; 0 where none was asked."""
    return scores.group_by("sku").agg((1 - pl.col("score").mean() / 100).fill_null(0).alias("lost"))


def ranked(products: pl.DataFrame, kind: WorthKind, known_before: pl.Series | None) -> pl.DataFrame:
    """Products with ``rank_worth``: euro that their pages miss per minute of work.

    Asks for ``worth``, ``lost``, ``minutes``, ``category``, ``stock_status`` and ``stock_quantity``. ``known_before``: the SKUs
    that were there before what is new; None: nobody knows. No revenue, or none yet of what is new: the median of the category,
    and where that has none, of all.
    """
    if kind == "none":
        return products.with_columns(rank_worth=pl.lit(0.0))
    is_new = pl.lit(value=False) if known_before is None else ~pl.col("sku").is_in(known_before.implode())
    is_unknown = pl.col("worth").is_null() | ((pl.col("worth") == 0) & is_new & (kind == "revenue"))
    known = pl.when(~is_unknown).then(pl.col("worth"))
    median = pl.coalesce(known.median().over("category"), known.median(), 0.0)
    basis = pl.when(is_unknown).then(median).otherwise(pl.col("worth")).clip(0) / 100
    rank = basis * _stock_factor() * pl.col("lost") / pl.col("minutes").clip(1)
    return products.with_columns(rank.fill_null(0.0).alias("rank_worth"))


def _stock_factor() -> pl.Expr:
    """By the status; without one by the quantity; without both, as if it were there."""
    by_status = pl.col("stock_status").replace_strict(IN_STOCK, default=None, return_dtype=pl.Float64)
    has_any = pl.when(pl.col("stock_quantity") > 0).then(IN_STOCK["in_stock"])
    by_quantity = pl.when(pl.col("stock_quantity").is_not_null()).then(has_any.otherwise(IN_STOCK["out_of_stock"]))
    return pl.coalesce(by_status, by_quantity, _NOT_KNOWN)


def euro(cents: int | None) -> Decimal | None:
    """Cents as euro, exact."""
    return None if cents is None else Decimal(cents).scaleb(-2)
