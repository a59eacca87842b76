"""Corrections in the place of the source's values: applied to raw rows, so that whatever is made of a value follows it."""

from koppel.entities import Column

MENDABLE: dict[str, tuple[str, ...]] = {
    "product": ("gtin", "brand", "category_code", "weight_kg", "tax_class", "property_*"),
    "product_text": ("name", "short_text", "long_text"),
}
"""Per entity the fields that a person may correct; ``property_*`` stands for all of them."""


def is_mendable(entity: str, field: str) -> bool:
    """Whether a person may correct a field of an entity."""
    return field != "property_" and any(Column(name).covers(field) for name in MENDABLE.get(entity, ()))
