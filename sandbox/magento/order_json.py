"""Orders as the API shows them, and the fields that callers may send or search by."""

from typing import Any

from sandbox.magento.cart_totals import CARRIER, METHOD
from sandbox.magento.database import Record
from sandbox.magento.inputs import STRUCTS, internal_error, struct

TEXTS = """applied_rule_ids base_currency_code coupon_code created_at customer_dob customer_email customer_firstname
customer_lastname customer_middlename customer_note customer_prefix customer_suffix customer_taxvat discount_description
ext_customer_id ext_order_id global_currency_code hold_before_state hold_before_status increment_id order_currency_code
original_increment_id protect_code relation_child_id relation_child_real_id relation_parent_id relation_parent_real_id
remote_ip shipping_description state status store_currency_code store_name updated_at x_forwarded_for"""
WHOLE = """billing_address_id can_ship_partially can_ship_partially_item customer_gender customer_group_id customer_id
customer_is_guest customer_note_notify edit_increment email_sent entity_id forced_shipment_with_invoice is_virtual
payment_auth_expiration quote_address_id quote_id store_id total_item_count"""
AMOUNTS = """adjustment_negative adjustment_positive discount_amount discount_canceled discount_invoiced
discount_refunded discount_tax_compensation_amount discount_tax_compensation_invoiced discount_tax_compensation_refunded
grand_total shipping_amount shipping_canceled shipping_discount_amount shipping_incl_tax shipping_invoiced
shipping_refunded shipping_tax_amount shipping_tax_refunded subtotal subtotal_canceled subtotal_incl_tax
subtotal_invoiced subtotal_refunded tax_amount tax_canceled tax_invoiced tax_refunded total_canceled total_due
total_invoiced total_offline_refunded total_online_refunded total_paid total_qty_ordered total_refunded"""
struct(
    "Order", **dict.fromkeys(TEXTS.split(), "string"), **dict.fromkeys(WHOLE.split(), "int"),
    **{key: "float" for name in AMOUNTS.split() for key in (name, f"base_{name}")}, base_to_global_rate="float",
    base_to_order_rate="float", base_shipping_discount_tax_compensation_amnt="float", base_total_invoiced_cost="float",
    payment_authorization_amount="float", shipping_discount_tax_compensation_amount="float", store_to_base_rate="float",
    store_to_order_rate="float", weight="float", items="mixed", billing_address="mixed", payment="mixed",
    status_histories="mixed", extension_attributes="mixed",
)  # fmt: skip
PARTS = {"items", "addresses", "payment", "histories"}
SHIPPING_TOTALS = """base_shipping_amount base_shipping_discount_amount base_shipping_discount_tax_compensation_amnt
base_shipping_incl_tax base_shipping_tax_amount shipping_amount shipping_discount_amount
shipping_discount_tax_compensation_amount shipping_incl_tax shipping_tax_amount"""


def order_json(order: Record) -> dict[str, Any]:
    """An order with its lines, addresses, payment and comments (the newest first)."""
    columns = {name: held for name, held in order.items() if name not in PARTS and held is not None}
    return {
        **columns, "items": order["items"], "billing_address": order["addresses"]["billing"],
        "payment": order["payment"], "status_histories": [comment_json(one) for one in reversed(order["histories"])],
        "extension_attributes": _extension(order),
    }  # fmt: skip


def _extension(order: Record) -> dict[str, Any]:
    shipping = {"address": order["addresses"]["shipping"], "method": f"{CARRIER}_{METHOD}",
                "total": {name: order[name] for name in SHIPPING_TOTALS.split()}}  # fmt: skip
    title = order["payment"]["additional_information"][0]
    return {
        "shipping_assignments": [{"shipping": shipping, "items": order["items"]}],
        "payment_additional_info": [{"key": "method_title", "value": title}],
        "applied_taxes": [], "item_applied_taxes": [],
    }  # fmt: skip


def saved_json(order: Record, sent: Record) -> dict[str, Any]:
    """The answer to a partial save: what was sent, the parts, and nothing (null) for amounts that were not sent."""
    named = {name: order[name] for name in ("billing_address_id", "created_at", "entity_id", "updated_at")}
    nothing = {
        "base_grand_total": None,
        "grand_total": None,
        "customer_email": None,
        "base_total_due": 0,
        "total_due": 0,
    }
    return {
        **nothing, **sent, **named, "items": order["items"], "billing_address": order["addresses"]["billing"],
        "payment": order["payment"], "status_histories": [],
    }  # fmt: skip


def comment_json(comment: Record) -> dict[str, Any]:
    """A comment; a missing status is left out, a missing text is null."""
    return {name: held for name, held in comment.items() if held is not None or name == "comment"}


def column(order: Record, name: str) -> Any:
    """A column to search by. Raises MagentoError for one that the table does not have."""
    if name in PARTS or (name not in order and name not in STRUCTS["Order"]):
        raise internal_error()
    return order.get(name)


def document_column(record: Record, name: str) -> Any:
    """The same for invoices, shipments and credit memos, whose records hold every column."""
    if name not in record or isinstance(record[name], list | dict):
        raise internal_error()
    return record[name]


def document_json(record: Record) -> dict[str, Any]:
    """An invoice, shipment or credit memo: without what is empty."""
    return {name: held for name, held in record.items() if held is not None}
