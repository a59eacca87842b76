"""Rules for the questions: what goes well with it, and where does it stand in the shop?"""

import pandas as pd

from data_quality.facts import Facts
from data_quality.rule import BuiltIn, Rule


def _has_accessories(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return facts.assortment.flags(rows["category_code"], "has_accessories", default=False)


def _known(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return rows["related_sku"].notna() & rows["related_status"].notna() | rows["related_sku"].eq(rows["sku"])


def _still_sold(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return (rows["related_status"].isna() | rows["related_status"].eq("active")).astype(bool)


def _to_another(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return ~rows["related_sku"].eq(rows["sku"])


def _few_enough(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return rows.groupby("sku")["sku"].transform("size").le(facts.options["most"])


def _mutual(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Products that are alike are so both ways. The other one must be among these, still sold, and have room for one more."""
    asked = rows["relation"].isin(facts.options["mutual"]) & ~rows["related_sku"].eq(rows["sku"])
    ways = rows["relation"] + "\n" + rows["sku"] + "\n" + rows["related_sku"]
    back = rows["relation"] + "\n" + rows["related_sku"] + "\n" + rows["sku"]
    one_way = asked & ~back.isin(ways) & rows["related_sku"].isin(rows["sku"]) & rows["related_status"].eq("active")
    counts = (rows["sku"] + "\n" + rows["relation"]).value_counts()
    room = (rows["related_sku"] + "\n" + rows["relation"]).map(counts).fillna(0).lt(facts.options["full"])
    return ~(one_way & room).fillna(value=False).astype(bool)


def _no_loop(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Follow what is an accessory of what: whoever has none, and whoever is none, is in no loop and falls away, round by round.

    What lies between two loops stays with them.
    """
    left = rows[rows["relation"].isin(facts.options["directed"]) & ~rows["related_sku"].eq(rows["sku"])]
    while len(left):
        kept = left[left["sku"].isin(left["related_sku"]) & left["related_sku"].isin(left["sku"])]
        if len(kept) == len(left):
            break
        left = kept
    return ~rows.index.to_series().isin(left.index)


def _every_language(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return _languages_without(rows, facts).eq("")


def _languages_without(rows: pd.DataFrame, facts: Facts) -> "pd.Series[str]":
    missing = pd.Series("", index=rows.index, dtype="str")
    for language in facts.languages:
        named = rows["language"].eq(language) & rows["name"].notna()
        lacks = ~named.groupby(rows["category_code"]).transform("any")
        missing = missing.where(~lacks, (missing + ", " + language).str.removeprefix(", "))
    return missing


RULES = (
    Rule(
        id="relations_none", entity="product", fields=("accessory_count",), also=("category_code",), severity="improve",
        question="relations", title="The product tells what goes with it", applies_to=_has_accessories,
        check=BuiltIn("ExpectColumnValuesToBeBetween", lambda _: {"min_value": 1}),
        reason="Products of this category have accessories, this one names none. Choose what fits it.",
        role="purchasing", minutes=5,
    ),
    Rule(
        id="relation_unknown", entity="product_relation", fields=("related_sku", "related_status"), also=("sku",),
        severity="improve", question="relations", title="Relations lead to a product", check=_known,
        reason="It refers to product '{value}', which does not exist. Correct the number or remove the relation.",
        role="purchasing", minutes=2,
    ),
    Rule(
        id="relation_ended", entity="product_relation", fields=("related_status",), severity="improve",
        question="relations", title="Relations lead to what is still sold", check=_still_sold, shows="related_sku",
        reason="It refers to product '{value}', which is no longer sold. Choose its successor.", role="purchasing", minutes=2,
    ),
    Rule(
        id="relation_to_itself", entity="product_relation", fields=("related_sku", "sku"), severity="improve",
        question="relations", title="No product refers to itself", check=_to_another,
        reason="The product refers to itself. Remove that relation.", role="purchasing", minutes=1,
    ),
    Rule(
        id="relation_kind", entity="product_relation", fields=("relation",), severity="improve", question="relations",
        title="The kind of relation is known",
        check=BuiltIn(
            "ExpectColumnValuesToBeInSet", lambda _: {"value_set": ["accessory", "similar", "goes_well_with"]}
        ),
        reason="The shop has no relation of the kind '{value}'. Use accessory, similar or goes well with.",
        role="it", minutes=2,
    ),
    Rule(
        id="relation_twice", entity="product_relation", fields=("sku", "relation", "related_sku"), severity="hint",
        question="relations", title="Each relation is given once", check=BuiltIn("ExpectCompoundColumnsToBeUnique", many=True),
        shows="related_sku", reason="It refers to product '{value}' more than once in the same way. Remove one of them.",
        role="purchasing", minutes=1,
    ),
    Rule(
        id="relations_many", entity="product_relation", fields=("sku",), severity="improve", question="relations",
        title="The product has no more relations than a customer can look at", check=_few_enough,
        reason="The product has more than {most} relations. Keep the best.", role="purchasing", minutes=5,
        options={"most": 20},
    ),
    Rule(
        id="category_name_missing", entity="category", fields=("name", "language", "category_code"), severity="block",
        question="category", title="The category has a name in each language", check=_every_language,
        shows=_languages_without, reason="The category has no name in: {value}. Add its translation.",
        role="marketing", minutes=2,
    ),
    Rule(
        id="relation_one_way", entity="product_relation", fields=("sku", "relation", "related_sku"),
        also=("related_status",), severity="hint", question="relations", title="What is alike refers to each other",
        check=_mutual, shows="related_sku",
        reason="It names product '{value}' as similar, which does not name it back. Add that, or remove this one.",
        role="purchasing", minutes=2, options={"mutual": ["similar"], "full": 3},
    ),
    Rule(
        id="relation_loop", entity="product_relation", fields=("sku", "relation", "related_sku"), severity="improve",
        question="relations", title="No product is an accessory of its own accessory", check=_no_loop, shows="related_sku",
        reason="The product and '{value}' are accessories of each other, in a circle. Remove the relation that is wrong.",
        role="purchasing", minutes=3, options={"directed": ["accessory"]},
    ),
)  # fmt: skip
