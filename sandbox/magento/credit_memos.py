"""Refunds: money goes back for lines, shipping or an adjustment; goods go back to stock only when the caller says so."""

from typing import Any

from sandbox.magento import order_json, order_records, order_state, sales_stock, search
from sandbox.magento.cart_totals import both
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.order_documents import Line, head, line_json, money, refuse, wanted
from sandbox.magento.routing import route
from sandbox.magento.shipments import shipped_by_source
from sandbox.magento.state import State
from sandbox.magento.storefront_words import price_text

ACL = "Magento_Sales::"
API = "Magento\\Sales\\Api\\"
REFUNDED = 2
NO_ENTRY = {order_state.CANCELED, order_state.CLOSED, *order_state.SHUT}

struct("CreditMemoArguments", shipping_amount="float", adjustment_positive="float", adjustment_negative="float",
       extension_attributes="ReturnToStock")  # fmt: skip
struct("ReturnToStock", return_to_stock_items="int[]")
SENT = {
    "items?": "DocumentItem[]", "notify?": "boolean", "appendComment?": "boolean", "comment?": "DocumentComment",
    "arguments?": "CreditMemoArguments",
}  # fmt: skip


@route(
    "POST",
    "/V1/order/:orderId/refund",
    ACL + "creditmemo",
    {"orderId": "int", **SENT},
    API + "RefundOrderInterface::execute",
)
def refund_order(ctx: Context) -> Any:
    """Refund the named lines, or all that is left, and the shipping unless told otherwise; the answer is a number as text."""
    order = order_records.edit(ctx.state, ctx.inputs["orderId"])
    given = ctx.inputs["arguments"] or {}
    lines = wanted(order, ctx.inputs["items"], order_state.to_refund)
    for item, quantity in lines:
        if quantity > max(order_state.to_refund(item), 0):
            raise MagentoError('We found an invalid quantity to refund item "%1".', [item["name"]])
    shipping = _shipping(ctx.state, order, given.get("shipping_amount"))
    plus, minus = given.get("adjustment_positive") or 0, given.get("adjustment_negative") or 0
    amounts = money(order, lines, shipping, plus - minus)
    refuse("Creditmemo", _reasons(order, ctx.inputs["items"] or [], amounts["grand_total"]))
    lines = [line for line in lines if line[1] > 0]
    memo = {**head(ctx.state, order, "creditmemo"), **amounts, **both("adjustment", plus - minus),
            **both("adjustment_positive", plus), **both("adjustment_negative", minus), "state": REFUNDED,
            "invoice_id": None, "transaction_id": None, "creditmemo_status": None}  # fmt: skip
    memo["items"] = [line_json(ctx.state, "creditmemo", memo["entity_id"], line) for line in lines]
    returning = (given.get("extension_attributes") or {}).get("return_to_stock_items") or []
    _book(ctx.state, order, memo, lines, set(returning))
    ctx.effect("refunded", order["increment_id"], "order")
    return str(memo["entity_id"])


def _shipping(state: State, order: Record, asked: float | None) -> float:
    """The shipping to refund, in euro: all that is left unless less was asked. Raises MagentoError for more."""
    left = round(order["shipping_amount"] - (order.get("shipping_refunded") or 0), 4)
    if asked is not None and asked > left:
        locale = state.table("stores")[order["store_id"]]["locale"]
        raise MagentoError("Maximum shipping amount allowed to refund is: %1", [price_text(left, locale[:2])])
    return left if asked is None else asked


def _reasons(order: Record, sent: list[Record], grand_total: float) -> list[str]:
    """Why the order cannot be refunded like this."""
    reasons, left = [], order_state.refundable(order)
    if order["state"] in NO_ENTRY:
        reasons.append(f"A creditmemo can not be created when an order has a status of {order['status']}")
    elif left < order_state.LEAST:
        reasons.append("The order does not allow a creditmemo to be created.")
    if {row.get("order_item_id") for row in sent} - {item["item_id"] for item in order["items"]}:
        reasons.append("The creditmemo contains product item that is not part of the original order.")
    elif grand_total <= 0:
        reasons.append("The credit memo's total must be positive.")
    if grand_total > left:
        reasons.append(f"The most money available to refund is {left:g}.")
    return reasons


def _book(state: State, order: Record, memo: Record, lines: list[Line], returning: set[int]) -> None:
    for item, quantity in lines:
        _move_stock(state, order, item, quantity, item["item_id"] in returning)
        item["qty_refunded"] += quantity
        order_records.add(item, "amount_refunded", item["price"] * quantity)
        item["updated_at"] = state.timestamp()
    for name, amount in (("subtotal_refunded", "subtotal"), ("shipping_refunded", "shipping_amount"),
                         ("total_refunded", "grand_total"), ("total_offline_refunded", "grand_total")):  # fmt: skip
        order_records.add(order, name, memo[amount])
    order_records.add(order["payment"], "amount_refunded", memo["grand_total"])
    state.table("creditmemos").put(memo["entity_id"], memo)
    order_records.save(state, order)


def _move_stock(state: State, order: Record, item: Record, quantity: float, returns: bool) -> None:
    sent = shipped_by_source(state, order["entity_id"], item["item_id"])
    unshipped = item["qty_invoiced"] - item["qty_refunded"] - sum(sent.values())
    if returns:
        sales_stock.returned(state, item, quantity, unshipped, sent)
    else:
        sales_stock.written_off(state, item, quantity, unshipped)


@route(
    "POST", "/V1/invoice/:invoiceId/refund", ACL + "creditmemo", {"invoiceId": "int", "isOnline?": "boolean", **SENT},
    API + "RefundInvoiceInterface::execute",
)  # fmt: skip
def refund_invoice(ctx: Context) -> Any:
    """Refund online through an invoice, which an offline payment does not allow."""
    if ctx.inputs["invoiceId"] not in ctx.state.table("invoices"):
        raise NotFound(order_records.UNKNOWN)
    refuse("Creditmemo", ["We can't create creditmemo for the invoice."])


@route("GET", "/V1/creditmemo/:id", ACL + "creditmemo", {"id": "int"}, API + "CreditmemoRepositoryInterface::get")
def get_credit_memo(ctx: Context) -> Any:
    """One credit memo."""
    found = ctx.state.table("creditmemos").get(ctx.inputs["id"])
    if found is None:
        raise NotFound(order_records.UNKNOWN)
    return order_json.document_json(found)


@route(
    "GET", "/V1/creditmemos", ACL + "sales_creditmemo", {"searchCriteria": "SearchCriteria"},
    API + "CreditmemoRepositoryInterface::getList",
)  # fmt: skip
def list_credit_memos(ctx: Context) -> Any:
    """Search credit memos."""
    return search.answer(ctx, ctx.state.table("creditmemos"), order_json.document_json, order_json.document_column)
