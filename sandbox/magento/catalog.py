"""Finding products: by SKU as MySQL compares them (no letter case, no accents), or by id."""

from sandbox.magento.collation import collated
from sandbox.magento.database import Record
from sandbox.magento.state import State


def _index(state: State) -> dict[str, int]:
    if "product_ids" not in state.caches:
        state.caches["product_ids"] = {collated(record["sku"]): record["id"] for record in state.table("products")}
    index: dict[str, int] = state.caches["product_ids"]
    return index


def by_sku(state: State, sku: str) -> Record | None:
    """The product with that SKU, to be read only."""
    number = _index(state).get(collated(sku))
    return None if number is None else state.table("products").get(number)


def put(state: State, record: Record) -> None:
    """Store a product."""
    index, before = _index(state), state.table("products").get(record["id"])
    if before and before["sku"] != record["sku"]:
        index.pop(collated(before["sku"]), None)
    index[collated(record["sku"])] = record["id"]
    state.table("products").put(record["id"], record)


def delete(state: State, record: Record) -> None:
    """Remove a product."""
    _index(state).pop(collated(record["sku"]), None)
    state.table("products").delete(record["id"])
