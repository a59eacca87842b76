"""How far we came: the change of ready products and of the score, split by what caused it, and the line of the last weeks.

Causes: *assortment*: products that are there on one of both days only; *data*: only what the source says changed, or time went by;
*rules*: only the rules changed; *both*: both did, so that nobody can tell.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from data_quality.report.model import Change, Share, TrendPoint
from data_quality.report.options import ReadyIn
from data_quality.report.worth import euro

WEEKS = 13
"""How many weeks the line shows before today."""

PARTS = ("data", "rules", "both", "assortment")


def ready(scores: pl.DataFrame, ready_in: ReadyIn) -> pl.DataFrame:
    """``sku`` and ``is_ready``: held back in no language, or not in all of them."""
    is_held = pl.col("is_held").any() if ready_in == "all" else pl.col("is_held").all()
    return scores.group_by("sku").agg((~is_held).alias("is_ready"))


def change(since: date, before: pl.DataFrame, after: pl.DataFrame, ready_in: ReadyIn) -> Change:
    """The change of the number of ready products between the scores of two days."""
    both = ready(before, ready_in).join(ready(after, ready_in), on="sku", how="full", suffix="_after", coalesce=True)
    step = pl.col("is_ready_after").cast(pl.Int64).fill_null(0) - pl.col("is_ready").cast(pl.Int64).fill_null(0)
    sums = _by_cause(both.with_columns(step.alias("step")), before, after)
    start, end = int(both["is_ready"].sum() or 0), int(both["is_ready_after"].sum() or 0)
    return Change(since, start, after=end, **{name: int(sums.get(name, 0)) for name in PARTS})


def score_change(since: date, before: pl.DataFrame, after: pl.DataFrame) -> Change | None:
    """The change of the mean score of all products and languages, in whole points that add up; None without scores.

    What products that are there on both days gained is told by cause; that others came or went, and how much they have, is
    the assortment's part.
    """
    start, end = _mean(before), _mean(after)
    if start is None or end is None:
        return None
    pairs = _scored(before).join(_scored(after), on=["sku", "language"], suffix="_after")
    steps = pairs.with_columns((pl.col("score_after") - pl.col("score")).alias("step"))
    parts = {name: total / len(pairs) for name, total in _by_cause(steps, before, after).items()}
    parts["assortment"] = end - start - sum(parts.get(name, 0.0) for name in PARTS if name != "assortment")
    first, last = int(start + 0.5), int(end + 0.5)
    return Change(since, first, after=last, **_whole({name: parts.get(name, 0.0) for name in PARTS}, last - first))


def _scored(scores: pl.DataFrame) -> pl.DataFrame:
    return scores.filter(pl.col("score").is_not_null()).select("sku", "language", pl.col("score").cast(pl.Float64))


def _mean(scores: pl.DataFrame) -> float | None:
    mean = scores["score"].cast(pl.Float64).mean()
    return float(str(mean)) if mean is not None else None


def _whole(parts: dict[str, float], total: int) -> dict[str, int]:
    """Parts as whole numbers whose sum is ``total``: what is nearest to the next one is rounded up first."""
    whole = {name: int(part // 1) for name, part in parts.items()}
    order = sorted(parts, key=lambda name: whole[name] - parts[name])
    short = total - sum(whole.values())
    for at in range(abs(short)):
        whole[(order if short > 0 else order[::-1])[at % len(order)]] += 1 if short > 0 else -1
    return whole


def causes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """``sku`` and ``cause`` of the products that are there on both days."""
    pairs = before.join(after, on=["sku", "language"], suffix="_after").group_by("sku").agg(
        (pl.col("data_version") != pl.col("data_version_after")).any().alias("data"),
        (pl.col("rules_version") != pl.col("rules_version_after")).any().alias("rules"),
    )  # fmt: skip
    cause = pl.when(pl.col("data") & pl.col("rules")).then(pl.lit("both"))
    return pairs.select("sku", cause.when("rules").then(pl.lit("rules")).otherwise(pl.lit("data")).alias("cause"))


def _by_cause(steps: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> dict[str, float]:
    """The sum of ``step`` per cause. A product that shares no language with its own past is another one."""
    named = steps.join(causes(before, after), on="sku", how="left").with_columns(
        pl.col("cause").fill_null("assortment")
    )
    return dict(named.group_by("cause").agg(pl.col("step").sum()).iter_rows())


def moved(before: pl.DataFrame, after: pl.DataFrame, ready_in: ReadyIn) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The SKUs that are newly held back, what is new and held among them, and those that were released."""
    both = ready(after, ready_in).join(ready(before, ready_in), on="sku", how="left", suffix="_before").sort("sku")
    now_held = both.filter(~pl.col("is_ready") & pl.col("is_ready_before").fill_null(value=True))
    released = both.filter(pl.col("is_ready") & ~pl.col("is_ready_before").fill_null(value=True))
    return tuple(now_held["sku"]), tuple(released["sku"])


def week_ends(today: date) -> list[date]:
    """The days that the line is made of, oldest first; without today."""
    return [today - timedelta(weeks=weeks) for weeks in range(WEEKS, 0, -1)]


def in_their_week(wanted: Sequence[date], found: Sequence[date | None]) -> list[date | None]:
    """The days found, without those that belong to an earlier week than the wanted one."""
    return [
        day if day is not None and day > asked - timedelta(weeks=1) else None
        for asked, day in zip(wanted, found, strict=True)
    ]


def points(
    summaries: pl.DataFrame, today: date, now: Share, rules: tuple[str | None, str | None]
) -> tuple[TrendPoint, ...]:
    """The line: the summaries of earlier days (``collect.summaries``), and today, with the first and last version of its rules."""
    line: list[TrendPoint] = []
    last: tuple[str | None, str | None] | None = None
    for row in summaries.iter_rows(named=True):
        version = (row["first_rules"], row["last_rules"])
        share = Share(row["ready"], row["products"], _worth(row["ready_worth"], row["worth"]), euro(row["worth"]))
        line.append(TrendPoint(row["day"], share, rules_changed=last is not None and version != last))
        last = version
    return (*line, TrendPoint(today, now, rules_changed=last is not None and rules != last))


def _worth(part: int | None, whole: int | None) -> Decimal | None:
    """The worth of what is ready: nothing, where worth is known but nothing of worth is ready."""
    return euro(part if part is not None or whole is None else 0)
