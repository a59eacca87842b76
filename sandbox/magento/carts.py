"""The first steps of a guest's cart: enough to see whether a product can be bought."""

import secrets
from typing import Any

from sandbox.magento import source_items
from sandbox.magento.context import Context
from sandbox.magento.errors import MagentoError, required
from sandbox.magento.inputs import struct
from sandbox.magento.product_values import value
from sandbox.magento.products import found
from sandbox.magento.routing import ANONYMOUS, route

CARTS = "Magento\\Quote\\Api\\GuestCartManagementInterface::createEmptyCart"
ITEMS = "Magento\\Quote\\Api\\GuestCartItemRepositoryInterface::save"

struct(
    "CartItem", item_id="int", sku="string", qty="float", name="string", price="float", product_type="string",
    quote_id="string", product_option="mixed", extension_attributes="mixed",
)  # fmt: skip


@route("POST", "/V1/guest-carts", ANONYMOUS, service=CARTS)
def create_cart(ctx: Context) -> Any:
    """An empty cart; the answer is its masked number."""
    masked = secrets.token_hex(16)
    ctx.state.table("carts").put(masked, {"number": ctx.state.next_id("carts"), "items": {}})
    return masked


@route("POST", "/V1/guest-carts/:cartId/items", ANONYMOUS, {"cartItem": "CartItem"}, ITEMS)
def add_item(ctx: Context) -> Any:
    """Put something in the cart, when the website's stock can sell that many."""
    sent = ctx.inputs["cartItem"]
    if ctx.path["cartId"] not in ctx.state.table("carts"):
        raise required(["quoteId"])
    record = found(ctx, sent.get("sku") or "")
    cart = ctx.state.table("carts").edit(ctx.path["cartId"])
    item = cart["items"].setdefault(record["sku"], {"item_id": ctx.state.next_id("cart_items"), "qty": 0})
    # A quantity of nothing is taken for one.
    item["qty"] += sent.get("qty") or 1
    stock = ctx.state.table("stocks").keys()[-1]
    if not source_items.is_salable(ctx.state, record, int(str(stock))):
        raise MagentoError("Product that you are trying to add is not available.")
    if item["qty"] > source_items.salable(ctx.state, record, int(str(stock))):
        raise MagentoError("The requested qty is not available")
    ctx.state.table("carts").put(ctx.path["cartId"], cart)
    price = value(record, "price", ctx.store_id)
    return {"item_id": item["item_id"], "sku": record["sku"], "qty": item["qty"],
            "name": value(record, "name", ctx.store_id), "price": price, "product_type": record["type_id"],
            "quote_id": str(cart["number"])}  # fmt: skip
