"""The protocol: store codes, content types, encodings, and what the controls and the log tell."""

import pytest
import requests


def test_xml_in_and_out(client):
    fields = "<sku>x-1</sku><name>X</name><price>2.5</price><attribute_set_id>4</attribute_set_id>"
    body = f"<request><product>{fields}</product></request>"
    headers = {"Content-Type": "application/xml", "Accept": "application/xml"}
    answer = client.session.post(client.shop.url + "/rest/all/V1/products", data=body, headers=headers, timeout=5)
    assert answer.status_code == 200
    assert "<sku>x-1</sku>" in answer.text
    assert client.product("x-1")["price"] == 2.5


@pytest.mark.parametrize("body", [b"<product>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff"])
def test_broken_or_hostile_xml_is_refused(client, body):
    headers = {"Content-Type": "application/xml"}
    answer = client.session.post(client.shop.url + "/rest/all/V1/products", data=body, headers=headers, timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"message": "Decoding error."})


@pytest.mark.parametrize("accept", ["text/html", "image/png", "text/html;q=0.9"])
def test_an_accept_header_that_no_renderer_meets_breaks_down(client, accept):
    answer = client.call("GET", "/V1/store/websites", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (500, "text/html")


def test_a_browser_gets_json_because_it_takes_anything(client):
    accept = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
    answer = client.call("GET", "/V1/store/websites", headers={"Accept": accept})
    assert answer.status_code == 200


def test_the_kind_that_is_wanted_most_is_given(client):
    accept = "application/xml;q=0.5, application/json"
    assert client.call("GET", "/V1/store/websites", headers={"Accept": accept}).json()


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PATCH"])
def test_other_methods_are_invalid(client, method):
    assert client.call(method, "/V1/store/websites").status_code == 400


@pytest.mark.parametrize("body", ["[" * 100_000, '{"product": NaN}', '{"product": 1e999}', "\ufeff{}"])
def test_odd_json_never_takes_the_server_down(client, body):
    answer = client.session.post(
        client.shop.url + "/rest/all/V1/products",
        data=body.encode(),
        headers={"Content-Type": "application/json"},
        timeout=5,
    )
    assert answer.status_code in (400, 500)
    assert client.call("GET", "/V1/store/websites").status_code == 200


def test_two_shops_with_the_same_products_have_the_same_content(client):
    def content():
        return client.session.get(client.shop.url + "/_sandbox/content", timeout=5).json()

    client.post_product("a")
    client.post_product("b")
    first = content()
    client.control("reset")
    assert content() != first
    client.post_product("weg")
    client.call("DELETE", "/V1/products/weg")
    client.post_product("b")
    client.post_product("a")
    # Only the quantity of the deleted product still stands in its source.
    again = content()
    assert {name: held for name, held in again.items() if name != "source_items"} == {
        name: held for name, held in first.items() if name != "source_items"
    }


def test_the_log_tells_what_each_request_did(client):
    client.post_product("a")
    client.post_product("a")
    client.call("DELETE", "/V1/products/a")
    log = client.session.get(client.shop.url + "/_sandbox/log", timeout=5).json()
    effects = [(one["effect"], one["key"]) for entry in log for one in entry["effects"]]
    assert effects == [("created", "a"), ("updated", "a"), ("deleted", "a")]


def test_unknown_settings_and_actions_are_refused(client):
    for path, body in (("settings", {"nosuch": 1}), ("consumer", {"do": "dance"})):
        answer = requests.post(f"{client.shop.url}/_sandbox/{path}", json=body, timeout=5)
        assert answer.status_code == 400


def test_rejected_and_deadlocked_operations_on_request(client):
    client.control("settings", {"rejected_skus": ["r"], "deadlock_skus": ["d"], "consumer_running": False})
    base = {"price": 1, "attribute_set_id": 4}
    items = [{"product": {**base, "sku": sku, "name": sku}} for sku in ("r", "d", "ok")]
    answer = client.call("POST", "/all/async/bulk/V1/products", items).json()
    assert [item["status"] for item in answer["request_items"]] == ["rejected", "accepted", "accepted"]
    assert answer["errors"] is True
    client.control("consumer", {"do": "run"})
    assert client.statuses(answer["bulk_uuid"]) == [5, 2, 1]
    again = client.bulk([items[1]["product"]])
    client.control("consumer", {"do": "run"})
    assert client.statuses(again) == [1]


@pytest.mark.parametrize(("accept", "kind"), [("application/*", "application/json"), ("text/*", "application/xml")])
def test_a_wildcard_takes_the_first_renderer_of_its_family(client, accept, kind):
    answer = client.call("GET", "/V1/store/websites", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
