"""Sources, stocks and the links between them (Magento's multi-source inventory)."""

from typing import Any

from sandbox.magento import search, source_items
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import STRUCTS, internal_error, struct
from sandbox.magento.routing import route
from sandbox.magento.state import State, fixture

SOURCE_ACL = "Magento_InventoryApi::source"
STOCK_ACL = "Magento_InventoryApi::stock"
LINK_ACL = "Magento_InventoryApi::stock_source_link"
# The classes that do the work, as result messages of asynchronous calls name them.
SAVE_SOURCE = "Magento\\Inventory\\Model\\SourceRepository\\Interceptor::save"
STOCK_REPOSITORY = "Magento\\Inventory\\Model\\StockRepository\\Interceptor::"
LINK_COMMANDS = "Magento\\Inventory\\Model\\StockSourceLink\\Command\\"
API = "Magento\\InventoryApi\\Api\\"
SALES_API = "Magento\\InventorySalesApi\\Api\\"

struct(
    "Source", source_code="string", name="string", email="string", contact_name="string", enabled="boolean",
    description="string", latitude="float", longitude="float", country_id="string", region_id="int", region="string",
    city="string", street="string", postcode="string", phone="string", fax="string", use_default_carrier_config="boolean",
    carrier_links="CarrierLink[]", extension_attributes="SourceExtension",
)  # fmt: skip
struct("CarrierLink", carrier_code="string", position="int", extension_attributes="Empty")
struct("SourceExtension", is_pickup_location_active="boolean", frontend_name="string", frontend_description="string")
struct("Stock", stock_id="int", name="string", extension_attributes="StockExtension")
struct("StockExtension", sales_channels="SalesChannel[]")
struct("SalesChannel", type="string", code="string", extension_attributes="Empty")
struct("StockSourceLink", stock_id="int", source_code="string", priority="int", extension_attributes="Empty")

DEFAULT_SOURCE = {
    "source_code": "default", "name": "Default Source", "enabled": True, "description": "Default Source", "latitude": 0,
    "longitude": 0, "country_id": "US", "postcode": "00000", "use_default_carrier_config": True, "carrier_links": [],
    "frontend_name": "",
}  # fmt: skip


NEW_SOURCE = {"use_default_carrier_config": True, "enabled": True}


@fixture
def default_stock(state: State) -> None:
    """The source and the stock that every shop has."""
    state.table("sources").put("default", dict(DEFAULT_SOURCE))
    _put_stock(state, source_items.DEFAULT_STOCK, "Default Stock", ["base"])
    state.next_id("stocks", at_least=source_items.DEFAULT_STOCK)
    _link(state, source_items.DEFAULT_STOCK, "default", 1)


@fixture
def benelux(state: State) -> None:
    """Sources ghent and antwerp in the stock Benelux, which sells for website base instead of the default stock."""
    if not state.settings.several_sources:
        return
    for code, name in (("ghent", "Gent"), ("antwerp", "Antwerpen")):
        source = {"source_code": code, "name": name, "enabled": True, "country_id": "BE", "postcode": "9000"}
        state.table("sources").put(code, {**NEW_SOURCE, **_source(source)})
    number = state.next_id("stocks")
    _put_stock(state, number, "Benelux", ["base"])
    _link(state, number, "ghent", 1)
    _link(state, number, "antwerp", 2)


def _source(sent: Record) -> Record:
    """A source as it is stored, from what was sent: no nulls, and what is not there unless it is sent."""
    extension = sent.get("extension_attributes") or {}
    kept = {name: held for name, held in sent.items() if held is not None and name != "extension_attributes"}
    # The links to carriers are replaced by every save.
    return {"carrier_links": [], **kept, "frontend_name": extension.get("frontend_name") or sent.get("name")}


def _put_stock(state: State, number: int, name: str, websites: list[str]) -> None:
    for other in state.table("stocks"):
        # A website sells from one stock.
        left = [code for code in other["websites"] if code not in websites]
        state.table("stocks").put(other["stock_id"], {**other, "websites": left})
    state.table("stocks").put(number, {"stock_id": number, "name": name, "websites": websites})


def _link(state: State, stock_id: int, source: str, priority: int | None) -> None:
    link = {"stock_id": stock_id, "source_code": source, "priority": priority}
    state.table("stock_source_links").put((stock_id, source), link)


def failed(errors: list[tuple[str, dict[str, Any]]], head: str = "Validation Failed") -> MagentoError:
    """A refusal with its reasons."""
    return MagentoError(head, errors=[MagentoError(text, parameters) for text, parameters in errors])


def _empty(name: str) -> tuple[str, dict[str, Any]]:
    return '"%field" can not be empty.', {"field": name}


def text_errors(name: str, text: str | None, spaces: bool = True) -> list[tuple[str, dict[str, Any]]]:
    """What is wrong with a text that must not be empty, nor have spaces in it where none are allowed."""
    errors = [] if (text or "").strip() else [_empty(name)]
    if not spaces and any(sign.isspace() for sign in text or ""):
        errors.append(('"%field" can not contain whitespaces.', {"field": name}))
    return errors


def shown_source(source: Record) -> Record:
    """A source as the API shows it."""
    kept = {name: held for name, held in source.items() if name != "frontend_name"}
    return {
        **kept,
        "extension_attributes": {"is_pickup_location_active": False, "frontend_name": source["frontend_name"]},
    }


def shown_stock(stock: Record) -> Record:
    """A stock as the API shows it."""
    channels = [{"type": "website", "code": code} for code in stock["websites"]]
    return {"stock_id": stock["stock_id"], "name": stock["name"], "extension_attributes": {"sales_channels": channels}}


def _save_source(ctx: Context, sent: Record) -> None:
    code = sent.get("source_code") or ""
    required = ("name", "source_code", "postcode", "country_id")
    errors = [error for name in required for error in text_errors(name, sent.get(name), spaces=name != "source_code")]
    if errors:
        raise failed(errors)
    before = ctx.state.table("sources").get(code)
    saved = {**(before or NEW_SOURCE), **_source(sent)}
    ctx.state.table("sources").put(code, saved)
    if before is None and not saved["enabled"]:
        source_items.switch_off(ctx.state, [*source_items.switched_off(ctx.state), code])


@route(
    "POST", "/V1/inventory/sources", SOURCE_ACL + "_edit", {"source": "Source"}, API + "SourceRepositoryInterface::save",
    SAVE_SOURCE,
)  # fmt: skip
def post_source(ctx: Context) -> Any:
    """Create or update a source."""
    _save_source(ctx, ctx.inputs["source"])


@route(
    "PUT", "/V1/inventory/sources/:sourceCode", SOURCE_ACL + "_edit", {"source": "Source"},
    API + "SourceRepositoryInterface::save", SAVE_SOURCE,
)  # fmt: skip
def put_source(ctx: Context) -> Any:
    """Create or update the source of the path."""
    _save_source(ctx, {**ctx.inputs["source"], "source_code": ctx.path["sourceCode"]})


@route(
    "GET", "/V1/inventory/sources/:sourceCode", SOURCE_ACL, {"sourceCode": "string"},
    API + "SourceRepositoryInterface::get",
)  # fmt: skip
def get_source(ctx: Context) -> Any:
    """One source."""
    source = ctx.state.table("sources").get(ctx.inputs["sourceCode"])
    if source is None:
        raise NotFound('Source with code "%value" does not exist.', {"value": ctx.inputs["sourceCode"]})
    return shown_source(source)


@route(
    "GET", "/V1/inventory/sources", SOURCE_ACL, {"searchCriteria?": "SearchCriteria"},
    API + "SourceRepositoryInterface::getList",
)  # fmt: skip
def list_sources(ctx: Context) -> Any:
    """Search sources."""

    def column(source: Record, name: str) -> Any:
        if name not in STRUCTS["Source"] and name != "frontend_name":
            raise internal_error()
        return source.get(name)

    return search.answer(ctx, ctx.state.table("sources"), shown_source, column)


SAVED_STOCK = (
    STOCK_ACL + "_edit",
    {"stock": "Stock"},
    API + "StockRepositoryInterface::save",
    STOCK_REPOSITORY + "save",
)


@route("POST", "/V1/inventory/stocks", *SAVED_STOCK)
def post_stock(ctx: Context) -> Any:
    """Create a stock, or update the one whose id is sent; the answer is its id."""
    return _save_stock(ctx.state, ctx.inputs["stock"])


@route("PUT", "/V1/inventory/stocks/:stockId", *SAVED_STOCK)
def put_stock(ctx: Context) -> Any:
    """Update the stock of the path."""
    return _save_stock(ctx.state, ctx.inputs["stock"])


def _save_stock(state: State, sent: Record) -> int:
    if not (sent.get("name") or "").strip():
        raise failed([_empty("name")])
    if any(
        stock["name"] == sent["name"] and stock["stock_id"] != sent.get("stock_id") for stock in state.table("stocks")
    ):
        raise MagentoError("Could not save Stock")
    codes = [one["code"] for one in (sent.get("extension_attributes") or {}).get("sales_channels") or []]
    known = {website["code"] for website in state.table("websites")}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise failed([('The website with code "%code" does not exist.', {"code": code}) for code in unknown])
    number = sent.get("stock_id") or state.next_id("stocks")
    before = state.table("stocks").get(number)
    if before is None and sent.get("stock_id"):
        # An update of no row: MySQL does not mind.
        return int(number)
    _put_stock(state, number, sent["name"], codes)
    left = [code for code in (before or {"websites": []})["websites"] if code not in codes]
    if left:
        # What no stock sells for any more goes back to the default one.
        standard = state.table("stocks")[source_items.DEFAULT_STOCK]
        _put_stock(state, source_items.DEFAULT_STOCK, standard["name"], [*left, *standard["websites"]])
    return int(number)


def _stock(ctx: Context, number: int) -> Record:
    stock = ctx.state.table("stocks").get(number)
    if stock is None:
        raise NotFound('Stock with id "%value" does not exist.', {"value": number})
    return stock


@route("GET", "/V1/inventory/stocks/:stockId", STOCK_ACL, {"stockId": "int"}, API + "StockRepositoryInterface::get")
def get_stock(ctx: Context) -> Any:
    """One stock."""
    return shown_stock(_stock(ctx, ctx.inputs["stockId"]))


@route(
    "GET", "/V1/inventory/stocks", STOCK_ACL, {"searchCriteria?": "SearchCriteria"},
    API + "StockRepositoryInterface::getList",
)  # fmt: skip
def list_stocks(ctx: Context) -> Any:
    """Search stocks."""
    return search.answer(ctx, ctx.state.table("stocks"), shown_stock)


@route(
    "DELETE", "/V1/inventory/stocks/:stockId", STOCK_ACL + "_delete", {"stockId": "int"},
    API + "StockRepositoryInterface::deleteById", STOCK_REPOSITORY + "deleteById",
)  # fmt: skip
def delete_stock(ctx: Context) -> Any:
    """Remove a stock and its links; not the default one, nor one that a website sells from."""
    stock = _stock(ctx, ctx.inputs["stockId"])
    if stock["stock_id"] == source_items.DEFAULT_STOCK:
        raise MagentoError("Default Stock could not be deleted.")
    if stock["websites"]:
        raise MagentoError("Stock has at least one sale channel and could not be deleted.")
    for link in ctx.state.table("stock_source_links"):
        if link["stock_id"] == stock["stock_id"]:
            ctx.state.table("stock_source_links").delete((link["stock_id"], link["source_code"]))
    ctx.state.table("stocks").delete(stock["stock_id"])


LINKS = {"links": "StockSourceLink[]"}


def _link_errors(link: Record) -> list[tuple[str, dict[str, Any]]]:
    errors = text_errors("source_code", link.get("source_code"), spaces=False)
    if (link.get("priority") or 0) <= 0:
        errors.append(('"%field" should be greater then 0.', {"field": "priority"}))
    if link.get("stock_id") == source_items.DEFAULT_STOCK and link.get("source_code") != "default":
        errors.append(("Can not save link related to Default Source or Default Stock", {}))
    return errors


@route(
    "POST", "/V1/inventory/stock-source-links", LINK_ACL, LINKS, API + "StockSourceLinksSaveInterface::execute",
    LINK_COMMANDS + "StockSourceLinksSave\\Interceptor::execute",
)  # fmt: skip
def post_links(ctx: Context) -> Any:
    """Link sources to stocks."""
    links, state = ctx.inputs["links"], ctx.state
    if not links:
        raise MagentoError("Input data is empty")
    errors = [error for link in links for error in _link_errors(link)]
    if errors:
        raise failed(errors)
    for link in links:
        if link.get("stock_id") not in state.table("stocks") or link.get("source_code") not in state.table("sources"):
            raise MagentoError("Could not save StockSourceLinks")
        _link(state, link["stock_id"], link["source_code"], link.get("priority"))


@route(
    "POST", "/V1/inventory/stock-source-links-delete", LINK_ACL, LINKS, API + "StockSourceLinksDeleteInterface::execute",
    LINK_COMMANDS + "StockSourceLinksDelete\\Interceptor::execute",
)  # fmt: skip
def delete_links(ctx: Context) -> Any:
    """Undo links; those that do not exist are passed over."""
    if not ctx.inputs["links"]:
        raise MagentoError("Input data is empty")
    for link in ctx.inputs["links"]:
        ctx.state.table("stock_source_links").delete((link.get("stock_id"), link.get("source_code")))


@route(
    "GET", "/V1/inventory/stock-source-links", LINK_ACL,
    {"searchCriteria?": "SearchCriteria"}, API + "GetStockSourceLinksInterface::execute",
)  # fmt: skip
def list_links(ctx: Context) -> Any:
    """Search links between stocks and sources."""
    return search.answer(ctx, ctx.state.table("stock_source_links"))


@route(
    "GET", "/V1/inventory/stock-resolver/:type/:code", "Magento_InventorySalesApi::stock", {"type": "string", "code": "string"},
    SALES_API + "StockResolverInterface::execute",
)  # fmt: skip
def resolve_stock(ctx: Context) -> Any:
    """The stock that a website sells from."""
    for stock in ctx.state.table("stocks"):
        if ctx.inputs["type"] == "website" and ctx.inputs["code"] in stock["websites"]:
            return shown_stock(stock)
    raise NotFound("No linked stock found")


@route(
    "GET", "/V1/inventory/get-sources-assigned-to-stock-ordered-by-priority/:stockId", SOURCE_ACL, {"stockId": "int"},
    API + "GetSourcesAssignedToStockOrderedByPriorityInterface::execute",
)  # fmt: skip
def sources_of_stock(ctx: Context) -> Any:
    """The sources of a stock, the first choice first."""
    links = [one for one in ctx.state.table("stock_source_links") if one["stock_id"] == ctx.inputs["stockId"]]
    links.sort(key=lambda one: one["priority"] or 0)
    return [shown_source(ctx.state.table("sources")[one["source_code"]]) for one in links]
