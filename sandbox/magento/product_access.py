"""How other services reach products: load by SKU or a 404, and save the way the product repository does."""

from typing import Any

from sandbox.magento import catalog, product_save
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import NotFound
from sandbox.magento.inputs import php_text
from sandbox.magento.state import State

UNKNOWN = "The product that was requested doesn't exist. Verify the product and try again."


def by_sku(state: State, sku: Any) -> Record:
    """The product of that SKU, to be read only; raises NotFound."""
    record = catalog.by_sku(state, php_text(sku))
    if record is None:
        raise NotFound(UNKNOWN)
    return record


def resave(ctx: Context, record: Record, **changes: Any) -> None:
    """Save a product in the caller's store view with only these changes (`product_links=[...]`); updated_at moves."""
    product_save.save(ctx, {"sku": record["sku"], **changes})
