"""What goes when it is old, and what stays however old it is."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from koppel import flow
from koppel.errors import ConfigError
from koppel.housekeeping import tidy
from koppel.run import Run
from koppel.settings import Settings
from koppel.staging import folders
from koppel.window import Window
from tests.koppel.stock import Shelf
from tests.koppel.world import Killed, World


@pytest.fixture
def aged(world: World) -> World:
    """Two runs with a change, a waiting plan and a killed run, all of them a hundred days old."""
    world.put("A")
    world.run()
    world.put("A", gtin="5400000000003")
    world.run()
    world.ledger.end_run(flow.begin("catalogue", Window()), "waiting")
    world.put("B")
    world.target.script = ["killed before"]
    with pytest.raises(Killed):
        world.run()
    with world.ledger.transaction() as connection:
        for column in ("run.started_at", "receipt.at", "attempt.intent_at"):
            table, name = column.split(".")
            connection.exec_driver_sql(f"update {table} set {name} = {name} - interval '100 days'")
    return world


def retain(days: object, name: str = "days") -> Settings:
    path = Settings.load().root / "koppel.toml"
    path.write_text(f"{path.read_text()}\n[retention]\n{name} = {days}\n")
    return Settings.load()


def count(world: World, table: str) -> int:
    (row,) = world.ledger.rows(lambda schema: select(func.count().label("n")).select_from(getattr(schema, table)))
    return int(row["n"])


def test_a_run_that_came_to_its_end_removes_what_is_old(aged: World) -> None:
    assert len(folders(Settings.load().staging_root)) == 3
    aged.run()
    assert len(folders(Settings.load().staging_root)) == 1
    old = "select count(*) from receipt where at < now() - interval '90 days' and entity = 'product' and key = 'A'"
    with aged.ledger.transaction() as connection:
        assert connection.exec_driver_sql(old).scalar() == 1, "the last receipt of a record stays"
    assert aged.state("A")[0] == "delivered"


def test_open_attempts_and_waiting_plans_stay(aged: World) -> None:
    waiting = flow.begin("catalogue", Window(), dry_run=True)  # which settles nothing
    Run(waiting).staging.write_text("plan.txt", "to be looked at")
    aged.ledger.end_run(waiting, "waiting")
    with aged.ledger.transaction() as connection:
        connection.exec_driver_sql("update run set started_at = started_at - interval '100 days'")
    tidy(aged.ledger, Settings.load())
    assert folders(Settings.load().staging_root) == [waiting]
    assert len(aged.ledger.open_attempts("shop")) == count(aged, "attempt") == 1


def test_nothing_goes_where_everything_is_to_be_kept(aged: World) -> None:
    before = [count(aged, name) for name in ("receipt", "attempt", "run")]
    tidy(aged.ledger, retain(0))
    assert [count(aged, name) for name in ("receipt", "attempt", "run")] == before
    assert len(folders(Settings.load().staging_root)) == 3


@pytest.mark.parametrize("name", ["days", "stock_days"])
@pytest.mark.parametrize("days", ['"soon"', "-1", "true"])
def test_a_retention_that_is_no_number_is_an_error(world: World, name: str, days: str) -> None:
    with pytest.raises(ConfigError, match=rf"\[retention\] {name} is"):
        tidy(world.ledger, retain(days, name))


@pytest.mark.parametrize(("days", "left"), [(14, 1), (0, 2), (60, 2)])
def test_receipts_of_stock_have_a_time_of_their_own(
    world: World, monkeypatch: pytest.MonkeyPatch, days: int, left: int
) -> None:
    world.put("A")
    world.run()
    shelf = Shelf(world, monkeypatch)
    for number in (3, 4):
        shelf.count("MECH", "A", number)
        world.run("stock")
    with world.ledger.transaction() as connection:
        connection.exec_driver_sql("update receipt set at = at - interval '30 days'")
        connection.exec_driver_sql("update attempt set intent_at = intent_at - interval '30 days'")
    before = count(world, "receipt")
    tidy(world.ledger, retain(days, "stock_days"))
    assert before - count(world, "receipt") == 2 - left, "the last one stays; those of products stay ninety days"
    with world.ledger.transaction() as connection:
        closed = connection.exec_driver_sql("select count(*) from attempt where entity = 'stock_level'").scalar()
    assert closed == (0 if left == 1 else 2)


def test_a_folder_that_no_run_knows_stays(world: World) -> None:
    stranger = Path(Settings.load().staging_root.removeprefix("file://")) / "runs" / "doctor"
    stranger.mkdir(parents=True)
    tidy(world.ledger, Settings.load())
    assert stranger.is_dir()


def test_a_killed_run_does_not_stay_running_for_ever(world: World) -> None:
    world.put("A")
    world.target.script = ["killed before"]
    with pytest.raises(Killed):
        world.run()
    world.run()
    assert [row["status"] for row in world.ledger.runs()] == ["reconciled", "interrupted"]
