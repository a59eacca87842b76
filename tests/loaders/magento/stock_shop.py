"""What the tests of stock share: changes of a plan, what the shop holds, and a shop that refuses some SKUs."""

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from koppel.entities import STOCK_LEVEL
from koppel.target import Change, Receipt
from loaders.magento import MagentoTarget
from sandbox.magento.testing import RunningShop
from tests.loaders.conftest import Note, by_key, change

SAVE = "/V1/inventory/source-items"


def level(sku: str, quantity: Any = 5.0, location: str = "GENT", kind: str = "update", **more: Any) -> Change:
    """One line of a plan about one SKU in one location."""
    record = {"location": location, "sku": sku, "quantity": quantity, "is_in_stock": quantity != 0}
    if kind == "withdraw":
        record = {"location": location, "sku": sku}
    return change(kind, f"{location}:{sku}", record, more.get("remote_id"))


def ready(target: MagentoTarget, *locations: str) -> MagentoTarget:
    """The target, with the sources of these locations made and known."""
    records = [{"location": location, "sku": "S"} for location in locations or ("GENT", "ANT")]
    target.prepare(target.preparations(STOCK_LEVEL, records))
    target.preparations(STOCK_LEVEL, records)
    return target


def deliver(target: MagentoTarget, *changes: Change) -> dict[str, Receipt]:
    return by_key(target.deliver(STOCK_LEVEL, changes, Note()))


def read_back(target: MagentoTarget, *changes: Change) -> dict[str, str]:
    return {key: receipt.outcome for key, receipt in by_key(target.read_back(STOCK_LEVEL, changes, None)).items()}


def read_all(target: MagentoTarget) -> dict[str, dict[str, Any]]:
    return dict(pair for page in target.read_all(STOCK_LEVEL) for pair in page)


def held(shop: RunningShop, source: str = "ghent") -> dict[str, tuple[float, int]]:
    """What the shop's own table says of a source: quantity and status per SKU."""
    items = list(shop.state.table("source_items"))
    return {item["sku"]: (item["quantity"], item["status"]) for item in items if item["source_code"] == source}


class PickyAdapter(HTTPAdapter):
    """The real connection to a shop that refuses each call in which ``refuses`` finds something, and does nothing of it then."""

    def __init__(self, refuses: Callable[[list[dict[str, Any]]], bool], status: int, message: str) -> None:
        super().__init__()
        self._refuses, self._status = refuses, status
        self._body = json.dumps({"message": message}).encode()
        self.sent = 0

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        if request.method != "POST" or not str(request.path_url).endswith(SAVE):
            return super().send(request, **options)
        self.sent += 1
        if not self._refuses(json.loads(request.body or b"{}")["sourceItems"]):
            return super().send(request, **options)
        response = requests.Response()
        response.status_code, response.raw = self._status, io.BytesIO(self._body)
        response.request, response.url = request, str(request.url)
        return response


def refuse(
    target: MagentoTarget, bad: Sequence[str], status: int = 400, message: str = "Could not save Source Item"
) -> PickyAdapter:
    """From now on the shop refuses all of a call that holds one of these SKUs."""
    adapter = PickyAdapter(lambda rows: any(row["sku"] in bad for row in rows), status, message)
    target.client.http._session.mount(target.client.http.base_url, adapter)
    return adapter


def fault(shop: RunningShop, kind: str, **rule: Any) -> None:
    """Switch on a fault of the sandbox for the calls that write stock."""
    answer = requests.post(f"{shop.url}/_sandbox/faults", json={"kind": kind, "path": SAVE, **rule}, timeout=5)
    answer.raise_for_status()


def no_fault(shop: RunningShop) -> None:
    requests.delete(f"{shop.url}/_sandbox/faults", timeout=5).raise_for_status()
