"""Steps that are done twice, runs that end half-way, and runs that meet other runs."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import select

from koppel import changes, flow
from koppel.entities import Entity
from koppel.errors import ConfigError, LimitExceeded, SourceEmpty, TargetBusy, TargetDown
from koppel.run import Run
from koppel.target import Attempt, Change, Receipt
from koppel.window import Window
from tests.koppel.world import World


def up_to_plan(run_id: str) -> None:
    for entity in Run(run_id).flow.entities:
        for piece in flow.extract(run_id, entity):
            flow.judge(run_id, piece)
    flow.plan(run_id)


def waiting_plan(world: World) -> str:
    """A plan that would withdraw 20 of 30 products and hold P29 back, and waits for a person."""
    for number in range(30):
        world.put(f"P{number:02}")
    world.run()
    for number in range(20):
        world.drop(f"P{number:02}")
    world.put("P29", name="BAD")
    config = flow.Settings.load().root / "koppel.toml"
    config.write_text(config.read_text().replace("withdrawn_share = 1.0", "withdrawn_share = 0.1"))
    run_id = flow.begin("catalogue", Window())
    with pytest.raises(LimitExceeded):
        list(flow.run_here(run_id))
    return run_id


def findings(world: World) -> list[str]:
    return [row["key"] for row in world.ledger.rows(lambda schema: select(schema.finding.c.key))]


def test_every_step_may_be_done_twice_and_leaves_nothing_of_a_larger_first_try(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        world.put(f"A{number}")
    run_id = flow.begin("catalogue", Window())
    with monkeypatch.context() as patch:
        patch.setattr(changes, "SLICE_ROWS", 1)
        up_to_plan(run_id)
    for number in range(3):
        world.drop(f"A{number}")
    up_to_plan(run_id)
    flow.deliver(run_id)
    sent = world.target.requests
    flow.deliver(run_id)
    assert world.target.requests == sent
    counts = flow.reconcile(run_id)
    assert flow.reconcile(run_id) == counts
    assert counts["product"] == dict(counts["product"], read=2, delivered=2, failed=0)
    assert {key for entity, key in world.target.content if entity == "product"} == {"A3", "A4"}


def test_delivering_again_keeps_since(world: World) -> None:
    world.put("A", name="BAD")
    run_id = flow.begin("catalogue", Window())
    up_to_plan(run_id)
    flow.deliver(run_id)
    before = world.ledger.standing("shop", "product", ["A"])
    flow.deliver(run_id)
    assert world.ledger.standing("shop", "product", ["A"]) == before


def test_a_record_that_the_target_refuses_every_night_is_failed_since_the_first(world: World) -> None:
    world.put("A")
    rows = []
    for _ in range(2):
        world.target.script = ["reject the first"]
        world.run()
        rows.append(world.ledger.standing("shop", "product", ["A"])["A"])
    assert rows[0]["state"] == "failed"
    assert (rows[1]["since"], rows[1]["run_id"]) == (rows[0]["since"], rows[0]["run_id"])
    texts = world.ledger.standing("shop", "product_text", ["nl:A"])["nl:A"]
    assert texts["run_id"] == rows[0]["run_id"]


def test_a_preview_during_a_delivery_leaves_what_is_on_its_way_alone(world: World) -> None:
    world.put("A")
    open_attempts: list[int] = []
    deliver = world.target.deliver

    def watched(entity: Entity, batch: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        if not open_attempts:
            open_attempts.append(0)
            for dry_run in (True, False):
                up_to_plan(flow.begin("catalogue", Window(), dry_run=dry_run))
                open_attempts.append(len(world.ledger.open_attempts("shop")))
        return deliver(entity, batch, attempt)

    world.target.deliver = watched  # type: ignore[method-assign, assignment]
    world.run()
    assert open_attempts == [0, 1, 1]


def test_a_target_that_is_busy_is_one_that_waiting_helps(world: World) -> None:
    world.put("A")
    run_id = flow.begin("catalogue", Window())
    with world.ledger.only_writer("shop"), pytest.raises(TargetBusy) as caught:
        list(flow.run_here(run_id))
    assert isinstance(caught.value, TargetDown)
    assert world.target.requests == 0


def test_any_error_closes_the_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("A")
    monkeypatch.setattr(world.target, "batch_size", lambda entity, planned: 1 // 0)
    run_id = flow.begin("catalogue", Window())
    with pytest.raises(ZeroDivisionError):
        list(flow.run_here(run_id))
    row = world.ledger.run(run_id)
    assert row["status"] == "failed"
    assert "ZeroDivisionError" in row["error"]


def test_an_accepted_plan_leaves_alone_what_a_later_run_decided(world: World) -> None:
    plan = waiting_plan(world)
    world.put("P29", gtin="5400000000003")
    world.put("P00")
    world.run(keys=("P29", "P00"))
    assert world.state("P29")[0] == "delivered"
    flow.accept(plan, "an admin")
    assert world.state("P29")[0] == "delivered"
    assert world.state("P01")[0] == "withdrawn"


def test_a_plan_that_waits_is_overtaken_by_a_later_run_of_everything(world: World) -> None:
    plan = waiting_plan(world)
    for number in range(20):
        world.put(f"P{number:02}")
    world.run()
    assert world.ledger.run(plan)["status"] == "overtaken"
    with pytest.raises(ConfigError, match="overtaken"):
        flow.accept(plan, "an admin")
    assert not world.target.withdrawn


@pytest.mark.parametrize("way", ["vanished", "twice"])
def test_findings_go_with_the_record(world: World, way: str) -> None:
    world.put("A", names={"nl": "BAD", "fr": "Nom A"})
    world.put("Z")
    world.run()
    assert findings(world) == ["nl:A"]
    if way == "vanished":
        world.drop("A")
    else:
        world.source.tables["product_text"].append({"sku": "A", "language": "nl", "name": "another"})
    world.run()
    assert findings(world) == []


def test_keys_that_the_source_does_not_hold_are_an_error(world: World) -> None:
    world.put("A")
    world.run()
    with pytest.raises(SourceEmpty, match="none of these keys: a, ZZZ"):
        world.run(keys=("a", "ZZZ"))
    assert world.run(keys=("A", "ZZZ"))["product"]["read"] == 1


def test_a_run_to_an_unknown_target_does_not_begin(world: World) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        flow.begin("catalogue", Window(), target="nowhere")
    assert world.ledger.runs() == []
