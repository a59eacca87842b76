"""What people decide by hand, in the ledger: work lists handed out, corrections, findings accepted as correct, and their journal.

A correction (``override``) stands in for the source's value of one field of one record, until the source says the same or a
day has passed; a ``waiver`` says that a finding is none, until a day. Runs act on them in ``koppel.correcting``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, any_, func, insert, select, update
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import ARRAY

from koppel import ledger_quality as schema
from koppel.decisions import (
    ACCEPTED,
    REPLACED,
    SOURCE_CHANGED,
    WAIVED,
    WAIVER_REPLACED,
    deciding,
    end,
    look_again,
    note,
)
from koppel.entities import ENTITIES
from koppel.errors import ConfigError
from koppel.ledger import Ledger
from koppel.ledger_bulk import without_nul
from koppel.overrides import is_mendable


@dataclass(frozen=True, slots=True)
class Sheet:
    """A work list that was handed out. ``rows``: per ``entity|key|field`` the hash of the value at that moment."""

    sheet_id: str
    target: str
    owner: str
    language: str
    rows: dict[str, str]
    made_by: str
    made_at: datetime
    returned_at: datetime | None = None
    """When it first came back."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A person's value for one field of one record. ``replaced``: what the source said then; ``until``: the last day it holds."""

    entity: str
    key: str
    field: str
    value: str
    replaced: str
    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding of a rule that a person accepts as correct; ``until``: the last day that holds."""

    entity: str
    key: str
    rule: str
    reason: str
    until: date


Decision = Correction | Waived


@dataclass(slots=True)
class Accepted:
    """What came of decisions: how many are new, how many stood there already, and which can't be, each with a sentence why."""

    overrides: int = 0
    waivers: int = 0
    unchanged: int = 0
    refused: list[tuple[Decision, str]] = field(default_factory=list)


# --- work lists -------------------------------------------------------------------------------------------------------


def new_sheet(ledger: Ledger, sheet: Sheet) -> None:
    """Write down a work list that is handed out. Raises ConfigError when there is one with this id."""
    row = without_nul(asdict(sheet))
    with ledger.transaction() as connection:
        known = connection.execute(select(schema.sheet.c.sheet_id).where(schema.sheet.c.sheet_id == row["sheet_id"]))
        if known.first():
            raise ConfigError(
                f"There is a work list {sheet.sheet_id!r} already.",
                kept="It is as it was.",
                do="Give this one another id.",
            )
        connection.execute(insert(schema.sheet).values(**row))


def sheet(ledger: Ledger, sheet_id: str) -> Sheet | None:
    """A work list that was handed out, or None."""
    with ledger.transaction() as connection:
        return _sheet(connection, sheet_id)


def sheets(ledger: Ledger, target: str) -> list[Sheet]:
    """All work lists that were handed out for a target, the latest first."""
    table = schema.sheet
    query = select(table).where(table.c.target == target).order_by(table.c.made_at.desc(), table.c.sheet_id)
    with ledger.transaction() as connection:
        return [Sheet(**row) for row in connection.execute(query).mappings()]


def _sheet(connection: Connection, sheet_id: str) -> Sheet | None:
    query = select(schema.sheet).where(schema.sheet.c.sheet_id == without_nul(sheet_id))
    row = connection.execute(query).mappings().one_or_none()
    return Sheet(**row) if row else None


# --- decisions --------------------------------------------------------------------------------------------------------


def accept(
    ledger: Ledger,
    target: str,
    decisions: Sequence[Decision],
    who: str,
    sheet_id: str | None,
    now: datetime,
    *,
    dry_run: bool = False,
) -> Accepted:
    """Make decisions hold, in one transaction; the records that they are about are looked at again by the next run.

    A newer decision about the same field (or finding) takes the place of the older one; of several in ``decisions`` the last one
    counts. The same decisions once more change nothing and journal nothing, also those of a sheet that the source has taken over
    meanwhile. ``dry_run``: only tells what would come of it. Raises ConfigError when the sheet is not one of this target.
    """
    done = Accepted()
    chosen = {_place(decision): decision for decision in decisions}
    with deciding(ledger, target, dry_run=dry_run) as connection:
        if sheet_id is not None:
            _came_back(connection, target, sheet_id, now)
        act = _Act(connection, target, who, sheet_id, now)
        act.remember(chosen.values())
        for place, decision in chosen.items():
            if why := _why_not(decision, now):
                done.refused.append((decision, why))
            elif not act.accept(place, decision):
                done.unchanged += 1
            elif isinstance(decision, Correction):
                done.overrides += 1
            else:
                done.waivers += 1
        for entity, keys in sorted(act.touched.items()):
            look_again(connection, target, entity, keys)
    return done


Place = tuple[str, str, str, str]
"""What a decision is about: override or waiver, entity, key, and the field or the rule."""


def _place(decision: Decision) -> Place:
    is_correction = isinstance(decision, Correction)
    what = decision.field if isinstance(decision, Correction) else decision.rule
    return ("override" if is_correction else "waiver", decision.entity, without_nul(decision.key), without_nul(what))


def _why_not(decision: Decision, now: datetime) -> str:
    """Why a decision can't hold, in a sentence; empty when it can."""
    if decision.entity not in ENTITIES:
        return f"{decision.entity!r} is no kind of record; there are: {', '.join(ENTITIES)}."
    if isinstance(decision, Correction) and not is_mendable(decision.entity, decision.field):
        return f"The field {decision.field!r} of {decision.entity} can't be corrected here. Correct it in the source."
    if decision.until < now.astimezone(UTC).date():
        return f"It would hold until {decision.until}, which has passed. Give it a later day."
    return ""


def _came_back(connection: Connection, target: str, sheet_id: str, now: datetime) -> None:
    found = _sheet(connection, sheet_id)
    if found is None or found.target != target:
        raise ConfigError(
            f"No work list {sheet_id!r} was handed out for {target!r}.",
            kept="Nothing was changed.",
            do="Hand out a work list, and fill that one in.",
        )
    table = schema.sheet
    is_first = (table.c.sheet_id == found.sheet_id, table.c.returned_at.is_(None))
    connection.execute(update(table).where(*is_first).values(returned_at=now))


@dataclass(slots=True)
class _Act:
    """One person's decisions within one transaction: what stood before, and the records that they touch."""

    connection: Connection
    target: str
    who: str
    sheet_id: str | None
    now: datetime
    active: dict[Place, dict[str, Any]] = field(default_factory=dict)
    over: dict[Place, list[dict[str, Any]]] = field(default_factory=dict)
    """Decisions of this very sheet that have held and have come to their end."""
    touched: dict[str, set[str]] = field(default_factory=dict)

    def remember(self, decisions: Iterable[Decision]) -> None:
        """Read what stands, or has stood, of the records that decisions are about."""
        keys = value([without_nul(decision.key) for decision in decisions], ARRAY(Text))
        for table in (schema.override, schema.waiver):
            from_sheet = table.c.sheet_id == without_nul(self.sheet_id)
            is_over = table.c.state.in_(("retired", "expired")) & from_sheet
            where = (table.c.target == self.target, table.c.key == any_(keys))
            for found in self.connection.execute(
                select(table).where(*where, (table.c.state == "active") | is_over)
            ).mappings():
                row = dict(found)
                what = row["field"] if "field" in row else row["rule"]
                place: Place = (table.name, row["entity"], row["key"], what)
                if row["state"] == "active":
                    self.active[place] = row
                else:
                    self.over.setdefault(place, []).append(row)

    def accept(self, place: Place, decision: Decision) -> bool:
        """Make a decision hold; whether that changed anything."""
        is_correction = isinstance(decision, Correction)
        table = schema.override if is_correction else schema.waiver
        row: dict[str, Any] = without_nul(asdict(decision)) | {"target": self.target}
        old = self.active.get(place)
        if any(_says_the_same(one, row) for one in [*self.over.get(place, []), *([old] if old else [])]):
            return False
        if old:
            end(self.connection, table, old, REPLACED if is_correction else WAIVER_REPLACED, self.who, self.now)
        row |= {"author": without_nul(self.who), "sheet_id": without_nul(self.sheet_id)}
        number = next(iter(table.primary_key))
        added = insert(table).values(state="active", made_at=self.now, **row).returning(number)
        row[number.name] = self.connection.execute(added).scalar_one()
        note(self.connection, ACCEPTED if is_correction else WAIVED, row, self.who, self.now)
        self.touched.setdefault(row["entity"], set()).add(row["key"])
        return True


def _says_the_same(old: dict[str, Any], row: dict[str, Any]) -> bool:
    return all(old[name] == row[name] for name in ("value", "reason", "until") if name in row)


# --- what stands ------------------------------------------------------------------------------------------------------


def standing(ledger: Ledger, target: str) -> list[dict[str, Any]]:
    """The corrections that are active, each as in the table ``override``, by entity, key and field.

    ``source_now``: what the source says now, as far as a run has seen; it equals ``replaced`` where nothing changed there.
    """
    table = schema.override
    where = (table.c.target == target, table.c.state == "active")
    query = with_source_now().where(*where).order_by(table.c.entity, table.c.key, table.c.field)
    with ledger.transaction() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def with_source_now() -> Select[Any]:
    """The query of all corrections with ``source_now``: the latest that the journal tells of a change in the source."""
    table, told = schema.override, schema.journal
    same = [told.c[name] == table.c[name] for name in ("target", "entity", "key")]
    is_its = told.c.detail["override_id"].as_integer() == table.c.override_id
    latest = (
        select(told.c.detail["source_now"].as_string())
        .where(*same, told.c.what == SOURCE_CHANGED, is_its)
        .order_by(told.c.journal_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(table, func.coalesce(latest, table.c.replaced).label("source_now"))


def waivers(ledger: Ledger, target: str) -> list[dict[str, Any]]:
    """The findings that are accepted as correct now, each as in the table ``waiver``, by entity, key and rule."""
    table = schema.waiver
    query = select(table).where(table.c.target == target, table.c.state == "active")
    with ledger.transaction() as connection:
        rows = connection.execute(query.order_by(table.c.entity, table.c.key, table.c.rule)).mappings()
        return [dict(row) for row in rows]


def journal(ledger: Ledger, target: str, key: str | None = None, most: int = 100) -> list[dict[str, Any]]:
    """What was decided by hand and what came of it, newest first; of one record where ``key`` names one."""
    table = schema.journal
    where = [table.c.target == target, *([table.c.key == without_nul(key)] if key is not None else [])]
    query = select(table).where(*where).order_by(table.c.journal_id.desc()).limit(most)
    with ledger.transaction() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
