"""Works the queue off, one operation at a time and in order, like Magento's consumer async.operations.all."""

import asyncio
import json
import logging
import time

from sandbox.magento import bulk
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import ApplicationCrash, MagentoError, filled_in
from sandbox.magento.output import plain
from sandbox.magento.routing import ROUTES, Route
from sandbox.magento.state import State

LOG = logging.getLogger(__name__)
COMPLETE = 1
RETRIABLE = 2
NOT_RETRIABLE = 3
DEADLOCK = (
    "SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock; try restarting transaction"
)
IDLE_SECONDS = 0.02
SLICE_SECONDS = 0.01


def step(state: State) -> bool:
    """Do the oldest operation; False when the queue is empty. The work and its status are kept together or not at all."""
    with state.database.transaction():
        waiting = state.table("queue").first_key()
        if waiting is None:
            return False
        call = state.table("queue")[waiting]
        state.table("queue").delete(waiting)
        route = _route(call)
        operation = state.table("operations").edit((call["uuid"], call["id"]))
        context = Context(state, call["store_id"], call["path"], inputs=call["inputs"])
        operation.update(_work(route, context))
        state.table("operations").put((call["uuid"], call["id"]), operation)
        state.record_event(
            {"kind": "operation", "time": state.timestamp(), "bulk_uuid": call["uuid"], "id": call["id"],
             "route": " ".join(call["route"]), "status": operation["status"], "message": operation["result_message"],
             "effects": context.effects},
        )  # fmt: skip
    return True


def run_all(state: State) -> int:
    """Work until the queue is empty; returns the number of operations."""
    done = 0
    while step(state):
        done += 1
    return done


async def keep_working(state: State) -> None:
    """The background consumer of a running server."""
    while True:
        if not state.settings.consumer_running or not len(state.table("queue")):
            await asyncio.sleep(IDLE_SECONDS)
            continue
        if state.settings.consumer_delay:
            await asyncio.sleep(state.settings.consumer_delay)
        # A short slice at a time, so that requests are answered while a large bulk is worked off.
        until = time.monotonic() + SLICE_SECONDS
        while state.settings.consumer_running and time.monotonic() < until and step(state):
            pass
        await asyncio.sleep(0)


def _route(call: Record) -> Route:
    method, path = call["route"]
    return next(route for route in ROUTES if route.method == method and route.path == path)


def _work(route: Route, context: Context) -> Record:
    """The fields of an operation that has been tried."""
    waiting = context.state.settings.deadlock_skus
    if bulk.sku_of(context.inputs) in waiting:
        waiting.remove(bulk.sku_of(context.inputs))
        return {"status": RETRIABLE, "result_message": DEADLOCK, "error_code": 1213}
    try:
        with context.state.database.transaction():
            result = route.handler(context)
    except MagentoError as error:
        context.effects.clear()
        message = filled_in(error.message, error.parameters)
        return {"status": NOT_RETRIABLE, "result_message": message, "error_code": 0}
    except Exception as error:
        if not isinstance(error, ApplicationCrash):
            LOG.exception("operation %s %s broke down", route.method, route.path)
        context.effects.clear()
        return {"status": NOT_RETRIABLE, "result_message": "Type Error occurred", "error_code": 0}
    done = f"Service execution success {route.implementation or route.service}"
    stored = None if result is None else json.dumps(plain(result))
    return {"status": COMPLETE, "result_message": done, "error_code": None, "serialized_data": None,
            "result_serialized_data": stored}  # fmt: skip
