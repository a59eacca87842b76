"""Asynchronous and bulk calls: acceptance, the queue, and the routes that tell how far it is.

Tables: `bulks` by uuid; `operations` by (uuid, number); `queue` by sequence number, holding what still has to be done.
"""

import hashlib
import json
import uuid
from typing import Any

from sandbox.magento import search
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import NotFound
from sandbox.magento.inputs import internal_error
from sandbox.magento.routing import Route, route
from sandbox.magento.state import State

OPEN = 4
REJECTED = 5
REFUSAL = "Error processing element of input data"
ACL = "Magento_Logging::system_magento_logging_bulk_operations"
STATUS_SERVICE = "Magento\\AsynchronousOperations\\Api\\BulkStatusInterface::"


def topic(route: Route) -> str:
    """The queue's topic for a route, as Magento makes it from interface, method and HTTP method."""
    interface, _, method = route.service.partition("::")
    return ".".join(["async", *interface.split("\\"), method, route.method]).lower()


def schedule(context: Context, route: Route, items: list[dict[str, Any]], sent: list[Any]) -> Any:
    """Put the calls (checked inputs, and each as it was sent) in the queue; the answer is that of a 202."""
    state, number = context.state, str(uuid.uuid4())
    state.table("bulks").put(
        number,
        {"uuid": number, "description": f"Topic {topic(route)}", "start_time": state.timestamp(),
         "user_type": context.caller.user_type, "user_id": context.caller.id, "count": len(items)},
    )  # fmt: skip
    payloads = [_payload(one) for one in sent]
    answers = [
        _accept(context, route, number, index, inputs, payload)
        for index, (inputs, payload) in enumerate(zip(items, payloads, strict=True))
    ]
    rejected = any(answer["status"] == "rejected" for answer in answers)
    return {"bulk_uuid": number, "request_items": answers, "errors": rejected}


def sku_of(inputs: dict[str, Any]) -> str:
    """The SKU that a queued call is about, if it is about one product."""
    product = inputs.get("product")
    return str((product.get("sku") if isinstance(product, dict) else None) or inputs.get("sku") or "")


def _payload(sent: Any) -> str:
    return json.dumps({"entity_id": None, "entity_link": "", "meta_information": json.dumps(sent)})


def _accept(context: Context, route: Route, number: str, index: int, inputs: dict[str, Any], payload: str) -> Record:
    """Queue one item; an item on the list of rejected SKUs is refused, and only that one."""
    digest = hashlib.sha256(payload.encode()).hexdigest()
    if sku_of(inputs) in context.state.settings.rejected_skus:
        _store(context, route, number, index, {"status": REJECTED, "error_code": 0, "result_message": REFUSAL})
        return {"id": index, "data_hash": digest, "status": "rejected", "error_message": REFUSAL}
    _store(context, route, number, index, {"serialized_data": payload})
    call = {"uuid": number, "id": index, "route": (route.method, route.path), "store_id": context.store_id,
            "inputs": inputs, "path": context.path}  # fmt: skip
    context.state.table("queue").put(context.state.next_id("queue"), call)
    return {"id": index, "data_hash": digest, "status": "accepted"}


def _store(context: Context, route: Route, number: str, index: int, known: Record) -> None:
    operation = {
        "id": index, "bulk_uuid": number, "topic_name": topic(route), "serialized_data": None,
        "result_serialized_data": None, "status": OPEN, "result_message": None, "error_code": None, **known,
    }  # fmt: skip
    context.state.table("operations").put((number, index), operation)


def operations_of(state: State, number: str) -> list[Record]:
    """The operations of a bulk, in order. Raises NotFound."""
    bulk = state.table("bulks").get(number)
    if bulk is None:
        raise NotFound("Bulk uuid %bulkUuid not exist", {"bulkUuid": number})
    table = state.table("operations")
    return [table[number, index] for index in range(bulk["count"])]


def _summary(state: State, number: str, operations: list[Record]) -> Record:
    bulk = state.table("bulks")[number]
    return {
        "operations_list": operations, "user_type": bulk["user_type"], "bulk_id": number,
        "description": bulk["description"], "start_time": bulk["start_time"], "user_id": bulk["user_id"],
        "operation_count": bulk["count"],
    }  # fmt: skip


@route("GET", "/V1/bulk/:bulkUuid/status", ACL, {"bulkUuid": "string"}, STATUS_SERVICE + "getBulkShortStatus")
def status(ctx: Context) -> Any:
    """Per operation: status and message."""
    number = ctx.inputs["bulkUuid"]
    keys = ("id", "status", "result_message", "error_code")
    short = [{key: operation[key] for key in keys} for operation in operations_of(ctx.state, number)]
    return _summary(ctx.state, number, short)


@route(
    "GET", "/V1/bulk/:bulkUuid/detailed-status", ACL, {"bulkUuid": "string"},
    STATUS_SERVICE + "getBulkDetailedStatus",
)  # fmt: skip
def detailed_status(ctx: Context) -> Any:
    """Per operation: everything, with what was sent and what came of it."""
    number = ctx.inputs["bulkUuid"]
    return _summary(ctx.state, number, operations_of(ctx.state, number))


@route(
    "GET", "/V1/bulk/:bulkUuid/operation-status/:status", ACL, {"bulkUuid": "string", "status": "int"},
    "Magento\\Framework\\Bulk\\BulkStatusInterface::getOperationsCountByBulkIdAndStatus",
)  # fmt: skip
def operation_status(ctx: Context) -> Any:
    """How many operations have a status; an unknown bulk simply has none."""
    number = ctx.inputs["bulkUuid"]
    if number not in ctx.state.table("bulks"):
        return 0
    return sum(operation["status"] == ctx.inputs["status"] for operation in operations_of(ctx.state, number))


@route(
    "GET", "/V1/bulk", ACL, {"searchCriteria": "SearchCriteria"},
    "Magento\\AsynchronousOperations\\Api\\OperationRepositoryInterface::getList",
)  # fmt: skip
def find_operations(ctx: Context) -> Any:
    """Search over all operations."""
    bulks = ctx.state.table("bulks")

    def shown(operation: Record) -> Record:
        start = bulks[operation["bulk_uuid"]]["start_time"]
        return {"extension_attributes": {"start_time": start}, **operation}

    def column(operation: Record, name: str) -> Any:
        columns = {
            **operation,
            "start_time": bulks[operation["bulk_uuid"]]["start_time"],
            "operation_key": operation["id"],
        }
        if name not in columns:
            raise internal_error()
        return columns[name]

    return search.answer(ctx, ctx.state.table("operations"), shown, column)
