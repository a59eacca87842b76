"""How the stock stands, per location and as a whole, as one object: read from the ledger, shown by a page and told as JSON."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, text

from koppel.entities import STOCK_LEVEL
from koppel.errors import ConfigError
from koppel.ledger import Ledger
from koppel.ledger import now as time_now
from koppel.settings import FlowSettings, Settings
from koppel.stock_lag import ELSEWHERE, Lags, read_lags
from koppel.stock_settings import Location, StockSettings, WhenSilent

Hearing = Literal["fresh", "stale", "unheard"]
"""Whether a location was heard of within its own time limit, or not, or never."""

MOST_TROUBLES = 50
MOST_REASONS = 3
_MOST_LOCATIONS = 500
_COUNTS = ("read", "unchanged", "delivered", "held_back", "failed", "withdrawn")
"""What a run counts, in the order in which people read it."""
_READ_ONLY = (
    "set transaction isolation level repeatable read, read only",  # so that all figures are of one moment
    "set local statement_timeout = '20s'",
    "set local max_parallel_workers_per_gather = 0",  # a page leaves the other cores to the stock itself
    "set local jit = off",
)

_LOCATIONS = text("""
select location, max(heard_at) as heard_at, bool_and(is_stale) as is_stale, max(since) as since
from location group by location order by location limit :most
""")
_RECORDS = text("""
select case when place = any(:codes) then place else '' end as place, sum(records)::bigint as records from (
    select split_part(key, ':', 1) as place, count(*) as records
    from delivery where target = :target and entity = :entity group by 1
) as counted group by 1
""")
# All but what is delivered is few, and found by an index of its own. Reasons that differ in numbers, or in the product that is
# waited for, are the same reason.
_NOT_DELIVERED = text("""
select case when place = any(:codes) then place else '' end as place, state, reason, sum(records)::bigint as records,
    sum(absent)::bigint as absent
from (
    select split_part(key, ':', 1) as place, state,
        regexp_replace(
            regexp_replace(reason, '^It waits for its product .+?, ', 'It waits for its product, '),
            '[1-9][0-9]*([.,][0-9]+)*', '…', 'g'
        ) as reason,
        count(*) as records,
        count(*) filter (where state = 'withdrawn' or fingerprint is null or fingerprint = '-') as absent
    from delivery where target = :target and entity = :entity and state <> 'delivered' group by 1, 2, 3
) as counted group by 1, 2, 3
""")
_TROUBLES = text("""
select key, state, reason, since from delivery
where target = :target and entity = :entity and state <> 'delivered' and state in ('held back', 'failed')
order by since, key limit :most
""")
_WAITING = text("""
select case when place = any(:codes) then place else '' end as place, count(*) as records from (
    select split_part(change ->> 'key', ':', 1) as place
    from attempt, jsonb_array_elements(case jsonb_typeof(batch) when 'array' then batch else '[]' end) as change
    where outcome is null and target = :target and entity = :entity
) as waiting group by 1
""")
_NEWEST_RUN = text("""
select run_id, status, asked_by, started_at, ended_at, read_window, counts, error from run
where flow = :flow and not is_dry_run order by started_at desc limit 1
""")


@dataclass(frozen=True, slots=True)
class Counted:
    """How many records of one place: standing in the shop, held back, failed, and waiting (sent, and nobody knows yet whether
    they arrived). One that is held back may stand in the shop as well, as it was before."""

    standing: int = 0
    held_back: int = 0
    failed: int = 0
    waiting: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    """The commonest reasons for being held back, with … for each number, and how many records each holds."""


@dataclass(frozen=True, slots=True)
class Place:
    """One location. Times are aware UTC; ``since``: since when it is stale, or fresh."""

    code: str
    name: str
    is_configured: bool
    hearing: Hearing
    heard_at: datetime | None
    since: datetime | None
    silent_after: timedelta
    when_silent: WhenSilent
    counted: Counted
    lags: Lags


@dataclass(frozen=True, slots=True)
class Trouble:
    """One record that is held back or failed, since when, and why."""

    key: str
    state: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class NewestRun:
    """The run of the flow that began last; ``reads_all``: everything, not only what changed."""

    run_id: str
    status: str
    asked_by: str
    started_at: datetime
    ended_at: datetime | None
    reads_all: bool
    counts: dict[str, int]
    error: str


@dataclass(frozen=True, slots=True)
class StockStatus:
    """All that the page shows, as it was ``at`` one moment (UTC)."""

    at: datetime
    flow: str
    target: str
    run: NewestRun | None
    lags: Lags
    places: tuple[Place, ...]
    troubles: tuple[Trouble, ...]
    """The first held back or failed records, those that wait longest first."""
    total: Counted = field(default_factory=Counted)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever read."""
        return self.run is None and not self.total.standing and not self.troubles

    def as_json(self) -> dict[str, Any]:
        """The whole as plain values: times in ISO 8601, durations in seconds."""
        return {"is_empty": self.is_empty, **_plain(asdict(self))}


def stock_flow(settings: Settings) -> FlowSettings:
    """The flow that brings stock levels to a target; the first one, where there are several."""
    for name, section in settings.values.get("flows", {}).items():
        if STOCK_LEVEL.name in section.get("entities", ()):
            return settings.flow(name)
    raise ConfigError(
        f"No flow in {settings.root / 'koppel.toml'} brings stock levels anywhere.",
        do=f'Add a flow with entities = ["{STOCK_LEVEL.name}"]; docs/stock.md shows one.',
    )


def read_status(ledger: Ledger, settings: Settings, at: datetime | None = None) -> StockStatus:
    """Read everything, of one moment. Raises LedgerDown or ConfigError; a ledger that was not migrated is an SQLAlchemy error."""
    flow, configured, at = stock_flow(settings), StockSettings.load(settings.root).locations, at or time_now()
    with ledger.transaction() as connection:
        for statement in _READ_ONLY:
            connection.execute(text(statement))
        heard = {row.location: row._mapping for row in connection.execute(_LOCATIONS, {"most": _MOST_LOCATIONS})}
        codes = [*configured, *(code for code in heard if code not in configured)]
        values = {"target": flow.target, "entity": STOCK_LEVEL.name, "codes": codes}
        counted = _counted(connection, values)
        everywhere, lags = read_lags(connection, flow.target, STOCK_LEVEL.name, codes, at)
        troubles = [Trouble(*row) for row in connection.execute(_TROUBLES, {**values, "most": MOST_TROUBLES})]
        run = connection.execute(_NEWEST_RUN, {"flow": flow.name}).one_or_none()
    places = [_place(code, configured.get(code), heard.get(code), counted[code], lags[code], at) for code in codes]
    if counted[ELSEWHERE] != Counted():
        places.append(_place(ELSEWHERE, None, None, counted[ELSEWHERE], lags[ELSEWHERE], at))
    return StockStatus(
        at, flow.name, flow.target, _run(run._mapping) if run else None, everywhere, tuple(places), tuple(troubles),
        _total(counted.values()),
    )  # fmt: skip


def _counted(connection: Connection, values: Mapping[str, Any]) -> defaultdict[str, Counted]:
    """Per place; one of which nothing is known has nothing."""
    records, absent = Counter[str](), Counter[str]()
    states: defaultdict[str, Counter[str]] = defaultdict(Counter)
    reasons: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in connection.execute(_RECORDS, values):
        records[row.place] += row.records
    for row in connection.execute(_NOT_DELIVERED, values):
        states[row.place][row.state] += row.records
        absent[row.place] += row.absent
        if row.state == "held back":
            reasons[row.place][row.reason] += row.records
    for row in connection.execute(_WAITING, values):
        states[row.place]["waiting"] += row.records
    return defaultdict(
        Counted,
        {
            place: Counted(
                records[place] - absent[place], states[place]["held back"], states[place]["failed"],
                states[place]["waiting"], tuple(reasons[place].most_common(MOST_REASONS)),
            )
            for place in {*records, *states}
        },
    )  # fmt: skip


def _total(counted: Iterable[Counted]) -> Counted:
    whole = list(counted)
    reasons = Counter[str]()
    for one in whole:
        reasons.update(dict(one.reasons))
    return Counted(
        sum(one.standing for one in whole), sum(one.held_back for one in whole), sum(one.failed for one in whole),
        sum(one.waiting for one in whole), tuple(reasons.most_common(MOST_REASONS)),
    )  # fmt: skip


def _place(
    code: str, configured: Location | None, heard: RowMapping | None, counted: Counted, lags: Lags, at: datetime
) -> Place:
    known = configured or Location(code, code, "")
    hearing, since = _hearing(heard, known.silent_after, at)
    heard_at = heard["heard_at"] if heard else None
    return Place(
        code, known.name, configured is not None, hearing, heard_at, since, known.silent_after, known.when_silent,
        counted, lags,
    )  # fmt: skip


def _hearing(heard: RowMapping | None, limit: timedelta, at: datetime) -> tuple[Hearing, datetime | None]:
    """A location may have fallen silent after the last run looked: then nobody has written that down yet."""
    if heard is None:
        return "unheard", None
    if heard["is_stale"]:
        return "stale", heard["since"]
    if at - heard["heard_at"] > limit:
        return "stale", heard["heard_at"] + limit
    return "fresh", heard["since"]


def _run(row: RowMapping) -> NewestRun:
    counts = (row["counts"] or {}).get(STOCK_LEVEL.name) or {}
    numbers = {name: counts[name] for name in _COUNTS if isinstance(counts.get(name), int)}
    return NewestRun(
        row["run_id"], row["status"], row["asked_by"], row["started_at"], row["ended_at"], not row["read_window"],
        numbers, row["error"] or "",
    )  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
