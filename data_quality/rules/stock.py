"""Rules for the question: is it known whether the product is in stock?

Stock itself goes to the shop by its own flow; here a wrong status costs points and holds nothing back.
"""

from datetime import timedelta

import pandas as pd

from data_quality.facts import Facts
from data_quality.rule import BuiltIn, Rule


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
)  # fmt: skip
