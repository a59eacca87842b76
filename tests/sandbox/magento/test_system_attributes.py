"""What every shop has: the metadata of system attributes, their fixed options, sets of every entity, category attributes."""

from typing import Any

import pytest

PRODUCT = "/V1/products/attributes"
CATEGORY = "/V1/categories/attributes"
SETS = "/V1/eav/attribute-sets"
SELLABLE = ["simple", "virtual", "bundle", "downloadable", "configurable"]


def read(client: Any, path: str, status: int = 200) -> Any:
    answer = client.call("GET", path)
    assert answer.status_code == status, answer.text
    return answer.json()


def on(attribute: dict[str, Any]) -> set[str]:
    """The flags that are switched on, whether true or "1"."""
    return {name for name, held in attribute.items() if held is True or held == "1"}


def copy(client: Any, status: int = 200, **body: Any) -> Any:
    answer = client.call("POST", SETS, {"entityTypeCode": "catalog_product", "skeletonId": 4, **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_metadata_of_the_name(client: Any) -> None:
    name = read(client, f"{PRODUCT}/name")
    flags = {"is_required", "is_visible", "is_searchable", "is_visible_in_advanced_search", "used_in_product_listing"}
    assert on(name) == flags | {"used_for_sort_by"}
    assert name["frontend_class"] == "validate-length maximum-length-255"
    assert (name["scope"], name["backend_type"], name["options"], name["apply_to"]) == ("store", "varchar", [], [])


def test_the_metadata_of_the_price(client: Any) -> None:
    price = read(client, f"{PRODUCT}/price")
    assert {"is_filterable", "used_for_sort_by", "is_searchable"} <= on(price)
    assert (price["scope"], price["apply_to"]) == ("global", SELLABLE)
    assert price["backend_model"] == "Magento\\Catalog\\Model\\Product\\Attribute\\Backend\\Price"


def test_descriptions_are_html(client: Any) -> None:
    assert {"is_wysiwyg_enabled", "is_html_allowed_on_front", "is_comparable"} <= on(
        read(client, f"{PRODUCT}/description")
    )


def test_cost_is_not_for_bundles_and_may_be_deleted(client: Any) -> None:
    cost = read(client, f"{PRODUCT}/cost")
    assert (cost["is_user_defined"], cost["apply_to"]) == (True, ["simple", "virtual", "downloadable"])


def test_what_is_null_is_left_out(client: Any) -> None:
    links = read(client, f"{PRODUCT}/links_exist")
    assert not {"default_frontend_label", "frontend_input", "source_model", "note"} & links.keys()
    assert (links["is_visible"], links["default_value"]) == (False, "0")


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("status", [("1", "Enabled"), ("2", "Disabled")]),
        ("tax_class_id", [("0", "None"), ("2", "Taxable Goods")]),
        ("gift_message_available", [("1", "Yes"), ("0", "No"), ("2", "Use config")]),
        ("price_type", []),
        ("manufacturer", [("", " ")]),
    ],
)
def test_fixed_options(client: Any, code: str, options: list[tuple[str, str]]) -> None:
    expected = [{"label": label, "value": value} for value, label in options]
    assert read(client, f"{PRODUCT}/{code}/options") == read(client, f"{PRODUCT}/{code}")["options"] == expected


def test_countries_are_named_in_the_language_of_the_store_view(client: Any) -> None:
    path = f"{PRODUCT}/country_of_manufacture/options"
    dutch, english = (read(client, f"/{store}{path}") for store in ("nl", "en"))
    assert {"label": "België", "value": "BE"} in dutch
    assert {"label": "Belgium", "value": "BE"} in english
    assert dutch[0] == {"label": " ", "value": ""}
    assert len(dutch) == len(english) > 240


def test_a_simple_product_needs_none_of_the_hidden_required_attributes(client: Any) -> None:
    product = {"sku": "p1", "name": "Een", "price": 1, "attribute_set_id": 4, "type_id": "simple"}
    assert client.call("POST", "/V1/products", {"product": product}).status_code == 200


def test_members_of_a_set_come_in_the_order_of_their_places(client: Any) -> None:
    path = "/V1/products/attribute-sets/4/attributes"
    codes = [member["attribute_code"] for member in read(client, path)]
    assert {"color", "manufacturer"}.isdisjoint(codes)
    assert codes.index("status") < codes.index("name") < codes.index("sku") < codes.index("description")
    place = {"attributeSetId": 4, "attributeGroupId": 7, "attributeCode": "color", "sortOrder": 15}
    client.call("POST", "/V1/products/attribute-sets/attributes", place)
    codes = [member["attribute_code"] for member in read(client, path)]
    assert codes.index("name") < codes.index("color") < codes.index("sku")


def test_sets_of_every_entity_are_listed(client: Any) -> None:
    found = read(client, f"{SETS}/list?searchCriteria[page_size]=50")
    assert [item["attribute_set_id"] for item in found["items"]] == list(range(1, 9))
    field = "searchCriteria[filter_groups][0][filters][0]"
    found = read(client, f"{SETS}/list?{field}[field]=entity_type_code&{field}[value]=catalog_category")
    values = {"attribute_set_id": 3, "attribute_set_name": "Default", "sort_order": 1, "entity_type_id": 3}
    assert (found["items"], found["total_count"]) == ([values], 1)
    assert read(client, f"{SETS}/3") == values


def test_a_product_set_lives_through_the_general_routes(client: Any) -> None:
    made = copy(client, attributeSet={"attribute_set_name": "Tweede", "sort_order": 3})
    number = made["attribute_set_id"]
    assert read(client, f"/V1/products/attribute-sets/{number}") == made
    assert "name" in [one["attribute_code"] for one in read(client, f"/V1/products/attribute-sets/{number}/attributes")]
    sent = {"attribute_set_name": "Derde"}
    answer = client.call("PUT", f"{SETS}/{number}", {"attributeSet": sent}).json()
    assert (answer["attribute_set_id"], answer["attribute_set_name"]) == (number, "Derde")
    assert read(client, f"{SETS}/{number}") == {**made, **sent}
    assert client.call("DELETE", f"{SETS}/{number}").json() is True
    read(client, f"{SETS}/{number}", 404)


def test_a_customer_set_is_no_product_set(client: Any) -> None:
    number = copy(client, entityTypeCode="customer", attributeSet={"attribute_set_name": "B2B"}, skeletonId=1)[
        "attribute_set_id"
    ]
    assert read(client, f"{SETS}/{number}")["entity_type_id"] == 1
    assert "non product" in read(client, f"/V1/products/attribute-sets/{number}", 400)["message"]
    assert client.call("DELETE", f"{SETS}/{number}").json() is True


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"attributeSet": {"attribute_set_name": "Default"}}, 400, 'A "Default" attribute set name already exists.'),
        ({"attributeSet": {"attribute_set_name": ""}}, 400, "The attribute set name is empty."),
        ({"attributeSet": {"attribute_set_name": "x"}, "skeletonId": 0}, 400, "Invalid value of"),
        ({"attributeSet": {"attribute_set_name": "x"}, "skeletonId": 99}, 404, "No such entity"),
        (
            {"attributeSet": {"attribute_set_name": "x"}, "entityTypeCode": "taart"},
            400,
            "Invalid entity_type specified: taart",
        ),
    ],
)
def test_a_set_that_cannot_be_made(client: Any, body: dict[str, Any], status: int, message: str) -> None:
    assert copy(client, status, **body)["message"].startswith(message)


def test_a_default_set_stays_and_a_name_is_not_given_twice(client: Any) -> None:
    for number in (3, 4):
        answer = client.call("DELETE", f"{SETS}/{number}")
        assert (answer.status_code, answer.json()["message"]) == (400, "The default attribute set can't be deleted.")
    number = copy(client, attributeSet={"attribute_set_name": "Tweede"})["attribute_set_id"]
    answer = client.call("PUT", f"{SETS}/{number}", {"attributeSet": {"attribute_set_name": "default"}})
    assert answer.status_code == 400
    assert read(client, f"{SETS}/{number}")["attribute_set_name"] == "Tweede"


def test_category_attributes(client: Any) -> None:
    found = read(client, f"{CATEGORY}?searchCriteria[page_size]=3")
    assert [item["attribute_code"] for item in found["items"]] == ["name", "is_active", "description"]
    assert found["total_count"] == 31
    anchor = read(client, f"{CATEGORY}/is_anchor")
    assert (anchor["entity_type_id"], anchor["scope"], anchor["default_value"]) == ("3", "global", "1")
    assert {"label": "Yes", "value": "1"} in anchor["options"]
    assert read(client, f"{CATEGORY}/taart", 404)["parameters"] == ["taart"]
    assert read(client, f"{CATEGORY}/taart/options", 404)["parameters"] == ["taart"]


def test_categories_sort_by_what_products_are_sorted_by(client: Any) -> None:
    sent = {
        "attribute_code": "merk",
        "frontend_input": "text",
        "default_frontend_label": "Merk",
        "used_for_sort_by": True,
    }
    client.call("POST", PRODUCT, {"attribute": sent})
    values = [option["value"] for option in read(client, f"{CATEGORY}/default_sort_by/options")]
    assert values == ["position", "name", "price", "merk"]


def test_a_product_attribute_with_the_code_of_a_category_attribute_has_its_own_options(client: Any) -> None:
    sent = {"attribute_code": "display_mode", "frontend_input": "select", "default_frontend_label": "Stand"}
    client.call("POST", PRODUCT, {"attribute": {**sent, "options": [{"label": "Aan"}]}})
    assert [option["label"] for option in read(client, f"{PRODUCT}/display_mode/options")] == [" ", "Aan"]
    labels = [option["label"] for option in read(client, f"{CATEGORY}/display_mode/options")]
    assert labels == ["Products only", "Static block only", "Static block and products"]
