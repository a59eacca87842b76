"""Attributes, options and sets as a real shop answers: fixed lists, search columns, and sets of other entities."""

from typing import Any

import pytest

ATTRIBUTES = "/V1/products/attributes"
SETS = "/V1/products/attribute-sets"


def new(client: Any, code: str, status: int = 200, **fields: Any) -> Any:
    sent = {"attribute_code": code, "frontend_input": "text", "default_frontend_label": "Label", **fields}
    answer = client.call("POST", ATTRIBUTES, {"attribute": sent})
    assert answer.status_code == status, answer.text
    return answer.json()


def found(client: Any, field: str, value: Any) -> Any:
    filter_ = "searchCriteria[filter_groups][0][filters][0]"
    query = f"{filter_}[field]={field}&{filter_}[value]={value}&fields=items[attribute_code],total_count"
    return client.call("GET", f"{ATTRIBUTES}?{query}")


def set_named(client: Any, name: str, **fields: Any) -> Any:
    return client.call("POST", SETS, {"attributeSet": {"attribute_set_name": name, **fields}, "skeletonId": 4}).json()


def test_an_option_of_a_fixed_list_is_accepted_and_never_seen(client: Any) -> None:
    path = f"{ATTRIBUTES}/status/options"
    before = client.call("GET", path).json()
    assert [client.call("POST", path, {"option": {"label": "Soms"}}).json() for _ in range(2)] == ["", ""]
    assert client.call("PUT", f"{path}/1", {"option": {"label": "Aan"}}).json() is True
    assert client.call("DELETE", f"{path}/1").json() is True
    assert client.call("GET", path).json() == before


def test_option_zero_cannot_be_deleted(client: Any) -> None:
    answer = client.call("DELETE", f"{ATTRIBUTES}/color/options/0")
    assert (answer.status_code, answer.json()) == (400, {"message": "Invalid option id %1", "parameters": ["0"]})


def test_options_of_a_new_attribute_count_only_those_without_an_order(client: Any) -> None:
    options = [{"label": "S", "sort_order": 1}, {"label": "M"}, {"label": "L"}]
    made = new(client, "maat", frontend_input="select", options=options)
    assert [option["label"] for option in made["options"]] == [" ", "M", "L", "S"]


def test_an_option_needs_a_general_label(client: Any) -> None:
    refused = new(client, "maat", 400, frontend_input="select", options=[{"sort_order": 1}])
    assert refused["message"] == "The default option isn't defined. Set the option and try again."


def test_an_unknown_scope_is_passed_over(client: Any) -> None:
    assert new(client, "ean", scope="ergens")["scope"] == "global"


@pytest.mark.parametrize("field", ["attribute_id", "entity_type_id", "scope", "default_frontend_label", "attribute"])
def test_a_search_on_an_ambiguous_or_missing_column_breaks_down(client: Any, field: str) -> None:
    assert found(client, field, 1).status_code == 500


def test_attributes_are_found_by_their_set_and_by_stored_flags(client: Any) -> None:
    number = set_named(client, "Tweede")["attribute_set_id"]
    new(client, "ean", is_filterable=True)
    codes = ["price", "manufacturer", "color", "ean"]
    assert found(client, "is_filterable", 1).json() == {
        "items": [{"attribute_code": code} for code in codes],
        "total_count": 4,
    }
    in_both = found(client, "attribute_set_id", number).json()
    assert in_both["total_count"] == found(client, "attribute_set_id", 4).json()["total_count"]
    assert {"attribute_code": "ean"} not in in_both["items"]


def test_a_set_answers_with_what_was_sent_and_must_name_its_entity_type(client: Any) -> None:
    made = set_named(client, "Tweede")
    assert made["sort_order"] is None
    path, refusal = f"{SETS}/{made['attribute_set_id']}", "Provided Attribute set non product Attribute set."
    sent = {"attribute_set_id": made["attribute_set_id"], "attribute_set_name": "Derde"}
    assert client.call("PUT", path, {"attributeSet": sent}).json() == {"message": refusal}
    changed = client.call("PUT", path, {"attributeSet": {**sent, "entity_type_id": 4}}).json()
    assert changed == {**sent, "entity_type_id": 4, "sort_order": None}
    assert client.call("GET", path).json() == {**changed, "sort_order": 0}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_sets_of_other_entities_are_refused(client: Any, method: str) -> None:
    answer = client.call(method, f"{SETS}/3")
    assert (answer.status_code, answer.json()["message"]) == (400, "Provided Attribute set non product Attribute set.")


def test_a_group_answers_with_the_extension_that_was_sent(client: Any) -> None:
    extension = {"attribute_group_code": "etl", "sort_order": "99"}
    group = {"attribute_group_name": "ETL", "attribute_set_id": 4, "extension_attributes": extension}
    assert client.call("POST", f"{SETS}/groups", {"group": group}).json()["extension_attributes"] == extension


def test_the_image_roles_of_a_set(client: Any) -> None:
    roles = client.call("GET", "/V1/products/media/types/default?fields=attribute_code").json()
    assert [role["attribute_code"] for role in roles] == ["image", "small_image", "thumbnail", "swatch_image"]
    assert client.call("GET", "/V1/products/media/types/nosuch").json() == []
