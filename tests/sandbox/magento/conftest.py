"""A shop that listens on loopback, and a caller that is signed in as its administrator."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox.magento.testing import RunningShop, running_shop

PRODUCT = {"price": 9.5, "attribute_set_id": 4, "type_id": "simple", "status": 1, "visibility": 4, "weight": 1}


@dataclass
class Client:
    """Calls the shop the way a coupling does."""

    shop: RunningShop
    session: requests.Session

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.shop.url}/rest{path}", json=body, timeout=10, **options)

    def post_product(self, sku: str, store: str = "/all", **fields: Any) -> requests.Response:
        product = {**PRODUCT, "sku": sku, "name": f"Boormachine {sku}", **fields}
        return self.call("POST", f"{store}/V1/products", {"product": product})

    def product(self, sku: str, store: str = "/all") -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"{store}/V1/products/{sku}").json()
        return found

    def bulk(self, products: list[dict[str, Any]]) -> str:
        answer = self.call("POST", "/all/async/bulk/V1/products", [{"product": one} for one in products])
        assert answer.status_code == 202, answer.text
        return str(answer.json()["bulk_uuid"])

    def statuses(self, bulk_uuid: str) -> list[int]:
        operations = self.call("GET", f"/V1/bulk/{bulk_uuid}/status").json()["operations_list"]
        return [operation["status"] for operation in operations]

    def control(self, path: str, body: Any = None) -> Any:
        return self.session.post(f"{self.shop.url}/_sandbox/{path}", json=body or {}, timeout=10).json()


def sign_in(shop: RunningShop) -> Client:
    session = requests.Session()
    login = {"username": shop.credentials.username, "password": shop.credentials.password}
    token = session.post(f"{shop.url}/rest/V1/integration/admin/token", json=login, timeout=10).json()
    session.headers["Authorization"] = f"Bearer {token}"
    return Client(shop, session)


def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def until() -> Callable[..., None]:
    """Poll a condition, with a deadline."""
    return _until


@pytest.fixture(scope="module")
def running() -> Iterator[Client]:
    with running_shop() as shop:
        yield sign_in(shop)


@pytest.fixture
def client(running: Client) -> Client:
    """The module's shop, emptied, with its settings as they were."""
    running.shop.state.settings.__dict__.update(type(running.shop.state.settings)().__dict__)
    running.shop.state.reset()
    return running
