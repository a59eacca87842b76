"""Good records of every entity, and entity frames from rows that lie over them."""

from decimal import Decimal
from typing import Any

import pandas as pd

from koppel.entities import ENTITIES, Entity

LONG_TEXT = (
    "Dit zwarte hoesje past precies om de Samsung Galaxy A54 en beschermt het toestel tegen krassen en stoten. "
    "Het is gemaakt van zacht kunstleer en heeft plaats voor drie kaarten. De klep sluit met een magneet, zodat het "
    "scherm ook in een volle tas heel blijft."
)

GOOD: dict[str, dict[str, Any]] = {
    "category": {"category_code": "TEL", "language": "nl", "name": "Telefonie", "parent_code": None, "position": 1},
    "product": {
        "sku": "TEL-1", "name": "HOESJE A54", "gtin": "5412345678908", "brand": "Nubo", "category_code": "TEL-HOE",
        "weight_kg": 0.12, "tax_class": "standard", "status": "active", "property_color": "black",
        "property_storage_gb": None, "property_alcohol_pct": None, "model": None, "carton_weight_kg": 2.5, "pack_size": 1,
        "photo_count": 3, "accessory_count": 2, "first_price_eur_excl_vat": "19.9500",
        "stock_quantity": 12.0, "stock_status": "in_stock",
        "stock_checked_at": "2026-11-23T06:00:00Z",
    },
    "product_text": {
        "language": "nl", "sku": "TEL-1", "name": "Zwart hoesje voor Samsung Galaxy A54",
        "short_text": "Zwart hoesje dat de Galaxy A54 beschermt tegen krassen en stoten.", "long_text": LONG_TEXT,
        "brand": "Nubo", "model": None, "category_code": "TEL-HOE", "property_color": None, "property_storage_gb": None,
        "removed_markup": None,
    },
    "product_image": {
        "sku": "TEL-1", "position": 1, "file": "tel/hoesje-voor.jpg", "alt_text_nl": "Zwart hoesje van voren",
        "alt_text_fr": "Coque noire vue de face", "alt_text_en": "Black case from the front", "content_hash": "h1",
        "mime_type": "image/jpeg", "width_px": 1200, "height_px": 1200, "size_bytes": 250_000, "problem": None,
        "is_usable": True,
    },
    "product_relation": {
        "sku": "TEL-1", "relation": "accessory", "related_sku": "TEL-2", "position": 1, "related_status": "active",
        "is_usable": True,
    },
    "price": {
        "sku": "TEL-1", "price_eur_excl_vat": "19.9500", "cost_eur": "11.0000", "currency": "EUR",
        "previous_price_eur_excl_vat": "19.9500",
    },
    "stock_level": {
        "location": "MECH", "sku": "TEL-1", "quantity": 10.0, "is_in_stock": True, "on_hand": 12.0, "reserved": 3.0,
        "incoming": 24.0, "incoming_at": "2026-11-30T00:00:00Z", "counted_at": "2026-11-23T06:00:00Z", "unit_size": 1.0,
        "sold_by_measure": False, "taken_for_orders": "000000012=2", "taken": 2.0, "claimed": 0.0, "safety": 1.0,
    },
}  # fmt: skip
"""One record per entity in which no rule finds anything."""

DTYPES = {"text": "str", "integer": "Int64", "number": "Float64", "boolean": "boolean", "time": "datetime64[us, UTC]"}


def frame(entity: Entity | str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """An entity frame as a transformer gives it; what a row does not say is taken from the good record."""
    entity = ENTITIES[entity] if isinstance(entity, str) else entity
    full = [{**GOOD[entity.name], **row} for row in rows]
    table = pd.DataFrame(full, columns=list(dict.fromkeys(name for row in full for name in row)), dtype="object")
    for name in table.columns:
        column = entity.column(name)
        assert column is not None, name
        table[name] = _typed(table[name], column.dtype)
    return table


def _typed(cells: pd.Series, dtype: str) -> pd.Series:
    cells = cells.map(lambda value: None if value == "" else value, na_action="ignore")
    if dtype == "money":
        return cells.map(lambda value: Decimal(value).quantize(Decimal("0.0001")), na_action="ignore").astype("object")
    if dtype == "time":
        return pd.to_datetime(cells, utc=True).astype("datetime64[us, UTC]")
    return cells.astype(DTYPES[dtype])
