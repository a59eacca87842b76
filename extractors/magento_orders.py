"""Orders of a Magento shop as lines of stock: what a customer sees as one product may be several rows, and only some are goods.

A configurable product and its variant are two rows of one thing: the parent's row counts what happened, the variant's stays at 0
for ever. A bundle is a row of its own and a row per thing in it; where it ships together, only the bundle's row counts shipments.
What needs no stock (virtual, downloadable) is left out.
"""

import logging
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from extractors import shape
from koppel.order_texts import told

log = logging.getLogger(__name__)

ORDER_FIELDS = (
    "entity_id,increment_id,state,updated_at,"
    "items[item_id,parent_item_id,sku,product_type,is_virtual,qty_ordered,qty_shipped,qty_canceled,qty_refunded]"
)
SHIPMENT_FIELDS = "entity_id,order_id,items[order_item_id,qty],extension_attributes"

SCHEMA = pa.schema(
    [
        ("order_number", pa.string()),
        ("sku", pa.string()),
        ("ordered", pa.float64()),
        ("shipped", pa.float64()),
        ("cancelled", pa.float64()),
        ("refunded", pa.float64()),
        ("shipped_from", pa.string()),
        ("state", pa.string()),
        ("modified_at", pa.string()),
    ]
)
_COUNTS = {
    "ordered": "qty_ordered",
    "shipped": "qty_shipped",
    "cancelled": "qty_canceled",
    "refunded": "qty_refunded",
}
_NO_GOODS = {"virtual", "downloadable"}

Item = dict[str, Any]


@dataclass(slots=True)
class _Goods:
    """What an order says of one thing: pieces by count, and which rows of a shipment mean how many pieces of it."""

    sku: str
    counts: dict[str, float]
    shipped_as: dict[int, float] = field(default_factory=dict)


def table_of(orders: Iterable[dict[str, Any]], shipments: dict[int, list[dict[str, Any]]]) -> pa.Table:
    """The lines of these orders, one row per order and SKU. ``shipments``: by the order's entity_id."""
    rows = [row for order in orders for row in _rows(order, shipments.get(whole(order, "entity_id"), []))]
    return shape.with_times(pa.Table.from_pylist(rows, schema=SCHEMA), "The shop's orders")


def has_shipped(order: dict[str, Any]) -> bool:
    """Whether anything of an order left the house."""
    return any(_pieces(item.get("qty_shipped")) > 0 for item in order.get("items") or [])


def whole(record: dict[str, Any], name: str) -> int:
    """A number that the shop gives to a record; 0 where there is none."""
    value = record.get(name)
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else 0


def _rows(order: dict[str, Any], shipments: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    by_sku: dict[str, list[_Goods]] = defaultdict(list)
    for goods in _goods(order):
        by_sku[goods.sku].append(goods)
    common = {"order_number": _text(order.get("increment_id")), "state": _text(order.get("state"))}
    common["modified_at"] = _utc(_text(order.get("updated_at")))
    for sku, parts in by_sku.items():
        counts = {name: round(sum(part.counts[name] for part in parts), 6) for name in _COUNTS}
        yield {**common, "sku": sku, **counts, "shipped_from": told(_shipped_from(parts, shipments)) or None}


def _goods(order: dict[str, Any]) -> Iterator[_Goods]:
    items: list[Item] = order.get("items") or []
    known = {whole(item, "item_id") for item in items}
    children: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        parent = whole(item, "parent_item_id")
        children[parent if parent in known else 0].append(item)
    for item in children[0]:
        inside = children[whole(item, "item_id")] if whole(item, "item_id") else []
        found = _bundle(item, inside) if inside and item.get("product_type") != "configurable" else _plain(item, inside)
        for goods in found:
            if goods.sku.strip():
                yield goods
            else:
                log.warning(
                    "Order %s has a line without a SKU; it is left out", shape.one_line(order.get("increment_id"))
                )


def _plain(item: Item, variants: list[Item]) -> Iterator[_Goods]:
    """One thing; of a configurable product the variant says which one, and the row itself how many."""
    which = variants[0] if variants else item
    if _is_goods(which):
        yield _Goods(_text(which.get("sku")) or "", _counts(item), {whole(item, "item_id"): 1.0})


def _bundle(item: Item, inside: list[Item]) -> Iterator[_Goods]:
    """The things in a bundle. A count that no row of them has stands in the bundle's own row, for all of them together."""
    own, parts = _counts(item), [_counts(part) for part in inside]
    apart = {name for name in _COUNTS if any(counts[name] for counts in parts)}
    for part, counts in zip(inside, parts, strict=True):
        each = counts["ordered"] / own["ordered"] if own["ordered"] else 0.0
        if _is_goods(part):
            number, pieces = (whole(part, "item_id"), 1.0) if "shipped" in apart else (whole(item, "item_id"), each)
            filled = {name: counts[name] if name in apart else own[name] * each for name in _COUNTS}
            yield _Goods(_text(part.get("sku")) or "", filled, {number: pieces})


def _shipped_from(parts: list[_Goods], shipments: list[dict[str, Any]]) -> dict[str, float]:
    """Pieces by source; a shipment that does not name its source is not in it."""
    pieces: dict[str, float] = defaultdict(float)
    for shipment in shipments:
        extension = shipment.get("extension_attributes")
        source = _text(extension.get("source_code")) if isinstance(extension, dict) else None
        if source and not set(source) & set("= \t\n"):
            for row in shipment.get("items") or []:
                number = whole(row, "order_item_id")
                pieces[source] += sum(part.shipped_as.get(number, 0.0) for part in parts) * _pieces(row.get("qty"))
    return {source: round(amount, 6) for source, amount in pieces.items()}


def _is_goods(item: Item) -> bool:
    return str(item.get("product_type")) not in _NO_GOODS and not whole(item, "is_virtual")


def _counts(item: Item) -> dict[str, float]:
    return {name: _pieces(item.get(theirs)) for name, theirs in _COUNTS.items()}


def _pieces(value: Any) -> float:
    """An amount, also where the shop writes it as text; nothing for what is none."""
    try:
        number = float(value or 0)
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _text(value: Any) -> str | None:
    """A text as it can be stored: half of a character pair becomes a question mark."""
    return None if value is None else str(value).encode("utf-8", "replace").decode()


def _utc(text: str | None) -> str | None:
    """The shop writes times in UTC without saying so: ``2026-11-23 22:36:57``."""
    return text.strip().replace(" ", "T", 1) + "+00:00" if text and text.strip() else None
