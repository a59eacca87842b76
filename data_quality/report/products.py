"""Products with their figures: as columns to count by, and one by one for the report."""

from collections.abc import Mapping, Sequence

import polars as pl

from data_quality.report.collect import Standing
from data_quality.report.model import Problem, Product, WorthKind
from data_quality.report.options import ReadyIn
from data_quality.report.trend import ready
from data_quality.report.worth import euro, lost, ranked, with_worth

MOST_OFFENDERS = 25


def with_figures(
    standing: Standing, found: pl.DataFrame, week: pl.DataFrame | None, kind: WorthKind, ready_in: ReadyIn,
    known_before: pl.Series | None,
) -> pl.DataFrame:  # fmt: skip
    """The products with ``worth``, ``lost``, ``minutes``, ``rank_worth``, ``is_ready``, ``points``, ``scores`` and ``step``.

    ``found``: their problems. ``week``: the scores of a week ago. ``points`` and ``scores``: sum and number over the languages.
    ``step``: 1 ready now and not a week ago, -1 the other way round, null: it was not there.
    """
    todo = found.filter(pl.col("severity") != "hint").group_by("sku").agg(pl.col("minutes").sum())
    sums = standing.scores.group_by("sku").agg(
        pl.col("score").cast(pl.Int64).sum().alias("points"), pl.col("score").count().cast(pl.Int64).alias("scores")
    )
    products = with_worth(standing.products, kind)
    for table in (lost(standing.scores), todo, sums, ready(standing.scores, ready_in), _step(standing, week, ready_in)):
        products = products.join(table, on="sku", how="left")
    products = products.with_columns(
        pl.col("lost").fill_null(0.0),
        pl.col("minutes", "points", "scores").fill_null(0),
        pl.col("is_ready").fill_null(value=True),  # a shop without a language has nothing that could be held
    )
    return ranked(products, kind, known_before).sort("sku")


def _step(standing: Standing, week: pl.DataFrame | None, ready_in: ReadyIn) -> pl.DataFrame:
    if week is None:
        return pl.DataFrame(schema={"sku": pl.String, "step": pl.Int64})
    pairs = ready(standing.scores, ready_in).join(ready(week, ready_in), on="sku", suffix="_before")
    step = pl.col("is_ready").cast(pl.Int64) - pl.col("is_ready_before").cast(pl.Int64)
    return pairs.select("sku", step.alias("step"))


def as_products(
    products: pl.DataFrame, standing: Standing, problems: Mapping[str, list[Problem]], week: pl.DataFrame | None,
    languages: Sequence[str],
) -> tuple[Product, ...]:  # fmt: skip
    """One by one, by SKU. ``products``: with their figures."""
    per_language = [_of_language(products, standing, language) for language in languages]
    change = products.select("sku").join(_change(standing.scores, week), on="sku", how="left", maintain_order="left")
    columns = ["sku", "name", "category", "brand", "supplier", "worth", "lost", "minutes", "rank_worth"]
    rows = zip(*(products[name].to_list() for name in columns), change["change"].to_list(), *per_language, strict=True)
    made = []
    for sku, name, category, brand, supplier, cents, part, minutes, rank, step, *told in rows:
        found = dict(zip(languages, told, strict=True))
        made.append(Product(
            sku=sku, names={"": name, **{one: text for one, (text, _, _) in found.items()}}, category=category, brand=brand,
            supplier=supplier, score={one: score for one, (_, score, _) in found.items()},
            held=tuple(one for one, (_, _, is_held) in found.items() if is_held), worth=euro(cents), lost=part, minutes=minutes,
            rank_worth=rank, problems=tuple(problems.get(sku, ())), change=step,
        ))  # fmt: skip
    return tuple(made)


def _of_language(products: pl.DataFrame, standing: Standing, language: str) -> list[tuple[str, int | None, bool]]:
    """Name, score and whether it is held back, of each product in its order."""
    table = products.select("sku")
    names = standing.texts.filter(pl.col("language") == language).unique("sku", keep="first")
    scores = standing.scores.filter(pl.col("language") == language).select("sku", "score", "is_held")
    for one in (names.select("sku", "name"), scores):
        table = table.join(one, on="sku", how="left", maintain_order="left")
    return table.select(pl.col("name").fill_null(""), "score", pl.col("is_held").fill_null(value=False)).rows()


def _change(scores: pl.DataFrame, week: pl.DataFrame | None) -> pl.DataFrame:
    """``sku`` and ``change``: points of the mean more or less than a week ago."""
    if week is None:
        return pl.DataFrame(schema={"sku": pl.String, "change": pl.Int64})
    now, before = (table.group_by("sku").agg(pl.col("score").mean()) for table in (scores, week))
    pairs = now.join(before, on="sku", suffix="_before")
    return pairs.select("sku", (pl.col("score") - pl.col("score_before") + 0.5).floor().cast(pl.Int64).alias("change"))


def offenders(products: Sequence[Product]) -> tuple[str, ...]:
    """The SKUs that a minute of work brings most for, the worst first; without worth, those that lack most of their score."""
    lacking = [one for one in products if one.lost > 0]
    lacking.sort(key=lambda one: (-one.rank_worth, -one.lost, one.sku))
    return tuple(one.sku for one in lacking[:MOST_OFFENDERS])
