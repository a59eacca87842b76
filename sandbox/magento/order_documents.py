"""What invoices, shipments and credit memos share: which lines and how many, and the columns that come from the order."""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.magento.cart_totals import both
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError
from sandbox.magento.inputs import struct
from sandbox.magento.order_records import document_number
from sandbox.magento.state import State

CENTS = 2
NO_TAX = {"base_tax_amount": 0, "tax_amount": 0, "base_discount_amount": 0, "discount_amount": 0}
CURRENCIES = ("base_currency_code", "global_currency_code", "order_currency_code", "store_currency_code",
              "base_to_global_rate", "base_to_order_rate", "store_to_base_rate", "store_to_order_rate")  # fmt: skip

Line = tuple[Record, float]

struct("DocumentItem", order_item_id="int", qty="float", extension_attributes="mixed")
struct("DocumentComment", comment="string", is_visible_on_front="int", extension_attributes="mixed")


def wanted(order: Record, sent: list[Record] | None, left: Callable[[Record], float]) -> list[Line]:
    """Lines of the order with the quantity that was asked for; all that is left when nothing was asked for.

    Lines that the order does not have are passed over, lines that were not named have 0.
    """
    asked = {row.get("order_item_id"): float(row.get("qty") or 0) for row in sent or []}
    return [(item, asked.get(item["item_id"], 0.0) if asked else left(item)) for item in order["items"]]


def refuse(kind: str, messages: Sequence[str]) -> None:
    """Raises MagentoError when there is any reason not to make the document."""
    if messages:
        raise MagentoError(f"{kind} Document Validation Error(s):\n" + "\n".join(messages))


def head(state: State, order: Record, kind: str) -> Record:
    """The columns that every document has."""
    now = state.timestamp()
    return {
        "entity_id": state.next_id(f"{kind}s"), "increment_id": document_number(state, kind, order["store_id"]),
        "order_id": order["entity_id"], "store_id": order["store_id"], "created_at": now, "updated_at": now,
        "billing_address_id": order["addresses"]["billing"]["entity_id"], "email_sent": None,
        "shipping_address_id": order["addresses"]["shipping"]["entity_id"], "comments": [],
    }  # fmt: skip


def money(order: Record, lines: Sequence[Line], shipping: float, adjustment: float = 0) -> Record:
    """The amounts of an invoice or a credit memo, in euro."""
    subtotal = round(sum(item["price"] * quantity for item, quantity in lines), CENTS)
    nothing = ("discount_tax_compensation_amount", "shipping_tax_amount")
    return {
        **{name: order[name] for name in CURRENCIES}, **NO_TAX, **{key: 0 for name in nothing for key in both(name, 0)},
        "base_shipping_discount_tax_compensation_amnt": 0, "shipping_discount_tax_compensation_amount": 0,
        **both("subtotal", subtotal), **both("subtotal_incl_tax", subtotal), **both("shipping_amount", shipping),
        **both("shipping_incl_tax", shipping), **both("grand_total", round(subtotal + shipping + adjustment, CENTS)),
    }  # fmt: skip


def line_json(state: State, kind: str, document_id: int, line: Line) -> dict[str, Any]:
    """A line of an invoice or a credit memo."""
    item, quantity = line
    total = round(item["price"] * quantity, CENTS)
    return {
        "entity_id": state.next_id(f"{kind}_items"), "parent_id": document_id, "order_item_id": item["item_id"],
        "sku": item["sku"], "name": item["name"], "product_id": item["product_id"], "qty": quantity, **NO_TAX,
        "base_discount_tax_compensation_amount": 0, "discount_tax_compensation_amount": 0,
        **both("price", item["price"]), **both("price_incl_tax", item["price"]), **both("row_total", total),
        **both("row_total_incl_tax", total),
    }  # fmt: skip
