"""Invoices: an order is paid, whole or in part; an offline payment is paid at once."""

from typing import Any

from sandbox.magento import order_json, order_records, order_state, search
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.order_documents import Line, head, line_json, money, refuse, wanted
from sandbox.magento.routing import route

ACL = "Magento_Sales::"
API = "Magento\\Sales\\Api\\"
PAID = 2
NOTHING = "The invoice can't be created without products. Add products and try again."
SENT = {
    "orderId": "int", "capture?": "boolean", "items?": "DocumentItem[]", "notify?": "boolean",
    "appendComment?": "boolean", "comment?": "DocumentComment", "arguments?": "mixed",
}  # fmt: skip


@route("POST", "/V1/order/:orderId/invoice", ACL + "invoice", SENT, API + "InvoiceOrderInterface::execute")
def invoice_order(ctx: Context) -> Any:
    """Invoice the named lines, or all that is left; the answer is the invoice's number as text."""
    order = order_records.edit(ctx.state, ctx.inputs["orderId"])
    lines = wanted(order, ctx.inputs["items"], order_state.to_invoice)
    for item, quantity in lines:
        if quantity > order_state.to_invoice(item):
            raise MagentoError('We found an invalid quantity to invoice item "%1".', [item["name"]])
    lines = [line for line in lines if line[1] > 0]
    refuse("Invoice", [*([] if lines else [NOTHING]), *_reasons(order)])
    invoice = _create(ctx, order, lines)
    ctx.effect("invoiced", order["increment_id"], "order")
    return str(invoice["entity_id"])


def _reasons(order: Record) -> list[str]:
    """Why the order takes no invoice."""
    if order["state"] in order_state.ENDED | order_state.SHUT:
        return [f"An invoice cannot be created when an order has a status of {order['status']}"]
    return [] if order_state.can_invoice(order) else ["The order does not allow an invoice to be created."]


def _create(ctx: Context, order: Record, lines: list[Line]) -> Record:
    # The first invoice carries the shipping of the whole order.
    shipping = order["shipping_amount"] - (order.get("shipping_invoiced") or 0)
    top = head(ctx.state, order, "invoice")
    invoice = {
        **top, **money(order, lines, shipping), "state": PAID, "total_qty": sum(quantity for _, quantity in lines),
        "is_used_for_refund": None, "transaction_id": None, "base_total_refunded": None, "can_void_flag": 0,
        "items": [line_json(ctx.state, "invoice", top["entity_id"], line) for line in lines],
    }  # fmt: skip
    for item, quantity in lines:
        item["qty_invoiced"] += quantity
        order_records.add(item, "row_invoiced", item["price"] * quantity)
        item["updated_at"] = ctx.state.timestamp()
    for name, amount in (("subtotal_invoiced", "subtotal"), ("shipping_invoiced", "shipping_amount"),
                         ("total_invoiced", "grand_total"), ("total_paid", "grand_total")):  # fmt: skip
        order_records.add(order, name, invoice[amount])
    order_records.add(order, "total_due", -invoice["grand_total"])
    order_records.add(order["payment"], "amount_paid", invoice["grand_total"])
    ctx.state.table("invoices").put(invoice["entity_id"], invoice)
    order_records.save(ctx.state, order, goes_on=True)
    return invoice


def _invoice(ctx: Context) -> Record:
    found = ctx.state.table("invoices").get(ctx.inputs["id"])
    if found is None:
        raise NotFound(order_records.UNKNOWN)
    return found


@route("GET", "/V1/invoices/:id", ACL + "sales_invoice", {"id": "int"}, API + "InvoiceRepositoryInterface::get")
def get_invoice(ctx: Context) -> Any:
    """One invoice."""
    return order_json.document_json(_invoice(ctx))


@route(
    "GET", "/V1/invoices", ACL + "sales_invoice", {"searchCriteria": "SearchCriteria"},
    API + "InvoiceRepositoryInterface::getList",
)  # fmt: skip
def list_invoices(ctx: Context) -> Any:
    """Search invoices."""
    return search.answer(ctx, ctx.state.table("invoices"), order_json.document_json, order_json.document_column)


@route(
    "POST", "/V1/invoices/:id/capture", ACL + "sales_invoice", {"id": "int"},
    API + "InvoiceManagementInterface::setCapture",
)  # fmt: skip
def capture_invoice(ctx: Context) -> Any:
    """Take the money; every invoice here is of an offline payment, and paid already."""
    _invoice(ctx)
    raise MagentoError("The capture action is not available.")
