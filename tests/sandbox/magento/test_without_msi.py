"""A shop without the inventory modules: no sources, and an order lowers the product's own stock at once."""

import pytest


@pytest.fixture
def shop(client):
    client.shop.state.settings.msi = False
    client.shop.state.reset()
    client.post_product("i", extension_attributes={"stock_item": {"qty": 5, "is_in_stock": True}})
    return client


def stock(shop, sku="i"):
    item = shop.call("GET", f"/V1/stockItems/{sku}").json()
    return item["qty"], item["is_in_stock"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/V1/inventory/sources"),
        ("POST", "/V1/inventory/source-items"),
        ("GET", "/V1/inventory/get-product-salable-quantity/i/1"),
        ("GET", "/all/V1/inventory/stock-resolver/website/base"),
        ("POST", "/all/async/bulk/V1/inventory/source-items"),
    ],
)
def test_the_routes_of_the_inventory_modules_are_unknown(shop, method, path):
    answer = shop.call(method, path, [] if method == "POST" else None)
    unknown = shop.call(method, path.replace("inventory", "nothing"), [] if method == "POST" else None)
    assert (answer.status_code, answer.json()) == (404, {"message": "Request does not match any route."})
    assert (unknown.status_code, unknown.json()) == (answer.status_code, answer.json())


def test_other_routes_stay(shop):
    assert shop.call("GET", "/V1/products/i").status_code == 200


def test_an_order_lowers_the_stock_and_a_shipment_does_not(shop):
    order = shop.buy(("i", 2))
    assert stock(shop) == (3, True)
    shop.act(order, "invoice")
    done = shop.act(order, "ship")
    assert (done["state"], stock(shop)) == ("complete", (3, True))
    shipments = shop.call("GET", "/V1/shipment/1").json()
    assert shipments["extension_attributes"] == []


def test_a_cancellation_raises_it_again(shop):
    order = shop.buy(("i", 5))
    assert stock(shop) == (0, False)
    assert "not available" in shop.buy(("i", 1))["error"]
    shop.act(order, "cancel")
    assert stock(shop) == (5, True)


@pytest.mark.parametrize(("back", "left"), [(True, 5), (False, 3)])
def test_a_refund_raises_it_when_the_goods_come_back(shop, back, left):
    order = shop.buy(("i", 2))
    shop.act(order, "invoice")
    shop.act(order, "refund", return_to_stock=back)
    assert stock(shop) == (left, True)


def test_a_figure_of_the_erp_stands_until_the_next_order(shop):
    shop.buy(("i", 2))
    shop.call("PUT", "/V1/products/i/stockItems/1", {"stockItem": {"qty": 9, "is_in_stock": True}})
    assert stock(shop) == (9, True)
    shop.buy(("i", 1))
    assert stock(shop) == (8, True)


def test_more_than_there_is_can_not_be_ordered(shop):
    assert "not available" in shop.buy(("i", 6))["error"]
    assert stock(shop) == (5, True)


def test_no_source_item_is_made(shop):
    shop.call("PUT", "/V1/products/i/stockItems/1", {"stockItem": {"qty": 9}})
    assert len(shop.shop.state.table("source_items")) == 0


def test_the_storefront_shows_the_quantity_without_sources(shop):
    page = shop.session.get(f"{shop.shop.url}/en/stock/i", timeout=10).json()
    assert (page["available"], page["sources"]) == ("5 available", [])
