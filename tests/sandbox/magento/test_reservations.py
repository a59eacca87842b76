"""What orders do to the stock: reserve, take, give back; and what a figure of the ERP does to that."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.magento import reservations, sandbox_orders, source_items
from sandbox.magento.context import Context
from sandbox.magento.errors import MagentoError
from sandbox.magento.product_save import save
from sandbox.magento.state import Settings, State

STOCK = 2
SOURCES = ("ghent", "antwerp")


@pytest.fixture
def shop(two_sources):
    two_sources.push(("i", "ghent", 5), ("i", "antwerp", 2))
    return two_sources


def test_an_order_reserves_and_its_shipment_takes(shop):
    order = shop.buy(("i", 3))
    assert (shop.salable("i"), shop.in_sources("i")) == (4, {"ghent": (5, 1), "antwerp": (2, 1)})
    shop.act(order, "invoice")
    assert shop.salable("i") == 4
    shop.act(order, "ship", source="ghent")
    assert (shop.salable("i"), shop.in_sources("i")) == (4, {"ghent": (2, 1), "antwerp": (2, 1)})


def test_a_figure_that_the_erp_lowered_already_counts_twice_until_the_shipment(shop):
    order = shop.buy(("i", 3))
    shop.push(("i", "ghent", 2))
    assert shop.salable("i") == 1
    shop.act(order, "ship", source="antwerp", qty=2)
    shop.act(order, "ship", source="ghent", qty=1)
    assert (shop.salable("i"), shop.in_sources("i")) == (1, {"ghent": (1, 1), "antwerp": (0, 0)})


def test_salable_never_falls_below_nothing_and_pays_its_debt_first(shop):
    shop.buy(("i", 7))
    shop.push(("i", "ghent", 1), ("i", "antwerp", 0))
    assert shop.salable("i") == 0
    shop.push(("i", "ghent", 8))
    assert shop.salable("i") == 1


def test_a_source_that_is_shipped_empty_is_out_of_stock(shop):
    shop.act(shop.buy(("i", 2)), "ship", source="antwerp")
    assert shop.in_sources("i") == {"ghent": (5, 1), "antwerp": (0, 0)}


@pytest.mark.parametrize("source", ["default", "nowhere", "antwerp"])
def test_a_wrong_or_too_poor_source_is_the_same_refusal_and_nothing_moves(shop, source):
    order = shop.buy(("i", 3))
    refused = shop.act(order, "ship", source=source)
    assert refused == {"error": "Could not save a shipment, see error log for details"}
    assert (shop.salable("i"), shop.in_sources("i")) == (4, {"ghent": (5, 1), "antwerp": (2, 1)})


def test_one_line_that_is_not_there_stops_the_whole_shipment(shop):
    shop.post_product("j")
    shop.push(("j", "ghent", 1))
    order = shop.buy(("i", 2), ("j", 1))
    shop.push(("j", "ghent", 0))
    assert "error" in shop.act(order, "ship", source="ghent")
    assert (shop.salable("i"), shop.in_sources("i")["ghent"]) == (5, (5, 1))


def test_what_comes_back_goes_to_the_source_that_sent_it(shop):
    order = shop.buy(("i", 4))
    shop.act(order, "invoice")
    shop.act(order, "ship", source="antwerp", qty=1)
    shop.act(order, "ship", source="ghent")
    shop.act(order, "refund", return_to_stock=True, qty=3)
    assert shop.in_sources("i") == {"antwerp": (2, 1), "ghent": (4, 1)}
    assert shop.salable("i") == 6


def test_what_is_refunded_before_it_left_is_free_again_when_it_goes_back_to_stock(shop):
    order = shop.buy(("i", 4))
    shop.act(order, "invoice")
    shop.act(order, "refund", return_to_stock=True)
    assert (shop.salable("i"), shop.in_sources("i")) == (7, {"ghent": (5, 1), "antwerp": (2, 1)})


def test_what_is_refunded_before_it_left_is_written_off_when_it_does_not(shop):
    order = shop.buy(("i", 6))
    shop.act(order, "invoice")
    shop.act(order, "refund")
    assert (shop.salable("i"), shop.in_sources("i")) == (1, {"ghent": (0, 0), "antwerp": (1, 1)})


def test_a_product_whose_stock_is_not_counted_is_sold_without_any(shop):
    item = {"manage_stock": False, "use_config_manage_stock": False}
    shop.call("PUT", "/V1/products/i/stockItems/1", {"stockItem": item})
    order = shop.buy(("i", 50))
    assert shop.act(order, "ship", source="ghent")["state"] == "processing"
    assert shop.in_sources("i") == {"ghent": (5, 1), "antwerp": (2, 1)}


def test_back_orders_sell_beyond_the_stock_and_the_debt_is_kept(shop):
    item = {"backorders": 1, "use_config_backorders": False}
    shop.call("PUT", "/V1/products/i/stockItems/1", {"stockItem": item})
    assert shop.buy(("i", 9))["state"] == "new"
    assert shop.salable("i") == 0
    shop.push(("i", "ghent", 10))
    assert shop.salable("i") == 3


def test_a_threshold_is_kept_back(shop):
    shop.call("PUT", "/V1/products/i/stockItems/1", {"stockItem": {"min_qty": 2, "use_config_min_qty": False}})
    assert shop.salable("i") == 5
    assert "error" in shop.buy(("i", 6))


def test_the_default_source_and_the_old_stock_item_stay_equal(client):
    client.post_product("i")
    client.push(("i", "default", 5))
    client.act(client.buy(("i", 2)), "ship")
    item = client.call("GET", "/V1/stockItems/i").json()
    assert (item["qty"], item["is_in_stock"], client.salable("i", stock=1)) == (3, True, 3)


def test_a_source_that_is_switched_off_counts_until_the_index_is_renewed(shop):
    ghent = {"name": "Gent", "country_id": "BE", "postcode": "9000", "enabled": False}
    shop.call("PUT", "/V1/inventory/sources/ghent", {"source": ghent})
    assert shop.salable("i") == 7
    shop.control("reindex")
    assert shop.salable("i") == 2


@pytest.mark.parametrize("mend", ["push", "reindex"])
def test_an_emptied_source_can_hide_the_rest_as_a_real_shop_was_seen_to_do(shop, mend):
    shop.shop.state.settings.emptied_source_hides_stock = True
    shop.act(shop.buy(("i", 2)), "ship", source="antwerp")
    assert shop.salable("i") == 0
    assert "not available" in shop.buy(("i", 1))["error"]
    if mend == "push":
        shop.push(("i", "ghent", 5))
    else:
        shop.control("reindex")
    assert shop.salable("i") == 5


def test_an_order_of_a_product_that_was_deleted_can_still_be_worked_off(shop):
    order = shop.buy(("i", 2))
    shop.call("DELETE", "/V1/products/i")
    assert shop.act(order, "ship", source="ghent", qty=1)["items"][0]["shipped"] == 1
    assert shop.act(order, "cancel")["done"] is True
    assert shop.in_sources("i")["ghent"] == (4, 1)


def test_decimals_do_not_leave_crumbs(shop):
    shop.call("PUT", "/V1/products/i/stockItems/1", {"stockItem": {"is_qty_decimal": True}})
    orders = [shop.buy(("i", 0.1)) for _ in range(3)]
    assert shop.salable("i") == 6.7
    for order in orders:
        shop.act(order, "cancel")
    assert len(shop.shop.state.table("reservations")) == 0


@dataclass
class Expected:
    """The stock as plain arithmetic: what lies where, and what each order still waits for."""

    lying: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SOURCES, 0.0))
    waiting: dict[int, float] = field(default_factory=dict)

    @property
    def salable(self) -> float:
        return max(0.0, sum(self.lying.values()) - sum(self.waiting.values()))


QUANTITY, ORDER = st.integers(1, 6), st.integers(0, 5)
STEP = st.one_of(
    st.tuples(st.just("push"), st.sampled_from(SOURCES), st.integers(0, 12)),
    st.tuples(st.just("buy"), QUANTITY, st.just(0)),
    st.tuples(st.just("ship"), st.tuples(ORDER, st.sampled_from(SOURCES)), QUANTITY),
    st.tuples(st.just("cancel"), ORDER, st.just(0)),
)


def control(state, number, **body):
    """What the control does, without HTTP: true when the shop did it."""
    try:
        done = sandbox_orders.work_off(state, state.table("orders")[number], body)
    except MagentoError:
        return False
    return bool(done["done"])


def follow(state, expected, step):
    """One step in the shop and in the arithmetic."""
    kind, what, quantity = step
    orders = sorted(expected.waiting)
    if kind == "push":
        source_items.put(state, "i", what, quantity, 1)
        expected.lying[what] = quantity
    elif kind == "buy":
        may = what <= expected.salable
        try:
            order = sandbox_orders.buy(state, [("I", what)])
            expected.waiting[order["entity_id"]] = what
        except MagentoError:
            assert not may
        else:
            assert may
    elif orders and kind == "ship":
        number, source = orders[what[0] % len(orders)], what[1]
        leaves = min(quantity, expected.waiting[number])
        done = control(state, number, do="ship", source=source, qty=quantity)
        assert done == (0 < leaves <= expected.lying[source])
        if done:
            expected.lying[source] -= leaves
            expected.waiting[number] -= leaves
    elif orders and kind == "cancel":
        number = orders[what % len(orders)]
        if control(state, number, do="cancel"):
            expected.waiting[number] = 0


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=25))
def test_whatever_happens_the_shop_sells_what_lies_there_less_what_waits(steps):
    state, expected = State(None, Settings(several_sources=True)), Expected()
    with state.database.transaction():
        save(Context(state), {"sku": "i", "name": "Schop", "price": 1, "attribute_set_id": 4, "type_id": "simple"})
    record = state.table("products")[1]
    for step in steps:
        follow(state, expected, step)
        assert source_items.salable(state, record, STOCK) == expected.salable
        assert reservations.held(state, STOCK, "i") == -sum(expected.waiting.values())
        assert {item["source_code"]: item["quantity"] for item in source_items.of_product(state, "i")} == {
            "default": 0, **{code: held for code, held in expected.lying.items() if (("i", code) in state.table("source_items"))},
        }  # fmt: skip
