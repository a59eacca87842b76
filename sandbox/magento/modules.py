"""Imports every resource module once, so that its routes, pages and fixtures are registered."""

import importlib
import importlib.util

# In the order in which their fixtures build on each other.
MODULES = (
    "fixtures", "system_attributes", "stores", "inventory", "quantities", "source_item_search", "stock", "auth", "bulk",
    "products", "product_websites", "carts", "checkout", "orders", "invoices", "shipments", "credit_memos", "customers",
    "control", "sandbox_orders",
)  # fmt: skip
# Taken along as soon as they exist.
OPTIONAL = (
    "attributes",
    "attribute_sets",
    "eav_sets",
    "category_attributes",
    "categories",
    "media",
    "links",
    "prices",
    "group_prices",
    "storefront",
)


def load_all() -> None:
    """Register everything the shop can do."""
    for name in (*MODULES, *OPTIONAL):
        if importlib.util.find_spec(f"sandbox.magento.{name}"):
            importlib.import_module(f"sandbox.magento.{name}")
