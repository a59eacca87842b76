"""Orders as they are kept, how they come to be, and what every later step does to them.

Table `orders` by entity_id: Magento's columns (those that are empty are absent), `items` (the order's lines, as the API shows
them), `addresses` {"billing", "shipping"}, `payment`, `histories` (comments, oldest first).
"""

import secrets
from typing import Any

from sandbox.magento import order_state
from sandbox.magento.cart_totals import CURRENCY, PAYMENTS, SHIPPING_TITLE, both, lines, shipping_price
from sandbox.magento.database import Record
from sandbox.magento.errors import NotFound
from sandbox.magento.product_values import value
from sandbox.magento.state import State

UNKNOWN = "The entity that was requested doesn't exist. Verify the entity and try again."
CENTS = 2
FOUR_DECIMALS = 4
ORDER_ZEROS = (
    "base_discount_amount", "base_discount_tax_compensation_amount", "base_shipping_discount_amount",
    "base_shipping_discount_tax_compensation_amnt", "base_shipping_tax_amount", "base_tax_amount", "discount_amount",
    "discount_tax_compensation_amount", "shipping_discount_amount", "shipping_discount_tax_compensation_amount",
    "shipping_tax_amount", "store_to_base_rate", "store_to_order_rate", "tax_amount",
)  # fmt: skip
ITEM_ZEROS = (
    "amount_refunded", "base_amount_refunded", "base_discount_amount", "base_discount_invoiced",
    "base_discount_tax_compensation_amount", "base_row_invoiced", "base_tax_amount", "base_tax_invoiced",
    "discount_amount", "discount_invoiced", "discount_percent", "free_shipping", "discount_tax_compensation_amount",
    "no_discount", "qty_canceled", "qty_invoiced", "qty_refunded", "qty_shipped", "row_invoiced", "tax_amount",
    "tax_invoiced", "tax_percent",
)  # fmt: skip
ADDRESS_FIELDS = (
    "city", "company", "country_id", "fax", "firstname", "lastname", "middlename", "postcode", "prefix", "region",
    "region_code", "region_id", "street", "suffix", "telephone", "vat_id",
)  # fmt: skip


def get(state: State, order_id: int) -> Record:
    """The order, to be read only. Raises NotFound."""
    order = state.table("orders").get(order_id)
    if order is None:
        raise NotFound(UNKNOWN)
    return order


def edit(state: State, order_id: int) -> Record:
    """A copy of the order to change and `save`. Raises NotFound."""
    get(state, order_id)
    return state.table("orders").edit(order_id)


def save(state: State, order: Record, goes_on: bool = False) -> None:
    """Store a changed order: its state follows from what was done to it (`goes_on`: a new one is in process now)."""
    order_state.settle(order, goes_on)
    order["updated_at"] = state.timestamp()
    state.table("orders").put(order["entity_id"], order)


def add(record: Record, name: str, amount: float) -> None:
    """Raise an amount of an order, in both currencies."""
    for key in both(name, 0):
        record[key] = round((record.get(key) or 0) + amount, FOUR_DECIMALS)


def document_number(state: State, kind: str, store_id: int) -> str:
    """The number that people see: nine digits per kind and store view; those of other views start with the view's number."""
    number = state.next_id(f"{kind}_numbers_{store_id}")
    return f"{'' if store_id == 1 else store_id}{number:09d}"


def create(state: State, cart: Record, email: str, method: str) -> Record:
    """An order of what is in the cart, stored."""
    number, store_id, now = state.next_id("orders"), cart["store_id"], state.timestamp()
    rows = lines(state, cart)
    items = [_item(state, number, row, store_id, now) for row in rows]
    addresses = {
        kind: _address(state, number, kind, email, cart["addresses"][kind]) for kind in ("shipping", "billing")
    }
    subtotal, shipping = round(sum(row["total"] for row in rows), CENTS), shipping_price(state, cart)
    grand = round(subtotal + shipping, CENTS)
    order = {
        "entity_id": number, "increment_id": document_number(state, "order", store_id), "state": order_state.NEW,
        "status": order_state.STATUS[order_state.NEW], "created_at": now, "updated_at": now, "quote_id": cart["number"],
        "store_id": store_id, "store_name": _store_name(state, store_id), **dict.fromkeys(ORDER_ZEROS, 0),
        **{f"{kind}_currency_code": CURRENCY for kind in ("base", "global", "order", "store")},
        "base_to_global_rate": 1, "base_to_order_rate": 1, **_customer(email, addresses["billing"]),
        "billing_address_id": addresses["billing"]["entity_id"], "email_sent": 1, "protect_code": secrets.token_hex(16),
        "remote_ip": "127.0.0.1", "is_virtual": int(all(item["is_virtual"] for item in items)),
        "shipping_description": SHIPPING_TITLE, **both("shipping_amount", shipping), **both("shipping_incl_tax", shipping),
        **both("subtotal", subtotal), **both("subtotal_incl_tax", subtotal), **both("grand_total", grand),
        **both("total_due", grand), "total_item_count": len(items), "weight": sum(item["row_weight"] for item in items),
        "total_qty_ordered": sum(item["qty_ordered"] for item in items), "items": items, "addresses": addresses,
        "payment": _payment(state, number, method, grand, shipping), "histories": [],
    }  # fmt: skip
    state.table("orders").put(number, order)
    return order


def _customer(email: str, billing: Record) -> Record:
    return {"customer_email": email, "customer_firstname": billing.get("firstname"), "customer_is_guest": 1,
            "customer_lastname": billing.get("lastname"), "customer_note_notify": 1}  # fmt: skip


def _store_name(state: State, store_id: int) -> str:
    store = state.table("stores")[store_id]
    website, group = state.table("websites")[store["website_id"]], state.table("store_groups")[store["store_group_id"]]
    return f"{website['name']}\n{group['name']}\n{store['name']}"


def _item(state: State, order_id: int, row: dict[str, Any], store_id: int, now: str) -> Record:
    product, price, total = row["product"], row["price"], row["total"]
    weight = float(value(product, "weight", store_id) or 0)
    return {
        **dict.fromkeys(ITEM_ZEROS, 0), "item_id": state.next_id("order_items"), "order_id": order_id, "store_id": store_id,
        "quote_item_id": row["item_id"], "product_id": product["id"], "product_type": product["type_id"],
        "sku": product["sku"], "name": value(product, "name", store_id), "qty_ordered": row["qty"],
        "is_qty_decimal": int(product["stock"]["is_qty_decimal"]), "is_virtual": int(product["type_id"] != "simple"),
        "weight": weight, "row_weight": round(weight * row["qty"], FOUR_DECIMALS), "created_at": now, "updated_at": now,
        **both("original_price", price), **both("price", price), **both("price_incl_tax", price),
        **both("row_total", total), **both("row_total_incl_tax", total),
    }  # fmt: skip


def _address(state: State, order_id: int, kind: str, email: str, sent: Record) -> Record:
    kept = {name: sent[name] for name in ADDRESS_FIELDS if sent.get(name) not in (None, "")}
    return {"address_type": kind, "entity_id": state.next_id("order_addresses"), "parent_id": order_id,
            "email": sent.get("email") or email, **kept}  # fmt: skip


def _payment(state: State, order_id: int, method: str, grand: float, shipping: float) -> Record:
    return {"account_status": None, "additional_information": [PAYMENTS[method]], **both("amount_ordered", grand),
            **both("shipping_amount", shipping), "cc_last4": None, "entity_id": state.next_id("order_payments"),
            "method": method, "parent_id": order_id}  # fmt: skip
