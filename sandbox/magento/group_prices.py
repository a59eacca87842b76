"""Routes of prices per customer group and quantity: the tier-price storage, and the group-price routes of one product."""

from collections.abc import Sequence
from typing import Any

from sandbox.magento import price_rows, product_access, tier_prices
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.price_rows import Row, Verdict
from sandbox.magento.routing import route
from sandbox.magento.state import State
from sandbox.magento.tier_prices import ALL_GROUPS_ID

ACL = "Magento_Catalog::catalog"
STORAGE = "Magento\\Catalog\\Api\\TierPriceStorageInterface"
MANAGEMENT = "Magento\\Catalog\\Api\\ProductTierPriceManagementInterface"
STORAGE_MODEL = "Magento\\Catalog\\Model\\Product\\Price\\TierPriceStorage\\Interceptor"
MODEL = "Magento\\Catalog\\Model\\Product\\TierPriceManagement"
ALL_GROUPS = "all groups"
ROW_ID = "Row ID: SKU = %SKU, Website ID: %websiteId, Customer Group: %customerGroup, Quantity: %qty."
DUPLICATE = (
    "We found a duplicate website, tier price, customer group and quantity: "
    "Customer Group = %customerGroup, Website ID = %websiteId, Quantity = %qty."
)
# MariaDB reads a small table along its unique key, a larger one in the order of insertion.
READ_BY_KEY_UP_TO = 3

struct(
    "TierPrice",
    price="float",
    price_type="string",
    website_id="int",
    sku="string",
    customer_group="string",
    quantity="float",
    extension_attributes="Empty",
)


@route(
    "POST", "/V1/products/tier-prices", ACL, {"prices": "TierPrice[]"}, f"{STORAGE}::update", f"{STORAGE_MODEL}::update"
)
def update(ctx: Context) -> Any:
    """Add or change rows."""
    rows = price_rows.sent(ctx)
    existing = [shown for sku in dict.fromkeys(row.get("sku") for row in rows) for shown in _of_sku(ctx.state, sku)]
    verdict = _validate(ctx, rows, existing)
    for row in verdict.good(rows):
        _store(ctx, row)
    return verdict.answer()


@route(
    "PUT",
    "/V1/products/tier-prices",
    ACL,
    {"prices": "TierPrice[]"},
    f"{STORAGE}::replace",
    f"{STORAGE_MODEL}::replace",
)
def replace(ctx: Context) -> Any:
    """Replace every tier price of the SKUs that have a good row; other SKUs are spared."""
    rows = price_rows.sent(ctx)
    verdict = _validate(ctx, rows, [])
    good = verdict.good(rows)
    if len({_key(ctx.state, row) for row in good}) < len(good):
        raise MagentoError("Could not replace Tier Prices")
    for row in good:
        tier_prices.forget(ctx.state, _product(ctx.state, row)["id"])
    for row in good:
        _store(ctx, row)
    return verdict.answer()


@route(
    "POST",
    "/V1/products/tier-prices-delete",
    ACL,
    {"prices": "TierPrice[]"},
    f"{STORAGE}::delete",
    f"{STORAGE_MODEL}::delete",
)
def delete(ctx: Context) -> Any:
    """Delete the rows that are equal to a given one, price included; a fixed price of 0 is never equal."""
    rows = price_rows.sent(ctx)
    verdict = _validate(ctx, rows, [])
    for row in verdict.good(rows):
        product_id = _product(ctx.state, row)["id"]
        present = tier_prices.rows(ctx.state, product_id)
        match = next((index for index, other in enumerate(present) if _equal(ctx.state, other, row)), None)
        if match is not None:
            tier_prices.put(ctx.state, product_id, [*present[:match], *present[match + 1 :]])
    return verdict.answer()


@route(
    "POST",
    "/V1/products/tier-prices-information",
    ACL,
    {"skus": "string[]"},
    f"{STORAGE}::get",
    f"{STORAGE_MODEL}::get",
)
def read(ctx: Context) -> Any:
    """The tier prices of these SKUs."""
    found = price_rows.as_given(ctx.state, ctx.inputs["skus"])
    return [{**shown, "sku": sku} for sku, product in found for shown in _of_sku(ctx.state, product["sku"])]


def _of_sku(state: State, sku: Any) -> list[dict[str, Any]]:
    product = price_rows.find(state, sku)
    rows = tier_prices.rows(state, product["id"]) if product else []
    if len(rows) <= READ_BY_KEY_UP_TO:
        rows.sort(key=lambda row: (row["all_groups"], row["group_id"], row["qty"], row["website_id"]))
    groups = state.table("customer_groups")
    return [
        {
            "price": row["value"] if row["percentage"] is None else row["percentage"],
            "price_type": "fixed" if row["percentage"] is None else "discount",
            "website_id": row["website_id"],
            "sku": product["sku"] if product else sku,
            "customer_group": ALL_GROUPS if row["all_groups"] else groups[row["group_id"]]["code"],
            "quantity": row["qty"],
        }
        for row in rows
    ]


def _product(state: State, row: Row) -> Row:
    return product_access.by_sku(state, row["sku"])


def _group(state: State, name: Any) -> int | None:
    """The number of a customer group by name in any letter case, None for all groups; raises NotFound."""
    wanted = str(name or "").lower()
    if wanted == ALL_GROUPS:
        return None
    found = state.table("customer_groups").find(lambda group: group["code"].lower() == wanted)
    if found is None:
        raise NotFound("No such entity with Customer Group = %customerGroup.")
    return int(found["id"])


def _key(state: State, row: Row) -> tuple[Any, ...]:
    return _product(state, row)["id"], _group(state, row["customer_group"]), row["quantity"], row["website_id"]


def _store(ctx: Context, row: Row) -> None:
    discount = row["price_type"] == "discount"
    tier_prices.store(
        ctx.state,
        _product(ctx.state, row)["id"],
        group=_group(ctx.state, row["customer_group"]),
        qty=row["quantity"],
        value=row["price"],
        percentage=row["price"] if discount else None,
        website_id=row["website_id"],
    )
    ctx.effect("priced", row["sku"])


def _equal(state: State, stored: Record, row: Row) -> bool:
    group = _group(state, row["customer_group"])
    if (stored["all_groups"], stored["group_id"], stored["qty"]) != (group is None, group or 0, row["quantity"]):
        return False
    if row["price_type"] == "fixed":
        return bool(stored["value"] != 0 and stored["value"] == row["price"])
    return bool(stored["percentage"] is not None and stored["percentage"] == row["price"])


def _validate(ctx: Context, rows: Sequence[Row], existing: Sequence[Row]) -> Verdict:
    verdict, by_sku = Verdict(), _by_sku([*rows, *existing])
    for index, row in enumerate(rows):
        own = _row_id(row)
        for message, first in _errors(ctx.state, row):
            verdict.fail(index, f"{message} {ROW_ID}", {**first, **own})
        for other in by_sku[str(row.get("sku")).lower()]:
            if _clashes(row, other):
                verdict.fail(index, f"{DUPLICATE} {ROW_ID}", _row_id(other))
        if not _group_exists(ctx.state, row.get("customer_group")):
            verdict.fail(index, f"No such entity with Customer Group = %customerGroup. {ROW_ID}", own)
    return verdict


def _by_sku(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(str(row.get("sku")).lower(), []).append(row)
    return found


def _row_id(row: Row) -> dict[str, Any]:
    names = {"SKU": "sku", "websiteId": "website_id", "customerGroup": "customer_group", "qty": "quantity"}
    return {name: row.get(key) for name, key in names.items()}


def _errors(state: State, row: Row) -> list[tuple[str, dict[str, Any]]]:
    errors: list[tuple[str, dict[str, Any]]] = []
    price, kind, quantity = row.get("price"), row.get("price_type"), row.get("quantity")
    product = price_rows.find(state, row.get("sku"))
    if product is None:
        errors.append(("Invalid attribute SKU = %SKU.", {}))
    if price is None or price < 0 or (kind == "discount" and price > 100):
        errors.append(("Invalid attribute Price = %price.", {"price": price}))
    if kind not in ("fixed", "discount"):
        errors.append(("Invalid attribute Price Type = %priceType.", {"priceType": kind}))
    if product is not None and (quantity is None or quantity < 1):
        errors.append(("Invalid attribute Quantity = %qty.", {}))
    if row.get("website_id") is None or row["website_id"] not in state.table("websites"):
        errors.append(("Invalid attribute Website ID = %websiteId.", {}))
    return errors


def _clashes(row: Row, other: Row) -> bool:
    """The same key once for every website (0) and once for a single one."""
    same = all(
        str(row.get(name)).lower() == str(other.get(name)).lower() for name in ("sku", "customer_group", "quantity")
    )
    websites = (row.get("website_id"), other.get("website_id"))
    return same and websites[0] != websites[1] and 0 in websites


def _group_exists(state: State, name: Any) -> bool:
    try:
        _group(state, name)
    except NotFound:
        return False
    return True


GROUP_PRICE = "/V1/products/:sku/group-prices/:customerGroupId/tiers"
KEYS = {"sku": "string", "customerGroupId": "string"}


@route("GET", GROUP_PRICE, ACL, KEYS, f"{MANAGEMENT}::getList", f"{MODEL}::getList")
def of_group(ctx: Context) -> Any:
    """The prices of one product for one customer group, or for `all`."""
    group = ctx.inputs["customerGroupId"]
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    number = ALL_GROUPS_ID if group == "all" else group
    shown = tier_prices.tier_prices(ctx.state, product["id"])
    found = [price for price in shown if str(price["customer_group_id"]) == str(number)]
    return [{"customer_group_id": int(number), "qty": price["qty"], "value": price["value"]} for price in found]


@route(
    "POST",
    f"{GROUP_PRICE}/:qty/price/:price",
    ACL,
    {**KEYS, "price": "float", "qty": "float"},
    f"{MANAGEMENT}::add",
    f"{MODEL}::add",
)
def add_to_group(ctx: Context) -> Any:
    """Set one price of one product."""
    group, price, qty = (ctx.inputs[name] for name in ("customerGroupId", "price", "qty"))
    if price <= 0 or qty <= 0:
        raise MagentoError("The data was invalid. Verify the data and try again.")
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    groups = ctx.state.table("customer_groups")
    if group != "all" and (not group.isdigit() or int(group) not in groups):
        raise NotFound("No such entity with %fieldName = %fieldValue", {"fieldName": "id", "fieldValue": group})
    number = None if group == "all" else int(group)
    tier_prices.store(ctx.state, product["id"], group=number, qty=qty, value=price, percentage=None, website_id=0)
    product_access.resave(ctx, product)
    return True


@route("DELETE", f"{GROUP_PRICE}/:qty", ACL, {**KEYS, "qty": "float"}, f"{MANAGEMENT}::remove", f"{MODEL}::remove")
def remove_from_group(ctx: Context) -> Any:
    """Remove one price of one product."""
    group, qty = ctx.inputs["customerGroupId"], ctx.inputs["qty"]
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    present = tier_prices.rows(ctx.state, product["id"])
    left = [row for row in present if not (row["qty"] == qty and row["website_id"] == 0 and _is_group(row, group))]
    if len(left) == len(present):
        message = "Product hasn't group price with such data: customerGroupId = '%1', website = %2, qty = %3"
        raise NotFound(message, [group, 0, qty])
    tier_prices.put(ctx.state, product["id"], left)
    product_access.resave(ctx, product)
    return True


def _is_group(row: Record, group: str) -> bool:
    return bool(row["all_groups"]) if group == "all" else not row["all_groups"] and str(row["group_id"]) == group
