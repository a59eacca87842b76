"""Records as Magento's product API takes them, and whether what stands in the shop agrees; no I/O."""

import hashlib
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from slugify import slugify

from koppel.target import Record
from loaders.magento.rejection import Rejection

Payload = dict[str, Any]
ENABLED, DISABLED = 1, 2
HIDDEN, VISIBLE = 1, 4
TEXTS = {"short_text": "short_description", "long_text": "description"}
NAME_CHARACTERS = 255
SKU_CHARACTERS = 64
LARGEST_QUANTITY = Decimal("99999999.9999")


def slug(*parts: str) -> str:
    """Text for an address: a-z, 0-9 and hyphens. The last part stays recognisable: what a slug can't hold becomes a hash."""
    *texts, key = parts
    tail = slugify(key)
    if tail != key.casefold():
        tail = f"{tail}-{hashlib.sha256(key.encode()).hexdigest()[:6]}".strip("-")
    return "-".join(part for part in (slugify(" ".join(texts), max_length=150, word_boundary=True), tail) if part)


def checked_sku(sku: str) -> str:
    """The SKU, if Magento would keep it as it is."""
    if sku != sku.strip():
        raise Rejection("The SKU begins or ends with a space: Magento would cut it or make a second product of it.")
    if not sku or sku in {".", ".."}:
        raise Rejection(f"Magento can't hold {sku!r} as a SKU.")
    if len(sku) > SKU_CHARACTERS:
        raise Rejection(f"The SKU has {len(sku)} characters; Magento holds {SKU_CHARACTERS}.")
    return sku


def checked_name(name: str) -> str:
    """The name, if Magento would keep all of it."""
    if len(name) > NAME_CHARACTERS:
        raise Rejection(f"The name has {len(name)} characters; Magento silently cuts it after {NAME_CHARACTERS}.")
    return name


def number(value: Any, places: int, what: str) -> float:
    """A JSON number that reads back as exactly this decimal, at most so many places; never a float's approximation."""
    try:
        exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-places))
    except InvalidOperation:
        raise Rejection(f"{what} {str(value)[:40]!r} is no number that Magento can hold.") from None
    if not exact.is_finite() or exact < 0 or Decimal(repr(float(exact))) != exact:
        raise Rejection(f"{what} {str(value)[:40]!r} is negative or has more digits than Magento can hold.")
    return float(exact)


def checked_quantity(record: Record) -> float:
    """The quantity of a stock level, if Magento would keep it as it is: four decimals, not negative, not cut."""
    quantity = number(record.get("quantity"), 4, "The quantity")
    if Decimal(repr(quantity)) > LARGEST_QUANTITY:
        raise Rejection(f"The quantity {quantity:.0f} is more than the {LARGEST_QUANTITY} that Magento can hold.")
    return quantity


def attribute_list(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Values by attribute code as Magento's custom_attributes; only what is filled in."""
    return [{"attribute_code": code, "value": value} for code, value in values.items() if value not in ("", None)]


def text_payload(record: Record, *, is_new: bool) -> Payload:
    """A product's texts for one store view, and that it is to be seen there.

    The address is set with the first delivery only: a corrected name must not break links that people keep.
    """
    payload: Payload = {"sku": checked_sku(record["sku"]), "visibility": VISIBLE}
    if record.get("name"):
        payload["name"] = checked_name(record["name"])
    values = {attribute: record[field] for field, attribute in TEXTS.items() if record.get(field)}
    if is_new:
        values["url_key"] = slug(record.get("name", ""), record["sku"])
    return payload | ({"custom_attributes": attribute_list(values)} if values else {})


def agrees(payload: Payload, item: Mapping[str, Any]) -> bool:
    """Whether everything in the payload stands in the shop's product as it was sent."""
    simple = [name for name in payload if name not in {"custom_attributes", "extension_attributes", "sku"}]
    if any(not same(payload[name], item.get(name)) for name in simple):
        return False
    standing = attribute_values(item)
    if any(not same(a["value"], standing.get(a["attribute_code"])) for a in payload.get("custom_attributes", [])):
        return False
    ours = payload.get("extension_attributes", {})
    categories = {str(link["category_id"]) for link in ours.get("category_links", [])}
    return categories <= category_ids(item) and set(ours.get("website_ids", [])) <= set(
        _extension(item).get("website_ids") or []
    )


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values are equal, 5, "5" and 5.0000 alike."""
    if theirs is None:
        return False
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return bool(ours) == bool(theirs)
    if isinstance(ours, int | float):
        try:
            return Decimal(str(ours)) == Decimal(str(theirs))
        except InvalidOperation:
            return False
    return str(ours) == str(theirs)


def attribute_values(item: Mapping[str, Any]) -> dict[str, Any]:
    """A product's or category's custom_attributes by code."""
    return {a["attribute_code"]: a.get("value") for a in item.get("custom_attributes") or []}


def category_ids(item: Mapping[str, Any]) -> set[str]:
    """The categories that a product stands in."""
    return {str(link["category_id"]) for link in _extension(item).get("category_links") or []}


def _extension(item: Mapping[str, Any]) -> dict[str, Any]:
    """Magento answers an empty object as an empty list."""
    return item.get("extension_attributes") or {}


CATEGORY_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def category_url_key(code: str) -> str:
    """The address of a category at ``all``, which only we make, so that it can be found again by its code."""
    is_plain = CATEGORY_CODE.fullmatch(code) and not code.startswith("x-")
    return f"k-{code}" if is_plain else f"k-x-{code.encode().hex()}"


def category_code(url_key: str) -> str | None:
    """The code behind ``category_url_key``, or None for a category that is not ours."""
    if not url_key.startswith("k-"):
        return None
    if not url_key.startswith("k-x-"):
        return url_key[2:]
    try:
        return bytes.fromhex(url_key[4:]).decode()
    except ValueError:
        return None
