"""What an order does to the stock: it reserves, a shipment takes from a source, a cancellation and a return give back.

With the inventory modules an order only reserves, and the source is touched when the goods leave. Without them the legacy stock
item is lowered at once, a shipment does nothing, and a cancellation or a return raises it again.
"""

from collections.abc import Iterable

from sandbox.magento import catalog, reservations, source_items, stock
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError
from sandbox.magento.state import State

NOT_AVAILABLE = "The requested qty is not available"
NOT_SHIPPED = "Could not save a shipment, see error log for details"

Rows = Iterable[tuple[Record, float]]


def _managed(state: State, sku: str) -> bool:
    record = catalog.by_sku(state, sku)
    return record is None or source_items.is_managed(record)


def _reserve(state: State, sku: str, quantity: float) -> None:
    """Add to the reservations of the website's stock (below 0: hold back), or to the legacy item of a shop without them."""
    if not _managed(state, sku):
        return
    if state.settings.msi:
        reservations.add(state, source_items.website_stock(state), sku, quantity)
        return
    record = catalog.by_sku(state, sku)
    if record is not None:
        changed = state.table("products").edit(record["id"])
        stock.move(state, changed, quantity)
        catalog.put(state, changed)


def placed(state: State, rows: Rows) -> None:
    """Somebody ordered (order item, quantity). Raises MagentoError when it is not there any more."""
    for item, quantity in rows:
        record = catalog.by_sku(state, item["sku"])
        if record is None or not source_items.has_enough(state, record, source_items.website_stock(state), quantity):
            raise MagentoError(NOT_AVAILABLE)
        _reserve(state, item["sku"], -quantity)


def cancelled(state: State, rows: Rows) -> None:
    """Quantities that nobody wants any more."""
    for item, quantity in rows:
        _reserve(state, item["sku"], quantity)


def shipped(state: State, source: str, rows: Rows) -> None:
    """Goods that leave a source. Raises MagentoError when it is unknown or does not hold them; nothing says which."""
    if not state.settings.msi:
        return
    for item, quantity in rows:
        if _managed(state, item["sku"]):
            _take(state, item["sku"], source, quantity)
            _reserve(state, item["sku"], quantity)


def _take(state: State, sku: str, source: str, quantity: float) -> None:
    """Lower what a source holds (below 0: raise it); a source that holds nothing then is out of stock."""
    held = source_items.get(state, sku, source)
    if held is None or held["quantity"] - quantity < 0:
        raise MagentoError(NOT_SHIPPED)
    left = source_items.kept(held["quantity"] - quantity)
    record = catalog.by_sku(state, sku)
    minimum, backorders = (
        (stock.effective(record["stock"], name) for name in ("min_qty", "backorders")) if record else (0, 0)
    )
    source_items.put_everywhere(state, sku, source, left, int(left != minimum or bool(backorders)))
    if state.settings.emptied_source_hides_stock and quantity > 0 and left == 0:
        source_items.hide(state, sku)


def returned(state: State, item: Record, quantity: float, unshipped: float, sent: dict[str, float]) -> None:
    """A refund that goes back to stock: what never left is no longer reserved, the rest goes to the sources that sent it.

    `unshipped` is what was paid and neither refunded nor shipped before, `sent` what each source shipped of the item.
    """
    if not state.settings.msi:
        _reserve(state, item["sku"], quantity)
        return
    if not _managed(state, item["sku"]):
        return
    to_sources = max(0.0, quantity - max(0.0, unshipped))
    if quantity - to_sources:
        _reserve(state, item["sku"], quantity - to_sources)
    for source, shipped_there in sent.items():
        back = min(shipped_there, to_sources)
        if back > 0:
            _take(state, item["sku"], source, -back)
            to_sources -= back


def written_off(state: State, item: Record, quantity: float, unshipped: float) -> None:
    """A refund that does not go back to stock: what never left is taken from the sources, as if it had been shipped."""
    left = min(quantity, max(0.0, unshipped))
    if not state.settings.msi or not _managed(state, item["sku"]):
        return
    for held in source_items.offered(state, item["sku"], source_items.website_stock(state)):
        taken = min(left, held["quantity"])
        if taken > 0:
            _take(state, item["sku"], held["source_code"], taken)
            _reserve(state, item["sku"], taken)
            left -= taken
