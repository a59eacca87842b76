"""A shop with a state file: nothing that was answered is lost when its process is killed."""

import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.magento.credentials import Credentials
from sandbox.magento.testing import running_shop

ROOT = Path(__file__).resolve().parents[3]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def shop_process(state, *options):
    port = free_port()
    command = [sys.executable, "-m", "sandbox", "magento", "--port", str(port), "--state", str(state), *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


def sign_in(url, until):
    session = requests.Session()
    login = {"username": Credentials().username, "password": Credentials().password}

    def signed_in():
        try:
            answer = session.post(f"{url}/rest/V1/integration/admin/token", json=login, timeout=5)
        except requests.ConnectionError:
            return False
        session.headers["Authorization"] = f"Bearer {answer.json()}"
        return answer.status_code == 200

    until(signed_in)
    return session


def product(sku):
    return {"product": {"sku": sku, "name": f"Naam {sku}", "price": 1, "attribute_set_id": 4}}


def test_a_killed_shop_keeps_what_it_answered_and_what_was_queued(tmp_path, until):
    state = tmp_path / "shop.sqlite"
    with shop_process(state, "--consumer-off") as url:
        session = sign_in(url, until)
        assert session.post(f"{url}/rest/all/V1/products", json=product("k-1"), timeout=5).status_code == 200
        queued = session.post(
            f"{url}/rest/all/async/bulk/V1/products", json=[product("k-2"), product("k-3")], timeout=5
        ).json()
    with shop_process(state) as url:
        # The token was stored too: no new sign-in is needed.
        headers = dict(session.headers)
        session = sign_in(url, until)
        session.headers.update(headers)
        assert session.get(f"{url}/rest/all/V1/products/k-1", timeout=5).json()["name"] == "Naam k-1"
        count = f"{url}/rest/V1/bulk/{queued['bulk_uuid']}/operation-status/1"
        until(lambda: session.get(count, timeout=5).json() == 2)
        assert session.get(f"{url}/rest/all/V1/products/k-3", timeout=5).status_code == 200


def test_ids_go_on_after_a_restart(tmp_path):
    def create(sku):
        with running_shop(tmp_path / "s.sqlite") as shop:
            login = {"username": shop.credentials.username, "password": shop.credentials.password}
            token = requests.post(f"{shop.url}/rest/V1/integration/admin/token", json=login, timeout=5).json()
            headers = {"Authorization": f"Bearer {token}"}
            answer = requests.post(f"{shop.url}/rest/all/V1/products", json=product(sku), headers=headers, timeout=5)
            return answer.json()["id"]

    assert [create("r-1"), create("r-2"), create("r-1")] == [1, 2, 1]


def test_a_killed_consumer_neither_loses_nor_repeats_an_operation(tmp_path, until):
    state = tmp_path / "shop.sqlite"
    skus = [f"c-{index}" for index in range(400)]
    with shop_process(state, "--consumer-off") as url:
        session = sign_in(url, until)
        session.post(f"{url}/rest/all/async/bulk/V1/products", json=[product(sku) for sku in skus], timeout=10)
    for _ in range(2):
        with shop_process(state) as url:
            session = sign_in(url, until)
            until(lambda url=url, session=session: len(session.get(f"{url}/_sandbox/log", timeout=5).json()) > 5)
    with shop_process(state) as url:
        session = sign_in(url, until)
        until(lambda: session.post(f"{url}/_sandbox/consumer", json={"do": "run"}, timeout=10).json()["waiting"] == 0)
        log = session.get(f"{url}/_sandbox/log", timeout=10).json()
    created = [one["key"] for entry in log if entry["kind"] == "operation" for one in entry["effects"]]
    assert created == skus
