"""A guest's cart: what is in it, what it costs, and how it can be shipped and paid."""

import secrets
from typing import Any

from sandbox.magento import cart_totals, source_items
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound, required
from sandbox.magento.inputs import struct
from sandbox.magento.product_values import value
from sandbox.magento.products import found
from sandbox.magento.routing import ANONYMOUS, route
from sandbox.magento.sales_stock import NOT_AVAILABLE
from sandbox.magento.selling_price import selling_price
from sandbox.magento.state import State

QUOTE = "Magento\\Quote\\Api\\"
ITEMS = QUOTE + "GuestCartItemRepositoryInterface::"
NOT_SALABLE = "Product that you are trying to add is not available."
DEFAULT_STORE = 1

struct(
    "CartItem", item_id="int", sku="string", qty="float", name="string", price="float", product_type="string",
    quote_id="string", product_option="mixed", extension_attributes="mixed",
)  # fmt: skip
struct(
    "QuoteAddress", id="int", region="string", region_id="int", region_code="string", country_id="string",
    street="string[]", company="string", telephone="string", fax="string", postcode="string", city="string",
    firstname="string", lastname="string", middlename="string", prefix="string", suffix="string", vat_id="string",
    customer_id="int", email="string", same_as_billing="int", customer_address_id="int", save_in_address_book="int",
    extension_attributes="mixed", custom_attributes="mixed",
)  # fmt: skip


def active(ctx: Context) -> Record:
    """The open cart of the path. Raises NotFound for one that is unknown or has become an order."""
    cart = ctx.state.table("carts").get(ctx.path["cartId"])
    if cart is None or not cart["active"]:
        number = str(cart["number"]) if cart else None
        raise NotFound("No such entity with %fieldName = %fieldValue", {"fieldName": "cartId", "fieldValue": number})
    return cart


def change(ctx: Context, **changes: Any) -> Record:
    """The cart of the path with these changes, stored."""
    cart: Record = {**active(ctx), **changes}
    ctx.state.table("carts").put(ctx.path["cartId"], cart)
    return cart


@route("POST", "/V1/guest-carts", ANONYMOUS, service=QUOTE + "GuestCartManagementInterface::createEmptyCart")
def create_cart(ctx: Context) -> Any:
    """An empty cart; the answer is its masked number."""
    masked = secrets.token_hex(16)
    cart = {"number": ctx.state.next_id("carts"), "items": {}, "active": True, "shipping": False, "addresses": {},
            "store_id": ctx.store_id or DEFAULT_STORE}  # fmt: skip
    ctx.state.table("carts").put(masked, cart)
    return masked


@route("POST", "/V1/guest-carts/:cartId/items", ANONYMOUS, {"cartItem": "CartItem"}, ITEMS + "save")
def add_item(ctx: Context) -> Any:
    """Put something in the cart, when the website's stock can sell that many."""
    sent = ctx.inputs["cartItem"]
    if ctx.path["cartId"] not in ctx.state.table("carts"):
        raise required(["quoteId"])
    cart, record = active(ctx), found(ctx, sent.get("sku") or "")
    known = cart["items"].get(record["sku"]) or {"item_id": ctx.state.next_id("cart_items"), "qty": 0}
    # A quantity of nothing is taken for one.
    item = {**known, "qty": known["qty"] + (sent.get("qty") or 1)}
    check(ctx.state, record, item["qty"])
    change(ctx, items={**cart["items"], record["sku"]: item})
    return _shown(ctx, cart, record, item)


def check(state: State, record: Record, wanted: float) -> None:
    """Raises MagentoError when the website cannot sell that many of the product."""
    stock = source_items.website_stock(state)
    if not source_items.is_salable(state, record, stock):
        raise MagentoError(NOT_SALABLE)
    if not source_items.has_enough(state, record, stock, wanted):
        raise MagentoError(NOT_AVAILABLE)


def _shown(ctx: Context, cart: Record, product: Record, item: Record) -> Record:
    store = cart["store_id"]
    return {"item_id": item["item_id"], "sku": product["sku"], "qty": item["qty"], "name": value(product, "name", store),
            "price": selling_price(ctx.state, product, store), "product_type": product["type_id"],
            "quote_id": str(cart["number"])}  # fmt: skip


@route("GET", "/V1/guest-carts/:cartId/items", ANONYMOUS, {"cartId": "string"}, ITEMS + "getList")
def list_items(ctx: Context) -> Any:
    """What is in the cart."""
    cart = active(ctx)
    return [_shown(ctx, cart, line["product"], line) for line in cart_totals.lines(ctx.state, cart)]


@route(
    "GET", "/V1/guest-carts/:cartId/totals", ANONYMOUS, {"cartId": "string"},
    QUOTE + "GuestCartTotalRepositoryInterface::get",
)  # fmt: skip
def read_totals(ctx: Context) -> Any:
    """What the cart costs."""
    return cart_totals.totals(ctx.state, active(ctx))


@route(
    "POST", "/V1/guest-carts/:cartId/estimate-shipping-methods", ANONYMOUS, {"address": "QuoteAddress"},
    QUOTE + "GuestShipmentEstimationInterface::estimateByExtendedAddress",
)  # fmt: skip
def estimate_shipping(ctx: Context) -> Any:
    """How the cart could be shipped to an address."""
    return cart_totals.methods(ctx.state, active(ctx))


@route(
    "GET", "/V1/guest-carts/:cartId/payment-methods", ANONYMOUS, {"cartId": "string"},
    QUOTE + "GuestPaymentMethodManagementInterface::getList",
)  # fmt: skip
def list_payment_methods(ctx: Context) -> Any:
    """How the cart can be paid."""
    active(ctx)
    return cart_totals.payment_methods()
