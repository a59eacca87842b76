"""A shop in a process of its own, and a company beside it with a real ledger."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from koppel.ledger import Ledger
from tests.promise import killed
from tests.promise.company import Company
from tests.promise.scene import Scene
from tests.promise.shop import Shop, own_process
from tests.promise.stock_company import StockCompany
from tests.promise.stock_scene import StockScene

PRODUCTS = 6
"""Of a company with stock; so that a few of them may fall to 0 at once."""


@pytest.fixture(scope="session")
def _own_shop() -> Iterator[Shop]:
    # The server that runs are forked from starts at the first one; what it loads is not to be measured.
    killed.ended(killed.starter().Process(target=int))
    with own_process() as shop:
        yield shop


@pytest.fixture
def own_shop(_own_shop: Shop) -> Shop:
    """A fresh shop, in a process that no test kills."""
    _own_shop.reset()
    return _own_shop


@pytest.fixture
def scene(own_shop: Shop, tmp_path: Path, ledger_url: str) -> Iterator[Scene]:
    """An empty company with its ledger and a fresh shop."""
    scene = Scene(Company(tmp_path).found(), own_shop, Ledger(ledger_url))
    yield scene
    scene.ledger.close()


@pytest.fixture
def bare_scene(
    own_shop: Shop, tmp_path: Path, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StockScene]:
    """A company with a few products in three places, and a shop that knows none of them; runs are in processes of their own."""
    scene = StockScene(StockCompany(tmp_path).found().fill(PRODUCTS), own_shop, Ledger(ledger_url))
    for name, value in scene.environment.items():
        monkeypatch.setenv(name, value)
    yield scene
    scene.ledger.close()


@pytest.fixture
def stock_scene(bare_scene: StockScene) -> StockScene:
    """The same, with all products and all of their stock delivered."""
    bare_scene.complete("catalogue", "stock")
    return bare_scene


@pytest.fixture
def stock_here(stock_scene: StockScene, monkeypatch: pytest.MonkeyPatch) -> Iterator[StockScene]:
    """The same, with runs in this process, against a shop that is given little time to answer."""
    settings = stock_scene.company.config / "koppel.toml"
    settings.write_text(settings.read_text().replace("read_seconds = 5", "read_seconds = 0.5"))
    monkeypatch.setattr("koppel.registry.gate", lambda settings: killed.lenient)
    monkeypatch.setattr("koppel.registry.target", killed.quick_target)
    monkeypatch.setattr("koppel.registry.source", killed.quick_source)
    yield stock_scene
    Ledger.from_environment().close()


@pytest.fixture
def here(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """The scene with runs in this process, against a shop that is given little time to answer."""
    settings = scene.company.config / "koppel.toml"
    settings.write_text(settings.read_text().replace("read_seconds = 5", "read_seconds = 0.3"))
    for name, value in scene.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("koppel.registry.gate", lambda settings: killed.lenient)
    monkeypatch.setattr("koppel.registry.target", killed.quick_target)
    yield scene
    Ledger.from_environment().close()


@pytest.fixture
def unused_port() -> Iterator[int]:
    """A port of the loopback interface that is taken, and where nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
