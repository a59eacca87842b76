"""The fourth step of a run: bring a plan to its target, once in effect, whatever is killed or cut on the way.

Before a batch leaves, the ledger holds it as an attempt; after the answer, receipts, deliveries and the end of the attempt
are written in one transaction. An attempt without an end is read back from the target before anything is sent again.
"""

import json
import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from koppel import correcting
from koppel.entities import CATALOGUE, ENTITIES, Entity, split_key
from koppel.errors import TargetBusy, TargetError
from koppel.ledger import UNSURE, VERDICT_COLUMNS, Ledger, Outcome, now
from koppel.ledger_states import GONE
from koppel.staging import Staging
from koppel.target import Change, Preparation, Receipt, Target

log = logging.getLogger(__name__)

ROUNDS = 3
"""How often a record that the target did not take for a passing reason is sent within one run."""

PATIENCE_SECONDS = {"stock": 30}
"""How long a delivery waits for its turn in a lane that several flows share: there each has the lane for one batch at a time, so
that what is urgent goes between the batches of a long run."""

_STATES = {"unchanged": "delivered", "held back": "held back", "failed": "failed", "withdrawn": "withdrawn"}
Row = dict[str, Any]


class LedgerAttempt:
    """One batch on its way, as the ledger knows it."""

    def __init__(self, ledger: Ledger, idempotency_key: str) -> None:
        self._ledger, self.idempotency_key = ledger, idempotency_key
        self.reference: str | None = None

    def remember(self, reference: str) -> None:
        """Store what the target calls the batch, at once."""
        self._ledger.remember(self.idempotency_key, reference)
        self.reference = reference


class Delivery:
    """Delivers the plan of one run to one target; may be started again at any point."""

    def __init__(
        self,
        ledger: Ledger,
        target: Target,
        staging: Staging,
        run_id: str,
        planned_at: datetime | None = None,
        since: datetime | None = None,
    ) -> None:
        self._ledger, self._target, self._staging, self._run_id = ledger, target, staging, run_id
        self._planned_at = planned_at
        """What another run decided later than this stays."""
        self._since = since
        """What changed from then on is sent because it changed, so its receipt tells how long that took."""
        self._seen_of: dict[Entity, int] = {}
        """The latest decision by hand that the judged records could know of."""
        self.overtaken = 0
        """How many records another run brought since the plan was made, so that they were left out."""

    def run(self, entities: Iterable[Entity], preparations: Iterable[Preparation]) -> None:
        """Settle what an earlier run left open, make what is missing, then deliver entity by entity.

        The entities are all of one lane. Raises TargetDown or TargetRefused when the target does not take part; all that was
        answered is in the ledger.
        """
        entities, missing = list(entities), list(preparations)
        lane = entities[0].lane if entities else CATALOGUE
        if lane not in PATIENCE_SECONDS:
            with self._alone(lane):
                if missing:
                    self._target.prepare(missing)
                for batch in self._batches(entities):
                    self._batch(*batch)
            return
        if missing:
            with self._alone(lane):
                self._target.prepare(missing)
        for batch in self._batches(entities):
            with self._alone(lane):
                self._batch(*batch)

    @contextmanager
    def _alone(self, lane: str) -> Iterator[None]:
        with self._ledger.only_writer(self._target.name, lane, PATIENCE_SECONDS.get(lane, 0)):
            settle_open_attempts(self._ledger, self._target, lane)
            yield

    def _batches(self, entities: Iterable[Entity]) -> Iterator[tuple[Entity, str, list[Row]]]:
        for entity in entities:
            for name in self._staging.names(f"plan/{entity.name}-*"):
                planned = self._staging.read(name).num_rows
                for rows in self._staging.batches(name, self._target.batch_size(entity, planned)):
                    yield entity, f"{name} of {planned}", rows

    def _batch(self, entity: Entity, name: str, rows: list[Row]) -> None:
        self._note_verdicts(entity, [row for row in rows if row["decision"] != "send"])
        if wanted := self._wanted(entity, [row for row in rows if row["decision"] == "send"]):
            self._deliver(entity, wanted)
            log.info("%s: %s: %d records answered", self._run_id, name, len(wanted))

    def _note_verdicts(self, entity: Entity, rows: list[Row]) -> None:
        """Write down what is not sent; and how a record came about that is the same for another reason, because people ask why."""
        verdicts = [self._verdict(entity, row) for row in rows if not _explains(entity, row)]
        explained = [
            self._verdict(entity, row) | {"record": json.loads(row["record"])} for row in rows if _explains(entity, row)
        ]
        for known, columns in ((verdicts, VERDICT_COLUMNS), (explained, (*VERDICT_COLUMNS, "record"))):
            if known:
                self._ledger.record(known, columns, as_of=self._planned_at, seen=self._seen(entity))

    def _verdict(self, entity: Entity, row: Row) -> Row:
        return {
            "target": self._target.name,
            "entity": entity.name,
            "key": row["key"],
            "state": _STATES[row["decision"]],
            "reason": row["reason"],
            "source_version": row["source_version"],
            "run_id": row["since_run"] or self._run_id,
            "since": row["since"] or now(),
        }

    def _wanted(self, entity: Entity, rows: list[Row]) -> list[Row]:
        """The rows that still have to go: neither done by an earlier start of this run nor overtaken by another run."""
        standing = self._ledger.standing(self._target.name, entity.name, (row["key"] for row in rows))
        parents = self._parents(entity, rows)
        wanted: list[Row] = []
        orphans: list[Row] = []
        for row in rows:
            old = standing.get(row["key"])
            if old is not None and is_done(row, old):
                continue
            if old is not None and is_overtaken(row, old):
                self.overtaken += 1
                continue
            parent = parents.get(split_key(entity, row["key"])[-1], "")
            (orphans if parent else wanted).append(row | ({"reason": parent} if parent else {}))
        self._ledger.record([self._failed(entity, row, row["reason"]) for row in orphans], VERDICT_COLUMNS)
        return wanted

    def _parents(self, entity: Entity, rows: list[Row]) -> dict[str, str]:
        """Per SKU why its parent is not in the target, for the parents that did not get there."""
        if entity.parent is None:
            return {}
        skus = {split_key(entity, row["key"])[-1] for row in rows if row["kind"] != "withdraw"}
        there = self._ledger.standing(self._target.name, entity.parent, skus)
        return {
            sku: f"Its {entity.parent} did not get into the target: {there[sku]['reason'] if sku in there else 'not sent'}"
            for sku in skus
            if sku not in there or there[sku]["fingerprint"] in {None, GONE}
        }

    def _deliver(self, entity: Entity, rows: list[Row]) -> None:
        """One batch, and again what the target did not take for a passing reason."""
        for left in range(ROUNDS - 1, -1, -1):
            again = self._attempt(entity, rows, is_last=left == 0)
            rows = [row for row in rows if row["key"] in again]
            if not rows:
                return

    def _attempt(self, entity: Entity, rows: list[Row], *, is_last: bool) -> set[str]:
        """Send a batch once; returns the keys that may be sent again."""
        attempt = LedgerAttempt(self._ledger, uuid.uuid4().hex)
        self._ledger.intend(
            {
                "idempotency_key": attempt.idempotency_key,
                "run_id": self._run_id,
                "target": self._target.name,
                "entity": entity.name,
                "batch": [_storable(row) for row in rows],
            }
        )
        changes = {row["key"]: change_of(row) for row in rows}
        receipts, stopped = self._answers(entity, changes, attempt)
        again = {key for key, receipt in receipts.items() if receipt.outcome == "transient"}
        is_last = is_last or stopped is not None
        answered = [row for row in rows if is_last or row["key"] not in again]
        outcome = outcome_of(self._target.name, entity, self._run_id, answered, receipts)
        left = [row for row in rows if not is_last and row["key"] in again]
        outcome.unsure += _unsure_rows(self._target.name, entity, self._run_id, left, receipts)
        changed = {row["key"]: row["modified_at"] for row in rows if self._is_news(row)}
        for receipt in outcome.receipts:
            receipt["source_at"] = changed.get(receipt["key"])
        self._ledger.settle(attempt.idempotency_key, outcome, self._seen(entity))
        if stopped is not None:
            raise stopped
        return set() if is_last else again

    def _answers(
        self, entity: Entity, changes: dict[str, Change], attempt: LedgerAttempt
    ) -> tuple[dict[str, Receipt], TargetError | None]:
        """A receipt for each change; what nobody answered is read back before it counts."""
        receipts: dict[str, Receipt] = {}
        stopped: TargetError | None = None
        try:
            for receipt in self._target.deliver(entity, list(changes.values()), attempt):
                receipts[receipt.key] = receipt
        except TargetError as error:
            stopped = error
        unclear = [
            change for key, change in changes.items() if key not in receipts or receipts[key].outcome == "ambiguous"
        ]
        for change in unclear:
            message = stopped.what if stopped else "The target gave no answer for it."
            receipts.setdefault(change.key, Receipt(change.key, "ambiguous", message))
        if unclear and stopped is None:
            try:
                for receipt in self._target.read_back(entity, unclear, attempt.reference):
                    receipts[receipt.key] = receipt
            except TargetError as error:
                stopped = error
        return receipts, stopped

    def _seen(self, entity: Entity) -> int:
        if entity not in self._seen_of:
            self._seen_of[entity] = correcting.seen(self._staging, entity)
        return self._seen_of[entity]

    def _is_news(self, row: Row) -> bool:
        return bool(self._since and row["modified_at"] and row["modified_at"] >= self._since)

    def _failed(self, entity: Entity, row: Row, reason: str) -> Row:
        return failed_row(self._target.name, entity, self._run_id, row, reason)


def settle_if_idle(ledger: Ledger, target: Target, lane: str = CATALOGUE) -> None:
    """Settle what was left behind, unless another run is writing: its batches are on their way, and it waits for them itself."""
    try:
        with ledger.only_writer(target.name, lane):
            settle_open_attempts(ledger, target, lane)
    except TargetBusy:
        log.info("Another run is writing to %s; what it has under way is left to it.", target.name)


def settle_open_attempts(ledger: Ledger, target: Target, lane: str = CATALOGUE) -> int:
    """Ask the target what became of batches of a lane that an interrupted run left behind; sends nothing.

    Returns how many attempts were open. What stands in the target is written to the ledger, the rest is planned again.
    """
    attempts = ledger.open_attempts(target.name, lane)
    for attempt in attempts:
        entity = ENTITIES[attempt["entity"]]
        rows = [_restored(row) for row in attempt["batch"] or []]
        changes = [change_of(row) for row in rows]
        receipts = {receipt.key: receipt for receipt in target.read_back(entity, changes, attempt["reference"])}
        known = [row for row in rows if receipts.get(row["key"], _UNKNOWN).outcome != "transient"]
        outcome = outcome_of(target.name, entity, attempt["run_id"], known, receipts)
        left = [row for row in rows if row not in known]
        outcome.unsure += _unsure_rows(target.name, entity, attempt["run_id"], left, receipts)
        ledger.settle(attempt["idempotency_key"], outcome)
        log.info("An interrupted batch of %d %s records was read back.", len(rows), entity.name)
    return len(attempts)


_UNKNOWN = Receipt("", "ambiguous", "Nobody knows whether it arrived; the next run asks the target again.")


def outcome_of(target: str, entity: Entity, run_id: str, rows: list[Row], receipts: dict[str, Receipt]) -> Outcome:
    """The ledger rows that follow from the receipts of a batch."""
    outcome = Outcome()
    for row in rows:
        receipt = receipts.get(row["key"], _UNKNOWN)
        outcome.receipts.append(_receipt_row(target, entity, run_id, row, receipt))
        if receipt.outcome == "delivered":
            outcome.stands.append(_standing_row(target, entity, run_id, row, receipt))
        elif row["standing_fingerprint"] is not None:
            outcome.unsure.append(_unsure_row(target, entity, run_id, row, receipt))
        else:
            outcome.failed.append(failed_row(target, entity, run_id, row, _why(receipt)))
        if receipt.outcome == "ambiguous":
            outcome.open.append(_storable(row))
    return outcome


def failed_row(target: str, entity: Entity, run_id: str, row: Row, reason: str) -> Row:
    """The ledger row of a change that did not get into the target; the next run looks at it again."""
    return {
        "target": target,
        "entity": entity.name,
        "key": row["key"],
        "state": "failed",
        "reason": reason,
        "source_version": None,
        "run_id": run_id,
        "since": now(),
    }


def _explains(entity: Entity, row: Row) -> bool:
    """Whether a record stands as it should, and tells how it came about, which may be in another way than when it was sent."""
    return row["decision"] == "unchanged" and not row["reason"] and bool(entity.told)


def _unsure_row(target: str, entity: Entity, run_id: str, row: Row, receipt: Receipt) -> Row:
    """A change that was not made, or only half: what stood there before may not stand there any more either.

    Without this, a source that takes its change back would be found unchanged, and the half would stay.
    """
    known = {"fingerprint": UNSURE, "remote_id": receipt.remote_id or row["remote_id"]}
    return failed_row(target, entity, run_id, row, _why(receipt)) | known


def _unsure_rows(target: str, entity: Entity, run_id: str, rows: list[Row], receipts: dict[str, Receipt]) -> list[Row]:
    """The same, for changes that may be sent again and whose records stood there before."""
    stood = [row for row in rows if row["standing_fingerprint"] is not None]
    return [_unsure_row(target, entity, run_id, row, receipts[row["key"]]) for row in stood]


def _standing_row(target: str, entity: Entity, run_id: str, row: Row, receipt: Receipt) -> Row:
    is_gone = row["kind"] == "withdraw"
    return {
        "target": target,
        "entity": entity.name,
        "key": row["key"],
        "state": "withdrawn" if is_gone else "delivered",
        "reason": row["reason"] or "",
        "fingerprint": GONE if is_gone else row["fingerprint"],
        "source_version": row["source_version"],
        "remote_id": receipt.remote_id or row["remote_id"],
        "record": None if is_gone else json.loads(row["record"]),
        "modified_at": row["modified_at"],
        "run_id": run_id,
        "since": now(),
    }


def _receipt_row(target: str, entity: Entity, run_id: str, row: Row, receipt: Receipt) -> Row:
    return {
        "run_id": run_id,
        "target": target,
        "entity": entity.name,
        "key": row["key"],
        "kind": row["kind"],
        "outcome": receipt.outcome,
        "message": receipt.message,
        "sent": receipt.sent,
        "at": now(),
    }


def _why(receipt: Receipt) -> str:
    if receipt.outcome == "rejected":
        return f"The target said no: {receipt.message}"
    if receipt.outcome == "transient":
        return f"The target could not take it now: {receipt.message} It goes again with the next run."
    return f"Nobody knows yet whether it arrived: {receipt.message} The next run asks the target before it sends again."


def change_of(row: Row) -> Change:
    """The change that a plan row asks for."""
    record = json.loads(row["record"]) if row["record"] else {}
    return Change(row["kind"], row["key"], record, row["fingerprint"] or "", row["remote_id"])


def is_done(row: Row, old: Row) -> bool:
    """Whether the ledger shows that this change has been made already."""
    if row["kind"] == "withdraw":
        return bool(old["state"] == "withdrawn" and old["fingerprint"] in {None, GONE})
    return bool(old["fingerprint"] == row["fingerprint"] and old["state"] == "delivered")


def is_overtaken(row: Row, old: Row) -> bool:
    """Whether another run brought something else to the target since the plan was made."""
    return old["fingerprint"] not in {row["standing_fingerprint"], UNSURE}


def _storable(row: Row) -> Row:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _restored(row: Row) -> Row:
    modified = row["modified_at"]
    return row | {"modified_at": datetime.fromisoformat(modified) if modified else None}
