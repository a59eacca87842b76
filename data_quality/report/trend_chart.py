"""The line of the last weeks in the HTML report, by count and by worth; and the small lines in the table of the questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from babel.dates import format_date

from data_quality.report.charts import Table
from data_quality.report.model import Report, Share, TrendPoint
from data_quality.texts import Texts

HEIGHT = 220
_APART = 18
"""Pixels that two labels at the end of a line keep from each other."""

Segment = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its pieces (x1, y1, x2, y2; x in percent), where it ends, and its label with the place of that."""

    kind: str
    segments: tuple[Segment, ...]
    end: tuple[float, float]
    label: str
    figure: str
    label_y: float


@dataclass(frozen=True, slots=True)
class LineChart:
    """The lines, the marks of changed rules (x in percent), the grid (y, label) and the days below it (x, label)."""

    title: str
    description: str
    series: tuple[Series, ...]
    marks: tuple[float, ...]
    grid: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]
    table: Table


def trend_chart(report: Report, texts: Texts) -> LineChart | None:
    """Ready products in percent over the last weeks; None where fewer than two points are known."""
    points = [point for point in report.trend if point.ready.of]
    if len(points) < 2:
        return None
    counts = [_part(point.ready) for point in points]
    worths = [_worth_part(point.ready) for point in points]
    has_worth = report.worth_kind != "none" and any(worth is not None for worth in worths)
    low, high = _domain([part for part in (*counts, *(worths if has_worth else ())) if part is not None])
    first, span = points[0].day, max((points[-1].day - points[0].day).days, 1)
    places = [100 * (point.day - first).days / span for point in points]
    series = [
        _series("count", places, counts, (low, high), texts.gettext("by number"), _figure(points[-1].ready, texts))
    ]
    if has_worth:
        series.append(
            _series("worth", places, worths, (low, high), _worth_name(report, texts), _worth_figure(points, texts))
        )
    return LineChart(
        title=_title(points, texts),
        description=texts.gettext("Ready products in percent, week by week. A vertical line marks other rules."),
        series=_apart(series),
        marks=tuple(place for place, point in zip(places, points, strict=True) if point.rules_changed),
        grid=tuple((_y(part, (low, high)), texts.percent(round(part * 100), 100)) for part in _steps(low, high)),
        days=((0.0, _short_day(points[0].day, texts)), (100.0, _short_day(points[-1].day, texts))),
        table=_table(points, report, texts, has_worth=has_worth),
    )  # fmt: skip


def spark(weeks: Sequence[float | None], width: int = 64, height: int = 20) -> tuple[str, ...]:
    """The pieces of a small line as points of polylines; a gap where nobody looked; empty where there is no line to draw."""
    known = [part for part in weeks if part is not None]
    if len(known) < 2:
        return ()
    least, most = min(known), max(known)
    middle, half = (least + most) / 2, max((most - least) / 2, 0.05)
    pieces: list[list[str]] = [[]]
    for at, part in enumerate(weeks):
        if part is None:
            pieces.append([])
            continue
        x = 2 + (width - 4) * at / (len(weeks) - 1)
        y = 2 + (height - 4) * (1 - (part - middle + half) / (2 * half))
        pieces[-1].append(f"{x:.1f},{y:.1f}")
    return tuple(" ".join(piece) for piece in pieces if len(piece) > 1)


def _part(share: Share) -> float | None:
    return share.count / share.of if share.of else None


def _worth_part(share: Share) -> float | None:
    return float(share.worth / share.of_worth) if share.worth is not None and share.of_worth else None


def _domain(parts: list[float]) -> tuple[float, float]:
    """Whole tens of percent around the lines, at least two of them apart."""
    low, high = int(min(parts) * 10), -int(-max(parts) * 10 // 1)
    low, high = max(0, low), min(10, max(high, low + 1))
    if high - low < 2:
        low, high = (low - 1, high) if high == 10 else (low, low + 2)
    return max(low, 0) / 10, high / 10


def _steps(low: float, high: float) -> list[float]:
    tens = round((high - low) * 10)
    step = 1 if tens <= 4 else 2 if tens <= 8 else 5
    return [(round(low * 10) + at) / 10 for at in range(0, tens + 1, step)]


def _y(part: float, domain: tuple[float, float]) -> float:
    low, high = domain
    return round(10 + (HEIGHT - 20) * (1 - (part - low) / (high - low)), 1)


def _series(
    kind: str, places: list[float], parts: list[float | None], domain: tuple[float, float], label: str, figure: str
) -> Series:
    known = [(place, _y(part, domain)) if part is not None else None for place, part in zip(places, parts, strict=True)]
    segments = tuple((*a, *b) for a, b in pairwise(known) if a is not None and b is not None)
    end = next(point for point in reversed(known) if point is not None)
    return Series(kind, segments, end, label, figure, end[1])


def _apart(series: list[Series]) -> tuple[Series, ...]:
    """Labels at the end of the lines, moved from each other where they would touch; each takes two lines of text."""
    if len(series) < 2:
        return tuple(series)
    upper, lower = sorted(series, key=lambda one: one.end[1])
    lack = max(0.0, 2 * _APART - (lower.end[1] - upper.end[1]))
    top = min(max(upper.end[1] - lack / 2, 8.0), HEIGHT - 3.0 * _APART)
    below = max(lower.end[1] + lack / 2, top + 2 * _APART)
    moved = {upper.kind: top, lower.kind: below}
    return tuple(
        Series(one.kind, one.segments, one.end, one.label, one.figure, round(moved[one.kind], 1)) for one in series
    )


def _short_day(day: date, texts: Texts) -> str:
    return format_date(day, "d MMM", locale=texts.locale)


def _figure(share: Share, texts: Texts) -> str:
    return texts.share(share)


def _worth_name(report: Report, texts: Texts) -> str:
    return texts.gettext("by revenue") if report.worth_kind == "revenue" else texts.gettext("by stock value")


def _worth_figure(points: Sequence[TrendPoint], texts: Texts) -> str:
    known = [point.ready for point in points if point.ready.worth is not None and point.ready.of_worth]
    return _worth_share(known[-1], texts)


def _worth_share(share: Share, texts: Texts) -> str:
    part = _worth_part(share)
    return "–" if part is None else texts.percent(int(part * 100 + 0.5), 100)


def _title(points: Sequence[TrendPoint], texts: Texts) -> str:
    first, last = texts.share(points[0].ready), texts.share(points[-1].ready)
    before, after = _part(points[0].ready) or 0, _part(points[-1].ready) or 0
    values = {"first": first, "last": last, "day": texts.day(points[0].day)}
    if first == last or after == before:
        return texts.gettext("The share of ready products is as it was on {day}: {last}.", day=values["day"], last=last)
    if after > before:
        return texts.gettext("The share of ready products rose from {first} to {last} since {day}.", **values)
    return texts.gettext("The share of ready products fell from {first} to {last} since {day}.", **values)


def _table(points: Sequence[TrendPoint], report: Report, texts: Texts, *, has_worth: bool) -> Table:
    heads = [texts.gettext("Day"), texts.gettext("Ready, by number")]
    heads += [texts.gettext("Ready, {by}", by=_worth_name(report, texts))] if has_worth else []
    return Table(
        (*heads, texts.gettext("Other rules")),
        tuple(
            (
                texts.day(point.day),
                texts.share(point.ready),
                *([_worth_share(point.ready, texts)] if has_worth else []),
                texts.gettext("yes") if point.rules_changed else "",
            )
            for point in reversed(points)
        ),
    )
