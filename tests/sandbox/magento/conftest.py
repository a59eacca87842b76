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

    def push(self, *items: tuple[str, str, float]) -> requests.Response:
        """Write (SKU, source, quantity) rows, all in stock."""
        rows = [{"sku": sku, "source_code": code, "quantity": qty, "status": 1} for sku, code, qty in items]
        return self.call("POST", "/V1/inventory/source-items", {"sourceItems": rows})

    def salable(self, sku: str, stock: int = 2) -> Any:
        return self.call("GET", f"/V1/inventory/get-product-salable-quantity/{sku}/{stock}").json()

    def in_sources(self, sku: str) -> dict[str, tuple[float, int]]:
        """What each source holds of a SKU, and its status; the default source is left out while it holds nothing."""
        query = "searchCriteria[filter_groups][0][filters][0][field]=sku&searchCriteria[filter_groups][0][filters][0][value]="
        items = self.call("GET", f"/V1/inventory/source-items?{query}{sku}").json()["items"]
        return {
            item["source_code"]: (item["quantity"], item["status"])
            for item in items
            if item["source_code"] != "default" or item["quantity"]
        }

    def order(self, number: int | str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"/V1/orders/{number}").json()
        return found

    def buy(self, *rows: tuple[str, float], store: str = "default") -> dict[str, Any]:
        """Place an order of (SKU, quantity) by the sandbox's own control."""
        items = [{"sku": sku, "qty": quantity} for sku, quantity in rows]
        placed: dict[str, Any] = self.control("orders", {"items": items, "store": store})
        return placed

    def act(self, order: dict[str, Any], do: str, **options: Any) -> dict[str, Any]:
        """Have the sandbox ship, cancel, invoice or refund an order."""
        done: dict[str, Any] = self.control(f"orders/{order['entity_id']}", {"do": do, **options})
        return done

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
        time.sleep(0.04)


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


@pytest.fixture
def two_sources(client: Client) -> Client:
    """The shop with sources ghent and antwerp in the stock of its website, and a product "i" of which nothing lies there."""
    client.shop.state.settings.several_sources = True
    client.shop.state.reset()
    client.post_product("i")
    return client
