"""What Magento 2.4.4 knows of its system product attributes besides their storage: place in the set, flags, types, models.

Flags: S searchable, A in advanced search, C comparable, L used in product listing, O used for sorting, F filterable,
G used in the grid, g filterable in the grid, H edited as HTML that pages show, i invisible.
Types (apply_to): see APPLY_TO; a dot stands for nothing. Models: the part after Magento\\, with / for \\.
"""

from typing import Any

# code | group:order in it | flags | types | backend model | source model
TABLE = """
name|7:10|SALO|.|.|.
sku|7:20|SAC|.|Catalog/Model/Product/Attribute/Backend/Sku|.
description|13:110|SACH|.|.|.
short_description|13:100|SACLHG|.|.|.
price|7:30|SALOF|all|PRICE|.
special_price|8:3|LGg|all|PRICE|.
special_from_date|8:4|LG|all|START|.
special_to_date|8:5|LG|all|END|.
cost|8:6|Gg|cost|PRICE|.
weight|7:70|Gg|all|Catalog/Model/Product/Attribute/Backend/Weight|.
manufacturer|.|SACFGg|simple,configurable|.|.
meta_title|9:20|Gg|.|.|.
meta_keyword|9:30|Gg|.|.|.
meta_description|9:40|Gg|.|.|.
image|10:1|L|.|.|.
small_image|10:2|L|.|.|.
thumbnail|10:3|L|.|.|.
media_gallery|10:4||.|.|.
old_id|7:6|i|.|.|.
tier_price|8:7||all|Catalog/Model/Product/Attribute/Backend/Tierprice|.
color|.|SACFGg|simple,virtual,configurable|.|.
news_from_date|7:90|LG|.|START|.
news_to_date|7:100|LG|.|END|.
gallery|10:5||.|.|.
status|7:5|SL|.|.|Catalog/Model/Product/Attribute/Source/Status
minimal_price|8:8|i|all|.|.
visibility|7:80||.|.|Catalog/Model/Product/Visibility
custom_design|14:40|Gg|.|.|Theme/Model/Theme/Source/Theme
custom_design_from|14:20|G|.|START|.
custom_design_to|14:30|G|.|END|.
custom_layout_update|11:10|i|.|Catalog/Model/Attribute/Backend/Customlayoutupdate|.
page_layout|11:5|G|.|.|Catalog/Model/Product/Attribute/Source/Layout
category_ids|7:80||.|Catalog/Model/Product/Attribute/Backend/Category|.
options_container|11:6||.|.|Catalog/Model/Entity/Product/Attribute/Design/Options/Container
required_options|7:14|Li|.|.|.
has_options|7:15|i|.|.|.
image_label|7:16|Li|.|.|.
small_image_label|7:17|Li|.|.|.
thumbnail_label|7:18|Li|.|.|.
created_at|7:19|i|.|.|.
updated_at|7:20|i|.|.|.
country_of_manufacture|7:110|Gg|country|.|Catalog/Model/Product/Attribute/Source/Countryofmanufacture
quantity_and_stock_status|7:22||.|Catalog/Model/Product/Attribute/Backend/Stock|CatalogInventory/Model/Source/Stock
custom_layout|14:50|G|.|.|Catalog/Model/Product/Attribute/Source/Layout
custom_layout_update_file|11:51||.|PRODUCT_UPDATE|Catalog/Model/Product/Attribute/Source/LayoutUpdate
price_type|7:31|L|bundle|.|.
sku_type|7:21||bundle|.|.
weight_type|7:71|L|bundle|.|.
price_view|8:9|L|bundle|.|Bundle/Model/Product/Attribute/Source/Price/View
shipment_type|19:1|L|bundle|.|Bundle/Model/Product/Attribute/Source/Shipment/Type
url_key|9:10|LGg|.|.|.
url_path|7:11|i|.|.|.
links_purchased_separately|7:111|Li|downloadable|.|.
samples_title|7:112|i|downloadable|.|.
links_title|7:113|i|downloadable|.|.
links_exist|7:114|Li|downloadable|.|.
gift_message_available|20:10|G|.|BOOLEAN|Catalog/Model/Product/Attribute/Source/Boolean
msrp|8:10|LGg|msrp|PRICE|.
msrp_display_actual_price_type|8:11|L|msrp|BOOLEAN|Msrp/Model/Product/Attribute/Source/Type/Price
swatch_image|10:3|L|.|.|.
tax_class_id|7:40|SLGg|all|.|Tax/Model/TaxClass/Source/Product
"""
APPLY_TO = {
    "all": "simple,virtual,bundle,downloadable,configurable",
    "cost": "simple,virtual,downloadable",
    "country": "simple,bundle,grouped,configurable",
    "msrp": "simple,virtual,downloadable,bundle,configurable",
}
MODELS = {
    "PRICE": "Catalog/Model/Product/Attribute/Backend/Price",
    "START": "Catalog/Model/Attribute/Backend/Startdate",
    "END": "Eav/Model/Entity/Attribute/Backend/Datetime",
    "BOOLEAN": "Catalog/Model/Product/Attribute/Backend/Boolean",
    "PRODUCT_UPDATE": "Catalog/Model/Product/Attribute/Backend/LayoutUpdate",
}
FLAGS = {
    "S": ("is_searchable",), "A": ("is_visible_in_advanced_search",), "C": ("is_comparable",),
    "L": ("used_in_product_listing",), "O": ("used_for_sort_by",), "F": ("is_filterable",), "G": ("is_used_in_grid",),
    "g": ("is_filterable_in_grid",), "H": ("is_wysiwyg_enabled", "is_html_allowed_on_front"),
}  # fmt: skip
CLASSES = {"name": "validate-length maximum-length-255", "sku": "validate-length maximum-length-64"}
NOTES = {"meta_description": "Maximum 255 chars. Meta Description should optimally be between 150-160 characters"}


def model(written: str) -> str | None:
    """The PHP class behind a name as the tables write it; None for a dot."""
    return None if written == "." else "\\".join(("Magento", *MODELS.get(written, written).split("/")))


def flags(letters: str) -> dict[str, bool]:
    """The properties that the letters switch on, and is_visible."""
    found = {name: True for letter in letters for name in FLAGS.get(letter, ())}
    return {**found, "is_visible": "i" not in letters}


def rows() -> dict[str, dict[str, Any]]:
    """By code, the metadata in an attribute record: flags, apply_to, backend_model, source_model, frontend_class, note."""
    result: dict[str, dict[str, Any]] = {}
    for line in TABLE.strip().splitlines():
        code, _, letters, types, backend, source = line.split("|")
        result[code] = {
            **flags(letters),
            "apply_to": [] if types == "." else APPLY_TO.get(types, types).split(","),
            "backend_model": model(backend),
            "source_model": model(source),
            "frontend_class": CLASSES.get(code),
            "note": NOTES.get(code),
        }
    return result


def places() -> dict[str, tuple[int, int]]:
    """By code, the group and the order in it of every attribute of the default set."""
    fields = [line.split("|")[:2] for line in TABLE.strip().splitlines()]
    found = {code: place.split(":") for code, place in fields if place != "."}
    return {code: (int(group), int(order)) for code, (group, order) in found.items()}
