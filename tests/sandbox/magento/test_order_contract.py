"""The order routes hold to Adobe's own schema, in what they take and in what they answer."""

import pytest

from tests.contract.magento_schema import Recorder, schema

ADDRESS = {"firstname": "An", "lastname": "Maes", "street": ["Markt 1"], "city": "Gent", "postcode": "9000",
           "country_id": "BE", "telephone": "1", "email": "an@example.test"}  # fmt: skip
EVERYTHING = "?searchCriteria[pageSize]=5"


@pytest.fixture
def watched(two_sources):
    adobe = schema()
    if adobe is None:
        pytest.skip("Adobe's schema lies in ../shared/specs/magento, which is not here")
    recorder = Recorder(adobe)
    recorder.watch(two_sources.session)
    two_sources.push(("i", "ghent", 10))
    yield two_sources
    two_sources.session.hooks["response"].clear()
    assert len(recorder.exchanges) > 20
    # The schema calls more members required than a real shop does, and than the recorded calls send.
    assert [line for line in recorder.violations if "is a required property" not in line] == []


def order(shop):
    cart = f"/V1/guest-carts/{shop.call('POST', '/V1/guest-carts').json()}"
    item = {"sku": "i", "qty": 3, "quote_id": cart.rpartition("/")[2]}
    shop.call("POST", f"{cart}/items", {"cartItem": item})
    shop.call("GET", f"{cart}/items")
    shop.call("GET", f"{cart}/totals")
    shop.call("POST", f"{cart}/estimate-shipping-methods", {"address": ADDRESS})
    information = {"shipping_address": ADDRESS, "billing_address": ADDRESS, "shipping_carrier_code": "flatrate",
                   "shipping_method_code": "flatrate"}  # fmt: skip
    shop.call("POST", f"{cart}/shipping-information", {"addressInformation": information})
    shop.call("GET", f"{cart}/payment-methods")
    payment = {"email": "an@example.test", "paymentMethod": {"method": "checkmo"}}
    return shop.call("POST", f"{cart}/payment-information", payment).json()


def test_every_order_route_answers_what_adobe_says(watched):
    number = order(watched)
    line = watched.order(number)["items"][0]["item_id"]
    item = [{"order_item_id": line, "qty": 1}]
    comment = {"comment": "x", "is_customer_notified": 0, "is_visible_on_front": 0, "status": "pending",
               "parent_id": int(number)}  # fmt: skip
    watched.call("POST", f"/V1/orders/{number}/comments", {"statusHistory": comment})
    watched.call("POST", f"/V1/orders/{number}/hold")
    watched.call("POST", f"/V1/orders/{number}/unhold")
    watched.call("POST", f"/V1/order/{number}/invoice", {"capture": True, "items": item})
    source = {"extension_attributes": {"source_code": "ghent"}}
    track = {"track_number": "1", "title": "bpost", "carrier_code": "custom"}
    watched.call("POST", f"/V1/order/{number}/ship", {"items": item, "tracks": [track], "arguments": source})
    back = {"shipping_amount": 0, "extension_attributes": {"return_to_stock_items": [line]}}
    watched.call("POST", f"/V1/order/{number}/refund", {"items": item, "arguments": back})
    watched.call("POST", f"/V1/orders/{number}/cancel")
    watched.call("POST", "/V1/orders", {"entity": {"entity_id": int(number), "ext_order_id": "E",
                                                   "base_grand_total": 1, "customer_email": "a@b.test", "grand_total": 1,
                                                   "items": []}})  # fmt: skip
    for path in (f"orders/{number}", f"orders/{number}/statuses", f"orders/{number}/comments", f"orders/items/{line}",
                 "invoices/1", "shipment/1", "creditmemo/1"):  # fmt: skip
        assert watched.call("GET", f"/V1/{path}").status_code == 200
    for path in ("orders", "orders/items", "invoices", "shipments", "creditmemos"):
        assert watched.call("GET", f"/V1/{path}{EVERYTHING}").json()["total_count"] == 1
