"""Products at ``all`` and their texts in each store view."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from koppel.entities import PRODUCT_TEXT, record_key, split_key
from koppel.magento.keys import normalised
from koppel.target import Attempt, Change, Preparation, Receipt, Record
from loaders.magento.attributes import PREFIX, Attributes
from loaders.magento.categories import Categories
from loaders.magento.part import Part
from loaders.magento.payloads import (
    DISABLED,
    ENABLED,
    HIDDEN,
    TEXTS,
    VISIBLE,
    Payload,
    agrees,
    attribute_list,
    attribute_values,
    category_ids,
    checked_name,
    checked_sku,
    number,
    slug,
    text_payload,
)
from loaders.magento.rejection import Rejection
from loaders.magento.shop import Shop
from loaders.magento.writer import Item, ProductWriter, Result

FIELDS = (
    "sku,name,price,status,visibility,weight,attribute_set_id,type_id,"
    "extension_attributes[website_ids,category_links],custom_attributes[attribute_code,value]"
)


class ProductBase(Part):
    """What products and their texts share: one payload per change, one result per SKU."""

    uses_queue = True

    def __init__(self, shop: Shop, writer: ProductWriter) -> None:
        self.shop = shop
        self.writer = writer

    def batch_size(self, planned: int) -> int:
        """As many as one bulk takes; fewer once the shop said so."""
        return max(1, min(self.writer.bulk_limit, planned))

    def stands(self, store: str, items: Sequence[Item]) -> set[str]:
        """Which items stand in the shop as they would be sent, by key."""
        found = self.find([item.payload["sku"] for item in items], FIELDS, store)
        return {i.key for i in items if (s := found.get(normalised(i.payload["sku"]))) and agrees(i.payload, s)}

    def find(self, skus: Iterable[str], fields: str, store: str = "all") -> dict[str, dict[str, Any]]:
        """These products by normalised SKU, as far as the shop has them."""
        return {normalised(item["sku"]): item for item in self.shop.client.products(list(skus), fields, store=store)}

    def send(
        self, store: str, changes: Sequence[Change], build: Callable[[Change], Payload], attempt: Attempt
    ) -> Iterator[tuple[Change, Receipt]]:
        """Send one payload per change; a change without a payload, or one that is gone already, is settled on the spot."""
        items: dict[str, Item] = {}
        by_key = {change.key: change for change in changes}
        for change in changes:
            try:
                items[change.key] = Item(change.key, build(change))
            except Rejection as rejection:
                yield change, Receipt(change.key, "rejected", str(rejection))
        for result in self.writer.write(store, list(items.values()), attempt, self.stands):
            change = by_key[result.key]
            yield change, self._receipt(change, result, items[result.key].payload)

    def _receipt(self, change: Change, result: Result, payload: Payload) -> Receipt:
        if result.outcome == "rejected" and change.kind == "withdraw" and not self.find([payload["sku"]], "sku"):
            return Receipt(change.key, "delivered", "The shop has no such product any more.", change.remote_id)
        return Receipt(change.key, result.outcome, result.message, change.remote_id, payload)


class Products(ProductBase):
    """Products: global fields only. A new one is not visible anywhere until a text makes it so in its store view."""

    def __init__(self, shop: Shop, writer: ProductWriter, attributes: Attributes, categories: Categories) -> None:
        super().__init__(shop, writer)
        self._attributes = attributes
        self._categories = categories

    def preparations(self, records: Iterable[Record]) -> list[Preparation]:
        """The attribute set, attributes and options that these products need and the shop lacks."""
        return self._attributes.preparations(records)

    def deliver(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """Bring products to ``all``; a product that moved to another category leaves the one that we had put it in."""
        new = self._not_there([change for change in changes if change.kind == "create"])

        def build(change: Change) -> Payload:
            return self.payload(change, is_new=change.key in new)

        for change, receipt in self.send("all", changes, build, attempt):
            was_sent = change.kind != "withdraw" and receipt.sent is not None
            yield self._moved(change, receipt) if was_sent else receipt

    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare what stands at ``all`` with what would be sent."""
        found = self.find([change.record["sku"] for change in changes], FIELDS)
        for change in changes:
            standing = found.get(normalised(change.record["sku"]))
            try:
                is_there = standing is not None and self._agrees(change, standing)
            except Rejection as rejection:
                yield Receipt(change.key, "rejected", str(rejection))
                continue
            remote = change.remote_id
            if change.kind != "withdraw" and standing is not None:
                remote = self._remote_id(change, is_settled=is_there)
            yield Receipt(change.key, "delivered" if is_there else "transient", "", remote)

    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """Every product of the shop in our words."""
        names = {self._attributes.code(name): name for name in ("gtin", "brand")}
        names |= {self._attributes.code(PREFIX + code): PREFIX + code for code in self.shop.settings.properties}
        for page in self.shop.client.all_products(FIELDS):
            yield [(item["sku"], self._record(item, names)) for item in page]

    def payload(self, change: Change, *, is_new: bool) -> Payload:
        """A product as it is sent to ``all``. Only a new one is given a price; prices are an entity of their own, and what the
        shop already has is never overwritten with it."""
        record = change.record
        if change.kind == "withdraw":
            return {"sku": checked_sku(record["sku"]), "status": DISABLED}
        values = self._attributes.written(record)
        if record.get("tax_class"):
            values["tax_class_id"] = self._tax_class(str(record["tax_class"]))
        payload: Payload = {
            "sku": checked_sku(record["sku"]),
            "attribute_set_id": self.shop.attribute_set_id,
            "status": self._status(record),
        }
        if record.get("name"):
            payload["name"] = checked_name(record["name"])
        if record.get("weight_kg") is not None:
            payload["weight"] = number(record["weight_kg"], 4, "The weight")
        extension: dict[str, Any] = {}
        category = self._category_of(change)
        if category and (is_new or _places(change.remote_id) != {category}):
            # Only a new link is sent: repeating one would reset the place that the shop's people gave the product there.
            extension["category_links"] = [{"category_id": category}]
        if is_new:
            payload |= {"type_id": "simple", "price": _first_price(record), "visibility": HIDDEN}
            values["url_key"] = slug(record.get("name", ""), record["sku"])
            extension["website_ids"] = [self.shop.website_id]
        return _with(payload, values, extension)

    def _not_there(self, creates: Sequence[Change]) -> set[str]:
        """Keys of new products that the shop does not have yet (one that it has keeps its price and visibility)."""
        if not creates:
            return set()
        found = self.find([change.record["sku"] for change in creates], "sku")
        return {change.key for change in creates if normalised(change.record["sku"]) not in found}

    def _agrees(self, change: Change, standing: Mapping[str, Any]) -> bool:
        if not agrees(self.payload(change, is_new=False), standing):
            return False
        return change.kind == "withdraw" or not self._left(change) & category_ids(standing)

    def _moved(self, change: Change, receipt: Receipt) -> Receipt:
        """Magento only adds category links, so the one that we gave before is taken away here; others are left alone."""
        outcome, message = receipt.outcome, receipt.message
        for left in sorted(self._left(change)) if outcome == "delivered" else ():
            path = f"/V1/categories/{left}/products/{quote(change.record['sku'], safe='')}"
            answer = self.shop.client.send("DELETE", path, repeatable=True)
            if answer.kind == "ambiguous":
                outcome, message = "transient", f"Not yet out of category {left}: {answer.message}"
        remote = self._remote_id(change, is_settled=outcome == "delivered")
        return Receipt(receipt.key, outcome, message, remote, receipt.sent)

    def _category_of(self, change: Change) -> str | None:
        code = change.record.get("category_code")
        return self._categories.number(code) if code else None

    def _left(self, change: Change) -> set[str]:
        """The categories that the product must leave: ours, when it has another one now."""
        category = self._category_of(change)
        return _places(change.remote_id) - {category} if category else set()

    def _remote_id(self, change: Change, *, is_settled: bool) -> str | None:
        """What is remembered of a product: its category, and while a move is not settled also those that it may stand in."""
        category = self._category_of(change)
        if category is None:
            return change.remote_id
        left = [] if is_settled else sorted(self._left(change))
        return json.dumps({"category_id": category} | ({"left": left} if left else {}))

    def _tax_class(self, name: str) -> str:
        classes = self.shop.options.get("tax_classes", {})
        if name not in classes:
            raise Rejection(
                f"Tax class {name!r} is not in tax_classes of koppel.toml ({', '.join(classes) or 'empty'})."
            )
        return str(classes[name])

    def _tax_class_name(self, number: str) -> str | None:
        """Our word for a tax class of the shop, unless two of ours share it: then nobody can tell which it was."""
        names = [name for name, known in self.shop.options.get("tax_classes", {}).items() if str(known) == number]
        return names[0] if len(names) == 1 else None

    def _status(self, record: Record) -> int:
        statuses = self.shop.options.get("statuses", {"active": ENABLED, "ended": DISABLED})
        return int(statuses.get(str(record.get("status", "active")), ENABLED))

    def _record(self, item: Mapping[str, Any], names: Mapping[str, str]) -> Record:
        values = attribute_values(item)
        known = self._attributes.known(names)
        record: Record = {"sku": item["sku"], "name": item.get("name"), "weight_kg": item.get("weight")}
        record["status"] = "active" if item.get("status") == ENABLED else "ended"
        record |= {names[code]: attribute.read(values[code]) for code, attribute in known.items() if values.get(code)}
        record["tax_class"] = self._tax_class_name(str(values.get("tax_class_id")))
        record["category_code"] = next(iter(sorted(self._categories.codes(category_ids(item)))), None)
        return {name: value for name, value in record.items() if value not in (None, "")}


class ProductTexts(ProductBase):
    """Texts per language: each goes to its store view, and makes the product visible there."""

    def deliver(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """Language after language, so that no SKU has two operations under way."""
        for language, group in _by_language(changes).items():
            for _, receipt in self.send(self.shop.store(language), group, self.payload, attempt):
                yield receipt

    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare what stands in each store view with what would be sent."""
        for language, group in _by_language(changes).items():
            items: list[Item] = []
            for change in group:
                try:
                    items.append(Item(change.key, self.payload(change)))
                except Rejection as rejection:
                    yield Receipt(change.key, "rejected", str(rejection))
            standing = self.stands(self.shop.store(language), items)
            for item in items:
                yield Receipt(item.key, "delivered" if item.key in standing else "transient")

    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """Every text that a customer can see, in our words."""
        for language, store in self.shop.stores.items():
            for page in self.shop.client.all_products(FIELDS, store=store):
                shown = [item for item in page if item.get("visibility") == VISIBLE]
                yield [
                    (record_key(PRODUCT_TEXT, (language, item["sku"])), _text_record(language, item)) for item in shown
                ]

    def payload(self, change: Change) -> Payload:
        """One text as it is sent, or the hiding of a withdrawn one."""
        if change.kind == "withdraw":
            return {"sku": checked_sku(change.record["sku"]), "visibility": HIDDEN}
        return text_payload(change.record, is_new=change.kind == "create")


def _first_price(record: Record) -> float:
    """Magento takes a new product without a price as free, so one that has none is not made at all."""
    price = record.get("first_price_eur_excl_vat")
    if price is None:
        raise Rejection("A new product needs a price, or Magento would sell it for nothing.")
    return number(price, 4, "The price")


def _by_language(changes: Sequence[Change]) -> dict[str, list[Change]]:
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(split_key(PRODUCT_TEXT, change.key)[0], []).append(change)
    return groups


def _text_record(language: str, item: Mapping[str, Any]) -> Record:
    values = attribute_values(item)
    record = {"language": language, "sku": item["sku"], "name": item.get("name")}
    record |= {field: values.get(attribute) for field, attribute in TEXTS.items()}
    return {name: value for name, value in record.items() if value not in (None, "")}


def _with(payload: Payload, values: Mapping[str, Any], extension: Mapping[str, Any]) -> Payload:
    if values:
        payload["custom_attributes"] = attribute_list(values)
    if extension:
        payload["extension_attributes"] = dict(extension)
    return payload


def _places(remote_id: str | None) -> set[str]:
    """The categories that our last delivery put the product in, or may have left it in."""
    try:
        known = json.loads(remote_id or "{}")
        return {str(number) for number in [known.get("category_id"), *known.get("left", [])] if number is not None}
    except (ValueError, AttributeError, TypeError):
        return set()
