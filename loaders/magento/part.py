"""What brings one entity to a Magento shop, and what most of these parts share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from koppel.target import Attempt, Change, Preparation, Receipt, Record


class Part(ABC):
    """One entity's share of the target; see ``koppel.target.Target`` for what each method promises."""

    uses_queue: ClassVar[bool] = False
    """Whether something of ours may still be under way in the shop's queue after an interruption."""

    def batch_size(self, planned: int) -> int:
        """How many records one ``deliver`` takes."""
        return max(1, planned)

    def preparations(self, records: Iterable[Record]) -> list[Preparation]:  # noqa: ARG002
        """What these records need and the shop lacks."""
        return []

    @abstractmethod
    def deliver(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """Bring a batch to the shop."""

    @abstractmethod
    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare what stands in the shop with what would be sent."""

    @abstractmethod
    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """All that the shop holds, in our words."""
