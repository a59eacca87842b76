"""The shop as an ASGI application: /rest for the API, /_sandbox for the controls, the rest for pages."""

import asyncio
import importlib
import importlib.util
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from sandbox.magento import consumer, query, webapi
from sandbox.magento.context import Context
from sandbox.magento.routing import PageRequest, Response, find_page
from sandbox.magento.state import State
from sandbox.magento.webapi import Request

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
NOT_FOUND = Response(404, "text/html", b"<!DOCTYPE html><title>404 Not Found</title><h1>Whoops, our bad...</h1>")


class Shop:
    """Answers requests from one State and works its queue off in the background."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Speak ASGI."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await _send(send, self.respond(await read_request(scope, receive)))

    def respond(self, request: Request) -> Response:
        """The answer to one request; it is in the shop's log afterwards."""
        if (request.path + "/").startswith("/rest/"):
            response, context = webapi.answer(self.state, request)
            self._log(request, response, context)
            return response
        return self._page(request)

    def _page(self, request: Request) -> Response:
        found = find_page(request.method, unquote(request.path))
        if found is None:
            return NOT_FOUND
        handler, params = found
        with self.state.database.lock:
            page = PageRequest(
                Context(self.state),
                request.method,
                request.path,
                params,
                query.parse(request.query),
                request.body,
                self,
            )
            return handler(page)

    def _log(self, request: Request, response: Response, context: Context | None) -> None:
        effects = context.effects if context and response.status < 400 else []
        with self.state.database.transaction():
            self.state.record_event(
                {"kind": "request", "time": self.state.timestamp(), "method": request.method, "path": request.path,
                 "query": request.query, "status": response.status, "effects": effects},
            )  # fmt: skip

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        worker = asyncio.create_task(consumer.keep_working(self.state))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
        self.state.database.close()
        await send({"type": "lifespan.shutdown.complete"})


async def read_request(scope: Scope, receive: Receive) -> Request:
    """The whole request, body included."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    path = scope.get("raw_path") or scope["path"].encode()
    return Request(
        scope["method"],
        path.decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        headers,
        body,
        headers.get("host", "localhost"),
    )


async def _send(send: Send, response: Response) -> None:
    kind = response.content_type
    if kind.startswith("text/") or kind in ("application/json", "application/xml"):
        kind += "; charset=utf-8"
    headers = {"content-type": kind, "content-length": str(len(response.body)), **response.headers}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body})


def build(state: State) -> App:
    """The application, behind the faults that a test may switch on."""
    shop = Shop(state)
    if importlib.util.find_spec("sandbox.magento.faults"):
        faults = importlib.import_module("sandbox.magento.faults")
        wrapped: App = faults.FaultMiddleware(shop)
        return wrapped
    return shop
