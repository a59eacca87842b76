"""Which records of the ledger are in which state: counted, and by their keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, any_, exists, func, or_, select
from sqlalchemy import literal as literal_value
from sqlalchemy.dialects.postgresql import ARRAY

from koppel import ledger_quality as quality
from koppel import ledger_schema as schema
from koppel.entities import ENTITIES, Entity, split_key
from koppel.ledger_bulk import literal
from koppel.ledger_database import LedgerDatabase

GONE = "-"
"""The fingerprint of a record that was taken out of the target. A state may change while the target still lacks the record
(it comes back unfit for a customer, say), so the state alone can't tell."""


class LedgerStates(LedgerDatabase):
    """Questions about all records of an entity in a target."""

    def counts(self, target: str, entity: str) -> dict[str, int]:
        """How many records are in each state."""
        table = schema.delivery
        query = select(table.c.state, func.count()).where(table.c.target == target, table.c.entity == entity)
        with self.transaction() as connection:
            return dict(connection.execute(query.group_by(table.c.state)).tuples().all())

    def noted_by_others(self, target: str, entity: str, run_id: str, moment: datetime) -> int:
        """How many records other runs than this one brought there, held back or failed after a moment."""
        table = schema.delivery
        where = (table.c.target == target, table.c.entity == entity, table.c.state != "withdrawn")
        later = (table.c.since > moment, table.c.run_id != run_id)
        with self.transaction() as connection:
            return int(connection.execute(select(func.count()).where(*where, *later)).scalar_one())

    def standing_keys(self, target: str, entity: str) -> list[str]:
        """The keys of all records that the target holds."""
        query = (
            "select key from delivery where fingerprint is not null and state <> 'withdrawn' "  # noqa: S608
            f"and fingerprint <> {literal(GONE)} and target = {literal(target)} and entity = {literal(entity)}"
        )
        keys: list[str] = self._arrow.read(query)["key"].to_pylist()
        return keys

    def left_behind(self, target: str, entity: str) -> set[str]:
        """The keys of records that left the source with their parent: they still stand in the target, below it."""
        table = schema.delivery
        where = (table.c.target == target, table.c.entity == entity, table.c.state == "withdrawn")
        with self.transaction() as connection:
            return set(connection.execute(select(table.c.key).where(*where, table.c.fingerprint != GONE)).scalars())

    def failed_keys(self, target: str, entity: str) -> list[str]:
        """The keys of the records that failed, or wait for a second look."""
        table = schema.delivery
        where = (table.c.target == target, table.c.entity == entity, table.c.state == "failed")
        with self.transaction() as connection:
            return list(connection.execute(select(table.c.key).where(*where)).scalars())

    def waiting(self, target: str, entity: Entity) -> set[str]:
        """The keys of the records that failed or are held back and have to be looked at again, changed or not.

        One that is held back below a parent that the target lacks is not among them: nothing can come of it before the parent
        stands there. But of records about which somebody decided something, and of what stands below those, all are, delivered
        or not: a correction may bring a product and its texts there together.
        """
        table, parent = schema.delivery, schema.delivery.alias("parent")
        where = (table.c.target == target, table.c.entity == entity.name, table.c.state.in_(("failed", "held back")))
        query = select(table.c.key).where(*where, table.c.source_version.is_(None))
        if entity.parent:
            sku = _sku(table.c.key, entity)
            stands = (parent.c.fingerprint.is_not(None), parent.c.fingerprint != GONE)
            below = (parent.c.target == target, parent.c.entity == entity.parent, parent.c.key == sku)
            query = query.where(or_(table.c.state == "failed", exists().where(*below, *stands)))
        with self.transaction() as connection:
            return set(connection.execute(query).scalars()) | _decided(connection, target, entity)

    def knows_nothing_of(self, target: str, entity: str) -> bool:
        """Whether no record of this entity ever went, or was on its way, to the target."""
        for table in (schema.delivery, schema.attempt):
            query = select(table.c.run_id).where(table.c.target == target, table.c.entity == entity).limit(1)
            with self.transaction() as connection:
                if connection.execute(query).first():
                    return False
        return True


def _decided(connection: Connection, target: str, entity: Entity) -> set[str]:
    """The keys that have to be looked at again of records that corrections and waivers are about, and of the same SKUs."""
    decisions = [
        row
        for decision in (quality.override, quality.waiver)
        for row in connection.execute(
            select(decision.c.entity, decision.c.key).where(decision.c.target == target).distinct()
        )
    ]
    if not decisions:
        return set()
    table = schema.delivery
    keys = literal_value([row.key for row in decisions if row.entity == entity.name], ARRAY(Text))
    skus = literal_value([split_key(ENTITIES[row.entity], row.key)[-1] for row in decisions], ARRAY(Text))
    where = (table.c.target == target, table.c.entity == entity.name, table.c.source_version.is_(None))
    about = select(table.c.key).where(*where, table.c.state != "withdrawn", table.c.key == any_(keys))
    is_out = table.c.state.in_(("failed", "held back"))
    same_sku = select(table.c.key).where(*where, is_out, _sku(table.c.key, entity) == any_(skus))
    return {key for query in (about, same_sku) for key in connection.execute(query).scalars()}


def _sku(key: Any, entity: Entity) -> Any:
    """The SKU within a ledger key, in SQL."""
    return func.substr(key, func.strpos(key, ":") + 1) if len(entity.key) > 1 else key
