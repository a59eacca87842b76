"""Routes of base price, special price and cost: always 200, the errors in a list, the good rows saved."""

import datetime as dt
from typing import Any

from sandbox.magento import price_rows
from sandbox.magento.context import Context
from sandbox.magento.inputs import struct
from sandbox.magento.price_rows import FIELD_ERROR, STORE_ERROR, Row, Verdict
from sandbox.magento.routing import route

ACL = "Magento_Catalog::catalog"
BASE = "Magento\\Catalog\\Api\\BasePriceStorageInterface"
SPECIAL = "Magento\\Catalog\\Api\\SpecialPriceStorageInterface"
COST = "Magento\\Catalog\\Api\\CostStorageInterface"
MODEL = "Magento\\Catalog\\Model\\Product\\Price\\"
SPECIAL_CODES = ("special_price", "special_from_date", "special_to_date")
SPECIAL_ROW = "Row ID: SKU = %SKU, Store ID: %storeId, Price From: %priceFrom, Price To: %priceTo."

struct("BasePrice", price="float", store_id="int", sku="string", extension_attributes="Empty")
struct(
    "SpecialPrice",
    price="float",
    store_id="int",
    sku="string",
    price_from="string",
    price_to="string",
    extension_attributes="Empty",
)
struct("Cost", cost="float", store_id="int", sku="string", extension_attributes="Empty")


@route(
    "POST",
    "/V1/products/base-prices",
    ACL,
    {"prices": "BasePrice[]"},
    f"{BASE}::update",
    f"{MODEL}BasePriceStorage::update",
)
def save_base(ctx: Context) -> Any:
    """Set prices; a store view is accepted although prices are global, and then read by nobody."""
    rows, verdict = price_rows.sent(ctx), Verdict()
    for index, row in enumerate(rows):
        if price_rows.find(ctx.state, row.get("sku")) is None:
            verdict.fail(index, FIELD_ERROR, {"fieldName": "SKU", "fieldValue": row.get("sku")})
        if _bad(row.get("price")):
            verdict.fail(index, FIELD_ERROR, {"fieldName": "Price", "fieldValue": row.get("price")})
        _check_store(ctx, verdict, index, row)
    for good in verdict.good(rows):
        price_rows.write(ctx.state, good["sku"], "price", good["store_id"], good["price"])
        ctx.effect("priced", good["sku"])
    return verdict.answer()


@route(
    "POST",
    "/V1/products/base-prices-information",
    ACL,
    {"skus": "string[]"},
    f"{BASE}::get",
    f"{MODEL}BasePriceStorage::get",
)
def read_base(ctx: Context) -> Any:
    """The stored prices of these SKUs."""
    found = price_rows.read(ctx.state, ctx.inputs["skus"], "price")
    return [{"price": float(value), "store_id": store, "sku": product["sku"]} for product, store, value in found]


@route("POST", "/V1/products/cost", ACL, {"prices": "Cost[]"}, f"{COST}::update", f"{MODEL}CostStorage::update")
def save_cost(ctx: Context) -> Any:
    """Set costs."""
    rows, verdict = price_rows.sent(ctx), Verdict()
    for index, row in enumerate(rows):
        sku, store, cost = row.get("sku"), row.get("store_id"), row.get("cost")
        if price_rows.find(ctx.state, sku) is None:
            verdict.fail(index, FIELD_ERROR, {"fieldName": "SKU", "fieldValue": sku})
        if _bad(cost):
            message = "Invalid attribute Cost = %cost. Row ID: SKU = %SKU, Store ID: %storeId."
            verdict.fail(index, message, {"cost": cost, "SKU": sku, "storeId": store}, fill=True)
        _check_store(ctx, verdict, index, row)
    for good in verdict.good(rows):
        price_rows.write(ctx.state, good["sku"], "cost", good["store_id"], good["cost"])
        ctx.effect("priced", good["sku"])
    return verdict.answer()


@route("POST", "/V1/products/cost-information", ACL, {"skus": "string[]"}, f"{COST}::get", f"{MODEL}CostStorage::get")
def read_cost(ctx: Context) -> Any:
    """The stored costs of these SKUs."""
    found = price_rows.read(ctx.state, ctx.inputs["skus"], "cost")
    return [{"cost": float(value), "store_id": store, "sku": product["sku"]} for product, store, value in found]


@route("POST", "/V1/products/cost-delete", ACL, {"skus": "string[]"}, f"{COST}::delete", f"{MODEL}CostStorage::delete")
def delete_cost(ctx: Context) -> Any:
    """Remove the costs of these SKUs; true, whether there were any or not."""
    for sku in ctx.inputs["skus"]:
        if (product := price_rows.find(ctx.state, sku)) is not None:
            price_rows.clear(ctx.state, product["id"], ("cost",))
    return True


@route(
    "POST",
    "/V1/products/special-price",
    ACL,
    {"prices": "SpecialPrice[]"},
    f"{SPECIAL}::update",
    f"{MODEL}SpecialPriceStorage::update",
)
def save_special(ctx: Context) -> Any:
    """Set special prices; a date that is not sent keeps the stored one."""
    rows, verdict = price_rows.sent(ctx), _special_verdict(ctx)
    for good in verdict.good(rows):
        values = (good["price"], good.get("price_from"), good.get("price_to"))
        for code, value in zip(SPECIAL_CODES, values, strict=True):
            if value not in (None, ""):
                price_rows.write(ctx.state, good["sku"], code, good["store_id"], value)
        ctx.effect("priced", good["sku"])
    return verdict.answer()


@route(
    "POST",
    "/V1/products/special-price-information",
    ACL,
    {"skus": "string[]"},
    f"{SPECIAL}::get",
    f"{MODEL}SpecialPriceStorage::get",
)
def read_special(ctx: Context) -> Any:
    """The stored special prices of these SKUs."""
    return [
        _special(product, store)
        for product, store, _ in price_rows.read(ctx.state, ctx.inputs["skus"], "special_price")
    ]


@route(
    "POST",
    "/V1/products/special-price-delete",
    ACL,
    {"prices": "SpecialPrice[]"},
    f"{SPECIAL}::delete",
    f"{MODEL}SpecialPriceStorage::delete",
)
def delete_special(ctx: Context) -> Any:
    """Remove the special prices of the rows' SKUs in their store view, whatever price and dates the rows name."""
    rows, verdict = price_rows.sent(ctx), _special_verdict(ctx)
    for good in verdict.good(rows):
        product = price_rows.find(ctx.state, good["sku"])
        if product is not None:
            price_rows.clear(ctx.state, product["id"], SPECIAL_CODES, good["store_id"])
    return verdict.answer()


def _special(product: Row, store_id: int) -> dict[str, Any]:
    price, start, end = (product["values"].get(code, {}).get(store_id) for code in SPECIAL_CODES)
    number = None if price is None else float(price)
    return {"price": number, "store_id": store_id, "sku": product["sku"], "price_from": start, "price_to": end}


def _special_verdict(ctx: Context) -> Verdict:
    verdict = Verdict()
    for index, row in enumerate(price_rows.sent(ctx)):
        for message, first in _special_errors(ctx, row):
            names = {"SKU": "sku", "storeId": "store_id", "priceFrom": "price_from", "priceTo": "price_to"}
            parameters = {**first, **{name: row.get(key) for name, key in names.items()}}
            verdict.fail(index, f"{message} {SPECIAL_ROW}", parameters, fill=True)
    return verdict


def _special_errors(ctx: Context, row: Row) -> list[tuple[str, dict[str, Any]]]:
    errors: list[tuple[str, dict[str, Any]]] = []
    if price_rows.find(ctx.state, row.get("sku")) is None:
        errors.append(("The product that was requested doesn't exist. Verify the product and try again.", {}))
    if row.get("store_id") != 0:
        errors.append(("Could not change non global Price when price scope is global.", {}))
    if not price_rows.store_exists(ctx.state, row):
        errors.append(("Requested store is not found.", {}))
    if _bad(row.get("price")):
        errors.append(("Invalid attribute Price = %price.", {"price": row.get("price")}))
    # Magento's message names the end date for a bad start as well.
    for label, name in (("Price From", "price_from"), ("Price To", "price_to")):
        if row.get(name) and not _is_time(row[name]):
            errors.append(("Invalid attribute %label = %priceTo.", {"label": label}))
    return errors


def _is_time(text: str) -> bool:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").strftime("%Y-%m-%d %H:%M:%S") == text  # noqa: DTZ007
    except ValueError:
        return False


def _bad(number: float | None) -> bool:
    return number is None or number < 0


def _check_store(ctx: Context, verdict: Verdict, index: int, row: Row) -> None:
    if not price_rows.store_exists(ctx.state, row):
        verdict.fail(index, STORE_ERROR, {"SKU": row.get("sku"), "storeId": row.get("store_id")}, fill=True)
