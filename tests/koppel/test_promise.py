"""The promise, as properties: any sequence of source changes, crashes and answers ends where one clean run ends."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from koppel import ledger_schema
from koppel.entities import ENTITIES, split_key
from tests.koppel.world import World

SKUS = ("A", "B", "C", "D")
ANSWERS = (
    "take", "killed before", "killed half-way", "killed after", "down before", "down after",
    "reject the first", "busy", "lost", "taken without answer",
)  # fmt: skip

sku = st.sampled_from(SKUS)
name = st.sampled_from(["Glas", "Verre", "BAD glas", "Karaf"])
put = st.tuples(st.just("put"), sku, name, name)
drop = st.tuples(st.just("drop"), sku)
relate = st.tuples(st.just("relate"), sku, sku)
run = st.tuples(st.just("run"), st.lists(st.sampled_from(ANSWERS), max_size=8))
histories = st.lists(st.one_of(put, put, drop, relate, run), min_size=1, max_size=12)


def play(world: World, history: list[tuple[Any, ...]], *, is_rough: bool) -> None:
    """The changes of the source, with the runs in between when they are to be felt, and clean runs at the end."""
    world.brings("product", "product_text", "product_relation")
    world.put("ALWAYS")  # a source that is never empty, which would be an error of its own
    for word, *values in history:
        if word == "put":
            world.put(values[0], names={"nl": values[1], "fr": values[2]})
        elif word == "drop":
            world.drop(values[0])
        elif word == "relate":
            relation = {"relation": "similar", "related_sku": values[1], "related_status": "active"}
            table = world.source.tables["product_relation"]
            table[:] = [row for row in table if row["sku"] != values[0]] + [{"sku": values[0], **relation}]
        elif is_rough:
            world.target.script = list(values[0])
            world.try_run()
            world.target.script = []
    world.source.tables["product_relation"].append(
        {"sku": "ALWAYS", "relation": "similar", "related_sku": "ALWAYS", "related_status": "active"}
    )
    world.run()
    world.run()


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
@given(history=histories)
def test_any_history_ends_where_one_clean_run_ends(world: World, history: list[tuple[Any, ...]]) -> None:
    world.empty()
    play(world, history, is_rough=True)
    rough, created = world.target.visible(), dict(world.target.created)
    rough_source = {name: list(rows) for name, rows in world.source.tables.items()}
    assert not world.ledger.open_attempts("shop")
    assert all(count == 1 for count in created.values()), "nothing is created twice"

    held = {key.split(":")[1] for key in _held_back(world)}
    world.empty()
    play(world, history, is_rough=False)
    assert world.source.tables == rough_source
    clean = world.target.visible()
    assert {place: rough[place] for place in clean} == clean, "what a clean run brings stands there"
    for place in rough.keys() - clean.keys():
        concerned = {split_key(ENTITIES[place[0]], place[1])[-1]}
        concerned |= {row["related_sku"] for row in rough[place].get("rows", ())}
        assert concerned & held, "besides, only what was good before its texts were held back"


def _held_back(world: World) -> list[str]:
    table = ledger_schema.delivery
    query = select(table.c.key).where(table.c.state == "held back", table.c.entity == "product_text")
    return [row["key"] for row in world.ledger.rows(lambda schema: query)]


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
@given(history=histories)
def test_after_any_history_a_further_run_sends_nothing_and_adds_up(
    world: World, history: list[tuple[Any, ...]]
) -> None:
    world.empty()
    play(world, history, is_rough=True)
    sent = world.target.requests
    counts = world.run()
    assert world.target.requests == sent
    for entity in counts.values():
        assert entity["read"] == entity["unchanged"] + entity["held_back"] + entity["failed"]
