"""Which handler answers which method and path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.magento.context import Context

Handler = Callable[[Context], Any]
ANONYMOUS = "anonymous"
SELF = "self"


@dataclass(frozen=True)
class Route:
    """One line of Magento's webapi.xml."""

    method: str
    path: str
    acl: str
    handler: Handler
    inputs: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    implementation: str = ""
    list_limit: int | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The path in pieces; a piece with a leading colon is a parameter."""
        return tuple(self.path.strip("/").split("/"))


@dataclass(frozen=True)
class Response:
    """An answer that is not a service result: a page, a file, a control's JSON."""

    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PageRequest:
    """A request outside /rest."""

    context: Context
    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, Any]
    body: bytes
    app: Any


Page = Callable[[PageRequest], Response]
ROUTES: list[Route] = []
PAGES: list[tuple[str, tuple[str, ...], Page]] = []


def route(
    method: str,
    path: str,
    acl: str,
    inputs: Mapping[str, str] | None = None,
    service: str = "",
    implementation: str = "",
    list_limit: int | None = None,
) -> Callable[[Handler], Handler]:
    r"""Register a service method. `inputs` maps its parameters, in order, to types (see `inputs.py`).

    `service` is the PHP interface and method ("Magento\Catalog\Api\ProductRepositoryInterface::save"): the topic of its
    asynchronous form is made from it. `implementation` is the class that does the work, named in result messages.
    `list_limit` overrides the input limit of the route.
    """

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, path, acl, handler, dict(inputs or {}), service, implementation, list_limit))
        return handler

    return register


def page(method: str, path: str) -> Callable[[Page], Page]:
    """Register a page outside /rest; a last piece like ":file..." takes the rest of the path."""

    def register(handler: Page) -> Page:
        PAGES.append((method, tuple(path.strip("/").split("/")), handler))
        return handler

    return register


def match(parts: tuple[str, ...], pattern: tuple[str, ...]) -> dict[str, str] | None:
    """The path's parameters if it fits the pattern, else None."""
    found: dict[str, str] = {}
    for index, piece in enumerate(pattern):
        if piece.startswith(":") and piece.endswith("..."):
            found[piece[1:-3]] = "/".join(parts[index:])
            return found
        if index >= len(parts):
            return None
        if piece.startswith(":"):
            found[piece[1:]] = parts[index]
        elif piece != parts[index]:
            return None
    return found if len(parts) == len(pattern) else None


def find_page(method: str, path: str) -> tuple[Page, dict[str, str]] | None:
    """The page for a path outside /rest."""
    parts = tuple(path.strip("/").split("/"))
    for wanted, pattern, handler in PAGES:
        params = match(parts, pattern)
        if params is not None and (method == wanted or (method == "HEAD" and wanted == "GET")):
            return handler, params
    return None
