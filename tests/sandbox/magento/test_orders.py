"""From a guest's cart to an order that is shipped, refunded, cancelled or held: what the recorded shop did not show as well."""

import datetime as dt

import pytest

ADDRESS = {"firstname": "An", "lastname": "Maes", "street": ["Markt 1"], "city": "Gent", "postcode": "9000",
           "country_id": "BE", "telephone": "1"}  # fmt: skip
SHIPPING = {"shipping_carrier_code": "flatrate", "shipping_method_code": "flatrate"}
CHECKMO = {"email": "an@example.test", "paymentMethod": {"method": "checkmo"}}


@pytest.fixture
def shop(two_sources):
    two_sources.push(("i", "ghent", 10), ("i", "antwerp", 5))
    return two_sources


def cart_with(shop, quantity, store=""):
    cart = shop.call("POST", f"{store}/V1/guest-carts").json()
    shop.call("POST", f"{store}/V1/guest-carts/{cart}/items", {"cartItem": {"sku": "i", "qty": quantity}})
    return f"{store}/V1/guest-carts/{cart}"


def with_address(shop, cart, **changes):
    sent = {"addressInformation": {"shipping_address": {**ADDRESS, **changes}, **SHIPPING}}
    return shop.call("POST", f"{cart}/shipping-information", sent)


def refusal(answer):
    body = answer.json()
    return answer.status_code, body["message"], body.get("parameters")


def test_a_cart_becomes_an_order_once(shop):
    cart = cart_with(shop, 2)
    with_address(shop, cart)
    number = shop.call("POST", f"{cart}/payment-information", CHECKMO).json()
    order = shop.order(number)
    assert (order["total_qty_ordered"], order["subtotal"], order["grand_total"]) == (2, 19.0, 29.0)
    assert order["billing_address"]["lastname"] == "Maes"
    again = shop.call("POST", f"{cart}/payment-information", CHECKMO)
    assert again.status_code == 404
    assert shop.call("GET", f"{cart}/totals").status_code == 404
    assert shop.salable("i") == 13


def test_an_incomplete_address_is_found_out_when_the_order_is_placed(shop):
    cart = cart_with(shop, 2)
    assert with_address(shop, cart, firstname="", street=[]).status_code == 200
    words = '"firstname" is required. Enter and try again. "street" is required. Enter and try again.'
    refused = shop.call("POST", f"{cart}/payment-information", CHECKMO)
    assert refusal(refused) == (400, "Please check the shipping address information. %1", [words])
    assert shop.call("GET", f"{cart}/items").json()[0]["qty"] == 2


def test_what_is_sold_to_someone_else_meanwhile_is_refused_and_the_cart_stays(shop):
    cart = cart_with(shop, 9)
    with_address(shop, cart)
    shop.buy(("i", 7))
    refused = shop.call("POST", f"{cart}/payment-information", CHECKMO)
    assert refusal(refused) == (400, "The requested qty is not available", None)
    assert shop.salable("i") == 8
    assert shop.call("GET", f"{cart}/totals").json()["items_qty"] == 9


def test_the_last_piece_is_sold_once_however_many_carts_hold_it(shop):
    shop.push(("i", "ghent", 1), ("i", "antwerp", 0))
    carts = [cart_with(shop, 1) for _ in range(3)]
    for cart in carts:
        with_address(shop, cart)
    statuses = [shop.call("POST", f"{cart}/payment-information", CHECKMO).status_code for cart in carts]
    assert statuses == [200, 400, 400]


def test_every_store_view_counts_its_own_orders(shop):
    numbers = [shop.buy(("i", 1), store=store)["increment_id"] for store in ("default", "fr", "default", "fr")]
    assert numbers == ["000000001", "3000000001", "000000002", "3000000002"]
    found = shop.order(2)
    assert (found["store_id"], found["store_name"]) == (3, "Main Website\nMain Website Store\nFrançais")


def test_a_special_price_is_what_is_paid(shop):
    special = [{"attribute_code": "special_price", "value": "5"}]
    shop.call("PUT", "/all/V1/products/i", {"product": {"custom_attributes": special}})
    assert shop.order(shop.buy(("i", 2))["entity_id"])["subtotal"] == 10


def test_what_nobody_can_change_stays_as_it_was(shop):
    order = shop.buy(("i", 1))
    sent = {"entity_id": order["entity_id"], "ext_order_id": "ERP-1", "items": [], "payment": {"method": "x"}}
    assert shop.call("POST", "/V1/orders", {"entity": sent}).status_code == 200
    read = shop.order(order["entity_id"])
    assert (read["ext_order_id"], len(read["items"]), read["payment"]["method"]) == ("ERP-1", 1, "checkmo")
    assert shop.call("POST", "/V1/orders", {"entity": {"status": "x"}}).status_code == 404


STEPS = [("invoice", "processing", {}), ("ship", "complete", {"source": "ghent"}), ("refund", "closed", {})]


def test_each_step_moves_the_state_and_the_time(shop, monkeypatch):
    order, start = shop.buy(("i", 2)), shop.shop.state.now()
    seen = [order["updated_at"]]
    for minutes, (action, state, options) in enumerate(STEPS, 1):
        monkeypatch.setattr(shop.shop.state, "now", lambda minutes=minutes: start + dt.timedelta(minutes=minutes))
        order = shop.act(order, action, **options)
        assert order["state"] == state
        seen.append(order["updated_at"])
    assert seen == sorted(set(seen))


def test_a_cancellation_moves_the_time_as_well(shop, monkeypatch):
    order, later = shop.buy(("i", 2)), shop.shop.state.now() + dt.timedelta(minutes=1)
    monkeypatch.setattr(shop.shop.state, "now", lambda: later)
    assert shop.act(order, "cancel")["updated_at"] > order["updated_at"]


def test_an_order_is_on_hold_until_it_is_released(shop):
    order = shop.buy(("i", 2))
    shop.act(order, "invoice", qty=1)
    assert shop.act(order, "hold")["state"] == "holded"
    for action in ("ship", "invoice", "refund"):
        assert "status of holded" in shop.act(order, action, source="ghent")["error"]
    assert shop.act(order, "cancel")["done"] is False
    assert shop.act(order, "unhold")["state"] == "processing"


def test_a_partly_invoiced_order_loses_the_rest_when_cancelled(shop):
    order = shop.buy(("i", 5))
    shop.act(order, "invoice", qty=2)
    done = shop.act(order, "cancel")
    assert (done["state"], done["items"][0]["canceled"]) == ("processing", 3)
    assert shop.salable("i") == 13


def test_a_second_shipment_takes_what_the_first_left(shop):
    order = shop.buy(("i", 6))
    shop.act(order, "ship", source="antwerp", qty=2)
    shop.act(order, "ship", source="ghent", qty=99)
    assert shop.act(order, "ship", source="ghent")["error"] == (
        "Shipment Document Validation Error(s):\nThe order does not allow a shipment to be created.\n"
        "You can't create a shipment without products."
    )
    assert shop.in_sources("i") == {"ghent": (6, 1), "antwerp": (3, 1)}


def test_money_goes_back_once(shop):
    order = shop.buy(("i", 2))
    shop.act(order, "invoice")
    assert shop.act(order, "refund", qty=1)["state"] == "processing"
    assert shop.act(order, "refund")["state"] == "closed"
    assert shop.act(order, "refund")["error"] == (
        "Creditmemo Document Validation Error(s):\nA creditmemo can not be created when an order has a status of closed\n"
        "The credit memo's total must be positive."
    )
    assert shop.order(order["entity_id"])["total_refunded"] == 29


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/V1/orders/1"), ("GET", "/V1/orders?searchCriteria"), ("POST", "/V1/orders/1/cancel"),
        ("POST", "/V1/order/1/ship"), ("POST", "/V1/order/1/invoice"), ("POST", "/V1/order/1/refund"),
        ("GET", "/V1/shipments?searchCriteria"), ("GET", "/V1/orders/items?searchCriteria"),
    ],
)  # fmt: skip
def test_orders_are_for_those_who_may(shop, method, path):
    refused = shop.call(method, path, {} if method == "POST" else None, headers={"Authorization": ""})
    assert (refused.status_code, refused.json()["parameters"]["resources"][:15]) == (401, "Magento_Sales::")


@pytest.mark.parametrize("path", ["/V1/shipment/9", "/V1/invoices/9", "/V1/creditmemo/9", "/V1/orders/items/9"])
def test_what_is_not_there_is_a_404(shop, path):
    assert shop.call("GET", path).status_code == 404


def test_lines_of_an_order_are_found_by_their_number(shop):
    order = shop.order(shop.buy(("i", 1))["entity_id"])
    assert shop.call("GET", f"/V1/orders/items/{order['items'][0]['item_id']}").json() == order["items"][0]


def test_the_newest_comment_stands_first_in_the_order_and_last_in_the_list(shop):
    number = shop.buy(("i", 1))["entity_id"]
    for words in ("one", "two"):
        comment = {"comment": words, "is_customer_notified": 0, "is_visible_on_front": 0}
        assert shop.call("POST", f"/V1/orders/{number}/comments", {"statusHistory": comment}).json() is True
    assert [one["comment"] for one in shop.order(number)["status_histories"]] == ["two", "one"]
    listed = shop.call("GET", f"/V1/orders/{number}/comments").json()
    assert [one["comment"] for one in listed["items"]] == ["one", "two"]
    assert shop.call("GET", "/V1/orders/99/comments").json()["total_count"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sku": "i", "qty": 2}, 200), ({"sku": "i"}, 200), ({"sku": "nope"}, 404), ({"sku": "i", "qty": 99}, 400),
        ({"sku": "i", "qty": -1}, 400), ({"sku": 5}, 400), ({}, 400), ({"sku": "i", "store": "zz"}, 400),
        ({"items": "i"}, 400), ({"items": ["i"]}, 400), ({"sku": "i", "qty": True}, 400),
    ],
)  # fmt: skip
def test_the_control_takes_orders_and_says_what_is_wrong(shop, body, status):
    answer = shop.session.post(f"{shop.shop.url}/_sandbox/orders", json=body, timeout=10)
    assert (answer.status_code, "error" in answer.json()) == (status, status != 200)
    assert len(shop.session.get(f"{shop.shop.url}/_sandbox/orders", timeout=10).json()) == (status == 200)


def test_the_control_finds_an_order_by_either_number_and_refuses_what_it_does_not_know(shop):
    order = shop.buy(("i", 1), store="fr")
    by_number = shop.control(f"orders/{order['increment_id']}", {"do": "invoice"})
    assert by_number["entity_id"] == order["entity_id"]
    assert "no order 99" in shop.control("orders/99", {"do": "ship"})["error"]
    assert "do is one of ship" in shop.control(f"orders/{order['entity_id']}", {"do": "eat"})["error"]
    assert "no order ²" in shop.control("orders/%C2%B2", {"do": "ship"})["error"]


def test_without_a_source_the_control_ships_from_the_first_that_has_it_all(shop):
    shop.push(("i", "ghent", 1), ("i", "antwerp", 5))
    shop.act(shop.buy(("i", 3)), "ship")
    assert shop.in_sources("i") == {"ghent": (1, 1), "antwerp": (2, 1)}


def test_orders_are_read_in_pages_by_number(shop):
    for _ in range(5):
        shop.buy(("i", 1))
    seen, last = [], 0
    while True:
        one = "searchCriteria[filter_groups][0][filters][0]"
        query = (f"{one}[field]=entity_id&{one}[value]={last}&{one}[condition_type]=gt&searchCriteria[pageSize]=2"
                 "&searchCriteria[sortOrders][0][field]=entity_id&searchCriteria[sortOrders][0][direction]=ASC")  # fmt: skip
        items = shop.call("GET", f"/V1/orders?{query}").json()["items"]
        if not items:
            break
        seen += [order["increment_id"] for order in items]
        last = items[-1]["entity_id"]
    assert seen == [f"{number:09d}" for number in range(1, 6)]
