"""Products by category, brand, supplier and owner, and by grade: the same five figures everywhere."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from data_quality.report.categories import Categories
from data_quality.report.model import Dimension, Grade, Group, Share, grade_of
from data_quality.report.worth import euro

_FIGURES: tuple[pl.Expr, ...] = (
    pl.len().alias("products"),
    pl.col("is_ready").sum().alias("ready"),
    pl.col("worth").sum().alias("of_worth"),
    pl.col("worth").filter(pl.col("is_ready")).sum().alias("ready_worth"),
    pl.col("worth").filter(~pl.col("is_ready")).sum().alias("held_worth"),
    pl.col("worth").is_not_null().any().alias("is_valued"),
    pl.when(pl.col("scores").sum() > 0).then(pl.col("points").sum() / pl.col("scores").sum()).alias("mean"),
    pl.col("step").sum().alias("step"),
    pl.col("step").is_not_null().any().alias("was_there"),
)
"""What is counted of the products of a group. ``points`` and ``scores``: their sum and number over all languages."""


def ready_share(products: pl.DataFrame) -> Share:
    """How many products are ready, by count and by worth. Asks for ``is_ready`` and ``worth`` (cents)."""
    fit = products.filter("is_ready")
    if products["worth"].is_not_null().any():
        return Share(len(fit), len(products), euro(int(fit["worth"].sum())), euro(int(products["worth"].sum())))
    return Share(len(fit), len(products))


def groups(
    products: pl.DataFrame, owned: pl.DataFrame, categories: Categories, people: Mapping[str, str], language: str
) -> dict[Dimension, tuple[Group, ...]]:
    """The groups of each dimension, by code.

    ``products``: ``sku``, ``category``, ``brand``, ``supplier``, ``worth``, ``is_ready``, ``points``, ``scores`` and ``step``
    (1: ready now and not a week ago, -1: the other way round, null: it was not there). ``owned``: ``sku`` and ``owner``, for
    each person that has a problem of a product. A category holds what stands in those below it.
    """
    codes = products["category"].unique().to_list()
    lines = pl.DataFrame(
        [(code, above) for code in codes for above in categories.with_all_above(code)],
        schema={"category": pl.String, "code": pl.String}, orient="row",
    )  # fmt: skip
    named = lambda code: people.get(code, code)  # noqa: E731
    return {
        "category": _groups(
            products.join(lines, on="category"), lambda code: categories.name(code, language), categories.parents
        ),
        "brand": _groups(products.with_columns(code="brand")),
        "supplier": _groups(products.with_columns(code="supplier")),
        "owner": _groups(products.join(owned.select("sku", code="owner").unique(), on="sku"), named),
    }


def _groups(
    members: pl.DataFrame, name: Callable[[str], str] = str, parents: Mapping[str, str] | None = None
) -> tuple[Group, ...]:
    table = members.group_by("code").agg(_FIGURES).sort("code")
    return tuple(_group(row, name, parents or {}) for row in table.iter_rows(named=True))


def _group(row: dict[str, Any], name: Callable[[str], str], parents: Mapping[str, str]) -> Group:
    code, is_valued = row["code"], row["is_valued"]
    score = None if row["mean"] is None else int(row["mean"] + 0.5)
    ready = Share(
        row["ready"], row["products"],
        euro(row["ready_worth"]) if is_valued else None, euro(row["of_worth"]) if is_valued else None,
    )  # fmt: skip
    return Group(
        code, name(code), parents.get(code, ""), row["products"], ready, score, grade_of(score),
        euro(row["held_worth"]) if is_valued else None, row["step"] if row["was_there"] else None,
    )  # fmt: skip


def grades(scores: pl.DataFrame, languages: Sequence[str]) -> dict[str, dict[Grade, int]]:
    """Per language how many products have each grade."""
    counted = dict.fromkeys(languages, scores.clear()) | {
        str(key[0]): table for key, table in scores.filter(pl.col("score").is_not_null()).group_by("language")
    }
    return {language: _by_grade(counted[language]["score"]) for language in languages}


def _by_grade(scores: pl.Series) -> dict[Grade, int]:
    counts: dict[Grade, int] = {"A": 0, "B": 0, "C": 0, "D": 0, "E": 0}
    for score, count in scores.value_counts().iter_rows():
        if grade := grade_of(score):
            counts[grade] += count
    return counts
