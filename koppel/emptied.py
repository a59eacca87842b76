"""What would fall to nothing: an empty feed is likelier than an empty warehouse, so too much of it at once waits for a person."""

import json
from collections import defaultdict
from functools import cached_property
from typing import Any

from sqlalchemy import cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from koppel import ledger_schema as schema
from koppel.entities import Entity
from koppel.ledger import Ledger
from koppel.ledger_states import GONE

FEW = 5
"""Below so many records a share says nothing."""

REASON = (
    "It would fall to 0 together with too many others of the same place, so what was sent before stays. Look whether that source "
    "still counts; if it is right, run the flow by hand and accept its plan."
)
Row = dict[str, Any]


class Emptied:
    """Counts, per place (the first key column), the records of one entity whose figure falls to 0.

    ``share``: of a place's records that are above 0, how many may fall in one run. ``keeps_back``: what is beyond that is held
    back here and the rest goes on, as a run that never ends needs it; else it is only counted, for the limits to stop the plan.
    """

    def __init__(self, ledger: Ledger, target: str, entity: Entity, share: float, *, keeps_back: bool) -> None:
        self._ledger, self._target, self._entity = ledger, target, entity
        self._share, self._keeps_back = share, keeps_back
        self._fallen: dict[str, set[str]] = {}
        """Per place the keys, so that what is planned again while the target is down counts once."""

    @cached_property
    def records(self) -> dict[str, int]:
        """How many records above 0 each place had in the target before this run, as far as that can be told when first asked."""
        table = schema.delivery
        place = func.split_part(table.c.key, ":", 1)
        where = (
            table.c.target == self._target,
            table.c.entity == self._entity.name,
            table.c.state != "withdrawn",
            table.c.fingerprint.is_not(None),
            table.c.record[self._entity.emptied] > cast(literal("0"), JSONB),
        )
        with self._ledger.transaction() as connection:
            rows = connection.execute(select(place, func.count()).where(*where).group_by(place)).tuples().all()
        # A run that goes on has sent what it let fall already; any other sends nothing before all is weighed.
        return {place: count + len(self._fallen.get(place, ())) * self._keeps_back for place, count in rows}

    def weigh(self, rows: list[Row]) -> list[Row]:
        """The decided rows of a plan; those that fall beyond the share are held back, where that is asked for."""
        coming: defaultdict[str, set[str]] = defaultdict(set)
        for key in self._falling(rows):
            coming[_place(key)].add(key)
        stays: set[str] = set()
        for place, keys in coming.items():
            together = self._fallen.get(place, set()) | keys
            if self._keeps_back and self._is_beyond(place, len(together)):
                stays |= keys
            else:
                self._fallen[place] = together
        return [_held_back(row) if row["key"] in stays else row for row in rows]

    def beyond(self) -> dict[str, tuple[int, int]]:
        """Per place that is beyond the share: how many fall, and how many records above 0 it has."""
        return {
            place: (len(keys), self.records.get(place, 0))
            for place, keys in self._fallen.items()
            if self._is_beyond(place, len(keys))
        }

    def _is_beyond(self, place: str, count: int) -> bool:
        return count > FEW and count > self._share * self.records.get(place, 0)  # counting the records takes a second

    def _falling(self, rows: list[Row]) -> list[str]:
        nothing = [row["key"] for row in rows if row["decision"] == "send" and self._is_nothing(row)]
        standing = self._ledger.standing(self._target, self._entity.name, nothing, with_record=True)
        return [key for key in nothing if key in standing and self._stood(standing[key])]

    def _is_nothing(self, row: Row) -> bool:
        """Whether its figure is 0, and not because the settings ask for that."""
        record = {} if row["kind"] == "withdraw" or not row["record"] else json.loads(row["record"])
        return not float(record.get(self._entity.emptied) or 0) and not record.get(self._entity.emptied_unless)

    def _stood(self, row: Row) -> bool:
        record = row["record"] or {}
        return row["fingerprint"] not in {None, GONE} and float(record.get(self._entity.emptied) or 0) > 0


def _place(key: str) -> str:
    return key.partition(":")[0]


def _held_back(row: Row) -> Row:
    return row | {"decision": "held back", "kind": None, "reason": REASON, "source_version": None}
