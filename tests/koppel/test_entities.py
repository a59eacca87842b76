"""Columns and keys as people and the ledger call them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koppel.entities import ENTITIES, record_key, split_key, spoken


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("weight_kg", "weight (kg)"),
        ("first_price_eur_excl_vat", "price (euro, without VAT)"),
        ("cost_eur", "cost (euro)"),
        ("property_power_w", "power w"),
        ("sku", "SKU"),
        ("gtin", "barcode"),
        ("category_code", "category code"),
    ],
)
def test_a_column_is_told_in_words(column: str, said: str) -> None:
    assert spoken(column) == said


def test_no_column_is_told_with_its_technical_name() -> None:
    columns = {column.name for entity in ENTITIES.values() for column in entity.columns}
    assert not [name for name in columns if "_" in spoken(name)]


@given(st.sampled_from(["nl", "fr", "en"]), st.text(min_size=1))
def test_a_key_falls_apart_into_what_it_was_made_of(language: str, sku: str) -> None:
    texts, products = ENTITIES["product_text"], ENTITIES["product"]
    assert split_key(texts, record_key(texts, (language, sku))) == (language, sku)
    assert split_key(products, record_key(products, (sku,))) == (sku,)
