"""Shipments: goods leave a source, which is lowered, and the reservation of the order is given back."""

from typing import Any

from sandbox.magento import order_json, order_records, order_state, sales_stock, search
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.order_documents import Line, head, refuse, wanted
from sandbox.magento.routing import route
from sandbox.magento.source_items import DEFAULT_SOURCE
from sandbox.magento.state import State

ACL = "Magento_Sales::"
API = "Magento\\Sales\\Api\\"
NOTHING = "You can't create a shipment without products."
TRACK = ("track_number", "title", "carrier_code")

struct("Track", track_number="string", title="string", carrier_code="string", extension_attributes="mixed")
struct("ShipmentArguments", extension_attributes="ShipmentSource")
struct("ShipmentSource", source_code="string", ext_location_id="string", ext_return_shipment_id="string",
       ext_shipment_id="string", ext_tracking_reference="string", ext_tracking_url="string")  # fmt: skip

SENT = {
    "orderId": "int", "items?": "DocumentItem[]", "notify?": "boolean", "appendComment?": "boolean",
    "comment?": "DocumentComment", "tracks?": "Track[]", "packages?": "mixed", "arguments?": "ShipmentArguments",
}  # fmt: skip


@route("POST", "/V1/order/:orderId/ship", ACL + "ship", SENT, API + "ShipOrderInterface::execute")
def ship_order(ctx: Context) -> Any:
    """Ship the named lines, or all that is left, from one source; the answer is the shipment's number as text.

    More than is left of a line is cut without a word. Without a source the default one is taken.
    """
    order = order_records.edit(ctx.state, ctx.inputs["orderId"])
    asked = wanted(order, ctx.inputs["items"], order_state.to_ship)
    cut = [(item, min(quantity, order_state.to_ship(item))) for item, quantity in asked]
    lines = [line for line in cut if line[1] > 0]
    refuse("Shipment", [*_reasons(order), *([] if lines else [NOTHING])])
    tracks = ctx.inputs["tracks"] or []
    if any(not track.get(name) for track in tracks for name in TRACK):
        raise MagentoError(sales_stock.NOT_SHIPPED)
    extension = (ctx.inputs["arguments"] or {}).get("extension_attributes") or {}
    shipment = _create(ctx.state, order, lines, tracks, extension.get("source_code") or DEFAULT_SOURCE)
    ctx.effect("shipped", order["increment_id"], "order")
    return str(shipment["entity_id"])


def _reasons(order: Record) -> list[str]:
    """Why nothing of the order can be shipped."""
    if order["state"] in {order_state.CANCELED, *order_state.SHUT}:
        return [f"A shipment cannot be created when an order has a status of {order['status']}"]
    return [] if order_state.can_ship(order) else ["The order does not allow a shipment to be created."]


def _create(state: State, order: Record, lines: list[Line], tracks: list[Record], source: str) -> Record:
    sales_stock.shipped(state, source, lines)
    top = head(state, order, "shipment")
    number = top["entity_id"]
    shipment = {
        **top, "packages": [], "shipment_status": None, "total_weight": None,
        "total_qty": sum(quantity for _, quantity in lines), "items": [_line(state, number, line) for line in lines],
        "tracks": [_track(state, shipment=top, sent=track) for track in tracks],
        "extension_attributes": {"source_code": source} if state.settings.msi else {},
    }  # fmt: skip
    for item, quantity in lines:
        item["qty_shipped"] += quantity
        item["updated_at"] = state.timestamp()
    state.table("shipments").put(number, shipment)
    order_records.save(state, order, goes_on=True)
    return shipment


def _line(state: State, shipment_id: int, line: Line) -> Record:
    item, quantity = line
    return {"entity_id": state.next_id("shipment_items"), "parent_id": shipment_id, "order_item_id": item["item_id"],
            "sku": item["sku"], "name": item["name"], "product_id": item["product_id"], "price": item["price"],
            "weight": item["weight"], "qty": quantity}  # fmt: skip


def _track(state: State, shipment: Record, sent: Record) -> Record:
    now = shipment["created_at"]
    return {"entity_id": state.next_id("tracks"), "parent_id": shipment["entity_id"], "order_id": shipment["order_id"],
            "created_at": now, "updated_at": now, **{name: sent[name] for name in TRACK}}  # fmt: skip


def shipped_by_source(state: State, order_id: int, item_id: int) -> dict[str, float]:
    """How many of one line each source sent."""
    result: dict[str, float] = {}
    for shipment in state.table("shipments"):
        if shipment["order_id"] == order_id:
            source = shipment["extension_attributes"].get("source_code", DEFAULT_SOURCE)
            for line in shipment["items"]:
                if line["order_item_id"] == item_id:
                    result[source] = result.get(source, 0.0) + line["qty"]
    return result


@route("GET", "/V1/shipment/:id", ACL + "shipment", {"id": "int"}, API + "ShipmentRepositoryInterface::get")
def get_shipment(ctx: Context) -> Any:
    """One shipment."""
    found = ctx.state.table("shipments").get(ctx.inputs["id"])
    if found is None:
        raise NotFound(order_records.UNKNOWN)
    return order_json.document_json(found)


@route(
    "GET", "/V1/shipments", ACL + "shipment", {"searchCriteria": "SearchCriteria"},
    API + "ShipmentRepositoryInterface::getList",
)  # fmt: skip
def list_shipments(ctx: Context) -> Any:
    """Search shipments."""
    return search.answer(ctx, ctx.state.table("shipments"), order_json.document_json, order_json.document_column)
