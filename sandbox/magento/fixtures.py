"""The shop as it is before the first call: websites, store views, root categories, attribute set 4 and its system attributes.

Record shapes (tables): `stores` {id, code, name, website_id, store_group_id, is_active, locale}; `websites`; `store_groups`;
`attributes` by attribute_code {attribute_id, attribute_code, frontend_label, frontend_input, backend_type, scope, is_required,
is_user_defined, is_unique, default_value, options}; `attribute_sets` by id {attribute_set_id, attribute_set_name, sort_order,
entity_type_id, attributes: {code: group_id}, orders: {code: place in its group}}; `other_attribute_sets`, those of other
entities; `attribute_groups` by id; `categories` by id {id, parent_id, path, level, position, created_at,
updated_at, values: {code: {store_id: value}}}.
"""

from sandbox.magento.state import State, fixture

DEFAULT_SET = 4
ROOT_CATEGORY = 1
DEFAULT_CATEGORY = 2

STORES = (
    (1, "default", "Default Store View", 1, 1, "nl_NL"),
    (0, "admin", "Admin", 0, 0, "nl_NL"),
    (2, "nl", "Nederlands", 1, 1, "nl_NL"),
    (3, "fr", "Français", 1, 1, "fr_FR"),
    (4, "en", "English", 1, 1, "en_US"),
)


@fixture
def stores(state: State) -> None:
    """Website base with four store views."""
    for number, code, name, website, group, locale in STORES:
        state.table("stores").put(
            number,
            {"id": number, "code": code, "name": name, "website_id": website, "store_group_id": group,
             "is_active": 1, "locale": locale},
        )  # fmt: skip
    state.table("websites").put(0, {"id": 0, "code": "admin", "name": "Admin", "default_group_id": 0})
    state.table("websites").put(1, {"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1})
    state.table("store_groups").put(
        0,
        {"id": 0, "website_id": 0, "root_category_id": 0, "default_store_id": 0, "name": "Default", "code": "default"},
    )
    state.table("store_groups").put(
        1,
        {"id": 1, "website_id": 1, "root_category_id": DEFAULT_CATEGORY, "default_store_id": 1,
         "name": "Main Website Store", "code": "main_website_store"},
    )  # fmt: skip


@fixture
def root_categories(state: State) -> None:
    """The tree's root and the default category below it."""
    for number, parent, path, level, name in (
        (ROOT_CATEGORY, 0, "1", 0, "Root Catalog"),
        (DEFAULT_CATEGORY, ROOT_CATEGORY, "1/2", 1, "Default Category"),
    ):
        values = {"name": {0: name}, "include_in_menu": {0: 1}}
        if level:
            values |= {"is_active": {0: 1}, "display_mode": {0: "PRODUCTS"}}
        record = {"id": number, "parent_id": parent, "path": path, "level": level, "position": level,
                  "created_at": state.timestamp(), "updated_at": state.timestamp(), "values": values}  # fmt: skip
        state.table("categories").put(number, record)
    state.next_id("categories", at_least=DEFAULT_CATEGORY)
