"""The shop window: pages per language on which a person sees the products as a customer would."""

import json
import secrets
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sandbox.magento import catalog, sandbox_orders, storefront_stock
from sandbox.magento import storefront_views as shown
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError
from sandbox.magento.routing import PageRequest, Response, page
from sandbox.magento.state import State
from sandbox.magento.storefront_views import View
from sandbox.magento.storefront_words import words

FOLDER = Path(__file__).parent / "templates"
CSS = "/storefront.css"
ON_FRONT_PAGE = 12
HTML = "text/html; charset=utf-8"
# No script, no frame, nothing from elsewhere: text of the ERP cannot do anything here, whatever it holds.
# The page of a product with stock has one script, known by a number that no text of the ERP can guess.
SCRIPT = "/stock.js"
WITH_SCRIPT = "; script-src 'nonce-{}'; connect-src 'self'"
POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@cache
def templates() -> Environment:
    """The page templates; everything is escaped unless a template says otherwise."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["shop_html"] = shop_html
    return environment


def shop_html(text: str | None) -> Markup:
    """The shop's own HTML, which the loader cleaned; the content security policy takes its teeth out in any case."""
    return Markup(text or "")


def render(name: str, status: int = 200, nonce: str = "", **values: Any) -> Response:
    """A page from a template; with a nonce it may run the shop's own script."""
    headers = {**HEADERS, POLICY: HEADERS[POLICY] + WITH_SCRIPT.format(nonce)} if nonce else HEADERS
    body = templates().get_template(name).render(css=CSS, nonce=nonce, **values)
    return Response(status, HTML, body.encode(), headers)


def frame(view: View, record: Record | None = None, category: Record | None = None) -> dict[str, Any]:
    """What every page of a store view needs."""
    return {
        "view": view,
        "language": view.language,
        "words": words(view.language),
        "menu": shown.menu(view),
        "switches": shown.switches(view, record or category),
        "trail": shown.trail(view, category),
        "question": "",
    }


def missing(state: State, view: View | None = None) -> Response:
    """The 404 page, in the language of the store view."""
    view = view or shown.views(state)[0]
    return render("missing.html", 404, **frame(view))


def view_of(request: PageRequest) -> View | None:
    """The store view that the address names."""
    state, code = request.context.state, request.params["store"]
    store = state.table("stores").find(lambda one: one["code"] == code and one["id"] != 0)
    return View(state, store) if store else None


@page("GET", CSS)
def style(_request: PageRequest) -> Response:
    """The style sheet."""
    return Response(
        200, "text/css; charset=utf-8", (FOLDER / "storefront.css").read_bytes(), {"Cache-Control": "max-age=300"}
    )


@page("GET", SCRIPT)
def script(_request: PageRequest) -> Response:
    """What keeps the stock on a product page up to date."""
    return Response(200, "text/javascript", (FOLDER / "stock.js").read_bytes(), {"Cache-Control": "max-age=300"})


@page("GET", "/")
def languages(request: PageRequest) -> Response:
    """The choice of language."""
    choices = [{"view": view, "words": words(view.language)} for view in shown.views(request.context.state)]
    return render("languages.html", choices=choices)


@page("GET", "/:store")
def front(request: PageRequest) -> Response:
    """The front page of a store view: its categories and the newest products."""
    view = view_of(request)
    if view is None:
        return missing(request.context.state)
    tiles = [{**one, "photo": _first_photo(view, one["id"])} for one in shown.menu(view)]
    cards = [shown.card(view, record) for record in shown.newest(view, ON_FRONT_PAGE)]
    return render("front.html", tiles=tiles, cards=cards, **frame(view))


def _first_photo(view: View, category_id: int) -> dict[str, str] | None:
    for record in shown.in_category(view, view.state.table("categories")[category_id]):
        if photo := shown.card(view, record)["photo"]:
            return dict(photo)
    return None


@page("GET", "/:store/search")
def search(request: PageRequest) -> Response:
    """Products by words of their name."""
    view = view_of(request)
    if view is None:
        return missing(request.context.state)
    question = str(request.query.get("q", ""))[:100]
    found = shown.search(view, question)
    title = f"{words(view.language)['results']} “{question}”"
    return _list(
        request, view, found, {**frame(view), "title": title, "question": question, "subcategories": [], "text": None}
    )


@page("GET", "/:store/stock/:sku...")
def stock(request: PageRequest) -> Response:
    """The stock of a product as JSON, for the script of its page."""
    view = view_of(request)
    record = catalog.by_sku(request.context.state, request.params["sku"]) if view else None
    if view is None or record is None or not view.can_see(record):
        # A category may be called "stock" as well.
        return any_page(replace(request, params={**request.params, "path": f"stock/{request.params['sku']}"}))
    figures = json.dumps(storefront_stock.figures(view, record)).encode()
    return Response(200, "application/json", figures, {"Cache-Control": "no-store", **HEADERS})


@page("POST", "/:store/buy")
def buy(request: PageRequest) -> Response:
    """Order one piece, and back to the product's page, which says how that went."""
    view, form = view_of(request), parse_qs(request.body.decode("utf-8", errors="replace"))
    record = catalog.by_sku(request.context.state, form.get("sku", [""])[0]) if view else None
    if view is None or record is None or not view.can_see(record):
        return missing(request.context.state, view)
    try:
        order = sandbox_orders.buy(request.context.state, [(record["sku"], 1)], view.id)
        outcome = f"order={order['increment_id']}"
    except MagentoError:
        outcome = "refused=1"
    location = quote(view.address(record["rewrites"][view.id])) + f"?{outcome}"
    return Response(303, HTML, b"", {"Location": location, **HEADERS})


def _message(request: PageRequest, view: View) -> str:
    """What became of the customer's order; an address that names an order that is not there says nothing."""
    number = request.query.get("order")
    if request.query.get("refused") == "1":
        return words(view.language)["not_bought"]
    known = number and view.state.table("orders").find(lambda order: order["increment_id"] == number)
    return words(view.language)["bought"].format(number) if known else ""


def _product_page(request: PageRequest, view: View, record: Record) -> Response:
    figures = storefront_stock.figures(view, record)
    values: dict[str, Any] = {
        "product": shown.detail(view, record), "stock": figures, "message": _message(request, view), "script": SCRIPT,
        "stock_address": storefront_stock.address(view, record), "nonce": secrets.token_urlsafe(16) if figures else "",
    }  # fmt: skip
    return render("product.html", **values, **frame(view, record, _category_of(view, record)))


@page("GET", "/:store/:path...")
def any_page(request: PageRequest) -> Response:
    """A category or a product, by its address."""
    view = view_of(request)
    found = view.found_at(request.params["path"]) if view else None
    if view is None or found is None:
        return missing(request.context.state, view)
    kind, record = found
    if kind == "product":
        return _product_page(request, view, record)
    values = frame(view, category=record)
    values |= {"title": values["trail"][-1]["name"], "subcategories": shown.menu(view, record["id"])}
    values["text"] = (record["values"].get("description") or {}).get(view.id) or (
        record["values"].get("description") or {}
    ).get(0)
    return _list(request, view, shown.in_category(view, record), values)


def _category_of(view: View, product: Record) -> Record | None:
    """The deepest open category that holds the product, for the trail."""
    table = view.state.table("categories")
    positions = (view.state.table("category_products").get(product["id"]) or {"positions": {}})["positions"]
    held = [table[number] for number in positions if number in table]
    return max((one for one in held if view.is_open(one)), key=lambda one: one["level"], default=None)


def _list(request: PageRequest, view: View, records: list[Record], values: dict[str, Any]) -> Response:
    given = str(request.query.get("page", "1"))
    some, number, pages = shown.page_of(
        records, int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 1
    )
    cards = [shown.card(view, record) for record in some]
    return render("list.html", cards=cards, total=len(records), number=number, pages=pages, **values)
