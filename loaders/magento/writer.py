"""Sends products to one store view, few by few or in bulk, and says of each what became of it."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from koppel.http import Answer
from koppel.magento.client import MagentoClient
from koppel.magento.messages import NO_QUEUE, is_worth_once_more, maximum, words
from koppel.target import Attempt, Outcome
from loaders.magento.failures import Failures
from loaders.magento.payloads import Payload
from loaders.magento.queue import COMPLETE, OPEN, RETRIABLE, Operation, Queue, stuck

log = logging.getLogger(__name__)

BULK = "/async/bulk/V1/products"
REQUEST_BYTES = 8 * 1024 * 1024
SYNC_RECORDS = 20


@dataclass(frozen=True, slots=True)
class Item:
    """One product to send: the change's key and the payload."""

    key: str
    payload: Payload


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item."""

    key: str
    outcome: Outcome
    message: str = ""


Stands = Callable[[str, Sequence[Item]], set[str]]
"""Which of these items stand in this store view exactly as they would be sent, by key; reads only."""


class ProductWriter:
    """The one that writes products. Never has two operations on one SKU under way, because it waits for each bulk."""

    def __init__(self, client: MagentoClient, queue: Queue, options: dict[str, Any]) -> None:
        self._client = client
        self._queue = queue
        self.bulk_limit = int(options.get("bulk_records", 1000))
        self.sync_limit = int(options.get("sync_records", SYNC_RECORDS))
        self._request_bytes = int(options.get("request_bytes", REQUEST_BYTES))
        self._settle_seconds = float(options.get("settle_seconds", 2))
        self._has_queue = bool(options.get("bulk", True))
        self._failures = Failures()
        self._uuids: list[str] = []

    def write(self, store: str, items: Sequence[Item], attempt: Attempt, stands: Stands) -> Iterator[Result]:
        """Send these items; one result each. Raises TargetDown when the shop, not a record, is the trouble."""
        if not self._has_queue or len(items) <= self.sync_limit:
            for item in items:
                yield self._one(store, item, stands)
            return
        for chunk in self._chunks(items):
            yield from self._bulk(store, chunk, attempt, stands)

    def begin(self) -> None:
        """A new batch: bulks of earlier batches are settled and need not be remembered."""
        self._uuids = []

    def _chunks(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        """Items in requests of bounded count and size."""
        chunk: list[Item] = []
        size = 0
        for item in items:
            length = len(json.dumps(item.payload)) + 16
            if chunk and (len(chunk) >= self.bulk_limit or size + length > self._request_bytes):
                yield chunk
                chunk, size = [], 0
            chunk.append(item)
            size += length
        if chunk:
            yield chunk

    def _bulk(
        self, store: str, items: list[Item], attempt: Attempt, stands: Stands, *, again: bool = True
    ) -> Iterator[Result]:
        answer = self._client.send("POST", BULK, [{"product": item.payload} for item in items], store=store)
        if answer.kind == "done" and isinstance(answer.body, dict) and answer.body.get("bulk_uuid"):
            self._failures.end()
            yield from self._accepted(store, items, answer.body, attempt, stands, again=again)
        elif answer.kind == "rejected":
            yield from self._refused(store, items, answer, attempt, stands)
        else:
            yield from self._unclear(store, items, answer, attempt, stands)

    def _accepted(
        self, store: str, items: list[Item], body: dict[str, Any], attempt: Attempt, stands: Stands, *, again: bool
    ) -> Iterator[Result]:
        """Accepted is not done: follow the operations, and say of each SKU what became of it."""
        self._uuids.append(str(body["bulk_uuid"]))
        attempt.remember(",".join(self._uuids))
        refused = {
            int(entry["id"]): str(entry.get("error_message") or "The shop's queue did not take it.")
            for entry in body.get("request_items") or []
            if entry.get("status") == "rejected"
        }
        for place, message in refused.items():
            yield Result(items[place].key, "rejected", message)
        accepted = [place for place in range(len(items)) if place not in refused]
        operations = self._queue.follow(self._uuids[-1], accepted)
        once_more = [items[place] for place, operation in operations.items() if again and _may_work_again(operation)]
        keys = {item.key for item in once_more}
        for place, operation in operations.items():
            if items[place].key not in keys:
                yield _result(items[place].key, operation)
        yield from self._once_more(store, once_more, attempt, stands)
        if left := sum(operation.status == OPEN for operation in operations.values()):
            raise stuck(left)

    def _once_more(self, store: str, items: list[Item], attempt: Attempt, stands: Stands) -> Iterator[Result]:
        if len(items) > self.sync_limit:
            yield from self._bulk(store, items, attempt, stands, again=False)
        else:
            for item in items:
                yield self._one(store, item, stands)

    def _refused(
        self, store: str, items: list[Item], answer: Answer, attempt: Attempt, stands: Stands
    ) -> Iterator[Result]:
        """One wrong type refuses the whole call: halve it until the bad record stands alone. Nothing was queued."""
        said = words(answer)
        if limit := maximum(said):
            self.bulk_limit = min(limit, max(1, len(items) - 1))
            for chunk in self._chunks(items):
                yield from self._bulk(store, chunk, attempt, stands)
        elif said == NO_QUEUE or answer.status in {404, 405}:
            log.warning("the shop has no queue for bulk calls (%s); products go one by one", said)
            self._has_queue = False
            yield from self.write(store, items, attempt, stands)
        elif len(items) == 1:
            yield Result(items[0].key, "rejected", said)
        else:
            yield from self._halves(store, items, attempt, stands)

    def _unclear(
        self, store: str, items: list[Item], answer: Answer, attempt: Attempt, stands: Stands
    ) -> Iterator[Result]:
        """The call may or may not have been carried out: look first. What does not stand is sent in halves, if an answer came."""
        self._failures.add(answer)
        self._client.clock.sleep(self._settle_seconds)
        self._queue.wait_until_idle([])
        standing = stands(store, items)
        for key in standing:
            yield Result(key, "delivered")
        rest = [item for item in items if item.key not in standing]
        if not answer.status:
            for item in rest:
                yield Result(item.key, "ambiguous", f"The shop gave no answer: {answer.message}.")
        elif len(rest) <= self.sync_limit:
            for item in rest:
                yield self._one(store, item, stands)
        else:
            yield from self._halves(store, rest, attempt, stands)

    def _halves(self, store: str, items: list[Item], attempt: Attempt, stands: Stands) -> Iterator[Result]:
        middle = (len(items) + 1) // 2
        for half in (items[:middle], items[middle:]):
            if half:
                yield from self._bulk(store, half, attempt, stands)

    def _one(self, store: str, item: Item, stands: Stands, *, again: bool = True) -> Result:
        """One product by the synchronous route."""
        answer = self._client.send("POST", "/V1/products", {"product": item.payload}, store=store)
        if answer.kind == "done":
            self._failures.end()
            return Result(item.key, "delivered")
        said = words(answer)
        if answer.kind == "rejected":
            if again and is_worth_once_more(said):
                return self._one(store, item, stands, again=False)
            return Result(item.key, "rejected", said)
        return self._settled(store, item, answer, stands, again=again)

    def _settled(self, store: str, item: Item, answer: Answer, stands: Stands, *, again: bool) -> Result:
        """One product whose call may have been carried out: look, and only then send once more."""
        self._failures.add(answer)
        self._client.clock.sleep(self._settle_seconds)
        if stands(store, [item]):
            return Result(item.key, "delivered")
        if not answer.status:
            return Result(item.key, "ambiguous", f"The shop gave no answer: {answer.message}.")
        if again:
            return self._one(store, item, stands, again=False)
        return Result(
            item.key, "transient", f"The shop failed twice on this record, and it is not there: {words(answer)}"
        )


def _may_work_again(operation: Operation) -> bool:
    return operation.status == RETRIABLE or (
        operation.status not in {COMPLETE, OPEN} and is_worth_once_more(operation.message)
    )


def _result(key: str, operation: Operation) -> Result:
    if operation.status == COMPLETE:
        return Result(key, "delivered")
    if operation.status == OPEN:
        return Result(
            key, "ambiguous", "The shop accepted it but did not work it off in time; its queue consumer may be off."
        )
    outcome: Outcome = "transient" if operation.status == RETRIABLE else "rejected"
    return Result(key, outcome, operation.message or f"The shop's operation ended with status {operation.status}.")
