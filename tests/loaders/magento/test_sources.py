"""The sources, the stock and the links that must exist: found, made where that is allowed, else named."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from koppel.entities import PRODUCT, STOCK_LEVEL
from koppel.errors import ConfigError, TargetRefused
from koppel.http import Answer
from koppel.plan import Plan
from koppel.plan_text import as_table
from koppel.target import Check, Preparation
from loaders.magento import MagentoTarget
from sandbox.magento.testing import RunningShop
from tests.loaders.conftest import Note, by_key, change
from tests.loaders.magento.stock_shop import deliver, fault, held, level, no_fault, ready

GENT = {"location": "GENT", "sku": "S"}
ANT = {"location": "ANT", "sku": "S"}
DEFAULT = '[locations.ALL]\nsource = "default"\n'


def needed(target: MagentoTarget, *records: dict[str, Any]) -> list[Preparation]:
    return target.preparations(STOCK_LEVEL, records or (GENT, ANT))


def names(preparations: list[Preparation]) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in preparations]


def calls_of(target: MagentoTarget) -> int:
    return target.client.http.calls


def selling(shop: RunningShop) -> tuple[str, list[str]]:
    """The name of the stock that the website sells from, and its sources by priority."""
    stock = next(one for one in shop.state.table("stocks") if "base" in one["websites"])
    links = [one for one in shop.state.table("stock_source_links") if one["stock_id"] == stock["stock_id"]]
    return stock["name"], [one["source_code"] for one in sorted(links, key=lambda one: one["priority"])]


def configure(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stock.toml"
    path.write_text(path.read_text() + text)


def unread() -> Iterator[dict[str, Any]]:
    """Records that must not be looked at."""
    raise AssertionError("the records were read")
    yield {}


@pytest.fixture
def benelux(shop: RunningShop) -> RunningShop:
    """A shop whose website sells from a stock of its own already: Benelux, with sources ghent and antwerp."""
    shop.state.settings.several_sources = True
    shop.state.reset()
    return shop


class TestMaking:
    def test_everything_that_lacks_in_an_order_in_which_the_website_moves_last(
        self, target: MagentoTarget, shop: RunningShop
    ) -> None:
        preparations = needed(target)
        assert names(preparations) == [
            ("source", "ghent"),
            ("source", "store_antwerp"),
            ("stock", "Koppel"),
            ("stock_source", "Koppel: ghent"),
            ("stock_source", "Koppel: store_antwerp"),
            ("website_stock", "base: Koppel"),
        ]
        target.prepare(preparations)
        assert selling(shop) == ("Koppel", ["ghent", "store_antwerp"])
        source = shop.state.table("sources")["store_antwerp"]
        assert (source["name"], source["postcode"], source["country_id"]) == ("Winkel Antwerpen", "2000", "BE")

    def test_that_the_website_leaves_its_stock_is_said_in_words(self, target: MagentoTarget) -> None:
        move = needed(target)[-1]
        assert move.detail["instead_of"] == "Default Stock"
        assert "sells from stock 'Default Stock' now" in move.detail["means"]
        assert "sold out" in move.detail["means"]
        assert move.detail["means"] in as_table(Plan("p", preparations=[asdict(move)]))

    def test_only_what_these_records_need(self, target: MagentoTarget, shop: RunningShop) -> None:
        target.prepare(needed(target, GENT))
        assert selling(shop) == ("Koppel", ["ghent"])
        assert names(needed(target)) == [("source", "store_antwerp"), ("stock_source", "Koppel: store_antwerp")]
        target.prepare(needed(target))
        assert selling(shop) == ("Koppel", ["ghent", "store_antwerp"])

    def test_a_website_that_has_a_stock_of_its_own_keeps_it(self, make_target: Any, benelux: RunningShop) -> None:
        target = make_target()
        preparations = needed(target)
        assert names(preparations) == [("source", "store_antwerp"), ("stock_source", "Benelux: store_antwerp")]
        before = benelux.state.table("sources")["ghent"]
        target.prepare(preparations)
        assert selling(benelux) == ("Benelux", ["ghent", "antwerp", "store_antwerp"])
        assert benelux.state.table("sources")["ghent"] == before

    def test_a_stock_that_is_there_already_is_used(self, target: MagentoTarget, shop: RunningShop) -> None:
        answer = target.client.send("POST", "/V1/inventory/stocks", {"stock": {"name": "Koppel"}})
        assert ("stock", "Koppel") not in names(needed(target))
        target.prepare(needed(target))
        assert selling(shop)[0] == "Koppel"
        assert int(answer.body) == next(one["stock_id"] for one in shop.state.table("stocks") if one["websites"])

    def test_what_people_made_meanwhile_stays_as_they_made_it(self, target: MagentoTarget, shop: RunningShop) -> None:
        preparations = needed(target)
        source = {"source_code": "ghent", "name": "Gent Dok Noord", "country_id": "BE", "postcode": "9001"}
        target.client.send("POST", "/V1/inventory/sources", {"source": source | {"enabled": True}})
        target.prepare(preparations)
        target.prepare(preparations)
        assert shop.state.table("sources")["ghent"]["name"] == "Gent Dok Noord"
        assert selling(shop) == ("Koppel", ["ghent", "store_antwerp"])

    def test_goods_in_a_source_of_ours_stay_for_sale_when_the_website_moves(
        self, make_target: Any, shop: RunningShop, tmp_path: Path
    ) -> None:
        target = make_target()
        configure(tmp_path, DEFAULT)
        target.prepare(needed(target, GENT))
        assert selling(shop) == ("Koppel", ["ghent", "default"])

    def test_the_default_source_just_works(self, make_target: Any, shop: RunningShop, tmp_path: Path) -> None:
        target = make_target()
        (tmp_path / "stock.toml").write_text(DEFAULT)
        assert needed(target, {"location": "ALL", "sku": "S"}) == []
        assert deliver(target, level("S", location="ALL"))["ALL:S"].outcome == "delivered"
        assert selling(shop) == ("Default Stock", ["default"])
        assert held(shop, "default") == {"S": (5.0, 1)}

    @pytest.mark.parametrize("kind", ["error_after", "reset_after", "error_before"])
    def test_an_unclear_answer_makes_nothing_twice(self, target: MagentoTarget, shop: RunningShop, kind: str) -> None:
        preparations = needed(target)
        fault(shop, kind, path="/V1/inventory/", method="POST", count=1)
        fault(shop, kind, path="/V1/inventory/stocks", count=1, method="POST")
        target.prepare(preparations)
        no_fault(shop)
        assert selling(shop) == ("Koppel", ["ghent", "store_antwerp"])
        assert [one["name"] for one in shop.state.table("stocks")].count("Koppel") == 1

    def test_what_the_shop_refuses_is_said_with_what_to_do(self, make_target: Any, tmp_path: Path) -> None:
        target = make_target()
        configure(tmp_path, '[locations.BAD]\nsource = "with space"\n')
        with pytest.raises(TargetRefused, match="whitespaces") as error:
            target.prepare(needed(target, {"location": "BAD", "sku": "S"}))
        assert "stock.toml" in error.value.do

    def test_preparations_of_products_and_of_stock_go_their_own_ways(
        self, target: MagentoTarget, shop: RunningShop
    ) -> None:
        both = target.preparations(PRODUCT, [{"sku": "S", "gtin": "1"}]) + needed(target)
        target.prepare(both)
        assert target.preparations(PRODUCT, [{"sku": "S", "gtin": "1"}]) == []
        assert needed(target) == []


class TestAskingLittle:
    def test_nothing_missing_asks_nothing_and_reads_no_record(self, target: MagentoTarget) -> None:
        ready(target)
        calls = calls_of(target)
        for _ in range(100):
            assert target.preparations(STOCK_LEVEL, unread()) == []
        assert calls_of(target) == calls

    def test_reading_stops_when_nothing_new_can_come(self, target: MagentoTarget) -> None:
        def records() -> Iterator[dict[str, Any]]:
            yield from (GENT, GENT, ANT)
            yield from unread()

        assert target.preparations(STOCK_LEVEL, records()) == needed(target, GENT, ANT)

    def test_locations_that_do_not_occur_cost_no_request(self, target: MagentoTarget) -> None:
        target.prepare(needed(target, GENT))
        needed(target, GENT)
        calls = calls_of(target)
        assert needed(target, GENT) == []
        assert calls_of(target) == calls

    def test_a_shop_without_configured_locations_is_not_asked(self, target: MagentoTarget, tmp_path: Path) -> None:
        (tmp_path / "stock.toml").unlink()
        assert target.preparations(STOCK_LEVEL, unread()) == []
        assert calls_of(target) == 0


class TestNotMaking:
    def test_records_of_a_missing_source_are_rejected_with_what_to_do(
        self, make_target: Any, shop: RunningShop
    ) -> None:
        target = make_target(create_sources=False)
        assert needed(target) == []
        receipts = deliver(target, level("S"), level("T", location="ANT"))
        assert {receipt.outcome for receipt in receipts.values()} == {"rejected"}
        assert "create_sources" in receipts["GENT:S"].message
        assert "'ghent'" in receipts["GENT:S"].message
        assert held(shop) == {}

    def test_while_it_is_missing_the_shop_is_not_asked_every_second(self, make_target: Any) -> None:
        target = make_target(create_sources=False)
        deliver(target, level("S"))
        calls = calls_of(target)
        for _ in range(20):
            deliver(target, level("S"))
        assert calls_of(target) == calls

    def test_a_source_that_somebody_made_is_noticed(self, make_target: Any, shop: RunningShop) -> None:
        target = make_target(create_sources=False)
        assert deliver(target, level("S"))["GENT:S"].outcome == "rejected"
        ready(make_target())
        target.client.clock.sleep(61)
        assert deliver(target, level("S"))["GENT:S"].outcome == "delivered"

    def test_a_web_server_that_knows_no_page_is_not_a_shop_without_sources(
        self, target: MagentoTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = Answer("rejected", 404, "<html>Not Found</html>", "HTTP 404: Not Found")
        with monkeypatch.context() as patch:
            patch.setattr(target.client, "get", lambda *_, **__: page)
            with pytest.raises(TargetRefused, match="404"):
                needed(target)
        assert needed(target) != []

    def test_a_wrong_settings_file_is_named(self, make_target: Any, tmp_path: Path) -> None:
        target = make_target()
        (tmp_path / "stock.toml").write_text("[locations.GENT]\nsorce = 'ghent'\n")
        with pytest.raises(ConfigError, match="sorce"):
            needed(target)


class TestDoctor:
    def checks(self, target: MagentoTarget) -> dict[str, list[Check]]:
        found: dict[str, list[Check]] = {}
        for one in target.check():
            found.setdefault(one.subject, []).append(one)
        return found

    def test_missing_sources_are_named_one_by_one(self, make_target: Any) -> None:
        checks = self.checks(make_target(create_sources=False))["stock source"]
        assert [one.is_fine for one in checks] == [False, False]
        assert "GENT" in checks[0].detail
        assert "'ghent'" in checks[0].detail
        assert all("create_sources" in one.mend for one in checks)

    def test_what_the_next_run_makes_is_fine(self, target: MagentoTarget) -> None:
        checks = self.checks(target)["stock source"]
        assert all(one.is_fine and "next run makes" in one.detail for one in checks)

    def test_a_stock_that_sells_our_sources_is_fine(self, target: MagentoTarget) -> None:
        ready(target)
        checks = self.checks(target)
        assert all(one.is_fine for group in checks.values() for one in group)
        assert "'Koppel'" in checks["stock"][0].detail
        assert "stock index" not in checks, "nothing is in stock yet, so nothing can be said"

    def test_sources_outside_the_stock_of_the_website_are_named(self, make_target: Any, benelux: RunningShop) -> None:
        target = make_target(create_sources=False)
        source = {"source_code": "store_antwerp", "name": "A", "country_id": "BE", "postcode": "2000", "enabled": False}
        target.client.send("POST", "/V1/inventory/sources", {"source": source})
        checks = self.checks(target)
        assert "switched off" in checks["stock source"][1].detail
        (stock,) = checks["stock"]
        assert not stock.is_fine
        assert "'Benelux', which does not hold ANT" in stock.detail
        assert "Stores > Stocks" in stock.mend

    def test_stock_that_does_not_show_is_noticed(self, target: MagentoTarget, shop: RunningShop) -> None:
        ready(target)
        product = {"sku": "S", "name": "N", "first_price_eur_excl_vat": "9.95", "status": "active"}
        target.prepare(target.preparations(PRODUCT, [product]))
        by_key(target.deliver(PRODUCT, [change("create", "S", product)], Note()))
        deliver(target, level("S", 4.0))
        (fine,) = self.checks(target)["stock index"]
        assert (fine.is_fine, fine.detail) == (True, "4 of S lie in one source; from all of them 4 can be sold")
        number = next(one["stock_id"] for one in shop.state.table("stocks") if one["websites"])
        shop.state.table("reservations").put((number, "s"), {"stock_id": number, "sku": "S", "quantity": -4.0})
        (wrong,) = self.checks(target)["stock index"]
        assert not wrong.is_fine
        assert "reindex" in wrong.mend

    def test_a_shop_whose_stock_nobody_configured_is_not_looked_at(self, make_target: Any, tmp_path: Path) -> None:
        target = make_target()
        (tmp_path / "stock.toml").unlink()
        assert not {"stock", "stock source", "stock index"} & self.checks(target).keys()
