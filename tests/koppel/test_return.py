"""Records that leave the source and come back, alone or with their parent, whole or in part."""

from typing import Any

import pytest

from tests.koppel.world import World

A_TO_Z = {"sku": "A", "relation": "similar", "related_sku": "Z", "related_status": "active"}
Z_TO_Z = {"sku": "Z", "relation": "similar", "related_sku": "Z", "related_status": "active"}


@pytest.fixture
def gone(world: World) -> World:
    """A world in which product A was delivered and withdrawn again; Z stays."""
    world.put("A")
    world.put("Z")
    world.source.tables["product_relation"] += [A_TO_Z, Z_TO_Z]
    world.run()
    world.drop("A")
    world.run()
    assert ("product", "A") in world.target.withdrawn
    return world


def test_a_product_that_comes_back_unfit_stays_away_until_it_is_fit(gone: World) -> None:
    gone.put("A", name="BAD")
    gone.run()
    assert gone.state("A")[0] == "held back"
    assert ("product", "A") in gone.target.withdrawn
    gone.put("A")
    gone.run()
    assert ("product", "A") not in gone.target.withdrawn
    assert gone.state("A")[0] == "delivered"


def test_a_product_that_comes_back_double_returns_when_one_is_left(gone: World) -> None:
    gone.put("A")
    gone.source.tables["product"].append({"sku": "A", "name": "the other A"})
    gone.run()
    assert gone.state("A")[0] == "failed"
    gone.put("A")
    gone.run()
    assert ("product", "A") not in gone.target.withdrawn


def test_a_product_that_comes_back_unfit_and_leaves_again_costs_no_request(gone: World) -> None:
    gone.put("A", name="BAD")
    gone.run()
    sent = gone.target.requests
    gone.drop("A")
    counts = gone.run()
    assert counts["product"]["withdrawn"] == 1
    assert gone.state("A")[0] == "withdrawn"
    assert gone.target.requests == sent


def test_what_a_returned_product_lost_meanwhile_is_withdrawn(gone: World) -> None:
    gone.put("A", names={"nl": "Naam A"})
    counts = gone.run()
    assert ("product_text", "fr:A") in gone.target.withdrawn
    assert ("product_relation", "A") in gone.target.withdrawn
    assert counts["product_text"]["withdrawn"] == 1
    assert gone.state("nl:A", "product_text")[0] == "delivered"
    sent = gone.target.requests
    assert gone.run()["product_text"]["withdrawn"] == 0
    assert gone.target.requests == sent


def test_what_stayed_behind_a_returned_product_is_withdrawn_by_the_next_run_when_this_one_is_killed(
    gone: World,
) -> None:
    gone.put("A", names={"nl": "Naam A"})
    gone.target.script = ["take", "killed before"]
    assert not gone.try_run()
    gone.run()
    assert ("product_text", "fr:A") in gone.target.withdrawn


def test_a_withdrawn_text_that_comes_back_unfit_returns_when_it_is_fit(world: World) -> None:
    world.put("A")
    world.run()
    world.put("A", names={"nl": "Naam A"})
    world.run()
    assert ("product_text", "fr:A") in world.target.withdrawn
    world.put("A", names={"nl": "Naam A", "fr": "BAD"})
    world.run()
    world.put("A")
    world.run()
    assert ("product_text", "fr:A") not in world.target.withdrawn


def test_children_that_did_not_change_come_back_with_their_parent(gone: World) -> None:
    gone.put("A")
    gone.source.tables["product_relation"].append(A_TO_Z)
    gone.run()
    for place in (("product_text", "nl:A"), ("product_text", "fr:A"), ("product_relation", "A")):
        assert place in gone.target.visible()
        assert gone.state(place[1], place[0])[0] == "delivered"


def test_a_key_that_was_taken_while_its_product_was_away_is_a_collision(world: World) -> None:
    world.put("abc")
    world.put("Z")
    world.run()
    world.drop("abc")
    world.put("ABC")
    world.run()
    world.run()
    assert world.state("ABC")[0] == "delivered"
    world.put("abc")
    world.run()
    assert world.state("abc")[0] == "failed"
    assert "'ABC'" in world.state("abc")[1]
    assert world.state("ABC")[0] == "delivered"


@pytest.mark.parametrize("entity", ["product", "product_text"])
def test_a_row_without_a_key_may_vanish_again(world: World, entity: str) -> None:
    world.put("A")
    row: dict[str, Any] = {"sku": "", "name": "nobody"} | ({"language": "nl"} if entity == "product_text" else {})
    world.source.tables[entity].append(row)
    assert world.run()[entity]["failed"] == 1
    world.source.tables[entity].remove(row)
    counts = world.run()[entity]
    assert (counts["failed"], counts["withdrawn"]) == (0, 1)
