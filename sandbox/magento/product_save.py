"""Saving a product, new or known, the way of Magento's ProductRepository."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.magento import catalog, category_links, gallery, product_links, rewrites, source_items, stock, tier_prices
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import ApplicationCrash, MagentoError
from sandbox.magento.product_values import (
    FIRST_CLASS,
    NOT_CUSTOM,
    applies,
    database_time,
    own_value,
    stored,
    value,
    write,
)
from sandbox.magento.state import State

PRODUCT_ENTITY = 4
SKU_LENGTH = 64
NOT_VISIBLE = 1
SHOP_TIME = ZoneInfo("Europe/Brussels")
NEW_VALUES = {"status": 1, "visibility": 4, "tax_class_id": 2, "options_container": "container2",
              "msrp_display_actual_price_type": "0"}  # fmt: skip
MISSING: Any = object()
WITH_VALUES = {"drop_down", "radio", "checkbox", "multiple"}
OPTION_TYPES = {*WITH_VALUES, "field", "area", "file", "date", "date_time", "time"}


def save(ctx: Context, sent: dict[str, Any]) -> Record:
    """Create or update; the record as saved. Raises MagentoError, ApplicationCrash."""
    if sent.get("sku") is None:
        raise ApplicationCrash
    known = _existing(ctx.state, sent)
    record = _fresh(ctx, sent) if known is None else ctx.state.table("products").edit(known["id"])
    new = known is None
    if sent.get("type_id"):
        record["type_id"] = sent["type_id"]
    if sent.get("attribute_set_id") is not None:
        record["attribute_set_id"] = sent["attribute_set_id"]
    _check_attribute_set(ctx.state, record)
    changes = _changes(ctx.state, record, sent, new)
    store_id = 0 if new else ctx.store_id
    _check_required(ctx.state, record, changes, store_id, new)
    record["sku"] = _checked_sku(ctx.state, sent["sku"], known)
    _write_values(ctx.state, record, changes, store_id)
    _finish(ctx, record, sent, new, store_id)
    ctx.effect("created" if new else "updated", record["sku"])
    return record


def _existing(state: State, sent: dict[str, Any]) -> Record | None:
    if sent.get("id"):
        return state.table("products").get(sent["id"])
    return catalog.by_sku(state, sent["sku"])


def _fresh(ctx: Context, sent: dict[str, Any]) -> Record:
    websites = [1] if ctx.store_id == 0 else [ctx.website_id]
    now = ctx.state.timestamp()
    return {"id": sent.get("id") or 0, "sku": "", "attribute_set_id": 0, "type_id": "simple", "created_at": now,
            "updated_at": now, "website_ids": websites, "options": [], "values": {}, "rewrites": {},
            "stock": {}}  # fmt: skip


def _check_attribute_set(state: State, record: Record) -> None:
    found = state.table("attribute_sets").get(record["attribute_set_id"])
    if not found or found.get("entity_type_id", PRODUCT_ENTITY) != PRODUCT_ENTITY:
        raise MagentoError("Invalid product data: %1", ["Invalid attribute set entity type"])


def _changes(state: State, record: Record, sent: dict[str, Any], new: bool) -> dict[str, Any]:
    """The attribute values that this call sets; those outside the set, or not for this type, are dropped."""
    changes: dict[str, Any] = _defaults(state) if new else {}
    changes.update({code: sent[code] for code in FIRST_CLASS if code in sent})
    if new:
        changes.update({code: default for code, default in NEW_VALUES.items() if changes.get(code) is None})
    custom = sent.get("custom_attributes") or {}
    changes.update({code: held for code, held in custom.items() if code not in NOT_CUSTOM})
    return {code: held for code, held in changes.items() if applies(state, record, code)}


def _defaults(state: State) -> dict[str, Any]:
    return {
        attribute["attribute_code"]: attribute["default_value"]
        for attribute in state.table("attributes")
        if attribute["is_user_defined"] and attribute.get("default_value") not in (None, "")
        and attribute.get("entity_type_id", PRODUCT_ENTITY) == PRODUCT_ENTITY
    }  # fmt: skip


def _check_required(state: State, record: Record, changes: dict[str, Any], store_id: int, new: bool) -> None:
    """Raises MagentoError for the first required attribute without a value."""
    for attribute in state.table("attributes"):
        code = attribute["attribute_code"]
        demanded = attribute["is_required"] and attribute.get("is_visible", True)
        if not demanded or code == "sku" or not applies(state, record, code):
            continue
        held = changes.get(code, MISSING)
        if held is None and store_id != 0:
            # In a store view null means "as in general", and is not looked at any further.
            continue
        if held is MISSING:
            held = attribute.get("default_value") or (None if new else value(record, code, store_id))
        if held is None or held == "":
            label = attribute["frontend_label"] or code
            raise MagentoError(f'The "{label}" attribute value is empty. Set the attribute and try again.')


def _checked_sku(state: State, sku: str, known: Record | None) -> str:
    """The SKU as it is stored: trimmed, at most 64 characters, and made unique by a number where trimming made it clash."""
    if sku == "":
        raise MagentoError('The "sku" attribute value is empty. Set the attribute and try again.')
    if len(sku) > SKU_LENGTH:
        raise MagentoError("SKU length should be 64 characters maximum.")
    trimmed, number = sku.strip(" \t\n\r\0\x0b"), 0
    candidate = trimmed
    while (other := catalog.by_sku(state, candidate)) and (known is None or other["id"] != known["id"]):
        number += 1
        candidate = f"{trimmed[: SKU_LENGTH - len(str(number)) - 1]}-{number}"
    return candidate


def _write_values(state: State, record: Record, changes: dict[str, Any], store_id: int) -> None:
    attributes = state.table("attributes")
    for code, held in changes.items():
        if code != "url_key":
            write(state, record, code, stored(attributes[code], held), store_id)
            _check_unique(state, record, attributes[code], held)
    _write_url_key(state, record, changes, store_id)
    if value(record, "special_price", store_id) and value(record, "special_from_date", store_id) is None:
        today = state.now().astimezone(SHOP_TIME).date()
        start = dt.datetime.combine(today, dt.time()).strftime("%Y-%m-%d %H:%M:%S")
        write(state, record, "special_from_date", start, store_id)


def _check_unique(state: State, record: Record, attribute: Record, held: Any) -> None:
    if not attribute["is_unique"] or held in (None, ""):
        return
    code = attribute["attribute_code"]
    for other in state.table("products"):
        if other["id"] != record["id"] and held in (other["values"].get(code) or {}).values():
            label = attribute["frontend_label"] or code
            raise MagentoError(f'The value of the "{label}" attribute isn\'t unique. Set a unique value and try again.')


def _write_url_key(state: State, record: Record, changes: dict[str, Any], store_id: int) -> None:
    """A URL key comes from what was sent, else from the name; a store view without a name of its own gets none."""
    sent = changes.get("url_key", MISSING)
    own = own_value(record, "url_key", store_id) if sent is MISSING else sent
    made = rewrites.url_key(str(own or "").strip().lower() or str(own_value(record, "name", store_id) or ""))
    if made:
        write(state, record, "url_key", made[:255], store_id)
    elif sent is not MISSING:
        write(state, record, "url_key", None, store_id)


def _finish(ctx: Context, record: Record, sent: dict[str, Any], new: bool, store_id: int) -> None:
    state, extension = ctx.state, sent.get("extension_attributes") or {}
    if extension.get("website_ids") is not None:
        set_websites(state, record, extension["website_ids"])
    record["updated_at"] = state.timestamp()
    if sent.get("created_at") is not None:
        # Unlike the day of the last change, which is always now.
        record["created_at"] = database_time(sent["created_at"])
    if new:
        record["id"] = state.next_id("products", at_least=record["id"])
        record["stock"] = stock.fresh(state, record["id"], record["type_id"])
    if sent.get("options") is not None:
        record["options"] = _options(state, record, sent["options"])
    # The likeliest refusal comes first, before anything is written that would have to be undone.
    place_addresses(state, record)
    if record["type_id"] in stock.WITH_QUANTITY and new and state.settings.msi:
        source_items.put(state, record["sku"], "default", 0, 1)
    if not new:
        stock.check(record, extension.get("stock_item") or {})
    if not new or extension.get("stock_item"):
        stock.save(state, record, extension.get("stock_item"))
    catalog.put(state, record)
    _save_relations(ctx, record, sent, extension, store_id)
    catalog.put(state, record)


def place_addresses(state: State, record: Record) -> None:
    """Give the product its addresses anew. Raises MagentoError when one is taken."""
    addresses = _addresses(state, record)
    rewrites.replace(state, "product", record["id"], record["rewrites"], addresses)
    record["rewrites"] = addresses


def set_websites(state: State, record: Record, websites: list[int]) -> None:
    """Which websites sell the product. Raises MagentoError for one that does not exist."""
    if any(website not in state.table("websites") or website == 0 for website in websites):
        raise MagentoError("The product was unable to be saved. Please try again.")
    record["website_ids"] = list(dict.fromkeys(websites))


def _options(state: State, record: Record, sent: list[Record]) -> list[Record]:
    return [_option(state, record["sku"], one) for one in sent]


def _option(state: State, sku: str, sent: Record) -> Record:
    """A custom option as it is kept. Raises MagentoError with all that is wrong with it."""
    kind, errors = sent.get("type"), []
    if not (kind and sent.get("title")):
        errors.append("Missed values for option required fields")
    if kind not in OPTION_TYPES:
        errors.append("Invalid option type")
    elif kind not in WITH_VALUES and sent.get("price_type") not in ("fixed", "percent"):
        errors.append("Invalid option value")
    if errors:
        raise MagentoError("\n".join(errors))
    values = [{**one, "option_type_id": state.next_id("option_values")} for one in sent.get("values") or []]
    kept = {name: held for name, held in sent.items() if held is not None}
    sizes = {"max_characters": 0, "image_size_x": 0, "image_size_y": 0}
    return {
        **sizes,
        **kept,
        "product_sku": sku,
        "option_id": state.next_id("options"),
        **({"values": values} if values else {}),
    }


def _save_relations(
    ctx: Context, record: Record, sent: dict[str, Any], extension: dict[str, Any], store_id: int
) -> None:
    state, number = ctx.state, record["id"]
    if extension.get("category_links") is not None:
        category_links.merge(state, number, extension["category_links"])
    categories = (sent.get("custom_attributes") or {}).get("category_ids", MISSING)
    if categories is not MISSING:
        wanted = categories if isinstance(categories, list) else str(categories or "").split(",")
        category_links.assign(state, number, wanted)
    if sent.get("product_links") is not None:
        product_links.replace(state, number, sent["product_links"])
    if sent.get("tier_prices") is not None:
        tier_prices.replace(state, number, sent["tier_prices"])
    gallery.save(state, record, sent.get("media_gallery_entries"), store_id)


def _addresses(state: State, record: Record) -> dict[int, str]:
    """The address per store view in which the product can be seen."""
    result: dict[int, str] = {}
    for store in state.table("stores"):
        number, key = store["id"], value(record, "url_key", store["id"])
        visible = value(record, "visibility", number) != NOT_VISIBLE
        if number and key and visible and store["website_id"] in record["website_ids"]:
            result[number] = key + rewrites.SUFFIX
    return result


def delete(ctx: Context, record: Record) -> None:
    """Remove a product with all that hangs on it; its source items stay."""
    state, number = ctx.state, record["id"]
    rewrites.replace(state, "product", number, record["rewrites"], {})
    for module in (category_links, product_links, tier_prices, gallery):
        module.forget(state, number)
    catalog.delete(state, record)
    ctx.effect("deleted", record["sku"])
