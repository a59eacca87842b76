"""Stock per location: absolute quantities into the shop's sources, many in one call, and one bad row never stops the others."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from koppel.entities import STOCK_LEVEL, record_key
from koppel.http import Answer
from koppel.magento.client import sku_chunks, sku_filters
from koppel.magento.keys import normalised
from koppel.magento.messages import is_worth_once_more, maximum, words
from koppel.target import Attempt, Change, Preparation, Receipt, Record
from loaders.magento.failures import Failures
from loaders.magento.part import Part
from loaders.magento.payloads import checked_quantity, checked_sku
from loaders.magento.rejection import Rejection
from loaders.magento.shop import Shop
from loaders.magento.sources import Sources
from loaders.magento.stock_items import StockItems

PATH = "/V1/inventory/source-items"
FIELDS = "sku,source_code,quantity,status"
RECORDS = 500
MOST_NEIGHBOURS = 100
"""So many failing answers in a row are borne once the shop answered something of the same batch: bad rows come in flocks."""
NOWHERE = "The shop has no source for it any more; nothing was sent."
NO_REASON = "Could not save Source Item"
"""What Magento says for an unknown source, but also for any trouble in its database, a passing one too."""

Row = dict[str, Any]
Rows = Sequence[tuple[Change, Row]]


class StockLevels(Part):
    """What each source holds of each SKU. An SKU that the shop does not know is taken with 200 like any other, and nothing tells:
    the engine keeps it out, because a stock level waits for its product.

    Option ``stock_records`` (500): rows in one call; fewer once the shop said that it takes fewer.
    """

    def __init__(self, shop: Shop, sources: Sources) -> None:
        self._shop = shop
        self._sources = sources
        self._items = StockItems(shop, sources)
        self.limit = max(1, int(shop.options.get("stock_records", RECORDS)))
        self._failures = Failures()

    def batch_size(self, planned: int) -> int:  # noqa: ARG002
        """As many as one call takes."""
        return self.limit

    def preparations(self, records: Iterable[Record]) -> list[Preparation]:
        """The sources, the stock and the links that these records need and the shop lacks."""
        return self._sources.preparations(records)

    def deliver(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:  # noqa: ARG002
        """Send quantities. The call sets absolute values, so it may be repeated."""
        if not self._sources.has_inventory:
            yield from self._items.deliver(changes)
            return
        self._failures = Failures()
        rows, settled = self._rows(changes)
        yield from settled
        for part in self._parts(rows):
            yield from self._send(part)

    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare what the sources hold with what would be sent."""
        if not self._sources.has_inventory:
            yield from self._items.read_back(changes)
            return
        rows, settled = self._rows(changes)
        yield from settled
        standing = self._standing([row for _, row in rows])
        for change, row in rows:
            is_there = standing.get(_place(row)) == _held(row)
            if is_there or (change.kind == "withdraw" and _place(row) not in standing):
                yield Receipt(change.key, "delivered", "", row["source_code"], row)
            else:
                yield Receipt(change.key, "transient", "", change.remote_id)

    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """All that lies in our sources, source by source; what lies in others is nobody's business of ours."""
        if not self._sources.has_inventory:
            yield from self._items.read_all()
            return
        for source, location in self._sources.ours().items():
            for page in self._pages(source):
                yield [(record_key(STOCK_LEVEL, (location, item["sku"])), _record(location, item)) for item in page]

    def _rows(self, changes: Sequence[Change]) -> tuple[list[tuple[Change, Row]], list[Receipt]]:
        """The rows to send, and the receipts of changes that need none."""
        rows: list[tuple[Change, Row]] = []
        settled: list[Receipt] = []
        for change in changes:
            try:
                row = self._zero(change) if change.kind == "withdraw" else self._row(change.record)
            except Rejection as rejection:
                settled.append(Receipt(change.key, "rejected", str(rejection), change.remote_id))
                continue
            if row is None:
                settled.append(Receipt(change.key, "delivered", NOWHERE, change.remote_id))
            else:
                rows.append((change, row))
        return rows, settled

    def _row(self, record: Record) -> Row:
        """The row of a record; raises Rejection for one that the shop would refuse or cut."""
        sku, source = checked_sku(record["sku"]), self._sources.source(str(record["location"]))
        quantity = checked_quantity(record)
        is_in_stock = bool(record.get("is_in_stock", quantity > 0))
        return {"sku": sku, "source_code": source, "quantity": quantity, "status": int(is_in_stock)}

    def _zero(self, change: Change) -> Row | None:
        """Nothing left where the record was last delivered to; None where that is gone, or belongs to another location now."""
        location, source = str(change.record["location"]), change.remote_id or ""
        if not self._sources.exists(source):
            known = self._sources.locations.get(location)
            source = known.source if known else ""
        if not self._sources.exists(source) or self._sources.ours().get(normalised(source), location) != location:
            return None
        return {"sku": checked_sku(change.record["sku"]), "source_code": source, "quantity": 0, "status": 0}

    def _parts(self, rows: Rows) -> Iterator[Rows]:
        """As many rows at a time as the shop takes, which may change on the way."""
        start = 0
        while start < len(rows):
            part = rows[start : start + self.limit]
            yield part
            start += len(part)

    def _send(self, rows: Rows) -> Iterator[Receipt]:
        """One call. If it is refused, first those whose source is gone from the shop are sorted out: there may be many."""
        answer = self._post(rows)
        if answer.kind == "rejected" and not maximum(words(answer)):
            self._sources.forget()
            gone = {change.key for change, row in rows if not self._sources.exists(row["source_code"])}
            for change, row in rows:
                if change.key in gone:
                    said = f"The shop has no source {row['source_code']!r} any more."
                    yield Receipt(change.key, "rejected", said, change.remote_id, row)
            if gone:
                rows = [(change, row) for change, row in rows if change.key not in gone]
                answer = self._post(rows) if rows else answer
        yield from self._settled(rows, answer)

    def _post(self, rows: Rows) -> Answer:
        """Send rows; while the shop fails it is not asked again and again, because smaller parts follow anyway."""
        body = {"sourceItems": [row for _, row in rows]}
        answer = self._shop.client.send("POST", PATH, body, repeatable=not self._failures.in_a_row)
        if answer.kind == "ambiguous":
            self._failures.add(answer)
        else:
            self._failures.end()
            self._failures.most = MOST_NEIGHBOURS
        return answer

    def _settled(self, rows: Rows, answer: Answer) -> Iterator[Receipt]:
        """What an answer means for the rows that were sent; all or nothing, so a refusal is narrowed down."""
        if answer.kind == "done":
            yield from (Receipt(change.key, "delivered", "", row["source_code"], row) for change, row in rows)
        elif (limit := maximum(words(answer))) and limit < len(rows):
            self.limit = limit
            for part in self._parts(rows):
                yield from self._settled(part, self._post(part))
        elif answer.kind == "ambiguous" and answer.status < 500:
            yield from self._unclear(rows, answer)
        elif len(rows) > 1:
            yield from self._halves(rows)
        elif rows:
            yield from self._alone(rows, answer)

    def _halves(self, rows: Rows) -> Iterator[Receipt]:
        """Rows among which at least one is refused. When the first half is fine it lies in the other, which need not be asked.

        When it is not, the other is asked before the first is looked into: so a shop that refuses everything soon shows.
        """
        middle = len(rows) // 2
        first, second = rows[:middle], rows[middle:]
        answer = self._post(first)
        if answer.kind == "done" and len(second) > 1:
            yield from self._settled(first, answer)
            yield from self._halves(second)
        else:
            other = self._post(second)
            yield from self._settled(first, answer)
            yield from self._settled(second, other)

    def _alone(self, rows: Rows, answer: Answer) -> Iterator[Receipt]:
        """The one row that is to blame. A reason that may pass by itself is tried once more."""
        if answer.kind == "rejected" and (words(answer) == NO_REASON or is_worth_once_more(words(answer))):
            answer = self._post(rows)
        (change, row), said = rows[0], words(answer)
        if answer.kind == "done":
            yield Receipt(change.key, "delivered", "", row["source_code"], row)
        elif answer.kind == "rejected":
            said = f"{said} (the shop says no more; its log may)" if said == NO_REASON else said
            yield Receipt(change.key, "rejected", said, change.remote_id, row)
        else:
            yield from self._unclear(rows, answer)

    @staticmethod
    def _unclear(rows: Rows, answer: Answer) -> Iterator[Receipt]:
        message = f"The shop gave no usable answer: {answer.message}."
        yield from (Receipt(change.key, "ambiguous", message, change.remote_id, row) for change, row in rows)

    def _standing(self, rows: Sequence[Row]) -> dict[tuple[str, str], tuple[Decimal, int]]:
        """What the shop holds of these rows, in whichever way of asking takes fewer calls."""
        found: dict[tuple[str, str], tuple[Decimal, int]] = {}
        size = self._shop.client.page_size
        by_source: dict[str, list[str]] = {}
        for row in rows:
            by_source.setdefault(row["source_code"], []).append(row["sku"])
        each = [(skus, [source]) for source, all_skus in by_source.items() for skus in sku_chunks(all_skus, size)]
        at_once = max(1, size // max(1, len(by_source)))
        together = [(skus, list(by_source)) for skus in sku_chunks([row["sku"] for row in rows], at_once)]
        for skus, sources in min(each, together, key=len):
            groups = [sku_filters(skus), sku_filters(sources, "source_code")]
            found |= {_place(item): _held(item) for item in self._shop.client.everything(PATH, groups, FIELDS)}
        return found

    def _pages(self, source: str) -> Iterator[list[dict[str, Any]]]:
        """A source by ascending SKU; what is added meanwhile shifts nothing, and each page is read by itself."""
        last = ""
        while True:
            newer = [[("sku", "gt", last)]] if last else []
            groups = [[("source_code", "eq", source)], *newer]
            items, total = self._shop.client.search(PATH, groups, FIELDS, sorted_by="sku")
            if not items or items[-1]["sku"] == last:
                return
            yield items
            if total <= len(items):
                return
            last = items[-1]["sku"]


def _place(row: Row) -> tuple[str, str]:
    return normalised(row["source_code"]), normalised(row["sku"])


def _held(row: Row) -> tuple[Decimal, int]:
    return Decimal(str(row["quantity"])), int(row["status"])


def _record(location: str, item: Row) -> Record:
    return {
        "location": location,
        "sku": item["sku"],
        "quantity": float(item["quantity"]),
        "is_in_stock": int(item["status"]) == 1,
    }
