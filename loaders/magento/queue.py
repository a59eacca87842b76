"""Magento's queue of asynchronous operations: what became of a bulk, and when nothing of ours is under way any more."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from koppel.errors import TargetDown
from koppel.magento.client import MagentoClient
from koppel.magento.messages import filled

log = logging.getLogger(__name__)

COMPLETE, RETRIABLE, FAILED, OPEN, REJECTED = 1, 2, 3, 4, 5
TOPIC = "async.magento.catalog.api.productrepositoryinterface.save.post"
MEND = (
    "Start the shop's consumer: bin/magento queue:consumers:start async.operations.all (or its cron), then run again."
)
STATUS_FIELDS = "operation_count,operations_list[id,status,result_message,error_code]"


@dataclass(frozen=True, slots=True)
class Operation:
    """What became of one item of a bulk."""

    status: int
    message: str


class Queue:
    """Follows our bulks. ``patience_seconds``: how long to wait while not one operation more gets done."""

    def __init__(self, client: MagentoClient, patience_seconds: float = 300, longest_pause: float = 60) -> None:
        self._client = client
        self._patience = patience_seconds
        self._longest_pause = longest_pause

    def follow(self, uuid: str, accepted: list[int]) -> dict[int, Operation]:
        """Wait for a bulk; what became of each accepted item, by its place in the request.

        An item that is still open when patience ends has status OPEN. The summary status of a bulk is not to be trusted
        (magento2#36911) and young schedulers show no operations at all, so a bulk is done when as many operations as
        were accepted are known and none is open.
        """
        found: dict[int, Operation] = {}

        def open_count() -> int:
            found.clear()
            found.update(self._operations(uuid, accepted))
            return len(accepted) - sum(operation.status != OPEN for operation in found.values())

        self._wait(open_count, len(accepted))
        return {place: found.get(place, Operation(OPEN, "not known to the shop yet")) for place in accepted}

    def wait_until_idle(self, uuids: list[str]) -> None:
        """Wait until none of these bulks has an open operation, and no product operation is open at all: a bulk whose number
        was never learned may be under way besides."""
        for count in [*(self._open_of(uuid) for uuid in uuids), self._open_at_all]:
            if left := self._wait(count, count()):
                raise stuck(left)

    def _wait(self, open_count: Callable[[], int], total: int) -> int:
        """Ask until nothing is open or patience ends; how many are still open. Asks seldom: about when the rest should be done."""
        clock = self._client.clock
        started = progressed = clock.now()
        pause, left = 0.25, total
        while True:
            before, left = left, open_count()
            now = clock.now()
            progressed = now if left < before else progressed
            if left == 0 or now - progressed > self._patience:
                return left
            pause = min(pause * 2, self._longest_pause)
            if done := total - left:
                pause = min(max(pause / 2, left * (now - started) / done), self._longest_pause)
            clock.sleep(pause)

    def _open_of(self, uuid: str) -> Callable[[], int]:
        def count() -> int:
            answer = self._client.get(f"/V1/bulk/{uuid}/operation-status/{OPEN}")
            return int(answer.body) if answer.kind == "done" and str(answer.body).isdecimal() else 0

        return count

    def _open_at_all(self) -> int:
        query = [
            ("searchCriteria[filter_groups][0][filters][0][field]", "status"),
            ("searchCriteria[filter_groups][0][filters][0][value]", str(OPEN)),
            ("searchCriteria[filter_groups][1][filters][0][field]", "topic_name"),
            ("searchCriteria[filter_groups][1][filters][0][value]", TOPIC),
            ("searchCriteria[pageSize]", "1"),
            ("fields", "items[id],total_count"),
        ]
        answer = self._client.get("/V1/bulk", query)
        # A shop without these routes has no queue, so nothing can be under way there.
        return (
            int(answer.body.get("total_count") or 0) if answer.kind == "done" and isinstance(answer.body, dict) else 0
        )

    def _operations(self, uuid: str, accepted: list[int]) -> dict[int, Operation]:
        answer = self._client.get(f"/V1/bulk/{uuid}/status", [("fields", STATUS_FIELDS)])
        listed = answer.body.get("operations_list") if answer.kind == "done" and isinstance(answer.body, dict) else None
        return placed(listed or [], accepted)


def placed(listed: list[dict[str, Any]], accepted: list[int]) -> dict[int, Operation]:
    """Operations by their place in the request.

    Magento 2.4.4 numbers them by place; versions that give row numbers instead list them in ascending order.
    """
    by_id = {int(item["id"]): item for item in listed if item.get("id") is not None}
    if set(by_id) <= set(accepted):
        return {place: _operation(item) for place, item in by_id.items()}
    if len(by_id) != len(accepted):
        return {}
    return {place: _operation(by_id[number]) for place, number in zip(sorted(accepted), sorted(by_id), strict=True)}


def stuck(count: int) -> TargetDown:
    """The error for a queue that nobody works off."""
    return TargetDown(
        f"The shop accepted our changes but does not work them off: {count} operations stay open.",
        kept="They are not sent again before it is known what became of them.",
        do=MEND,
    )


def _operation(item: dict[str, Any]) -> Operation:
    return Operation(int(item.get("status") or OPEN), filled(str(item.get("result_message") or ""), None))
