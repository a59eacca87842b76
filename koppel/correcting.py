"""What a run does about decisions by hand: reads those of its records, and ends those that are over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Table, select

from koppel import ledger_quality as schema
from koppel.corrections import with_source_now
from koppel.decisions import EXPIRED, RETIRED, SOURCE_CHANGED, WAIVER_EXPIRED, deciding, end, look_again, newest, note
from koppel.entities import Entity, split_key, spoken
from koppel.judging import Waiver
from koppel.ledger import Ledger
from koppel.overrides import Met, Override
from koppel.staging import Staging

DECIDED = pa.schema(
    [("seen", pa.int64()), ("override_id", pa.int64()), ("source", pa.string()), ("agrees", pa.bool_())]
)
"""The first row holds only ``seen``, the latest journal entry that a slice knew of; the others are corrections that are over,
or whose source says something that it did not say before."""

UNUSABLE = "correction_unusable"
"""The rule by which findings go that say why a correction could not be used."""

NOT_SENT = "correction_not_sent"
"""The same, of a correction of a column that another system has come to own since."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions that hold for some records. ``seen``: the latest journal entry that they can know of."""

    seen: int
    overrides: tuple[Override, ...]
    waivers: tuple[Waiver, ...]


NOTHING_DECIDED = Decided(0, (), ())


def decided(ledger: Ledger, target: str, entity: str, keys: Collection[str], now: datetime) -> Decided:
    """The decisions about these records that hold today (UTC)."""
    among, today = set(keys), now.astimezone(UTC).date()
    waiver = schema.waiver
    stands, holds = (
        (table.c.target == target, table.c.entity == entity, table.c.state == "active", table.c.until >= today)
        for table in (schema.override, waiver)
    )
    with ledger.transaction() as connection:
        # The number first: what is decided between these queries is known of, and looked at once more for nothing.
        seen = newest(connection, target)
        corrected = connection.execute(with_source_now().where(*stands)).mappings().all()
        waived = connection.execute(select(waiver.c.rule, waiver.c.key, waiver.c.until).where(*holds)).all()
    names = ("override_id", "key", "field", "value", "source_now")
    return Decided(
        seen,
        tuple(Override(**{name: row[name] for name in names}) for row in corrected if row["key"] in among),
        tuple(Waiver(*row) for row in waived if row.key in among),
    )


def without_effect(entity: Entity, met: Collection[Met], not_owned: Collection[str]) -> list[dict[str, str]]:
    """A finding for the corrections of a record that do nothing: the column can't hold them, or (``not_owned``) is not sent.

    There is one finding per record and rule, which tells all of them.
    """
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for one in met:
        what, value = spoken(one.override.field), one.override.value
        if one.problem:
            why = f"The correction of its {what} can't be used, so the source's value stands: {one.problem}"
            told.setdefault((one.override.key, UNUSABLE), []).append((value, why))
        elif one.override.field in not_owned:
            why = f"The correction of its {what} is not sent, because another system looks after that field."
            told.setdefault((one.override.key, NOT_SENT), []).append((value, why))
    return [_finding(entity, key, rule, both) for (key, rule), both in told.items()]


def _finding(entity: Entity, key: str, rule: str, told: list[tuple[str, str]]) -> dict[str, str]:
    language = split_key(entity, key)[0] if entity.key[0] == "language" else ""
    value, reason = ", ".join(value for value, _ in told)[:200], " ".join(why for _, why in told)
    return {"key": key, "language": language, "rule": rule, "severity": "hint", "value": value, "reason": reason}


def as_table(seen: int, met: Collection[Met]) -> pa.Table:
    """What a slice knew of decisions, and what its corrections met that has to be told: a table of ``DECIDED``."""
    rows: list[dict[str, Any]] = [{"seen": seen}]
    for one in met:
        if one.agrees or one.is_news:
            number = one.override.override_id
            rows.append({"seen": seen, "override_id": number, "source": one.source, "agrees": one.agrees})
    return pa.Table.from_pylist(rows, schema=DECIDED)


def seen(staging: Staging, entity: Entity) -> int:
    """The latest journal entry that every slice of an entity knew of; 0 where that is not known."""
    tables = [staging.read(name)["seen"].to_pylist() for name in _names(staging, entity)]
    return min((number for numbers in tables for number in numbers), default=0)


def finish(ledger: Ledger, target: str, staging: Staging, entity: Entity, who: str, now: datetime) -> None:
    """Retire the corrections that the source agrees with, and journal where it says something else than before.

    Not where anything happened to a correction since the slice was judged. Doing it twice has no effect.
    """
    for name in _names(staging, entity):
        rows = staging.read(name).to_pylist()
        if met := {row["override_id"]: row for row in rows if row["override_id"] is not None}:
            _finish_slice(ledger, target, met, who, now)


def _finish_slice(ledger: Ledger, target: str, met: dict[int, dict[str, Any]], who: str, now: datetime) -> None:
    table, log, seen_by_slice = schema.override, schema.journal, next(iter(met.values()))["seen"]
    number = log.c.detail["override_id"].as_integer()
    later = select(number).where(log.c.target == target, log.c.journal_id > seen_by_slice, number.in_(met))
    with deciding(ledger, target) as connection:
        newer = set(connection.execute(later).scalars())
        query = with_source_now().where(table.c.override_id.in_(met.keys() - newer), table.c.state == "active")
        for row in connection.execute(query).mappings().all():
            source = met[row["override_id"]]["source"]
            if met[row["override_id"]]["agrees"]:
                end(connection, table, dict(row), RETIRED, who, now)
            elif source != row["source_now"]:
                note(connection, SOURCE_CHANGED, dict(row), who, now, source_now=source)


def expire(ledger: Ledger, target: str, who: str, now: datetime) -> int:
    """End the decisions whose last day has passed; their records are looked at again. Returns how many those were."""
    today, count = now.astimezone(UTC).date(), 0
    for table, what in ((schema.override, EXPIRED), (schema.waiver, WAIVER_EXPIRED)):
        is_over = select(table).where(table.c.target == target, table.c.state == "active", table.c.until < today)
        with ledger.transaction() as connection:
            if not connection.execute(is_over.limit(1)).first():
                continue
        count += _expire(ledger, target, table, is_over, what, who, now)
    return count


def _expire(ledger: Ledger, target: str, table: Table, is_over: Any, what: str, who: str, now: datetime) -> int:
    touched: dict[str, set[str]] = {}
    with deciding(ledger, target) as connection:
        rows = [dict(row) for row in connection.execute(is_over).mappings()]
        for row in rows:
            if end(connection, table, row, what, who, now):
                touched.setdefault(row["entity"], set()).add(row["key"])
        for entity, keys in sorted(touched.items()):
            look_again(connection, target, entity, keys)
    return len(rows)


def _names(staging: Staging, entity: Entity) -> list[str]:
    return staging.names(f"decided/{entity.name}-*")
