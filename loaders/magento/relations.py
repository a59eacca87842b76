"""Relations between products as Magento's product links; links that the shop's people made stay."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from koppel.magento.keys import normalised
from koppel.target import Attempt, Change, Receipt, Record
from loaders.magento.payloads import Payload, checked_sku
from loaders.magento.products import ProductBase
from loaders.magento.rejection import Rejection
from loaders.magento.shop import Shop
from loaders.magento.writer import Item, ProductWriter

FIELDS = "sku,type_id,product_links"
TYPES = {"similar": "related", "accessory": "upsell", "goes_well_with": "crosssell"}
Link = tuple[str, str]
"""Link type and the normalised SKU that it points to."""


class Relations(ProductBase):
    """One record is all relations of a product. Magento replaces the whole list, so the others are sent along as they are."""

    def __init__(self, shop: Shop, writer: ProductWriter) -> None:
        super().__init__(shop, writer)
        self._types: dict[str, str] = {**TYPES, **shop.options.get("relation_types", {})}

    def deliver(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """Send each product's complete list of links, unless it stands already."""
        found = self._found(changes)
        waiting = []
        for change in changes:
            try:
                payload = self._payload(change, found)
            except Rejection as rejection:
                yield Receipt(change.key, "rejected", str(rejection), change.remote_id)
                continue
            if _agrees(payload, found[normalised(change.record["sku"])]):
                yield self._receipt_of(change, payload, found)
            else:
                waiting.append((change, payload))
        by_key = {change.key: (change, payload) for change, payload in waiting}
        items = [Item(change.key, payload) for change, payload in waiting]
        for result in self.writer.write("all", items, attempt, self.stands):
            change, payload = by_key[result.key]
            if result.outcome == "delivered":
                yield self._receipt_of(change, payload, found)
            else:
                yield Receipt(change.key, result.outcome, result.message, change.remote_id, payload)

    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare the links that stand with those that would be sent."""
        found = self._found(changes)
        for change in changes:
            try:
                payload = self._payload(change, found)
            except Rejection as rejection:
                yield Receipt(change.key, "rejected", str(rejection), change.remote_id)
                continue
            if _agrees(payload, found[normalised(change.record["sku"])]):
                yield self._receipt_of(change, payload, found)
            else:
                yield Receipt(change.key, "transient", "", change.remote_id)

    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """Every product that has links of our kinds."""
        names = {link_type: relation for relation, link_type in self._types.items()}
        for page in self.shop.client.all_products(FIELDS):
            yield [(item["sku"], {"sku": item["sku"], "rows": rows}) for item in page if (rows := _rows(item, names))]

    def stands(self, store: str, items: Sequence[Item]) -> set[str]:
        """Which products have exactly these links."""
        found = self.find([item.payload["sku"] for item in items], FIELDS, store)
        return {i.key for i in items if (s := found.get(normalised(i.payload["sku"]))) and _agrees(i.payload, s)}

    def _found(self, changes: Sequence[Change]) -> dict[str, dict[str, Any]]:
        """The products and all that they point to, as far as the shop has them."""
        skus = [change.record["sku"] for change in changes]
        skus += [row["related_sku"] for change in changes for row in change.record.get("rows", [])]
        return self.find(skus, FIELDS)

    def _payload(self, change: Change, found: Mapping[str, Mapping[str, Any]]) -> Payload:
        sku = checked_sku(change.record["sku"])
        standing = found.get(normalised(sku))
        if standing is None:
            raise Rejection(f"Product {sku!r} is not in the shop.")
        before, ours = _remembered(change.remote_id), self._wanted(change, found)
        taken = set(before) | {(link["link_type"], normalised(link["linked_product_sku"])) for link in ours}
        kept = [link for link in standing.get("product_links") or [] if _link(link) not in taken]
        return {"sku": sku, "product_links": [_plain(link) for link in kept] + ours}

    def _wanted(self, change: Change, found: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        if change.kind == "withdraw":
            return []
        links: dict[Link, dict[str, Any]] = {}
        for place, row in enumerate(change.record["rows"], 1):
            related = found.get(normalised(row["related_sku"]))
            link_type = self._types.get(row["relation"])
            if link_type is None:
                raise Rejection(f"Relation {row['relation']!r} has no link type; add it to relation_types.")
            if related is None or normalised(row["related_sku"]) == normalised(change.record["sku"]):
                continue
            links.setdefault(
                (link_type, normalised(related["sku"])),
                {
                    "sku": change.record["sku"],
                    "link_type": link_type,
                    "linked_product_sku": related["sku"],
                    "linked_product_type": related.get("type_id") or "simple",
                    "position": int(row.get("position") or place),
                },
            )
        return list(links.values())

    def _receipt_of(self, change: Change, payload: Payload, found: Mapping[str, Mapping[str, Any]]) -> Receipt:
        """Delivered; but when a related product is not in the shop the record is not complete, and says so until it is."""
        if change.kind == "withdraw":
            return Receipt(change.key, "delivered", "", None, payload)
        ours = sorted(
            (link["link_type"], normalised(link["linked_product_sku"])) for link in self._wanted(change, found)
        )
        remote = json.dumps(ours)
        lacking = sorted(
            {row["related_sku"] for row in change.record["rows"] if normalised(row["related_sku"]) not in found}
        )
        if not lacking:
            return Receipt(change.key, "delivered", "", remote, payload)
        message = f"The shop does not hold {', '.join(lacking)}, so nothing refers there; the other relations are in the shop."
        return Receipt(change.key, "rejected", message[:1000], remote, payload)


def _remembered(remote_id: str | None) -> list[Link]:
    """The links that our last delivery made."""
    try:
        return [(str(kind), str(sku)) for kind, sku in json.loads(remote_id or "[]")]
    except (ValueError, TypeError):
        return []


def _agrees(payload: Payload, standing: Mapping[str, Any]) -> bool:
    ours = {_link(link): link["position"] for link in payload["product_links"]}
    return ours == {_link(link): link.get("position") for link in standing.get("product_links") or []}


def _link(link: Mapping[str, Any]) -> Link:
    return str(link["link_type"]), normalised(str(link["linked_product_sku"]))


def _plain(link: Mapping[str, Any]) -> dict[str, Any]:
    return {name: link[name] for name in ("sku", "link_type", "linked_product_sku", "linked_product_type", "position")}


def _rows(item: Mapping[str, Any], names: Mapping[str, str]) -> list[Record]:
    links = [link for link in item.get("product_links") or [] if link["link_type"] in names]
    return [
        {
            "relation": names[link["link_type"]],
            "related_sku": link["linked_product_sku"],
            "position": link.get("position"),
        }
        for link in sorted(links, key=lambda link: (link["link_type"], link.get("position") or 0))
    ]
