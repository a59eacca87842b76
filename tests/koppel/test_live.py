"""Near real time: rounds that bring what changed at once, and lose nothing whatever happens between two of them."""

from collections import Counter

import pytest

from koppel import live
from koppel.errors import ConfigError, SourceDown, TargetDown, TargetRefused
from koppel.ledger import now
from koppel.settings import Settings
from koppel.window import Window
from tests.koppel.stock import A_WHILE, LONG_BEFORE, Shelf
from tests.koppel.world import Killed, World


@pytest.fixture
def shelf(world: World, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Three products in the shop, with 10 pieces of each in two places, all delivered."""
    for sku in ("A", "B", "C"):
        world.put(sku)
    world.run()
    shelf = Shelf(world, monkeypatch)
    for sku in ("A", "B", "C"):
        for place in ("MECH", "GENT"):
            shelf.count(place, sku, 10, LONG_BEFORE)
    world.run("stock")
    shelf.reads.clear()
    return shelf


def between_rounds(shelf: Shelf, *steps: object) -> object:
    """Called after each round; does the next step, and ends the listening when there is none left."""
    left = list(steps)

    def is_enough() -> bool:
        if not left:
            return True
        step = left.pop(0)
        if callable(step):
            step()
        return False

    return is_enough


def test_a_change_arrives_with_the_next_round_and_only_the_change(shelf: Shelf) -> None:
    before = shelf.world.target.requests
    steps = between_rounds(shelf, None, lambda: shelf.count("GENT", "B", 7), None)
    counts = shelf.listen(is_enough=steps)
    assert shelf.in_shop("GENT", "B") == 7
    assert counts["stock_level"]["delivered"] == 1
    assert shelf.world.target.requests == before + 1


def test_every_round_adds_up_and_the_run_is_reconciled(shelf: Shelf) -> None:
    shelf.count("GENT", "B", "many")
    shelf.count("MECH", "A", 4)
    counts = shelf.listen(is_enough=between_rounds(shelf, None, None))["stock_level"]
    assert counts["read"] == sum(counts[name] for name in ("unchanged", "delivered", "held_back", "failed"))
    assert counts["failed"] >= 1, "it failed, and is looked at again and again"
    run = shelf.world.ledger.runs(1)[0]
    assert (run["status"], run["counts"]["stock_level"]) == ("reconciled", counts)


def test_a_flow_that_was_never_read_is_read_in_full_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("A")
    world.run()
    shelf = Shelf(world, monkeypatch)
    shelf.count("MECH", "A", 3, LONG_BEFORE)
    shelf.listen(is_enough=between_rounds(shelf, None))
    assert shelf.in_shop("MECH", "A") == 3
    assert shelf.reads[0].is_full
    assert not shelf.reads[1].is_full
    assert [run["status"] for run in world.ledger.runs(2)] == ["reconciled", "reconciled"]


def test_a_stock_without_its_product_waits_and_goes_when_the_product_is_there(shelf: Shelf) -> None:
    shelf.count("MECH", "D", 5)
    shelf.listen(is_enough=between_rounds(shelf, None))
    assert shelf.in_shop("MECH", "D") is None
    assert shelf.world.state("MECH:D", "stock_level")[0] == "held back"
    assert shelf.world.ledger.waiting("shop", _stock()) == set(), "nothing can come of it yet, so nobody looks"
    shelf.world.put("D")
    shelf.world.run()
    assert shelf.world.ledger.waiting("shop", _stock()) == {"MECH:D"}
    shelf.listen(is_enough=between_rounds(shelf, None))
    assert shelf.in_shop("MECH", "D") == 5


def test_a_figure_that_came_about_in_another_way_is_not_sent_and_its_explanation_is_known(shelf: Shelf) -> None:
    shelf.count("MECH", "A", "5")
    shelf.listen(is_enough=between_rounds(shelf, None))
    sent = shelf.world.target.requests
    shelf.count("MECH", "A", "5.0")
    shelf.listen(is_enough=between_rounds(shelf, None))
    assert shelf.world.target.requests == sent
    row = shelf.world.ledger.standing("shop", "stock_level", ["MECH:A"], with_record=True)["MECH:A"]
    assert row["record"]["arithmetic"] == "5.0"


def test_an_older_figure_never_overwrites_a_newer_one(shelf: Shelf) -> None:
    shelf.count("GENT", "B", 7, now())
    shelf.listen(is_enough=between_rounds(shelf, None))
    shelf.count("GENT", "B", 9, now() - A_WHILE)
    shelf.listen(is_enough=between_rounds(shelf, None))
    assert shelf.in_shop("GENT", "B") == 7
    assert "older" in shelf.world.state("GENT:B", "stock_level")[1]


def test_while_the_shop_is_down_only_the_newest_figure_counts_and_goes_once_oldest_first(shelf: Shelf) -> None:
    target, seen = shelf.world.target, []
    deliver = target.deliver

    def watched(entity, changes, attempt):
        for receipt in deliver(entity, changes, attempt):
            if receipt.outcome == "delivered":
                seen.append((receipt.key, target.content[entity.name, receipt.key]["quantity"]))
            yield receipt

    target.deliver = watched
    target.size = 500
    target.script = ["down before"] * 4
    start = now()
    changes = [
        lambda: shelf.count("MECH", "C", 1, start),
        lambda: shelf.count("GENT", "A", 2, start + A_WHILE / 5),
        lambda: shelf.count("MECH", "C", 3, start + A_WHILE / 4),
        lambda: shelf.count("GENT", "B", 4, start + A_WHILE / 3),
        None, None, None,
    ]  # fmt: skip
    shelf.listen(seconds=60, is_enough=between_rounds(shelf, *changes))
    assert seen == [("GENT:A", 2.0), ("MECH:C", 3.0), ("GENT:B", 4.0)]


def test_what_is_down_for_too_long_ends_the_run_with_an_error(shelf: Shelf) -> None:
    shelf.trouble = [SourceDown("The ERP does not answer.")] * 2000
    with pytest.raises(SourceDown):
        shelf.listen(seconds=3600)
    run = shelf.world.ledger.runs(1)[0]
    assert run["status"] == "failed"
    assert "does not answer" in run["error"]


def test_a_refusal_ends_the_run_at_once(shelf: Shelf) -> None:
    shelf.count("MECH", "A", 4)
    shelf.trouble = [TargetRefused("The shop refuses our credentials.", do="Mend them.")]
    with pytest.raises(TargetRefused):
        shelf.listen()


@pytest.mark.parametrize("word", ["killed before", "killed half-way", "killed after"])
def test_a_kill_in_any_round_loses_nothing_and_doubles_nothing(shelf: Shelf, word: str) -> None:
    target = shelf.world.target
    for number, sku in enumerate("ABC"):
        shelf.count("MECH", sku, number)
    target.script = [word]
    with pytest.raises(Killed):
        shelf.listen(is_enough=between_rounds(shelf, None))
    shelf.listen(is_enough=between_rounds(shelf, None, None))
    assert [shelf.in_shop("MECH", sku) for sku in "ABC"] == [0, 1, 2]
    assert shelf.world.ledger.open_attempts("shop") == []
    assert Counter(row["status"] for row in shelf.world.ledger.runs(4))["interrupted"] == 1


def test_a_round_that_fails_after_delivering_is_read_again_and_sends_nothing_twice(shelf: Shelf) -> None:
    shelf.count("MECH", "A", 4)
    shelf.world.target.script = ["down after"]
    shelf.listen(is_enough=between_rounds(shelf, None, None))
    assert shelf.in_shop("MECH", "A") == 4
    assert shelf.world.state("MECH:A", "stock_level")[0] == "delivered"


def test_a_row_that_was_committed_late_is_found_by_the_sweep(shelf: Shelf) -> None:
    shelf.count("GENT", "B", 7)
    shelf.listen(is_enough=between_rounds(shelf, None))
    # A transaction that took five minutes: its time is older than the cursor, and it became visible only now.
    shelf.count("MECH", "A", 2, now() - A_WHILE)
    shelf.listen(is_enough=between_rounds(shelf, None))
    assert shelf.in_shop("MECH", "A") == 2


def test_quick_rounds_read_little_and_sweeps_read_further_back(shelf: Shelf) -> None:
    shelf.count("GENT", "B", 7)
    shelf.listen(seconds=70)
    rounds = [window.since for window in shelf.reads]
    cursor = shelf.world.ledger.cursor("erp", "shop", "stock_level")
    far = [number for number, since in enumerate(rounds) if (cursor - since).total_seconds() > 100]
    assert 40 <= len(rounds) <= 48, "70 seconds, 1.5 apart at least"
    assert far == [0, 40], "once at the start, and once after a minute"


def test_a_source_that_signals_is_waited_for(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        return True

    monkeypatch.setattr(shelf.world.source, "wait", wait, raising=False)
    shelf.listen(is_enough=between_rounds(shelf, None, None, None))
    assert waits
    assert max(waits) <= 1


def test_another_writer_of_the_catalogue_does_not_stop_the_stock(shelf: Shelf) -> None:
    shelf.count("MECH", "A", 4)
    with shelf.world.ledger.only_writer("shop"):
        shelf.listen(is_enough=between_rounds(shelf, None))
    assert shelf.in_shop("MECH", "A") == 4


def test_a_full_run_beside_it_leaves_newer_figures_alone(shelf: Shelf) -> None:
    from koppel import flow

    shelf.count("MECH", "A", 4)
    slow = flow.begin("stock", Window())
    for piece in flow.extract(slow, "stock_level"):
        flow.judge(slow, piece)
    flow.plan(slow)
    shelf.count("MECH", "A", 2)
    shelf.listen(is_enough=between_rounds(shelf, None))
    flow.deliver(slow)
    counts = flow.reconcile(slow)["stock_level"]
    assert shelf.in_shop("MECH", "A") == 2
    assert counts["unchanged"] == counts["read"], "what the listener brought meanwhile is newer"


def test_the_pace_is_checked(tmp_path) -> None:
    def pace(values: dict) -> live.Pace:
        return live.Pace.of(Settings(tmp_path, {"flows": {"stock": {"listen": values}}}), "stock")

    assert pace({}) == live.Pace()
    assert pace({"poll": 5}).poll == 5
    for wrong in ({"pol": 1}, {"poll": -1}, {"poll": "1"}, {"poll": True}):
        with pytest.raises(ConfigError, match="can't be used"):
            pace(wrong)


def test_a_target_down_for_a_moment_is_no_error(shelf: Shelf) -> None:
    shelf.trouble = [TargetDown("The shop is in maintenance.")]
    shelf.count("MECH", "A", 4)
    shelf.listen(is_enough=between_rounds(shelf, None, None))
    assert shelf.in_shop("MECH", "A") == 4


def _stock():
    from koppel.entities import STOCK_LEVEL

    return STOCK_LEVEL
