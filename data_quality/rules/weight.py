"""Rules for the question: what does one packed unit weigh?"""

import pandas as pd

from data_quality.facts import Facts
from data_quality.outliers import far_from_usual
from data_quality.rule import BuiltIn, Rule
from data_quality.words import none_of


def _has_weight(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Downloads and services weigh nothing."""
    return facts.assortment.flags(rows["category_code"], "needs_weight", default=True)


def _positive(weights: "pd.Series[float]") -> "pd.Series[float]":
    return weights.where(weights.gt(0).fillna(value=False)).astype("float64")


def _fits_category(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Far from the others of the category: grams typed as kilograms, or the other way round."""
    groups = rows["category_code"].fillna("")
    return ~far_from_usual(rows["weight_kg"], groups, **facts.options)


def _is_of_one_unit(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    in_cartons = rows["pack_size"].gt(1).fillna(value=False).astype(bool)
    return ~(in_cartons & rows["weight_kg"].ge(rows["carton_weight_kg"]).fillna(value=False).astype(bool))


def _weighed(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """The same weight on many products of many categories was filled in, not weighed."""
    weights = _positive(rows["weight_kg"])
    known = weights.notna()
    categories = rows["category_code"].groupby(weights).nunique()
    counts = weights.value_counts()
    often = counts.index[(counts >= facts.options["products"]) & (counts >= facts.options["share"] * known.sum())]
    filled = [weight for weight in often if categories.get(weight, 0) >= facts.options["categories"]]
    return ~weights.isin(filled) if filled else ~none_of(rows)


def _holds_its_content(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A packed unit weighs more than what is in it; content by volume is no weight, and a glass is sold empty."""
    fine = ~none_of(rows)
    for column, kilograms in facts.options["contents"].items():
        if column in rows:
            content = pd.to_numeric(rows[column].str.replace(",", ".", regex=False), errors="coerce") * kilograms
            least = content * (1 - facts.options["share"])
            fine &= ~(_positive(rows["weight_kg"]) < least).fillna(value=False).astype(bool)
    return fine


RULES = (
    Rule(
        id="weight_missing", entity="product", fields=("weight_kg",), also=("category_code",), severity="block",
        question="weight", title="The weight is known", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        reason="The weight is missing, so the shop can't say what shipping costs. Weigh one packed unit.",
        applies_to=_has_weight, role="warehouse", minutes=4,
    ),
    Rule(
        id="weight_not_positive", entity="product", fields=("weight_kg",), also=("category_code",), severity="block",
        question="weight", title="The weight is more than nothing",
        check=BuiltIn("ExpectColumnValuesToBeBetween", lambda _: {"min_value": 0, "strict_min": True}),
        reason="A weight of {value} kg can't be right. Weigh one packed unit.",
        applies_to=_has_weight, role="warehouse", minutes=4,
    ),
    Rule(
        id="weight_unit", entity="product", fields=("weight_kg",), also=("category_code",), severity="improve",
        question="weight", title="The weight is in kilograms", check=_fits_category, applies_to=_has_weight,
        reason="{value} kg is far from what others in this category weigh. Were grams typed as kilograms?",
        role="warehouse", minutes=3, options={"items": 8, "factor": 100, "spreads": 4},
    ),
    Rule(
        id="weight_of_carton", entity="product", fields=("weight_kg",), also=("carton_weight_kg", "pack_size"),
        severity="improve", question="weight", title="The weight is that of one piece", check=_is_of_one_unit,
        reason="{value} kg is the weight of a whole carton. Divide it by the pieces in it, or weigh one.",
        role="warehouse", minutes=3,
    ),
    Rule(
        id="weight_filled_in", entity="product", fields=("weight_kg",), also=("category_code",), severity="improve",
        question="weight", title="The weight was weighed", check=_weighed, applies_to=_has_weight,
        reason="{value} kg stands on many products of different kinds, so it was filled in. Weigh one packed unit.",
        role="warehouse", minutes=4, options={"products": 25, "share": 0.05, "categories": 4},
    ),
    Rule(
        id="weight_below_content", entity="product", fields=("weight_kg",), also=("property_*",), severity="improve",
        question="weight", title="The packed unit weighs as much as what is in it", check=_holds_its_content,
        reason="{value} kg is less than what is in it weighs. Weigh one packed unit, or correct its content.",
        role="warehouse", minutes=4, options={"contents": {"property_content_g": 0.001}, "share": 0.02},
    ),
)  # fmt: skip
