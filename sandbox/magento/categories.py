"""Routes of categories: tree, search, create, change, move, delete, and the products in them."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.magento import category_links, category_tree, product_access, rewrites, search
from sandbox.magento.category_tree import by_id, children, descendants, value
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError
from sandbox.magento.inputs import leading_number, php_text, struct
from sandbox.magento.routing import route
from sandbox.magento.state import State

ACL = "Magento_Catalog::categories"
REPOSITORY = "Magento\\Catalog\\Api\\CategoryRepositoryInterface"
MANAGEMENT = "Magento\\Catalog\\Api\\CategoryManagementInterface"
LINKS = "Magento\\Catalog\\Api\\CategoryLinkRepositoryInterface"
CATEGORY_MODEL = "Magento\\Catalog\\Model\\CategoryRepository"
TREE_MODEL = "Magento\\Catalog\\Model\\CategoryManagement"
LINK_MODEL = "Magento\\Catalog\\Model\\CategoryLinkRepository"
SORT_BY = "Default Product Listing Sort by does not exist in Available Product Listing Sort By."
EMPTY = 'The "{}" attribute value is empty. Set the attribute and try again.'
RESERVED_KEYS = ("admin", "soap", "rest", "graphql", "standard")
CUSTOM = ("description", "image", "meta_title", "meta_keywords", "meta_description", "display_mode", "landing_page", "is_anchor",
          "url_key", "custom_use_parent_settings", "custom_apply_to_products", "custom_design", "custom_design_from",
          "custom_design_to", "page_layout", "custom_layout_update", "default_sort_by", "filter_price_range")  # fmt: skip
VARCHARS = frozenset(
    {"name", "image", "meta_title", "display_mode", "url_key", "custom_design", "page_layout", "default_sort_by"}
)
VARCHAR_LENGTH = 255
INTEGERS = frozenset({"is_anchor", "landing_page", "custom_use_parent_settings", "custom_apply_to_products"})
DATES = frozenset({"custom_design_from", "custom_design_to"})
SHOP_SORT_BY = "position"
BAD_KEY = (
    'Invalid URL key. The "{}" URL key can not be used to generate Latin URL key. '
    "Please use Latin letters and numbers to avoid generating URL key issues."
)
BAD_NAME = (
    'Invalid URL key. The "{}" category name can not be used to generate Latin URL key. Please add URL key or '
    "change category name using Latin letters and numbers to avoid generating URL key issues."
)
FIRST_CLASS = ("name", "is_active", "include_in_menu", "available_sort_by")
GLOBAL = ("is_anchor",)

struct(
    "Category",
    id="int",
    parent_id="int",
    name="string",
    is_active="boolean",
    position="int",
    level="int",
    children="string",
    created_at="string",
    updated_at="string",
    path="string",
    available_sort_by="string[]",
    include_in_menu="boolean",
    extension_attributes="Empty",
    custom_attributes="attributes",
)
struct("CategoryProductLink", sku="string", position="int", category_id="string", extension_attributes="Empty")


def shown(state: State, category: Record, store_id: int) -> dict[str, Any]:
    """A category as one store view shows it."""
    below = ",".join(map(str, category_tree.active_children(state, category, store_id)))
    answer = {
        "id": category["id"],
        "parent_id": category["parent_id"],
        "name": value(category, "name", store_id),
        "is_active": bool(value(category, "is_active", store_id)),
        "position": category["position"],
        "level": category["level"],
        "children": below,
        "created_at": category["created_at"],
        "updated_at": category["updated_at"],
        "path": category["path"],
    }
    if value(category, "is_active", store_id) is None:  # the root of all trees was never switched on
        del answer["is_active"]
    if value(category, "available_sort_by", store_id):
        answer["available_sort_by"] = value(category, "available_sort_by", store_id)
    answer["include_in_menu"] = bool(value(category, "include_in_menu", store_id))
    held = {code: value(category, code, store_id) for code in CUSTOM}
    held |= {"path": category["path"], "children_count": len(descendants(state, category))}
    held["url_path"] = category_tree.url_path(state, category, store_id)
    custom = [
        {"attribute_code": code, "value": php_text(text)} for code, text in held.items() if text not in (None, "")
    ]
    return {**answer, "custom_attributes": custom}


@route(
    "GET",
    "/V1/categories",
    ACL,
    {"rootCategoryId?": "int", "depth?": "int"},
    f"{MANAGEMENT}::getTree",
    f"{TREE_MODEL}::getTree",
)
def tree(ctx: Context) -> Any:
    """The tree below a category, below the store's root, or in `all` below everything."""
    root = ctx.inputs["rootCategoryId"]
    if root is None:
        root = 1 if ctx.store_id == 0 else 2
    return _branch(
        ctx, by_id(ctx.state, root), ctx.inputs["depth"], category_tree.product_counts(ctx.state, ctx.store_id)
    )


def _branch(ctx: Context, category: Record, depth: int | None, counts: Mapping[int, int]) -> dict[str, Any]:
    below = [] if depth is not None and depth <= 0 else children(ctx.state, category["id"])
    active = value(category, "is_active", ctx.store_id)
    return {
        "id": category["id"],
        "parent_id": category["parent_id"],
        "name": value(category, "name", ctx.store_id),
        "is_active": None if active is None else bool(active),
        "position": category["position"],
        "level": category["level"],
        "product_count": counts[category["id"]],
        "children_data": [_branch(ctx, child, None if depth is None else depth - 1, counts) for child in below],
    }


@route(
    "GET",
    "/V1/categories/list",
    ACL,
    {"searchCriteria": "SearchCriteria"},
    "Magento\\Catalog\\Api\\CategoryListInterface::getList",
)
def search_list(ctx: Context) -> Any:
    """Categories that meet the criteria."""
    columns = ("parent_id", "position", "level", "path", "created_at", "updated_at")

    def read(category: Record, name: str) -> Any:
        if name == "entity_id":
            return category["id"]
        if name in columns:
            return category[name]
        if name == "children_count":
            return len(descendants(ctx.state, category))
        if name not in (*FIRST_CLASS, *CUSTOM):
            raise MagentoError('The "%1" attribute name is invalid. Reset the name and try again.', [name])
        return value(category, name, ctx.store_id)

    rows = sorted(ctx.state.table("categories"), key=lambda category: category["id"])
    return search.answer(ctx, rows, lambda category: shown(ctx.state, category, ctx.store_id), read)


@route(
    "GET",
    "/V1/categories/:categoryId",
    ACL,
    {"categoryId": "int", "storeId?": "int"},
    f"{REPOSITORY}::get",
    f"{CATEGORY_MODEL}::get",
)
def read_one(ctx: Context) -> Any:
    """One category in a store view."""
    store_id = ctx.store_id if ctx.inputs["storeId"] is None else ctx.inputs["storeId"]
    return shown(ctx.state, by_id(ctx.state, ctx.inputs["categoryId"]), store_id)


@route("POST", "/V1/categories", ACL, {"category": "Category"}, f"{REPOSITORY}::save", f"{CATEGORY_MODEL}::save")
def create(ctx: Context) -> Any:
    """Create a category; its values are general ones, whatever the store view. With an id it changes one."""
    sent = ctx.inputs["category"]
    if sent.get("id"):
        return change(ctx)
    parent = by_id(ctx.state, sent.get("parent_id") or (2 if ctx.store_id else "0"))
    category = _new(ctx.state, parent, sent)
    return _save(ctx, category, sent, 0, "created")


def _new(state: State, parent: Record, sent: Mapping[str, Any]) -> Record:
    number = state.next_id("categories")
    position = sent.get("position")
    if position is None:
        position = max((child["position"] for child in children(state, parent["id"])), default=0) + 1
    return {
        "id": number,
        "parent_id": parent["id"],
        "path": f"{parent['path']}/{number}",
        "level": parent["level"] + 1,
        "position": position,
        "created_at": state.timestamp(),
        "updated_at": state.timestamp(),
        "values": {"include_in_menu": {0: True}, "is_anchor": {0: "1"}},
    }


@route("PUT", "/V1/categories/:id", ACL, {"category": "Category"}, f"{REPOSITORY}::save", f"{CATEGORY_MODEL}::save")
def change(ctx: Context) -> Any:
    """Change a category through one store view; parent, path and level are ignored."""
    sent = ctx.inputs["category"]
    category = ctx.state.table("categories").edit(by_id(ctx.state, sent.get("id"))["id"])
    category["position"] = category["position"] if sent.get("position") is None else sent["position"]
    category["updated_at"] = ctx.state.timestamp()
    return _save(ctx, category, sent, ctx.store_id, "updated")


def _save(ctx: Context, category: Record, sent: Mapping[str, Any], store_id: int, effect: str) -> Any:
    fields = {code: sent[code] for code in FIRST_CLASS if sent.get(code) is not None}
    fields |= {code: held for code, held in (sent.get("custom_attributes") or {}).items() if code in CUSTOM}
    try:
        _write(category, fields, store_id)
        _check_required(category, store_id)
        _write_url_key(category, fields, store_id)
        ctx.state.table("categories").put(category["id"], category)
        category_tree.save_addresses(ctx.state, category)
    except MagentoError as error:
        raise MagentoError("Could not save category: %1", [error.message]) from error
    ctx.effect(effect, str(category["id"]), "category")
    return shown(ctx.state, ctx.state.table("categories")[category["id"]], ctx.store_id)


def _write(category: Record, fields: Mapping[str, Any], store_id: int) -> None:
    """What is sent is stored in its view, also when it equals the general value; null takes the view's own value away."""
    for code, held in fields.items():
        store = 0 if code in GLOBAL else store_id
        values = category["values"].setdefault(code, {})
        if held is None:
            values.pop(store, None)
        else:
            values[store] = _as_stored(code, held)


def _as_stored(code: str, held: Any) -> Any:
    """What the column of that attribute makes of a value."""
    if code in INTEGERS and held != "":
        return str(int(leading_number(php_text(held))))
    if code in DATES and re.fullmatch(r"\d{4}-\d\d-\d\d", php_text(held)):
        return f"{held} 00:00:00"
    return held[:VARCHAR_LENGTH] if code in VARCHARS and isinstance(held, str) else held


def _check_required(category: Record, store_id: int) -> None:
    for code, label in (("name", "Name"), ("is_active", "Is Active")):
        if value(category, code, store_id) in (None, ""):
            raise MagentoError(EMPTY.format(label))
    available = value(category, "available_sort_by", store_id)
    if available and (value(category, "default_sort_by", store_id) or SHOP_SORT_BY) not in available:
        raise MagentoError(SORT_BY)


def _write_url_key(category: Record, fields: Mapping[str, Any], store_id: int) -> None:
    given = fields.get("url_key") or value(category, "url_key", store_id)
    name = fields.get("name") or value(category, "name", store_id)
    key = rewrites.url_key(str(given or name))
    if not key:
        raise MagentoError(BAD_KEY.format(given) if given else BAD_NAME.format(name))
    if key in RESERVED_KEYS:
        names = ", ".join(RESERVED_KEYS)
        raise MagentoError(f'URL key "{key}" matches a reserved endpoint name ({names}). Use another URL key.')
    if fields.get("url_key") or key != value(category, "url_key", store_id):
        _write(category, {"url_key": key}, store_id)


@route(
    "PUT",
    "/V1/categories/:categoryId/move",
    ACL,
    {"categoryId": "int", "parentId": "int", "afterId?": "int"},
    f"{MANAGEMENT}::move",
    f"{TREE_MODEL}::move",
)
def move(ctx: Context) -> Any:
    """Hang a category, with all below it, under another one; without afterId it comes last."""
    state, after = ctx.state, ctx.inputs["afterId"]
    category, parent = by_id(state, ctx.inputs["categoryId"]), by_id(state, ctx.inputs["parentId"])
    siblings = category_tree.active_children(state, parent, ctx.store_id)
    if siblings and (after is None or after > siblings[-1]):
        after = siblings[-1]
    # Magento compares the paths as text, so 1/2/33 also counts as lying below 1/2/3.
    if parent["path"].startswith(category["path"]):
        raise MagentoError("Operation do not allow to move a parent category to any of children category")
    _change_parent(state, category, parent, after)
    try:
        category_tree.save_addresses(state, state.table("categories")[category["id"]])
    except MagentoError as error:
        raise MagentoError("Could not move category") from error
    ctx.effect("updated", str(category["id"]), "category")
    return True


def _change_parent(state: State, category: Record, parent: Record, after: int | None) -> None:
    table = state.table("categories")
    for sibling in children(state, category["parent_id"]):
        if sibling["position"] > category["position"]:
            table.put(sibling["id"], {**sibling, "position": sibling["position"] - 1})
    place = table[after]["position"] if after in table else 0
    for sibling in children(state, parent["id"]):
        if sibling["position"] > place and sibling["id"] != category["id"]:
            table.put(sibling["id"], {**sibling, "position": sibling["position"] + 1})
    old, new = category["path"], f"{parent['path']}/{category['id']}"
    deeper = parent["level"] + 1 - category["level"]
    for one in [category, *descendants(state, category)]:
        moved = {**table[one["id"]], "path": new + one["path"][len(old) :], "level": one["level"] + deeper}
        table.put(one["id"], moved)
    moved = {**table[category["id"]], "parent_id": parent["id"], "position": place + 1, "updated_at": state.timestamp()}
    table.put(category["id"], moved)


@route(
    "DELETE",
    "/V1/categories/:categoryId",
    ACL,
    {"categoryId": "int"},
    f"{REPOSITORY}::deleteByIdentifier",
    f"{CATEGORY_MODEL}::deleteByIdentifier",
)
def delete(ctx: Context) -> Any:
    """Delete a category with all below it; the products stay."""
    state = ctx.state
    category = by_id(state, ctx.inputs["categoryId"])
    roots = {group["root_category_id"] for group in state.table("store_groups")}
    if category["id"] in (1, *roots):
        raise MagentoError("Cannot delete category with id %1", [str(category["id"])])
    placed = category_links.by_category(state)
    for one in [*descendants(state, category), category]:
        rewrites.replace(state, "category", one["id"], one.get("rewrites", {}), {})
        for number in placed.get(one["id"], {}):
            category_links.take_out(state, one["id"], number)
        state.table("categories").delete(one["id"])
    ctx.effect("deleted", str(category["id"]), "category")
    return True


@route(
    "GET",
    "/V1/categories/:categoryId/products",
    ACL,
    {"categoryId": "int"},
    "Magento\\Catalog\\Api\\CategoryLinkManagementInterface::getAssignedProducts",
)
def products_of(ctx: Context) -> Any:
    """The products of a category as the store view shows them."""
    category = by_id(ctx.state, ctx.inputs["categoryId"])
    found = category_tree.products_shown(ctx.state, category, ctx.store_id)
    return [{"sku": record["sku"], "position": place, "category_id": str(category["id"])} for record, place in found]


@route(
    "POST",
    "/V1/categories/:categoryId/products",
    ACL,
    {"productLink": "CategoryProductLink"},
    f"{LINKS}::save",
    f"{LINK_MODEL}::save",
)
def add_product(ctx: Context) -> Any:
    """Put a product in a category, or move it there."""
    return _place(ctx)


@route(
    "PUT",
    "/V1/categories/:categoryId/products",
    ACL,
    {"productLink": "CategoryProductLink"},
    f"{LINKS}::save",
    f"{LINK_MODEL}::save",
)
def move_product(ctx: Context) -> Any:
    """Put a product in a category, or move it there."""
    return _place(ctx)


def _place(ctx: Context) -> Any:
    link = ctx.inputs["productLink"]
    category = by_id(ctx.state, link.get("category_id"))
    product = product_access.by_sku(ctx.state, link.get("sku"))
    category_links.place(ctx.state, category["id"], product["id"], link.get("position"))
    return True


@route(
    "DELETE",
    "/V1/categories/:categoryId/products/:sku",
    ACL,
    {"categoryId": "int", "sku": "string"},
    f"{LINKS}::deleteByIds",
    f"{LINK_MODEL}::deleteByIds",
)
def remove_product(ctx: Context) -> Any:
    """Take a product out of a category."""
    category = by_id(ctx.state, ctx.inputs["categoryId"])
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    if category["id"] not in category_links.positions(ctx.state, product["id"]):
        raise MagentoError("The category doesn't contain the specified product.")
    category_links.take_out(ctx.state, category["id"], product["id"])
    return True
