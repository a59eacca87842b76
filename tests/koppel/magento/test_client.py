"""The pure parts of talking to a Magento: keys as it compares them, addresses, and what its messages mean."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koppel.http import Answer
from koppel.magento.client import QUERY_BYTES, criteria, sku_chunks, sku_filters
from koppel.magento.keys import normalised
from koppel.magento.messages import filled, is_worth_once_more, maximum, words


@given(st.text())
def test_normalising_twice_is_normalising_once(key: str) -> None:
    assert normalised(normalised(key)) == normalised(key)


@given(st.text(alphabet="abcé ÀZ-1", max_size=8))
def test_keys_that_magento_takes_for_one_are_one(key: str) -> None:
    assert normalised(key) == normalised(f"  {key.upper()} ")
    assert normalised(key) == normalised(unicodedata.normalize("NFD", key))


@pytest.mark.parametrize(
    ("message", "parameters", "text"),
    [
        ("The attribute %1 has no %2", ["a", 5], "The attribute a has no 5"),
        ("%fieldName = %fieldValue", {"fieldName": "id", "fieldValue": 9}, "id = 9"),
        ("Invalid attribute %fieldName = %fieldValue.", ["SKU", "nope"], "Invalid attribute SKU = nope."),
        ("100 % wool", None, "100 % wool"),
        ("%1 and %7", ["a"], "a and %7"),
        ("%unknown", {}, "%unknown"),
    ],
)
def test_placeholders_are_filled_in(message: str, parameters: object, text: str) -> None:
    assert filled(message, parameters) == text


def test_words_collects_every_error() -> None:
    body = {"message": "Several.", "errors": [{"message": '"%f" is required.', "parameters": {"f": "name"}}]}
    assert words(Answer("rejected", 400, body)) == 'Several. "name" is required.'


def test_limits_and_retries_are_recognised_by_their_words() -> None:
    assert maximum('Maximum items of type "Magento\\Catalog\\Api\\Data\\ProductInterface" is 20') == 20
    assert maximum("Maximum SearchCriteria pageSize is 300") == 300
    assert maximum("The maximum is reached") is None
    assert is_worth_once_more("Unique constraint violation found")
    assert is_worth_once_more("SQLSTATE[40001]: Deadlock found when trying to get lock")
    assert not is_worth_once_more("URL key for specified store already exists.")


@given(st.lists(st.text(min_size=1, max_size=64), max_size=80), st.integers(1, 50))
def test_searches_fit_in_an_address_and_forget_no_sku(skus: list[str], count: int) -> None:
    chunks = list(sku_chunks(skus, count))
    assert [sku for chunk in chunks for sku in chunk] == list(dict.fromkeys(skus))
    assert all(0 < len(chunk) <= count for chunk in chunks)


def test_a_sku_with_a_comma_gets_a_filter_of_its_own() -> None:
    assert sku_filters(["a", "b,c", "d"]) == [("sku", "in", "a,d"), ("sku", "eq", "b,c")]
    long = [f"SKU-{'x' * 55}-{n:03}" for n in range(500)]
    for chunk in sku_chunks(long, 300):
        assert sum(len(value) for _, value in criteria([sku_filters(chunk)])) < QUERY_BYTES + 300
