"""Rules for the price: exact to a hundredth of a cent, because a wrong price is sold at once."""

from typing import Any

import pandas as pd

from data_quality.facts import Facts
from data_quality.outliers import far_from_usual
from data_quality.rule import BuiltIn, Rule

PRICE = "price_eur_excl_vat"
FIRST = "first_price_eur_excl_vat"
PARTS = 10_000
"""Parts of a euro in which amounts are compared: whole numbers, so nothing is rounded."""


def _parts(amounts: "pd.Series[Any]") -> "pd.Series[int]":
    """Decimal amounts as whole hundredths of a cent (Int64)."""
    return amounts.map(lambda amount: int(amount * PARTS), na_action="ignore").astype("Int64")


def _above_zero(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return _parts(rows[PRICE]).gt(0).fillna(value=True).astype(bool)


def _above_cost(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A price may be below cost by what rounding to a cent explains; clearance gets a waiver with an end date."""
    price, cost = _parts(rows[PRICE]), _parts(rows["cost_eur"])
    tolerance = round(facts.options["tolerance_eur"] * PARTS)
    fine: pd.Series[bool] = ((price + tolerance).ge(cost) | price.le(0)).fillna(value=True).astype(bool)
    return fine


def _no_jump(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    price, before = _parts(rows[PRICE]), _parts(rows["previous_price_eur_excl_vat"])
    change = (price - before).abs() * 100
    return (change.le(before * int(facts.options["percent"])) | before.le(0)).fillna(value=True).astype(bool)


def _usual_for_category(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Far from the others of the category: a comma in the wrong place, or cents typed as euros."""
    return ~far_from_usual(_euros(rows[FIRST]), rows["category_code"].fillna(""), **facts.options)


def _usual_margin(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Price against cost, far from that of all others: the cost of a carton, or a comma. Gifts that cost nothing have none.

    A category that says what its margin is has its own two bounds instead.
    """
    cost = _euros(rows["cost_eur"])
    ratio = _euros(rows[PRICE]) / cost.where(cost.gt(0))
    far = far_from_usual(ratio, pd.Series("", index=rows.index), **facts.options)
    for (least, most), own in facts.assortment.groups(rows["category_code"], "margin").items():
        far[own] = ~_between(rows[own], least, most)
    return ~far


def _between(rows: pd.DataFrame, least: float, most: float) -> "pd.Series[bool]":
    """Whether what is left of each price after its cost is a part of that price from ``least`` to ``most``."""
    price, cost = _parts(rows[PRICE]), _parts(rows["cost_eur"])
    left = (price - cost) * PARTS
    fits = left.ge(price * round(least * PARTS)) & left.le(price * round(most * PARTS))
    fine: pd.Series[bool] = (fits | price.le(0) | cost.le(0)).fillna(value=True).astype(bool)
    return fine


def _margin(rows: pd.DataFrame, _: Facts) -> "pd.Series[str]":
    told = [
        f"{_money(price)} against {_money(cost)}" for price, cost in zip(rows[PRICE], rows["cost_eur"], strict=True)
    ]
    return pd.Series(told, index=rows.index, dtype="str")


def _euros(amounts: "pd.Series[Any]") -> "pd.Series[float]":
    """Decimal amounts as numbers: only to be compared by their size."""
    return amounts.map(float, na_action="ignore").astype("float64")


def _jump(rows: pd.DataFrame, _: Facts) -> "pd.Series[str]":
    before, now = rows["previous_price_eur_excl_vat"], rows[PRICE]
    told = [f"{_money(old)} to {_money(new)}" for old, new in zip(before, now, strict=True)]
    return pd.Series(told, index=rows.index, dtype="str")


def _money(amount: Any) -> str:
    return f"{amount:.2f}"


RULES = (
    Rule(
        id="price_missing", entity="price", fields=(PRICE,), severity="block", question="price",
        title="The product has a price", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        reason="The price is missing. Fill it in, without VAT.", role="purchasing", minutes=3,
    ),
    Rule(
        id="price_zero", entity="price", fields=(PRICE,), severity="block", question="price",
        title="The price is more than nothing", check=_above_zero,
        reason="A price of {value} euro would give the product away. Correct it.", role="purchasing", minutes=3,
    ),
    Rule(
        id="price_below_cost", entity="price", fields=(PRICE, "cost_eur"), severity="block", question="price",
        title="The price is not below what we pay", check=_above_cost,
        reason="The price of {value} euro is below what we pay for it. Correct it, or accept it until a date.",
        role="purchasing", minutes=3, options={"tolerance_eur": 0.005},
    ),
    Rule(
        id="price_jump", entity="price", fields=(PRICE,), also=("previous_price_eur_excl_vat",), severity="block",
        question="price", title="The price did not jump", check=_no_jump, shows=_jump,
        reason="The price went from {value} euro, more than {percent} percent. Correct it, or accept it until a date.",
        role="purchasing", minutes=3, options={"percent": 40},
    ),
    Rule(
        id="price_unusual", entity="product", fields=("category_code",), also=(FIRST,), severity="improve",
        question="price", title="The price is one of its category", check=_usual_for_category, shows=FIRST,
        reason="A price of {value} euro is far from what others in this category cost. Was the comma in the right place?",
        role="purchasing", minutes=3, options={"items": 8, "factor": 20, "spreads": 6},
    ),
    Rule(
        id="price_margin", entity="price", fields=(PRICE, "cost_eur"), also=("category_code",), severity="improve",
        question="price", title="Price and cost are of the same thing", check=_usual_margin, shows=_margin,
        reason="{value} euro is no usual margin here. Is it the cost of a carton, or is a comma in the wrong place?",
        role="purchasing", minutes=3, options={"items": 20, "factor": 5, "spreads": 6},
    ),
)  # fmt: skip
