"""The audit names what differs in the target, and mends nothing."""

from koppel.audit import Found, audit
from koppel.entities import PRODUCT, PRODUCT_RELATION
from tests.koppel.world import World


def found(world: World) -> list[Found]:
    return list(audit(world.ledger, world.target, PRODUCT))


def test_a_target_that_holds_what_was_delivered_has_no_differences(world: World) -> None:
    world.put("A", gtin="5400000000003")
    world.run()
    assert found(world) == []


def test_a_changed_field_a_stranger_and_a_lost_record_are_named(world: World) -> None:
    for sku in ("A", "B"):
        world.put(sku)
    world.run()
    world.target.content["product", "A"] = {"sku": "A", "name": "changed by hand"}
    del world.target.content["product", "B"]
    world.target.content["product", "X"] = {"sku": "X", "name": "made by hand"}
    assert {(one.difference, one.key, one.field) for one in found(world)} == {
        ("drift", "A", "name"),
        ("missing", "B", ""),
        ("orphan", "X", ""),
    }
    assert world.target.content["product", "A"]["name"] == "changed by hand"


def test_fields_that_the_target_can_not_tell_and_the_order_of_rows_are_no_drift(world: World) -> None:
    for sku in ("A", "B", "C"):
        world.put(sku)
    for position, other in (("1", "B"), ("2", "C")):
        world.source.tables["product_relation"].append(
            {"sku": "A", "relation": "similar", "related_sku": other, "related_status": "active", "position": position}
        )
    world.run()
    rows = world.target.content["product_relation", "A"]["rows"]
    there = [{"related_sku": row["related_sku"], "position": str(row["position"])} for row in reversed(rows)]
    world.target.content["product_relation", "A"] = {"sku": "A", "rows": there}
    assert list(audit(world.ledger, world.target, PRODUCT_RELATION)) == []
