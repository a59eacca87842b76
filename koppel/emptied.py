"""What would fall to nothing: an empty feed is likelier than an empty warehouse, so too much of it at once waits for a person."""

import json
from collections import Counter
from functools import cached_property
from typing import Any

from sqlalchemy import func, select

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

    ``share``: of a place's records, how many may fall in one run. ``keeps_back``: what is beyond that is held back here and the
    rest goes on, as a run that never ends needs it; else it is only counted, for the limits to stop the plan.
    """

    def __init__(self, ledger: Ledger, target: str, entity: Entity, share: float, *, keeps_back: bool) -> None:
        self._ledger, self._target, self._entity = ledger, target, entity
        self._share, self._keeps_back = share, keeps_back
        self.fallen: Counter[str] = Counter()

    @cached_property
    def records(self) -> dict[str, int]:
        """How many records each place has in the target, as it was when this was first asked."""
        table = schema.delivery
        place = func.split_part(table.c.key, ":", 1)
        where = (table.c.target == self._target, table.c.entity == self._entity.name, table.c.state != "withdrawn")
        with self._ledger.transaction() as connection:
            return dict(connection.execute(select(place, func.count()).where(*where).group_by(place)).tuples().all())

    def weigh(self, rows: list[Row]) -> list[Row]:
        """The decided rows of a plan; those that fall beyond the share are held back, where that is asked for."""
        falling = self._falling(rows)
        coming = Counter(_place(key) for key in falling)
        if not self._keeps_back:
            self.fallen += coming
            return rows
        kept_back = {place for place in coming if self.fallen[place] + coming[place] > self._allowed(place)}
        self.fallen += Counter({place: count for place, count in coming.items() if place not in kept_back})
        stays = {key for key in falling if _place(key) in kept_back}
        return [_held_back(row) if row["key"] in stays else row for row in rows]

    def beyond(self) -> dict[str, tuple[int, int]]:
        """Per place that is beyond the share: how many fall, and how many records it has."""
        return {
            place: (count, self.records.get(place, 0))
            for place, count in self.fallen.items()
            if count > FEW and count > self._allowed(place)
        }

    def _allowed(self, place: str) -> float:
        return max(self._share * self.records.get(place, 0), FEW)

    def _falling(self, rows: list[Row]) -> list[str]:
        nothing = [row["key"] for row in rows if row["decision"] == "send" and not self._figure(row)]
        standing = self._ledger.standing(self._target, self._entity.name, nothing, with_record=True)
        return [key for key in nothing if key in standing and self._stood(standing[key])]

    def _figure(self, row: Row) -> float:
        if row["kind"] == "withdraw" or not row["record"]:
            return 0.0
        return float(json.loads(row["record"]).get(self._entity.emptied) or 0)

    def _stood(self, row: Row) -> bool:
        record = row["record"] or {}
        return row["fingerprint"] not in {None, GONE} and float(record.get(self._entity.emptied) or 0) > 0


def _place(key: str) -> str:
    return key.partition(":")[0]


def _held_back(row: Row) -> Row:
    return row | {"decision": "held back", "kind": None, "reason": REASON, "source_version": None}
