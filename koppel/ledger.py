"""The ledger: what every target holds of every record, since when, by which run, and why."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from psycopg.errors import LockNotAvailable
from sqlalchemy import ColumnElement, Connection, Text, TextClause, any_, insert, select, text, update
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import OperationalError

from koppel import ledger_schema as schema
from koppel.decisions import decisions_kept, keep_decided
from koppel.entities import CATALOGUE, ENTITIES
from koppel.errors import ConfigError, TargetBusy
from koppel.ledger_bulk import append, literal, stage_keys, upsert, without_nul
from koppel.ledger_judgements import replace_judgements, without_newer
from koppel.ledger_states import GONE, LedgerStates

if TYPE_CHECKING:
    import polars as pl

DELIVERY_COLUMNS = (
    "state", "reason", "fingerprint", "source_version", "remote_id", "record", "modified_at", "run_id", "since",
)  # fmt: skip
"""What a receipt changes."""

VERDICT_COLUMNS = ("state", "reason", "source_version", "run_id", "since")
"""What a verdict changes; what the target holds stays written as it is."""

_SINCE = {"since": ("state", "reason"), "run_id": ("state", "reason")}

_FEW = 2_000
"""Keys that travel as one parameter."""

UNSURE = "?"
"""The fingerprint of a record that stood in the target when a change of it was interrupted or refused: it equals no other."""


@dataclass(slots=True)
class Outcome:
    """What came of an attempt, as rows: receipts, deliveries that stand, deliveries that failed (unsure: of records that stood
    there before, whose fingerprint is not known any more), changes still open."""

    receipts: list[dict[str, Any]] = field(default_factory=list)
    stands: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    unsure: list[dict[str, Any]] = field(default_factory=list)
    open: list[dict[str, Any]] = field(default_factory=list)


def now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


class Ledger(LedgerStates):
    """What stands where. All times are aware UTC; keys are those of ``koppel.entities.record_key``."""

    @classmethod
    def from_environment(cls) -> "Ledger":
        """The ledger at $KOPPEL_LEDGER_URL."""
        url = os.environ.get("KOPPEL_LEDGER_URL")
        if not url:
            raise ConfigError(
                "There is no ledger: KOPPEL_LEDGER_URL is not set.",
                do="Set it to a PostgreSQL address such as postgresql://koppel:secret@db.internal/koppel, then run koppel doctor.",
            )
        return _shared(url)

    # --- runs ---------------------------------------------------------------------------------------------------------

    def begin_run(self, **values: Any) -> None:
        """Write the run's row: run_id, flow, source, target, read_window, is_dry_run, asked_by."""
        with self.transaction() as connection:
            connection.execute(insert(schema.run).values(status="running", started_at=now(), **values))

    def run(self, run_id: str) -> dict[str, Any]:
        """One run, as written."""
        with self.transaction() as connection:
            row = connection.execute(select(schema.run).where(schema.run.c.run_id == run_id)).mappings().one_or_none()
        if row is None:
            raise ConfigError(f"The ledger knows no run {run_id!r}.", do="koppel runs lists the latest ones.")
        return dict(row)

    def runs(self, most: int = 20) -> list[dict[str, Any]]:
        """The latest runs, newest first."""
        query = select(schema.run).order_by(schema.run.c.started_at.desc()).limit(most)
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def end_run(self, run_id: str, status: str, *, counts: Any = None, error: str | None = None) -> None:
        """Close a run, or mark it as waiting for a person."""
        values: dict[str, Any] = {"status": status, "ended_at": now(), "error": error}
        if counts is not None:
            values["counts"] = counts
        with self.transaction() as connection:
            connection.execute(update(schema.run).where(schema.run.c.run_id == run_id).values(**values))

    def count_run(self, run_id: str, counts: Any) -> None:
        """Write what a run that goes on has done so far."""
        with self.transaction() as connection:
            connection.execute(update(schema.run).where(schema.run.c.run_id == run_id).values(counts=counts))

    def approve(self, plan_id: str, who: str, decision: str) -> None:
        """Write down who decided what on a plan."""
        row = {"plan_id": plan_id, "who": who, "at": now(), "decision": decision}
        with self.transaction() as connection:
            upsert(connection, schema.approval, [row], ("who", "at", "decision"))

    # --- what stands in the target ------------------------------------------------------------------------------------

    def source_versions(self, target: str, entity: str) -> pa.Table:
        """Of all records not withdrawn ``source_version`` (int64; null: look again), ``held`` (bool), ``key`` (where null)."""
        return self._arrow.read(
            "select source_version, state = 'held back' as held, "  # noqa: S608
            "case when source_version is null then key end as key from delivery "
            f"where target = {literal(target)} and entity = {literal(entity)} "
            "and (source_version is null and state <> 'withdrawn' or state in ('delivered', 'held back'))",
        )

    def keys(self, target: str, entity: str, *, versions: list[int] | None, keys: list[str]) -> "pl.DataFrame":
        """``key`` and ``source_version`` (null: look again) of records that are not withdrawn.

        Only those with one of these versions or with one of these keys; ``versions`` None: all of them.
        """
        import polars as pl

        schema_ = {"key": pl.String, "source_version": pl.Int64}
        if versions is None:
            query = (
                "select key, source_version from delivery "  # noqa: S608
                f"where target = {literal(target)} and entity = {literal(entity)} and state <> 'withdrawn'"
            )
            return pl.DataFrame(pl.from_arrow(self._arrow.read(query)), schema=schema_)
        rows: set[tuple[Any, ...]] = set()
        # One after the other: keys are found by the index, versions only by reading the whole table.
        for column, wanted in (("key", keys), ("source_version", versions)):
            query = (
                "select key, source_version from delivery where target = :t and entity = :e "  # noqa: S608
                f"and state <> 'withdrawn' and {column} = any(:wanted)"
            )
            with self.transaction() as connection:
                found = connection.execute(text(query), {"t": target, "e": entity, "wanted": wanted}) if wanted else ()
                rows.update(tuple(row) for row in found)
        return pl.DataFrame(list(rows), schema=schema_, orient="row")

    def versions_of(self, target: str, entity: str, keys: Sequence[str]) -> dict[str, tuple[int | None, bool]]:
        """Of these keys, as far as known and not withdrawn: ``source_version`` (None: look again) and whether held back.

        A record that failed has no version that could be found unchanged.
        """
        table = schema.delivery
        where = (
            table.c.target == target,
            table.c.entity == entity,
            table.c.key == any_(value(list(keys), ARRAY(Text))),
        )
        columns = (table.c.key, table.c.source_version, table.c.state)
        with self.transaction() as connection:
            rows = connection.execute(select(*columns).where(*where, table.c.state != "withdrawn"))
            return {
                row.key: (None if row.state == "failed" else row.source_version, row.state == "held back")
                for row in rows
            }

    def standing(
        self, target: str, entity: str, keys: Iterable[str], *, with_record: bool = False
    ) -> dict[str, dict[str, Any]]:
        """The delivery rows of these keys, by key; a key that the ledger does not know is absent."""
        keys = list(keys)
        if not keys:
            return {}
        columns = [column for column in schema.delivery.columns if with_record or column.name != "record"]
        where = (schema.delivery.c.target == target, schema.delivery.c.entity == entity)
        with self.transaction() as connection:
            query = select(*columns).where(*where, self._is_among(connection, keys))
            names = [column.name for column in columns]
            rows = (dict(zip(names, row, strict=True)) for row in connection.execute(query))
            return {row["key"]: row for row in rows}

    def _is_among(self, connection: Connection, keys: list[str]) -> ColumnElement[bool] | TextClause:
        """A few keys are found by the index, whatever PostgreSQL thinks of a table that has just grown; many by a join."""
        if len(keys) <= _FEW:
            return schema.delivery.c.key == any_(value([without_nul(key) for key in keys], ARRAY(Text)))
        stage_keys(connection, keys)
        return text("delivery.key in (select key from wanted)")

    def record(
        self,
        rows: Sequence[dict[str, Any]],
        columns: Sequence[str] = DELIVERY_COLUMNS,
        *,
        as_of: datetime | None = None,
        seen: int = 0,
    ) -> None:
        """Write delivery rows: each has target, entity, key and ``columns``; other columns keep what they hold.

        A verdict that says what stood there already keeps its ``since`` and its run. What was written after ``as_of`` stays.
        ``seen``: the latest journal entry that whoever judged the rows knew of; see ``koppel.decisions``.
        """
        kept = {} if columns is DELIVERY_COLUMNS else _SINCE
        with self.transaction() as connection, decisions_kept(connection, rows, seen):
            upsert(connection, schema.delivery, rows, columns, kept=kept, as_of=as_of)

    def doubt(self, target: str, entity: str, keys: Sequence[str]) -> int:
        """What stands of these records in the target is not what was delivered, or may not be: they are looked at and sent again.

        Returns how many of them the ledger had as standing there.
        """
        table = schema.delivery
        where = (
            table.c.target == target,
            table.c.entity == entity,
            table.c.key == any_(value(list(keys), ARRAY(Text))),
        )
        stands = (table.c.fingerprint.is_not(None), table.c.fingerprint != GONE)
        with self.transaction() as connection:
            done = connection.execute(
                update(table).where(*where, *stands).values(fingerprint=UNSURE, source_version=None)
            )
            return int(done.rowcount)

    # --- attempts and receipts ----------------------------------------------------------------------------------------

    def intend(self, row: dict[str, Any]) -> None:
        """Write an attempt before its first request. Until it is settled, every run looks at its records again: one that is
        interrupted may leave half a change there, also where the source takes the change back.
        """
        table, keys = schema.delivery, [change["key"] for change in row["batch"]]
        where = (
            table.c.target == row["target"],
            table.c.entity == row["entity"],
            table.c.key == any_(value(keys, ARRAY(Text))),
        )
        with self.transaction() as connection:
            keep_decided(connection, row["target"])
            append(connection, schema.attempt, [{"intent_at": now(), **row}], [*row, "intent_at"])
            connection.execute(update(table).where(*where).values(source_version=None))

    def remember(self, idempotency_key: str, reference: str) -> None:
        """Store what the target calls the batch."""
        table = schema.attempt
        with self.transaction() as connection:
            connection.execute(
                update(table).where(table.c.idempotency_key == idempotency_key).values(reference=reference)
            )

    def open_attempts(self, target: str, lane: str | None = None) -> list[dict[str, Any]]:
        """The attempts whose outcome nobody knows, oldest first; those of one lane, where one is named."""
        table = schema.attempt
        query = select(table).where(table.c.target == target, table.c.outcome.is_(None)).order_by(table.c.intent_at)
        if lane is not None:
            query = query.where(table.c.entity.in_([name for name, one in ENTITIES.items() if one.lane == lane]))
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def settle(self, idempotency_key: str, outcome: "Outcome", seen: int = 0) -> None:
        """In one transaction: the receipts, what now stands in the target, and the end of the attempt.

        While the outcome of some changes is not known, the attempt stays open for them. ``seen``: as in ``record``.
        """
        ended: dict[str, Any] = {"batch": outcome.open} if outcome.open else {"batch": None, "outcome": "known"}
        table = schema.attempt
        columns = [column.name for column in schema.receipt.columns if column.name != "receipt_id"]
        with self.transaction() as connection, decisions_kept(connection, outcome.stands, seen):
            append(connection, schema.receipt, outcome.receipts, columns)
            upsert(connection, schema.delivery, outcome.stands, DELIVERY_COLUMNS)
            upsert(connection, schema.delivery, outcome.failed, VERDICT_COLUMNS, kept=_SINCE)
            unsure = (*VERDICT_COLUMNS, "fingerprint", "remote_id")
            upsert(connection, schema.delivery, outcome.unsure, unsure, kept=_SINCE)
            connection.execute(update(table).where(table.c.idempotency_key == idempotency_key).values(**ended))

    @contextmanager
    def only_writer(self, target: str, lane: str = CATALOGUE, seconds: float = 0) -> Iterator[None]:
        """Hold a lane of the target for this process: two writers would put two operations on one record in flight.

        Waits for another writer at most so many seconds, then raises TargetBusy.
        """
        name = {"name": f"koppel:{target}" if lane == CATALOGUE else f"koppel:{target}:{lane}"}
        with self.in_words(), self.engine.connect() as connection:
            if not _locked(connection, name, seconds):
                raise TargetBusy(
                    f"Another run is writing to {target!r} at this moment.",
                    kept="Nothing was sent by this run.",
                    do="Wait until it has ended (koppel runs shows it), then run again.",
                )
            try:
                yield
            finally:
                connection.execute(text("select pg_advisory_unlock(hashtext(:name))"), name)

    # --- findings and cursors -----------------------------------------------------------------------------------------

    def replace_findings(
        self,
        target: str,
        entity: str,
        keys: Iterable[str],
        findings: Sequence[dict[str, Any]],
        judgements: "tuple[pa.Table, str, datetime] | None" = None,
        *,
        as_of: datetime | None = None,
    ) -> None:
        """The findings of the judged ``keys`` are now these; one that was there before keeps its ``since``.

        ``judgements``: their rows (``koppel.judgements.JUDGEMENTS``), the run and the moment, for what keeps judgements; of
        that, what another run judged after ``as_of`` stays.
        """
        columns = ("severity", "value", "reason", "run_id", "since")
        with self.transaction() as connection:
            stage_keys(connection, keys)
            if judgements is not None and as_of is not None:
                findings, judgements = without_newer(connection, target, entity, findings, judgements, as_of)
            old = connection.execute(
                text("delete from finding where target = :t and entity = :e and key in (select key from wanted) "
                     "returning key, language, rule, since"),
                {"t": target, "e": entity},
            )  # fmt: skip
            since = {(row.key, row.language, row.rule): row.since for row in old}
            rows = [
                {**row, "since": since.get((row["key"], row["language"], row["rule"]), row["since"])}
                for row in findings
            ]
            upsert(connection, schema.finding, rows, columns)
            if judgements is not None:
                replace_judgements(connection, target, entity, *judgements)

    def cursor(self, source: str, target: str, entity: str) -> datetime | None:
        """How far the source was read for this target, or None."""
        table = schema.cursor
        where = (table.c.source == source, table.c.target == target, table.c.entity == entity)
        with self.transaction() as connection:
            return connection.execute(select(table.c.value).where(*where)).scalar()

    def move_cursor(self, source: str, target: str, entity: str, value: datetime, run_id: str) -> None:
        """Move the cursor, forward only."""
        row = {"source": source, "target": target, "entity": entity, "value": value, "run_id": run_id}
        with self.transaction() as connection:
            known = connection.execute(
                select(schema.cursor.c.value).where(
                    schema.cursor.c.source == source,
                    schema.cursor.c.target == target,
                    schema.cursor.c.entity == entity,
                )
            ).scalar()
            if known is None or value > known:
                upsert(connection, schema.cursor, [row], ("value", "run_id"))

    def rows(self, build: Callable[[Any], Any]) -> list[dict[str, Any]]:
        """The rows of a query over the schema, for the pages that tell what happened."""
        with self.transaction() as connection:
            return [dict(row) for row in connection.execute(build(schema)).mappings()]


@cache
def _shared(url: str) -> Ledger:
    """One ledger per process and address, so that its connections are opened once."""
    return Ledger(url)


def _locked(connection: Connection, name: dict[str, str], seconds: float) -> bool:
    if not seconds:
        return bool(connection.execute(text("select pg_try_advisory_lock(hashtext(:name))"), name).scalar())
    try:
        connection.execute(text(f"set local lock_timeout = {int(seconds * 1000)}"))
        connection.execute(text("select pg_advisory_lock(hashtext(:name))"), name)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            return False
        raise
    return True
