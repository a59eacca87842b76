"""The categories as records: reading a value in a store view, the tree, web addresses, and which products they show.

Table `categories` by id: {id, parent_id, path, level, position, created_at, updated_at, values: {code: {store_id: value}}}.
"""

from typing import Any

from sandbox.magento import category_links, rewrites
from sandbox.magento.database import Record
from sandbox.magento.errors import NotFound
from sandbox.magento.product_values import value as product_value
from sandbox.magento.state import State

NO_ENTITY = "No such entity with %fieldName = %fieldValue"
ENABLED, VISIBLE = 1, (2, 3, 4)
INHERITED_POSITION = 10_000


def by_id(state: State, number: Any) -> Record:
    """The category, to be read only; raises NotFound with the number as it was given."""
    key = int(number) if str(number).isdigit() else -1
    found = state.table("categories").get(key)
    if found is None:
        raise NotFound(NO_ENTITY, {"fieldName": "id", "fieldValue": number})
    return found


def value(category: Record, code: str, store_id: int) -> Any:
    """The value in that store view, else the general one."""
    values = category["values"].get(code, {})
    return values.get(store_id, values.get(0))


def active_children(state: State, category: Record, store_id: int) -> list[int]:
    """The direct subcategories that are active in that store view, oldest first: Magento does not order them."""
    found = (child["id"] for child in children(state, category["id"]) if value(child, "is_active", store_id))
    return sorted(found)


def children(state: State, number: int) -> list[Record]:
    """The direct subcategories, by position."""
    found = [category for category in state.table("categories") if category["parent_id"] == number]
    return sorted(found, key=lambda category: (category["position"], category["id"]))


def descendants(state: State, category: Record) -> list[Record]:
    """Every category below this one."""
    below = category["path"] + "/"
    return [other for other in state.table("categories") if other["path"].startswith(below)]


def url_path(state: State, category: Record, store_id: int) -> str | None:
    """The address without suffix: the URL keys from the first level below the root down."""
    numbers = [int(number) for number in category["path"].split("/")[2:]]
    keys = [value(state.table("categories")[number], "url_key", store_id) for number in numbers]
    return "/".join(keys) if keys and all(keys) else None


def save_addresses(state: State, category: Record) -> None:
    """Register the addresses of a category and of all below it; raises MagentoError when one is taken."""
    for one in [category, *descendants(state, category)]:
        stores = [store["id"] for store in state.table("stores") if store["id"]]
        paths = {store: path for store in stores if (path := url_path(state, one, store))}
        new = {store: path + rewrites.SUFFIX for store, path in paths.items()}
        rewrites.replace(state, "category", one["id"], one.get("rewrites", {}), new)
        state.table("categories").put(one["id"], {**one, "rewrites": new})


def products_shown(state: State, category: Record, store_id: int) -> list[tuple[Record, int]]:
    """The products of a category with their positions.

    In `all` those that are assigned to it; in a store view what its index holds: enabled and visible products, in an anchor
    category also those of the categories below it, in the root category of the shop all.
    """
    products, placed = state.table("products"), category_links.by_category(state)
    direct = {number: place for number, place in placed.get(category["id"], {}).items() if number in products}
    if store_id == 0:
        return [(products[number], place) for number, place in direct.items()]
    inherited: dict[int, int] = {}
    if category["level"] == 1:
        inherited = {record["id"]: 0 for record in products}
    elif _is_anchor(category):
        for other in descendants(state, category):
            for number, place in placed.get(other["id"], {}).items():
                inherited.setdefault(number, place + INHERITED_POSITION)
    found = {**inherited, **direct}
    numbers = [number for number in sorted(found) if number in products and _is_shown(products[number], store_id)]
    return [(products[number], found[number]) for number in numbers]


def _is_anchor(category: Record) -> bool:
    return value(category, "is_anchor", 0) in (1, "1", True)


def _is_shown(product: Record, store_id: int) -> bool:
    enabled = product_value(product, "status", store_id) == ENABLED
    return enabled and bool(product["website_ids"]) and product_value(product, "visibility", store_id) in VISIBLE


def product_counts(state: State, store_id: int) -> dict[int, int]:
    """How many products are in each category, with those below it when it is an anchor; in a view only its website's."""
    products, placed = state.table("products"), category_links.by_category(state)
    if store_id:
        website = state.table("stores")[store_id]["website_id"]
        placed = {
            number: {key: place for key, place in found.items() if website in products[key]["website_ids"]}
            for number, found in placed.items()
        }
    counts = {}
    for category in state.table("categories"):
        members = set(placed.get(category["id"], {}))
        if _is_anchor(category):
            members.update(*(placed.get(other["id"], {}) for other in descendants(state, category)))
        counts[category["id"]] = len(members)
    return counts
