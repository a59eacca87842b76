"""How decisions by hand change in the ledger: alone, journalled, and so that no run that writes at that moment loses one."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, Text, any_, insert, select, text, update
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import ARRAY

from koppel import ledger_quality as schema
from koppel.ledger_bulk import without_nul
from koppel.ledger_schema import delivery

if TYPE_CHECKING:
    from koppel.ledger_database import LedgerDatabase

ACCEPTED, REPLACED, RETIRED, EXPIRED = "override accepted", "override replaced", "override retired", "override expired"
WAIVED, WAIVER_REPLACED, WAIVER_EXPIRED = "waiver accepted", "waiver replaced", "waiver expired"
SOURCE_CHANGED = "source changed"
"""The source says something else than when the correction was made; the correction stands, and a person may look at it."""

_DECISIONS = (ACCEPTED, REPLACED, RETIRED, EXPIRED, WAIVED, WAIVER_REPLACED, WAIVER_EXPIRED, SOURCE_CHANGED)
_JUDGED_ANEW = (ACCEPTED, EXPIRED, WAIVED, WAIVER_EXPIRED)
"""After these a record is no longer what a run took it for that began before."""
_TOLD = ("override_id", "waiver_id", "field", "rule", "value", "replaced", "reason", "until", "author", "sheet_id")


@contextmanager
def deciding(ledger: "LedgerDatabase", target: str, *, dry_run: bool = False) -> Iterator[Connection]:
    """One transaction that changes decisions about a target, alone: runs that write down records wait for it, and it for them."""
    with ledger.transaction() as connection:
        _lock(connection, target)
        yield connection
        if dry_run:
            connection.rollback()


def keep_decided(connection: Connection, target: str) -> None:
    """Until the end of this transaction nobody changes decisions about a target; any number of runs may hold this at once."""
    _lock(connection, target, "_shared")


def _lock(connection: Connection, target: str, kind: str = "") -> None:
    name = {"name": f"koppel:corrections:{target}"}
    connection.execute(text(f"select pg_advisory_xact_lock{kind}(hashtext(:name))"), name)


def note(connection: Connection, what: str, row: dict[str, Any], who: str, now: datetime, **more: Any) -> None:
    """Write down what happened to a correction or a waiver (``row``, as in its table)."""
    told = {name: row[name] for name in _TOLD if name in row} | more
    detail = {name: one.isoformat() if isinstance(one, date) else one for name, one in told.items()}
    place = {name: row[name] for name in ("target", "entity", "key")}
    connection.execute(insert(schema.journal).values(without_nul({**place, "who": who, "what": what, "detail": detail})
                                                     | {"at": now}))  # fmt: skip


def end(connection: Connection, table: Table, row: dict[str, Any], what: str, who: str, now: datetime) -> bool:
    """End a decision that is active, and journal that as ``what`` (``override retired``...); False: it had ended already."""
    number = next(iter(table.primary_key))
    where = (number == row[number.name], table.c.state == "active")
    done = connection.execute(update(table).where(*where).values(state=what.rsplit(maxsplit=1)[-1], ended_at=now))
    if done.rowcount:
        note(connection, what, row, who, now)
    return bool(done.rowcount)


def look_again(connection: Connection, target: str, entity: str, keys: Iterable[str]) -> None:
    """The next run looks at these records again, changed in the source or not."""
    table = delivery
    where = (table.c.target == target, table.c.entity == entity, table.c.key == any_(value(list(keys), ARRAY(Text))))
    connection.execute(update(table).where(*where, table.c.state != "withdrawn").values(source_version=None))


def newest(connection: Connection, target: str) -> int:
    """The number of the latest decision about a target: what came later, whoever reads decisions now does not know of.

    Only entries that are written alone (``deciding``) come in the order of their numbers, so no others count.
    """
    table = schema.journal
    where = (table.c.target == target, table.c.what.in_(_DECISIONS))
    latest = select(table.c.journal_id).where(*where).order_by(table.c.journal_id.desc()).limit(1)
    return int(connection.execute(latest).scalar() or 0)


@contextmanager
def decisions_kept(connection: Connection, rows: Sequence[dict[str, Any]], seen: int) -> Iterator[None]:
    """Around writing down what became of records (delivery rows of one entity): nothing that was decided meanwhile is lost.

    Those about which something was decided after journal entry ``seen`` are looked at again: whoever judged them did not know.
    """
    if not rows:
        yield
        return
    target, entity = rows[0]["target"], rows[0]["entity"]
    keep_decided(connection, target)
    yield
    table, keys = schema.journal, [without_nul(row["key"]) for row in rows]
    later = (table.c.journal_id > seen, table.c.what.in_(_JUDGED_ANEW))
    place = (table.c.target == target, table.c.entity == entity, table.c.key == any_(value(keys, ARRAY(Text))))
    missed = list(connection.execute(select(table.c.key).where(*place, *later).distinct()).scalars())
    if missed:
        look_again(connection, target, entity, missed)
