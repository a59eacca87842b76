"""What a cart costs: its lines, the shipping at a fixed price per piece, and the totals as Magento writes them out."""

from typing import Any

from sandbox.magento import catalog
from sandbox.magento.database import Record
from sandbox.magento.product_values import value
from sandbox.magento.selling_price import selling_price
from sandbox.magento.state import State

CURRENCY = "EUR"
FLAT_RATE = 5.0
CARRIER, METHOD = "flatrate", "flatrate"
SHIPPING_TITLE = "Flat Rate - Fixed"
PAYMENTS = {"checkmo": "Check / Money order", "banktransfer": "Bank Transfer Payment"}
CENTS = 2
NO_TAX = {"tax_amount": 0, "tax_percent": 0, "discount_amount": 0, "discount_percent": 0}


def both(name: str, amount: float) -> dict[str, float]:
    """An amount in the currency of the order, and in that of the shop; they are the same here."""
    return {name: amount, f"base_{name}": amount}


def lines(state: State, cart: Record) -> list[dict[str, Any]]:
    """The cart's lines: {item_id, product (a record), qty, price, total}; products that are gone are left out."""
    found = [(catalog.by_sku(state, sku), item) for sku, item in cart["items"].items()]
    result = []
    for product, item in found:
        if product is not None:
            price = selling_price(state, product, cart["store_id"])
            total = round(price * item["qty"], CENTS)
            result.append({**item, "product": product, "price": price, "total": total})
    return result


def shipping_price(state: State, cart: Record) -> float:
    """The shipping of the whole cart in euro; what is not physical is not shipped."""
    pieces = sum(line["qty"] for line in lines(state, cart) if line["product"]["type_id"] == "simple")
    return round(FLAT_RATE * float(pieces), CENTS)


def methods(state: State, cart: Record) -> list[dict[str, Any]]:
    """How the cart can be shipped."""
    price = shipping_price(state, cart)
    return [
        {"carrier_code": CARRIER, "method_code": METHOD, "carrier_title": "Flat Rate", "method_title": "Fixed",
         **both("amount", price), "available": True, "error_message": "", "price_excl_tax": price,
         "price_incl_tax": price}
    ]  # fmt: skip


def payment_methods() -> list[dict[str, str]]:
    """How an order can be paid."""
    return [{"code": code, "title": title} for code, title in PAYMENTS.items()]


def _line_json(line: dict[str, Any], store_id: int) -> dict[str, Any]:
    return {
        "item_id": line["item_id"], **both("price", line["price"]), "qty": line["qty"], **both("row_total", line["total"]),
        "row_total_with_discount": 0, **NO_TAX, "base_tax_amount": 0, "base_discount_amount": 0,
        **both("price_incl_tax", line["price"]), **both("row_total_incl_tax", line["total"]), "options": "[]",
        "weee_tax_applied_amount": None, "weee_tax_applied": None, "name": value(line["product"], "name", store_id),
    }  # fmt: skip


def totals(state: State, cart: Record) -> dict[str, Any]:
    """The totals of a cart; shipping counts as soon as it was chosen."""
    rows = lines(state, cart)
    subtotal = round(sum(row["total"] for row in rows), CENTS)
    shipping = shipping_price(state, cart) if cart["shipping"] else 0
    grand = round(subtotal + shipping, CENTS)
    nothing = ("discount_amount", "shipping_discount_amount", "tax_amount", "shipping_tax_amount")
    return {
        **both("grand_total", grand), **both("subtotal", subtotal), **both("subtotal_with_discount", subtotal),
        **both("shipping_amount", shipping), **{key: 0 for name in nothing for key in both(name, 0)},
        "weee_tax_applied_amount": None, "subtotal_incl_tax": subtotal, **both("shipping_incl_tax", shipping),
        "base_currency_code": CURRENCY, "quote_currency_code": CURRENCY, "items_qty": sum(row["qty"] for row in rows),
        "items": [_line_json(row, cart["store_id"]) for row in rows],
        "total_segments": _segments(subtotal, shipping, grand),
    }  # fmt: skip


def _segments(subtotal: float, shipping: float, grand: float) -> list[dict[str, Any]]:
    return [
        {"code": "subtotal", "title": "Subtotal", "value": subtotal},
        {"code": "shipping", "title": f"Shipping & Handling ({SHIPPING_TITLE})", "value": shipping},
        {"code": "tax", "title": "Tax", "value": 0, "extension_attributes": {"tax_grandtotal_details": []}},
        {"code": "grand_total", "title": "Grand Total", "value": grand, "area": "footer"},
    ]
