"""How long changed stock figures were on their way to the shop: a few numbers per place and ten minutes, from the receipts.

The way of a figure begins when the source changed it (``receipt.source_at``) and ends when the target took it (``receipt.at``).
A record's first delivery does not count: how old it was before Koppel knew of it says nothing of the way.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

BUCKET = timedelta(minutes=10)
BUCKETS = 144
"""A day of them."""
GOAL = 3.0
"""Seconds within which 95 of 100 changes are meant to be in the shop."""
ELSEWHERE = ""
"""Stands for every place that nobody asked for by its code."""

Counts = Counter[int]
"""How many changes took so many tenths of a second."""

# Rounded to tenths of a second and counted: every percentile is exact to what is shown, that of several places together as
# well, and a million receipts come as some thousand rows. (percentile_cont would have to sort them all: twice as slow.)
_COUNTED = text("""
select case when place = any(:codes) then place else '' end as place, bucket,
    round(extract(epoch from lag) * 10)::bigint as tenths, sum(changes)::bigint as changes
from (
    select split_part(key, ':', 1) as place, date_bin('10 minutes', at, :day) as bucket,
        date_bin('0.1 second', at, source_at - interval '0.05 second') - (source_at - interval '0.05 second') as lag,
        count(*) as changes
    from receipt
    where at >= :since and at <= :now and target = :target and entity = :entity
        and outcome = 'delivered' and kind <> 'create' and source_at is not null
    group by 1, 2, 3
) as counted group by 1, 2, 3
""")


@dataclass(frozen=True, slots=True)
class Lag:
    """How long changes took: ``count`` of them, and within how many seconds half, and 95 of 100, had arrived (None: no change).

    A number below 0 means that the source's clock is ahead of the clock of Koppel's machine.
    """

    count: int = 0
    median: float | None = None
    p95: float | None = None

    @classmethod
    def of(cls, counts: Mapping[int, int]) -> "Lag":
        """From how many changes took so many tenths of a second."""
        total = sum(counts.values())
        if not total:
            return cls()
        ordered = sorted(counts.items())
        return cls(total, _percentile(ordered, total, 50), _percentile(ordered, total, 95))


@dataclass(frozen=True, slots=True)
class Bucket:
    """The changes that arrived in the ten minutes that began ``at`` a time (UTC)."""

    at: datetime
    lag: Lag


@dataclass(frozen=True, slots=True)
class Lags:
    """Of one place, or of all: the last ten minutes, the last day, and the day in buckets (the last one is not over yet)."""

    now: Lag = Lag()
    day: Lag = Lag()
    buckets: tuple[Bucket, ...] = ()

    @property
    def slowest(self) -> Bucket | None:
        """The ten minutes with the greatest p95; None where nothing came."""
        return max((one for one in self.buckets if one.lag.count), key=lambda one: one.lag.p95 or 0.0, default=None)


@dataclass(slots=True)
class _Counted:
    """What was counted of one place."""

    now: Counts = field(default_factory=Counter)
    buckets: defaultdict[datetime, Counts] = field(default_factory=lambda: defaultdict(Counter))

    def lags(self, first: datetime) -> Lags:
        starts = [first + number * BUCKET for number in range(BUCKETS)]
        day = sum((self.buckets[at] for at in starts), Counts())
        return Lags(Lag.of(self.now), Lag.of(day), tuple(Bucket(at, Lag.of(self.buckets[at])) for at in starts))


def first_bucket(now: datetime) -> datetime:
    """When the first of a day's buckets begins; the last one is the bucket of ``now``."""
    seconds = int(BUCKET.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, now.tzinfo) - (BUCKETS - 1) * BUCKET


def read_lags(
    connection: Connection, target: str, entity: str, codes: Iterable[str], now: datetime
) -> tuple[Lags, dict[str, Lags]]:
    """The lags of all places together, and of each of these codes and ELSEWHERE. ``now`` is aware, in UTC."""
    known, first = list(codes), first_bucket(now)
    everywhere, places = _Counted(), {code: _Counted() for code in [*known, ELSEWHERE]}
    values = {"target": target, "entity": entity, "codes": known, "day": first, "now": now}
    for place, bucket, tenths, changes in connection.execute(_COUNTED, {**values, "since": first}).tuples():
        places[place].buckets[bucket][tenths] += changes
        everywhere.buckets[bucket][tenths] += changes
    for place, _, tenths, changes in connection.execute(_COUNTED, {**values, "since": now - BUCKET}).tuples():
        places[place].now[tenths] += changes
        everywhere.now[tenths] += changes
    return everywhere.lags(first), {code: counted.lags(first) for code, counted in places.items()}


def _percentile(ordered: list[tuple[int, int]], total: int, percent: int) -> float:
    """The nearest rank: the smallest lag within which so many of 100 changes arrived, in seconds."""
    left = -(-total * percent // 100)
    for tenths, count in ordered:
        left -= count
        if left <= 0:
            return tenths / 10
    raise AssertionError("the counts add up to their total")
