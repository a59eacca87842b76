"""Sources and stocks: what is pushed to a source can be sold, by the stock of the website and only by that."""

import pytest


@pytest.fixture
def benelux(client):
    for code in ("ghent", "antwerp"):
        source = {"source_code": code, "name": code, "enabled": True, "country_id": "BE", "postcode": "9000"}
        assert client.call("POST", "/V1/inventory/sources", {"source": source}).status_code == 200
    channels = {"sales_channels": [{"type": "website", "code": "base"}]}
    stock = client.call("POST", "/V1/inventory/stocks", {"stock": {"name": "B", "extension_attributes": channels}}).json()
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
