"""The legacy stock item of a product: its defaults, what saving does to it, and its routes."""

from typing import Any

from sandbox.magento import catalog, source_items
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.routing import route
from sandbox.magento.state import State

ACL = "Magento_CatalogInventory::cataloginventory"
REGISTRY = "Magento\\CatalogInventory\\Api\\StockRegistryInterface::"
IMPLEMENTATION = "Magento\\CatalogInventory\\Model\\StockRegistry\\Interceptor::"
WITH_QUANTITY = {"simple", "virtual", "downloadable"}

struct(
    "StockItem", item_id="int", product_id="int", stock_id="int", qty="float", is_in_stock="boolean",
    is_qty_decimal="boolean", show_default_notification_message="boolean", use_config_min_qty="boolean", min_qty="float",
    use_config_min_sale_qty="int", min_sale_qty="float", use_config_max_sale_qty="boolean", max_sale_qty="float",
    use_config_backorders="boolean", backorders="int", use_config_notify_stock_qty="boolean", notify_stock_qty="float",
    use_config_qty_increments="boolean", qty_increments="float", use_config_enable_qty_inc="boolean",
    enable_qty_increments="boolean", use_config_manage_stock="boolean", manage_stock="boolean", low_stock_date="string",
    is_decimal_divided="boolean", stock_status_changed_auto="int", extension_attributes="Empty",
)  # fmt: skip
NOT_SETTABLE = {
    "item_id",
    "product_id",
    "stock_id",
    "low_stock_date",
    "stock_status_changed_auto",
    "extension_attributes",
}
# What the shop's configuration says where an item follows it.
CONFIGURED = {
    "min_qty": 0, "min_sale_qty": 1, "max_sale_qty": 10000, "backorders": 0, "notify_stock_qty": 1, "qty_increments": 0,
    "manage_stock": True,
}  # fmt: skip


def fresh(state: State, product_id: int, type_id: str) -> Record:
    """The stock item of a new product for which nothing was sent."""
    return {
        "item_id": state.next_id("stock_items"), "product_id": product_id, "stock_id": 1,
        "qty": None if type_id in WITH_QUANTITY else 0, "is_in_stock": False, "is_qty_decimal": False,
        "show_default_notification_message": False, "use_config_min_qty": True, "min_qty": 0,
        "use_config_min_sale_qty": 1, "min_sale_qty": 1, "use_config_max_sale_qty": True, "max_sale_qty": 10000,
        "use_config_backorders": True, "backorders": 0, "use_config_notify_stock_qty": True, "notify_stock_qty": 1,
        "use_config_qty_increments": True, "qty_increments": 0, "use_config_enable_qty_inc": True,
        "enable_qty_increments": False, "use_config_manage_stock": True, "manage_stock": True, "low_stock_date": None,
        "is_decimal_divided": False, "stock_status_changed_auto": 0,
    }  # fmt: skip


def effective(item: Record, name: str) -> Any:
    """A setting of the item, or the shop's where the item follows the configuration."""
    return CONFIGURED[name] if item[f"use_config_{name}"] else item[name]


def shown(item: Record) -> Record:
    """The item as the API shows it: the shop's configuration where the item follows it; unmanaged stock is in stock."""
    values = {name: effective(item, name) for name in CONFIGURED}
    increments = not item["use_config_enable_qty_inc"] and item["enable_qty_increments"]
    values["qty_increments"] = values["qty_increments"] if increments else 0
    return {
        **item,
        **values,
        "enable_qty_increments": increments,
        "is_in_stock": item["is_in_stock"] or not values["manage_stock"],
    }


def check(record: Record, sent: Record) -> None:
    """Raises MagentoError for a stock item that says it is another one than the product's."""
    stock_id, item_id, own = sent.get("stock_id"), sent.get("item_id"), record["stock"]["item_id"]
    if stock_id is not None and stock_id != source_items.DEFAULT_STOCK:
        only = str(source_items.DEFAULT_STOCK)
        raise MagentoError("Invalid stock id: %1. Only default stock with id %2 allowed", [stock_id, only])
    if item_id is not None and item_id <= 0:
        raise MagentoError("Invalid stock item id: %1. Should be null or numeric value greater than 0", [item_id])
    if item_id is not None and item_id != own:
        raise MagentoError("Invalid stock item id: %1. Assigned stock item id is %2", [item_id, str(own)])


def save(state: State, record: Record, sent: Record | None) -> None:
    """Save the stock item inside a product record, as any save of the product does."""
    item = record["stock"]
    for name, new in (sent or {}).items():
        if name not in NOT_SETTABLE and (new is not None or name == "qty"):
            item[name] = source_items.kept(new) if isinstance(new, float) else new
    if record["type_id"] not in WITH_QUANTITY:
        item["qty"] = 0
        return
    managed, quantity = effective(item, "manage_stock"), item["qty"]
    empty = quantity is None or (not effective(item, "backorders") and quantity <= effective(item, "min_qty"))
    item["stock_status_changed_auto"] = 0
    if managed and empty:
        item["is_in_stock"], item["stock_status_changed_auto"] = False, 1
    low = managed and float(quantity or 0) < effective(item, "notify_stock_qty")
    item["low_stock_date"] = state.timestamp() if low else None
    if not state.settings.msi:
        return
    # The default source follows the old item from the moment that either of them holds something.
    if quantity or item["is_in_stock"] or source_items.get(state, record["sku"], "default"):
        source_items.put(state, record["sku"], "default", float(quantity or 0), int(shown(item)["is_in_stock"]))


def move(state: State, record: Record, quantity: float) -> None:
    """A sale (below 0) or its undoing in a shop without the inventory modules; the item empties and fills by itself."""
    item = record["stock"]
    item["qty"] = source_items.kept(float(item["qty"] or 0) + quantity)
    has_left = bool(effective(item, "backorders")) or item["qty"] > effective(item, "min_qty")
    if has_left and quantity > 0 and not item["is_in_stock"]:
        item["is_in_stock"], item["stock_status_changed_auto"] = True, 1
    elif not has_left and item["is_in_stock"]:
        item["is_in_stock"], item["stock_status_changed_auto"] = False, 1
    item["low_stock_date"] = state.timestamp() if item["qty"] < effective(item, "notify_stock_qty") else None


def _product(ctx: Context, sku: str) -> Record:
    record = catalog.by_sku(ctx.state, sku)
    if record is None:
        raise NotFound('The Product with the "%1" SKU doesn\'t exist.', [sku])
    return record


@route(
    "GET",
    "/V1/stockItems/:productSku",
    ACL,
    {"productSku": "string", "scopeId?": "int"},
    REGISTRY + "getStockItemBySku",
)
def read_stock_item(ctx: Context) -> Any:
    """The stock item of a product."""
    return shown(_product(ctx, ctx.inputs["productSku"])["stock"])


@route(
    "GET", "/V1/stockStatuses/:productSku", ACL, {"productSku": "string", "scopeId?": "int"},
    REGISTRY + "getStockStatusBySku",
)  # fmt: skip
def read_stock_status(ctx: Context) -> Any:
    """The quantity for sale in the website's stock, beside the legacy item."""
    record = _product(ctx, ctx.inputs["productSku"])
    quantity = source_items.salable(ctx.state, record, source_items.website_stock(ctx.state))
    available = source_items.is_salable(ctx.state, record, source_items.website_stock(ctx.state))
    return {"product_id": record["id"], "stock_id": 1, "qty": quantity, "stock_status": int(available),
            "stock_item": shown(record["stock"])}  # fmt: skip


@route(
    "PUT", "/V1/products/:productSku/stockItems/:itemId", "Magento_CatalogInventory::cataloginventory",
    {"productSku": "string", "stockItem": "StockItem"}, REGISTRY + "updateStockItemBySku",
    IMPLEMENTATION + "updateStockItemBySku",
)  # fmt: skip
def update_stock_item(ctx: Context) -> Any:
    """Change the stock item; the item id in the path is not looked at, and updated_at does not move."""
    found = _product(ctx, ctx.inputs["productSku"])
    record = ctx.state.table("products").edit(found["id"])
    save(ctx.state, record, ctx.inputs["stockItem"])
    ctx.state.table("products").put(record["id"], record)
    ctx.effect("updated", record["sku"], "stock_item")
    return record["stock"]["item_id"]
