"""Near real time beside other runs, kills and what is down: no figure is lost, and none is replaced by an older reading of it."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from koppel import flow, known
from koppel.errors import LedgerDown, TargetDown
from koppel.ledger import Ledger, now
from koppel.window import Window
from tests.koppel.stock import A_WHILE, LONG_BEFORE, Shelf
from tests.koppel.world import Killed, World


@pytest.fixture
def shelf(world: World, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Two products in the shop, with 10 pieces of each in one place, all delivered."""
    for sku in ("A", "B"):
        world.put(sku)
    world.run()
    shelf = Shelf(world, monkeypatch)
    for sku in ("A", "B"):
        shelf.count("MECH", sku, 10, LONG_BEFORE)
    world.run("stock")
    return shelf


def rounds(shelf: Shelf, count: int = 1, **given: Any) -> dict[str, int]:
    left = iter([False] * count + [True])
    return shelf.listen(is_enough=lambda: next(left), **given)["stock_level"]


def read_everything() -> str:
    """The first half of a run of everything, which takes long."""
    run_id = flow.begin("stock", Window())
    for piece in flow.extract(run_id, "stock_level"):
        flow.judge(run_id, piece)
    return run_id


def bring(run_id: str) -> dict[str, int]:
    """The second half."""
    flow.plan(run_id)
    flow.deliver(run_id)
    counts: dict[str, int] = flow.reconcile(run_id)["stock_level"]
    return counts


def test_a_run_that_writes_an_older_reading_in_the_middle_of_a_round_does_not_win(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.count("MECH", "A", 4, now() - 2 * A_WHILE)
    slow = read_everything()
    flow.plan(slow)
    shelf.count("MECH", "A", 2, now() - A_WHILE)  # quick rounds don't look so far back again, once B is accounted for
    shelf.count("MECH", "B", 9)
    deliver, waiting = flow.deliver, [slow]

    def at_the_wrong_moment(run: Any) -> dict[str, Any]:
        if waiting:
            deliver(waiting.pop())
        return deliver(run)

    monkeypatch.setattr(flow, "deliver", at_the_wrong_moment)
    counts = rounds(shelf, 2)
    assert shelf.in_shop("MECH", "A") == 2
    assert counts["delivered"] == 1, "B went with the round that was done again, and is found unchanged"
    assert flow.reconcile(slow)["stock_level"]["read"] == 2


def test_an_older_reading_with_the_same_time_of_the_source_does_not_win(shelf: Shelf) -> None:
    at = now()
    shelf.count("MECH", "A", 4, at)
    slow = read_everything()
    shelf.count("MECH", "A", 2, at)  # an order was shipped in the shop; the ERP's row is as it was
    rounds(shelf)
    counts = bring(slow)
    assert shelf.in_shop("MECH", "A") == 2
    assert (counts["unchanged"], counts["delivered"]) == (2, 0)
    assert "while this one read" in shelf.world.state("MECH:A", "stock_level")[1]


def test_what_is_new_while_everything_is_read_is_no_defect(shelf: Shelf) -> None:
    slow = read_everything()
    shelf.count("GENT", "A", 5)
    rounds(shelf)
    assert bring(slow)["read"] == 2
    assert shelf.in_shop("GENT", "A") == 5


def test_what_is_new_while_everything_is_read_is_not_taken_for_gone(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = known.KnownAll.compared

    def after_a_round(self: known.KnownAll, staged: Any) -> Any:
        shelf.count("GENT", "A", 5)
        rounds(shelf)
        return compared(self, staged)

    monkeypatch.setattr(known, "_FEW", -1)  # as in a large stock, of which much changed
    monkeypatch.setattr(known.KnownAll, "compared", after_a_round)
    slow = read_everything()
    monkeypatch.setattr(known.KnownAll, "compared", compared)
    bring(slow)
    assert shelf.in_shop("GENT", "A") == 5
    assert ("stock_level", "GENT:A") not in shelf.world.target.withdrawn


def test_a_long_run_leaves_the_lane_to_others_between_its_batches(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("MECH", "GENT", "LIEG"):
        for sku in ("A", "B"):
            shelf.count(place, sku, 3)
    slow, writer, turns = read_everything(), Ledger.only_writer, []

    @contextmanager
    def watched(self: Ledger, target: str, lane: str = "", seconds: float = 0) -> Iterator[None]:
        with writer(self, target, lane, seconds):
            before = shelf.world.target.requests
            yield
        turns.append(shelf.world.target.requests - before)

    monkeypatch.setattr(Ledger, "only_writer", watched)
    bring(slow)
    assert sum(turns) == 3
    assert max(turns) == 1


def test_a_shop_that_is_down_with_a_batch_under_way_is_waited_for(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.count("MECH", "A", 4)
    shelf.world.target.script = ["killed half-way"]
    with pytest.raises(Killed):
        rounds(shelf)
    read_back, times = shelf.world.target.read_back, iter([True, True])

    def down_at_first(*given: Any) -> Any:
        if next(times, False):
            raise TargetDown("The shop is in maintenance.")
        return read_back(*given)

    monkeypatch.setattr(shelf.world.target, "read_back", down_at_first)
    rounds(shelf, 4)
    assert shelf.in_shop("MECH", "A") == 4
    assert shelf.world.ledger.open_attempts("shop") == []


@pytest.mark.parametrize(("times", "is_patient"), [(3, True), (1000, False)])
def test_a_ledger_that_is_down_at_the_start_is_waited_for_a_while(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, times: int, is_patient: bool
) -> None:
    begin, left = flow.begin, iter(range(times))

    def down_at_first(*given: Any, **named: Any) -> str:
        if next(left, None) is not None:
            raise LedgerDown("The ledger does not answer.")
        return begin(*given, **named)

    monkeypatch.setattr(flow, "begin", down_at_first)
    shelf.count("MECH", "A", 4)
    if not is_patient:
        with pytest.raises(LedgerDown):
            rounds(shelf)
        return
    rounds(shelf)
    assert shelf.in_shop("MECH", "A") == 4


def test_a_source_that_was_empty_until_now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("A")
    world.run()
    shelf = Shelf(world, monkeypatch)
    assert rounds(shelf, 2)["read"] == 0
    shelf.count("MECH", "A", 3)
    rounds(shelf)
    assert shelf.in_shop("MECH", "A") == 3


def test_a_task_that_is_told_to_end_closes_its_run_and_leaves_no_files(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit):
        shelf.listen(is_enough=lambda: os.kill(os.getpid(), signal.SIGTERM))
    run = shelf.world.ledger.runs(1)[0]
    assert (run["status"], "SIGTERM" in run["error"]) == ("failed", True)
    assert list(folder.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_run_that_was_taken_for_dead_says_how_it_ended(shelf: Shelf) -> None:
    taken_for_dead = read_everything()
    rounds(shelf)
    assert shelf.world.ledger.run(taken_for_dead)["status"] == "interrupted"
    flow.fail(taken_for_dead, "The shop refuses our credentials.")
    run = shelf.world.ledger.run(taken_for_dead)
    assert (run["status"], run["error"]) == ("failed", "The shop refuses our credentials.")


def test_a_lane_of_a_ledger_that_is_down_is_no_other_writer(shelf: Shelf) -> None:
    nobody = Ledger("postgresql://koppel@127.0.0.1:1/koppel")
    for seconds in (0, 1):
        with pytest.raises(LedgerDown), nobody.only_writer("shop", "stock", seconds):
            pass


def test_a_run_of_everything_says_when_the_ledger_is_down(shelf: Shelf) -> None:
    nobody = Ledger("postgresql://koppel@127.0.0.1:1/koppel")
    for _ in range(2):
        with pytest.raises(LedgerDown, match="does not answer"):
            nobody.source_versions("shop", "stock_level")
