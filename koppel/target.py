"""The seam to the outside on the writing side: what a target must be able to do, and the words it answers with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from koppel.entities import Entity
from koppel.settings import TargetSettings

Kind = Literal["create", "update", "withdraw"]
Outcome = Literal["delivered", "rejected", "transient", "ambiguous"]
Record = dict[str, Any]
"""What a target receives about one record: the ``sent`` and ``key`` columns that hold something, as JSON values (money as
text with a dot). A ``many`` entity: ``{key columns..., "rows": [{...}, ...]}`` in the order of the source."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan: bring this record to the target."""

    kind: Kind
    key: str
    record: Record
    fingerprint: str
    remote_id: str | None = None
    """What the target's last receipt called the record (any text that the loader chose)."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the target said about one record.

    delivered: it is done (not merely accepted) · rejected: no, in the target's ``message`` · transient: not now, safe to send
    again · ambiguous: nobody knows; read back by natural key before anything is sent again.
    """

    key: str
    outcome: Outcome
    message: str = ""
    remote_id: str | None = None
    sent: Any = None
    """What was sent for this record, without secrets and without file contents; for ``koppel why``."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """Something that must be made in the target first: an attribute, an option. Shown in the plan."""

    kind: str
    name: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``koppel doctor``: what was looked at, whether it is fine, and how to mend it if not."""

    subject: str
    is_fine: bool
    detail: str
    mend: str = ""


class Attempt(Protocol):
    """The ledger's row about a batch that is on its way; written before the first request."""

    idempotency_key: str

    def remember(self, reference: str) -> None:
        """Store what the target calls this batch (a bulk id), as soon as it is known, so that a later run can ask for it."""
        ...


class Target(Protocol):
    """A system that Koppel writes. Registered under ``koppel.targets`` in pyproject.toml and named in config/.

    The constructor takes the target's settings and opens nothing. ``name`` is the target's name in config.
    """

    name: str

    def __init__(self, settings: TargetSettings) -> None: ...

    def batch_size(self, entity: Entity, planned: int) -> int:
        """How many records one ``deliver`` call takes, by the limits found in the target and the size of the plan."""
        ...

    def normalise_key(self, key: str) -> str:
        """The key as the target compares it (Magento: no case, no accents, no outer spaces); equal results would collide."""
        ...

    def preparations(self, entity: Entity, records: Iterable[Record]) -> list[Preparation]:
        """What is missing in the target for these records; only reads."""
        ...

    def prepare(self, preparations: Sequence[Preparation]) -> None:
        """Make what is missing; making it twice has no effect."""
        ...

    def deliver(self, entity: Entity, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """Bring a batch to the target; exactly one receipt per change, in any order.

        Rejected records never end the batch. Raises TargetDown or TargetRefused only when nothing more can be done;
        receipts that were yielded before stay valid, the others are taken as ambiguous.
        """
        ...

    def read_back(self, entity: Entity, changes: Sequence[Change], reference: str | None) -> Iterator[Receipt]:
        """Settle what an earlier, interrupted ``deliver`` left open; sends nothing.

        ``reference`` is what ``Attempt.remember`` stored. A change that stands in the target as it should: delivered
        (with remote_id). One that does not: transient, it may be sent again. Waits until the target has nothing of ours under way.
        """
        ...

    def read_all(self, entity: Entity) -> Iterator[Sequence[tuple[str, Record]]]:
        """Everything the target holds of an entity, page by page, as (key, record) in our words; for the audit."""
        ...

    def check(self) -> list[Check]:
        """What ``koppel doctor`` shows; never raises for what it reports."""
        ...
