"""A fifth of the shop's answers is spoilt: runs are repeated until nothing is left to do, and nothing is lost or doubled."""

import pytest

from koppel import flow
from koppel.errors import KoppelError
from koppel.window import Window
from tests.promise import killed, sample
from tests.promise.scene import Scene, check_same

KINDS = [
    "rate_limit", "error_before", "error_after", "reset_before", "reset_after", "half_json", "cut", "html", "empty",
    "timeout_after",
]  # fmt: skip
MOST_RUNS = 12
SEEDS = [(1, 2), (2, 1000), (3, 2), (4, 1000), (5, 2), (6, 1000)]
"""Each with how many records go one by one; ``make test`` tries the first of both kinds, ``make soak`` all."""


def run() -> int | None:
    """Both flows; how many records they sent or could not send, None when one was stopped."""
    left = 0
    try:
        for name in killed.FLOWS:
            counts = dict(flow.run_here(flow.begin(name, Window())))["reconcile"]
            left += sum(one["delivered"] + one["failed"] + one["not_withdrawn"] for one in counts.values())
    except KoppelError:
        return None
    return left


def run_until_nothing_is_left() -> int:
    """How many runs it took until one had nothing to do."""
    for number in range(1, MOST_RUNS + 1):
        if run() == 0:
            return number
    raise AssertionError(f"after {MOST_RUNS} runs there is still something to do")


@pytest.mark.parametrize(("seed", "sync_records"), SEEDS if sample.IS_SOAK else SEEDS[:2])
def test_a_fifth_of_all_answers_is_bad(here: Scene, seed: int, sync_records: int) -> None:
    settings = here.company.config / "koppel.toml"
    settings.write_text(settings.read_text().replace("sync_records = 2", f"sync_records = {sync_records}"))
    here.company.stock_up(10)
    here.shop.faults({"kind": KINDS, "path": "^/rest/", "probability": 0.2, "seed": seed, "delay": 0.5})
    run_until_nothing_is_left()
    struck = sum(rule["hits"] for rule in here.shop.control("GET", "faults")["rules"])
    assert struck >= 5
    here.shop.faults()
    assert run() == 0
    here.is_settled()
    rough = here.shop.content()
    here.clear()
    assert run()
    check_same(rough, here.shop.content(), f"seed {seed}")


def test_the_promise_holds_where_the_shop_is_down_for_a_while(here: Scene) -> None:
    here.company.stock_up(6)
    here.shop.faults({"kind": "maintenance", "path": "^/rest/", "skip": 40, "count": 400})
    assert run() is None
    latest = here.ledger.runs(1)[0]
    assert latest["status"] == "failed"
    assert "run again" in latest["error"].lower()
    here.shop.faults()
    run_until_nothing_is_left()
    here.is_settled()
