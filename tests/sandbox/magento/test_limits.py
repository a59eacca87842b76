"""Input limiting: off by default; when on, long lists and large pages are refused with Magento's words."""

import pytest


def search(client, **criteria):
    return client.call(
        "GET", "/V1/products", params={f"searchCriteria[{name}]": value for name, value in criteria.items()}
    )


@pytest.fixture
def limited(client):
    client.shop.state.settings.input_limiting = True
    return client


def prices(count):
    return {"prices": [{"sku": f"l-{index}", "price": 1, "store_id": 0} for index in range(count)]}


def test_nothing_is_limited_by_default(client):
    assert client.call("POST", "/V1/products/base-prices", prices(21)).status_code == 200
    assert search(client, pageSize=301).status_code == 200


def test_twenty_of_a_list_pass_and_twenty_one_do_not(limited):
    assert limited.call("POST", "/V1/products/base-prices", prices(20)).status_code == 200
    refused = limited.call("POST", "/V1/products/base-prices", prices(21))
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("Maximum items of type")


def test_a_bulk_takes_five_thousand(limited):
    limited.shop.state.settings.async_list_limit = 3
    limited.shop.state.settings.consumer_running = False
    path = "/all/async/bulk/V1/products"
    items = [{"product": {"sku": f"l-{index}", "name": "n", "price": 1, "attribute_set_id": 4}} for index in range(4)]
    assert limited.call("POST", path, items[:3]).status_code == 202
    refused = limited.call("POST", path, items)
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("Maximum items of type")


def test_a_page_holds_at_most_three_hundred_and_twenty_by_default(limited):
    for index in range(22):
        limited.post_product(f"l-{index}")
    assert search(limited, pageSize=300).status_code == 200
    refused = search(limited, pageSize=301)
    assert refused.status_code == 400
    assert refused.json() == {"message": "Maximum SearchCriteria pageSize is %max", "parameters": {"max": 300}}
    assert len(search(limited, currentPage=1).json()["items"]) == 20
