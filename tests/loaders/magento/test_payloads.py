"""The pure parts of the Magento target: keys, addresses, numbers, messages, places in a bulk."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koppel.magento.keys import normalised
from loaders.magento.payloads import (
    agrees,
    attribute_list,
    category_code,
    category_url_key,
    number,
    same,
    slug,
    text_payload,
)
from loaders.magento.queue import placed
from loaders.magento.rejection import Rejection


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_category_codes_have_different_addresses(one: str, other: str) -> None:
    keys = {category_url_key(code) for code in (one, other)}
    assert len(keys) == len({one, other})
    assert all(key == key.lower() and set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for key in keys)
    assert category_code(category_url_key(one)) == one


@given(st.decimals(min_value=0, max_value=99_999_999, places=2))
def test_a_price_travels_as_exactly_itself(price: Decimal) -> None:
    sent = json.dumps(number(str(price), 6, "The price"))
    assert Decimal(sent) == price


@pytest.mark.parametrize("value", ["-1", "abc", "NaN", "Infinity", "12345678901234567890.12", None, ""])
def test_what_is_no_number_is_rejected(value: object) -> None:
    with pytest.raises(Rejection):
        number(value, 6, "The price")


@pytest.mark.parametrize(
    ("ours", "theirs"), [(5, "5"), (0.45, 0.45), (2, 2.0), ("2", 2), (False, False), (1.5, "1.500000")]
)
def test_equal_values_in_other_clothes(ours: object, theirs: object) -> None:
    assert same(ours, theirs)


@pytest.mark.parametrize(("ours", "theirs"), [(5, None), (0.45, 0.4501), ("a", "A"), (1, "one"), (True, False)])
def test_unequal_values(ours: object, theirs: object) -> None:
    assert not same(ours, theirs)


def test_empty_values_are_never_sent() -> None:
    assert attribute_list({"a": "", "b": None, "c": "0"}) == [{"attribute_code": "c", "value": "0"}]
    payload = text_payload({"sku": "S", "name": "", "short_text": "", "long_text": "x"}, is_new=False)
    assert payload == {
        "sku": "S",
        "visibility": 4,
        "custom_attributes": [{"attribute_code": "description", "value": "x"}],
    }


def test_agreement_needs_every_field_but_not_more() -> None:
    payload = text_payload({"sku": "S", "name": "N", "long_text": "x"}, is_new=False)
    item = {
        "sku": "s",
        "name": "N",
        "visibility": 4,
        "custom_attributes": [{"attribute_code": "description", "value": "x"}],
    }
    assert agrees(payload, item | {"price": 9})
    assert not agrees(payload, item | {"visibility": 1})
    assert not agrees(payload, item | {"custom_attributes": []})


def test_operations_find_their_place_by_index_or_by_order() -> None:
    done = {"status": 1, "result_message": "ok"}
    bad = {"status": 3, "result_message": "no"}
    by_index = placed([{"id": 2, **bad}, {"id": 0, **done}], [0, 2])
    assert (by_index[0].status, by_index[2].status) == (1, 3)
    by_row = placed([{"id": 9001, **done}, {"id": 9002, **bad}], [0, 2])
    assert (by_row[0].status, by_row[2].status) == (1, 3)
    assert placed([{"id": 9001, **done}], [0, 2]) == {}
    assert placed([{"id": 0, "status": 4, "result_message": None}], [0, 1])[0].status == 4


@given(st.text(max_size=64), st.text(max_size=64))
def test_two_skus_of_one_name_never_share_an_address(one: str, other: str) -> None:
    if normalised(one) != normalised(other):
        assert slug("Hoesje", one) != slug("Hoesje", other)
