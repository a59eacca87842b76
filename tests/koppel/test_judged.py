"""What runs leave in the ledger of what they judged: rows that come, stay, change and go with their records."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import select, text

from koppel import flow, known, registry
from koppel.delivery import Delivery
from koppel.entities import Entity
from koppel.errors import LimitExceeded
from koppel.judgements import JUDGEMENTS
from koppel.judging import Judgement, record_keys
from koppel.ledger import now
from koppel.run import Run
from koppel.settings import Settings
from koppel.window import Window
from tests.koppel.world import Killed, World
from tests.koppel.world import gate as only_findings

RULES = "aaaaaaaaaaaa"


def gate(entity: Entity, frame: pd.DataFrame, context: Any) -> Judgement:
    """The world's gate, which also counts: one rule about the name, that each record is asked for."""
    judged = only_findings(entity, frame, context)
    keys = record_keys(entity, frame).drop_duplicates()
    broken = keys.isin(judged.findings["key"])
    questions = [f'{{"name": [1, {int(is_broken)}]}}' for is_broken in broken]
    table = pd.DataFrame({"key": keys, "language": "", "questions": questions})
    return Judgement(judged.findings, {}, table, RULES)


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Every run of these tests has the gate that counts."""
    monkeypatch.setattr(registry, "gate", lambda settings: gate)


def killed(*_: Any) -> None:
    """The process ends here."""
    raise Killed


def kept(world: World, entity: str = "product") -> dict[str, dict[str, Any]]:
    """The judgement rows of an entity, by key."""
    with world.ledger.transaction() as connection:
        found = connection.execute(text("select * from judgement where entity = :e"), {"e": entity}).mappings()
        return {row["key"]: dict(row) for row in found}


def test_each_judged_record_has_a_row_and_what_was_found_its_values(world: World) -> None:
    world.put("A", gtin="123", brand="Nubo")
    world.put("B", names={"nl": "BAD naam", "fr": "Nom B"})
    world.source.tables["price"].append({"sku": "A", "price_eur_excl_vat": "9.95"})
    world.run()
    world.run("prices")
    assert set(kept(world)) == {"A", "B"}
    row = kept(world)["A"]
    assert (row["target"], row["sku"], row["language"], row["rules_version"]) == ("shop", "A", "", RULES)
    assert row["questions"] == {"name": [1, 0]}
    assert row["facts"]["brand"] == "Nubo"
    assert row["values"] is None
    texts = kept(world, "product_text")
    assert texts["nl:B"]["questions"] == {"name": [1, 1]}
    assert texts["nl:B"]["values"]["name"] == "BAD naam"
    assert texts["fr:B"]["values"] is None
    assert kept(world, "price")["A"]["questions"] == {"name": [1, 0]}
    assert kept(world, "category") == {}


def test_a_record_that_did_not_change_keeps_its_row_and_a_changed_one_gets_another(world: World) -> None:
    world.put("A")
    world.put("B", name="BAD thing")
    world.run()
    before = kept(world)
    world.put("B", name="a thing")
    world.run()
    after = kept(world)
    assert after["A"] == before["A"]
    assert (before["B"]["questions"], after["B"]["questions"]) == ({"name": [1, 1]}, {"name": [1, 0]})
    assert after["B"]["values"] is None
    assert after["B"]["data_version"] != before["B"]["data_version"]
    assert after["B"]["run_id"] != before["B"]["run_id"]


def test_what_vanishes_fails_or_stands_there_twice_loses_its_row(world: World) -> None:
    for sku in ("A", "B", "C", "D"):
        world.put(sku)
    world.run()
    world.drop("A")
    world.put("B", weight_kg="heavy")
    world.source.tables["product"].append({"sku": "C", "name": "again", "first_price_eur_excl_vat": "1"})
    world.run()
    assert world.state("B")[0] == "failed"
    assert set(kept(world)) == {"D"}
    assert {key.split(":")[1] for key in kept(world, "product_text")} == {"B", "C", "D"}


def test_a_dry_run_and_a_run_of_stock_leave_no_rows(world: World) -> None:
    world.put("A")
    list(flow.run_here(flow.begin("catalogue", Window(), dry_run=True)))
    assert kept(world) == {}
    world.run()
    world.source.tables["stock_level"].append({"location": "MECH", "sku": "A", "on_hand": "3"})
    run_id = flow.begin("stock", Window())
    list(flow.run_here(run_id))
    assert kept(world, "stock_level") == {}
    assert world.state("MECH:A", "stock_level")[0] == "delivered"


def test_a_run_killed_between_findings_and_judgements_leaves_neither_and_the_next_one_both(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put("A", name="BAD thing")

    with monkeypatch.context() as patch:
        patch.setattr("koppel.ledger.replace_judgements", killed)
        assert not world.try_run()
    with world.ledger.transaction() as connection:
        assert connection.execute(text("select count(*) from finding")).scalar() == 0
    assert kept(world) == {}
    world.run()
    with world.ledger.transaction() as connection:
        assert connection.execute(text("select count(*) from finding")).scalar() == 1
    assert kept(world)["A"]["values"]["gtin"] == ""


def test_what_a_killed_run_judged_and_the_source_no_longer_has_is_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put("A")
    world.run()
    world.put("B", name="BAD thing")
    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "run", lambda *_: killed())
        assert not world.try_run()
    assert set(kept(world)) == {"A", "B"}
    world.drop("B")
    world.run()
    assert set(kept(world)) == {"A"}
    with world.ledger.transaction() as connection:
        assert connection.execute(text("select count(*) from finding")).scalar() == 0


def test_what_an_earlier_koppel_delivered_is_judged_once_more_and_not_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upgrade changes the salt, which covers Koppel's own code: nobody has to ask for it."""
    world.put("A")
    monkeypatch.setattr(Run, "salt", "1111111111111111")
    world.run()
    with world.ledger.transaction() as connection:
        connection.execute(text("truncate judgement"))
    sent = world.target.requests
    monkeypatch.setattr(Run, "salt", "2222222222222222")
    world.run()
    assert set(kept(world)) == {"A"}
    assert world.target.requests == sent


def test_a_plan_of_an_earlier_koppel_may_still_be_delivered(world: World) -> None:
    world.put("A")
    run_id = flow.begin("catalogue", Window())
    for entity in Run(run_id).flow.entities:
        for piece in flow.extract(run_id, entity):
            flow.judge(run_id, piece)
    flow.plan(run_id)
    Run(run_id).staging.clear("judgement/*")
    flow.deliver(run_id)
    flow.reconcile(run_id)
    assert world.state("A")[0] == "delivered"
    assert kept(world) == {}


def test_a_gate_that_does_not_count_leaves_rows_without_questions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "gate", lambda settings: only_findings)
    world.put("A")
    world.run()
    assert kept(world)["A"]["questions"] == {}


@pytest.mark.parametrize("name", ['x"; drop table judgement; --', "\\N", "\\.", 'b,"c"', "\\u0000", "👩🏽"])
def test_hostile_names_arrive_as_they_are(name: str, world: World) -> None:
    world.put("A", name=f"BAD {name}")
    world.run()
    assert kept(world)["A"]["facts"]["name"] == f"BAD {name}"


def test_a_row_that_another_run_wrote_meanwhile_is_updated(world: World) -> None:
    world.put("A")
    world.run()
    row = {**dict.fromkeys(JUDGEMENTS.names, "{}"), "key": "A", "sku": "A", "language": "", "data_version": 7}
    table = pa.Table.from_pylist([row], schema=JUDGEMENTS)
    # Not among the keys to be replaced: as if the row were not there yet when those were looked for.
    world.ledger.replace_findings("shop", "product", [], [], (table, "another", now()))
    assert (kept(world)["A"]["run_id"], kept(world)["A"]["data_version"]) == ("another", 7)


def test_what_another_run_brought_while_this_one_read_keeps_its_row_and_its_findings(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not in what this run read, and did not leave the source for that. Of many records all of the ledger are compared."""
    monkeypatch.setattr(known, "_FEW", -1)
    world.put("A")
    world.run()
    slow = flow.begin("catalogue", Window())
    read, has_begun = world.source.read, []

    def late(entity: Entity, window: Window) -> Any:
        """A slow read of all products, during which another run brings a new one that it does not hold."""
        tables = list(read(entity, window))
        if entity.name == "product" and window.is_full and not has_begun:
            has_begun.append(slow)
            world.put("NEW")
            world.run(keys=("NEW",))
        yield from tables

    monkeypatch.setattr(world.source, "read", late)
    list(flow.run_here(slow))
    assert world.state("NEW")[0] == "delivered"
    assert set(kept(world)) == {"A", "NEW"}


def test_a_plan_that_waited_leaves_what_was_judged_after_it_as_it_is(world: World) -> None:
    for number in range(30):
        world.put(f"P{number:02}")
    world.put("A", names={"nl": "Naam", "fr": "Nom"})
    world.run()
    for number in range(25):
        world.drop(f"P{number:02}")
    world.put("A", names={"nl": "BAD naam", "fr": "Nom"})
    config = Settings.load().root / "koppel.toml"
    config.write_text(config.read_text().replace("withdrawn_share = 1.0", "withdrawn_share = 0.1"))
    waiting = flow.begin("catalogue", Window())
    with pytest.raises(LimitExceeded):
        list(flow.run_here(waiting))
    world.put("A", names={"nl": "Beter", "fr": "Nom"})
    world.run(keys=("A",))
    version = kept(world, "product_text")["nl:A"]["data_version"]
    flow.accept(waiting, "an admin")
    assert world.state("nl:A", "product_text") == ("delivered", "")
    row = kept(world, "product_text")["nl:A"]
    assert (row["data_version"], row["values"]) == (version, None)
    assert world.ledger.rows(lambda schema: select(schema.finding)) == []
