"""Routes of category attributes, which every shop has and the API cannot change: list, read, options."""

from typing import Any

from sandbox.magento import attribute_options, attributes
from sandbox.magento.attribute_metadata import flags, model
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import NotFound
from sandbox.magento.routing import route
from sandbox.magento.system_attributes import SCOPES

ACL = "Magento_Catalog::categories"
SERVICE = "Magento\\Catalog\\Api\\CategoryAttributeRepositoryInterface"
MODEL = "Magento\\Catalog\\Model\\CategoryAttributeRepository"
OPTIONS = "Magento\\Catalog\\Api\\CategoryAttributeOptionManagementInterface"
OPTIONS_MODEL = "Magento\\Catalog\\Model\\Category\\Attribute\\OptionManagement"
PATH = "/V1/categories/attributes"
CATEGORY_ENTITY = 3
SORTED_BY = ("available_sort_by", "default_sort_by")
YES_NO = "Eav/Model/Entity/Attribute/Source/Boolean"
SORT_BY = "Catalog/Model/Category/Attribute/Backend/Sortby"
UPDATE = "Catalog/Model/Category/Attribute/Backend/LayoutUpdate"
UPDATES = "Catalog/Model/Category/Attribute/Source/LayoutUpdate"
SORTS = "Catalog/Model/Category/Attribute/Source/Sortby"

# id code | label | frontend_input | backend_type | scope | flags: r required, i invisible, H HTML | default | backend | source
TABLE = f"""
45 name|Name|text|varchar|s|r||.|.
46 is_active|Is Active|select|int|s|r||.|{YES_NO}
47 description|Description|textarea|text|s|H||.|.
48 image|Image|image|varchar|s|||Catalog/Model/Category/Attribute/Backend/Image|.
49 meta_title|Page Title|text|varchar|s|||.|.
50 meta_keywords|Meta Keywords|textarea|text|s|||.|.
51 meta_description|Meta Description|textarea|text|s|||.|.
52 display_mode|Display Mode|select|varchar|s|||.|Catalog/Model/Category/Attribute/Source/Mode
53 landing_page|CMS Block|select|int|s|||.|Catalog/Model/Category/Attribute/Source/Page
54 is_anchor|Is Anchor|select|int|g||1|.|{YES_NO}
55 path|Path|text|static|g|i||.|.
56 position|Position|text|static|g|i||.|.
57 all_children||text|text|g|i||.|.
58 path_in_store||text|text|g|i||.|.
59 children||text|text|g|i||.|.
60 custom_design|Custom Design|select|varchar|s|||.|Theme/Model/Theme/Source/Theme
61 custom_design_from|Active From|date|datetime|s|||START|.
62 custom_design_to|Active To|date|datetime|s|||END|.
63 page_layout|Page Layout|select|varchar|s|||.|Catalog/Model/Category/Attribute/Source/Layout
64 custom_layout_update|Custom Layout Update|textarea|text|s|i||Catalog/Model/Attribute/Backend/Customlayoutupdate|.
65 level|Level|text|static|g|i||.|.
66 children_count|Children Count|text|static|g|i||.|.
67 available_sort_by|Available Product Listing Sort By|multiselect|text|s|r||{SORT_BY}|{SORTS}
68 default_sort_by|Default Product Listing Sort By|select|varchar|s|r||{SORT_BY}|{SORTS}
69 include_in_menu|Include in Navigation Menu|select|int|s|r|1|.|{YES_NO}
70 custom_use_parent_settings|Use Parent Category Settings|select|int|s|||.|{YES_NO}
71 custom_apply_to_products|Apply To Products|select|int|s|||.|{YES_NO}
72 filter_price_range|Layered Navigation Price Step|text|decimal|s|||.|.
134 custom_layout_update_file|Custom Layout Update|select|varchar|s|||{UPDATE}|{UPDATES}
135 url_key|URL Key|text|varchar|s|||.|.
136 url_path||text|varchar|s|i||.|.
"""


def _record(line: str) -> Record:
    number, rest = line.split(" ", 1)
    code, label, kind, backend_type, scope, letters, default, backend, source = rest.split("|")
    return {
        **flags(letters),
        "attribute_id": int(number),
        "attribute_code": code,
        "frontend_label": label or None,
        "frontend_input": kind,
        "backend_type": backend_type,
        "scope": SCOPES[scope],
        "is_required": "r" in letters,
        "is_user_defined": False,
        "is_unique": False,
        "default_value": default or None,
        "backend_model": model(backend),
        "source_model": model(source),
        "options": [],
        "entity_type_id": CATEGORY_ENTITY,
    }


ATTRIBUTES = {record["attribute_code"]: record for record in map(_record, TABLE.strip().splitlines())}


def _shown(ctx: Context, attribute: Record) -> dict[str, Any]:
    answer = attributes.shown(attribute, ctx.store_id)
    return {**answer, "options": _options(ctx, attribute)}


def _options(ctx: Context, attribute: Record) -> list[dict[str, str]]:
    if attribute["attribute_code"] not in SORTED_BY:
        return attribute_options.shown(attribute, ctx.store_id)
    known = sorted(ctx.state.table("attributes"), key=lambda other: other["attribute_id"])
    sorting = [other for other in known if other.get("used_for_sort_by")]
    labels = [{"label": other["frontend_label"], "value": other["attribute_code"]} for other in sorting]
    return [{"label": "Position", "value": "position"}, *labels]


def _by_code(code: str) -> Record:
    if code not in ATTRIBUTES:
        message = 'The attribute with a "%1" attributeCode doesn\'t exist. Verify the attribute and try again.'
        raise NotFound(message, [code])
    return ATTRIBUTES[code]


@route("GET", PATH, ACL, {"searchCriteria": "SearchCriteria"}, f"{SERVICE}::getList", f"{MODEL}::getList")
def read_all(ctx: Context) -> Any:
    """Category attributes that meet the criteria; all of them are in the one set of categories."""
    places = {"attribute_set_id": CATEGORY_ENTITY, "attributes": dict.fromkeys(ATTRIBUTES)}
    answer = attributes.found(ctx, list(ATTRIBUTES.values()), [places])
    items = [_shown(ctx, ATTRIBUTES[item["attribute_code"]]) for item in answer["items"]]
    return {**answer, "items": items}


@route("GET", f"{PATH}/:attributeCode", ACL, {"attributeCode": "string"}, f"{SERVICE}::get", f"{MODEL}::get")
def read(ctx: Context) -> Any:
    """One category attribute."""
    return _shown(ctx, _by_code(ctx.inputs["attributeCode"]))


@route(
    "GET",
    f"{PATH}/:attributeCode/options",
    ACL,
    {"attributeCode": "string"},
    f"{OPTIONS}::getItems",
    f"{OPTIONS_MODEL}::getItems",
)
def options(ctx: Context) -> Any:
    """The options of a category attribute."""
    return _options(ctx, _by_code(ctx.inputs["attributeCode"]))
