"""Stock of a shop without multi-source inventory: one quantity per product, one call per record."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from koppel.entities import STOCK_LEVEL, record_key
from koppel.http import Answer
from koppel.magento.messages import words
from koppel.target import Change, Receipt, Record
from loaders.magento.failures import Failures
from loaders.magento.payloads import checked_quantity, checked_sku
from loaders.magento.rejection import Rejection
from loaders.magento.shop import Shop
from loaders.magento.sources import Sources

LOCATION = "default"
"""What a source calls all locations together (its option ``combine``)."""
KEPT_TOGETHER = "The shop holds one stock for all locations, and this one is not it; nothing was sent."
Item = dict[str, Any]


class StockItems:
    """The one stock item of each product. A receipt's remote id is its number, so that it is looked up once."""

    def __init__(self, shop: Shop, sources: Sources) -> None:
        self._shop = shop
        self._sources = sources

    def deliver(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Send each quantity; absolute, so it may be repeated."""
        failures = Failures()
        for change in changes:
            yield self._refused(change) or self._sent(change, failures)

    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare the items that stand with those that would be sent."""
        for change in changes:
            if refused := self._refused(change):
                yield refused
                continue
            wanted, item = _wanted(change), self._item(change.record["sku"])
            if (item and _agrees(wanted, item)) or (not item and change.kind == "withdraw"):
                remote = str(item["item_id"]) if item else change.remote_id
                yield Receipt(change.key, "delivered", "", remote, wanted)
            else:
                yield Receipt(change.key, "transient", "", change.remote_id)

    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """Every product's item. No route shows them in a list, so this takes a call per product: something for the night."""
        location = self._location()
        for page in self._shop.client.all_products("sku"):
            found = [(product["sku"], self._item(product["sku"])) for product in page]
            yield [
                (record_key(STOCK_LEVEL, (location, sku)), _record(location, sku, item)) for sku, item in found if item
            ]

    def _sent(self, change: Change, failures: Failures) -> Receipt:
        sku, wanted = change.record["sku"], _wanted(change)
        number = change.remote_id if change.remote_id and change.remote_id.isdecimal() else None
        if number is None:
            item = self._item(sku)
            if item is None:
                return _not_there(change)
            number = str(item["item_id"])
        path = f"/V1/products/{quote(sku, safe='')}/stockItems/{number}"
        answer = self._shop.client.send("PUT", path, {"stockItem": wanted}, repeatable=not failures.in_a_row)
        if answer.kind == "ambiguous":
            failures.add(answer)
        else:
            failures.end()
        return _receipt(change, wanted, number, answer)

    def _refused(self, change: Change) -> Receipt | None:
        """The answer to a change that can't be sent as it is."""
        location = str(change.record["location"])
        if location != self._location() and change.kind == "withdraw":
            return Receipt(change.key, "delivered", KEPT_TOGETHER, change.remote_id)
        try:
            checked_sku(change.record["sku"])
            _wanted(change)
        except Rejection as rejection:
            return Receipt(change.key, "rejected", str(rejection), change.remote_id)
        if location == self._location():
            return None
        said = (
            f"This shop holds one stock for all locations (it has no multi-source inventory), so {location!r} can't stand in it "
            f"by itself: set combine = true for the source of the stock, which adds them up as {LOCATION!r}."
        )
        return Receipt(change.key, "rejected", said, change.remote_id)

    def _location(self) -> str:
        """All locations together, or the only one that there is."""
        configured = list(self._sources.locations)
        return configured[0] if len(configured) == 1 else LOCATION

    def _item(self, sku: str) -> Item | None:
        answer = self._shop.client.get(f"/V1/stockItems/{quote(sku, safe='')}")
        return answer.body if answer.kind == "done" and isinstance(answer.body, dict) else None


def _receipt(change: Change, wanted: Item, number: str, answer: Answer) -> Receipt:
    if answer.kind == "done":
        return Receipt(change.key, "delivered", "", number, wanted)
    if answer.status == 404:
        return _not_there(change)
    if answer.kind == "rejected":
        return Receipt(change.key, "rejected", words(answer), change.remote_id, wanted)
    said = f"The shop gave no usable answer: {answer.message}."
    return Receipt(change.key, "ambiguous", said, change.remote_id, wanted)


def _wanted(change: Change) -> Item:
    if change.kind == "withdraw":
        return {"qty": 0, "is_in_stock": False}
    quantity = checked_quantity(change.record)
    return {"qty": quantity, "is_in_stock": bool(change.record.get("is_in_stock", quantity > 0))}


def _agrees(wanted: Item, item: Item) -> bool:
    """Magento itself takes what holds nothing out of stock, whatever was sent."""
    holds = Decimal(str(wanted["qty"]))
    is_same = Decimal(str(item.get("qty") or 0)) == holds
    return is_same and (not holds or bool(item.get("is_in_stock")) == wanted["is_in_stock"])


def _record(location: str, sku: str, item: Item) -> Record:
    quantity, is_in_stock = float(item.get("qty") or 0), bool(item.get("is_in_stock"))
    return {"location": location, "sku": sku, "quantity": quantity, "is_in_stock": is_in_stock}


def _not_there(change: Change) -> Receipt:
    if change.kind == "withdraw":
        return Receipt(change.key, "delivered", "The shop has no such product any more.", change.remote_id)
    return Receipt(change.key, "rejected", f"The shop has no product {change.record['sku']!r}.", change.remote_id)
