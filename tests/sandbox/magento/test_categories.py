"""Categories as a real shop answers: the root of all trees, sort fields, unusable names, children, counts and search."""

from typing import Any

import pytest

ROOT = "/all/V1/categories"


def new(client: Any, name: str, status: int = 200, **fields: Any) -> Any:
    body = {"category": {"name": name, "parent_id": 2, "is_active": True, **fields}}
    answer = client.call("POST", ROOT, body)
    assert answer.status_code == status, answer.text
    return answer.json()


def custom(record: dict[str, Any]) -> dict[str, Any]:
    return {one["attribute_code"]: one["value"] for one in record["custom_attributes"]}


def attribute(code: str, value: Any) -> list[dict[str, Any]]:
    return [{"attribute_code": code, "value": value}]


def test_the_root_of_all_trees_was_never_switched_on(client: Any) -> None:
    tree = client.call("GET", ROOT).json()
    assert (tree["id"], tree["is_active"], tree["children_data"][0]["is_active"]) == (1, None, True)
    assert "is_active" not in client.call("GET", f"{ROOT}/1").json()


def test_the_default_category_shows_products_and_has_no_url_key_until_it_is_saved(client: Any) -> None:
    assert custom(client.call("GET", f"{ROOT}/2").json()) == {
        "display_mode": "PRODUCTS", "path": "1/2", "children_count": "0"
    }  # fmt: skip
    assert custom(client.call("PUT", f"{ROOT}/2", {"category": {"name": "Winkel"}}).json())["url_key"] == "winkel"


def test_the_default_sort_field_must_be_among_the_available_ones(client: Any) -> None:
    refusal = "Default Product Listing Sort by does not exist in Available Product Listing Sort By."
    for available, default in ((["name"], "price"), (["name"], None)):
        sent = {"available_sort_by": available, "custom_attributes": attribute("default_sort_by", default)}
        assert new(client, "Tuin", 400, **sent)["parameters"] == [refusal]
    sent = {"available_sort_by": ["name", "price"], "custom_attributes": attribute("default_sort_by", "price")}
    assert new(client, "Tuin", **sent)["available_sort_by"] == ["name", "price"]


def test_a_name_without_a_latin_letter_gives_no_url_key(client: Any) -> None:
    for fields, said in (
        ({}, "category name can not"),
        ({"custom_attributes": attribute("url_key", "!!")}, "URL key can not"),
    ):
        (message,) = new(client, "???", 400, **fields)["parameters"]
        assert message.startswith("Invalid URL key.")
        assert said in message


def test_a_name_is_cut_at_255_characters(client: Any) -> None:
    made = new(client, "x" * 256)
    assert (len(made["name"]), len(custom(made)["url_key"])) == (255, 255)


def test_children_are_the_active_ones_oldest_first(client: Any) -> None:
    parent = new(client, "Boven")["id"]
    for name, fields in (("Een", {"position": 9}), ("Twee", {"position": 1}), ("Uit", {"is_active": False})):
        new(client, name, parent_id=parent, **fields)
    assert client.call("GET", f"{ROOT}/{parent}").json()["children"] == f"{parent + 1},{parent + 2}"


def test_without_a_parent_all_has_no_root_to_hang_it_under(client: Any) -> None:
    answer = client.call("POST", ROOT, {"category": {"name": "Wees", "is_active": True}})
    assert (answer.status_code, answer.json()["parameters"]["fieldValue"]) == (404, "0")


@pytest.mark.parametrize("field", ["id", "nosuch"])
def test_a_search_on_an_unknown_attribute_is_refused(client: Any, field: str) -> None:
    query = "searchCriteria[filter_groups][0][filters][0]"
    answer = client.call("GET", f"{ROOT}/list?{query}[field]={field}&{query}[value]=1")
    message = 'The "%1" attribute name is invalid. Reset the name and try again.'
    assert answer.json() == {"message": message, "parameters": [field]}


def test_a_view_counts_only_products_of_its_website(client: Any) -> None:
    number = new(client, "Tuin")["id"]
    links = {"category_links": [{"category_id": str(number), "position": 0}]}
    client.post_product("a", extension_attributes={"website_ids": [], **links})
    client.post_product("b", extension_attributes=links)
    counts = [client.call("GET", f"{store}/V1/categories?rootCategoryId={number}").json() for store in ("/all", "/fr")]
    assert [count["product_count"] for count in counts] == [2, 1]


@pytest.mark.parametrize(
    ("code", "sent", "stored"),
    [("is_anchor", False, "0"), ("is_anchor", "ja", "0"), ("landing_page", 7, "7"),
     ("custom_design_from", "2026-02-01", "2026-02-01 00:00:00")],
)  # fmt: skip
def test_values_read_back_as_their_column_holds_them(client: Any, code: str, sent: Any, stored: str) -> None:
    assert custom(new(client, "Tuin", custom_attributes=attribute(code, sent)))[code] == stored
