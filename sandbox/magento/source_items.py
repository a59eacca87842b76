"""Quantities per source, and what a stock can sell of them.

Table `source_items` by (collated sku, source_code): {sku, source_code, quantity, status}; `sources` by code; `stocks` by id;
`stock_source_links` by (stock_id, source_code).
"""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.magento.collation import collated
from sandbox.magento.database import Record
from sandbox.magento.state import State

DEFAULT_STOCK = 1
WEBSITE = "base"
LARGEST = Decimal("99999999.9999")


def kept(quantity: float) -> float:
    """What a column of twelve digits, four of them decimals, keeps of a quantity."""
    amount = Decimal(repr(quantity)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return float(max(-LARGEST, min(LARGEST, amount)))


def put(state: State, sku: str, source: str, quantity: float, status: int) -> None:
    """Insert or replace the quantity of one SKU in one source; the column keeps four decimals and twelve digits."""
    held = kept(quantity)
    key, table = (collated(sku), source), state.table("source_items")
    before = table.get(key)
    name = before["sku"] if before else sku
    table.put(key, {"source_code": source, "sku": name, "quantity": held, "status": status})


def get(state: State, sku: str, source: str) -> Record | None:
    """The quantity of one SKU in one source."""
    return state.table("source_items").get((collated(sku), source))


def of_product(state: State, sku: str) -> list[Record]:
    """The source items of one SKU."""
    table = state.table("source_items")
    found = (table.get((collated(sku), source["source_code"])) for source in state.table("sources"))
    return [item for item in found if item]


def website_stock(state: State) -> int:
    """The stock from which the website sells."""
    found = state.table("stocks").find(lambda stock: WEBSITE in stock["websites"])
    return int(found["stock_id"]) if found else DEFAULT_STOCK


def salable(state: State, record: Record, stock_id: int) -> float:
    """The quantity that a stock can sell of a product, never below 0."""
    # The default stock follows the old indexer, which finds nothing for a website that sells from another stock.
    if stock_id == DEFAULT_STOCK and not state.settings.index_on_schedule and website_stock(state) != DEFAULT_STOCK:
        return 0.0
    links = state.table("stock_source_links")
    total = sum(
        item["quantity"]
        for item in of_product(state, record["sku"])
        if item["status"] == 1 and (stock_id, item["source_code"]) in links
    )
    return max(0.0, float(total))


def is_salable(state: State, record: Record, stock_id: int) -> bool:
    """Whether a stock can sell the product at all: something left, back orders, or stock not managed."""
    item = record["stock"]
    managed = True if item["use_config_manage_stock"] else item["manage_stock"]
    backorders = 0 if item["use_config_backorders"] else item["backorders"]
    links = state.table("stock_source_links")
    offered = any(
        one["status"] == 1 and (stock_id, one["source_code"]) in links for one in of_product(state, record["sku"])
    )
    return salable(state, record, stock_id) > 0 or not managed or (bool(backorders) and offered)
