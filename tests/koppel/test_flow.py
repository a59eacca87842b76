"""What a run does, from the source to the ledger, with a target in memory."""

import pytest

from koppel import flow
from koppel.errors import LimitExceeded, SourceEmpty, TargetDown
from koppel.window import Window
from tests.koppel.world import Killed, World


def test_a_first_run_creates_everything_and_a_second_sends_nothing(world: World) -> None:
    for sku in ("A", "B", "C", "D"):
        world.put(sku)
    counts = world.run()
    assert counts["product"] | {"read": 4, "delivered": 4} == counts["product"]
    assert counts["product_text"]["delivered"] == 8
    sent = world.target.requests
    again = world.run()
    assert again["product"]["unchanged"] == 4
    assert again["product_text"]["unchanged"] == 8
    assert world.target.requests == sent


def test_only_what_changed_is_sent(world: World) -> None:
    for sku in ("A", "B", "C"):
        world.put(sku)
    world.run()
    world.put("B", gtin="5400000000003")
    counts = world.run()
    assert counts["product"] == dict(counts["product"], read=3, unchanged=2, delivered=1)
    assert counts["product_text"]["unchanged"] == 6
    assert world.target.content["product", "B"]["gtin"] == "5400000000003"


def test_a_language_that_is_not_fit_is_held_back_alone(world: World) -> None:
    world.put("A", names={"nl": "Goed", "fr": "BAD"})
    world.run()
    assert world.state("A")[0] == "delivered"
    assert world.state("nl:A", "product_text")[0] == "delivered"
    assert world.state("fr:A", "product_text") == ("held back", "The name BAD is bad.")


def test_a_new_product_without_a_fit_language_is_not_created_until_it_has_one(world: World) -> None:
    world.put("A", names={"nl": "BAD", "fr": "BAD"})
    world.run()
    assert world.target.content == {}
    assert world.state("A")[0] == "held back"
    counts = world.run()
    assert counts["product"]["held_back"] == 1
    world.put("A", names={"nl": "Goed", "fr": "BAD"})
    world.run()
    assert world.state("A")[0] == "delivered"


def test_an_existing_text_that_becomes_unfit_keeps_its_last_good_version(world: World) -> None:
    world.put("A")
    world.run()
    world.put("A", names={"nl": "BAD", "fr": "Nom A"})
    world.run()
    assert world.target.content["product_text", "nl:A"]["name"] == "Naam A"
    since = world.ledger.standing("shop", "product_text", ["nl:A"])["nl:A"]["since"]
    world.run()
    assert world.ledger.standing("shop", "product_text", ["nl:A"])["nl:A"]["since"] == since


def test_a_vanished_product_is_withdrawn_with_its_texts_and_comes_back(world: World) -> None:
    world.put("A")
    world.put("B")
    world.run()
    world.drop("A")
    counts = world.run()
    assert counts["product"]["withdrawn"] == 1
    assert ("product", "A") in world.target.withdrawn
    assert world.state("nl:A", "product_text")[0] == "withdrawn"
    world.put("A")
    world.run()
    assert ("product", "A") not in world.target.withdrawn
    assert world.state("nl:A", "product_text")[0] == "delivered"
    assert max(world.target.created.values()) == 1


def test_a_source_that_came_back_empty_withdraws_nothing(world: World) -> None:
    world.put("A")
    world.run()
    world.drop("A")
    with pytest.raises(SourceEmpty, match="no product at all"):
        world.run()
    assert not world.target.withdrawn


def test_an_emptied_field_is_not_sent(world: World) -> None:
    world.put("A", gtin="5400000000003")
    world.run()
    world.put("A", gtin="")
    world.run()
    assert "gtin" not in world.target.content["product", "A"]


def test_a_field_that_the_shop_masters_never_leaves(world: World) -> None:
    world.put("A", brand="ACME")
    world.run()
    assert "brand" not in world.target.content["product", "A"]


def test_a_record_that_the_source_holds_twice_fails_and_the_others_flow(world: World) -> None:
    for sku in ("A", "B"):
        world.put(sku)
    world.source.tables["product"].append({"sku": "A", "name": "the other A"})
    counts = world.run()
    assert counts["product"] == dict(counts["product"], read=2, delivered=1, failed=1)
    assert "more than once" in world.state("A")[1]
    counts = world.run()
    assert counts["product"] == dict(counts["product"], read=2, unchanged=1, failed=1)


def test_a_record_that_becomes_double_keeps_what_the_target_holds(world: World) -> None:
    world.put("A")
    world.put("B")
    world.run()
    world.source.tables["product"].append({"sku": "A", "name": "the other A"})
    counts = world.run()
    assert counts["product"] == dict(counts["product"], read=2, unchanged=1, failed=1)
    assert world.target.content["product", "A"]["name"] == "ERP A"


def test_keys_that_the_target_can_not_tell_apart_fail_with_the_others_name(world: World) -> None:
    world.put("abc")
    world.run()
    world.put("ABC")
    world.run()
    state, reason = world.state("ABC")
    assert state == "failed"
    assert "'abc'" in reason
    assert world.state("abc")[0] == "delivered"


def test_a_row_without_a_key_is_accounted_for(world: World) -> None:
    world.put("A")
    world.source.tables["product"].append({"sku": "", "name": "nobody"})
    counts = world.run()
    assert counts["product"] == dict(counts["product"], read=2, delivered=1, failed=1)


def test_a_rejected_record_fails_with_the_targets_words_and_is_tried_again(world: World) -> None:
    world.put("A")
    world.put("B")
    world.target.script = ["reject the first"]
    counts = world.run()
    assert counts["product"] == dict(counts["product"], delivered=1, failed=1)
    assert world.state("A") == ("failed", "The target said no: The name is too long.")
    assert world.state("nl:A", "product_text")[0] == "failed"
    counts = world.run()
    assert counts["product"] == dict(counts["product"], unchanged=1, delivered=1)
    assert world.state("nl:A", "product_text")[0] == "delivered"


@pytest.mark.parametrize("word", ["busy", "lost", "taken without answer"])
def test_what_was_not_answered_is_settled_within_the_run(world: World, word: str) -> None:
    world.put("A")
    world.target.script = [word]
    counts = world.run()
    assert counts["product"]["delivered"] == 1
    assert world.target.created["product", "A"] == 1


@pytest.mark.parametrize("word", ["killed before", "killed half-way", "killed after"])
def test_a_killed_run_is_finished_by_the_next(world: World, word: str) -> None:
    for sku in ("A", "B", "C"):
        world.put(sku)
    world.target.script = ["take", word]
    with pytest.raises(Killed):
        world.run()
    world.run()
    assert len([place for place in world.target.content if place[0] == "product"]) == 3
    assert max(world.target.created.values()) == 1
    assert not world.ledger.open_attempts("shop")


@pytest.mark.parametrize("word", ["down before", "down after"])
def test_a_target_that_goes_down_ends_the_run_and_loses_nothing(world: World, word: str) -> None:
    world.put("A")
    world.target.script = [word]
    with pytest.raises(TargetDown):
        world.run()
    assert world.run()["product"]["read"] == 1
    assert world.state("A")[0] == "delivered"


def test_a_plan_beyond_a_limit_stops_before_the_first_request_and_can_be_accepted(world: World) -> None:
    for number in range(30):
        world.put(f"P{number:02}")
    world.run()
    for number in range(20):
        world.drop(f"P{number:02}")
    config = flow.Settings.load().root / "koppel.toml"
    config.write_text(config.read_text().replace("withdrawn_share = 1.0", "withdrawn_share = 0.1"))
    sent = world.target.requests
    run_id = flow.begin("catalogue", Window())
    with pytest.raises(LimitExceeded, match="20 of 30 product records would be withdrawn"):
        list(flow.run_here(run_id))
    assert world.target.requests == sent
    counts = flow.accept(run_id, "an admin")
    assert counts["product"]["withdrawn"] == 20
    assert len(world.target.withdrawn) == 20


def test_a_first_run_against_a_filled_target_asks_first(world: World) -> None:
    world.put("A")
    world.target.content["product", "a"] = {"sku": "a", "name": "made by hand"}
    with pytest.raises(LimitExceeded, match="first run"):
        world.run()
    assert world.target.content["product", "a"]["name"] == "made by hand"


def test_a_dry_run_sends_nothing_and_changes_no_record(world: World) -> None:
    world.put("A")
    run_id = flow.begin("catalogue", Window(), dry_run=True)
    steps = dict(flow.run_here(run_id))
    assert steps["plan"]["entities"]["product"]["create"] == 1
    assert world.target.requests == 0
    assert world.ledger.counts("shop", "product") == {}


def test_a_run_of_some_keys_leaves_the_others_alone(world: World) -> None:
    for sku in ("A", "B"):
        world.put(sku)
    world.run()
    world.put("A", gtin="1")
    world.put("B", gtin="2")
    counts = world.run(keys=("A",))
    assert counts["product"] == dict(counts["product"], read=1, delivered=1)
    assert "gtin" not in world.target.content["product", "B"]


def test_a_relation_waits_for_the_other_product(world: World) -> None:
    world.put("A")
    world.put("B", names={"nl": "BAD", "fr": "BAD"})
    row = {"sku": "A", "relation": "accessory", "related_sku": "B", "related_status": "active"}
    world.source.tables["product_relation"].append(row)
    world.run()
    assert world.state("A", "product_relation")[0] == "held back"
    world.put("B")
    world.source.tables["product_relation"].append(row)
    world.source.tables["product_relation"][:] = [row]
    world.run()
    assert world.target.content["product_relation", "A"]["rows"][0]["related_sku"] == "B"


def test_a_price_needs_its_product_and_flows_while_the_texts_are_held_back(world: World) -> None:
    world.put("A")
    world.source.tables["price"].append({"sku": "A", "price_eur_excl_vat": "10.00"})
    world.source.tables["price"].append({"sku": "Z", "price_eur_excl_vat": "5.00"})
    world.run()
    counts = world.run("prices")
    assert counts["price"] == dict(counts["price"], read=2, delivered=1, held_back=1)
    world.source.tables["product"][0]["name"] = "BAD"
    world.run()
    assert world.state("A")[0] == "held back"
    world.source.tables["price"][0]["price_eur_excl_vat"] = "11"
    world.run("prices")
    assert world.target.content["price", "A"]["price_eur_excl_vat"] == "11"


def test_changing_the_rules_judges_again_but_sends_nothing_that_is_the_same(world: World) -> None:
    world.put("A")
    world.run()
    sent = world.target.requests
    config = flow.Settings.load().root / "koppel.toml"
    config.write_text(config.read_text() + "\n# a comment that changes nothing that is sent\n")
    counts = world.run()
    assert counts["product"]["unchanged"] == 1
    assert world.target.requests == sent


def test_a_product_is_only_created_with_a_price_and_that_price_is_never_sent_again(world: World) -> None:
    world.put("A", first_price_eur_excl_vat="0")
    world.run()
    assert world.state("A")[0] == "held back"
    assert "no price (euro, without VAT) above 0" in world.state("A")[1]
    world.put("A", first_price_eur_excl_vat="9.95")
    world.run()
    assert world.target.content["product", "A"]["first_price_eur_excl_vat"] == "9.95"
    sent = world.target.requests
    world.put("A", first_price_eur_excl_vat="12")
    assert world.run()["product"]["unchanged"] == 1
    assert world.target.requests == sent
    world.put("A", first_price_eur_excl_vat="12", gtin="5400000000003")
    world.run()
    assert "first_price_eur_excl_vat" not in world.target.content["product", "A"]
