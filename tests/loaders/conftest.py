"""A shop to deliver to: the sandbox on a free port, empty for each test, and a target that never really waits."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from koppel.clock import Clock
from koppel.settings import TargetSettings
from koppel.target import Change, Receipt
from loaders.magento import MagentoTarget
from sandbox.magento.testing import RunningShop, running_shop
from tests.contract.magento_schema import Recorder, schema

STORES = {"nl": "nl", "fr": "fr", "en": "en"}
PROPERTIES = {
    "colour": {
        "label": {"nl": "Kleur", "fr": "Couleur", "en": "Colour"},
        "input": "select",
        "options": {"red": {"nl": "Rood", "fr": "Rouge", "en": "Red"}},
    },
    "height": {"label": {"nl": "Hoogte", "fr": "Hauteur", "en": "Height"}, "input": "decimal", "unit": "cm"},
    "waterproof": {"label": {"nl": "Waterdicht"}, "input": "boolean"},
}

STOCK = """
[locations.GENT]
name = "Magazijn Gent"
source = "ghent"
postcode = "9000"

[locations.ANT]
name = "Winkel Antwerpen"
source = "store_antwerp"
postcode = "2000"
"""


class QuickClock(Clock):
    """Real time, but no pause is longer than a blink: what waits for the shop's background worker still gives it a turn."""

    def __init__(self) -> None:
        self.slept = 0.0

    def now(self) -> float:
        return super().now() + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        super().sleep(min(seconds, 0.02))


class Note:
    """An attempt that only remembers."""

    idempotency_key = "test"

    def __init__(self) -> None:
        self.reference: str | None = None

    def remember(self, reference: str) -> None:
        self.reference = reference


@pytest.fixture(scope="session")
def _shop() -> Iterator[RunningShop]:
    with running_shop() as shop:
        yield shop


@pytest.fixture
def shop(_shop: RunningShop) -> RunningShop:
    """The sandbox shop, fresh."""
    _shop.state.settings.__init__()
    _shop.state.reset()
    return _shop


def shop_connection(shop: RunningShop) -> str:
    """The connection of an integration, as Airflow's JSON."""
    host, _, port = shop.url.removeprefix("http://").partition(":")
    known = shop.credentials
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    extra = {name: getattr(known, name) for name in names}
    return json.dumps({"conn_type": "http", "host": host, "port": int(port), "extra": extra})


def shop_settings(media_root: Path, **options: Any) -> TargetSettings:
    """Settings of a Magento target, with limits that suit a test."""
    defaults = {"stores": STORES, "website": "base", "root_category": 2, "calls_per_minute": 1_000_000}
    defaults |= {"tax_classes": {"standard": 2, "zero": 0}, "read_seconds": 10, "settle_seconds": 0.01}
    defaults |= {"create_sources": True}
    return TargetSettings(
        "shop", "magento", media_root, "shop", defaults | options, ("nl", "fr", "en"), PROPERTIES, media_root
    )


@pytest.fixture
def make_target(shop: RunningShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes a target on the sandbox shop; keyword arguments are options of [targets.shop].

    Every request that it sends, and every answer, is held against Adobe's schema where that is at hand.
    """
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", shop_connection(shop))
    (tmp_path / "stock.toml").write_text(STOCK)
    known = schema()
    recorder = Recorder(known) if known else None

    def make(**options: Any) -> MagentoTarget:
        target = MagentoTarget(shop_settings(tmp_path, **options), QuickClock())
        if recorder:
            recorder.watch(target.client.http._session)
        return target

    yield make
    assert recorder is None or recorder.violations == []


@pytest.fixture
def target(make_target: Any) -> MagentoTarget:
    """A target with the defaults."""
    return make_target()


def change(kind: str, key: str, record: dict[str, Any], remote_id: str | None = None) -> Change:
    """A change of a plan; the fingerprint is of no interest to a target."""
    return Change(kind, key, record, "f", remote_id)  # type: ignore[arg-type]


def by_key(receipts: Iterator[Receipt]) -> dict[str, Receipt]:
    """Receipts by key; a second receipt for one key is an error."""
    found: dict[str, Receipt] = {}
    for receipt in receipts:
        assert receipt.key not in found, f"two receipts for {receipt.key}"
        found[receipt.key] = receipt
    return found


def picture(root: Path, name: str, colour: str) -> str:
    """A small image file below the media root; its sha256."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (12, 8), colour).save(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()
