"""Prices beyond what was recorded: always 200, the good rows saved, each bad row named with Magento's words."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.magento.price_rows import six_decimals
from sandbox.magento.tier_prices import cut

PERIOD = {"price_from": "2030-01-01 00:00:00", "price_to": "2030-02-01 00:00:00"}


@pytest.fixture(autouse=True)
def two_products(client: Any) -> None:
    client.post_product("a")
    client.post_product("b")


def send(client: Any, path: str, *rows: dict[str, Any], method: str = "POST") -> Any:
    answer = client.call(method, f"/V1/products/{path}", {"prices": list(rows)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def read(client: Any, path: str, *skus: str) -> Any:
    return client.call("POST", f"/V1/products/{path}-information", {"skus": list(skus)}).json()


def tier(sku: str = "a", **fields: Any) -> dict[str, Any]:
    return {
        "price": 9,
        "price_type": "fixed",
        "website_id": 0,
        "sku": sku,
        "customer_group": "ALL GROUPS",
        "quantity": 5,
        **fields,
    }


def test_every_error_of_a_row_is_told_and_the_other_rows_are_saved(client: Any) -> None:
    errors = send(
        client, "base-prices", {"price": -1, "store_id": 9, "sku": "x"}, {"price": 3, "store_id": 0, "sku": "b"}
    )
    assert [error["parameters"] for error in errors] == [["SKU", "x"], ["Price", "-1"], ["x", "9"]]
    assert read(client, "base-prices", "a", "b") == [
        {"price": 9.5, "store_id": 0, "sku": "a"},
        {"price": 3, "store_id": 0, "sku": "b"},
    ]


def test_types_without_a_price_of_their_own_are_unknown_here(client: Any) -> None:
    client.post_product("box", type_id="grouped")
    assert send(client, "base-prices", {"price": 1, "store_id": 0, "sku": "box"})[0]["parameters"] == ["SKU", "box"]
    assert read(client, "base-prices", "box") == []


def test_a_price_for_one_view_leaves_the_general_one(client: Any) -> None:
    assert send(client, "base-prices", {"price": 4, "store_id": 3, "sku": "a"}) == []
    assert client.product("a")["price"] == 9.5


def test_a_special_price_for_one_view_is_refused(client: Any) -> None:
    errors = send(client, "special-price", {"price": 4, "store_id": 3, "sku": "a", **PERIOD})
    assert [error["message"].split(". Row ID")[0] for error in errors] == [
        "Could not change non global Price when price scope is global"
    ]
    errors = send(client, "special-price", {"price": 4, "store_id": 99, "sku": "a", **PERIOD})
    assert errors[1]["message"].startswith(
        "Requested store is not found. Row ID: SKU = a, Store ID: 99, Price From: 2030"
    )


def test_deleting_a_special_price_looks_at_sku_and_store_only(client: Any) -> None:
    send(client, "special-price", {"price": 4, "store_id": 0, "sku": "a", **PERIOD})
    assert send(client, "special-price-delete", {"price": 1, "store_id": 0, "sku": "a"}) == []
    assert read(client, "special-price", "a") == []
    assert [
        one["attribute_code"] for one in client.product("a")["custom_attributes"] if "special" in one["attribute_code"]
    ] == []


@pytest.mark.parametrize("date", ["2030-02-31 00:00:00", "2030-01-01", "01/02/2030", "2030-1-1 00:00:00", "soon"])
def test_dates_must_be_written_to_the_second_and_exist(client: Any, date: str) -> None:
    row = {"price": 4, "store_id": 0, "sku": "a", **PERIOD, "price_from": date}
    assert send(client, "special-price", row)[0]["parameters"][0] == "Price From"
    assert read(client, "special-price", "a") == []


def test_costs_are_set_and_removed_per_sku(client: Any) -> None:
    assert send(
        client, "cost", {"cost": 2.5, "store_id": 0, "sku": "A"}, {"cost": None, "store_id": 0, "sku": "b"}
    ) == [{"message": "Invalid attribute Cost = . Row ID: SKU = b, Store ID: 0.", "parameters": [None, "b", "0"]}]
    assert read(client, "cost", "a", "b") == [{"cost": 2.5, "store_id": 0, "sku": "a"}]
    assert client.call("POST", "/V1/products/cost-delete", {"skus": ["a", "b", "x"]}).json() is True
    assert read(client, "cost", "a") == []


def test_one_key_for_all_websites_and_for_one_is_a_duplicate(client: Any) -> None:
    errors = send(client, "tier-prices", tier(), tier(website_id=1))
    assert len(errors) == 2
    assert errors[0]["message"].startswith("We found a duplicate website, tier price, customer group and quantity: ")
    assert errors[0]["parameters"] == ["a", "1", "ALL GROUPS", "5"]
    assert read(client, "tier-prices", "a") == []
    send(client, "tier-prices", tier())
    assert len(send(client, "tier-prices", tier(website_id=1))) == 1


def test_a_replacement_with_the_same_key_twice_changes_nothing(client: Any) -> None:
    send(client, "tier-prices", tier(price=7))
    answer = client.call("PUT", "/V1/products/tier-prices", {"prices": [tier(price=1), tier(price=2)]})
    assert (answer.status_code, answer.json()["message"]) == (400, "Could not replace Tier Prices")
    assert [row["price"] for row in read(client, "tier-prices", "a")] == [7]


def test_a_replacement_spares_other_skus(client: Any) -> None:
    send(client, "tier-prices", tier(), tier("b"))
    send(client, "tier-prices", tier("b", quantity=8), method="PUT")
    assert [(row["sku"], row["quantity"]) for row in read(client, "tier-prices", "a", "b")] == [("a", 5), ("b", 8)]


def test_a_fixed_price_of_0_cannot_be_deleted(client: Any) -> None:
    send(client, "tier-prices", tier(price=0), tier(price=0, price_type="discount", quantity=6))
    assert send(client, "tier-prices-delete", tier(price=0), tier(price=0, price_type="discount", quantity=6)) == []
    assert [(row["price_type"], row["quantity"]) for row in read(client, "tier-prices", "a")] == [("fixed", 5)]


def test_a_discount_shows_on_the_product_as_a_price(client: Any) -> None:
    send(client, "tier-prices", tier(price=15, price_type="discount", customer_group="retailer"))
    shown = {
        "customer_group_id": 3,
        "qty": 5,
        "value": 8.075,
        "extension_attributes": {"percentage_value": 15, "website_id": 0},
    }
    assert client.product("a")["tier_prices"] == [shown]


def test_prices_leave_the_time_of_change_alone_but_group_prices_move_it(client: Any) -> None:
    before = client.product("a")["updated_at"]
    clock = client.shop.state.now
    try:
        client.shop.state.now = lambda: clock() + dt.timedelta(minutes=2)
        send(client, "base-prices", {"price": 3, "store_id": 0, "sku": "a"})
        send(client, "tier-prices", tier())
        assert client.product("a")["updated_at"] == before
        headers = {"Content-Type": "application/json"}
        client.call("POST", "/V1/products/a/group-prices/1/tiers/2/price/6", headers=headers)
        assert client.product("a")["updated_at"] > before
    finally:
        client.shop.state.now = clock


@pytest.mark.parametrize("body", [{"prices": "text"}, {"prices": 5}])
@pytest.mark.parametrize("path", ["base-prices", "special-price", "cost", "tier-prices"])
def test_what_is_no_list_breaks_magento_down(client: Any, path: str, body: dict[str, Any]) -> None:
    answer = client.call("POST", f"/V1/products/{path}", body)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (500, "text/plain")


@given(st.decimals(min_value=0, max_value=100, places=4))
def test_a_discount_keeps_two_decimals(percentage: Decimal) -> None:
    assert abs(cut(float(percentage)) - percentage) <= Decimal("0.0051")
    assert cut(float(cut(float(percentage)))) == cut(float(percentage))


@given(st.floats(0, 1e6, allow_nan=False))
def test_a_price_keeps_six_decimals(amount: float) -> None:
    assert abs(six_decimals(amount) - amount) <= 5.1e-7
    assert six_decimals(six_decimals(amount)) == six_decimals(amount)


def test_prices_come_in_the_order_of_the_products_under_the_sku_as_given(client: Any) -> None:
    for sku in ("eerst", "later"):
        client.post_product(sku)
    for part, row in (("cost", {"cost": 1, "store_id": 0}), ("special-price", {"price": 1, "store_id": 0})):
        client.call("POST", f"/V1/products/{part}", {"prices": [{**row, "sku": sku} for sku in ("later", "eerst")]})
    tier = {"price": 1, "price_type": "fixed", "website_id": 0, "customer_group": "General", "quantity": 2}
    client.call("POST", "/V1/products/tier-prices", {"prices": [{**tier, "sku": sku} for sku in ("later", "eerst")]})
    for part in ("base-prices", "special-price", "cost", "tier-prices"):
        rows = client.call("POST", f"/V1/products/{part}-information", {"skus": ["LATER", "eerst", "later"]}).json()
        assert [row["sku"] for row in rows] == ["eerst", "LATER"]


def test_a_link_that_is_put_without_a_position_keeps_its_own(client: Any) -> None:
    for sku in ("a", "b"):
        client.post_product(sku)
    entity = {"sku": "a", "link_type": "related", "linked_product_sku": "b"}
    for position in ({"position": 7}, {}):
        client.call("PUT", "/V1/products/a/links", {"entity": {**entity, **position}})
    assert client.call("GET", "/V1/products/a/links/related?fields=position").json() == [{"position": 7}]
