"""Two listeners, a run of everything, a comparison with the shop and a person at work in it, all at the same time: one writes, and
in the end every figure is right."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count, pairwise
from pathlib import Path
from random import Random
from typing import Any

from koppel import flow, live, registry
from koppel.entities import STOCK_LEVEL
from koppel.ledger import now
from koppel.settings import Settings
from koppel.source import Source
from koppel.target import Attempt, Change, Receipt
from koppel.window import Window
from loaders.magento import MagentoTarget
from loaders.magento.stock import StockLevels
from tests.promise import killed
from tests.promise.stock_scene import StockScene

EVENTS, FEW = 20, 5
"""So many things happen at least, and so often something is sent."""
LONGEST = 60.0
"""Seconds that this may take, however slow the machine is."""
Work = tuple[Any, ...]
"""A child of a scene, with its arguments."""


def traced(environment: dict[str, str], work: Callable[..., None], trace: str, *arguments: Any) -> None:
    """The child: some other child, and from when to when it was sending stock."""
    deliver = StockLevels.deliver

    def timed(self: StockLevels, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        began = time.monotonic()
        yield from deliver(self, changes, attempt)
        with Path(trace).open("a") as file:
            file.write(f"{began} {time.monotonic()}\n")

    StockLevels.deliver = timed  # type: ignore[method-assign]
    work(environment, *arguments)


def listen_until(environment: dict[str, str], end: str, deadly: killed.Deadly, told: str) -> None:
    """The child: a listener that goes on until there is a file ``end``."""
    with killed.prepared(environment, deadly, told):
        live.listen("stock", clock=killed.QuickClock(), is_enough=Path(end).exists)


def compare_and_run(environment: dict[str, str], deadly: killed.Deadly, told: str) -> None:
    """The child: what happens every night, the shop compared with the ledger and then a run of everything."""
    with killed.prepared(environment, deadly, told):
        run_id = flow.begin("stock", Window())
        flow.compare(run_id)
        list(flow.run_here(run_id))


def together(scene: StockScene, random: Random, works: Sequence[Work], more: Callable[[], None] = lambda: None) -> None:
    """Start all of these beside a listener, and let things happen until enough was sent, by one at a time."""
    end = scene.company.folder / "end"
    works = [(listen_until, str(end)), *works]
    scene.shop.faults(
        {"kind": "slow", "path": "source-items$", "method": "POST", "delay": 0.05}
    )  # or nobody would ever meet
    traces = [scene.company.folder / f"trace {number}" for number, _ in enumerate(works)]
    processes = [
        scene.start(traced, work, str(trace), *arguments)
        for (work, *arguments), trace in zip(works, traces, strict=True)
    ]
    began = time.monotonic()
    for number in count():
        scene.trade.happen(random, 1)
        more()
        processes[0].join(0.03)  # the machine is theirs, too
        if (number >= EVENTS and len(_spans(traces)) >= FEW) or time.monotonic() - began > LONGEST:
            break
    end.touch()
    assert [killed.ended(process) for process in processes] == [0] * len(works), scene.told()
    end.unlink()
    spans = _spans(traces)
    assert len(spans) >= FEW
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(spans)), "two wrote at once"


def _spans(traces: Sequence[Path]) -> list[tuple[float, ...]]:
    """From when to when something was sent, in that order."""
    texts = [trace.read_text() for trace in traces if trace.exists()]
    return sorted(tuple(map(float, line.split())) for text in texts for line in text.splitlines())


def test_two_listeners_and_runs_of_everything_beside_each_other(stock_scene: StockScene) -> None:
    random, everything = Random("beside"), (killed.run_flows, ("stock",))
    listener = (listen_until, str(stock_scene.company.folder / "end"))
    together(stock_scene, random, [listener])
    together(stock_scene, random, [everything, everything])
    stock_scene.listen()
    stock_scene.has_come_right("beside each other")


def test_a_till_file_that_another_run_closed_is_not_lost_for_the_one_that_read_it(stock_scene: StockScene) -> None:
    """Its round may have failed since; the other one began to read before the file came."""
    settings, since = Settings.load(stock_scene.company.config), Window(since=now())

    def read(source: Source) -> int:
        return sum(table.num_rows for table in source.read(STOCK_LEVEL, since))

    one, other = registry.source(settings, "tills"), registry.source(settings, "tills")
    read(one), read(other)
    for source in (one, other):
        source.accounted(STOCK_LEVEL, "before")
    assert read(one) == read(other) == 0
    stock_scene.company.drop_till()
    assert read(one) == len(stock_scene.company.skus())
    other.accounted(STOCK_LEVEL, "other")
    assert read(one) == len(stock_scene.company.skus())
    one.accounted(STOCK_LEVEL, "one")
    assert read(one) == 0


def test_what_a_person_changes_in_the_shop_is_mended_by_the_comparison_while_a_listener_runs(
    stock_scene: StockScene,
) -> None:
    random = Random("by hand")
    client = MagentoTarget(Settings.load(stock_scene.company.config).target("shop"), killed.QuickClock()).client

    def by_hand() -> None:
        sku = random.choice(stock_scene.company.skus())
        item = {"sku": sku, "source_code": random.choice(("mechelen", "ghent")), "quantity": 77, "status": 1}
        client.send("POST", "/V1/inventory/source-items", {"sourceItems": [item]}, repeatable=True)

    together(stock_scene, random, [(compare_and_run,)], by_hand)
    by_hand()
    together(stock_scene, random, [(compare_and_run,)])
    stock_scene.listen()
    stock_scene.has_come_right("compared")
