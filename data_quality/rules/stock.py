"""Rules for the question: is it known whether the product is in stock?

What a product says about its stock costs points and holds nothing back. The counts themselves (stock_level) go to the shop by a
flow of their own: one that can't be is held back, and the shop keeps what it was last sent.
"""

from datetime import timedelta

import pandas as pd

from data_quality.facts import Facts
from data_quality.rule import BuiltIn, Rule
from data_quality.words import has

_ORDERS = r"^\s*(?:[^\s=]+=[0-9]{1,12}(?:\.[0-9]{1,12})?(?:\s+|$))*$"
"""What koppel.order_texts can read, told as a pattern."""


def _in_pieces(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return ~facts.assortment.flags(rows["category_code"], "sold_by_measure", default=False)


def _is_sold(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return ~rows["status"].eq("ended")


def _whole(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    quantity = rows["stock_quantity"].astype("Float64")
    return (quantity.isna() | quantity.mod(1).eq(0).fillna(value=True)).astype(bool)


def _there(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    nothing = rows["stock_quantity"].le(0).fillna(value=False).astype(bool)
    return ~(rows["stock_status"].eq(facts.options["in_stock"]) & nothing)


def _fresh(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    oldest = facts.now - timedelta(hours=facts.options["hours"])
    return rows["stock_checked_at"].isna() | rows["stock_checked_at"].ge(oldest)


def _pieces(rows: pd.DataFrame, name: str) -> "pd.Series[float]":
    """A count of a source in pieces (Float64)."""
    return rows[name].astype("Float64") * rows["unit_size"].astype("Float64").fillna(1.0)


def _not_absurd(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return _pieces(rows, "on_hand").le(facts.options["most"]).fillna(value=True).astype(bool)


def _whole_pieces(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    parts = (_pieces(rows, "on_hand") * 10_000).round()
    return parts.mod(10_000).eq(0).fillna(value=True).astype(bool)


def _is_piece_goods(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return ~rows["sold_by_measure"].fillna(value=False).astype(bool)


def _not_ahead(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    latest = facts.now + timedelta(minutes=facts.options["minutes"])
    return rows["counted_at"].isna() | rows["counted_at"].le(latest)


def _still_to_come(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    oldest = facts.now - timedelta(days=facts.options["days"])
    something = rows["incoming"].isna() | rows["incoming"].gt(0).fillna(value=False).astype(bool)
    return rows["incoming_at"].isna() | rows["incoming_at"].ge(oldest) | ~something


def _clear(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return rows["taken_for_orders"].isna() | has(rows["taken_for_orders"], _ORDERS)


RULES = (
    Rule(
        id="stock_status_missing", entity="product", fields=("stock_status",), also=("status",), severity="improve",
        question="stock", title="The stock status is known", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        applies_to=_is_sold, reason="Nobody knows whether the product is in stock. Fill in its stock status.",
        role="warehouse", minutes=2,
    ),
    Rule(
        id="stock_status_known", entity="product", fields=("stock_status",), severity="improve", question="stock",
        title="The stock status is one that the shop knows",
        check=BuiltIn("ExpectColumnValuesToBeInSet", lambda facts: {"value_set": facts.options["known"]}),
        reason="The shop has no stock status '{value}'. Choose one that it knows.", role="it", minutes=2,
        options={"known": ["in_stock", "out_of_stock", "on_order", "made_to_order", "drop_ship"]},
    ),
    Rule(
        id="stock_negative", entity="product", fields=("stock_quantity",), severity="improve", question="stock",
        title="The stock is not below nothing",
        check=BuiltIn("ExpectColumnValuesToBeBetween", lambda _: {"min_value": 0}),
        reason="A stock of {value} can't be. Count what is there.", role="warehouse", minutes=5,
    ),
    Rule(
        id="stock_fraction", entity="product", fields=("stock_quantity",), also=("category_code",), severity="improve",
        question="stock", title="Pieces are counted in whole numbers", check=_whole, applies_to=_in_pieces,
        reason="A stock of {value} pieces can't be. Count what is there.", role="warehouse", minutes=5,
    ),
    Rule(
        id="stock_contradiction", entity="product", fields=("stock_status", "stock_quantity"), severity="improve",
        question="stock", title="What is in stock is there", check=_there, shows="stock_quantity",
        reason="The status says that it is in stock, the count says {value}. Correct the one that is wrong.",
        role="warehouse", minutes=3, options={"in_stock": "in_stock"},
    ),
    Rule(
        id="stock_stale", entity="product", fields=("stock_checked_at",), also=("status",), severity="improve",
        question="stock", title="The stock was looked at lately", check=_fresh, applies_to=_is_sold,
        reason="The stock was last looked at on {value}. Find out why it is not updated.", role="it", minutes=5,
        options={"hours": 24},
    ),
    Rule(
        id="count_negative", entity="stock_level", fields=("on_hand",), severity="block", question="stock",
        title="The count is not below nothing",
        check=BuiltIn("ExpectColumnValuesToBeBetween", lambda _: {"min_value": 0}),
        reason="A count of {value} can't be, so the shop keeps the figure that it has. Count what is there.",
        role="warehouse", minutes=5,
    ),
    Rule(
        id="count_absurd", entity="stock_level", fields=("on_hand",), also=("unit_size",), severity="block",
        question="stock", title="The count is one that can be", check=_not_absurd,
        reason="A count of {value} makes more than {most} pieces. Was a barcode or a price typed as a count?",
        role="warehouse", minutes=5, options={"most": 100_000},
    ),
    Rule(
        id="reserved_negative", entity="stock_level", fields=("on_hand",), also=("reserved",), severity="improve",
        question="stock", title="What is reserved is not below nothing",
        check=lambda rows, _: rows["reserved"].ge(0).fillna(value=True).astype(bool), shows="reserved",
        reason="{value} reserved can't be, and is taken for none. Correct the reservations.", role="it", minutes=5,
    ),
    Rule(
        id="count_ahead", entity="stock_level", fields=("on_hand",), also=("counted_at",), severity="improve",
        question="stock", title="The count was made in the past", check=_not_ahead, shows="counted_at",
        reason="The count is of {value}, which is still to come. Set the clock or the time zone of the source right.",
        role="it", minutes=5, options={"minutes": 10},
    ),
    Rule(
        id="incoming_overdue", entity="stock_level", fields=("on_hand",), also=("incoming_at", "incoming"),
        severity="improve", question="stock", title="The day of the next delivery is still to come",
        check=_still_to_come, shows="incoming_at",
        reason="The next delivery was expected on {value}. Ask the supplier, and change the day.",
        role="purchasing", minutes=5, options={"days": 1},
    ),
    Rule(
        id="count_fraction", entity="stock_level", fields=("on_hand",), also=("unit_size", "sold_by_measure"),
        severity="improve", question="stock", title="What is sold by the piece is counted in whole pieces",
        check=_whole_pieces, applies_to=_is_piece_goods,
        reason="A count of {value} is no whole number of pieces, and is rounded down. Count again, or sell it by measure.",
        role="warehouse", minutes=5,
    ),
    Rule(
        id="orders_unclear", entity="stock_level", fields=("on_hand",), also=("taken_for_orders",), severity="improve",
        question="stock", title="It is clear for which orders stock was taken off", check=_clear,
        shows="taken_for_orders",
        reason="'{value}' does not say for which orders how many were taken off. Less is offered until it does.",
        role="it", minutes=10,
    ),
)  # fmt: skip
