"""The comparer finds what differs and only that."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.comparer import Answer, compare
from sandbox.transcripts import TranscriptError, fill, picture, tokens, values


def differences(recorded: Any, answered: Any, *vary: str) -> list[str]:
    return compare(Answer(200, "application/json", recorded), Answer(200, "application/json", answered), vary)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, width=32)
    | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text("abc", max_size=3), children, max_size=3),
    max_leaves=8,
)


@given(json_values)
def test_a_value_equals_itself(value: Any) -> None:
    assert differences(value, value) == []


@given(json_values, json_values)
def test_two_values_differ_exactly_when_python_and_json_types_say_so(left: Any, right: Any) -> None:
    assert bool(differences(left, right)) == bool(differences(right, left))


@pytest.mark.parametrize(
    ("recorded", "answered"),
    [
        (5, "5"), ("5", 5), (True, 1), (0, False), (None, ""), ([], {}), ({}, []), ({"a": 1}, {}), ({}, {"a": 1}), ([1], [1, 2]),
        ([1, 2], [2, 1]), ("abc", "abd"), (5, 6), ({"a": {"b": 1}}, {"a": {"b": 2}}), (None, {"a": 1}),
    ],
)  # fmt: skip
def test_these_differ(recorded: Any, answered: Any) -> None:
    assert differences({"x": recorded}, {"x": answered})


@pytest.mark.parametrize(("recorded", "answered"), [(5, 5.0), (1.0e14, 100000000000000), (0.1, 0.1)])
def test_numbers_compare_as_numbers(recorded: float, answered: float) -> None:
    assert differences([recorded], [answered]) == []


def test_status_and_content_type_are_exact() -> None:
    wanted = Answer(200, "application/json", {})
    assert compare(wanted, Answer(201, "application/json", {}))[0].startswith("status 201 instead of 200")
    assert compare(wanted, Answer(200, "text/plain", {})) == ["content type 'text/plain' instead of 'application/json'"]


def test_what_may_vary_keeps_its_type() -> None:
    assert differences({"id": 3}, {"id": 9}, "$.id") == []
    assert differences({"id": 3}, {"id": "9"}, "$.id")
    assert differences({"id": 3}, {}, "$.id") == ["$: key 'id' is missing"]
    assert differences({"at": None}, {"at": "2026"}, "$.at") == []


def test_a_path_that_may_vary_covers_all_below_it_and_nothing_beside() -> None:
    recorded, answered = {"items": [{"id": 1, "sku": "a"}], "n": 1}, {"items": [{"id": 2, "sku": "a"}], "n": 1}
    assert differences(recorded, answered, "$.items") == []
    assert differences(recorded, answered, "$.items[*].id") == []
    assert differences(recorded, answered, "$.items[0].id") == []
    assert differences(recorded, answered, "$.items[1].id")
    assert differences(recorded, answered, "$.n")
    assert differences({"a": 1}, {"a": 2}, "$") == []


def attributes(**held: str) -> list[dict[str, str]]:
    return [{"attribute_code": code, "value": value} for code, value in held.items()]


def test_custom_attributes_are_matched_by_code_in_any_order() -> None:
    recorded = {"custom_attributes": attributes(a="1", b="2")}
    assert differences(recorded, {"custom_attributes": attributes(b="2", a="1")}) == []
    changed = differences(recorded, {"custom_attributes": attributes(b="2", a="3")})
    assert changed == ['$.custom_attributes[0].value: "3" instead of "1"']
    assert differences(recorded, {"custom_attributes": attributes(a="1")}) == ["$.custom_attributes: b is missing"]
    extra = differences(recorded, {"custom_attributes": attributes(a="1", b="2", c="3")})
    assert extra == ['$.custom_attributes: c is extra: {"attribute_code": "c", "value": "3"}']


def test_a_condition_picks_the_elements_that_may_vary() -> None:
    recorded, answered = (
        {"custom_attributes": attributes(a="1", b="2")},
        {"custom_attributes": attributes(a="9", b="9")},
    )
    found = differences(recorded, answered, "$.custom_attributes[?attribute_code=a].value")
    assert found == ['$.custom_attributes[1].value: "9" instead of "2"']


def test_source_items_are_matched_by_sku_and_source() -> None:
    one, other = (
        {"sku": "a", "source_code": "ghent", "quantity": 1},
        {"sku": "a", "source_code": "antwerp", "quantity": 2},
    )
    assert differences([one, other], [other, one]) == []
    assert differences([one, other], [other, {**one, "quantity": 5}])


def test_a_double_key_falls_back_to_the_order() -> None:
    twice = {"operations_list": [{"id": 0, "status": 1}, {"id": 0, "status": 3}]}
    assert differences(twice, {"operations_list": list(reversed(twice["operations_list"]))})


def test_masks_stand_for_any_text() -> None:
    recorded = {"message": "Internal Error. Report ID: webapi-<report>"}
    assert differences(recorded, {"message": "Internal Error. Report ID: webapi-6a3f"}) == []
    assert differences(recorded, {"message": "Internal Error."})


@pytest.mark.parametrize("path", ["id", "$id", "$.a[", "$.a[x]", "$..b"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(TranscriptError, match="is not a path"):
        tokens(path)


def test_values_by_path() -> None:
    body = {"a": [{"label": "Rood", "value": "4"}, {"label": "Blauw", "value": "5"}]}
    assert list(values(body, "$.a[?label=Rood].value")) == ["4"]
    assert list(values(body, "$.a[*].value")) == ["4", "5"]
    assert list(values(body, "$.a[1].value")) == ["5"]
    assert list(values(body, "$.a[7].value")) == []
    assert list(values("4", "$")) == ["4"]


def test_placeholders_keep_the_type_when_they_stand_alone() -> None:
    assert fill({"id": "{{n}}", "path": "x/{{n}}"}, {"n": 7}) == {"id": 7, "path": "x/7"}


@pytest.mark.parametrize(
    ("kind", "start"), [("$base64_jpeg", "/9j/"), ("$base64_png", "iVBOR"), ("$base64_gif", "R0lG")]
)
def test_pictures_are_of_their_kind(kind: str, start: str) -> None:
    assert picture(kind, "320x240").startswith(start)
    assert fill({"data": {kind: "2x3"}}, {})["data"].startswith(start)
