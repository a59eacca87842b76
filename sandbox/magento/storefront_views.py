"""What a customer may see in one store view, as plain data for the pages: cards, lists, product details, navigation."""

from dataclasses import dataclass
from typing import Any

from sandbox.magento import attribute_options, category_tree, gallery, product_links, source_items
from sandbox.magento.collation import collated
from sandbox.magento.database import Record
from sandbox.magento.product_values import value
from sandbox.magento.selling_price import selling_price, special_holds
from sandbox.magento.state import State
from sandbox.magento.storefront_words import price_text, words

ENABLED = 1
IN_CATALOG, IN_SEARCH, ANYWHERE = (2, 4), (3, 4), (2, 3, 4)
PER_PAGE = 24
# Shown in a place of their own, or not meant for customers.
NO_PROPERTIES = {"cost", "tax_class_id", "country_of_manufacture"}


@dataclass(frozen=True)
class View:
    """One store view of the shop."""

    state: State
    store: Record

    @property
    def id(self) -> int:
        """The store view's number."""
        return int(self.store["id"])

    @property
    def language(self) -> str:
        """Its language, as in the lang attribute of a page."""
        return str(self.store["locale"])[:2]

    def address(self, path: str = "") -> str:
        """An address inside this store view."""
        return f"/{self.store['code']}/{path}" if path else f"/{self.store['code']}"

    def can_see(self, product: Record, visibility: tuple[int, ...] = ANYWHERE) -> bool:
        """Whether a customer of this view sees the product."""
        return bool(
            value(product, "status", self.id) == ENABLED
            and value(product, "visibility", self.id) in visibility
            and self.store["website_id"] in product["website_ids"]
            and product["rewrites"].get(self.id)
        )

    def found_at(self, path: str) -> tuple[str, Record] | None:
        """The product or category at an address, if a customer may see it."""
        rewrite = self.state.table("url_rewrites").get((self.id, collated(path)))
        if rewrite is None:
            return None
        table = "products" if rewrite["entity"] == "product" else "categories"
        record = self.state.table(table).get(rewrite["id"])
        if record is None or not (self.can_see(record) if table == "products" else self.is_open(record)):
            return None
        return str(rewrite["entity"]), record

    def is_open(self, category: Record) -> bool:
        """Whether the category and every one above it are active."""
        table = self.state.table("categories")
        chain = [table.get(int(number)) for number in category["path"].split("/")[1:]]
        return all(one and category_tree.value(one, "is_active", self.id) for one in chain)


def views(state: State) -> list[View]:
    """The store views a customer can choose from; the default one only where there is no other."""
    open_stores = [store for store in state.table("stores") if store["id"] and store["is_active"]]
    named = [store for store in open_stores if store["code"] != "default"] or open_stores
    return [View(state, store) for store in sorted(named, key=lambda store: store["id"])]


def menu(view: View, parent: int = 2) -> list[dict[str, Any]]:
    """The active categories below one, with their addresses."""
    children = category_tree.children(view.state, parent)
    shown = [one for one in children if category_tree.value(one, "is_active", view.id)]
    return [
        {
            "id": one["id"],
            "name": category_tree.value(one, "name", view.id),
            "href": view.address(one["rewrites"][view.id]),
        }
        for one in shown
        if category_tree.value(one, "include_in_menu", view.id) and one.get("rewrites", {}).get(view.id)
    ]


def trail(view: View, category: Record | None) -> list[dict[str, str]]:
    """The way from the top of the shop to a category."""
    if category is None:
        return []
    table = view.state.table("categories")
    chain = [table[int(number)] for number in category["path"].split("/")[2:]]
    return [
        {
            "name": category_tree.value(one, "name", view.id),
            "href": view.address(one.get("rewrites", {}).get(view.id, "")),
        }
        for one in chain
    ]


def in_category(view: View, category: Record) -> list[Record]:
    """The products that a category lists, by position and name."""
    found = category_tree.products_shown(view.state, category, view.id)
    seen = [
        (place, value(record, "name", view.id), record) for record, place in found if view.can_see(record, IN_CATALOG)
    ]
    return [record for _, _, record in sorted(seen, key=lambda row: (row[0], str(row[1]), row[2]["id"]))]


def newest(view: View, limit: int) -> list[Record]:
    """The latest products."""
    seen = [record for record in view.state.table("products") if view.can_see(record, IN_CATALOG)]
    return sorted(seen, key=lambda record: record["id"], reverse=True)[:limit]


def search(view: View, wanted: str) -> list[Record]:
    """The products with every word of the question in their name or SKU."""
    parts = [collated(part) for part in wanted.split()]
    seen = [record for record in view.state.table("products") if view.can_see(record, IN_SEARCH)]
    texts = [(collated(f"{value(record, 'name', view.id)} {record['sku']}"), record) for record in seen]
    return [record for text, record in texts if parts and all(part in text for part in parts)]


def card(view: View, product: Record) -> dict[str, Any]:
    """A product in a list."""
    photo = value(product, "small_image", view.id) or value(product, "image", view.id)
    pictures = photos(view, product)
    main = next((one for one in pictures if one["file"] == photo), pictures[0] if pictures else None)
    return {
        "name": value(product, "name", view.id),
        "href": view.address(product["rewrites"][view.id]),
        "photo": main,
        "in_stock": in_stock(view, product),
        **prices(view, product),
    }


def in_stock(view: View, product: Record) -> bool | None:
    """Whether the website can sell the product now; None when nobody ever told its stock."""
    stock = source_items.website_stock(view.state)
    told = product["stock"].get("qty") is not None or any(
        item["quantity"] or item["source_code"] != "default"
        for item in source_items.of_product(view.state, product["sku"])
    )
    return source_items.is_salable(view.state, product, stock) if told else None


def photos(view: View, product: Record) -> list[dict[str, str]]:
    """The photos that are not hidden, the base image first."""
    base = value(product, "image", view.id)
    name = str(value(product, "name", view.id))
    shown = [
        {"file": entry["file"], "src": f"/media/catalog/product{entry['file']}", "alt": entry["label"] or name}
        for entry in gallery.entries(view.state, product, view.id)
        if not entry["disabled"] and entry["file"] in view.state.table("media_files")
    ]
    return sorted(shown, key=lambda photo: photo["file"] != base)


def prices(view: View, product: Record) -> dict[str, str | None]:
    """The price as text, and the regular one beside a special price that holds now."""
    regular = value(product, "price", view.id)
    if regular is None:
        return {"price": None, "was": None}
    was = price_text(regular, view.language) if special_holds(view.state, product, view.id) else None
    return {"price": price_text(selling_price(view.state, product, view.id), view.language), "was": was}


def detail(view: View, product: Record) -> dict[str, Any]:
    """Everything a product page tells."""
    return {
        **card(view, product),
        "sku": product["sku"],
        "photos": photos(view, product),
        "short": value(product, "short_description", view.id),
        "long": value(product, "description", view.id),
        "properties": properties(view, product),
        "relations": relations(view, product),
    }


def properties(view: View, product: Record) -> list[tuple[str, str]]:
    """The attributes that this shop added, by label, and the weight."""
    text, found = words(view.language), []
    for attribute in view.state.table("attributes"):
        code = attribute["attribute_code"]
        held = value(product, code, view.id)
        if attribute["is_user_defined"] and code not in NO_PROPERTIES and held not in (None, ""):
            label = (attribute.get("labels") or {}).get(view.id) or attribute["frontend_label"]
            found.append((str(label), _property_text(view, attribute, held, text)))
    weight = value(product, "weight", view.id)
    if weight:
        number = f"{weight:g}" if view.language == "en" else f"{weight:g}".replace(".", ",")
        found.append((text["weight"], f"{number} kg"))
    return [*found, (text["number"], product["sku"])]


def _property_text(view: View, attribute: Record, held: Any, text: dict[str, str]) -> str:
    kind = attribute["frontend_input"]
    if kind == "boolean":
        return text["yes"] if str(held) == "1" else text["no"]
    if kind in ("select", "multiselect"):
        labels = {option["value"]: option["label"] for option in attribute_options.shown(attribute, view.id)}
        return ", ".join(labels.get(part, part) for part in str(held).split(","))
    if kind == "price":
        return price_text(held, view.language)
    return str(held)[:10] if kind == "date" else f"{held:g}" if isinstance(held, float) else str(held)


def relations(view: View, product: Record) -> list[dict[str, Any]]:
    """The linked products that a customer may see, per kind of link, by position."""
    links = sorted(product_links.links(view.state, product["id"]), key=lambda link: link["position"])
    by_sku = {
        record["sku"]: record
        for record in (view.state.table("products").get(key) for key in _linked(view, product))
        if record
    }
    groups = []
    for kind in ("related", "upsell", "crosssell"):
        records = [by_sku[link["linked_product_sku"]] for link in links if link["link_type"] == kind]
        cards = [card(view, record) for record in records if view.can_see(record)]
        if cards:
            groups.append({"title": words(view.language)[kind], "cards": cards})
    return groups


def _linked(view: View, product: Record) -> list[int]:
    record = view.state.table("product_links").get(product["id"]) or {"positions": {}}
    return [linked for _, linked in record["positions"]]


def switches(view: View, record: Record | None) -> list[dict[str, Any]]:
    """The same page in the other store views; their front page where the record cannot be seen."""
    result = []
    for other in views(view.state):
        path = (record or {}).get("rewrites", {}).get(other.id, "")
        reachable = path if path and other.found_at(path) else ""
        chosen = other.id == view.id
        result.append(
            {"name": other.store["name"], "language": other.language, "href": other.address(reachable), "here": chosen}
        )
    return result


def page_of(records: list[Record], number: int) -> tuple[list[Record], int, int]:
    """One page of a list, the page's number and how many there are."""
    pages = max(1, -(-len(records) // PER_PAGE))
    number = min(max(1, number), pages)
    return records[(number - 1) * PER_PAGE : number * PER_PAGE], number, pages
