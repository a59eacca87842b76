"""What one piece of a product costs now: its price, or the special price while that holds."""

from sandbox.magento.database import Record
from sandbox.magento.product_values import value
from sandbox.magento.state import State


def special_holds(state: State, product: Record, store_id: int) -> bool:
    """Whether the special price is lower than the regular one, and its dates include today."""
    regular, special = value(product, "price", store_id), value(product, "special_price", store_id)
    if special is None or regular is None or special >= regular:
        return False
    start, end = value(product, "special_from_date", store_id) or "", value(product, "special_to_date", store_id) or "9"
    return bool(start <= state.timestamp() <= end[:10] + " 23:59:59")


def selling_price(state: State, product: Record, store_id: int) -> float:
    """The price in euro that a customer without a group pays for one; 0 for a product without a price."""
    special = special_holds(state, product, store_id)
    return float(value(product, "special_price" if special else "price", store_id) or 0)
