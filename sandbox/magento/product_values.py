"""Attribute values of products per store view, and how the API shows them.

A product record: {id, sku, attribute_set_id, type_id, created_at, updated_at, website_ids, options,
values: {code: {store_id: value}}, rewrites: {store_id: path}, stock: {...}}; store 0 holds what all store views fall back on.
"""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError
from sandbox.magento.inputs import php_text
from sandbox.magento.state import State

FIRST_CLASS = ("name", "price", "status", "visibility", "weight")
# Handled elsewhere, or never taken from custom_attributes.
NOT_CUSTOM = {
    *FIRST_CLASS, "sku", "created_at", "updated_at", "media_gallery", "gallery", "tier_price", "category_ids",
    "quantity_and_stock_status", "required_options", "has_options", "old_id", "minimal_price",
}  # fmt: skip
SELLABLE = {"simple", "virtual", "bundle", "downloadable", "configurable"}
APPLY_TO = {
    "price": SELLABLE,
    "special_price": SELLABLE,
    "special_from_date": SELLABLE,
    "special_to_date": SELLABLE,
    "tax_class_id": SELLABLE,
    "weight": SELLABLE,
    "msrp": SELLABLE,
    "msrp_display_actual_price_type": SELLABLE,
    "cost": {"simple", "virtual", "downloadable", "bundle"},
    "price_type": {"bundle"},
    "sku_type": {"bundle"},
    "weight_type": {"bundle"},
    "price_view": {"bundle"},
    "shipment_type": {"bundle"},
    "links_purchased_separately": {"downloadable"},
    "samples_title": {"downloadable"},
    "links_title": {"downloadable"},
    "links_exist": {"downloadable"},
}
OPTION_FLAGS = ("required_options", "has_options")
VARCHAR_LENGTH = 255
LARGEST_AMOUNT = Decimal("99999999999999.999999")
ZERO_DATE = "0000-00-00 00:00:00"


def applies(state: State, record: Record, code: str) -> bool:
    """Whether the product can hold the attribute: it is in its set, and meant for its type."""
    if record["type_id"] not in APPLY_TO.get(code, (record["type_id"],)):
        return False
    attribute_set = state.table("attribute_sets").get(record["attribute_set_id"])
    return bool(attribute_set) and code in (attribute_set or {})["attributes"] and code in state.table("attributes")


def value(record: Record, code: str, store_id: int) -> Any:
    """The value in that store view, else the general one."""
    values = record["values"].get(code) or {}
    return values[store_id] if store_id in values else values.get(0)


def own_value(record: Record, code: str, store_id: int) -> Any:
    """The value of that store view itself."""
    return (record["values"].get(code) or {}).get(store_id)


def write(state: State, record: Record, code: str, new: Any, store_id: int) -> None:
    """Save a value where its scope says: for all, for every view of the website, or for one view. None clears it."""
    values = record["values"].setdefault(code, {})
    for store in _stores(state, code, store_id):
        if new is None:
            values.pop(store, None)
        else:
            values[store] = new


def _stores(state: State, code: str, store_id: int) -> list[int]:
    scope = state.table("attributes")[code]["scope"]
    if store_id == 0 or scope == "global":
        return [0]
    if scope == "website":
        website = state.table("stores")[store_id]["website_id"]
        return [store["id"] for store in state.table("stores") if store["website_id"] == website]
    return [store_id]


def stored(attribute: Record, sent: Any) -> Any:
    """What the database makes of a value. Raises MagentoError for a negative price or a broken date."""
    kind = attribute["backend_type"]
    if sent is None or (sent == "" and kind in ("int", "decimal")):
        return None
    if sent == "":
        # A store view keeps the emptiness: it does not fall back on the general value any more.
        return ""
    if kind == "decimal":
        return _amount(attribute, float(sent))
    if kind == "datetime":
        return _date(attribute["attribute_code"], str(sent))
    if kind == "int":
        return int(sent)
    text = readable(php_text(sent))
    return text[:VARCHAR_LENGTH] if kind == "varchar" else text


def readable(text: str) -> str:
    """What a column of three-byte UTF-8 keeps: each character beyond the basic plane (an emoji) becomes four question marks."""
    return text if text.isascii() else "".join(sign if ord(sign) < 0x10000 else "????" for sign in text)


def _amount(attribute: Record, amount: float) -> float:
    if amount < 0 and attribute["frontend_input"] in ("price", "weight"):
        raise MagentoError("Please enter a number 0 or greater in this field.")
    # PHP hands 14 significant digits to a column of twenty digits, six of them decimals.
    exact = Decimal(f"{amount:.14G}").quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return float(max(-LARGEST_AMOUNT, min(LARGEST_AMOUNT, exact)))


def _date(code: str, text: str) -> str:
    moment = parsed_date(text)
    if moment is None:
        raise MagentoError(
            'Invalid value of "%value" provided for the %fieldName field.', {"fieldName": code, "value": text}
        )
    return moment.strftime("%Y-%m-%d %H:%M:%S")


TIME = r"(?:[ T](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?"
DATES = tuple(
    re.compile(pattern + TIME)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})[-.](?P<month>\d{1,2})[-.](?P<year>\d{4})", r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
    )
)  # fmt: skip


def parsed_date(text: str) -> dt.datetime | None:
    """A date as PHP reads it: days past the end of the month run on into the next (2026-02-31 is 3 March)."""
    if re.fullmatch(r"\d+", text):
        # Only digits are seconds since 1970.
        return dt.datetime.fromtimestamp(min(int(text), 2**36), dt.UTC)
    found = next((match for pattern in DATES if (match := pattern.fullmatch(text.strip()))), None)
    if found is None:
        return None
    part = {name: int(number or 0) for name, number in found.groupdict().items()}
    if not (1 <= part["month"] <= 12 and 1 <= part["day"] <= 31 and part["year"] > 0):
        return None
    if part["hour"] > 23 or part["minute"] > 59 or part["second"] > 59:
        return None
    start = dt.datetime(part["year"], part["month"], 1, part["hour"], part["minute"], part["second"], tzinfo=dt.UTC)
    return start + dt.timedelta(days=part["day"] - 1)


def database_time(text: str) -> str:
    """What a time column of the database makes of a text: a text that is no date becomes the zero date."""
    parsed = parsed_date(text) if re.match(r"\d{4}-", text) else None
    return parsed.strftime("%Y-%m-%d %H:%M:%S") if parsed else ZERO_DATE


def shown(attribute: Record, held: Any) -> str:
    """A custom attribute's value as text."""
    return f"{held:.6f}" if attribute["backend_type"] == "decimal" else str(held)


def option_flag(record: Record, code: str) -> int:
    """1 or 0: whether the product has custom options (has_options), and any that one must fill in (required_options)."""
    return int(any(code == "has_options" or option.get("is_require") for option in record["options"]))


def custom_attributes(state: State, record: Record, store_id: int, categories: list[str]) -> list[dict[str, Any]]:
    """Everything that has no field of its own; empty values are left out."""
    attributes = state.table("attributes")
    result: list[dict[str, Any]] = []
    for code in record["values"]:
        if code in NOT_CUSTOM or code not in attributes or not applies(state, record, code):
            continue
        held = value(record, code, store_id)
        if held is not None and held != "":
            result.append({"attribute_code": code, "value": shown(attributes[code], held)})
    result.extend({"attribute_code": code, "value": str(option_flag(record, code))} for code in OPTION_FLAGS)
    result.append({"attribute_code": "category_ids", "value": categories})
    return result
