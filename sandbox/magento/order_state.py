"""What may still be done with an order, and the state that follows from what was done."""

from sandbox.magento.database import Record

NEW, PROCESSING, COMPLETE, CLOSED, CANCELED, HOLDED = "new", "processing", "complete", "closed", "canceled", "holded"
PAYMENT_REVIEW = "payment_review"
# The status that an order gets with its state.
STATUS = {
    NEW: "pending", PROCESSING: "processing", COMPLETE: "complete", CLOSED: "closed", CANCELED: "canceled",
    HOLDED: "holded",
}  # fmt: skip
ENDED = {COMPLETE, CLOSED, CANCELED}
SHUT = {HOLDED, PAYMENT_REVIEW}
LEAST = 0.0001


def _left(quantity: float) -> float:
    return max(0.0, round(quantity, 8))


def to_invoice(item: Record) -> float:
    """How many of a line can be invoiced."""
    return _left(item["qty_ordered"] - item["qty_invoiced"] - item["qty_canceled"])


def to_ship(item: Record) -> float:
    """How many of a line can be shipped."""
    if item["is_virtual"]:
        return 0.0
    gone = max(item["qty_shipped"], item["qty_refunded"])
    return _left(item["qty_ordered"] - gone - item["qty_canceled"])


def to_refund(item: Record) -> float:
    """How many of a line can be refunded."""
    return _left(item["qty_invoiced"] - item["qty_refunded"])


def to_cancel(item: Record) -> float:
    """How many of a line can be cancelled: those neither invoiced nor shipped."""
    return to_invoice(item) if item["is_virtual"] else min(to_invoice(item), to_ship(item))


def refundable(order: Record) -> float:
    """How much of what was paid was not refunded yet, in euro."""
    return round((order.get("total_paid") or 0) - (order.get("total_refunded") or 0), 4)


def can_invoice(order: Record) -> bool:
    """Whether something is left to invoice, in a state that allows it."""
    return order["state"] not in ENDED | SHUT and any(to_invoice(item) for item in order["items"])


def can_ship(order: Record) -> bool:
    """Whether something is left to ship, in a state that allows it."""
    return order["state"] not in {CANCELED, *SHUT} and any(
        to_ship(item) for item in order["items"] if item["qty_refunded"] != item["qty_ordered"]
    )


def can_cancel(order: Record) -> bool:
    """Whether something was not invoiced; shipped or not makes no difference."""
    return order["state"] not in ENDED | SHUT and any(to_invoice(item) for item in order["items"])


def settle(order: Record, goes_on: bool) -> None:
    """Move the state on: in process, complete when all is invoiced and shipped, closed when all is refunded."""
    if order["state"] == NEW and goes_on:
        enter(order, PROCESSING)
    if order["state"] in {CANCELED, *SHUT} or can_invoice(order):
        return
    if order["state"] in (PROCESSING, COMPLETE) and refundable(order) < LEAST and not can_ship(order):
        enter(order, CLOSED)
    elif order["state"] == PROCESSING and (not can_ship(order) or _rest_refunded(order)):
        enter(order, COMPLETE)


def enter(order: Record, state: str) -> None:
    """A state, with the status that belongs to it."""
    order["state"], order["status"] = state, STATUS[state]


def _rest_refunded(order: Record) -> bool:
    shipped = sum(item["qty_shipped"] for item in order["items"])
    refunded = sum(item["qty_refunded"] for item in order["items"])
    return bool(shipped) and order["total_qty_ordered"] <= shipped + refunded
