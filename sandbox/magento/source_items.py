"""Quantities per source, and what a stock can sell of them.

Table `source_items` by (collated sku, source_code): {sku, source_code, quantity, status}; `sources` by code; `stocks` by id;
`stock_source_links` by (stock_id, source_code); `index` with the sources that were off when the indexers last looked, `hidden`
by collated SKU with what the index does not find (see `Settings.emptied_source_hides_stock`).
In a shop without the inventory modules the legacy stock item of the product says what can be sold.
"""

from bisect import insort
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.magento import catalog, reservations
from sandbox.magento.collation import collated
from sandbox.magento.database import Record
from sandbox.magento.state import State

DEFAULT_SOURCE = "default"
DEFAULT_STOCK = 1
WEBSITE = "base"
SOURCES_OFF = "sources_off"
SORTED = "source_items_sorted"
LARGEST = Decimal("99999999.9999")
FOUR_DECIMALS = Decimal("0.0001")


def kept(quantity: float) -> float:
    """What a column of twelve digits, four of them decimals, keeps of a quantity."""
    amount = Decimal(repr(quantity)).quantize(FOUR_DECIMALS, ROUND_HALF_UP)
    return float(max(-LARGEST, min(LARGEST, amount)))


def put(state: State, sku: str, source: str, quantity: float, status: int) -> None:
    """Insert or replace the quantity of one SKU in one source; the column keeps four decimals and twelve digits."""
    key, table = (collated(sku), source), state.table("source_items")
    before = table.get(key)
    name = before["sku"] if before else sku
    if before is None and source in (known := state.caches.get(SORTED) or {}):
        insort(known[source], key[0])
    table.put(key, {"source_code": source, "sku": name, "quantity": kept(quantity), "status": status})
    state.table("hidden").delete(key[0])


def delete(state: State, sku: str, source: str) -> bool:
    """Forget what a source holds of a SKU; whether there was anything to forget."""
    key, table = (collated(sku), source), state.table("source_items")
    if key not in table:
        return False
    table.delete(key)
    if source in (known := state.caches.get(SORTED) or {}):
        known[source].remove(key[0])
    return True


def skus_of(state: State, source: str) -> list[str]:
    """The collated SKUs of one source in order, kept so that a reader of a million rows finds each page at once."""
    known: dict[str, list[str]] = state.caches.setdefault(SORTED, {})
    if source not in known:
        here = (item for item in state.table("source_items") if item["source_code"] == source)
        known[source] = sorted(collated(item["sku"]) for item in here)
    return known[source]


def put_everywhere(state: State, sku: str, source: str, quantity: float, status: int) -> None:
    """The same, and the old stock item follows the default source."""
    put(state, sku, source, quantity, status)
    record = catalog.by_sku(state, sku) if source == DEFAULT_SOURCE else None
    if record is not None:
        changed = state.table("products").edit(record["id"])
        changed["stock"].update({"qty": quantity, "is_in_stock": status == 1})
        catalog.put(state, changed)


def get(state: State, sku: str, source: str) -> Record | None:
    """The quantity of one SKU in one source."""
    return state.table("source_items").get((collated(sku), source))


def of_product(state: State, sku: str) -> list[Record]:
    """The source items of one SKU."""
    table, key = state.table("source_items"), collated(sku)
    found = (table.get((key, source["source_code"])) for source in state.table("sources"))
    return [item for item in found if item]


def website_stock(state: State) -> int:
    """The stock from which the website sells."""
    found = state.table("stocks").find(lambda stock: WEBSITE in stock["websites"])
    return int(found["stock_id"]) if found else DEFAULT_STOCK


def hide(state: State, sku: str) -> None:
    """Have the index say that nothing of a SKU can be sold, until it is written or the indexers run."""
    state.table("hidden").put(collated(sku), {"sku": sku})


def reindex(state: State) -> None:
    """The indexers run: sources that are off no longer count, what was hidden is found again."""
    switch_off(state, [source["source_code"] for source in state.table("sources") if not source["enabled"]])
    for record in state.table("hidden"):
        state.table("hidden").delete(collated(record["sku"]))


def switched_off(state: State) -> list[str]:
    """The sources that were off when the indexers last looked."""
    off = state.table("index").get(SOURCES_OFF)
    return off["codes"] if off else []


def switch_off(state: State, codes: list[str]) -> None:
    """Tell the index which sources are off; what a source holds counts until then."""
    state.table("index").put(SOURCES_OFF, {"codes": codes})


def offered(state: State, sku: str, stock_id: int) -> list[Record]:
    """The source items that a stock sells from, the first source of the stock first."""
    links, shut = state.table("stock_source_links"), switched_off(state)
    found = [
        (links[(stock_id, item["source_code"])]["priority"] or 0, item)
        for item in of_product(state, sku)
        if item["status"] == 1 and (stock_id, item["source_code"]) in links and item["source_code"] not in shut
    ]
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def salable(state: State, record: Record, stock_id: int) -> float:
    """The quantity that a stock can sell of a product, never below 0: what lies there, less what open orders hold back."""
    minimum = 0 if record["stock"]["use_config_min_qty"] else record["stock"]["min_qty"]
    if not state.settings.msi:
        item = record["stock"]
        return max(0.0, float(item["qty"] or 0) - minimum) if item["is_in_stock"] else 0.0
    # The default stock follows the old indexer, which finds nothing for a website that sells from another stock.
    if stock_id == DEFAULT_STOCK and not state.settings.index_on_schedule and website_stock(state) != DEFAULT_STOCK:
        return 0.0
    if collated(record["sku"]) in state.table("hidden"):
        return 0.0
    total = sum(item["quantity"] for item in offered(state, record["sku"], stock_id))
    left = total + reservations.held(state, stock_id, record["sku"]) - minimum
    return max(0.0, round(float(left), 4))


def is_managed(record: Record) -> bool:
    """Whether the shop counts the product's stock at all."""
    item = record["stock"]
    return True if item["use_config_manage_stock"] else bool(item["manage_stock"])


def _backorders(record: Record) -> Any:
    item = record["stock"]
    return 0 if item["use_config_backorders"] else item["backorders"]


def is_salable(state: State, record: Record, stock_id: int) -> bool:
    """Whether a stock can sell the product at all: something left, back orders, or stock not managed."""
    if salable(state, record, stock_id) > 0 or not is_managed(record):
        return True
    if not state.settings.msi:
        return bool(_backorders(record)) and bool(record["stock"]["is_in_stock"])
    return bool(_backorders(record)) and bool(offered(state, record["sku"], stock_id))


def has_enough(state: State, record: Record, stock_id: int, wanted: float) -> bool:
    """Whether a stock can sell that many."""
    if not is_managed(record):
        return True
    return is_salable(state, record, stock_id) and (
        bool(_backorders(record)) or wanted <= salable(state, record, stock_id)
    )
