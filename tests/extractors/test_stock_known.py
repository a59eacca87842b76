"""Stock put together from config, as a run finds it: a database, tills' files and a real ledger."""

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.stock import StockSource
from koppel import registry
from koppel.entities import STOCK_LEVEL
from koppel.errors import SourceEmpty
from koppel.ledger import Ledger, now
from koppel.locations import known
from koppel.settings import Settings
from koppel.window import Window

KOPPEL = """
[flows.stock]
source = "stock"
target = "shop"
entities = ["stock_level"]
[sources.stock]
kind = "stock"
from = ["erp", "tills"]
[sources.erp]
kind = "sql"
connection = "erp"
queries = "sql"
[sources.tills]
kind = "excel"
folder = "inbox"
mapping = "tills.toml"
settle_seconds = 0
"""
TILLS = """
[[stock_level]]
files = "ANT-*.csv"
complete = "each"
file_time = ["modified_at"]
columns = { location = "Shop", sku = "Article", on_hand = "Count" }
"""


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger_url: str) -> Iterator[StockSource]:
    (tmp_path / "sql").mkdir()
    (tmp_path / "inbox").mkdir()
    (tmp_path / "koppel.toml").write_text(KOPPEL)
    (tmp_path / "tills.toml").write_text(TILLS)
    (tmp_path / "stock.toml").write_text('[locations.MECH]\n[locations.ANT]\nwhen_silent = "zero"\n')
    (tmp_path / "sql" / "stock_level.sql").write_text("select 'MECH' as location, sku, on_hand, modified_at from stock")
    with sqlite3.connect(tmp_path / "erp.db") as db:
        db.execute("create table stock (sku text, on_hand real, modified_at text)")
        db.executemany("insert into stock values (?, ?, ?)", [("A", 5, f"{now():%Y-%m-%d %H:%M:%S}")])
    monkeypatch.setenv("AIRFLOW_CONN_ERP", "sqlite:///erp.db")
    monkeypatch.setenv("KOPPEL_LEDGER_URL", ledger_url)
    yield registry.source(Settings.load(tmp_path), "stock")  # type: ignore[misc]
    Ledger.from_environment().close()


def drop(source: StockSource, *rows: str, minutes_ago: float = 1) -> None:
    path = source.settings.root / "inbox" / f"ANT-{time.time_ns()}.csv"
    path.write_text("\n".join(["Shop,Article,Count", *rows]) + "\n")
    at = time.time() - 60 * minutes_ago
    os.utime(path, (at, at))


def read(source: StockSource, window: Window) -> dict[tuple[str, str], float]:
    rows = [row for table in source.read(STOCK_LEVEL, window) for row in table.to_pylist()]
    return {(row["location"], row["sku"]): row["on_hand"] for row in rows}


def test_a_database_and_files_are_one_source_and_what_was_heard_is_kept(source: StockSource) -> None:
    drop(source, "ANT,A,2", "ANT,B,3")
    assert read(source, Window()) == {("MECH", "A"): 5, ("ANT", "A"): 2, ("ANT", "B"): 3}
    source.accounted(STOCK_LEVEL, "run-1")
    heard = known(Ledger.from_environment(), "stock")
    assert set(heard) == {"MECH", "ANT"}
    assert not heard["ANT"].is_stale
    assert not list((source.settings.root / "inbox").glob("*.csv")), "the file is archived"
    assert [check.is_fine for check in source.check()] == [True] * len(source.check())


def test_a_file_is_closed_though_some_of_its_skus_were_asked_for_by_name(source: StockSource) -> None:
    drop(source, "ANT,A,2", "ANT,B,3")
    read(source, Window())
    source.accounted(STOCK_LEVEL, "run-1")
    drop(source, "ANT,A,1", "ANT,B,3", minutes_ago=0.5)
    read(source, Window(keys=("A",)))
    found = read(source, Window(since=now()))
    assert (found["ANT", "A"], found["ANT", "B"]) == (1, 3)
    source.accounted(STOCK_LEVEL, "run-2")
    assert not list((source.settings.root / "inbox").glob("*.csv"))


@pytest.mark.parametrize(("state", "is_refused"), [("delivered", True), ("held back", True), ("withdrawn", False)])
def test_a_location_that_gives_nothing_where_the_ledger_knows_some(
    source: StockSource, state: str, is_refused: bool
) -> None:
    row = {"target": "shop", "entity": "stock_level", "key": "ANT:A", "state": state, "reason": "", "fingerprint": "f"}
    row |= {"source_version": 1, "remote_id": None, "record": None, "modified_at": now(), "run_id": "r", "since": now()}
    Ledger.from_environment().record([row, row | {"target": "other", "state": "delivered", "key": "ANT:B"}])
    if is_refused:
        with pytest.raises(SourceEmpty, match="No stock at all was read of ANT"):
            read(source, Window())
    else:
        assert read(source, Window()) == {("MECH", "A"): 5}


def test_waiting_never_raises(source: StockSource) -> None:
    assert source.wait(0) is False
    source.settings.options["from"] = []
    assert source.wait(0) is False
