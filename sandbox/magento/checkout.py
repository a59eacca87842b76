"""The way from a guest's cart to an order: addresses and shipping, then payment, which places the order."""

from typing import Any

from sandbox.magento import cart_totals, order_records, sales_stock
from sandbox.magento.carts import active, change
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.routing import ANONYMOUS, route

CHECKOUT = "Magento\\Checkout\\Api\\"
NO_ADDRESS = "The shipping address is missing. Set the address and try again."
INCOMPLETE = "Please check the shipping address information. %1"
NEEDED = ("firstname", "lastname", "street", "city", "telephone", "postcode")

struct(
    "ShippingInformation", shipping_address="QuoteAddress", billing_address="QuoteAddress", shipping_method_code="string",
    shipping_carrier_code="string", extension_attributes="mixed", custom_attributes="mixed",
)  # fmt: skip
struct("Payment", po_number="string", method="string", additional_data="string[]", extension_attributes="mixed")


@route(
    "POST", "/V1/guest-carts/:cartId/shipping-information", ANONYMOUS, {"addressInformation": "ShippingInformation"},
    CHECKOUT + "GuestShippingInformationManagementInterface::saveAddressInformation",
)  # fmt: skip
def save_shipping(ctx: Context) -> Any:
    """Keep the addresses and the way of shipping; the answer is how to pay, and how much."""
    sent, cart = ctx.inputs["addressInformation"], active(ctx)
    shipping = sent.get("shipping_address") or {}
    carrier, method = sent.get("shipping_carrier_code"), sent.get("shipping_method_code")
    if not shipping.get("country_id"):
        raise MagentoError(NO_ADDRESS)
    if (carrier, method) != (cart_totals.CARRIER, cart_totals.METHOD):
        raise NotFound("Carrier with such method not found: %1, %2", [carrier, method])
    billing = sent.get("billing_address") or cart["addresses"].get("billing") or shipping
    cart = change(ctx, addresses={"shipping": shipping, "billing": billing}, shipping=True)
    return {"payment_methods": cart_totals.payment_methods(), "totals": cart_totals.totals(ctx.state, cart)}


@route(
    "POST", "/V1/guest-carts/:cartId/payment-information", ANONYMOUS,
    {"email": "string", "paymentMethod": "Payment", "billing_address?": "QuoteAddress"},
    CHECKOUT + "GuestPaymentInformationManagementInterface::savePaymentInformationAndPlaceOrder",
)  # fmt: skip
def place_order(ctx: Context) -> Any:
    """Turn the cart into an order, which reserves its stock; the answer is the order's number as text."""
    cart = active(ctx)
    if not cart["shipping"]:
        raise MagentoError(NO_ADDRESS)
    method = ctx.inputs["paymentMethod"].get("method")
    if method not in cart_totals.PAYMENTS:
        raise MagentoError("The requested Payment Method is not available.")
    billing = ctx.inputs["billing_address"] or cart["addresses"]["billing"]
    _check_address(cart["addresses"]["shipping"])
    cart = change(ctx, addresses={**cart["addresses"], "billing": billing}, active=False)
    order = order_records.create(ctx.state, cart, ctx.inputs["email"], method)
    sales_stock.placed(ctx.state, [(item, item["qty_ordered"]) for item in order["items"]])
    ctx.effect("created", order["increment_id"], "order")
    return str(order["entity_id"])


def _check_address(address: Record) -> None:
    missing = [name for name in NEEDED if not address.get(name)]
    if missing:
        words = " ".join(f'"{name}" is required. Enter and try again.' for name in missing)
        raise MagentoError(INCOMPLETE, [words])
