"""Rules for the questions: what goes well with it, and where does it stand in the shop?"""

from typing import Any

import numpy as np
import pandas as pd

from data_quality.facts import Facts
from data_quality.rule import BuiltIn, Rule

Numbers = np.ndarray[Any, np.dtype[np.int64]]


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
    asked = rows[rows["relation"].isin(facts.options["mutual"]) & ~rows["related_sku"].eq(rows["sku"])]
    skus, others = _numbered(asked)
    kinds = pd.factorize(asked["relation"])[0]
    most, kinds_of_each = max(len(asked) * 2, 1), kinds.max(initial=0) + 1
    ways, back = (skus * most + others) * kinds_of_each + kinds, (others * most + skus) * kinds_of_each + kinds
    listed = np.bincount(skus * kinds_of_each + kinds, minlength=most * kinds_of_each)
    room = listed[others * kinds_of_each + kinds] < facts.options["full"]
    is_judged = asked["related_sku"].isin(rows["sku"].unique()).to_numpy()
    is_sold = asked["related_status"].eq("active").fillna(value=False).to_numpy(dtype=bool)
    one_way = pd.Series(~np.isin(back, ways) & room & is_judged & is_sold, index=asked.index, dtype=bool)
    return ~one_way.reindex(rows.index, fill_value=False)


def _numbered(rows: pd.DataFrame) -> "tuple[Numbers, Numbers]":
    """The products of each relation as numbers, the same one for the same SKU."""
    codes = pd.factorize(pd.concat([rows["sku"], rows["related_sku"]]))[0].astype(np.int64)
    return codes[: len(rows)], codes[len(rows) :]


def _no_loop(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Whoever has no accessory, and whoever is none, is in no loop and falls away, and so on along each chain.

    What lies between two loops stays with them.
    """
    known = rows["related_sku"].notna() & ~rows["related_sku"].eq(rows["sku"])
    asked = rows[rows["relation"].isin(facts.options["directed"]) & known]
    skus, others = _numbered(asked)
    on_chain = _only_led_to(skus, others) | _only_led_to(others, skus)
    looped = pd.Series(~on_chain, index=asked.index, dtype=bool)
    return ~looped.reindex(rows.index, fill_value=False)


def _only_led_to(starts: "Numbers", ends: "Numbers") -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which steps lead on from no loop: their start is reached from nowhere, or only by such steps. Each is looked at once."""
    count = int(max(starts.max(initial=-1), ends.max(initial=-1))) + 1
    order = np.argsort(starts, kind="stable")
    first = np.searchsorted(starts[order], np.arange(count + 1)).tolist()
    following = ends[order].tolist()
    reached = np.bincount(ends, minlength=count).tolist()
    waiting = [place for place in range(count) if not reached[place]]
    fallen = np.zeros(count, dtype=bool)
    while waiting:
        place = waiting.pop()
        fallen[place] = True
        for after in following[first[place] : first[place + 1]]:
            reached[after] -= 1
            if not reached[after]:
                waiting.append(after)
    return fallen[starts]


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
