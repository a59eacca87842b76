"""Base prices: one list per request, and the answer's errors put on the right SKU."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from koppel.http import Answer
from koppel.magento.keys import normalised
from koppel.magento.messages import filled, maximum, words
from koppel.target import Attempt, Change, Receipt, Record
from loaders.magento.part import Part
from loaders.magento.payloads import checked_sku, number
from loaders.magento.rejection import Rejection
from loaders.magento.shop import Shop

PATH = "/V1/products/base-prices"
RECORDS = 500
WITHDRAWN = "The source has no price any more; the shop keeps the last one."


class Prices(Part):
    """Prices at ``all`` (store 0), in euro without VAT."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.limit = int(shop.options.get("price_records", RECORDS))

    def batch_size(self, planned: int) -> int:  # noqa: ARG002
        """As many as one call takes; fewer once the shop said so."""
        return self.limit

    def deliver(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """Send prices. The call sets absolute values, so it may be repeated; its answer lists what was not saved."""
        rows: list[tuple[Change, dict[str, Any]]] = []
        for change in changes:
            if change.kind == "withdraw":
                yield Receipt(change.key, "delivered", WITHDRAWN, change.remote_id)
                continue
            try:
                rows.append((change, _row(change)))
            except Rejection as rejection:
                yield Receipt(change.key, "rejected", str(rejection))
        attempt.remember("base-prices")
        start = 0
        while start < len(rows):
            part = rows[start : start + self.limit]
            answer = self._shop.client.send("POST", PATH, {"prices": [row for _, row in part]}, repeatable=True)
            if (limit := maximum(words(answer))) and limit < self.limit:
                self.limit = limit
                continue
            yield from self._receipts(part, answer)
            start += len(part)

    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare the prices that stand with those that would be sent."""
        standing = self._standing([change.record["sku"] for change in changes])
        for change in changes:
            if change.kind == "withdraw":
                yield Receipt(change.key, "delivered", WITHDRAWN, change.remote_id)
                continue
            is_there = standing.get(normalised(change.record["sku"])) == Decimal(
                str(change.record["price_eur_excl_vat"])
            )
            yield Receipt(change.key, "delivered" if is_there else "transient")

    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """Every price of the shop, with all its digits."""
        for page in self._shop.client.all_products("sku,price"):
            yield [
                (item["sku"], {"sku": item["sku"], "price_eur_excl_vat": f"{_decimal(item['price']).normalize():f}"})
                for item in page
                if item.get("price") is not None
            ]

    def _receipts(self, part: Sequence[tuple[Change, dict[str, Any]]], answer: Answer) -> Iterator[Receipt]:
        if answer.kind == "ambiguous":
            yield from (
                Receipt(c.key, "ambiguous", f"The shop gave no usable answer: {answer.message}.", sent=r)
                for c, r in part
            )
        elif answer.kind == "rejected" and len(part) > 1:
            middle = len(part) // 2
            for half in (part[:middle], part[middle:]):
                body = {"prices": [row for _, row in half]}
                yield from self._receipts(half, self._shop.client.send("POST", PATH, body, repeatable=True))
        elif answer.kind == "rejected":
            yield Receipt(part[0][0].key, "rejected", words(answer), sent=part[0][1])
        else:
            yield from self._listed(part, answer.body if isinstance(answer.body, list) else [])

    def _listed(self, part: Sequence[tuple[Change, dict[str, Any]]], errors: list[dict[str, Any]]) -> Iterator[Receipt]:
        """An error may name the SKU, or only the bad value: then what stands in the shop tells whose it was."""
        standing = self._standing([row["sku"] for _, row in part]) if errors else {}
        said = [(filled(str(e.get("message", "")), e.get("parameters")), _texts(e.get("parameters"))) for e in errors]
        for change, row in part:
            is_there = not errors or standing.get(normalised(row["sku"])) == _decimal(row["price"])
            if is_there:
                yield Receipt(change.key, "delivered", "", change.remote_id, row)
            else:
                named = [text for text, values in said if normalised(row["sku"]) in values]
                loose = [text for text, values in said if not values & {normalised(r["sku"]) for _, r in part}]
                message = " ".join(named or loose) or "The shop did not save this price and did not say why."
                yield Receipt(change.key, "rejected", message[:1000], change.remote_id, row)

    def _standing(self, skus: Sequence[str]) -> dict[str, Decimal]:
        """The prices at ``all`` by normalised SKU."""
        found: dict[str, Decimal] = {}
        for start in range(0, len(skus), self.limit):
            body = {"skus": list(skus[start : start + self.limit])}
            answer = self._shop.client.send("POST", f"{PATH}-information", body, repeatable=True)
            rows = answer.body if answer.kind == "done" and isinstance(answer.body, list) else []
            found |= {
                normalised(row["sku"]): _decimal(row["price"]) for row in rows if int(row.get("store_id", 0)) == 0
            }
        return found


def _row(change: Change) -> dict[str, Any]:
    price = number(change.record["price_eur_excl_vat"], 6, "The price")
    return {"price": price, "store_id": 0, "sku": checked_sku(change.record["sku"])}


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _texts(parameters: Any) -> set[str]:
    values = parameters.values() if isinstance(parameters, dict) else parameters or []
    return {normalised(str(value)) for value in values}
