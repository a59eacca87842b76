"""Routes of product attributes: list, read, create, change, delete."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.magento import attribute_options, search
from sandbox.magento.attribute_options import ACL, by_code
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, required
from sandbox.magento.inputs import internal_error, struct
from sandbox.magento.reserved_codes import RESERVED
from sandbox.magento.rewrites import url_key
from sandbox.magento.routing import route
from sandbox.magento.state import State

SERVICE = "Magento\\Catalog\\Api\\ProductAttributeRepositoryInterface"
MODEL = "Magento\\Catalog\\Model\\Product\\Attribute\\Repository"
PATH = "/V1/products/attributes"
LAST_SYSTEM_ID = 136
SOURCES = "Magento\\Eav\\Model\\Entity\\Attribute\\Source\\"
BACKENDS = "Magento\\Eav\\Model\\Entity\\Attribute\\Backend\\"
INVALID = 'Invalid value of "%value" provided for the %fieldName field.'

# frontend_input: backend_type, source_model, backend_model
INPUTS: dict[str, tuple[str, str | None, str | None]] = {
    "text": ("varchar", None, None),
    "textarea": ("text", None, None),
    "texteditor": ("text", None, None),
    "pagebuilder": ("text", None, None),
    "date": ("datetime", None, f"{BACKENDS}Datetime"),
    "datetime": ("datetime", None, f"{BACKENDS}Datetime"),
    "boolean": ("int", f"{SOURCES}Boolean", None),
    "select": ("int", f"{SOURCES}Table", None),
    "multiselect": ("text", None, f"{BACKENDS}ArrayBackend"),
    "price": ("decimal", None, "Magento\\Catalog\\Model\\Product\\Attribute\\Backend\\Price"),
    "weight": ("decimal", None, None),
    "media_image": ("varchar", None, None),
    "gallery": ("varchar", None, None),
    "swatch_visual": ("int", f"{SOURCES}Table", None),
    "swatch_text": ("int", f"{SOURCES}Table", None),
}
FLAGS = ("is_wysiwyg_enabled", "is_html_allowed_on_front", "used_for_sort_by", "is_filterable", "is_filterable_in_search",
         "is_used_in_grid", "is_visible_in_grid", "is_filterable_in_grid")  # fmt: skip
TEXT_FLAGS = ("is_searchable", "is_visible_in_advanced_search", "is_comparable", "is_used_for_promo_rules",
              "is_visible_on_front", "used_in_product_listing")  # fmt: skip
NULLABLE = ("frontend_input", "default_frontend_label")
PLAIN = ("is_required", "is_visible", "note", "frontend_class", "default_value", "position", "apply_to")
# Swatches and the fixed product tax are added by observers of the admin pages only.
TYPES = (("text", "Text Field"), ("textarea", "Text Area"), ("texteditor", "Text Editor"), ("pagebuilder", "Page Builder"),
         ("date", "Date"), ("datetime", "Date and Time"), ("boolean", "Yes/No"), ("multiselect", "Multiple Select"),
         ("select", "Dropdown"), ("price", "Price"), ("media_image", "Media Image"))  # fmt: skip
# Columns of the query behind the list: attribute_id and entity_type_id stand in several of its tables, so they break it.
NUMBERS = (*FLAGS, *TEXT_FLAGS, "is_required", "is_user_defined", "is_unique", "position", "is_pagebuilder_enabled")
TEXTS = ("attribute_code", "backend_type", "backend_model", "source_model", "frontend_input", "frontend_label", "frontend_class",
         "default_value", "note")  # fmt: skip
SCOPES = {"store": 0, "global": 1, "website": 2}

struct(
    "Attribute",
    **dict.fromkeys((*FLAGS, "is_visible", "is_required", "is_user_defined"), "boolean"),
    **dict.fromkeys(TEXT_FLAGS, "string"),
    **dict.fromkeys(
        ("scope", "attribute_code", "frontend_input", "entity_type_id", "default_frontend_label"), "string"
    ),
    **dict.fromkeys(("note", "backend_type", "backend_model", "source_model", "default_value", "is_unique"), "string"),
    frontend_class="string",
    position="int",
    attribute_id="int",
    apply_to="string[]",
    options="Option[]",
    frontend_labels="FrontendLabel[]",
    validation_rules="ValidationRule[]",
    extension_attributes="AttributeExtension",
    custom_attributes="mixed",
)
struct("FrontendLabel", store_id="int", label="string")
struct("ValidationRule", key="string", value="string")
struct("AttributeExtension", is_pagebuilder_enabled="boolean")


def shown(attribute: Record, store_id: int) -> dict[str, Any]:
    """An attribute as the API shows it."""
    value = attribute.get
    answer: dict[str, Any] = {
        "extension_attributes": {"is_pagebuilder_enabled": bool(value("is_pagebuilder_enabled"))},
        **{flag: bool(value(flag)) for flag in FLAGS},
        "position": value("position") or 0,
        "apply_to": value("apply_to") or [],
        **{flag: "1" if value(flag) in (True, "1") else "0" for flag in TEXT_FLAGS},
        "is_visible": value("is_visible", True),
        "scope": attribute["scope"],
        "attribute_id": attribute["attribute_id"],
        "attribute_code": attribute["attribute_code"],
        "frontend_input": attribute["frontend_input"],
        "entity_type_id": str(value("entity_type_id", 4)),
        "is_required": attribute["is_required"],
        "options": attribute_options.shown(attribute, store_id),
        "is_user_defined": attribute["is_user_defined"],
        "default_frontend_label": attribute["frontend_label"],
        "frontend_labels": [{"store_id": store, "label": label} for store, label in (value("labels") or {}).items()],
    }
    answer |= {name: value(name) for name in ("note",) if value(name)}
    answer["backend_type"] = attribute["backend_type"]
    optional = {
        "backend_model": value("backend_model"),
        "source_model": source_model(attribute),
        "default_value": value("default_value"),
    }
    answer |= {name: held for name, held in optional.items() if held}
    answer["is_unique"] = "1" if attribute["is_unique"] else "0"
    answer |= {name: value(name) for name in ("frontend_class",) if value(name)}
    answer["validation_rules"] = []
    return {name: held for name, held in answer.items() if held is not None or name not in NULLABLE}


def source_model(attribute: Record) -> str | None:
    """The class that makes the options; stored ones have one although none is named."""
    stored = attribute["frontend_input"] == "select" and attribute["backend_type"] == "int"
    return attribute.get("source_model") or (f"{SOURCES}Table" if stored else None)


@route("GET", f"{PATH}/types", ACL, {}, "Magento\\Catalog\\Api\\ProductAttributeTypesListInterface::getItems")
def types(_ctx: Context) -> Any:
    """Every kind of input."""
    return [{"value": value, "label": label} for value, label in TYPES]


@route("GET", f"{PATH}/:attributeCode", ACL, {"attributeCode": "string"}, f"{SERVICE}::get", f"{MODEL}::get")
def read(ctx: Context) -> Any:
    """One attribute."""
    return shown(by_code(ctx.state, ctx.inputs["attributeCode"]), ctx.store_id)


@route("GET", PATH, ACL, {"searchCriteria": "SearchCriteria"}, f"{SERVICE}::getList", f"{MODEL}::getList")
def read_all(ctx: Context) -> Any:
    """Attributes that meet the criteria."""
    sets = sorted(ctx.state.table("attribute_sets"), key=lambda record: record["attribute_set_id"])
    return found(ctx, list(ctx.state.table("attributes")), sets)


def found(ctx: Context, known: Sequence[Record], sets: Sequence[Record]) -> dict[str, Any]:
    """The search result of the call among these attributes and the sets that hold them."""
    criteria = search.parse(ctx)
    attributes = sorted(known, key=lambda attribute: attribute["attribute_id"])
    rows = [row for attribute in attributes for row in _rows(attribute, sets)]
    by_attribute = {row["attribute"]["attribute_id"]: row for row in reversed(search.select(criteria, rows, _column))}
    result = search.ordered(criteria, [by_attribute[number] for number in sorted(by_attribute)], _column)
    return {
        "items": [shown(row["attribute"], ctx.store_id) for row in search.page(criteria, result)],
        "search_criteria": search.echo(ctx),
        "total_count": len(result),
    }


def _column(row: Record, name: str) -> Any:
    if name == "attribute" or name not in row:
        raise internal_error()
    return row[name]


def _rows(attribute: Record, sets: Sequence[Record]) -> list[Record]:
    """An attribute as the joined tables hold it: once per set that it is in, or once without a set."""
    code = attribute["attribute_code"]
    row = {
        "attribute": attribute,
        **{name: attribute.get(name) for name in TEXTS},
        **{name: 1 if attribute.get(name) in (True, "1") else attribute.get(name) or 0 for name in NUMBERS},
        "is_visible": int(attribute.get("is_visible", True)),
        "is_global": SCOPES[attribute["scope"]],
        "apply_to": ",".join(attribute.get("apply_to") or ()) or None,
    }
    places = [
        (record["attribute_set_id"], record["attributes"][code]) for record in sets if code in record["attributes"]
    ]
    return [
        {**row, "attribute_set_id": number, "attribute_group_id": group} for number, group in places or [(None, None)]
    ]


@route("POST", PATH, ACL, {"attribute": "Attribute"}, f"{SERVICE}::save", f"{MODEL}::save")
def create(ctx: Context) -> Any:
    """Create an attribute; with an attribute_id it changes one."""
    return _save(ctx)


@route("PUT", f"{PATH}/:attributeCode", ACL, {"attribute": "Attribute"}, f"{SERVICE}::save", f"{MODEL}::save")
def change(ctx: Context) -> Any:
    """Change an attribute; without an attribute_id Magento takes it for a new one."""
    return _save(ctx)


@route(
    "DELETE",
    f"{PATH}/:attributeCode",
    ACL,
    {"attributeCode": "string"},
    f"{SERVICE}::deleteById",
    f"{MODEL}::deleteById",
)
def delete(ctx: Context) -> Any:
    """Delete an attribute that a person made, its places in sets and the products' values."""
    attribute = by_code(ctx.state, ctx.inputs["attributeCode"])
    code = attribute["attribute_code"]
    if not attribute["is_user_defined"]:
        raise MagentoError("The system attribute can't be deleted.")
    ctx.state.table("attributes").delete(code)
    _drop(ctx.state, "attribute_sets", "attributes", code)
    _drop(ctx.state, "products", "values", code)
    return True


def _drop(state: State, name: str, part: str, code: str) -> None:
    table = state.table(name)
    for key in table.keys():  # noqa: SIM118
        if code in table[key][part]:
            record = table.edit(key)
            del record[part][code]
            table.put(key, record)


def _save(ctx: Context) -> Any:
    sent = ctx.inputs["attribute"]
    if sent.get("attribute_id"):
        attribute = ctx.state.table("attributes").edit(by_code(ctx.state, sent.get("attribute_code"))["attribute_code"])
        attribute["frontend_label"] = _default_label(sent) or attribute["frontend_label"]
    else:
        attribute = _new(ctx.state, sent)
    _apply(ctx.state, attribute, sent)
    ctx.state.table("attributes").put(attribute["attribute_code"], attribute)
    return shown(attribute, ctx.store_id)


def _new(state: State, sent: Mapping[str, Any]) -> Record:
    if not sent.get("frontend_labels") and not sent.get("default_frontend_label"):
        raise required(["frontend_label"])
    label = _default_label(sent)
    if not label:
        raise MagentoError(INVALID, {"fieldName": "frontend_label", "value": None})
    code = sent.get("attribute_code") or _code_for(label)
    _check(state, code, sent.get("frontend_input"))
    kind = sent["frontend_input"]
    backend, source, model = INPUTS[kind]
    return {
        "attribute_id": state.next_id("attributes", at_least=LAST_SYSTEM_ID + 1),
        "attribute_code": code,
        "frontend_label": label,
        "frontend_input": "select"
        if kind.startswith("swatch_")
        else "textarea"
        if kind in ("texteditor", "pagebuilder")
        else kind,
        "backend_type": backend,
        "source_model": source,
        "backend_model": model,
        "scope": "global",
        "is_required": False,
        "is_user_defined": True,
        "is_unique": False,
        "default_value": None,
        "options": [],
        "entity_type_id": 4,
        "is_wysiwyg_enabled": kind in ("texteditor", "pagebuilder"),
    }


def _check(state: State, code: str, kind: str | None) -> None:
    if not re.fullmatch(r"[a-z][a-z_0-9]*", code):
        raise MagentoError(INVALID, {"fieldName": "attribute_code", "value": code})
    if kind not in INPUTS:
        raise MagentoError(INVALID, {"fieldName": "frontend_input", "value": kind})
    if len(code) > 60:
        raise MagentoError("An attribute code must not be less than 1 and more than 60 characters.")
    if code in RESERVED:
        raise MagentoError("The attribute code '%1' is reserved by system. Please try another attribute code", [code])
    if code in state.table("attributes"):
        raise MagentoError("%1 already exists.", ["Attribute with the same code"])


def _apply(state: State, attribute: Record, sent: Mapping[str, Any]) -> None:
    attribute |= {name: sent[name] for name in (*FLAGS, *TEXT_FLAGS, *PLAIN) if sent.get(name) is not None}
    if sent.get("scope") in ("global", "website", "store"):  # any other is passed over without a word
        attribute["scope"] = sent["scope"]
    if sent.get("is_unique") is not None:
        attribute["is_unique"] = sent["is_unique"] in ("1", "true")
    if sent.get("frontend_labels") is not None:
        stores = state.table("stores")
        labels = {label["store_id"]: label.get("label") for label in sent["frontend_labels"] if label.get("store_id")}
        attribute["labels"] = {store: label for store, label in labels.items() if store in stores and label}
    if sent.get("options") and attribute["frontend_input"] in ("select", "multiselect"):
        attribute_options.save_all(state, attribute, sent["options"])


def _default_label(sent: Mapping[str, Any]) -> str | None:
    general = (label.get("label") for label in sent.get("frontend_labels") or () if label.get("store_id") == 0)
    return sent.get("default_frontend_label") or next(general, None)


def _code_for(label: str) -> str:
    code = url_key(label).replace("-", "_")[:30]
    return code if re.fullmatch(r"[a-z][a-z_0-9]{0,29}[a-z0-9]", code) else f"attr_{code}"
