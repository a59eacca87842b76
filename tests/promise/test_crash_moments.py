"""The delivery is killed (SIGKILL) at random moments; the next run ends where a clean one ends."""

import time
from random import Random
from typing import Any

import pytest

from tests.promise import killed, sample
from tests.promise.scene import Scene, check_same

pytestmark = pytest.mark.crash
SERIES, KILLS = (8, 25) if sample.IS_SOAK else (2, 12)
"""So many series of so many kills each: 200 in ``make soak``, 24 in ``make test``."""


@pytest.mark.parametrize("series", range(SERIES))
def test_a_run_may_die_at_any_moment(scene: Scene, series: int) -> None:
    random = Random(f"any moment {series}")
    scene.company.stock_up(6)
    started = time.monotonic()
    scene.complete("catalogue")
    moments, kills = killed.Moments(random, time.monotonic() - started), 0
    scene.clear()
    for attempt in range(3 * KILLS):
        if attempt % 2:
            scene.company.day(random, attempt // 2)
        flows = ("prices",) if attempt % 10 == 9 else ("catalogue",)
        kills += moments.kill(scene.start(killed.run_flows, flows), flows[0])
        if kills == KILLS:
            break
    assert kills == KILLS
    scene.complete()
    scene.is_settled()
    rough = scene.shop.content()

    scene.clear()
    scene.complete()
    check_same(_comparable(rough, scene), _comparable(scene.shop.content(), scene), f"series {series}")


def _comparable(content: Any, scene: Scene) -> Any:
    """Without what depends on the past by design: products that left stay, disabled; addresses stay as they were made."""
    products = {sku: content["products"].pop(sku) for sku in scene.company.skus()}
    content["attributes"] = sorted(content["attributes"])  # an option that nobody has any more stays
    content["source_items"] = [item for item in content["source_items"] if item[0] in products]
    for product in products.values():
        del product["values"]["url_key"]
    for gone in content.pop("products").values():
        assert gone["values"]["status"] == [[0, 2]]
    for category in content["categories"].values():
        category.pop("url_key", None)
    return content | {"products": products}
