"""Tryton all the way into the shop, by configuration alone: catalogue, prices and stock, and once more after a day's work in it.

What the shop then holds is compared with what Tryton itself reports through its API.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from extractors.tryton_rpc import decode
from koppel import flow, registry
from koppel.audit import audit
from koppel.embedded import EmbeddedPostgres
from koppel.entities import ENTITIES
from koppel.ledger import Ledger
from koppel.settings import Settings
from koppel.window import Window
from sandbox.magento import content
from sandbox.magento.testing import RunningShop, running_shop
from tests.extractors.tryton.company import PRODUCTS, READER, READER_PASSWORD, Company, money, running_company
from tests.loaders.conftest import shop_connection

CONFIG = Path(__file__).parents[2] / "examples" / "tryton"
SOURCES = {"MECH": "mechelen", "GENT": "ghent", "LIEG": "liege"}
TRANSLATED = {f"P-{number:04}": f"Beker {number}" for number in range(1, 12, 2)}
RENAMED, DEARER, ENDED, SOLD, RECEIVED, NEW = "P-0021", "P-0022", "P-0023", "P-0024", "P-0025", "P-NEW"
ENABLED, DISABLED = 1, 2


@dataclass(frozen=True)
class Turn:
    """All flows, one after the other: how their runs ended, what they counted, and what the shop holds afterwards."""

    statuses: dict[str, str]
    counts: dict[str, dict[str, int]]
    writes: int
    products: dict[str, Any]
    stock: dict[str, dict[str, float]]
    """Per source of the shop the quantity of each SKU."""

    def value(self, sku: str, code: str, view: int = 0) -> Any:
        """What a store view shows of an attribute: its own value, else the one for all."""
        values = dict(self.products[sku]["values"].get(code, []))
        return values.get(view, values.get(0))


@dataclass(frozen=True)
class Coupled:
    """Tryton, the shop and the ledger between them."""

    company: Company
    shop: RunningShop
    ledger: Ledger

    def turn(self, *flows: str, since_cursor: bool = False) -> Turn:
        """Run the flows, on everything or since they last ran."""
        start, statuses, counts = len(self._log()), {}, {}
        for name in flows or ("catalogue", "prices", "stock"):
            run_id = flow.begin(name, flow.since_cursor(name) if since_cursor else Window())
            for _ in flow.run_here(run_id):
                pass
            row = self.ledger.run(run_id)
            statuses[name] = row["status"]
            counts |= row["counts"]
        lines = self._log()[start:]
        writes = sum(line.get("method", "") not in ("GET", "") or line["kind"] == "operation" for line in lines)
        held = content.canonical(self.shop.state)
        stock: dict[str, dict[str, float]] = {source: {} for source in SOURCES.values()}
        for sku, source, quantity, _ in held["source_items"]:
            stock.setdefault(source, {})[sku] = float(quantity)
        return Turn(statuses, counts, writes, held["products"], stock)

    def view(self, code: str) -> int:
        """The number of a store view."""
        with self.shop.state.database.lock:
            return next(store["id"] for store in self.shop.state.table("stores") if store["code"] == code)

    def reported(self, field: str, **context: Any) -> dict[str, Any]:
        """What Tryton says of each product."""
        rows = self.company.office.call(
            "product.product", "search_read", [["code", "like", "P-%"]], 0, None, None, ["code", field], **context
        )
        return {row["code"]: decode(row[field]) for row in rows}

    def reason(self, entity: str, key: str) -> str:
        """Why a record stands as it does."""
        table = self.ledger.rows(lambda schema: select(schema.delivery).where(schema.delivery.c.entity == entity))
        return next(row["reason"] for row in table if row["key"] == key)

    def _log(self) -> list[dict[str, Any]]:
        with self.shop.state.database.lock:
            return list(self.shop.state.table("log"))


@pytest.fixture(scope="module")
def coupled(
    postgres: EmbeddedPostgres, ledger_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Coupled]:
    """Tryton and an empty shop, coupled by the folder examples/tryton and nothing else."""
    ledger_url = postgres.database("tryton_ledger", template=ledger_template)
    with (
        running_company() as (server, company),
        running_shop() as shop,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name in ("KOPPEL_MEDIA", "KOPPEL_STAGING", "KOPPEL_CONNECTIONS"):
            patch.delenv(name, raising=False)
        patch.setenv("KOPPEL_CONFIG", str(CONFIG))
        patch.setenv("KOPPEL_HOME", str(tmp_path_factory.mktemp("tryton")))
        patch.setenv("KOPPEL_LEDGER_URL", ledger_url)
        patch.setenv("AIRFLOW_CONN_TRYTON", server.connection(READER, READER_PASSWORD))
        patch.setenv("AIRFLOW_CONN_SHOP", shop_connection(shop))
        for sku, name in TRANSLATED.items():
            _change(company, sku, {"name": name}, language="nl")
        [garden] = company.office.find("product.category", [["code", "=", "GARDEN"]])
        company.office.call("product.category", "write", [garden], {"name": "Tuin"}, language="nl")
        ledger = Ledger.from_environment()
        yield Coupled(company, shop, ledger)
        ledger.close()


def _change(company: Company, sku: str, values: dict[str, Any], **context: Any) -> None:
    [row] = company.office.call("product.product", "read", [company.skus[sku]], ["template"])
    company.office.call("product.template", "write", [row["template"]], values, **context)


@pytest.fixture(scope="module")
def first(coupled: Coupled) -> Turn:
    return coupled.turn()


@pytest.fixture(scope="module")
def second(coupled: Coupled, first: Turn) -> Turn:
    """Nothing happened in between."""
    return coupled.turn()


@pytest.fixture(scope="module")
def third(coupled: Coupled, second: Turn) -> Turn:
    """A day's work: a name, a price, an end, an order shipped, goods received, a new product; only what changed is read."""
    company = coupled.company
    _change(company, RENAMED, {"name": "Mug with a lid 21"})
    _change(company, DEARER, {"list_price": money("28.50")})
    _change(company, ENDED, {"salable": False})
    company.ship(company.order("000000099", "MECH", P_0024=4), "assign_force", "pick", "pack", "do")
    company.done(company.move(RECEIVED, 100, "SUP", "GENT/storage"))
    company.sell(company.template("Milk jug 500", NEW, "12.00"))
    company.done(company.move(NEW, 7, "SUP", "LIEG/storage"))
    return coupled.turn(since_cursor=True)


def test_every_product_of_tryton_stands_in_the_shop(coupled: Coupled, first: Turn) -> None:
    assert first.statuses == dict.fromkeys(("catalogue", "prices", "stock"), "reconciled")
    assert set(first.products) == {f"P-{number:04}" for number in range(PRODUCTS)}
    expected = {
        "product": PRODUCTS,
        "price": PRODUCTS,
        "stock_level": 3 * PRODUCTS,
        "product_text": PRODUCTS + len(TRANSLATED),
    }
    assert {name: first.counts[name]["read"] for name in expected} == expected
    assert {name: first.counts[name]["delivered"] for name in expected} == expected


def test_each_store_view_speaks_its_language(coupled: Coupled, first: Turn) -> None:
    english, dutch = coupled.view("en"), coupled.view("nl")
    names = coupled.reported("name", language="en")
    assert {sku: first.value(sku, "name", english) for sku in names} == names
    assert (
        {sku: first.value(sku, "name", dutch) for sku in names}
        == coupled.reported("name", language="nl")
        == names | TRANSLATED
    )


def test_prices_are_those_that_tryton_uses(coupled: Coupled, first: Turn) -> None:
    reported = coupled.reported("list_price_used")
    assert {sku: Decimal(str(first.value(sku, "price"))) for sku in first.products} == reported
    assert len(set(reported.values())) > 10


def test_stock_is_what_tryton_counts(coupled: Coupled, first: Turn) -> None:
    for place, source in SOURCES.items():
        assert first.stock[source] == coupled.company.quantities(place, sorted(first.products))
        assert max(first.stock[source].values()) > 0


def test_the_shop_holds_what_the_ledger_says(coupled: Coupled, first: Turn) -> None:
    target = registry.target(Settings.load(), "shop")
    names = ("category", "product", "product_text", "price", "stock_level")
    assert [one for name in names for one in audit(coupled.ledger, target, ENTITIES[name])] == []


def test_a_second_turn_sends_nothing(first: Turn, second: Turn) -> None:
    assert first.writes > 10
    assert second.writes == 0
    assert second.products == first.products
    assert second.stock == first.stock
    assert {name: counts["unchanged"] for name, counts in second.counts.items()} == {
        name: counts["delivered"] for name, counts in first.counts.items()
    }


def test_a_days_changes_arrive(coupled: Coupled, second: Turn, third: Turn) -> None:
    assert third.statuses == second.statuses
    english = coupled.view("en")
    assert (
        third.value(RENAMED, "name", english) == coupled.reported("name", language="en")[RENAMED] == "Mug with a lid 21"
    )
    assert Decimal(str(third.value(DEARER, "price"))) == coupled.reported("list_price_used")[DEARER] == Decimal("28.50")
    assert (int(second.value(ENDED, "status")), int(third.value(ENDED, "status"))) == (ENABLED, DISABLED)
    assert Decimal(str(third.value(NEW, "price"))) == Decimal("12.00")
    assert set(third.products) == {*second.products, NEW}


def test_a_done_move_arrives_though_its_product_did_not_change(coupled: Coupled, second: Turn, third: Turn) -> None:
    for place, source in SOURCES.items():
        assert third.stock[source] == coupled.company.quantities(place, sorted(third.products))
    assert third.stock["mechelen"][SOLD] == second.stock["mechelen"][SOLD] - 4
    assert third.stock["ghent"][RECEIVED] == second.stock["ghent"][RECEIVED] + 100
    assert third.stock["liege"][NEW] == 7


def test_nothing_else_changed(second: Turn, third: Turn) -> None:
    changed = {sku for sku in second.products if second.products[sku]["values"] != third.products[sku]["values"]}
    assert changed == {RENAMED, DEARER, ENDED}
    moved = {
        (source, sku)
        for source in SOURCES.values()
        for sku, quantity in third.stock[source].items()
        if second.stock[source].get(sku) != quantity
    }
    assert moved == {("mechelen", SOLD), ("ghent", RECEIVED), ("mechelen", NEW), ("ghent", NEW), ("liege", NEW)}


def test_a_price_of_nothing_never_arrives(coupled: Coupled, third: Turn) -> None:
    _change(coupled.company, DEARER, {"list_price": None})
    after = coupled.turn("prices", since_cursor=True)
    assert coupled.reason("price", DEARER).startswith("The price is missing")
    assert after.value(DEARER, "price") == third.value(DEARER, "price")


def test_settings_are_complete() -> None:
    settings = Settings.load(CONFIG)
    assert settings.flow("stock").entities == ("stock_level",)
    assert set(settings.source("tryton").options["locations"]) == set(SOURCES)
