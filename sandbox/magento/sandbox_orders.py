"""Controls that place and work off orders the way the REST API does, for tests and a demo; a real shop has none of these.

GET  /_sandbox/orders       all orders, with the state of each line
POST /_sandbox/orders       {"sku": "A", "qty": 2} or {"items": [{"sku", "qty"}, ...]}, and "store": "nl" (else the default view)
POST /_sandbox/orders/<id>  {"do": "ship" | "cancel" | "invoice" | "refund" | "hold" | "unhold"}, by entity id or by the number
                            that people see. "qty": so many of each line (else all that is left). To ship: "source" (else the
                            first source of the stock that has it all). To refund: "return_to_stock": true
"""

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.magento import carts, checkout, credit_memos, invoices, order_state, orders, shipments, source_items
from sandbox.magento.context import Context
from sandbox.magento.control import answer, sent
from sandbox.magento.database import Record
from sandbox.magento.errors import ApplicationCrash, MagentoError, filled_in
from sandbox.magento.routing import PageRequest, Response, page
from sandbox.magento.state import State

EMAIL = "jan.peeters@example.test"
ADDRESS = {
    "firstname": "Jan", "lastname": "Peeters", "street": ["Kerkstraat 1"], "city": "Gent", "postcode": "9000",
    "country_id": "BE", "telephone": "0470000000", "email": EMAIL,
}  # fmt: skip
SHIPPING = {"shipping_address": ADDRESS, "billing_address": ADDRESS, "shipping_carrier_code": "flatrate",
            "shipping_method_code": "flatrate"}  # fmt: skip
BY_ID = {"cancel": orders.cancel_order, "hold": orders.hold_order, "unhold": orders.release_order}
ACTIONS = ("ship", "invoice", "refund", *BY_ID)


def buy(state: State, rows: Sequence[tuple[str, float]], store_id: int = carts.DEFAULT_STORE) -> Record:
    """A guest orders these (SKU, quantity). Raises MagentoError when one is unknown or not available; then nothing is ordered."""
    with state.database.transaction():
        ctx = Context(state, store_id)
        ctx.path = {"cartId": carts.create_cart(ctx)}
        for sku, quantity in rows:
            ctx.inputs = {"cartItem": {"sku": sku, "qty": quantity}}
            carts.add_item(ctx)
        ctx.inputs = {"addressInformation": SHIPPING}
        checkout.save_shipping(ctx)
        ctx.inputs = {"email": EMAIL, "paymentMethod": {"method": "checkmo"}, "billing_address": None}
        return state.table("orders")[int(checkout.place_order(ctx))]


def summary(order: Record) -> dict[str, Any]:
    """An order as the controls show it."""
    steps = ("ordered", "invoiced", "shipped", "refunded", "canceled")
    lines = [{"sku": item["sku"], **{step: item[f"qty_{step}"] for step in steps}} for item in order["items"]]
    return {
        **{name: order[name] for name in ("entity_id", "increment_id", "state", "status", "updated_at")},
        "items": lines,
    }


def _guarded(work: Callable[[], Any]) -> Response:
    """The answer, or what the shop said against it."""
    try:
        return answer(work())
    except MagentoError as error:
        return answer({"error": filled_in(error.message, error.parameters)}, error.status)
    except ApplicationCrash:
        return answer({"error": "the shop broke down on this"}, 500)


@page("GET", "/_sandbox/orders")
def list_all(request: PageRequest) -> Response:
    """Every order."""
    return answer([summary(order) for order in request.context.state.table("orders")])


@page("POST", "/_sandbox/orders")
def place(request: PageRequest) -> Response:
    """Place an order."""
    state, body = request.context.state, sent(request)
    rows = body.get("items") or [{"sku": body.get("sku"), "qty": body.get("qty", 1)}]
    code = body.get("store", "default")
    store = state.table("stores").find(lambda one: one["code"] == code and one["id"] != 0)
    if store is None or not isinstance(rows, list) or not all(_is_row(row) for row in rows):
        return answer({"error": 'send {"sku": text, "qty": a number above 0}, and "store" a store view\'s code'}, 400)
    wanted = [(row["sku"], float(row["qty"])) for row in rows]
    return _guarded(lambda: summary(buy(state, wanted, store["id"])))


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("sku"), str) and _is_quantity(row.get("qty"))


def _is_quantity(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


@page("POST", "/_sandbox/orders/:id")
def act(request: PageRequest) -> Response:
    """Do something with an order."""
    state, body = request.context.state, sent(request)
    order = _find(state, request.params["id"])
    if order is None:
        return answer({"error": f"there is no order {request.params['id']}"}, 404)
    if body.get("do") not in ACTIONS or not (body.get("qty") is None or _is_quantity(body["qty"])):
        return answer({"error": f"do is one of {', '.join(ACTIONS)}; qty is a number above 0"}, 400)
    return _guarded(lambda: work_off(state, order, body))


def _find(state: State, wanted: str) -> Record | None:
    known = state.table("orders").get(int(wanted)) if wanted.isascii() and wanted.isdigit() else None
    if known is not None and not wanted.startswith("0"):
        return known
    return state.table("orders").find(lambda order: order["increment_id"] == wanted)


def work_off(state: State, order: Record, body: dict[str, Any]) -> dict[str, Any]:
    """Do what the body of the control says ({"do": "ship", "source": ...}). Raises MagentoError when the shop refuses."""
    action, number = str(body["do"]), order["entity_id"]
    with state.database.transaction():
        ctx = Context(state, carts.DEFAULT_STORE)
        ctx.inputs = {"orderId": number, "id": number, "items": None, "tracks": None, "arguments": None}
        result = BY_ID[action](ctx) if action in BY_ID else _documented(ctx, action, order, body)
    return {"done": result, **summary(state.table("orders")[number])}


def _documented(ctx: Context, action: str, order: Record, body: dict[str, Any]) -> Any:
    lines = [(item["item_id"], body.get("qty")) for item in order["items"]]
    if body.get("qty") is not None:
        ctx.inputs["items"] = [{"order_item_id": number, "qty": quantity} for number, quantity in lines]
    if action == "ship":
        source = body.get("source") or _first_source(ctx.state, order, body.get("qty"))
        ctx.inputs["arguments"] = {"extension_attributes": {"source_code": str(source)}}
        return shipments.ship_order(ctx)
    if action == "refund":
        back = [number for number, _ in lines] if body.get("return_to_stock") else []
        ctx.inputs["arguments"] = {"extension_attributes": {"return_to_stock_items": back}}
        return credit_memos.refund_order(ctx)
    return invoices.invoice_order(ctx)


def _first_source(state: State, order: Record, quantity: float | None) -> str:
    """The first source of the website's stock that holds all that is to be shipped, as an admin would choose."""
    wanted = {item["sku"]: min(order_state.to_ship(item), quantity or float("inf")) for item in order["items"]}
    chosen = None
    for sku, count in wanted.items():
        held = source_items.offered(state, sku, source_items.website_stock(state))
        able = [item["source_code"] for item in held if item["quantity"] >= count]
        chosen = able if chosen is None else [code for code in chosen if code in able]
    return chosen[0] if chosen else source_items.DEFAULT_SOURCE
