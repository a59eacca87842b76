"""Judgement rows of a slice: what the report groups by, what a person may correct, and when data counts as changed."""

import json
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koppel.entities import ENTITIES, Entity
from koppel.judgements import as_text, data_versions, keeps, rows
from koppel.judging import Judgement, record_keys
from tests.data_quality.frames import frame

PRODUCT, TEXT, IMAGE = ENTITIES["product"], ENTITIES["product_text"], ENTITIES["product_image"]


def keyed(entity: Entity, *given: dict[str, Any]) -> pd.DataFrame:
    """An entity frame with the ledger keys."""
    table = frame(entity, list(given))
    return table.assign(_key=record_keys(entity, table))


def judgement(*found: str, questions: dict[str, str] | None = None) -> Judgement:
    """A finding for each of these keys."""
    findings = pd.DataFrame([(key, "", "r", "improve", "v", "why") for key in found],
                            columns=["key", "language", "rule", "severity", "value", "reason"])  # fmt: skip
    table = pd.DataFrame(
        [(key, "", text) for key, text in (questions or {}).items()], columns=["key", "language", "questions"]
    )
    return Judgement(findings, {}, table, "0123456789ab")


def made(entity: Entity, table: pd.DataFrame, judged: Judgement, **more: Any) -> dict[str, dict[str, Any]]:
    """The rows by key, JSON read."""
    told = ("questions", "facts", "values")
    found = rows(entity, table, table, judged, **more).to_pylist()
    return {row["key"]: row | {name: json.loads(row[name]) if row[name] else None for name in told} for row in found}


def test_a_product_with_a_finding_tells_what_a_person_may_correct() -> None:
    table = keyed(PRODUCT, {"sku": "A", "weight_kg": 2.0, "brand": ""}, {"sku": "B", "weight_kg": 0.125})
    found = made(PRODUCT, table, judgement("A", questions={"A": '{"name": [3, 1]}'}))
    assert found["A"]["values"] == {
        "gtin": "5412345678908", "brand": "", "category_code": "TEL-HOE", "weight_kg": "2", "tax_class": "standard",
        "property_color": "black", "property_storage_gb": "", "property_alcohol_pct": "",
    }  # fmt: skip
    assert found["A"]["facts"] == {
        "name": "HOESJE A54", "brand": None, "category_code": "TEL-HOE", "status": "active", "model": None,
        "stock_status": "in_stock", "stock_quantity": 12.0, "gtin": "5412345678908",
    }  # fmt: skip
    assert found["A"]["questions"] == {"name": [3, 1]}
    assert (found["B"]["values"], found["B"]["questions"]) == (None, {})
    assert (found["B"]["sku"], found["B"]["language"], found["B"]["rules_version"]) == ("B", "", "0123456789ab")


def test_what_another_system_looks_after_is_not_for_a_person_to_correct() -> None:
    table = keyed(PRODUCT, {})
    values = made(PRODUCT, table, judgement("TEL-1"), not_owned={"brand", "property_color"})["TEL-1"]["values"]
    assert "gtin" in values
    assert not {"brand", "property_color", "name", "sku", "stock_quantity"} & set(values)


def test_a_text_is_a_record_per_language() -> None:
    table = keyed(TEXT, {"name": "Kabel"}, {"language": "fr", "name": "Câble"})
    found = made(TEXT, table, judgement("fr:TEL-1"))
    assert {key: (row["sku"], row["language"], row["facts"]) for key, row in found.items()} == {
        "nl:TEL-1": ("TEL-1", "nl", {"name": "Kabel"}), "fr:TEL-1": ("TEL-1", "fr", {"name": "Câble"}),
    }  # fmt: skip
    assert set(found["fr:TEL-1"]["values"]) == {"name", "short_text", "long_text"}


def test_the_source_tells_the_value_that_a_correction_stands_in_for() -> None:
    source = keyed(PRODUCT, {"gtin": "123"})
    corrected = keyed(PRODUCT, {"gtin": "5412345678908"})
    row = rows(PRODUCT, corrected, source, judgement("TEL-1")).to_pylist()[0]
    assert json.loads(row["values"])["gtin"] == "123"
    assert json.loads(row["facts"])["gtin"] == "5412345678908"


def test_the_photo_of_a_gallery_is_the_first_that_can_be_used() -> None:
    table = keyed(
        IMAGE,
        {"position": 1, "file": "broken.jpg", "is_usable": False},
        {"position": 3, "file": "c.jpg"},
        {"position": 2, "file": "b.jpg"},
        {"sku": "X", "file": "", "is_usable": False},
    )  # fmt: skip
    found = made(IMAGE, table, judgement("TEL-1", "X"))
    assert {key: row["facts"] for key, row in found.items()} == {
        "TEL-1": {"photo": "b.jpg", "count": 2}, "X": {"photo": None, "count": 0},
    }  # fmt: skip
    assert [row["values"] for row in found.values()] == [None, None]


@pytest.mark.parametrize("name", ["product_relation", "price"])
def test_relations_and_prices_are_kept_without_facts(name: str) -> None:
    found = made(ENTITIES[name], keyed(ENTITIES[name], {}), judgement("TEL-1"))
    assert (found["TEL-1"]["facts"], found["TEL-1"]["values"]) == ({}, None)


@pytest.mark.parametrize("name", ["stock_level", "category"])
def test_stock_and_categories_are_not_kept(name: str) -> None:
    assert not keeps(ENTITIES[name])
    assert rows(ENTITIES[name], keyed(ENTITIES[name], {}), keyed(ENTITIES[name], {}), judgement()).num_rows == 0


def test_a_source_that_gives_little_is_no_trouble() -> None:
    table = keyed(PRODUCT, {})[["sku", "_key"]]
    found = made(PRODUCT, table, judgement("TEL-1"))["TEL-1"]
    assert found["facts"] == {}
    assert found["values"] == dict.fromkeys(["gtin", "brand", "category_code", "weight_kg", "tax_class"], "")


@pytest.mark.parametrize(
    "value", ["a\0b", '"; drop table judgement; --', "\\N", "\\.", 'a\nb,c\r\n"d"', "👩‍👩‍👧 \u202eabc", "\\u0000"]
)
def test_hostile_values_stay_values(value: str) -> None:
    table = keyed(TEXT, {"name": value})
    found = made(TEXT, table, judgement("nl:TEL-1"))["nl:TEL-1"]
    assert found["values"]["name"] == found["facts"]["name"] == value.replace("\0", "\ufffd")


def test_numbers_are_written_as_people_write_them() -> None:
    numbers = pd.Series([2.0, 0.1, None, 1234567.0, 12.50], dtype="Float64")
    assert list(as_text(numbers)) == ["2", "0.1", "", "1234567", "12.5"]
    assert list(as_text(pd.Series([3, None], dtype="Int64"))) == ["3", ""]


CELLS = st.fixed_dictionaries(
    {
        "sku": st.sampled_from("AB"),
        "position": st.none() | st.integers(0, 3),
        "file": st.sampled_from(["", "a.jpg", "b.jpg"]),
        "is_usable": st.booleans(),
        "width_px": st.none() | st.integers(0, 3),
        "height_px": st.none() | st.integers(0, 3),
    }
)


@settings(max_examples=40, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_and_the_time_of_change_make_no_other_version(cells: Any, random: Any) -> None:
    table = keyed(IMAGE, *cells)
    order, names = list(range(len(table))), list(table.columns)
    random.shuffle(order)
    random.shuffle(names)
    other = table.iloc[order][names].assign(modified_at=pd.Timestamp("2026-11-23", tz="UTC"), alt_text_de=None)
    assert data_versions(other).to_dict() == data_versions(table).to_dict()


@settings(max_examples=40, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=4), st.lists(CELLS, min_size=1, max_size=4))
def test_records_have_one_version_exactly_if_they_say_the_same(ones: Any, others: Any) -> None:
    def said(cells: Any) -> dict[str, list[str]]:
        return {
            sku: sorted(str(sorted(cell.items())) for cell in cells if cell["sku"] == sku)
            for sku in {cell["sku"] for cell in cells}
        }

    one, other = data_versions(keyed(IMAGE, *ones)), data_versions(keyed(IMAGE, *others))
    for sku in set(one.index) & set(other.index):
        assert (one[sku] == other[sku]) == (said(ones)[sku] == said(others)[sku])


def test_a_swap_of_two_values_and_a_cent_are_a_change() -> None:
    price = ENTITIES["price"]
    texts = [keyed(TEXT, {"short_text": "a", "long_text": "b"}), keyed(TEXT, {"short_text": "b", "long_text": "a"})]
    assert data_versions(texts[0])["nl:TEL-1"] != data_versions(texts[1])["nl:TEL-1"]
    prices = [keyed(price, {"price_eur_excl_vat": Decimal(cents).scaleb(-2)}) for cents in (1995, 1996)]
    assert data_versions(prices[0])["TEL-1"] != data_versions(prices[1])["TEL-1"]


def test_what_the_shop_was_last_sent_is_no_data_of_the_source() -> None:
    """A price that was sent yesterday and is judged again today, by other rules, did not change."""
    price = ENTITIES["price"]
    tables = [
        keyed(price, {"sku": "A", "price_eur_excl_vat": Decimal(12), "previous_price_eur_excl_vat": before})
        for before in (Decimal(10), Decimal(12), None)
    ]
    versions = {made(price, table, judgement())["A"]["data_version"] for table in tables}
    assert len(versions) == 1
