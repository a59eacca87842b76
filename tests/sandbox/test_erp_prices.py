"""Prices that somebody mistyped in the ERP, through the whole price flow: held back with the reason, the shop keeps the old one."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import select

from koppel import flow
from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger
from koppel.window import Window
from sandbox import erp
from sandbox.magento import content
from sandbox.magento.testing import RunningShop, running_shop
from tests.loaders.conftest import shop_connection
from tests.sandbox import bare_erp

SEED, SHARE, PRODUCTS = 5, 0.01, 520
REASONS = {
    "price_jump": "more than 40 percent.",
    "price_zero": "A price of 0.00 euro would give the product away.",
    "price_below_cost": "is below what we pay for it.",
}


@dataclass(frozen=True)
class Day:
    """What the shop and the ledger hold after a run of the price flow."""

    counts: dict[str, int]
    prices: dict[str, Decimal]
    standing: dict[str, dict]
    posted: int


@dataclass(frozen=True)
class Scene:
    """An ERP in which a working day passes, and a shop that holds some of its products."""

    url: str
    happened: dict[str, list[str]]
    ledger: Ledger
    shop: RunningShop

    @property
    def skus(self) -> list[str]:
        """One article per slip, and one whose price changed as prices do."""
        return [self.happened["price"][0], *(self.happened[slip][0] for slip in REASONS)]

    def run(self, name: str, keys: list[str]) -> dict[str, dict[str, int]]:
        """A flow for these keys; its counts."""
        run_id = flow.begin(name, Window(keys=tuple(keys)))
        for _ in flow.run_here(run_id):
            pass
        row = self.ledger.run(run_id)
        assert row["status"] == "reconciled", row["error"]
        return dict(row["counts"])

    def prices(self) -> Day:
        """The price flow, and what it left."""
        before = self._posted()
        counts = self.run("prices", self.skus)["price"]
        shown = content.canonical(self.shop.state)["products"]
        prices = {sku: Decimal(str(dict(shown[sku]["values"]["price"])[0])) for sku in self.skus}
        rows = self.ledger.rows(lambda schema: select(schema.delivery).where(schema.delivery.c.entity == "price"))
        return Day(counts, prices, {row["key"]: dict(row) for row in rows}, self._posted() - before)

    def groups(self) -> list[str]:
        """The product groups of the articles, and those above them."""
        with psycopg.connect(self.url) as connection:
            query = "select distinct grp_code from artikel where artnr = any(%s)"
            codes = [code for (code,) in connection.execute(query, (self.skus,))]
        return sorted({code.rsplit("-", cut)[0] for code in codes for cut in range(code.count("-") + 1)})

    def _posted(self) -> int:
        with self.shop.state.database.lock:
            lines = list(self.shop.state.table("log"))
        return sum(line.get("method") == "POST" and line["path"].endswith("/base-prices") for line in lines)


@pytest.fixture(scope="module")
def scene(
    postgres: EmbeddedPostgres, ledger_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """The same seed gives the same day, so the day that will come is known before it does."""
    home = tmp_path_factory.mktemp("prices")
    url = postgres.database("sandbox_erp_prices", template="template0")
    bare_erp.build(url, PRODUCTS)
    happened = erp.change(url, SEED, SHARE)
    bare_erp.build(url, PRODUCTS)
    with running_shop() as shop, pytest.MonkeyPatch.context() as patch:
        for name in ("KOPPEL_CONFIG", "KOPPEL_STAGING", "KOPPEL_CONNECTIONS"):
            patch.delenv(name, raising=False)
        patch.setenv("KOPPEL_HOME", str(home))
        patch.setenv("KOPPEL_MEDIA", str(home / "media"))
        patch.setenv("KOPPEL_LEDGER_URL", postgres.database("sandbox_erp_prices_ledger", template=ledger_template))
        patch.setenv("AIRFLOW_CONN_ERP", url)
        patch.setenv("AIRFLOW_CONN_SHOP", shop_connection(shop))
        ledger = Ledger.from_environment()
        yield Scene(url, happened, ledger, shop)
        ledger.close()


@pytest.fixture(scope="module")
def days(scene: Scene) -> list[Day]:
    """The price flow before the day, after it, and once more."""
    counts = scene.run("catalogue", [*scene.groups(), *scene.skus])
    assert counts["product"]["delivered"] == len(scene.skus)
    first = scene.prices()
    assert erp.change(scene.url, SEED, SHARE) == scene.happened
    return [first, scene.prices(), scene.prices()]


def test_good_prices_arrive(scene: Scene, days: list[Day]) -> None:
    first, second, _ = days
    usual = scene.skus[0]
    assert first.counts["delivered"] == 4
    assert (second.counts["delivered"], second.counts["held_back"]) == (1, 3)
    assert first.prices[usual] < second.prices[usual] < first.prices[usual] * Decimal("1.2")


@pytest.mark.parametrize("slip", REASONS)
def test_a_slip_is_held_back_with_its_reason_and_the_old_price_stays(slip: str, scene: Scene, days: list[Day]) -> None:
    first, second, third = days
    sku = scene.happened[slip][0]
    row = second.standing[sku]
    assert row["state"] == "held back"
    assert REASONS[slip] in row["reason"]
    assert first.prices[sku] == second.prices[sku] == third.prices[sku] > 0
    assert first.standing[sku]["state"] == "delivered"


def test_looking_again_sends_nothing_and_keeps_since(scene: Scene, days: list[Day]) -> None:
    _, second, third = days
    assert (second.posted, third.posted) == (1, 0)
    assert third.counts == {**second.counts, "unchanged": 1, "delivered": 0}
    held = [scene.happened[slip][0] for slip in REASONS]
    assert all(third.standing[sku]["since"] == second.standing[sku]["since"] for sku in held)
    assert all(third.standing[sku]["run_id"] == second.standing[sku]["run_id"] for sku in held)
