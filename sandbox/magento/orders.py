"""Order routes: read, search, change a field, comment, hold, and cancel."""

from typing import Any

from sandbox.magento import order_json, order_records, order_state, sales_stock, search
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.routing import route

ACL = "Magento_Sales::"
VIEW = ACL + "actions_view"
REPOSITORY = "Magento\\Sales\\Api\\OrderRepositoryInterface::"
MANAGEMENT = "Magento\\Sales\\Api\\OrderManagementInterface::"
ORDER = {"id": "int"}
READ_ONLY = {"entity_id", "items", "billing_address", "payment", "status_histories", "extension_attributes"}

struct(
    "StatusHistory", comment="string", created_at="string", entity_id="int", entity_name="string",
    is_customer_notified="int", is_visible_on_front="int", parent_id="int", status="string", extension_attributes="mixed",
)  # fmt: skip


@route("GET", "/V1/orders/:id", VIEW, ORDER, REPOSITORY + "get")
def get_order(ctx: Context) -> Any:
    """One order."""
    return order_json.order_json(order_records.get(ctx.state, ctx.inputs["id"]))


@route("GET", "/V1/orders", VIEW, {"searchCriteria": "SearchCriteria"}, REPOSITORY + "getList")
def list_orders(ctx: Context) -> Any:
    """Search orders of all store views."""
    return search.answer(ctx, ctx.state.table("orders"), order_json.order_json, order_json.column)


ITEMS = "Magento\\Sales\\Api\\OrderItemRepositoryInterface::"


@route("GET", "/V1/orders/items", VIEW, {"searchCriteria": "SearchCriteria"}, ITEMS + "getList")
def list_items(ctx: Context) -> Any:
    """Search the lines of all orders."""
    return search.answer(ctx, [item for order in ctx.state.table("orders") for item in order["items"]])


@route("GET", "/V1/orders/items/:id", VIEW, ORDER, ITEMS + "get")
def get_item(ctx: Context) -> Any:
    """One line of an order."""
    for order in ctx.state.table("orders"):
        for item in order["items"]:
            if item["item_id"] == ctx.inputs["id"]:
                return item
    raise NotFound(order_records.UNKNOWN)


@route("POST", "/V1/orders", ACL + "create", {"entity": "Order"}, REPOSITORY + "save")
@route("PUT", "/V1/orders/create", ACL + "create", {"entity": "Order"}, REPOSITORY + "save")
def save_order(ctx: Context) -> Any:
    """Change fields of an order: only what was sent. The stand-in takes no whole orders from elsewhere."""
    sent = ctx.inputs["entity"]
    order = order_records.edit(ctx.state, sent.get("entity_id") or 0)
    changes = {name: held for name, held in sent.items() if name not in READ_ONLY and held is not None}
    order.update(changes)
    order["updated_at"] = ctx.state.timestamp()
    ctx.state.table("orders").put(order["entity_id"], order)
    ctx.effect("updated", order["increment_id"], "order")
    return order_json.saved_json(order, changes)


@route("GET", "/V1/orders/:id/statuses", VIEW, ORDER, MANAGEMENT + "getStatus")
def get_status(ctx: Context) -> Any:
    """The status alone."""
    return order_records.get(ctx.state, ctx.inputs["id"])["status"]


@route(
    "POST", "/V1/orders/:id/comments", ACL + "comment", {"id": "int", "statusHistory": "StatusHistory"},
    MANAGEMENT + "addComment",
)  # fmt: skip
def add_comment(ctx: Context) -> Any:
    """Comment on an order; a status that comes along is set, whatever it is, and the state stays."""
    order, sent = order_records.edit(ctx.state, ctx.inputs["id"]), ctx.inputs["statusHistory"]
    comment = {
        "comment": sent.get("comment") or None, "created_at": ctx.state.timestamp(),
        "entity_id": ctx.state.next_id("order_comments"), "is_customer_notified": sent.get("is_customer_notified"),
        "is_visible_on_front": sent.get("is_visible_on_front") or 0, "parent_id": order["entity_id"],
        "status": sent.get("status"),
    }  # fmt: skip
    order["histories"].append(comment)
    if sent.get("status") not in (None, order["status"]):
        order.update(status=sent["status"], updated_at=ctx.state.timestamp())
    ctx.state.table("orders").put(order["entity_id"], order)
    return True


@route("GET", "/V1/orders/:id/comments", VIEW, ORDER, MANAGEMENT + "getCommentsList")
def list_comments(ctx: Context) -> Any:
    """The comments on an order, oldest first; none for an order that does not exist."""
    order = ctx.state.table("orders").get(ctx.inputs["id"])
    found = [order_json.comment_json(one) for one in order["histories"]] if order else []
    wanted = {"field": "parent_id", "value": str(ctx.inputs["id"]), "condition_type": "eq"}
    return {"items": found, "search_criteria": {"filter_groups": [{"filters": [wanted]}]}, "total_count": len(found)}


@route("POST", "/V1/orders/:id/cancel", ACL + "cancel", ORDER, MANAGEMENT + "cancel")
def cancel_order(ctx: Context) -> Any:
    """Cancel what was neither invoiced nor shipped; false, and status 200, where nothing can be cancelled."""
    order = order_records.edit(ctx.state, ctx.inputs["id"])
    if not order_state.can_cancel(order):
        return False
    rows = [(item, order_state.to_cancel(item)) for item in order["items"]]
    ends = order_state.CANCELED
    for item, quantity in rows:
        if order_state.to_refund(item):
            on_the_way = order_state.to_ship(item) > quantity
            ends = order_state.PROCESSING if on_the_way else order_state.COMPLETE
        item["qty_canceled"] += quantity
    _cancel_amounts(order)
    order_state.enter(order, ends)
    sales_stock.cancelled(ctx.state, [(item, quantity) for item, quantity in rows if quantity])
    order_records.save(ctx.state, order)
    ctx.effect("cancelled", order["increment_id"], "order")
    return True


def _cancel_amounts(order: Record) -> None:
    for name in ("subtotal", "shipping", "tax"):
        ordered = order["shipping_amount" if name == "shipping" else f"{name}_amount" if name == "tax" else name]
        order_records.add(order, f"{name}_canceled", ordered - (order.get(f"{name}_invoiced") or 0))
    order_records.add(order, "total_canceled", order["grand_total"] - (order.get("total_paid") or 0))


@route("POST", "/V1/orders/:id/hold", ACL + "hold", ORDER, MANAGEMENT + "hold")
def hold_order(ctx: Context) -> Any:
    """Put an order on hold. Raises MagentoError for one that has ended or is on hold."""
    order = order_records.edit(ctx.state, ctx.inputs["id"])
    if order["state"] in order_state.ENDED | order_state.SHUT:
        raise MagentoError("A hold action is not available.")
    order.update(hold_before_state=order["state"], hold_before_status=order["status"])
    order_state.enter(order, order_state.HOLDED)
    order_records.save(ctx.state, order)
    return True


@route("POST", "/V1/orders/:id/unhold", ACL + "unhold", ORDER, MANAGEMENT + "unHold")
def release_order(ctx: Context) -> Any:
    """Take an order off hold, back to what it was. Raises MagentoError for one that is not on hold."""
    order = order_records.edit(ctx.state, ctx.inputs["id"])
    if order["state"] != order_state.HOLDED:
        raise MagentoError("You cannot remove the hold.")
    order.update(state=order.pop("hold_before_state"), status=order.pop("hold_before_status"))
    order_records.save(ctx.state, order)
    return True
