"""When a source last heard of each place where stock lies, as the ledger keeps it: what falls silent is stale."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from koppel import ledger_schema as schema
from koppel.ledger import Ledger
from koppel.ledger_bulk import upsert


@dataclass(frozen=True, slots=True)
class LocationRow:
    """One location of a source. Times are aware UTC; ``since``: since when it is stale, or fresh."""

    location: str
    heard_at: datetime
    is_stale: bool
    since: datetime


def known(ledger: Ledger, source: str) -> dict[str, LocationRow]:
    """What the ledger knows of the locations of a source, by their code."""
    table = schema.location
    columns = (table.c.location, table.c.heard_at, table.c.is_stale, table.c.since)
    with ledger.transaction() as connection:
        rows = connection.execute(select(*columns).where(table.c.source == source))
        return {row.location: LocationRow(*row) for row in rows}


def note(ledger: Ledger, source: str, run_id: str, rows: Iterable[LocationRow]) -> None:
    """Write down what a run learned of these locations; ``heard_at`` never goes back."""
    before = known(ledger, source)
    values = [{"source": source, "run_id": run_id, **asdict(_later(row, before.get(row.location)))} for row in rows]
    with ledger.transaction() as connection:
        upsert(connection, schema.location, values, ("heard_at", "is_stale", "run_id", "since"))


def _later(row: LocationRow, before: LocationRow | None) -> LocationRow:
    if before is None:
        return row
    since = before.since if before.is_stale == row.is_stale else row.since
    return LocationRow(row.location, max(row.heard_at, before.heard_at), row.is_stale, since)
