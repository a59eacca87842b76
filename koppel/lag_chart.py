"""Where the lines, labels and ticks of a day's lags stand, for the template that draws them as SVG; no script is needed.

The drawing is 1,440 wide (minutes) and 1,000 high, and is stretched to the room there is; labels stand beside it, in percent.
The scale is logarithmic: a second and an hour are both readable on it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log10

from koppel.stock_lag import BUCKETS, GOAL, Bucket, Lag

WIDTH, HEIGHT = 1440, 1000
_LABEL_ROOM = 8.0
"""Percent of the height that one line of text takes."""
_TICKS = (
    (0.1, "0.1 s"), (1.0, "1 s"), (10.0, "10 s"), (60.0, "1 min"), (600.0, "10 min"), (3600.0, "1 h"), (86400.0, "1 day"),
    (864000.0, "10 days"), (8640000.0, "100 days"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tick:
    """A label beside the drawing, so many percent from its left or upper edge."""

    percent: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chart: its path, and where and how its label stands; no path where nothing came."""

    path: str
    label: str
    percent: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that the template draws."""

    seconds: tuple[Tick, ...]
    hours: tuple[Tick, ...]
    goal: float
    """Percent from the upper edge."""
    median: Line
    p95: Line
    points: tuple[tuple[float, Bucket], ...]
    """Buckets with a change, and so many minutes from the left edge each."""

    @classmethod
    def of(cls, buckets: Sequence[Bucket], said: Callable[[float], str]) -> "Chart":
        """The chart of a day; ``said`` puts seconds into words."""
        scale = Scale.of(buckets)
        shown = [(index, bucket) for index, bucket in enumerate(buckets) if bucket.lag.count]
        last = shown[-1][1].lag if shown else Lag()
        lower = scale.percent(last.median or 0.0)
        upper = min(scale.percent(last.p95 or 0.0), lower - _LABEL_ROOM)
        return cls(
            tuple(Tick(scale.percent(value), label) for value, label in _TICKS if value <= scale.top),
            tuple(_hours(buckets)),
            scale.percent(GOAL),
            Line(scale.path(buckets, _median), f"half: {said(last.median or 0.0)}", lower),
            Line(scale.path(buckets, _p95), f"95 of 100: {said(last.p95 or 0.0)}", upper),
            tuple((_minute(index), bucket) for index, bucket in shown),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """From 0.1 second up to ``top`` seconds."""

    top: float

    @classmethod
    def of(cls, buckets: Iterable[Bucket]) -> "Scale":
        """High enough for the slowest of these, and for 10 seconds at least."""
        most = max((bucket.lag.p95 or 0.0 for bucket in buckets), default=0.0)
        ticks = [value for value, _ in _TICKS if value >= 10]
        return cls(next((value for value in ticks if value >= most), ticks[-1]))

    def percent(self, seconds: float) -> float:
        """How far below the upper edge; what is beyond the scale stands on its edge."""
        low = _TICKS[0][0]
        inside = min(max(seconds, low), self.top)
        return round(100 - 100 * log10(inside / low) / log10(self.top / low), 2)

    def path(self, buckets: Sequence[Bucket], value: Callable[[Lag], float | None]) -> str:
        """An SVG path through these; it is broken where nothing came, and a bucket that stands alone is a dot."""
        runs = groupby(enumerate(buckets), key=lambda item: item[1].lag.count > 0)
        return " ".join(
            self._stretch([(index, value(one.lag) or 0.0) for index, one in run]) for has, run in runs if has
        )

    def _stretch(self, values: list[tuple[int, float]]) -> str:
        points = [f"{_minute(index):g} {self.percent(seconds) * HEIGHT / 100:g}" for index, seconds in values]
        return f"M{points[0]} " + (f"L{' L'.join(points[1:])}" if len(points) > 1 else "h0")


def spark(buckets: Sequence[Bucket]) -> str:
    """The path of one place's p95 over the day, for a small drawing."""
    return Scale.of(buckets).path(buckets, _p95)


def _hours(buckets: Sequence[Bucket]) -> Iterator[Tick]:
    """Every sixth hour; not where its label would stand on that of the right edge."""
    for index, bucket in enumerate(buckets):
        if bucket.at.hour % 6 == 0 and bucket.at.minute == 0 and index < 0.85 * BUCKETS:
            yield Tick(round(index / BUCKETS * 100, 2), f"{bucket.at:%H:%M}")


def _minute(index: int) -> float:
    """The middle of a bucket."""
    return (index + 0.5) * WIDTH / BUCKETS


def _median(lag: Lag) -> float | None:
    return lag.median


def _p95(lag: Lag) -> float | None:
    return lag.p95
