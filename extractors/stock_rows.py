"""Rows of stock in columns: one shape whoever gives them, what nobody ordered filled in at once, and many places as one."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa

from koppel.entities import STOCK_LEVEL
from koppel.stock_settings import StockSettings

TIME = pl.Datetime("us", "UTC")
_TYPES = {"text": pl.String(), "number": pl.Float64(), "boolean": pl.Boolean(), "time": TIME}
FILLED: dict[str, Any] = {
    "taken": pl.Float64(),
    "claimed": pl.Float64(),
    "moves": pl.String(),
    "orders": pl.String(),
    "components": pl.String(),
    "is_stale": pl.Boolean(),
}
"""What this source adds, with its type."""
_NOT_GIVEN = {"quantity", "is_in_stock", "arithmetic", "safety", "previous_quantity", *FILLED}
GIVEN = {column.name: _TYPES[column.dtype] for column in STOCK_LEVEL.columns if column.name not in _NOT_GIVEN}
"""What members may give, in the order of every row, with the type of what is missing."""
FOLDED = pl.col("sku").str.strip_chars().str.to_lowercase()
ONE_PLACE = "default"
"""The location of a shop that knows only one."""


def uniform(table: pa.Table) -> pl.DataFrame:
    """A member's rows with all columns of ``GIVEN``, each of the type declared there unless it holds what can't be that."""
    frame = pl.DataFrame(pl.from_arrow(table))
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in GIVEN.items() if name not in frame.columns]
    frame = frame.with_columns(missing).select(list(GIVEN))
    return frame.with_columns(_typed(frame[name], dtype) for name, dtype in GIVEN.items())


def _typed(column: pl.Series, dtype: Any) -> pl.Series:
    """The column in this type; as it is where that would lose a value, so that the record can tell what is wrong with it."""
    if column.dtype == dtype:
        return column
    if dtype == TIME and column.dtype == pl.String:
        times = pd.to_datetime(column.to_pandas(), utc=True, format="ISO8601", errors="coerce")
        typed = pl.Series(column.name, pa.Array.from_pandas(times, type=pa.timestamp("us", tz="UTC")))
    elif isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is None:
        typed = column.dt.replace_time_zone("UTC").cast(TIME)
    elif dtype == pl.Boolean and column.dtype == pl.String and column.null_count() < len(column):
        return column
    else:
        typed = column.cast(dtype, strict=False)
    return typed if typed.null_count() == column.null_count() else column


def together(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Frames as one; where one member counts in numbers and another in texts, both become texts."""
    found = list(frames)
    return pl.concat(found, how="vertical_relaxed") if found else pl.DataFrame(schema=GIVEN)


def without_orders(rows: pl.DataFrame, stale: Iterable[str]) -> pl.DataFrame:
    """The rows as the shop is to have them while no order touches them. ``stale``: the locations that fell silent."""
    nothing = {name: pl.lit(None, dtype).alias(name) for name, dtype in FILLED.items()}
    nothing |= {name: pl.lit(0.0).alias(name) for name in ("taken", "claimed")}
    nothing["is_stale"] = pl.col("location").is_in(list(stale)).fill_null(value=False).alias("is_stale")
    return rows.with_columns(nothing.values())


def among(column: pl.Expr, names: Iterable[str]) -> pl.Expr:
    """Whether a text is one of these; an empty one is none."""
    return column.is_in(pl.Series(list(names), dtype=pl.String).implode()).fill_null(value=False)


def heard(rows: pl.DataFrame) -> dict[str, datetime]:
    """Per location the newest time that its rows tell of."""
    times = [name for name in ("modified_at", "counted_at") if rows.schema[name].is_temporal()]
    if not times or rows.is_empty():
        return {}
    newest = rows.group_by("location").agg(
        pl.max_horizontal(pl.col(name).cast(TIME) for name in times).max().alias("at")
    )
    known = newest.drop_nulls()
    return dict(zip(known["location"].to_list(), known["at"].to_list(), strict=True))


def in_one_place(rows: pl.DataFrame, settings: StockSettings, stale: Iterable[str]) -> pl.DataFrame:
    """One row per SKU for a shop that knows only one place: pieces of all locations added up.

    What each location keeps back (promised, its own safety stock, all of it when it is silent) counts as reserved, because what
    is promised in one place can't be taken from another. Safety of a category or a SKU is kept back once, of the whole.
    """
    kept = _kept_back(settings, set(stale))
    number = {
        name: pl.col(name).cast(pl.Float64, strict=False) for name in ("on_hand", "reserved", "unit_size", "incoming")
    }
    unit = number["unit_size"].fill_null(1.0)
    is_named = among(pl.col("sku"), settings.safety_of_sku) | among(
        pl.col("category_code").cast(pl.String), settings.safety_of_category
    )
    back = pl.col("location").replace_strict(kept, default=0.0, return_dtype=pl.Float64)
    back = pl.when(is_named & back.is_finite()).then(0.0).otherwise(back)
    loose = (number["on_hand"] - number["reserved"].fill_null(0.0).clip(0.0)) * unit - back
    first = ("status", "category_code", "sold_by_measure")
    pieces = rows.with_columns(
        (number["on_hand"] * unit).alias("_there"),
        loose.clip(0.0).alias("_free"),
        (number["incoming"] * unit).alias("incoming"),
    )
    summed = pieces.group_by("sku", maintain_order=True).agg(
        pl.when(pl.col("_there").count() > 0).then(pl.col("_there").sum()).alias("on_hand"),
        (pl.col("_there").sum() - pl.col("_free").sum()).alias("reserved"),
        pl.when(pl.col("incoming").count() > 0).then(pl.col("incoming").sum()).alias("incoming"),
        pl.col("incoming_at").min(),
        pl.col("counted_at").max(),
        pl.col("modified_at").max(),
        *(pl.col(name).drop_nulls().first() for name in first),
        pl.col("taken_for_orders").drop_nulls().str.join(" "),
    )
    return summed.with_columns(pl.lit(ONE_PLACE).alias("location"), pl.lit(1.0).alias("unit_size")).select(list(GIVEN))


def _kept_back(settings: StockSettings, stale: set[str]) -> Mapping[str, float]:
    places = [code for code in settings.locations if code != ONE_PLACE]
    return {code: settings.kept_back(code, None, "", is_stale=code in stale) for code in places} or {"": 0.0}
