"""Corrections put into raw rows: only the cells that they name change, whatever types the source gives."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koppel.entities import PRODUCT, PRODUCT_TEXT, Entity
from koppel.judging import Context, Transformed, record_keys
from koppel.overrides import MENDABLE, Corrected, Override, correct, is_mendable
from transformers.product import transform as product
from transformers.product_text import transform as product_text

CONTEXT = Context(("nl", "fr"), Path(), {"allowed_tags": ["p", "b"]})
FIELDS = ("gtin", "brand", "category_code", "weight_kg", "tax_class", "property_color")


def transformed(entity: Entity, rows: pd.DataFrame) -> Transformed:
    made = (product if entity is PRODUCT else product_text)(entity, rows, CONTEXT)
    return Transformed(made.frame.assign(_key=record_keys(entity, made.frame)), made.failures)


def cell(frame: pd.DataFrame, key: str, name: str) -> Any:
    """A cell, None where there is nothing."""
    value: Any = frame.at[key, name] if name in frame else None
    return None if pd.isna(value) else value


def corrected(
    raw: pd.DataFrame, overrides: Sequence[Override], entity: Entity = PRODUCT
) -> tuple[Corrected, pd.DataFrame]:
    """What came of corrections, and the entity frame by key that a gate would see."""
    keys = record_keys(entity, raw).tolist()
    done = correct(raw, keys, overrides, lambda rows: transformed(entity, rows))
    return done, transformed(entity, done.raw).frame.set_index("_key")


def of(field: str, value: str, key: str = "A", source_now: str = "", number: int = 1) -> Override:
    return Override(number, key, field, value, source_now)


def products(**columns: Any) -> pd.DataFrame:
    first = next(iter(columns.values()))
    skus = ["A", "B", "C"][: len(first)]
    return pd.DataFrame({"sku": skus, "name": [f"Name {sku}" for sku in skus]}, dtype="str").assign(**columns)


cells = st.one_of(st.just(""), st.sampled_from(["red", "Nordkoek", "0.5", "1,25", "5400141000016", " TEL ", "x" * 40]))
weights = st.one_of(
    st.lists(st.one_of(st.none(), st.floats(0, 1e6).map(lambda one: round(one, 6))), min_size=4, max_size=4).map(
        lambda one: pd.Series(one, dtype="Float64")
    ),
    st.lists(st.one_of(st.none(), st.decimals(0, 10**6, places=3)), min_size=4, max_size=4).map(
        lambda one: pd.Series(one, dtype="object")
    ),
    st.lists(st.sampled_from(["1.5", "200", "0,25", ""]), min_size=4, max_size=4).map(
        lambda one: pd.Series(one, dtype="str")
    ),
    st.lists(st.integers(0, 10**6), min_size=4, max_size=4).map(lambda one: pd.Series(one, dtype="int64")),
)


@st.composite
def slices(draw: st.DrawFn) -> tuple[pd.DataFrame, list[Override]]:
    """Four products with any of the fields, and corrections of some of them, one per field and record."""
    skus = [f"P{number}" for number in range(4)]
    raw = pd.DataFrame({"sku": skus, "name": [f"Name {sku}" for sku in skus]}, dtype="str")
    for name in draw(st.lists(st.sampled_from(FIELDS), unique=True)):
        is_weight = name == "weight_kg"
        raw[name] = (
            draw(weights) if is_weight else pd.Series(draw(st.lists(cells, min_size=4, max_size=4)), dtype="str")
        )
    places = draw(st.lists(st.tuples(st.sampled_from(skus[:3]), st.sampled_from(FIELDS)), unique=True, max_size=6))
    return raw, [of(field, draw(cells), key, number=number) for number, (key, field) in enumerate(places)]


@settings(deadline=None, max_examples=20)
@given(slices())
def test_only_the_named_cells_change_and_types_stay(drawn: tuple[pd.DataFrame, list[Override]]) -> None:
    raw, overrides = drawn
    untouched = raw.copy()
    done, after = corrected(raw, overrides)
    before = transformed(PRODUCT, raw).frame.set_index("_key")
    pd.testing.assert_frame_equal(raw, untouched)
    assert dict(after[list(before)].dtypes) == dict(before.dtypes)
    assert after.index.equals(before.index)
    named = {(one.key, one.field) for one in overrides}
    for name in map(str, after):
        for key in map(str, after.index):
            assert (key, name) in named or cell(after, key, name) == cell(before, key, name)
    assert [one.override for one in done.met] == overrides


@settings(deadline=None, max_examples=20)
@given(slices())
def test_each_named_cell_holds_its_correction_or_the_source_and_why(drawn: tuple[pd.DataFrame, list[Override]]) -> None:
    """As if the source itself had said it: that is what a transformer makes of the value alone."""
    raw, overrides = drawn
    done, after = corrected(raw, overrides)
    before = transformed(PRODUCT, raw).frame.set_index("_key")
    for met in done.met:
        one = met.override
        alone = products(**{one.field: pd.Series([one.value], dtype="str")})
        wanted = before if met.problem else transformed(PRODUCT, alone).frame.set_index("_key").rename({"A": one.key})
        assert cell(after, one.key, one.field) == cell(wanted, one.key, one.field)


def test_a_weight_is_a_number_a_text_is_cleaned_and_an_empty_value_empties() -> None:
    raw = products(weight_kg=[Decimal(200), Decimal(1)], brand=["x", "y"])
    done, after = corrected(
        raw, [of("weight_kg", "0,2"), of("brand", " Nordkoek ", number=2), of("brand", "", "B", number=3)]
    )
    assert (after.at["A", "weight_kg"], after.at["B", "weight_kg"]) == (0.2, 1.0)
    assert after.at["A", "brand"] == "Nordkoek"
    assert cell(after, "B", "brand") is None
    assert not any(met.problem for met in done.met)


def test_markup_in_a_correction_is_cleaned_and_that_of_the_source_is_forgotten() -> None:
    raw = pd.DataFrame(
        {"sku": ["A", "B"], "language": ["nl", "nl"], "long_text": ["<script>x</script>Oud", "<p>Ander</p>"]},
        dtype="str",
    )
    _, after = corrected(raw, [of("long_text", "<p>Nieuw</p>", "nl:A")], PRODUCT_TEXT)
    assert (cell(after, "nl:A", "long_text"), cell(after, "nl:A", "removed_markup")) == ("<p>Nieuw</p>", None)
    _, hostile = corrected(raw, [of("long_text", "<script>alert(1)</script><p>Nieuw</p>", "nl:B")], PRODUCT_TEXT)
    assert "script" not in cell(hostile, "nl:B", "long_text")
    assert "script" in cell(hostile, "nl:B", "removed_markup")


def test_one_unusable_correction_takes_no_other_with_it() -> None:
    raw = products(weight_kg=["200", "1"], brand=["x", "y"])
    done, after = corrected(raw, [of("weight_kg", "light"), of("brand", "Nordkoek", number=2)])
    assert after.at["A", "weight_kg"] == 200.0
    assert after.at["A", "brand"] == "Nordkoek"
    problems = {met.override.field: met.problem for met in done.met}
    assert "light" in problems["weight_kg"]
    assert problems["brand"] == ""


def test_what_is_wrong_in_the_source_is_mended_and_is_not_blamed_on_other_corrections() -> None:
    raw = products(weight_kg=["two", "1"], brand=["x", "y"])
    done, after = corrected(
        raw, [of("weight_kg", "0.2", source_now="two"), of("brand", "Nordkoek", number=2, source_now="x")]
    )
    assert (after.at["A", "weight_kg"], after.at["A", "brand"]) == (0.2, "Nordkoek")
    assert [(met.source, met.problem, met.is_news) for met in done.met] == [("two", "", False), ("x", "", False)]


def test_a_correction_of_something_else_leaves_an_impossible_record_impossible() -> None:
    done, after = corrected(products(weight_kg=["two", "1"]), [of("brand", "Nordkoek")])
    assert list(after.index) == ["B"]
    assert [(met.problem, met.agrees, met.is_news) for met in done.met] == [("", False, False)]


@pytest.mark.parametrize(
    ("source", "value", "known", "agrees", "is_news"),
    [
        ("0.5", "0,50", "200", True, False),
        (" 0.500 ", "0.5", "0.5", True, False),
        ("200", "0.5", "200", False, False),
        ("200.0", "0.5", "200", False, False),
        ("201", "0.5", "200", False, True),
        ("", "0.5", "", False, False),
        ("", "0.5", "200", False, True),
        ("", "", "200", True, False),
        ("0.5", "light", "0.5", False, False),
    ],
)
def test_what_the_source_says_is_compared_as_the_column_is_typed(
    source: str, value: str, known: str, agrees: bool, is_news: bool
) -> None:
    done, _ = corrected(products(weight_kg=[source]), [of("weight_kg", value, source_now=known)])
    (met,) = done.met
    assert (met.agrees, met.is_news) == (agrees, is_news)


def test_a_record_that_did_not_come_is_not_met() -> None:
    done, after = corrected(products(weight_kg=["1"]), [of("weight_kg", "2", "Z")])
    assert done.met == ()
    assert after.at["A", "weight_kg"] == 1.0


def test_what_may_be_corrected() -> None:
    assert all(is_mendable(entity, name) for entity, names in MENDABLE.items() for name in names if "*" not in name)
    assert is_mendable("product", "property_color")
    assert not any(is_mendable("product", name) for name in ("sku", "name", "property_", "status", "long_text"))
    assert not is_mendable("price", "price_eur_excl_vat")
