"""What open orders hold back: a sale reserves in the stock of its website, and a later step of the order gives that back.

Table `reservations` by (stock_id, collated sku): {stock_id, sku, quantity}; the quantity is below 0 while orders are open. A real
shop keeps every movement until a cleaning job removes those that add up to nothing; only the sum counts, so only that is kept.
"""

from sandbox.magento.collation import collated
from sandbox.magento.state import State

DECIMALS = 4


def held(state: State, stock_id: int, sku: str) -> float:
    """The sum of all reservations of one SKU in one stock; below 0 when something is reserved."""
    record = state.table("reservations").get((stock_id, collated(sku)))
    return float(record["quantity"]) if record else 0.0


def add(state: State, stock_id: int, sku: str, quantity: float) -> None:
    """Reserve (a quantity below 0) or give back (above 0)."""
    key, table = (stock_id, collated(sku)), state.table("reservations")
    total = round(held(state, stock_id, sku) + quantity, DECIMALS)
    if total:
        table.put(key, {"stock_id": stock_id, "sku": sku, "quantity": total})
    else:
        table.delete(key)
