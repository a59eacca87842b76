"""The fields filter and the two renderers."""

import json

import pytest

from sandbox.magento.errors import ApplicationCrash
from sandbox.magento.output import filtered, parse_fields, to_json, to_xml

ANSWER = {"items": [{"sku": "a", "price": 1.0, "tags": [{"id": 1, "name": "x"}], "kinds": [1, 2]}], "total_count": 1}


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ("total_count", {"total_count": 1}),
        ("items[sku],total_count", {"items": [{"sku": "a"}], "total_count": 1}),
        ("items[tags[name]]", {"items": [{"tags": [{"name": "x"}]}]}),
        ("items[kinds]", {"items": [{"kinds": [1, 2]}]}),
        ("nosuch", {}),
        ("items[sku", []),
        ("items]sku", []),
        ("items[sku];drop", []),
    ],
)
def test_fields(fields, left):
    assert filtered(ANSWER, fields) == left


def test_an_empty_list_below_a_filter_is_null_and_a_scalar_is_left_alone():
    assert filtered({"items": []}, "items[sku]") == {"items": None}
    assert filtered([], "sku") is None
    assert filtered(True, "sku") is True


def test_fields_of_what_has_none_break_down():
    with pytest.raises(ApplicationCrash):
        filtered(ANSWER, "items[kinds[x]]")


def test_a_tree_of_fields():
    assert parse_fields("a,b[c,d[e]],f") == {"a": 1, "b": {"c": 1, "d": {"e": 1}}, "f": 1}


def test_json_is_that_of_php():
    text = to_json({"a": {}, "b": 5.0, "c": "é/", "d": 1e14, "e": None}).decode()
    assert text == '{"a": [], "b": 5, "c": "\\u00e9\\/", "d": 100000000000000.0, "e": null}'
    assert json.loads(text)["c"] == "é/"


def test_xml_escapes_what_callers_sent():
    text = to_xml({"items": [{"name": "<b>&"}], "ok": True, "0a": None, "none": []}).decode()
    assert "<name>&lt;b&gt;&amp;</name>" in text
    assert "<ok>true</ok>" in text
    assert "<item_0a/>" in text
