"""Input checking: what is converted, what is refused, and in which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.magento import query
from sandbox.magento.errors import ApplicationCrash, MagentoError
from sandbox.magento.inputs import leading_number, numeric, process, struct

struct("Box", label="string", size="int", weight="float", open="boolean", inside="Box", more="Box[]", marks="int[]",
       custom_attributes="attributes")  # fmt: skip
TYPES = {"tax": "int", "cost": "decimal", "text": "text"}.get


def box(**sent):
    return process({"box": "Box"}, {"box": sent}, TYPES)["box"]


def refusal(**sent):
    with pytest.raises(MagentoError) as caught:
        box(**sent)
    return caught.value.message


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"label": 12}, {"label": "12"}),
        ({"label": True}, {"label": "1"}),
        ({"label": 1.50}, {"label": "1.5"}),
        ({"size": "7"}, {"size": 7}),
        ({"size": 7.9}, {"size": 7}),
        ({"weight": " 1e3 "}, {"weight": 1000.0}),
        ({"open": "false"}, {"open": False}),
        ({"marks": ["1", "x", 2.5]}, {"marks": [1, 0, 2]}),
        ({"inside": "text"}, {"inside": {}}),
        ({"more": {"a": {"size": 1}}}, {"more": [{"size": 1}]}),
        ({"more": "text"}, {"more": None}),
        ({"label": None}, {"label": None}),
    ],
)
def test_conversions(sent, kept):
    assert box(**sent) == kept


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (
            {"size": "x"},
            'Error occurred during "size" processing. The "x" value\'s type is invalid. The "int" type was',
        ),
        (
            {"weight": ""},
            'Error occurred during "weight" processing. The "" value\'s type is invalid. The "float" type',
        ),
        ({"label": []}, 'Error occurred during "label" processing. The "array" value\'s type is invalid. The "string"'),
        (
            {"inside": {"size": "x"}},
            'Error occurred during "inside" processing. Error occurred during "size" processing.',
        ),
        ({"nosuch": 1}, "Internal Error. Details are available in Magento log file. Report ID: webapi-"),
    ],
)
def test_refusals(sent, told):
    assert refusal(**sent).startswith(told)


def test_custom_attributes_are_checked_by_the_way_they_are_stored():
    sent = [
        {"attribute_code": code, "value": value}
        for code, value in (("cost", ""), ("tax", "2"), ("text", 5), ("own", [1]))
    ]
    assert box(custom_attributes=sent)["custom_attributes"] == {"cost": 0.0, "tax": 2, "text": "5", "own": [1]}
    told = refusal(custom_attributes=[{"attribute_code": "tax", "value": "hoog"}])
    assert 'Attribute "tax" has invalid value. The "hoog" value\'s type is invalid.' in told
    with pytest.raises(ApplicationCrash):
        box(custom_attributes={"tax": "2"})


def test_a_parameter_is_found_in_either_spelling_and_missed_by_its_own_name():
    assert process({"searchCriteria": "string"}, {"search_criteria": "x"}) == {"searchCriteria": "x"}
    with pytest.raises(MagentoError) as caught:
        process({"one": "string", "other": "string", "third?": "string"}, {})
    assert [error.parameters for error in caught.value.errors] == [{"fieldName": "one"}, {"fieldName": "other"}]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_is_written_down_is_read_back(number):
    assert numeric(repr(number)) == leading_number(repr(number)) == number


@given(st.text())
def test_no_text_breaks_the_number_reader(text):
    whole = numeric(text)
    assert whole is None or whole == leading_number(text)


def test_a_query_becomes_nested_like_in_php():
    text = "a[b][0][c]=1&a[b][0][d]=2&e[]=x&e[]=y&f.g=3&h"
    assert query.parse(text) == {
        "a": {"b": {"0": {"c": "1", "d": "2"}}},
        "e": {"0": "x", "1": "y"},
        "f_g": "3",
        "h": "",
    }


@given(st.text())
def test_no_query_breaks_the_parser(text):
    assert isinstance(query.parse(text), dict)
