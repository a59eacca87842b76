"""searchCriteria on products beyond the recorded exchanges."""

from itertools import count

import pytest


def query(*filters, **rest):
    """Each filter is (field, condition, value) in a group of its own; a list of them is one group."""
    result, groups = {}, count()
    for one in filters:
        group = next(groups)
        for index, (field, condition, value) in enumerate(one if isinstance(one, list) else [one]):
            prefix = f"searchCriteria[filter_groups][{group}][filters][{index}]"
            result |= {f"{prefix}[field]": field, f"{prefix}[condition_type]": condition, f"{prefix}[value]": value}
    return {**result, **{f"searchCriteria[{name}]": value for name, value in rest.items()}}


def skus(client, *filters, store="/all", **rest):
    answer = client.call("GET", f"{store}/V1/products", params=query(*filters, **rest))
    assert answer.status_code == 200, answer.text
    return [item["sku"] for item in answer.json()["items"]]


@pytest.fixture
def shelf(client):
    for number in range(1, 6):
        client.post_product(f"s-{number}", price=number * 10, name=f"Ding {number}")
    return client


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("price", "from", "20"), ("price", "to", "30")], [2, 3]),
        ([[("sku", "eq", "s-1"), ("price", "gt", "40")]], [1, 5]),
        ([("sku", "in", "S-4,s-2, s-1")], [2, 4]),
        ([("sku", "nin", "s-1,s-2,s-3")], [4, 5]),
        ([("name", "nlike", "%3%")], [1, 2, 4, 5]),
        ([("name", "like", "DING _")], [1, 2, 3, 4, 5]),
        ([("entity_id", "lteq", "2")], [1, 2]),
        ([("special_price", "neq", "3")], []),
        ([("created_at", "lt", "2000-01-01")], []),
        ([("sku", "moreq", "s-4")], [4]),
        ([("sku", "LIKE", "s-%")], []),
        ([("sku", "sneq", "s-4")], [1, 2, 3, 5]),
        ([("description", "seq", "")], [1, 2, 3, 4, 5]),
        ([("sku", "regexp", "^s-[34]$")], [3, 4]),
        ([("sku", "nfinset", "s-4")], [1, 2, 3, 5]),
    ],
)
def test_conditions(shelf, filters, found):
    assert skus(shelf, *filters) == [f"s-{number}" for number in found]


def test_the_store_view_of_the_path_decides_which_texts_are_searched(shelf):
    shelf.call("PUT", "/fr/V1/products/s-1", {"product": {"name": "Chose"}})
    assert skus(shelf, ("name", "eq", "Chose"), store="/fr") == ["s-1"]
    assert skus(shelf, ("name", "eq", "Chose")) == []


def test_a_filter_on_a_store_view_shows_its_texts(shelf):
    shelf.call("PUT", "/fr/V1/products/s-1", {"product": {"name": "Chose"}})
    answer = shelf.call("GET", "/V1/products", params=query(("store", "eq", "fr"), ("sku", "eq", "s-1")))
    assert [item["name"] for item in answer.json()["items"]] == ["Chose"]


def test_pages_by_id_meet_every_product_once(shelf):
    seen, last = [], 0
    while items := shelf.call(
        "GET", "/all/V1/products",
        params=query(("entity_id", "gt", last), pageSize=2) | {"searchCriteria[sortOrders][0][field]": "entity_id",
                                                               "searchCriteria[sortOrders][0][direction]": "ASC"},
    ).json()["items"]:  # fmt: skip
        seen += [item["sku"] for item in items]
        last = items[-1]["id"]
    assert seen == [f"s-{number}" for number in range(1, 6)]


def test_a_sort_order_without_direction_is_descending(shelf):
    assert skus(shelf, **{"sortOrders][0][field": "sku"})[0] == "s-5"


def test_a_category_holds_the_products_of_the_categories_below_it(shelf):
    child = shelf.call(
        "POST", "/all/V1/categories", {"category": {"name": "Kind", "parent_id": 2, "is_active": True}}
    ).json()["id"]
    link = {"productLink": {"sku": "s-3", "category_id": str(child)}}
    assert shelf.call("POST", f"/V1/categories/{child}/products", link).status_code == 200
    assert skus(shelf, ("category_id", "eq", "2")) == ["s-3"]
    assert skus(shelf, ("category_id", "eq", str(child))) == ["s-3"]


def test_sorting_by_price_shows_only_what_can_be_sold_except_for_all(shelf):
    order = {"sortOrders][0][field": "price", "sortOrders][0][direction": "DESC"}
    assert skus(shelf, store="", **order) == []
    assert skus(shelf, **order)[0] == "s-5"


def test_a_list_shows_no_stock_item(shelf):
    item = shelf.call("GET", "/all/V1/products", params=query(("sku", "eq", "s-1"))).json()["items"][0]
    assert "stock_item" not in item["extension_attributes"]
    assert "product_links" in item


@pytest.mark.parametrize("one", [("sku", "is", "s-1"), ("category_ids", "eq", "2"), ("media_gallery", "null", "1")])
def test_what_the_database_does_not_understand_is_an_internal_error(shelf, one):
    answer = shelf.call("GET", "/V1/products", params=query(one))
    assert answer.status_code == 500
    assert answer.json()["message"].startswith("Internal Error. Details are available in Magento log file.")


def test_an_empty_direction_is_none(shelf):
    order = {"sortOrders][0][field": "sku", "sortOrders][0][direction": ""}
    answer = shelf.call("GET", "/V1/products", params=query(("sku", "like", "s-%"), **order))
    assert (answer.status_code, answer.json()["parameters"]) == (400, ["ASC", "DESC"])


def test_sorting_by_position_is_by_id(shelf):
    order = {"sortOrders][0][field": "position", "sortOrders][0][direction": "DESC"}
    assert skus(shelf, ("sku", "like", "s-%"), **order) == [f"s-{number}" for number in (5, 4, 3, 2, 1)]


def test_an_unknown_store_view_is_not_found(shelf):
    assert shelf.call("GET", "/V1/products", params=query(("store_id", "eq", "99"))).status_code == 404
