"""Corrections and waivers in runs: the next run brings them, whatever its window, and each ends as it should."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import select, update

from koppel import corrections, flow, ledger_quality, registry
from koppel.correcting import without_effect
from koppel.corrections import Correction, Waived, accept
from koppel.entities import ENTITIES, Entity
from koppel.errors import LimitExceeded
from koppel.judging import Context, Judgement
from koppel.ledger import Ledger, now
from koppel.ledger_schema import delivery, finding
from koppel.overrides import Met, Override
from koppel.run import Run
from koppel.settings import Settings
from koppel.window import Window
from tests.koppel.world import Killed, World, gate

UNTIL = now().date() + timedelta(days=100)
WEIGHT = Correction("product", "A", "weight_kg", "0.2", "200", "Grams were entered", UNTIL)
NAME = Correction("product_text", "nl:A", "name", "Zwart hoesje", "BAD", "Easier to read", UNTIL)
LIGHT = Waived("product", "A", "weight_missing", "It is a licence", UNTIL)
AT = datetime(2026, 11, 3, 9, tzinfo=UTC)

ways = pytest.mark.parametrize("since", [None, now() - timedelta(minutes=1)], ids=["full", "since the cursor"])


@pytest.fixture(autouse=True)
def only_news(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window of time brings nothing by itself, as where nothing changed; and a product needs a weight."""
    world.brings("product", "product_text")
    read = world.source.read

    def silent(entity: Entity, window: Window) -> Iterator[pa.Table]:
        if not window.since:
            yield from read(entity, window)

    monkeypatch.setattr(world.source, "read", silent)
    monkeypatch.setattr(registry, "gate", lambda settings: weighing)


def weighing(entity: Entity, frame: pd.DataFrame, context: Context) -> Judgement:
    """The world's gate, and a rule that asks for a weight where the source knows weights; waivers count."""
    found = gate(entity, frame, context)
    if entity.name != "product" or "weight_kg" not in frame:
        return found
    waived = {waiver.key for waiver in context.waivers if waiver.rule == "weight_missing"}
    keys = [key for key in frame.loc[frame["weight_kg"].isna(), "sku"] if key not in waived]
    more = pd.DataFrame([(key, "", "weight_missing", "block", "", "It has no weight.") for key in keys],
                        columns=list(found.findings.columns))  # fmt: skip
    return replace(found, findings=pd.concat([found.findings, more], ignore_index=True))


def decide(world: World, *decisions: corrections.Decision) -> None:
    assert not accept(world.ledger, "shop", decisions, "An", None, AT).refused


def told(ledger: Ledger) -> list[str]:
    return [row["what"] for row in reversed(corrections.journal(ledger, "shop"))]


def state_of(ledger: Ledger) -> list[str]:
    table = ledger_quality.override
    return [row["state"] for row in ledger.rows(lambda schema: select(table.c.state).order_by(table.c.override_id))]


def sent(world: World, key: str = "A", entity: str = "product") -> Any:
    return world.target.visible().get((entity, key))


def everything(ledger: Ledger) -> list[list[dict[str, Any]]]:
    tables = (delivery, finding, ledger_quality.override, ledger_quality.waiver, ledger_quality.journal)
    with ledger.transaction() as connection:
        return [[dict(row) for row in connection.execute(select(table)).mappings()] for table in tables]


def dry(window: Window | None = None) -> dict[str, Any]:
    run_id = flow.begin("catalogue", window or Window(), dry_run=True)
    return dict(flow.run_here(run_id))["plan"]  # type: ignore[no-any-return]


@ways
def test_a_correction_of_a_delivered_record_is_in_the_shop_after_the_next_run(world: World, since: Any) -> None:
    world.put("A", weight_kg="200")
    world.put("B", weight_kg="200")
    world.run()
    before = sent(world, "B")
    decide(world, WEIGHT)
    counts = world.run(since=since)
    assert sent(world)["weight_kg"] == 0.2
    assert (counts["product"]["delivered"], sent(world, "B")) == (1, before)
    requests = world.target.requests
    world.run(since=since)
    assert world.target.requests == requests


@ways
def test_a_corrected_text_brings_its_new_product_along(world: World, since: Any) -> None:
    """Neither stands in the shop: the text is held back, and the product waits for a text."""
    world.put("A", names={"nl": "BAD"})
    world.run()
    assert sent(world) is None
    decide(world, NAME)
    world.run(since=since)
    assert sent(world) is not None
    assert sent(world, "nl:A", "product_text")["name"] == "Zwart hoesje"


@ways
@pytest.mark.parametrize("decision", [replace(WEIGHT, replaced=""), LIGHT], ids=["correction", "waiver"])
def test_a_decision_about_a_new_product_brings_its_waiting_texts_along(world: World, since: Any, decision: Any) -> None:
    world.put("A", weight_kg="")
    world.run()
    assert world.state("A") == ("held back", "It has no weight.")
    assert world.state("nl:A", "product_text")[0] == "held back"
    decide(world, decision)
    world.run(since=since)
    assert sent(world) is not None
    assert {key for _, key in world.target.visible()} == {"A", "nl:A", "fr:A"}


def test_a_correction_mends_a_record_that_the_source_made_impossible(world: World) -> None:
    world.put("A", weight_kg="two hundred")
    world.run()
    assert world.state("A")[0] == "failed"
    decide(world, replace(WEIGHT, replaced="two hundred"))
    world.run()
    assert sent(world)["weight_kg"] == 0.2
    (row,) = corrections.standing(world.ledger, "shop")
    assert row["source_now"] == "two hundred"
    assert told(world.ledger) == ["override accepted"]


@pytest.mark.parametrize("says", ["0.2", " 0,20 ", "0.200"])
def test_a_correction_that_the_source_takes_over_is_retired_and_nothing_is_sent(world: World, says: str) -> None:
    world.put("A", weight_kg="200")
    decide(world, WEIGHT)
    world.run()
    world.put("A", weight_kg=says)
    plan = dry()
    assert plan["entities"]["product"]["update"] == 0
    assert state_of(world.ledger) == ["active"]
    requests = world.target.requests
    world.run()
    assert state_of(world.ledger) == ["retired"]
    assert told(world.ledger) == ["override accepted", "override retired"]
    assert world.target.requests == requests
    world.run()
    assert world.target.requests == requests
    assert len(told(world.ledger)) == 2


def test_a_retired_correction_does_not_come_back_with_its_work_list(world: World) -> None:
    corrections.new_sheet(world.ledger, corrections.Sheet("S1", "shop", "an", "nl", {}, "els", AT))
    world.put("A", weight_kg="200")
    accept(world.ledger, "shop", [WEIGHT], "An", "S1", AT)
    world.put("A", weight_kg="0.2")
    world.run()
    assert state_of(world.ledger) == ["retired"]
    assert accept(world.ledger, "shop", [WEIGHT], "An", "S1", AT).unchanged == 1
    assert state_of(world.ledger) == ["retired"]


def test_when_the_source_says_something_else_the_correction_stands_and_people_see_it(world: World) -> None:
    world.put("A", weight_kg="200")
    decide(world, WEIGHT)
    world.run()
    for says in ("210", "210.0", "200"):
        world.put("A", weight_kg=says)
        dry()
        world.run()
        world.run()
        assert sent(world)["weight_kg"] == 0.2
    assert told(world.ledger) == ["override accepted", "source changed", "source changed"]
    news = [row["detail"].get("source_now") for row in corrections.journal(world.ledger, "shop", "A")]
    assert news == ["200", "210", None]


@ways
def test_after_its_last_day_a_correction_is_over_and_the_source_counts_again(
    world: World, monkeypatch: pytest.MonkeyPatch, since: Any
) -> None:
    world.put("A", weight_kg="200")
    decide(world, WEIGHT)
    world.run()
    assert sent(world)["weight_kg"] == 0.2
    monkeypatch.setattr(flow, "now", lambda: _noon(UNTIL))
    world.run(since=since)
    assert state_of(world.ledger) == ["active"]
    monkeypatch.setattr(flow, "now", lambda: _noon(UNTIL + timedelta(days=1)))
    before = everything(world.ledger)
    dry()
    assert everything(world.ledger) == before
    world.run(since=since)
    assert state_of(world.ledger) == ["expired"]
    assert told(world.ledger) == ["override accepted", "override expired"]
    assert sent(world)["weight_kg"] == 200.0


@ways
def test_after_its_last_day_a_waiver_is_over_and_the_record_is_judged_anew(
    world: World, monkeypatch: pytest.MonkeyPatch, since: Any
) -> None:
    world.put("A", weight_kg="")
    decide(world, LIGHT)
    world.run()
    assert world.state("A")[0] == "delivered"
    monkeypatch.setattr(flow, "now", lambda: _noon(UNTIL + timedelta(days=1)))
    world.run(since=since)
    assert not corrections.waivers(world.ledger, "shop")
    assert told(world.ledger) == ["waiver accepted", "waiver expired"]
    assert world.state("A") == ("held back", "It has no weight.")


def test_a_dry_run_shows_a_correction_and_changes_nothing(world: World) -> None:
    world.put("A", weight_kg="200")
    world.run()
    decide(world, WEIGHT)
    world.put("A", weight_kg="0.2")
    before = everything(world.ledger)
    assert dry()["entities"]["product"]["update"] == 1
    assert everything(world.ledger) == before


def test_a_value_that_the_column_cannot_hold_is_a_finding_and_the_source_stands(world: World) -> None:
    world.put("A", weight_kg="200")
    decide(world, replace(WEIGHT, value="light"), replace(WEIGHT, field="brand", value="Nordkoek"))
    world.run()
    assert sent(world)["weight_kg"] == 200.0
    rows = {row["rule"]: row for row in world.ledger.rows(lambda schema: select(finding))}
    assert set(rows) == {"correction_unusable", "correction_not_sent"}
    row = rows["correction_unusable"]
    assert (row["severity"], row["value"]) == ("hint", "light")
    assert row["reason"].startswith("The correction of its weight (kg) can't be used, so the source's value stands: ")
    assert "light" in row["reason"]
    assert state_of(world.ledger) == ["active", "active"]


def test_corrections_of_one_record_without_effect_are_one_finding_that_tells_all() -> None:
    """The ledger holds one finding per record, language and rule."""
    fields = (("gtin", "123"), ("brand", "Nordkoek"), ("weight_kg", "0.2"))
    met = [Met(Override(number, "A", *one, ""), "") for number, one in enumerate(fields)]
    (told,) = without_effect(ENTITIES["product"], met, {"gtin", "brand"})
    assert (told["key"], told["rule"], told["value"]) == ("A", "correction_not_sent", "123, Nordkoek")
    assert "its barcode is not sent" in told["reason"]
    assert "its brand is not sent" in told["reason"]


def test_what_another_system_owns_is_not_sent_though_corrected(world: World) -> None:
    """In this world the shop looks after brands."""
    world.put("A")
    decide(world, replace(WEIGHT, field="brand", value="Nordkoek", replaced=""))
    world.run()
    assert "brand" not in sent(world)
    (row,) = world.ledger.rows(lambda schema: select(finding))
    assert (row["key"], row["rule"], row["severity"], row["value"]) == ("A", "correction_not_sent", "hint", "Nordkoek")
    assert row["reason"] == "The correction of its brand is not sent, because another system looks after that field."


def steps_until_plan(run_id: str) -> None:
    for entity in Run(run_id).flow.entities:
        for piece in flow.extract(run_id, entity):
            flow.judge(run_id, piece)
    flow.plan(run_id)


def finish(run_id: str) -> None:
    flow.deliver(run_id)
    flow.reconcile(run_id)


def interrupted(run_id: str, world: World) -> None:
    world.target.script = ["killed after"]
    with pytest.raises(Killed):
        flow.deliver(run_id)


@pytest.mark.parametrize("end", ["delivered", "interrupted"])
@pytest.mark.parametrize("weight", ["201", ""], ids=["sent", "held back"])
def test_a_decision_while_a_run_is_under_way_is_not_lost(world: World, end: str, weight: str) -> None:
    """The run has judged the record without it, and writes down what it judged after the decision."""
    world.put("A", weight_kg="200")
    world.put("B", weight_kg="1")
    world.run()
    world.put("A", weight_kg=weight)
    world.put("B", weight_kg="2")
    run_id = flow.begin("catalogue", Window())
    steps_until_plan(run_id)
    decide(world, WEIGHT)
    finish(run_id) if end == "delivered" else interrupted(run_id, world)
    assert sent(world)["weight_kg"] != 0.2
    world.run(since=now())
    assert sent(world)["weight_kg"] == 0.2


def test_a_plan_that_waited_does_not_retire_what_was_decided_after_it(world: World) -> None:
    world.target.size = 50
    for number in range(25):
        world.put(f"P{number:02}", weight_kg="1")
    world.put("A", weight_kg="200")
    decide(world, WEIGHT)
    world.run()
    world.put("A", weight_kg="0.2")
    for number in range(20):
        world.drop(f"P{number:02}")
    config = Settings.load().root / "koppel.toml"
    config.write_text(config.read_text().replace("withdrawn_share = 1.0", "withdrawn_share = 0.1"))
    run_id = flow.begin("catalogue", Window())
    with pytest.raises(LimitExceeded):
        list(flow.run_here(run_id))
    assert state_of(world.ledger) == ["active"]
    world.put("A", weight_kg="300")
    world.run(keys=("A",))
    assert told(world.ledger)[-1] == "source changed"
    flow.accept(run_id, "an admin")
    assert state_of(world.ledger) == ["active"]
    assert sent(world)["weight_kg"] == 0.2


def test_delivering_again_journals_nothing_twice(world: World) -> None:
    world.put("A", weight_kg="210")
    world.put("B", weight_kg="1")
    decide(world, WEIGHT, replace(WEIGHT, key="B", value="1"))
    run_id = flow.begin("catalogue", Window())
    steps_until_plan(run_id)
    flow.deliver(run_id)
    flow.deliver(run_id)
    assert sorted(told(world.ledger)[2:]) == ["override retired", "source changed"]


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_a_correction_stays_with_its_target(world: World) -> None:
    world.put("A", weight_kg="200")
    accept(world.ledger, "other", [WEIGHT], "An", None, AT)
    world.run()
    assert sent(world)["weight_kg"] == 200.0


def test_ended_decisions_do_not_bring_unchanged_records_again(world: World) -> None:
    """Once looked at, a corrected record is as unchanged as any other."""
    world.put("A", weight_kg="200")
    decide(world, WEIGHT)
    world.run()
    assert world.run()["product"] == dict(world.run()["product"], read=1, unchanged=1)
    with world.ledger.transaction() as connection:
        assert connection.execute(select(delivery.c.source_version).where(delivery.c.key == "A")).scalar() is not None
        connection.execute(update(ledger_quality.override).values(state="expired"))
    assert world.run(since=now())["product"]["read"] == 0
