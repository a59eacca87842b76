"""The stock on a product page: how many can be bought, how many lie where, in the language of the page."""

from typing import Any
from urllib.parse import quote

from sandbox.magento import source_items
from sandbox.magento.database import Record
from sandbox.magento.storefront_views import View, in_stock
from sandbox.magento.storefront_words import quantity_text, words


def figures(view: View, product: Record) -> dict[str, Any] | None:
    """{"sku", "in_stock", "quantity", "label", "available", "sources": [{"name", "quantity", "text"}]}, or None when nobody ever
    told the stock of the product. A number only stands where there is one: with back orders a product is in stock without."""
    told = in_stock(view, product)
    if told is None:
        return None
    text = words(view.language)
    quantity = source_items.salable(view.state, product, source_items.website_stock(view.state)) if told else 0.0
    available = text["available"].format(quantity_text(quantity, view.language)) if quantity else ""
    return {
        "sku": product["sku"], "in_stock": told, "quantity": quantity, "available": available,
        "label": text["in_stock" if told else "out_of_stock"], "sources": _sources(view, product, quantity),
    }  # fmt: skip


def _sources(view: View, product: Record, most: float) -> list[dict[str, Any]]:
    """The sources that hold something, as "3 in Gent"; none promises more than can be bought in all (`most`)."""
    if not view.state.settings.msi:
        return []
    sources, phrase = view.state.table("sources"), words(view.language)["at_source"]
    found = []
    for item in source_items.offered(view.state, product["sku"], source_items.website_stock(view.state)):
        source = sources[item["source_code"]]
        name = str(source.get("frontend_name") or source["name"])
        quantity = min(item["quantity"], most)
        if quantity > 0:
            text = phrase.format(quantity_text(quantity, view.language), name)
            found.append({"name": name, "quantity": quantity, "text": text})
    return found


def address(view: View, product: Record) -> str:
    """Where the page asks for the figures."""
    return view.address(f"stock/{quote(product['sku'], safe='')}")
