"""The nightly look at what the target really holds: what differs goes again, and nothing else does."""

import pytest

from koppel import flow
from koppel.window import Window
from tests.koppel.world import World


@pytest.fixture
def priced(world: World) -> World:
    """Three products with prices, all delivered."""
    for sku in ("A", "B", "C"):
        world.put(sku)
        world.source.tables["price"].append({"sku": sku, "price_eur_excl_vat": "5.00"})
    world.run()
    world.run("prices")
    return world


def compared(world: World, *, dry_run: bool = False) -> tuple[dict[str, int], dict[str, int]]:
    run_id = flow.begin("prices", Window(), dry_run=dry_run)
    found = flow.compare(run_id)
    return found, dict(flow.run_here(run_id))["reconcile"]["price"]


def test_nothing_differs_and_nothing_is_sent(priced: World) -> None:
    before = priced.target.requests
    found, counts = compared(priced)
    assert (found, counts["unchanged"], priced.target.requests) == ({}, 3, before)


def test_a_figure_that_somebody_changed_there_is_put_right(priced: World) -> None:
    priced.target.content["price", "B"] = {"sku": "B", "price_eur_excl_vat": "4.00"}
    found, counts = compared(priced)
    assert (found, counts["delivered"], counts["unchanged"]) == ({"drift": 1}, 1, 2)
    assert priced.target.content["price", "B"]["price_eur_excl_vat"] == "5"


def test_a_record_that_is_gone_there_comes_back(priced: World) -> None:
    del priced.target.content["price", "C"]
    found, counts = compared(priced)
    assert (found, counts["delivered"]) == ({"missing": 1}, 1)
    assert ("price", "C") in priced.target.content


def test_what_is_there_besides_is_counted_and_left_alone(priced: World) -> None:
    priced.target.content["price", "X"] = {"sku": "X", "price_eur_excl_vat": "1.00"}
    found, counts = compared(priced)
    assert (found, counts["delivered"]) == ({"orphan": 1}, 0)
    assert ("price", "X") in priced.target.content


def test_a_dry_run_only_counts(priced: World) -> None:
    priced.target.content["price", "B"] = {"sku": "B", "price_eur_excl_vat": "4.00"}
    found, _ = compared(priced, dry_run=True)
    assert found == {"drift": 1}
    assert priced.target.content["price", "B"]["price_eur_excl_vat"] == "4.00"
    assert compared(priced)[0] == {"drift": 1}
