"""Stock into the sources of the sandbox shop: in few calls, each row exactly once answered, whatever the others are."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koppel.entities import STOCK_LEVEL
from koppel.errors import TargetDown
from koppel.target import Receipt
from loaders.magento import MagentoTarget
from sandbox.magento.testing import RunningShop
from tests.loaders.magento.stock_shop import (
    deliver,
    fault,
    held,
    level,
    no_fault,
    read_all,
    read_back,
    ready,
    refuse,
)

FULL = 500
ODD_SKUS = ["A,B", "A B", "A/B", 'A"B', "A'B", "Étui-é", "A%2FB", "A&B=C", "A+B", "A[0]", "ß", "a#b?c", "x" * 64]


@pytest.fixture
def stocked(target: MagentoTarget) -> MagentoTarget:
    """A target on a shop that has our sources."""
    return ready(target)


@pytest.fixture
def quiet(shop: RunningShop) -> Iterator[RunningShop]:
    """The shop, without faults afterwards."""
    yield shop
    no_fault(shop)


def outcomes(receipts: dict[str, Receipt]) -> set[str]:
    return {receipt.outcome for receipt in receipts.values()}


class TestBatches:
    def test_a_full_batch_is_one_request(self, stocked: MagentoTarget, shop: RunningShop) -> None:
        changes = [level(f"S-{n:03}", float(n)) for n in range(stocked.batch_size(STOCK_LEVEL, 10_000))]
        assert len(changes) == FULL
        calls = stocked.client.http.calls
        receipts = deliver(stocked, *changes)
        assert stocked.client.http.calls - calls == 1
        assert (stocked.client.http.calls - calls) * 100 / len(changes) <= 1
        assert outcomes(receipts) == {"delivered"}
        assert {receipt.remote_id for receipt in receipts.values()} == {"ghent"}
        assert held(shop) == {f"S-{n:03}": (float(n), int(n > 0)) for n in range(FULL)}

    def test_even_the_first_one_of_a_process_stays_within_the_goal(
        self, make_target: Any, stocked: MagentoTarget
    ) -> None:
        fresh = make_target()
        changes = [level(f"S-{n:03}") for n in range(FULL)]
        assert fresh.preparations(STOCK_LEVEL, [line.record for line in changes]) == []
        assert outcomes(deliver(fresh, *changes)) == {"delivered"}
        assert fresh.client.http.calls * 100 / FULL <= 1

    def test_the_shops_own_limit_is_found_and_kept(self, stocked: MagentoTarget, shop: RunningShop) -> None:
        shop.state.settings.input_limiting = True
        shop.state.settings.sync_list_limit = 20
        assert outcomes(deliver(stocked, *(level(f"S-{n}") for n in range(110)))) == {"delivered"}
        assert stocked.batch_size(STOCK_LEVEL, 10_000) == 20
        assert len(held(shop)) == 110
        calls = stocked.client.http.calls
        deliver(stocked, *(level(f"S-{n}") for n in range(20)))
        assert stocked.client.http.calls - calls == 1

    def test_what_was_sent_is_in_the_receipt(self, stocked: MagentoTarget) -> None:
        receipt = deliver(stocked, level("S", 2.5))["GENT:S"]
        assert receipt.sent == {"sku": "S", "source_code": "ghent", "quantity": 2.5, "status": 1}

    def test_the_same_figure_goes_again_when_the_shop_moved_its_own(
        self, stocked: MagentoTarget, shop: RunningShop
    ) -> None:
        deliver(stocked, level("S", 7.0))
        shop.state.table("source_items").put(
            ("s", "ghent"), {"source_code": "ghent", "sku": "S", "quantity": 5.0, "status": 1}
        )
        assert read_back(stocked, level("S", 7.0)) == {"GENT:S": "transient"}
        deliver(stocked, level("S", 7.0))
        assert held(shop)["S"] == (7.0, 1)

    def test_an_unknown_sku_is_taken_like_any_other(self, stocked: MagentoTarget, shop: RunningShop) -> None:
        """A real Magento does that too, so the loader can't tell; the engine holds back a level whose product is not there."""
        assert STOCK_LEVEL.parent == "product"
        assert deliver(stocked, level("nobody-knows"))["GENT:nobody-knows"].outcome == "delivered"


class TestValues:
    @pytest.mark.parametrize(
        ("quantity", "stands"),
        [(0.1 + 0.2, 0.3), (2.5, 2.5), (7, 7.0), (0.0, 0.0), (99_999_999.9999, 99_999_999.9999), (1.23456, 1.2346)],
    )
    def test_quantities_arrive_exactly(
        self, stocked: MagentoTarget, shop: RunningShop, quantity: float, stands: float
    ) -> None:
        assert outcomes(deliver(stocked, level("S", quantity))) == {"delivered"}
        assert held(shop)["S"][0] == stands
        assert read_back(stocked, level("S", quantity)) == {"GENT:S": "delivered"}

    @pytest.mark.parametrize(
        "quantity", [-1.0, -0.0001, 99_999_999_999.0, 1e300, math.nan, math.inf, None, "", "veel", True, [1], {"a": 1}]
    )
    def test_what_magento_would_take_and_change_is_rejected(
        self, stocked: MagentoTarget, shop: RunningShop, quantity: Any
    ) -> None:
        receipts = deliver(stocked, level("BAD", quantity), level("GOOD"))
        assert {key: receipt.outcome for key, receipt in receipts.items()} == {
            "GENT:BAD": "rejected",
            "GENT:GOOD": "delivered",
        }
        assert "quantity" in receipts["GENT:BAD"].message
        assert set(held(shop)) == {"GOOD"}

    @pytest.mark.parametrize("sku", ODD_SKUS)
    def test_skus_of_any_kind_go_there_and_are_found_again(
        self, stocked: MagentoTarget, shop: RunningShop, sku: str
    ) -> None:
        changes = [level(sku, 3.0), level("PLAIN", 4.0), level(sku, 1.0, "ANT")]
        assert set(read_back(stocked, *changes).values()) == {"transient"}
        assert outcomes(deliver(stocked, *changes)) == {"delivered"}
        assert set(read_back(stocked, *changes).values()) == {"delivered"}
        assert read_all(stocked)[f"ANT:{sku}"] == {
            "location": "ANT",
            "sku": sku,
            "quantity": 1.0,
            "is_in_stock": True,
        }

    @pytest.mark.parametrize("sku", [" A", "A ", "", "x" * 65])
    def test_skus_that_magento_would_change_are_rejected(
        self, stocked: MagentoTarget, shop: RunningShop, sku: str
    ) -> None:
        receipts = deliver(stocked, level(sku), level("GOOD"))
        assert receipts[f"GENT:{sku}"].outcome == "rejected"
        assert set(held(shop)) == {"GOOD"}

    def test_letter_case_makes_no_other_sku(self, stocked: MagentoTarget) -> None:
        deliver(stocked, level("han-é-1", 3.0))
        assert read_back(stocked, level("HAN-E-1", 3.0)) == {"GENT:HAN-E-1": "delivered"}
        assert stocked.normalise_key("GENT:HAN-E-1") == stocked.normalise_key(next(iter(read_all(stocked))))

    def test_out_of_stock_is_what_the_record_says(self, stocked: MagentoTarget, shop: RunningShop) -> None:
        line = level("S", 4.0)
        line.record["is_in_stock"] = False
        deliver(stocked, line)
        assert held(shop)["S"] == (4.0, 0)
        assert read_back(stocked, line) == {"GENT:S": "delivered"}
        assert read_back(stocked, level("S", 4.0)) == {"GENT:S": "transient"}

    def test_a_location_that_nobody_configured_says_what_to_add_where(self, stocked: MagentoTarget) -> None:
        receipts = deliver(stocked, level("S", location="NOWHERE"), level("S"))
        assert receipts["GENT:S"].outcome == "delivered"
        assert receipts["NOWHERE:S"].outcome == "rejected"
        assert "[locations.NOWHERE]" in receipts["NOWHERE:S"].message
        assert "stock.toml" in receipts["NOWHERE:S"].message


class TestWithdrawing:
    def test_nothing_is_left_and_nothing_is_deleted(self, stocked: MagentoTarget, shop: RunningShop) -> None:
        deliver(stocked, level("S", 4.0))
        gone = level("S", kind="withdraw", remote_id="ghent")
        assert read_back(stocked, gone) == {"GENT:S": "transient"}
        assert deliver(stocked, gone)["GENT:S"].outcome == "delivered"
        assert held(shop) == {"S": (0.0, 0)}
        assert read_back(stocked, gone) == {"GENT:S": "delivered"}

    def test_a_location_that_left_the_configuration_is_emptied(
        self, stocked: MagentoTarget, shop: RunningShop, make_target: Any
    ) -> None:
        deliver(stocked, level("S", 4.0, "ANT"))
        path = stocked._shop.settings.root / "stock.toml"
        fresh = make_target()
        path.write_text(path.read_text().partition("[locations.ANT]")[0])
        assert deliver(fresh, level("S", 4.0, "ANT"))["ANT:S"].outcome == "rejected"
        deliver(fresh, level("S", location="ANT", kind="withdraw", remote_id="store_antwerp"))
        assert held(shop, "store_antwerp") == {"S": (0.0, 0)}

    def test_a_source_that_another_location_has_now_is_left_alone(
        self, stocked: MagentoTarget, shop: RunningShop
    ) -> None:
        deliver(stocked, level("S", 4.0))
        receipt = deliver(stocked, level("S", location="OLD", kind="withdraw", remote_id="ghent"))["OLD:S"]
        assert receipt.outcome == "delivered"
        assert "nothing was sent" in receipt.message
        assert held(shop) == {"S": (4.0, 1)}


class TestNarrowing:
    """A refusal names nobody: the call is halved until the bad row stands alone."""

    @pytest.mark.parametrize("place", [0, 137, 250, 499])
    @pytest.mark.parametrize("message", ["Could not save Source Item", "Something else is wrong"])
    def test_one_bad_row_among_500(self, stocked: MagentoTarget, shop: RunningShop, place: int, message: str) -> None:
        adapter = refuse(stocked, [f"S-{place}"], message=message)
        receipts = deliver(stocked, *(level(f"S-{n}") for n in range(FULL)))
        assert len(receipts) == FULL
        rejected = {key: receipt for key, receipt in receipts.items() if receipt.outcome != "delivered"}
        assert rejected.keys() == {f"GENT:S-{place}"}
        assert message in rejected[f"GENT:S-{place}"].message
        assert len(held(shop)) == FULL - 1
        assert adapter.sent <= 2 * math.ceil(math.log2(FULL)) + 2

    def test_where_all_before_it_is_fine_the_rest_need_not_be_asked_first(self, stocked: MagentoTarget) -> None:
        adapter = refuse(stocked, ["S-499"], message="Something else is wrong")
        deliver(stocked, *(level(f"S-{n}") for n in range(FULL)))
        assert adapter.sent <= math.ceil(math.log2(FULL)) + 2

    def test_a_row_at_which_the_shop_breaks_down_stays_unclear_and_the_others_arrive(
        self, stocked: MagentoTarget, shop: RunningShop
    ) -> None:
        bad = {f"S-{n}" for n in (*range(8), 300)}  # neighbours at the very front: the first calls all fail
        refuse(stocked, list(bad), status=500, message="Internal Error")
        receipts = deliver(stocked, *(level(f"S-{n}") for n in range(FULL)))
        assert len(receipts) == FULL
        unclear = {key for key, receipt in receipts.items() if receipt.outcome == "ambiguous"}
        assert unclear == {f"GENT:{sku}" for sku in bad}
        assert len(held(shop)) == FULL - len(bad)

    def test_a_shop_that_breaks_down_at_everything_is_left_alone(self, stocked: MagentoTarget) -> None:
        adapter = refuse(stocked, [f"S-{n}" for n in range(FULL)], status=500, message="Internal Error")
        with pytest.raises(TargetDown, match="in a row") as error:
            deliver(stocked, *(level(f"S-{n}") for n in range(FULL)))
        assert "log" in error.value.do
        assert adapter.sent <= 20

    def test_a_reason_that_passes_is_tried_once_more(self, stocked: MagentoTarget, shop: RunningShop) -> None:
        """What Magento says for an unknown source it also says when its database was busy for a moment."""
        adapter = refuse(stocked, [])
        adapter._refuses = lambda rows: adapter.sent < 2
        assert deliver(stocked, level("S"))["GENT:S"].outcome == "delivered"
        assert held(shop) == {"S": (5.0, 1)}

    def test_a_source_that_vanished_does_not_cost_a_call_per_row(
        self, stocked: MagentoTarget, shop: RunningShop
    ) -> None:
        shop.state.table("sources").delete("store_antwerp")
        calls = stocked.client.http.calls
        receipts = deliver(stocked, *(level(f"S-{n}", location=("GENT", "ANT")[n % 2]) for n in range(100)))
        assert stocked.client.http.calls - calls < 10
        assert {receipt.outcome for key, receipt in receipts.items() if key.startswith("ANT")} == {"rejected"}
        assert {receipt.outcome for key, receipt in receipts.items() if key.startswith("GENT")} == {"delivered"}
        assert "store_antwerp" in receipts["ANT:S-1"].message
        assert len(held(shop)) == 50

    @given(rows=st.lists(st.sampled_from(["good", "refused", "negative", "nowhere"]), max_size=60))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_mix_each_good_row_stands_and_each_bad_one_is_named(
        self, stocked: MagentoTarget, shop: RunningShop, rows: list[str]
    ) -> None:
        example = str(len(held(shop)))  # the shop keeps what earlier examples brought
        before = set(held(shop))
        skus = [f"{kind}-{example}-{place}" for place, kind in enumerate(rows)]
        refuse(stocked, [sku for sku in skus if sku.startswith("refused")])
        quantities, places = {"negative": -1.0}, {"nowhere": "NOWHERE"}
        changes = [
            level(sku, quantities.get(kind, 8.0), places.get(kind, "GENT"))
            for sku, kind in zip(skus, rows, strict=True)
        ]
        receipts = deliver(stocked, *changes)
        assert receipts.keys() == {line.key for line in changes}
        for line, kind in zip(changes, rows, strict=True):
            assert receipts[line.key].outcome == ("delivered" if kind == "good" else "rejected")
            assert kind == "good" or len(receipts[line.key].message) > 20
        assert set(held(shop)) - before == {sku for sku in skus if sku.startswith("good")}


class TestReadingBack:
    def test_a_batch_takes_few_requests(self, stocked: MagentoTarget) -> None:
        changes = [level(f"S-{n:03}", location=("GENT", "ANT")[n % 2]) for n in range(FULL)]
        deliver(stocked, *changes)
        calls = stocked.client.http.calls
        assert set(read_back(stocked, *changes).values()) == {"delivered"}
        assert stocked.client.http.calls - calls <= 4

    def test_the_same_skus_in_every_source_are_asked_for_together(self, stocked: MagentoTarget) -> None:
        changes = [level(f"S-{n:03}", location=location) for n in range(100) for location in ("GENT", "ANT")]
        deliver(stocked, *changes)
        calls = stocked.client.http.calls
        assert set(read_back(stocked, *changes).values()) == {"delivered"}
        assert stocked.client.http.calls - calls == 1

    def test_smaller_pages_of_the_shop_hide_nothing(self, stocked: MagentoTarget, shop: RunningShop) -> None:
        changes = [level(f"S-{n:03}") for n in range(30)]
        deliver(stocked, *changes)
        shop.state.settings.input_limiting = True
        shop.state.settings.page_size_limit = 7
        assert set(read_back(stocked, *changes).values()) == {"delivered"}
        assert len(read_all(stocked)) == 30

    def test_everything_page_by_page_and_nothing_of_other_sources(
        self, stocked: MagentoTarget, shop: RunningShop
    ) -> None:
        changes = [level(f"S-{n:03}", location=location) for location in ("GENT", "ANT") for n in range(350)]
        for part in (changes[:FULL], changes[FULL:]):
            deliver(stocked, *part)
        shop.state.table("source_items").put(
            ("other", "default"), {"source_code": "default", "sku": "OTHER", "quantity": 1.0, "status": 1}
        )
        pages = list(stocked.read_all(STOCK_LEVEL))
        assert max(map(len, pages)) <= 300
        keys = [key for page in pages for key, _ in page]
        assert sorted(keys) == sorted(line.key for line in changes)

    def test_what_comes_and_goes_meanwhile_hides_nothing_else(self, stocked: MagentoTarget, shop: RunningShop) -> None:
        deliver(stocked, *(level(f"S-{n:03}") for n in range(400)))
        pages = stocked.read_all(STOCK_LEVEL)
        seen = {key for key, _ in next(pages)}
        shop.state.table("source_items").delete(("s-000", "ghent"))
        deliver(stocked, level("A-NEW"))
        seen |= {key for page in pages for key, _ in page}
        assert {f"GENT:S-{n:03}" for n in range(400)} <= seen


class TestFaults:
    @pytest.mark.parametrize(
        "kind", ["error_before", "error_after", "reset_before", "reset_after", "rate_limit", "maintenance", "half_json",
                 "cut", "html", "empty"],
    )  # fmt: skip
    def test_a_passing_fault_is_got_over(self, stocked: MagentoTarget, quiet: RunningShop, kind: str) -> None:
        fault(quiet, kind, count=2)
        assert outcomes(deliver(stocked, *(level(f"S-{n}") for n in range(10)))) == {"delivered"}
        assert len(held(quiet)) == 10

    def test_a_time_out_after_the_work_was_done_is_unclear_and_settles(
        self, make_target: Any, quiet: RunningShop
    ) -> None:
        target = ready(make_target(read_seconds=0.2, retry_seconds=1))
        fault(quiet, "timeout_after", delay=1)
        changes = [level(f"S-{n}") for n in range(3)]
        assert outcomes(deliver(target, *changes)) == {"ambiguous"}
        no_fault(quiet)
        assert set(read_back(target, *changes).values()) == {"delivered"}

    def test_maintenance_that_lasts_ends_the_run_with_what_to_do(self, make_target: Any, quiet: RunningShop) -> None:
        target = ready(make_target(retry_seconds=2))
        fault(quiet, "maintenance")
        with pytest.raises(TargetDown, match="503") as error:
            deliver(target, level("S"))
        assert "Run again" in error.value.do
        assert held(quiet) == {}

    def test_a_dead_connection_ends_the_run(self, make_target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        target = ready(make_target(retry_seconds=1))
        http = target.client.http
        monkeypatch.setattr(http, "base_url", "http://127.0.0.1:9")
        with pytest.raises(TargetDown, match="no connection"):
            deliver(target, level("S"))

    def test_one_answer_in_three_spoilt_and_still_everything_arrives(
        self, make_target: Any, quiet: RunningShop
    ) -> None:
        target = ready(make_target(stock_records=7, read_seconds=0.2))
        kinds = ["error_before", "error_after", "reset_before", "reset_after", "rate_limit", "half_json", "cut", "html"]
        fault(quiet, kinds, probability=0.34, seed=7)  # type: ignore[arg-type]
        waiting = {line.key: line for line in (level(f"S-{n:02}", float(n)) for n in range(60))}
        for _ in range(5):
            answers = deliver(target, *waiting.values()) if waiting else {}
            assert "rejected" not in outcomes(answers)
            waiting = {key: line for key, line in waiting.items() if answers[key].outcome != "delivered"}
        assert not waiting
        assert held(quiet) == {f"S-{n:02}": (float(n), int(n > 0)) for n in range(60)}
