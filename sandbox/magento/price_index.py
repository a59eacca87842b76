"""The price index: which products a website can sell, which is what sorting by price shows.

Table `price_index` by product id, used only while the indexers are "on schedule"; otherwise the index is always up to date.
"""

from sandbox.magento.database import Record
from sandbox.magento.product_values import value
from sandbox.magento.source_items import is_salable, website_stock
from sandbox.magento.state import State

ENABLED = 1


def belongs(state: State, record: Record, store_id: int) -> bool:
    """Whether the product would be in the index now."""
    return (
        value(record, "status", store_id) == ENABLED
        and bool(record["website_ids"])
        and is_salable(state, record, website_stock(state))
    )


def rebuild(state: State) -> None:
    """What the indexer does."""
    table = state.table("price_index")
    for key in table.keys():  # noqa: SIM118 - a Table iterates over records
        table.delete(key)
    for record in state.table("products"):
        if belongs(state, record, 1):
            table.put(record["id"], {"id": record["id"]})


def contains(state: State, record: Record, store_id: int) -> bool:
    """Whether sorting by price finds the product."""
    if state.settings.index_on_schedule:
        return record["id"] in state.table("price_index")
    return belongs(state, record, store_id)
