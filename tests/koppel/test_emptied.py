"""An empty feed never empties the shop: what falls to nothing, beyond a share of a place, waits for a person."""

import pytest

from koppel import flow
from koppel.emptied import REASON
from koppel.errors import LimitExceeded
from koppel.window import Window
from tests.koppel.stock import LONG_BEFORE, Shelf
from tests.koppel.world import World

SKUS = [f"S{number:02}" for number in range(20)]


@pytest.fixture
def shelf(world: World, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Twenty products with 10 pieces of each in two places, all delivered."""
    for sku in SKUS:
        world.put(sku)
    world.target.size = 100
    world.run()
    shelf = Shelf(world, monkeypatch)
    for sku in SKUS:
        for place in ("MECH", "GENT"):
            shelf.count(place, sku, 10, LONG_BEFORE)
    world.run("stock")
    return shelf


def one_round(shelf: Shelf) -> dict[str, int]:
    rounds = iter([False, True])
    return shelf.listen(is_enough=lambda: next(rounds))["stock_level"]


def test_what_sells_out_goes_through(shelf: Shelf) -> None:
    for sku in SKUS[:6]:
        shelf.count("GENT", sku, 0)
    assert one_round(shelf)["delivered"] == 6
    assert {shelf.in_shop("GENT", sku) for sku in SKUS[:6]} == {0}


def test_a_place_that_falls_to_nothing_is_held_back_and_the_others_flow(shelf: Shelf) -> None:
    for sku in SKUS:
        shelf.count("GENT", sku, 0)
    shelf.count("MECH", SKUS[0], 0)
    counts = one_round(shelf)
    assert (counts["delivered"], counts["held_back"]) == (1, 20)
    assert {shelf.in_shop("GENT", sku) for sku in SKUS} == {10}
    assert shelf.in_shop("MECH", SKUS[0]) == 0
    assert shelf.world.state("GENT:S00", "stock_level") == ("held back", REASON)


def test_drop_by_drop_is_the_same_as_at_once(shelf: Shelf) -> None:
    steps = [lambda sku=sku: shelf.count("GENT", sku, 0) for sku in SKUS]

    def is_enough() -> bool:
        if steps:
            steps.pop(0)()
            return False
        return True

    shelf.listen(seconds=100, is_enough=is_enough)
    emptied = [sku for sku in SKUS if shelf.in_shop("GENT", sku) == 0]
    assert emptied == SKUS[:6], "30 % of 20"


def test_when_the_feed_is_right_again_nothing_is_held_back_any_more(shelf: Shelf) -> None:
    for sku in SKUS:
        shelf.count("GENT", sku, 0)
    one_round(shelf)
    for sku in SKUS:
        shelf.count("GENT", sku, 8)
    one_round(shelf)
    assert {shelf.in_shop("GENT", sku) for sku in SKUS} == {8}
    assert shelf.world.ledger.counts("shop", "stock_level") == {"delivered": 40}


def test_a_run_by_hand_makes_a_plan_that_waits_and_can_be_accepted(shelf: Shelf) -> None:
    for sku in SKUS:
        shelf.count("GENT", sku, 0)
    run_id = flow.begin("stock", Window())
    with pytest.raises(
        LimitExceeded, match=r"20 of 20 stock_level records of GENT that are above 0 would fall to 0; 30% may"
    ) as caught:
        list(flow.run_here(run_id))
    assert "Nothing was sent" in caught.value.kept
    assert {shelf.in_shop("GENT", sku) for sku in SKUS} == {10}
    flow.accept(run_id, "the manager")
    assert {shelf.in_shop("GENT", sku) for sku in SKUS} == {0}
    assert one_round(shelf)["held_back"] == 0


def test_the_share_is_a_setting(shelf: Shelf, tmp_path) -> None:
    settings = tmp_path / "koppel.toml"
    settings.write_text(settings.read_text().replace("[limits]", "[limits]\nemptied_share = 1.0"))
    for sku in SKUS:
        shelf.count("GENT", sku, 0)
    assert one_round(shelf)["delivered"] == 20


def test_what_was_nothing_before_does_not_fall(shelf: Shelf) -> None:
    for sku in SKUS[:6]:
        shelf.count("GENT", sku, 0)
    one_round(shelf)
    for sku in SKUS[:6]:
        shelf.count("GENT", sku, "0.0")
    for sku in SKUS[6:11]:
        shelf.count("GENT", sku, 0)
    assert one_round(shelf)["held_back"] == 0


def test_the_share_is_of_what_has_any(shelf: Shelf) -> None:
    for skus in (SKUS[:6], SKUS[6:10]):
        for sku in skus:
            shelf.count("GENT", sku, 0)
        assert one_round(shelf)["held_back"] == 0
    for sku in SKUS[10:16]:
        shelf.count("GENT", sku, 0)
    assert one_round(shelf)["held_back"] == 6, "6 of 20, but of the 10 that are left"


def test_what_falls_again_and_again_while_the_shop_is_down_falls_once(shelf: Shelf) -> None:
    for sku in SKUS[:6]:
        shelf.count("GENT", sku, 0)
    shelf.world.target.script = ["down before"] * 3
    rounds = iter([False] * 5 + [True])
    counts = shelf.listen(seconds=60, is_enough=lambda: next(rounds))["stock_level"]
    assert (counts["delivered"], counts["held_back"]) == (6, 0)


def test_a_silent_place_that_is_to_count_for_nothing_falls_to_nothing(shelf: Shelf) -> None:
    shelf.silent = {"GENT"}
    for sku in SKUS:
        shelf.count("GENT", sku, 0)
    assert one_round(shelf)["held_back"] == 0
    assert {shelf.in_shop("GENT", sku) for sku in SKUS} == {0}
