"""Stock of a shop without multi-source inventory: the one item of each product."""

from pathlib import Path
from typing import Any

import pytest

from koppel.entities import PRODUCT, STOCK_LEVEL
from koppel.errors import TargetDown
from loaders.magento import MagentoTarget
from sandbox.magento.testing import RunningShop
from tests.loaders.conftest import Note, by_key, change
from tests.loaders.magento.stock_shop import deliver, fault, level, no_fault, read_all, read_back


@pytest.fixture
def plain(make_target: Any, shop: RunningShop) -> MagentoTarget:
    """A target on a shop without the inventory modules that holds products A and B/C."""
    shop.state.settings.msi = False
    target: MagentoTarget = make_target()
    records = [{"sku": sku, "name": sku, "first_price_eur_excl_vat": "9.95"} for sku in ("A", "B/C")]
    target.prepare(target.preparations(PRODUCT, records))
    by_key(target.deliver(PRODUCT, [change("create", record["sku"], record) for record in records], Note()))
    return target


def item(target: MagentoTarget, sku: str) -> tuple[float, bool]:
    found = target.client.value(f"/V1/stockItems/{sku.replace('/', '%2F')}")
    return found["qty"], found["is_in_stock"]


def all_of(sku: str, quantity: Any = 5.0, **more: Any) -> Any:
    return level(sku, quantity, "default", **more)


def test_each_product_gets_its_quantity_and_the_number_of_its_item_is_remembered(plain: MagentoTarget) -> None:
    calls = plain.client.http.calls
    receipts = deliver(plain, all_of("A", 3.0), all_of("B/C", 2.5))
    assert {receipt.outcome for receipt in receipts.values()} == {"delivered"}
    assert (item(plain, "A"), item(plain, "B/C")) == ((3, True), (2.5, True))
    assert plain.client.http.calls - calls == 1 + 2 + 2 + 2  # is it there? · find, send · our own look
    calls = plain.client.http.calls
    deliver(plain, all_of("A", 4.0, remote_id=receipts["default:A"].remote_id))
    assert plain.client.http.calls - calls == 1
    assert item(plain, "A") == (4, True)


def test_that_the_shop_has_no_sources_is_found_out_once(plain: MagentoTarget) -> None:
    records = [{"location": "default", "sku": "A"}]
    assert plain.preparations(STOCK_LEVEL, records) == []
    calls = plain.client.http.calls
    assert plain.preparations(STOCK_LEVEL, records) == []
    deliver(plain, all_of("A", remote_id="1"))
    assert plain.client.http.calls - calls == 1


def test_several_locations_must_be_added_up_first(plain: MagentoTarget) -> None:
    receipts = deliver(plain, level("A", 3.0, "GENT"), all_of("B/C", 1.0))
    assert receipts["default:B/C"].outcome == "delivered"
    assert receipts["GENT:A"].outcome == "rejected"
    assert "combine = true" in receipts["GENT:A"].message
    assert item(plain, "A")[0] in {None, 0}


def test_the_only_location_needs_no_adding_up(plain: MagentoTarget, tmp_path: Path) -> None:
    (tmp_path / "stock.toml").write_text('[locations.GENT]\nsource = "ghent"\n')
    assert deliver(plain, level("A", 3.0, "GENT"))["GENT:A"].outcome == "delivered"
    assert read_all(plain)["GENT:A"]["quantity"] == 3


@pytest.mark.parametrize("quantity", [-1.0, 1e12, None, "veel"])
def test_a_bad_quantity_is_rejected_and_the_others_arrive(plain: MagentoTarget, quantity: Any) -> None:
    receipts = deliver(plain, all_of("A", quantity), all_of("B/C", 1.0))
    assert {key: one.outcome for key, one in receipts.items()} == {
        "default:A": "rejected",
        "default:B/C": "delivered",
    }


def test_an_unknown_product_is_named(plain: MagentoTarget) -> None:
    for remote_id in (None, "7"):
        receipt = deliver(plain, all_of("Z", remote_id=remote_id))["default:Z"]
        assert (receipt.outcome, receipt.message) == ("rejected", "The shop has no product 'Z'.")


def test_withdrawing_leaves_nothing_and_spares_the_sum_of_all_locations(plain: MagentoTarget) -> None:
    deliver(plain, all_of("A", 3.0))
    receipt = deliver(plain, level("A", location="GENT", kind="withdraw", remote_id="7"))["GENT:A"]
    assert receipt.outcome == "delivered"
    assert item(plain, "A") == (3, True)
    gone = all_of("A", kind="withdraw")
    assert read_back(plain, gone) == {"default:A": "transient"}
    assert deliver(plain, gone, all_of("Z", kind="withdraw"))["default:Z"].outcome == "delivered"
    assert item(plain, "A") == (0, False)
    assert set(read_back(plain, gone, all_of("Z", kind="withdraw")).values()) == {"delivered"}


def test_read_back_and_audit(plain: MagentoTarget) -> None:
    changes = [all_of("A", 3.0), all_of("B/C", 0.0), all_of("Z", 1.0), level("A", 1.0, "GENT")]
    assert set(read_back(plain, *changes[:1]).values()) == {"transient"}
    deliver(plain, *changes)
    assert list(read_back(plain, *changes).values()) == ["delivered", "delivered", "transient", "rejected"]
    assert read_all(plain) == {
        "default:A": {"location": "default", "sku": "A", "quantity": 3.0, "is_in_stock": True},
        "default:B/C": {"location": "default", "sku": "B/C", "quantity": 0.0, "is_in_stock": False},
    }


def test_magento_takes_what_holds_nothing_out_of_stock_and_that_is_no_difference(plain: MagentoTarget) -> None:
    line = all_of("A", 0.0)
    line.record["is_in_stock"] = True
    deliver(plain, line)
    assert item(plain, "A") == (0, False)
    assert read_back(plain, line) == {"default:A": "delivered"}


def test_an_answer_that_got_lost_is_asked_for_again(plain: MagentoTarget, shop: RunningShop) -> None:
    fault(shop, "error_after", path="stockItems", method="PUT", count=2)
    assert deliver(plain, all_of("A", 3.0))["default:A"].outcome == "delivered"
    assert item(plain, "A") == (3, True)
    no_fault(shop)


def test_a_shop_that_breaks_down_at_everything_is_left_alone(plain: MagentoTarget, shop: RunningShop) -> None:
    fault(shop, "error_before", path="stockItems", method="PUT")
    assert deliver(plain, all_of("A", 8.0))["default:A"].outcome == "ambiguous"
    record = {"location": "default", "sku": "A", "quantity": 8.0}
    with pytest.raises(TargetDown, match="in a row"):
        deliver(plain, *(change("update", f"default:{n}", record, "1") for n in range(20)))
    no_fault(shop)


def test_the_doctor_says_how_stock_is_kept_there(plain: MagentoTarget) -> None:
    (found,) = [one for one in plain.check() if one.subject.startswith("stock")]
    assert found.is_fine
    assert "no multi-source inventory" in found.detail
