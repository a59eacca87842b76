"""The field that a person would mend for a finding."""

import pytest

from data_quality.catalogue import RULES
from data_quality.mending import fields_of
from koppel.entities import ENTITIES
from koppel.overrides import MENDABLE

PROPERTIES: dict[str, dict[str, object]] = {
    "color": {"label": {"nl": "Kleur", "en": "Colour"}},
    "storage_gb": {"label": "Storage"},
}


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("name_capitals", ("name",)),
        ("name_colour", ("name",)),
        ("short_text_short", ("short_text",)),
        ("short_text_is_name", ("short_text",)),
        ("long_text_is_short_text", ("long_text", "short_text")),
        ("text_contact", ("long_text", "short_text")),
        ("weight_missing", ("weight_kg",)),
        ("gtin_brands", ("gtin",)),
        ("tax_class_known", ("tax_class",)),
        ("category_not_leaf", ("category_code",)),
    ],
)
def test_a_rule_is_about_what_it_judges(rule: str, fields: tuple[str, ...]) -> None:
    assert fields_of(RULES[rule], "") == fields


@pytest.mark.parametrize("rule", ["price_unusual", "price_below_cost", "photos_none", "relations_none", "stock_negative",
                                  "text_unsafe", "category_name_missing", "count_negative"])  # fmt: skip
def test_what_no_cell_can_hold_has_no_field(rule: str) -> None:
    assert fields_of(RULES[rule], "12") == ()


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ("Colour", ("property_color",)),
        ("Colour, fits model", ("property_color", "property_fits_model")),
        ("Colour: rood, of blauw", ("property_color",)),
        ("Colour: -, fits model: n.v.t.", ("property_color", "property_fits_model")),
        ("", ()),
        ("Nobody <knows> it", ()),
        ("Colour, " * 24 + "fits mod", ("property_color",)),
    ],
)
def test_a_rule_on_properties_names_them_in_its_value(value: str, fields: tuple[str, ...]) -> None:
    assert fields_of(RULES["properties_required"], value, PROPERTIES) == fields


def test_every_field_is_a_column_that_is_sent() -> None:
    for rule in RULES.values():
        for name in fields_of(rule, "fits model"):
            column = ENTITIES[rule.entity].column(name)
            assert column is not None
            assert column.role == "sent"
            assert name in MENDABLE[rule.entity] or name.startswith("property_")
