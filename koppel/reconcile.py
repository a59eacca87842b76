"""The last step of a run: every record that was read is accounted for, checked against the ledger, or the run has failed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from koppel.delivery import failed_row, is_done
from koppel.entities import Entity
from koppel.errors import NotReconciled
from koppel.ledger import VERDICT_COLUMNS, Ledger
from koppel.plan import EntityPlan
from koppel.staging import Staging

_NOT_SENT = "The run ended before it was sent; it goes with the next run."


@dataclass(slots=True)
class Counts:
    """What became of the records of one entity. ``withdrawn`` are not among ``read``."""

    read: int = 0
    unchanged: int = 0
    delivered: int = 0
    held_back: int = 0
    failed: int = 0
    withdrawn: int = 0
    not_withdrawn: int = 0

    @property
    def adds_up(self) -> bool:
        """The promise: read = unchanged + delivered + held back + failed."""
        return self.read == self.unchanged + self.delivered + self.held_back + self.failed


def reconcile(
    ledger: Ledger, target: str, staging: Staging, run_id: str, plans: dict[Entity, EntityPlan], *, is_full: bool
) -> dict[str, dict[str, int]]:
    """The counts per entity, as JSON values. Raises NotReconciled when a record is unaccounted for."""
    counts: dict[str, dict[str, int]] = {}
    for entity, plan in plans.items():
        found = _count(ledger, target, staging, run_id, entity, plan)
        _check(
            found,
            entity,
            _held(ledger, target, staging, run_id, entity, found) if is_full else range(plan.read, plan.read + 1),
        )
        counts[entity.name] = asdict(found)
    return counts


def _count(
    ledger: Ledger, target: str, staging: Staging, run_id: str, entity: Entity, plan: EntityPlan
) -> Counts:  # fmt: skip
    counts = Counts(plan.read, plan.unchanged, held_back=plan.held_back, failed=plan.failed)
    counts.withdrawn = plan.withdraw
    for name in staging.names(f"plan/{entity.name}-*"):
        for rows in staging.batches(name, 50_000):
            _count_sent(ledger, target, run_id, entity, [row for row in rows if row["decision"] == "send"], counts)
    return counts


def _count_sent(
    ledger: Ledger, target: str, run_id: str, entity: Entity, rows: list[dict[str, Any]], counts: Counts
) -> None:
    """What the ledger says of the records that the plan sent; one that it says nothing of was never sent."""
    standing = ledger.standing(target, entity.name, (row["key"] for row in rows))
    not_sent = []
    for row in rows:
        old = standing.get(row["key"])
        is_withdraw = row["kind"] == "withdraw"
        if old is not None and is_done(row, old):
            counts.delivered += not is_withdraw
            continue
        if is_withdraw:
            counts.withdrawn -= 1
            counts.not_withdrawn += 1
        elif old is not None and old["state"] == "delivered" and old["fingerprint"] != row["standing_fingerprint"]:
            counts.unchanged += 1  # another run brought something newer meanwhile
            continue
        else:
            counts.failed += 1
        if old is None or old["state"] != "failed":
            not_sent.append(failed_row(target, entity, run_id, row, _NOT_SENT))
    ledger.record(not_sent, VERDICT_COLUMNS)


def _held(ledger: Ledger, target: str, staging: Staging, run_id: str, entity: Entity, counts: Counts) -> range:
    """How many records the ledger may have for the run to add up: what it has, less what others brought while this one read."""
    states = ledger.counts(target, entity.name)
    # A record that could not be withdrawn is in the ledger, but no longer in the source.
    holds = sum(states.values()) - states.get("withdrawn", 0) - counts.not_withdrawn
    if holds == counts.read:
        return range(holds, holds + 1)
    began = datetime.fromisoformat(staging.read_json(f"extract/{entity.name}")["began"])
    return range(holds - ledger.noted_by_others(target, entity.name, run_id, began), holds + 1)


def _check(counts: Counts, entity: Entity, holds: range) -> None:
    """Two independent sums: the run's own counts, and after a full read the ledger's states."""
    if counts.adds_up and counts.read in holds:
        return
    raise NotReconciled(
        f"{entity.name}: {counts.read} read, but {counts.unchanged} unchanged + {counts.delivered} delivered + "
        f"{counts.held_back} held back + {counts.failed} failed, and the ledger holds {holds[-1]}.",
        kept="The cursor has not moved, so the next run reads these records again.",
        do="Run it again; if it stays, report it with the run's id: this is a defect of Koppel.",
    )
