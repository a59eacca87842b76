"""Sources and stocks: what is pushed to a source can be sold, by the stock of the website and only by that."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.magento import source_item_search, source_items
from sandbox.magento.context import Context
from sandbox.magento.state import State


@pytest.fixture
def benelux(client):
    for code in ("ghent", "antwerp"):
        source = {"source_code": code, "name": code, "enabled": True, "country_id": "BE", "postcode": "9000"}
        assert client.call("POST", "/V1/inventory/sources", {"source": source}).status_code == 200
    channels = {"sales_channels": [{"type": "website", "code": "base"}]}
    stock = client.call(
        "POST", "/V1/inventory/stocks", {"stock": {"name": "B", "extension_attributes": channels}}
    ).json()
    links = [{"stock_id": stock, "source_code": code, "priority": 1} for code in ("ghent", "antwerp")]
    assert client.call("POST", "/V1/inventory/stock-source-links", {"links": links}).json() == []
    client.post_product("i")
    return client


def push(client, *items):
    rows = [{"sku": sku, "source_code": code, "quantity": qty, "status": 1} for sku, code, qty in items]
    return client.call("POST", "/V1/inventory/source-items", {"sourceItems": rows})


def salable(client, sku="i"):
    return client.call("GET", f"/V1/inventory/get-product-salable-quantity/{sku}/2").json()


def test_quantities_of_all_sources_of_the_stock_add_up(benelux):
    assert push(benelux, ("i", "ghent", 3), ("i", "antwerp", 4), ("i", "default", 100)).json() == []
    assert salable(benelux) == 7


def test_one_bad_row_leaves_every_quantity_as_it_was(benelux):
    push(benelux, ("i", "ghent", 3))
    refused = push(benelux, ("i", "ghent", 9), ("i", "nowhere", 1))
    assert refused.json()["message"] == "Could not save Source Item"
    assert salable(benelux) == 3


def test_quantities_outlive_their_product(benelux):
    push(benelux, ("i", "ghent", 3))
    benelux.call("DELETE", "/V1/products/i")
    benelux.post_product("i")
    assert salable(benelux) == 3


def test_a_website_sells_from_one_stock(benelux):
    stocks = benelux.call("GET", "/V1/inventory/stocks?fields=items[stock_id,extension_attributes]").json()["items"]
    assert [len(stock["extension_attributes"]["sales_channels"]) for stock in stocks] == [0, 1]


def test_sources_are_taken_from_a_product_with_what_lay_there(benelux):
    push(benelux, ("i", "ghent", 3))
    sent = {"skus": ["i"], "sourceCodes": ["ghent", "antwerp"]}
    assert benelux.call("POST", "/V1/inventory/bulk-product-source-unassign", sent).json() == 1
    assert salable(benelux) == 0
    assert benelux.call("POST", "/V1/inventory/bulk-product-source-assign", sent).json() == 2


def test_a_stock_with_a_website_stays_until_the_website_is_taken_away(benelux):
    refused = benelux.call("DELETE", "/V1/inventory/stocks/2")
    assert (refused.status_code, refused.json()["message"]) == (
        400, "Stock has at least one sale channel and could not be deleted.",
    )  # fmt: skip
    assert benelux.call("PUT", "/V1/inventory/stocks/2", {"stock": {"name": "Leeg"}}).json() == 2
    assert benelux.call("GET", "/V1/inventory/stock-resolver/website/base").json()["stock_id"] == 1
    assert benelux.call("DELETE", "/V1/inventory/stocks/2").json() == []


def test_a_source_keeps_what_an_update_does_not_name(benelux):
    source = {
        "source_code": "ghent",
        "name": "Gent",
        "enabled": False,
        "country_id": "BE",
        "postcode": "9000",
        "city": "Gent",
    }
    benelux.call("POST", "/V1/inventory/sources", {"source": source})
    update = {"name": "Dok", "country_id": "BE", "postcode": "9001"}
    assert benelux.call("PUT", "/V1/inventory/sources/ghent", {"source": update}).json() == []
    read = benelux.call("GET", "/V1/inventory/sources/ghent").json()
    assert (read["enabled"], read["city"], read["name"], read["postcode"]) == (False, "Gent", "Dok", "9001")


@pytest.mark.parametrize(
    ("link", "errors"),
    [
        ({"source_code": "ghent", "stock_id": 2}, ['"%field" should be greater then 0.']),
        (
            {"source_code": " ", "stock_id": 2, "priority": 1},
            ['"%field" can not be empty.', '"%field" can not contain whitespaces.'],
        ),
        ({"source_code": "ghent", "stock_id": 1, "priority": 1}, ["Can not save link related to Default Source or Default Stock"]),
    ],
)  # fmt: skip
def test_a_link_is_refused_with_its_reasons(benelux, link, errors):
    refused = benelux.call("POST", "/V1/inventory/stock-source-links", {"links": [link]})
    assert refused.status_code == 400
    assert [error["message"] for error in refused.json()["errors"]] == errors
    assert all("parameters" in error for error in refused.json()["errors"])


def test_a_link_that_is_undone_takes_its_quantity_from_the_stock(benelux):
    push(benelux, ("i", "ghent", 3), ("i", "antwerp", 4))
    link = {"stock_id": 2, "source_code": "ghent"}
    assert benelux.call("POST", "/V1/inventory/stock-source-links-delete", {"links": [link]}).json() == []
    assert salable(benelux) == 4


@pytest.mark.parametrize(
    ("method", "path", "resource"),
    [
        ("POST", "/V1/inventory/sources", "Magento_InventoryApi::source_edit"),
        ("PUT", "/V1/inventory/stocks/2", "Magento_InventoryApi::stock_edit"),
        ("DELETE", "/V1/inventory/stocks/2", "Magento_InventoryApi::stock_delete"),
        ("POST", "/V1/inventory/source-items", "Magento_InventoryApi::stock_source_item_assign"),
        ("POST", "/V1/inventory/bulk-product-source-assign", "Magento_Catalog::products"),
    ],
)
def test_who_may_not_is_told_the_resource(client, method, path, resource):
    refused = client.call(method, path, {}, headers={"Authorization": ""})
    assert (refused.status_code, refused.json()["parameters"]) == (401, {"resources": resource})


@pytest.mark.parametrize(
    ("item", "quantity", "code"),
    [
        ({}, "2", None),
        ({}, "1.5", "is_correct_qty-is_qty_decimal"),
        ({}, "10001", "is_correct_qty-max_sale_qty"),
        ({"min_sale_qty": 3, "use_config_min_sale_qty": 0}, "2", "is_correct_qty-min_sale_qty"),
        ({"qty_increments": 2, "use_config_qty_increments": False, "enable_qty_increments": True,
          "use_config_enable_qty_inc": False}, "3", "is_correct_qty-qty_increment"),
        ({"backorders": 1, "use_config_backorders": False}, "50", None),
        ({"manage_stock": False, "use_config_manage_stock": False}, "50", None),
    ],
)  # fmt: skip
def test_how_many_may_be_bought(benelux, item, quantity, code):
    push(benelux, ("i", "ghent", 4))
    benelux.call("PUT", "/V1/products/i/stockItems/1", {"stockItem": item})
    path = f"/V1/inventory/is-product-salable-for-requested-qty/i/2/{quantity}"
    answer = benelux.call("GET", path).json()
    assert answer["salable"] == (code is None)
    assert [error["code"] for error in answer["errors"]] == ([code] if code else [])


def test_a_text_where_a_list_belongs_breaks_down(client):
    answer = client.call("POST", "/V1/inventory/source-items", {"sourceItems": "i"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (500, "text/plain")


CODES = ("ghent", "antwerp", "default")
SKU = st.sampled_from(["a", "B", "b,c", "é", "E2", "z-1", "Z-10"])
WRITE = st.tuples(st.booleans(), SKU, st.sampled_from(CODES), st.integers(0, 9))


def found(state, *conditions, size=0):
    """A search as a caller sends it, sorted by SKU: [(field, value, condition), ...]."""
    groups = [
        {"filters": [{"field": field, "value": value, "condition_type": how}]} for field, value, how in conditions
    ]
    criteria = {"filter_groups": groups, "page_size": size, "sort_orders": [{"field": "sku", "direction": "ASC"}]}
    answer = source_item_search.list_items(Context(state, inputs={"searchCriteria": criteria}))
    return [(item["sku"], item["source_code"], item["quantity"]) for item in answer["items"]], answer["total_count"]


@settings(max_examples=60, deadline=None)
@given(st.lists(WRITE, max_size=30), st.integers(0, 30), st.sampled_from(["", "a", "E", "b,c", "zz"]))
def test_reading_a_source_in_order_gives_what_a_look_at_every_row_gives(writes, early, after):
    state = State(None)
    for code in CODES:
        state.table("sources").put(code, {"source_code": code})
    for number, (kept, sku, code, quantity) in enumerate(writes):
        if number == early:
            found(state, ("source_code", "ghent", "eq"))
        if kept:
            source_items.put(state, sku, code, quantity, 1)
        else:
            source_items.delete(state, sku, code)
    quick, total = found(state, ("source_code", "ghent", "eq"), ("sku", after, "gt"))
    # A second condition on the source makes the shop look at every row.
    slow, count = found(state, ("source_code", "ghent", "eq"), ("source_code", "ghent", "in"), ("sku", after, "gt"))
    assert (quick, total) == (slow, count)
    assert found(state, ("source_code", "ghent", "eq"), ("sku", after, "gt"), size=2) == (slow[:2], count)


def test_a_write_that_fails_leaves_the_order_of_a_source_as_it_was(benelux):
    push(benelux, ("i", "ghent", 3))
    state = benelux.shop.state
    with state.database.lock:
        assert found(state, ("source_code", "ghent", "eq"))[1] == 1
    push(benelux, ("j", "ghent", 3), ("k", "nowhere", 1))
    with state.database.lock:
        assert found(state, ("source_code", "ghent", "eq")) == ([("i", "ghent", 3)], 1)


def test_named_skus_are_found_whatever_their_letter_case_and_however_they_are_named(benelux):
    push(benelux, ("i", "ghent", 3), ("b,c", "antwerp", 4))
    one, other = "searchCriteria[filter_groups][0][filters][0]", "searchCriteria[filter_groups][0][filters][1]"
    query = f"{one}[field]=sku&{one}[value]=I,x&{one}[condition_type]=in&{other}[field]=sku&{other}[value]=B%2CC"
    items = benelux.call("GET", f"/V1/inventory/source-items?{query}").json()["items"]
    assert sorted((item["sku"], item["quantity"]) for item in items if item["quantity"]) == [("b,c", 4), ("i", 3)]


def test_a_batch_of_500_rows_is_written_well_within_a_tenth_of_a_second(benelux):
    rows = [(f"S-{number % 250}", CODES[number // 250], number) for number in range(500)]
    spent = []
    for _ in range(5):
        start = time.perf_counter()
        assert push(benelux, *rows).json() == []
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.1
