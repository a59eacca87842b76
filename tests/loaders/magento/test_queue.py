"""Waiting for Magento's queue: few questions, an own rule for "done", and an end to patience."""

from typing import Any

import pytest

from koppel.clock import Clock
from koppel.errors import TargetDown
from koppel.http import Answer
from loaders.magento.queue import OPEN, Queue


class FakeClock(Clock):
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class FakeShop:
    """A queue that works off so many operations a second, until it stops."""

    def __init__(self, count: int, per_second: float, stops_after: int | None = None, shown_after: float = 0) -> None:
        self.clock = FakeClock()
        self.count, self.per_second, self.shown_after = count, per_second, shown_after
        self.stops_after = count if stops_after is None else stops_after
        self.questions = 0

    def get(self, path: str, query: Any = None, **_: Any) -> Answer:
        self.questions += 1
        done = min(int(self.clock.time * self.per_second), self.stops_after)
        if "operation-status" in path:
            return Answer("done", 200, self.count - done)
        if path == "/V1/bulk":
            return Answer("done", 200, {"items": [], "total_count": self.count - done})
        if self.clock.time < self.shown_after:
            return Answer("done", 200, {"operations_list": [], "operation_count": 0})
        listed = [{"id": n, "status": 1 if n < done else OPEN, "result_message": None} for n in range(self.count)]
        return Answer("done", 200, {"operations_list": listed, "operation_count": self.count})


@pytest.mark.parametrize("per_second", [0.6, 2.5, 50, 100_000])
def test_a_bulk_of_a_thousand_takes_few_questions_however_fast_the_shop(per_second: float) -> None:
    shop = FakeShop(1000, per_second)
    operations = Queue(shop, longest_pause=600).follow("u", list(range(1000)))  # type: ignore[arg-type]
    assert {operation.status for operation in operations.values()} == {1}
    assert shop.questions <= 12
    assert shop.clock.time <= 1000 / per_second * 1.5 + 5, "nor may it wait much longer than the work takes"


def test_no_operations_known_is_not_done() -> None:
    shop = FakeShop(10, 1000, shown_after=40)
    operations = Queue(shop).follow("u", list(range(10)))  # type: ignore[arg-type]
    assert {operation.status for operation in operations.values()} == {1}
    assert shop.clock.time >= 40


def test_patience_ends_when_nothing_moves_but_not_while_something_does() -> None:
    slow = FakeShop(100, 0.1)
    assert {o.status for o in Queue(slow, patience_seconds=200).follow("u", list(range(100))).values()} == {1}  # type: ignore[arg-type]
    stuck = FakeShop(100, 10, stops_after=30)
    operations = Queue(stuck, patience_seconds=200).follow("u", list(range(100)))  # type: ignore[arg-type]
    assert sum(operation.status == OPEN for operation in operations.values()) == 70
    assert 200 < stuck.clock.time < 600


def test_idle_waits_also_for_a_bulk_whose_number_was_never_learned() -> None:
    shop = FakeShop(10, 0.5)
    Queue(shop).wait_until_idle([])  # type: ignore[arg-type]
    assert shop.clock.time >= 20
    with pytest.raises(TargetDown, match="10 operations"):
        Queue(FakeShop(10, 0), patience_seconds=30).wait_until_idle(["u"])  # type: ignore[arg-type]
