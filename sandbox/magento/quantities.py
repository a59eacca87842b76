"""Writing quantities per source, and asking what can be sold."""

from typing import Any

from sandbox.magento import catalog, source_items, stock
from sandbox.magento.collation import collated
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import ApplicationCrash, MagentoError
from sandbox.magento.inputs import struct
from sandbox.magento.inventory import API, SALES_API, failed, text_errors
from sandbox.magento.routing import route
from sandbox.magento.state import State

ITEM_ACL = "Magento_InventoryApi::stock_source_item_assign"
CATALOG_ACL = "Magento_Catalog::products"
SAVE = "Magento\\Inventory\\Model\\SourceItem\\Command\\SourceItemsSave\\Interceptor::execute"
DELETE = "Magento\\Inventory\\Model\\SourceItem\\Command\\SourceItemsDelete\\Interceptor::execute"
STOCK_PATH = {"sku": "string", "stockId": "int"}
KNOWN_STATUSES = (0, 1)

struct("SourceItem", sku="string", source_code="string", quantity="float", status="int", extension_attributes="Empty")


def _errors(item: Record) -> list[tuple[str, dict[str, Any]]]:
    errors = [*text_errors("sku", item.get("sku")), *text_errors("source_code", item.get("source_code"), spaces=False)]
    errors += [
        ('"%field" should be numeric.', {"field": name}) for name in ("quantity", "status") if item.get(name) is None
    ]
    if item.get("status") is not None and item["status"] not in KNOWN_STATUSES:
        errors.append(('"%field" should a known status.', {"field": "status"}))
    return errors


def _source_code(state: State, code: str) -> str | None:
    """The source's code as it is stored, found without regard to letter case."""
    found = state.table("sources").find(lambda source: collated(source["source_code"]) == collated(code))
    return str(found["source_code"]) if found else None


@route(
    "POST", "/V1/inventory/source-items", ITEM_ACL, {"sourceItems": "SourceItem[]"},
    API + "SourceItemsSaveInterface::execute", SAVE,
)  # fmt: skip
def save_items(ctx: Context) -> Any:
    """Write absolute quantities: all of them or none; unknown SKUs are stored as well."""
    items = ctx.inputs["sourceItems"]
    if not items:
        raise MagentoError("Input data is empty")
    errors = [error for item in items for error in _errors(item)]
    if errors:
        text, parameters = errors[0]
        raise failed(errors, f"Validation Failed: {text.replace('%field', str(parameters['field']))}")
    known = {code: _source_code(ctx.state, code) for code in {item["source_code"] for item in items}}
    for item in items:
        source = known[item["source_code"]]
        if source is None:
            raise MagentoError("Could not save Source Item")
        source_items.put_everywhere(ctx.state, item["sku"], source, item["quantity"], item["status"])
        ctx.effect("updated", f"{item['sku']}@{source}", "source_item")


@route(
    "POST", "/V1/inventory/source-items-delete", ITEM_ACL, {"sourceItems": "SourceItem[]"},
    API + "SourceItemsDeleteInterface::execute", DELETE,
)  # fmt: skip
def delete_items(ctx: Context) -> Any:
    """Remove quantities; those that do not exist are passed over."""
    if not ctx.inputs["sourceItems"]:
        raise MagentoError("Input data is empty")
    for item in ctx.inputs["sourceItems"]:
        source = _source_code(ctx.state, item.get("source_code") or "") or ""
        source_items.delete(ctx.state, item.get("sku") or "", source)


def _product(ctx: Context) -> Record:
    record = catalog.by_sku(ctx.state, ctx.inputs["sku"])
    if record is None:
        raise ApplicationCrash
    return record


@route(
    "GET", "/V1/inventory/get-product-salable-quantity/:sku/:stockId", "Magento_InventorySalesApi::stock", STOCK_PATH,
    SALES_API + "GetProductSalableQtyInterface::execute",
)  # fmt: skip
def salable_quantity(ctx: Context) -> Any:
    """How much a stock can sell; PHP breaks down on an unknown product."""
    record = _product(ctx)
    if ctx.inputs["stockId"] not in ctx.state.table("stocks"):
        raise MagentoError("Could not receive Stock Item data")
    return source_items.salable(ctx.state, record, ctx.inputs["stockId"])


@route(
    "GET", "/V1/inventory/is-product-salable/:sku/:stockId", "Magento_InventorySalesApi::stock", STOCK_PATH,
    SALES_API + "IsProductSalableInterface::execute",
)  # fmt: skip
def is_salable(ctx: Context) -> Any:
    """Whether a stock can sell the product."""
    record = catalog.by_sku(ctx.state, ctx.inputs["sku"])
    return record is not None and source_items.is_salable(ctx.state, record, ctx.inputs["stockId"])


@route(
    "GET", "/V1/inventory/is-product-salable-for-requested-qty/:sku/:stockId/:requestedQty",
    "Magento_InventorySalesApi::stock", {**STOCK_PATH, "requestedQty": "float"},
    SALES_API + "IsProductSalableForRequestedQtyInterface::execute",
)  # fmt: skip
def is_salable_for(ctx: Context) -> Any:
    """Whether a stock can sell that many, and why not."""
    record, wanted = _product(ctx), ctx.inputs["requestedQty"]
    item = stock.shown(record["stock"])
    wrong = _wrong_quantity(item, wanted)
    if wrong:
        return {"salable": False, "errors": [{"code": f"is_correct_qty-{wrong[0]}", "message": wrong[1]}]}
    enough = wanted <= source_items.salable(ctx.state, record, ctx.inputs["stockId"])
    if enough or item["backorders"] or not item["manage_stock"]:
        return {"salable": True, "errors": []}
    reasons = (
        ("back_order-disabled", "Backorders are disabled"),
        ("manage_stock-enabled", "Manage stock is enabled"),
        ("is_salable_with_reservations-not_enough_qty", "The requested qty is not available"),
    )
    return {"salable": False, "errors": [{"code": code, "message": text} for code, text in reasons]}


def _wrong_quantity(item: Record, wanted: float) -> tuple[str, str] | None:
    """Why nobody may buy that many, however much there is."""
    increment = item["qty_increments"]
    if not item["is_qty_decimal"] and not float(wanted).is_integer():
        return "is_qty_decimal", "You cannot use decimal quantity for this product."
    if wanted < item["min_sale_qty"]:
        return "min_sale_qty", f"The fewest you may purchase is {item['min_sale_qty']:g}."
    if wanted > item["max_sale_qty"]:
        return "max_sale_qty", "The requested qty exceeds the maximum qty allowed in shopping cart"
    if increment and wanted % increment:
        return "qty_increment", f"You can buy this product only in quantities of {increment:g} at a time."
    return None


@route(
    "POST", "/V1/inventory/bulk-product-source-assign", CATALOG_ACL, {"skus": "string[]", "sourceCodes": "string[]"},
    "Magento\\InventoryCatalogApi\\Api\\BulkSourceAssignInterface::execute",
)  # fmt: skip
def assign_sources(ctx: Context) -> Any:
    """Give products a place in sources, with nothing in it; answers how many were new."""
    records = [catalog.by_sku(ctx.state, sku) for sku in ctx.inputs["skus"]]
    if None in records:
        raise ApplicationCrash
    _check_sources(ctx)
    count = 0
    for sku in ctx.inputs["skus"]:
        for source in ctx.inputs["sourceCodes"]:
            if (collated(sku), source) not in ctx.state.table("source_items"):
                source_items.put(ctx.state, sku, source, 0, 0)
                count += 1
    return count


@route(
    "POST", "/V1/inventory/bulk-product-source-unassign", CATALOG_ACL, {"skus": "string[]", "sourceCodes": "string[]"},
    "Magento\\InventoryCatalogApi\\Api\\BulkSourceUnassignInterface::execute",
)  # fmt: skip
def unassign_sources(ctx: Context) -> Any:
    """Take products out of sources, quantities and all; answers how many there were."""
    _check_sources(ctx)
    pairs = [(sku, code) for sku in ctx.inputs["skus"] for code in ctx.inputs["sourceCodes"]]
    return sum(source_items.delete(ctx.state, sku, code) for sku, code in pairs)


def _check_sources(ctx: Context) -> None:
    unknown = [code for code in ctx.inputs["sourceCodes"] if code not in ctx.state.table("sources")]
    if unknown:
        raise failed([("Source %sourceCode does not exist", {"sourceCode": code}) for code in unknown])
