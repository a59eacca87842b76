"""A product as the API shows it."""

from collections.abc import Iterator
from typing import Any

from sandbox.magento import category_links, gallery, product_links, stock, tier_prices
from sandbox.magento.database import Record
from sandbox.magento.product_values import SELLABLE, applies, custom_attributes, value
from sandbox.magento.state import State

ENABLED = 1


def product_json(state: State, record: Record, store_id: int, with_stock: bool = True) -> dict[str, Any]:
    """One product in one store view. Lists leave the stock item out."""
    number = record["id"]
    result: dict[str, Any] = {
        "id": number,
        "sku": record["sku"],
        "name": value(record, "name", store_id),
        "attribute_set_id": record["attribute_set_id"],
        **_price(record, store_id),
        # A product without a status counts as enabled when it is read, though no list finds it.
        "status": held if (held := value(record, "status", store_id)) is not None else ENABLED,
        "visibility": value(record, "visibility", store_id),
        "type_id": record["type_id"],
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
    }
    weight = value(record, "weight", store_id)
    if weight is not None and applies(state, record, "weight"):
        result["weight"] = weight
    result["extension_attributes"] = _extension(state, record, with_stock)
    result["product_links"] = product_links.links(state, number)
    result["options"] = record["options"]
    result["media_gallery_entries"] = gallery.entries(state, record, store_id)
    result["tier_prices"] = tier_prices.tier_prices(state, number)
    categories = category_links.category_ids(state, number)
    result["custom_attributes"] = custom_attributes(state, record, store_id, categories)
    return {key: held for key, held in result.items() if held is not None}


def _price(record: Record, store_id: int) -> dict[str, Any]:
    if record["type_id"] not in SELLABLE:
        return {}
    if record["type_id"] == "configurable":
        return {"price": 0}
    held = value(record, "price", store_id)
    return {} if held is None else {"price": held}


def _extension(state: State, record: Record, with_stock: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"website_ids": record["website_ids"]}
    categories = category_links.category_links(state, record["id"])
    if categories:
        result["category_links"] = categories
    if with_stock:
        result["stock_item"] = stock.shown(record["stock"])
    if record["type_id"] == "configurable":
        result["configurable_product_options"] = []
        result["configurable_product_links"] = []
    return result


def without_unasked(shown: dict[str, Any], body: Any) -> dict[str, Any]:
    """The answer to a save: empty links and tier prices are left out when the body names the product and not them."""
    sent = next((one for one in _products_in(body) if one.get("sku") == shown["sku"]), None)
    if sent is None:
        return shown
    drop = {name for name in ("product_links", "tier_prices") if not shown[name] and name not in sent}
    return {name: held for name, held in shown.items() if name not in drop}


def _products_in(body: Any) -> Iterator[dict[str, Any]]:
    for key, held in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        if key == "product" and isinstance(held, dict):
            yield held
        yield from _products_in(held)
