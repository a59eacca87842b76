"""Thousands of histories of shop, ERP and Koppel: no run oversells by itself, and when all is quiet the shop sells what is free."""

import random
import time

import pytest

from tests.promise.stock_coupling import MUTATIONS
from tests.promise.stock_world import World

HISTORIES = 10_000
LONGEST_SECONDS = 60.0
"""Of one core: well above what they take (15 to 25 s), and below what would hide that it became slow."""


def lived(seed: int, mutation: str = "", *, reserves: bool = True) -> World:
    """One history from a seed; an error tells all of it."""
    world = World(seed, mutation, reserves)
    world.live(random.Random(seed).randint(8, 32))
    return world


def some_histories(mutation: str) -> None:
    for seed in range(800):
        lived(seed, mutation)


def test_no_run_oversells_and_all_that_is_free_is_for_sale_when_all_is_quiet() -> None:
    started = time.process_time()
    worlds = checks = pushes = sold = 0
    for seed in range(HISTORIES):
        world = lived(seed)
        worlds, checks, pushes = worlds + 1, checks + world.checks, pushes + world.coupling.pushes
        sold += sum(world.shop.shipped.values())
    assert worlds == HISTORIES
    # A simulation in which hardly anything is sold or sent would prove little.
    assert checks > 15 * HISTORIES
    assert pushes > 3 * HISTORIES
    assert sold > HISTORIES
    assert time.process_time() - started < LONGEST_SECONDS


def test_the_same_holds_for_a_shop_that_reserves_nothing() -> None:
    assert sum(lived(seed, reserves=False).checks for seed in range(1_000)) > 15_000


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_simulation_notices_when(mutation: str) -> None:
    with pytest.raises(AssertionError, match="History"):
        some_histories(mutation)


def test_a_history_comes_out_the_same_every_time() -> None:
    first, second = lived(7), lived(7)
    assert first.events == second.events
    assert first.shop.source == second.shop.source
