"""Runs of stock are killed (SIGKILL) at every kind of boundary and at random moments, while customers buy, parcels leave and people
count; in the end every figure is the one that the formula gives. `make soak` kills more often."""

import time
from random import Random

import pytest

from tests.promise import killed, sample
from tests.promise.stock_scene import StockScene
from tests.promise.trade import Trade

pytestmark = pytest.mark.crash
LOOKS = 6
"""After so many kills everything has to come right; each time would take longer, and hide what several kills add up to."""
KILLS = 60 if sample.IS_SOAK else 12
"""At random moments."""
STRIDE = 1 if sample.IS_SOAK else 11
"""Of the first run of all every so many-th boundary; odd, as every second one lies between a request and its answer."""
KINDS = (
    "start", "begin_run", "remember_reading", "replace_findings", "intend", "request", "send", "settle", "record",
    "move_cursor", "note", "accounted", "end_run",
)  # fmt: skip
"""What a run of stock does to the outside, in about this order; it may die after each."""
LATER = 2
"""A listener does most of it in each round: it dies in the first, and after this many of the kind."""
LATER_KINDS = KINDS[2:-1] if sample.IS_SOAK else KINDS[2:-1:2]
"""What it dies after in a later round."""
EVERYTHING = KINDS if sample.IS_SOAK else KINDS[1::2]
"""What a run of everything dies after: it writes by the same code as a listener, which dies after each kind."""


def test_a_listener_may_die_at_every_kind_of_boundary(stock_scene: StockScene) -> None:
    random = Random("listener")
    deadly = [*((kind, 0) for kind in (*KINDS, "count_run")), *((kind, LATER) for kind in LATER_KINDS)]
    for number, boundary in enumerate(deadly):
        stock_scene.trade.happen(random, 4)
        between = _between(stock_scene, f"{boundary}")
        stock_scene.company.drop_till()
        is_killed = stock_scene.is_killed_at(boundary, killed.listen_rounds, LATER + 1, between)
        assert is_killed or boundary[1], boundary
        stock_scene.trade.happen(random, 2)
        if number % LOOKS == 0:
            stock_scene.listen()
            stock_scene.has_come_right(f"killed at boundary {boundary}")
    stock_scene.listen()
    stock_scene.has_come_right("after the last kill")


def _between(scene: StockScene, seed: str) -> Trade:
    """Something happens between two rounds of the listener itself."""
    return Trade(scene.company, scene.shop, seed, events=2)


def test_a_run_of_everything_may_die_too(stock_scene: StockScene) -> None:
    random = Random("everything")
    for number, kind in enumerate(EVERYTHING):
        stock_scene.trade.happen(random, 6)
        stock_scene.company.move("MECH", "SKU-001", on_hand=1)
        stock_scene.company.is_heard("MECH")
        assert stock_scene.is_killed_at((kind, 0), killed.run_flows, ("stock",)), kind
        stock_scene.trade.happen(random, 2)
        if number % 2:
            (stock_scene.listen if number % 4 == 1 else lambda: stock_scene.complete("stock"))()
            stock_scene.has_come_right(f"killed after {kind}")


def test_the_first_run_of_all_makes_each_source_once_though_it_dies(bare_scene: StockScene) -> None:
    boundary, is_killed = 1, True
    while is_killed:
        bare_scene.clear()
        bare_scene.complete("catalogue")
        bare_scene.company.drop_till()
        is_killed = bare_scene.is_killed_at(boundary, killed.run_flows, ("stock",))
        bare_scene.listen(rounds=1)
        bare_scene.has_come_right(f"killed at boundary {boundary}")
        boundary += STRIDE
    assert boundary > 2 * STRIDE


def test_runs_may_die_at_any_moment(stock_scene: StockScene) -> None:
    random = Random("any moment")
    started = time.monotonic()
    stock_scene.done(killed.listen_rounds, 4, _between(stock_scene, "length"))
    moments, kills = killed.Moments(random, time.monotonic() - started), 0
    for attempt in range(3 * KILLS):
        stock_scene.trade.happen(random, 3)
        is_everything = attempt % 5 == 4
        if is_everything:
            process = stock_scene.start(killed.run_flows, ("stock",))
        else:
            process = stock_scene.start(killed.listen_rounds, 4, _between(stock_scene, f"{attempt}"))
        kills += moments.kill(process, "everything" if is_everything else "listener")
        if kills == KILLS:
            break
    assert kills == KILLS
    stock_scene.listen()
    stock_scene.has_come_right("after the last kill")
