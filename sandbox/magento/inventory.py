"""Sources, stocks and the links between them (Magento's multi-source inventory)."""

from typing import Any

from sandbox.magento import search, source_items
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.routing import route
from sandbox.magento.state import State, fixture

SOURCE_ACL = "Magento_InventoryApi::source"
STOCK_ACL = "Magento_InventoryApi::stock"
API = "Magento\\InventoryApi\\Api\\"
SALES_API = "Magento\\InventorySalesApi\\Api\\"

struct(
    "Source", source_code="string", name="string", email="string", contact_name="string", enabled="boolean",
    description="string", latitude="float", longitude="float", country_id="string", region_id="int", region="string",
    city="string", street="string", postcode="string", phone="string", fax="string", use_default_carrier_config="boolean",
    carrier_links="CarrierLink[]", extension_attributes="SourceExtension",
)  # fmt: skip
struct("CarrierLink", carrier_code="string", position="int", extension_attributes="Empty")
struct(
    "SourceExtension", is_pickup_location_active="boolean", frontend_name="string", frontend_description="string"
)
struct("Stock", stock_id="int", name="string", extension_attributes="StockExtension")
struct("StockExtension", sales_channels="SalesChannel[]")
struct("SalesChannel", type="string", code="string", extension_attributes="Empty")
struct("StockSourceLink", stock_id="int", source_code="string", priority="int", extension_attributes="Empty")

DEFAULT_SOURCE = {
    "source_code": "default", "name": "Default Source", "enabled": True, "description": "Default Source", "latitude": 0,
    "longitude": 0, "country_id": "US", "postcode": "00000", "use_default_carrier_config": True, "carrier_links": [],
    "frontend_name": "",
}  # fmt: skip


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
        state.table("sources").put(code, _source(source))
    number = state.next_id("stocks")
    _put_stock(state, number, "Benelux", ["base"])
    _link(state, number, "ghent", 1)
    _link(state, number, "antwerp", 2)


def _source(sent: Record) -> Record:
    extension = sent.get("extension_attributes") or {}
    kept = {name: held for name, held in sent.items() if held is not None and name != "extension_attributes"}
    return {"use_default_carrier_config": True, "carrier_links": [], "enabled": True, **kept,
            "frontend_name": extension.get("frontend_name") or sent.get("name")}  # fmt: skip


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


def shown_source(source: Record) -> Record:
    """A source as the API shows it."""
    kept = {name: held for name, held in source.items() if name != "frontend_name"}
    return {**kept, "extension_attributes": {"is_pickup_location_active": False, "frontend_name": source["frontend_name"]}}


def shown_stock(stock: Record) -> Record:
    """A stock as the API shows it."""
    channels = [{"type": "website", "code": code} for code in stock["websites"]]
    return {"stock_id": stock["stock_id"], "name": stock["name"], "extension_attributes": {"sales_channels": channels}}


def _save_source(ctx: Context, sent: Record) -> Any:
    errors = [_empty(name) for name in ("name", "source_code", "postcode", "country_id") if not (sent.get(name) or "").strip()]
    code = sent.get("source_code") or ""
    if not errors and any(sign.isspace() for sign in code):
        errors.append(('"%field" can not contain whitespaces.', {"field": "source_code"}))
    if errors:
        raise failed(errors)
    before = ctx.state.table("sources").get(code) or {}
    ctx.state.table("sources").put(code, {**before, **_source(sent)})
    return None


@route("POST", "/V1/inventory/sources", SOURCE_ACL, {"source": "Source"}, API + "SourceRepositoryInterface::save")
def post_source(ctx: Context) -> Any:
    """Create or update a source."""
    return _save_source(ctx, ctx.inputs["source"]) or []


@route("PUT", "/V1/inventory/sources/:sourceCode", SOURCE_ACL, {"source": "Source"}, API + "SourceRepositoryInterface::save")
def put_source(ctx: Context) -> Any:
    """Create or update the source of the path."""
    return _save_source(ctx, {**ctx.inputs["source"], "source_code": ctx.path["sourceCode"]}) or []


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
    return search.answer(ctx, ctx.state.table("sources"), shown_source, lambda record, name: record.get(name))


@route("POST", "/V1/inventory/stocks", STOCK_ACL, {"stock": "Stock"}, API + "StockRepositoryInterface::save")
def post_stock(ctx: Context) -> Any:
    """Create a stock; the answer is its id."""
    sent, state = ctx.inputs["stock"], ctx.state
    if not (sent.get("name") or "").strip():
        raise failed([_empty("name")])
    if any(stock["name"] == sent["name"] and stock["stock_id"] != sent.get("stock_id") for stock in state.table("stocks")):
        raise MagentoError("Could not save Stock")
    known = {website["code"] for website in state.table("websites")}
    codes = [one["code"] for one in (sent.get("extension_attributes") or {}).get("sales_channels") or []]
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise failed([('The website with code "%code" does not exist.', {"code": code}) for code in unknown])
    number = sent.get("stock_id") or state.next_id("stocks")
    _put_stock(state, number, sent["name"], codes)
    return number


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


@route("DELETE", "/V1/inventory/stocks/:stockId", STOCK_ACL, {"stockId": "int"}, API + "StockRepositoryInterface::deleteById")
def delete_stock(ctx: Context) -> Any:
    """Remove a stock and its links; not the default one."""
    stock = _stock(ctx, ctx.inputs["stockId"])
    if stock["stock_id"] == source_items.DEFAULT_STOCK:
        raise MagentoError("Default Stock could not be deleted.")
    for link in ctx.state.table("stock_source_links"):
        if link["stock_id"] == stock["stock_id"]:
            ctx.state.table("stock_source_links").delete((link["stock_id"], link["source_code"]))
    ctx.state.table("stocks").delete(stock["stock_id"])
    return []


@route(
    "POST", "/V1/inventory/stock-source-links", "Magento_InventoryApi::stock_source_link", {"links": "StockSourceLink[]"},
    API + "StockSourceLinksSaveInterface::execute",
)  # fmt: skip
def post_links(ctx: Context) -> Any:
    """Link sources to stocks."""
    links, state = ctx.inputs["links"], ctx.state
    if not links:
        raise MagentoError("Input data is empty")
    for link in links:
        if link.get("stock_id") not in state.table("stocks") or link.get("source_code") not in state.table("sources"):
            raise MagentoError("Could not save StockSourceLinks")
        _link(state, link["stock_id"], link["source_code"], link.get("priority"))
    return []


@route(
    "GET", "/V1/inventory/stock-source-links", "Magento_InventoryApi::stock_source_link",
    {"searchCriteria?": "SearchCriteria"}, API + "GetStockSourceLinksInterface::execute",
)  # fmt: skip
def list_links(ctx: Context) -> Any:
    """Search links between stocks and sources."""
    return search.answer(ctx, ctx.state.table("stock_source_links"))


@route(
    "GET", "/V1/inventory/stock-resolver/:type/:code", STOCK_ACL, {"type": "string", "code": "string"},
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
