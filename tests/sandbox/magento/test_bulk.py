"""The life of a bulk: accepted, queued, worked off in order, and what it says about each operation."""

import json

OPEN, COMPLETE, FAILED = 4, 1, 3


def products(*skus, **fields):
    base = {"price": 1, "attribute_set_id": 4, "type_id": "simple"}
    return [{**base, "sku": sku, "name": f"Naam {sku}", **fields} for sku in skus]


def test_operations_stay_open_while_the_consumer_is_off(client):
    client.control("consumer", {"do": "pause"})
    number = client.bulk(products("b-1", "b-2"))
    assert client.statuses(number) == [OPEN, OPEN]
    assert client.call("GET", "/all/V1/products/b-1").status_code == 404


def test_one_step_does_the_oldest_operation_only(client):
    client.control("consumer", {"do": "pause"})
    number = client.bulk(products("b-1", "b-2"))
    assert client.control("consumer", {"do": "step"}) == {"done": 1, "waiting": 1, "running": False}
    assert client.statuses(number) == [COMPLETE, OPEN]
    assert client.control("consumer", {"do": "run"})["waiting"] == 0
    assert client.statuses(number) == [COMPLETE, COMPLETE]


def test_the_background_consumer_works_the_queue_off(client, until):
    number = client.bulk(products(*(f"b-{index}" for index in range(50))))
    until(lambda: client.statuses(number) == [COMPLETE] * 50)
    assert client.product("b-49")["name"] == "Naam b-49"


def test_a_failed_operation_keeps_what_was_sent_and_leaves_nothing_behind(client):
    client.control("consumer", {"do": "pause"})
    number = client.bulk(products("b-1") + products("b-2", name="") + products("b-3"))
    client.control("consumer", {"do": "run"})
    assert client.statuses(number) == [COMPLETE, FAILED, COMPLETE]
    operation = client.call("GET", f"/V1/bulk/{number}/detailed-status").json()["operations_list"][1]
    assert (
        operation["result_message"] == 'The "Product Name" attribute value is empty. Set the attribute and try again.'
    )
    assert json.loads(json.loads(operation["serialized_data"])["meta_information"])["product"]["sku"] == "b-2"
    assert client.call("GET", "/all/V1/products/b-2").status_code == 404


def test_a_clash_of_url_keys_undoes_the_whole_product(client):
    client.control("consumer", {"do": "pause"})
    number = client.bulk(products("b-1", "b-2", name="Zelfde"))
    client.control("consumer", {"do": "run"})
    assert client.statuses(number) == [COMPLETE, FAILED]
    items = client.call("GET", "/V1/inventory/source-items?fields=items[sku]").json()["items"]
    assert items == [{"sku": "b-1"}]


def test_one_wrong_type_refuses_the_whole_call(client):
    items = [{"product": products("b-1")[0]}, {"product": {"sku": "b-2", "price": "x"}}]
    answer = client.call("POST", "/all/async/bulk/V1/products", items)
    assert answer.status_code == 400
    assert len(client.shop.state.table("queue")) == 0


def test_the_log_names_what_each_operation_did(client):
    client.control("consumer", {"do": "pause"})
    client.bulk(products("b-1", "b-1"))
    client.control("consumer", {"do": "run"})
    log = client.session.get(f"{client.shop.url}/_sandbox/log", timeout=10).json()
    effects = [(one["effect"], one["key"]) for entry in log if entry["kind"] == "operation" for one in entry["effects"]]
    assert effects == [("created", "b-1"), ("updated", "b-1")]


def test_a_bulk_goes_to_the_store_view_of_its_path(client):
    client.post_product("b-1")
    client.control("consumer", {"do": "pause"})
    client.call("POST", "/fr/async/bulk/V1/products", [{"product": {"sku": "b-1", "name": "Perceuse"}}])
    client.control("consumer", {"do": "run"})
    assert client.product("b-1", "/fr")["name"] == "Perceuse"
    assert client.product("b-1")["name"] == "Boormachine b-1"


def test_put_by_sku_breaks_down_as_in_2_4_4(client):
    answer = client.call("PUT", "/all/async/bulk/V1/products/bySku", [{"sku": "b-1", "product": {"price": 1}}])
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (500, "text/plain")


def test_a_single_asynchronous_put_takes_the_sku_of_the_path(client):
    client.post_product("b-1")
    client.control("consumer", {"do": "pause"})
    answer = client.call("PUT", "/all/async/V1/products/b-1", {"product": {"price": 4}})
    assert answer.status_code == 202
    client.control("consumer", {"do": "run"})
    assert client.product("b-1")["price"] == 4


def test_the_user_of_a_bulk_is_the_one_who_sent_it(client):
    client.control("consumer", {"do": "pause"})
    number = client.bulk(products("b-1"))
    assert client.call("GET", f"/V1/bulk/{number}/status").json()["user_type"] == 2


def test_what_answers_nothing_leaves_no_result(client, until):
    source = {"source_code": "ghent", "name": "Gent", "country_id": "BE", "postcode": "9000"}
    number = client.call("POST", "/all/async/V1/inventory/sources", {"source": source}).json()["bulk_uuid"]
    until(lambda: client.statuses(number) == [1])
    operation = client.call("GET", f"/V1/bulk/{number}/detailed-status").json()["operations_list"][0]
    done = "Service execution success Magento\\Inventory\\Model\\SourceRepository\\Interceptor::save"
    assert (operation["result_serialized_data"], operation["result_message"]) == (None, done)
