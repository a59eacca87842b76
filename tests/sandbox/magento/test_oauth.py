"""Signed requests: what requests-oauthlib signs is accepted, anything else is refused with Magento's words."""

import datetime as dt
import time
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1

PATH = "/rest/V1/store/storeViews"


def signed(client: Any, **changes: Any) -> OAuth1:
    known = client.shop.credentials
    options = {"signature_method": "HMAC-SHA256", **changes}
    return OAuth1(
        options.pop("key", known.consumer_key),
        options.pop("secret", known.consumer_secret),
        options.pop("token", known.access_token),
        options.pop("token_secret", known.access_token_secret),
        **options,
    )


def get(client: Any, auth: Any, path: str = PATH, **options: Any) -> requests.Response:
    return requests.get(client.shop.url + path, auth=auth, timeout=10, **options)


def test_a_signed_request_is_answered_whatever_its_query_holds(client):
    query = {"searchCriteria[filter_groups][0][filters][0][field]": "sku",
             "searchCriteria[filter_groups][0][filters][0][value]": "a b/c%25 é&=+~", "fields": "total_count"}  # fmt: skip
    answer = get(client, signed(client), "/rest/V1/products", params=query)
    assert (answer.status_code, answer.json()) == (200, {"total_count": 0})


def test_a_signed_body_is_accepted(client):
    body = {"product": {"sku": "o-1", "name": "o", "price": 1, "attribute_set_id": 4}}
    answer = requests.post(client.shop.url + "/rest/all/V1/products", json=body, auth=signed(client), timeout=10)
    assert answer.status_code == 200


def test_a_path_with_encoded_signs_is_signed_as_it_is_sent(client):
    client.post_product("a/b c")
    answer = get(client, signed(client), "/rest/all/V1/products/a%2Fb%20c")
    assert answer.json()["sku"] == "a/b c"


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"secret": "x" * 32}, 401, "The signature is invalid. Verify and try again."),
        ({"token_secret": "x" * 32}, 401, "The signature is invalid. Verify and try again."),
        ({"token": "x" * 32}, 401, "Specified token does not exist"),
        ({"token": "short"}, 400, "The token length is invalid. Check the length and try again."),
        ({"key": "x" * 32}, 401, "A consumer having the specified key does not exist"),
        ({"signature_method": "HMAC-SHA1"}, 400, "Signature method %1 is not supported"),
        ({"timestamp": str(int(time.time()) + 3600)}, 401, "An error occurred validating the nonce"),
        ({"timestamp": "0"}, 401, "An error occurred validating the nonce"),
    ],
)
def test_a_wrong_signature_is_refused(client, changes, status, message):
    answer = get(client, signed(client, **changes))
    assert (answer.status_code, answer.json()["message"]) == (status, message)


def test_a_signature_does_not_cover_another_query(client):
    prepared = requests.Request("GET", client.shop.url + PATH + "?a=1", auth=signed(client)).prepare()
    prepared.url = client.shop.url + PATH + "?a=2"
    answer = requests.Session().send(prepared, timeout=10)
    assert answer.json()["message"] == "The signature is invalid. Verify and try again."


def test_a_nonce_serves_once_even_when_its_request_failed(client):
    refused = get(client, signed(client, nonce="once", secret="x" * 32))
    again = get(client, signed(client, nonce="once"))
    assert (refused.status_code, again.status_code) == (401, 401)
    assert again.json()["message"] == "The nonce is already being used by the consumer with ID %1"


def test_the_access_token_alone_is_no_login_until_that_is_switched_on(client):
    bearer = {"Authorization": f"Bearer {client.shop.credentials.access_token}"}
    assert get(client, None, headers=bearer).status_code == 401
    client.shop.state.settings.integration_bearer = True
    assert get(client, None, headers=bearer).status_code == 200


def test_an_admin_token_expires_after_four_hours(client):
    state = client.shop.state
    assert client.call("GET", "/V1/store/storeViews").status_code == 200
    before = state.now
    try:
        state.now = lambda: before() + dt.timedelta(hours=4, seconds=1)
        assert client.call("GET", "/V1/store/storeViews").status_code == 401
    finally:
        state.now = before


def test_secrets_do_not_reach_the_log(client):
    get(client, signed(client))
    text = requests.get(client.shop.url + "/_sandbox/log", timeout=10).text
    assert client.shop.credentials.access_token not in text
    assert client.shop.credentials.password not in text
