"""The shop window: pages per language on which a person sees the products as a customer would."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sandbox.magento import storefront_views as shown
from sandbox.magento.database import Record
from sandbox.magento.routing import PageRequest, Response, page
from sandbox.magento.state import State
from sandbox.magento.storefront_views import View
from sandbox.magento.storefront_words import words

FOLDER = Path(__file__).parent / "templates"
CSS = "/storefront.css"
ON_FRONT_PAGE = 12
HTML = "text/html; charset=utf-8"
# No script, no frame, nothing from elsewhere: text of the ERP cannot do anything here, whatever it holds.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
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


def render(name: str, status: int = 200, **values: Any) -> Response:
    """A page from a template."""
    return Response(status, HTML, templates().get_template(name).render(css=CSS, **values).encode(), HEADERS)


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


@page("GET", "/:store/:path...")
def any_page(request: PageRequest) -> Response:
    """A category or a product, by its address."""
    view = view_of(request)
    found = view.found_at(request.params["path"]) if view else None
    if view is None or found is None:
        return missing(request.context.state, view)
    kind, record = found
    if kind == "product":
        return render(
            "product.html", product=shown.detail(view, record), **frame(view, record, _category_of(view, record))
        )
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
