"""The delivery is killed (SIGKILL) at boundaries of every kind, in ``make soak`` at every single one; the next run ends where a
clean one ends."""

import pytest

from tests.promise import killed, sample
from tests.promise.scene import Scene, check_same

pytestmark = pytest.mark.crash
PARTS = 6 if sample.IS_SOAK else 2
"""The boundaries are shared out over so many tests, so that none takes long."""


@pytest.mark.parametrize("part", range(PARTS))
def test_a_first_delivery_may_die_at_every_kind_of_boundary(scene: Scene, part: int) -> None:
    scene.company.stock_up(4)
    plan = scene.done(killed.only_plan, "catalogue")
    scene.clear(keep=plan)
    met = scene.done(killed.deliver_plan, plan).splitlines()
    clean = scene.shop.content()
    assert len(clean["products"]) == 4
    assert len(met) > 60
    for number, boundary in enumerate(sample.boundaries(met)[part::PARTS]):
        scene.clear(keep=plan)
        assert scene.is_killed_at(boundary, killed.deliver_plan, plan)
        if number % 5:
            scene.done(killed.deliver_plan, plan)  # as Airflow tries a task again
        else:
            scene.complete("catalogue")  # as the next night
        check_same(scene.shop.content(), clean, f"killed at boundary {boundary}")
        scene.is_settled()


@pytest.mark.parametrize("part", range(PARTS))
def test_an_update_may_die_at_every_kind_of_boundary_and_the_source_may_take_it_back(scene: Scene, part: int) -> None:
    scene.company.stock_up(4)
    contents = []
    for is_new in (False, True, False):
        _change(scene, is_new=is_new)
        met = scene.complete("catalogue")
        contents.append(scene.shop.content())
    assert contents[0] != contents[1]
    stands, killed_runs = False, 0
    for number, boundary in enumerate(sample.boundaries(met, is_thin=True)[part::PARTS]):
        _change(scene, is_new=not stands)
        if scene.is_killed_at(boundary, killed.run_flows, ("catalogue",)):
            killed_runs += 1
            if number % 2:
                _change(scene, is_new=stands)  # the source takes it back before the next run
            else:
                stands = not stands
            scene.complete("catalogue")
        else:
            stands = not stands
        check_same(scene.shop.content(), contents[stands], f"killed at boundary {boundary}")
        scene.is_settled()
    assert killed_runs > 12 // PARTS


def _change(scene: Scene, *, is_new: bool) -> None:
    """One of two states of the source, which differ in every entity."""
    run = scene.company.run
    end = " (new)" if is_new else ""
    run("update category set name = 'Koffie ' || language || ? where category_code = 'COFFEE'", end)
    run("update category set parent_code = ? where category_code = 'COFFEE'", ("KITCHEN", "HOUSE")[is_new])
    run(
        "update product set name = 'ERP' || ?, category_code = ? where sku = 'SKU-001'",
        end,
        ("KITCHEN", "HOUSE")[is_new],
    )
    run("update product_text set name = 'Ketel ' || language || ? where sku = 'SKU-001'", end)
    run("update product_image set position = abs(? - rowid) where sku = 'SKU-001'", (0, 1000)[is_new])
    run(
        "update product_image set alt_text_nl = 'Foto' || ?, alt_text_fr = 'Photo' || ? where sku = 'SKU-003'", end, end
    )
    run("update product_relation set related_sku = ? where sku = 'SKU-004'", ("SKU-003", "SKU-002")[is_new])
