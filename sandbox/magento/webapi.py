"""The way of a REST request: store code, route, permission, inputs, service, answer."""

import json
import logging
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from sandbox.magento import auth, bulk, output, query, xml_body
from sandbox.magento.context import Caller, Context
from sandbox.magento.errors import CRASH_TEXT, ApplicationCrash, MagentoError, NotFound
from sandbox.magento.inputs import STRUCTS, leading_number, process, snake
from sandbox.magento.routing import ANONYMOUS, ROUTES, Response, Route, match
from sandbox.magento.state import State

LOG = logging.getLogger(__name__)
METHODS = ("GET", "POST", "PUT", "DELETE")
JSON_TYPES = {"*/*", "application/json", "application/*"}
XML_TYPES = {"application/xml", "application/xhtml+xml", "text/xml"}
# An escape such as \ud800 may be half of a pair; alone it is no text, and PHP refuses it.
HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
ALL_STORES = "all"
# The first piece of the routes that come with the inventory modules.
INVENTORY = "inventory"
NO_ROUTE = "Request does not match any route."
HTML_ERROR = (
    b"<!DOCTYPE html><html><head><title>There has been an error processing your request</title></head>"
    b"<body><h1>There has been an error processing your request</h1></body></html>"
)


@dataclass(frozen=True)
class Request:
    """A request as it came in; `path` is still percent-encoded."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    host: str


@dataclass(frozen=True)
class Target:
    """What a path asks for: "sync", "async" or "bulk", in which store view, and the rest of the path."""

    kind: str
    store_id: int
    parts: tuple[str, ...]


def answer(state: State, request: Request) -> tuple[Response, Context | None]:
    """The answer to a request below /rest, and the context of the call if it came that far."""
    as_xml = wants_xml(request.headers.get("accept", "*/*"))
    if as_xml is None:
        return Response(500, "text/html", HTML_ERROR), None
    context: Context | None = None
    try:
        with state.database.transaction():
            context, status, result = _call(state, request)
    except MagentoError as error:
        status, result = error.status, error.body()
    except ApplicationCrash:
        return Response(500, "text/plain", CRASH_TEXT.encode()), None
    except Exception:
        # What breaks Python here would have been a TypeError of PHP; the traceback tells which of the two it is.
        LOG.exception("%s %s broke down", request.method, request.path)
        return Response(500, "text/plain", CRASH_TEXT.encode()), None
    body = output.to_xml(result) if as_xml else output.to_json(result)
    return Response(status, "application/xml" if as_xml else "application/json", body), context


def wants_xml(accept: str) -> bool | None:
    """Which of the two renderers the Accept header asks for; None when neither will do."""
    for wanted in sorted(accept.split(","), key=_unwanted):
        kind = wanted.split(";")[0].strip()
        if kind in JSON_TYPES or not kind:
            return False
        if kind in XML_TYPES or kind == "text/*":
            return True
    return None


def _unwanted(kind: str) -> float:
    found = re.search(r";\s*q=([\d.]+)", kind)
    return -leading_number(found.group(1)) if found else -1.0


def _call(state: State, request: Request) -> tuple[Context, int, Any]:
    target = locate(state, request)
    if not state.settings.msi and target.parts[1:2] == (INVENTORY,):
        raise NotFound(NO_ROUTE)
    route, path = find_route(request.method, target.parts, bulk=target.kind == "bulk")
    # Whoever calls an anonymous resource is not looked at, except to note who filled the queue.
    guarded = route.acl != ANONYMOUS or target.kind != "sync"
    caller = _caller(state, request) if guarded else auth.NOBODY
    auth.permit(caller, route.acl)
    tree = query.parse(request.query)
    context = Context(state, target.store_id, path, tree, None, {}, caller)
    if target.kind == "bulk":
        return context, 202, _schedule(context, route, request)
    context.body = _body(request) if request.method in ("POST", "PUT") else {}
    context.inputs = inputs_for(state, route, context.body, tree, path, asynchronous=target.kind == "async")
    if target.kind == "async":
        return context, 202, bulk.schedule(context, route, [context.inputs], [context.body])
    result = route.handler(context)
    # A service method without a result answers an empty list.
    result = [] if result is None else result
    if tree.get("fields"):
        result = output.filtered(result, tree["fields"]) if isinstance(tree["fields"], str) else []
    return context, 200, result


def _caller(state: State, request: Request) -> Caller:
    url = f"http://{request.host}{request.path}"
    return auth.identify(
        state, state.credentials, request.headers.get("authorization", ""), request.method, url, request.query
    )


def _schedule(context: Context, route: Route, request: Request) -> Any:
    if any(part.startswith(":") for part in route.parts):
        # Every by... route of 2.4.4 ends in a PHP error.
        raise ApplicationCrash
    items = _decode(request) if request.method in ("POST", "PUT", "DELETE") else []
    settings = context.state.settings
    if not isinstance(items, list | dict):
        raise ApplicationCrash
    elements = list(items.values()) if isinstance(items, dict) else items
    if settings.input_limiting and len(elements) > settings.async_list_limit:
        raise MagentoError('Maximum items of type "%type" is %max', {"type": "array", "max": settings.async_list_limit})
    prepared = []
    for element in elements:
        if not isinstance(element, list | dict):
            raise ApplicationCrash
        sent = element if isinstance(element, dict) else {}
        prepared.append(inputs_for(context.state, route, sent, {}, {}, asynchronous=True))
    return bulk.schedule(context, route, prepared, elements)


def locate(state: State, request: Request) -> Target:
    """Store view, kind of call and the pieces of the path. Raises MagentoError for a path or method that is none."""
    pieces = request.path.strip("/").split("/")[1:]
    codes = {store["code"]: store["id"] for store in state.table("stores") if store["id"]}
    store_id = codes["default"]
    if pieces and pieces[0] in codes:
        store_id = codes[pieces.pop(0)]
    elif pieces and pieces[0] == ALL_STORES:
        store_id, pieces = 0, pieces[1:]
    if request.method not in METHODS:
        raise MagentoError("Request method is invalid.")
    kind = "sync"
    if pieces[:2] == ["async", "bulk"] and request.method != "GET":
        kind, pieces = "bulk", pieces[2:]
    elif pieces[:1] == ["async"] and request.method != "GET":
        kind, pieces = "async", pieces[1:]
    if not pieces or not re.match(r"V\d+", pieces[0]):
        raise MagentoError("Specified request cannot be processed.")
    return Target(kind, store_id, tuple(unquote_plus(piece) for piece in pieces))


@cache
def _candidates(method: str, length: int, bulk: bool) -> list[tuple[tuple[str, ...], Route]]:
    found = [
        (_by_name(route.parts) if bulk else route.parts, route)
        for route in ROUTES
        if route.method == method and len(route.parts) == length
    ]
    return sorted(found, key=lambda pair: [part.startswith(":") for part in pair[0]])


def _by_name(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"by{part[1].upper()}{part[2:]}" if part.startswith(":") else part for part in parts)


def find_route(method: str, parts: tuple[str, ...], bulk: bool = False) -> tuple[Route, dict[str, str]]:
    """The route and its path parameters; fixed pieces win over parameters. Raises NotFound."""
    for pattern, route in _candidates(method, len(parts), bulk):
        path = match(parts, pattern)
        if path is not None:
            return route, path
    raise NotFound(NO_ROUTE)


def inputs_for(
    state: State, route: Route, body: Any, tree: dict[str, Any], path: dict[str, str], asynchronous: bool
) -> dict[str, Any]:
    """The checked parameters of the service, from body, query and path (the later win)."""
    sent = dict(body) if isinstance(body, dict) else {}
    if path and isinstance(body, dict):
        sent = _overlay(sent, route, path)
    limit = None
    if state.settings.input_limiting:
        standard = state.settings.async_list_limit if asynchronous else state.settings.sync_list_limit
        limit = route.list_limit or standard
    return process(route.inputs, {**sent, **tree, **path}, backend_types(state), limit)


def backend_types(state: State) -> Any:
    """Looks up how an attribute is stored."""
    attributes = state.table("attributes")

    def backend_type(code: str) -> str | None:
        attribute = attributes.get(code)
        return attribute["backend_type"] if attribute else None

    return backend_type


def _overlay(sent: dict[str, Any], route: Route, path: dict[str, str]) -> dict[str, Any]:
    """The last path parameter replaces the field of the same name inside the entity of the body."""
    name = list(path)[-1]
    value = path[name]
    for declared, kind in route.inputs.items():
        parameter = declared.removesuffix("?")
        entity = sent.get(parameter, sent.get(snake(parameter)))
        if kind in STRUCTS and isinstance(entity, dict):
            field = snake(name) if snake(name) in STRUCTS[kind] else "id" if name == "id" else ""
            if field in STRUCTS[kind]:
                sent = {**sent, parameter: {**entity, field: value}}
    return sent


def _body(request: Request) -> Any:
    decoded = _decode(request)
    if isinstance(decoded, list):
        return {str(index): item for index, item in enumerate(decoded)}
    return decoded if isinstance(decoded, dict) else {}


def _decode(request: Request) -> Any:
    """The body as data. Raises MagentoError for a wrong content type or broken JSON; an empty body needs no type."""
    if not request.body:
        return {}
    header = request.headers.get("content-type", "")
    if not header:
        raise MagentoError("Content-Type header is empty.")
    found = re.fullmatch(r"([a-z\d/\-+.]+)(?:; *charset=(.+))?", header.strip(), re.IGNORECASE)
    if not found:
        raise MagentoError("Content-Type header is invalid.")
    if found.group(2) and found.group(2).strip('"').lower() != "utf-8":
        raise MagentoError("UTF-8 is the only supported charset.")
    if found.group(1).lower() in XML_TYPES:
        return xml_body.decoded(request.body)
    if found.group(1).lower() != "application/json":
        raise MagentoError(f"Server cannot understand Content-Type HTTP header media type {found.group(1)}")
    try:
        decoded = json.loads(request.body.decode("utf-8"), parse_constant=_no_constant)
        if HALF_A_CHARACTER.search(request.body):
            json.dumps(decoded, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise MagentoError("Decoding error.") from None
    return decoded


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
