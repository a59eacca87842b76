"""The options that code makes for system attributes: the fixed lists of Magento's source models."""

import functools

from babel import Locale

from sandbox.magento.collation import collated
from sandbox.magento.fixtures import STORES

Options = list[dict[str, str]]
LAYOUTS = (("", "No layout updates"), ("empty", "Empty"), ("1column", "1 column"), ("2columns-left", "2 columns with left bar"),
           ("2columns-right", "2 columns with right bar"), ("3columns", "3 columns"),
           ("cms-full-width", "Page -- Full Width"), ("category-full-width", "Category -- Full Width"),
           ("product-full-width", "Product -- Full Width"))  # fmt: skip
THEMES = (("", "-- Please Select --"), ("1", "Magento Blank"), ("3", "Magento Luma"))
NO_UPDATE = (("__no_update__", "No update"),)
YES_NO = (("1", "Yes"), ("0", "No"))
BOTH = {"custom_design": THEMES, "page_layout": LAYOUTS, "custom_layout_update_file": NO_UPDATE}
# By entity type (3 category, 4 product) and attribute: value and label.
FIXED: dict[int, dict[str, tuple[tuple[str, str], ...]]] = {
    4: {
        **BOTH,
        "custom_layout": LAYOUTS,
        "status": (("1", "Enabled"), ("2", "Disabled")),
        "visibility": (("1", "Not Visible Individually"), ("2", "Catalog"), ("3", "Search"), ("4", "Catalog, Search")),
        "tax_class_id": (("0", "None"), ("2", "Taxable Goods")),
        "quantity_and_stock_status": (("1", "In Stock"), ("0", "Out of Stock")),
        "options_container": (("container1", "Product Info Column"), ("container2", "Block after Info Column")),
        "price_view": (("0", "Price Range"), ("1", "As Low as")),
        "shipment_type": (("0", "Together"), ("1", "Separately")),
        "gift_message_available": (*YES_NO, ("2", "Use config")),
        "msrp_display_actual_price_type": (
            ("1", "On Gesture"), ("2", "In Cart"), ("3", "Before Order Confirmation"), ("0", "Use config"),
        ),
    },
    3: {
        **BOTH,
        "is_active": YES_NO,
        "is_anchor": YES_NO,
        "include_in_menu": YES_NO,
        "custom_use_parent_settings": YES_NO,
        "custom_apply_to_products": YES_NO,
        "landing_page": (("", "Please select a static block."),),
        "display_mode": (
            ("PRODUCTS", "Products only"), ("PAGE", "Static block only"),
            ("PRODUCTS_AND_PAGE", "Static block and products"),
        ),
    },
}  # fmt: skip
COUNTRIES = "country_of_manufacture"
# Regions that Unicode names and no country list has.
NO_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


def options(code: str, entity_type: int, store_id: int) -> Options | None:
    """The list of a system attribute in one store view; None where the options are stored ones."""
    if code == COUNTRIES:
        locale = next((store[5] for store in STORES if store[0] == store_id), STORES[0][5])
        return [{"label": label, "value": value} for value, label in countries(locale)]
    fixed = FIXED.get(entity_type, {}).get(code)
    return None if fixed is None else [{"label": label, "value": value} for value, label in fixed]


@functools.cache
def countries(locale: str) -> tuple[tuple[str, str], ...]:
    """The empty choice, then code and name of every country by its name in that language."""
    names = [
        (code, name)
        for code, name in Locale.parse(locale).territories.items()
        if len(code) == 2 and code not in NO_COUNTRIES
    ]
    return (("", " "), *sorted(names, key=lambda named: collated(named[1])))
