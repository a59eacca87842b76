"""The shop, the ERP or the ledger fails while stock is listened to: nothing is lost, and in the end every figure is the newest."""

import logging
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from koppel import live
from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger
from sandbox.magento.faults import KINDS
from tests.conftest import FAST
from tests.promise import killed
from tests.promise.scene import check_no_secret
from tests.promise.stock_scene import StockScene
from tests.promise.test_stock_crash import KINDS as BOUNDARIES
from tests.promise.trade import Trade

LATER = timedelta(minutes=30)


def steps(**by_round: Callable[[], Any]) -> Callable[[int], None]:
    """What happens after which round: ``after_2=...``."""

    def between(number: int) -> None:
        by_round.get(f"after_{number}", lambda: None)()

    return between


def test_bad_answers_in_the_middle_of_listening_lose_nothing(
    stock_here: StockScene, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    random = Random("answers")
    for kind in KINDS:
        stock_here.trade.happen(random, 4)
        stock_here.shop.faults({"kind": kind, "path": "^/rest/", "probability": 0.5, "retry_after": 1, "delay": 1})
        stock_here.listen_here(4, Trade(stock_here.company, stock_here.shop, kind, events=2))
        assert stock_here.shop.control("GET", "faults")["rules"][0]["hits"] > 0
        stock_here.shop.faults()
        stock_here.listen_here(2)
        stock_here.has_come_right(kind)
    check_no_secret(stock_here, caplog.text)


def test_after_a_long_silence_of_the_shop_the_newest_figure_of_each_goes_once_and_oldest_first(
    stock_here: StockScene,
) -> None:
    def sell(sku: str) -> Callable[[], None]:
        return lambda: stock_here.company.move("MECH", sku, on_hand=-1)

    stock_here.shop.faults({"kind": "maintenance", "path": "^/rest/"})
    seen = len(stock_here.shop.log())
    changes = [sell(sku) for sku in ("SKU-003", "SKU-001", "SKU-002", "SKU-003", "SKU-001", "SKU-004", "SKU-001")]
    rounds = {f"after_{number}": change for number, change in enumerate(changes, 2)}
    stock_here.listen_here(14, steps(**rounds, after_12=stock_here.shop.faults))
    written = [one["key"] for line in stock_here.shop.log(seen) for one in line.get("effects", [])]
    assert written == [f"SKU-00{number}@mechelen" for number in (2, 3, 4, 1)]
    stock_here.has_come_right("the shop is back")


@pytest.fixture
def lock(stock_here: StockScene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The ERP's database, and who reads it waits for nobody: "begin exclusive", and nobody can read; "rollback", and all can."""
    monkeypatch.setenv("AIRFLOW_CONN_ERP", f"{stock_here.environment['AIRFLOW_CONN_ERP']}?timeout=0")
    connection = sqlite3.connect(stock_here.company.database, isolation_level=None)
    yield connection
    connection.close()


@pytest.mark.parametrize("is_restarted", [False, True])
def test_while_the_erp_is_down_the_tills_flow_and_nothing_of_it_is_lost(
    stock_here: StockScene, lock: sqlite3.Connection, *, is_restarted: bool
) -> None:
    """The network is down, not the ERP: people go on working in it, and the till drops newer files meanwhile."""
    company = stock_here.company

    def back() -> None:
        assert stock_here.held()["store_leuven", "SKU-001"] == 36, "the others flow"
        lock.execute("rollback")
        before = (datetime.now(UTC) - LATER).isoformat()
        company.run("update shelf set on_hand = 33, modified_at = ? where location = 'GENT'", before)

    company.move("LEU", "SKU-001", on_hand=-3)
    company.drop_till()
    lock.execute("begin exclusive")
    if is_restarted:
        stock_here.listen_here(4)
        back()
        stock_here.listen_here(3)
    else:
        stock_here.listen_here(6, steps(after_3=back))
    stock_here.has_come_right("the ERP is back")


def cut_ledger() -> None:
    """What a restart of the ledger's server does to this process: all its connections are gone."""
    with psycopg.connect(os.environ["KOPPEL_LEDGER_URL"].replace("+psycopg", ""), autocommit=True) as session:
        session.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


def listen_cut(
    environment: dict[str, str], rounds: int, between: Callable[[int], None] | None, deadly: killed.Deadly, told: str
) -> None:
    """The child: a listener that at one boundary loses all its connections to the ledger."""
    with killed.prepared(environment, deadly, told, strike=cut_ledger):
        live.listen("stock", clock=killed.QuickClock(), is_enough=killed.after_rounds(rounds, between))


def test_a_ledger_that_is_restarted_at_any_kind_of_boundary_stops_no_listener(stock_scene: StockScene) -> None:
    random = Random("ledger")
    for kind in BOUNDARIES[1:]:
        stock_scene.trade.happen(random, 4)
        process = stock_scene.start(
            listen_cut, 4, Trade(stock_scene.company, stock_scene.shop, kind, 2), deadly=(kind, 0)
        )
        assert killed.ended(process) == 0, f"{kind}: {stock_scene.told()}"
        stock_scene.listen()
        stock_scene.has_come_right(f"cut after {kind}")


@pytest.fixture
def restartable() -> Iterator[EmbeddedPostgres]:
    """A server of its own, as other tests use the one of the session."""
    with (
        tempfile.TemporaryDirectory(prefix="koppel-test-") as folder,
        EmbeddedPostgres(Path(folder) / "data", FAST) as server,
    ):
        yield server


def test_listening_goes_on_when_the_ledger_was_down_for_some_rounds(
    bare_scene: StockScene, restartable: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(restartable.url("postgres"))
    ledger.migrate()
    scene = StockScene(bare_scene.company, bare_scene.shop, ledger)
    monkeypatch.setenv("KOPPEL_LEDGER_URL", ledger.url)
    monkeypatch.setattr("koppel.registry.gate", lambda settings: killed.lenient)
    monkeypatch.setattr("koppel.registry.target", killed.quick_target)
    monkeypatch.setattr("koppel.registry.source", killed.quick_source)
    scene.complete("catalogue", "stock")

    def sell() -> None:
        scene.company.move("GENT", "SKU-002", on_hand=-1)
        order = scene.trade.place("SKU-002", 2)
        scene.company.take_in(order, "GENT")

    scene.listen_here(8, steps(after_1=sell, after_2=restartable.stop, after_3=sell, after_5=restartable.start))
    scene.has_come_right("the ledger is back")
    ledger.close()
    Ledger.from_environment().close()
