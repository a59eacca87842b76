"""Stock out of a real Tryton, compared with what Tryton itself reports at every step of an order and of a delivery."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from extractors import tryton_stock
from extractors.tryton_rpc import decode
from koppel.errors import ConfigError
from tests.extractors.tryton.company import WAREHOUSES, Company, day
from tests.extractors.tryton.conftest import MakeSource, rows_of

LOCATIONS = {code: code for code in WAREHOUSES}


def _levels(source: Any, **window: Any) -> dict[tuple[str, str], dict[str, Any]]:
    rows = rows_of(source, "stock_level", **window)
    levels = {(row["location"], row["sku"]): row for row in rows}
    assert len(levels) == len(rows)
    return levels


def _product(company: Company, sku: str, quantity: float = 0, **more: Any) -> None:
    """A new product, with so many received in Mechelen."""
    company.sell(company.template(sku.title(), sku, "5", **more))
    if quantity:
        company.done(company.move(sku, quantity, "SUP", "MECH/storage"))


def _figures(source: Any, sku: str) -> tuple[float, float, str | None]:
    """On hand, reserved, and taken for orders, in Mechelen."""
    row = _levels(source, keys=(sku,))["MECH", sku]
    return row["on_hand"], row["reserved"], row["taken_for_orders"]


def test_every_quantity_is_the_one_that_tryton_reports(company: Company, tryton_source: MakeSource) -> None:
    levels = _levels(tryton_source(locations=LOCATIONS), keys=tuple(company.skus))
    skus = [sku for sku in company.skus if sku.startswith("P-")]
    for place in WAREHOUSES:
        reported = company.quantities(place, skus)
        assert {sku: levels[place, sku]["on_hand"] for sku in skus} == reported
        assert len(set(reported.values())) > 1
    assert {row["modified_at"] for row in levels.values()} == {levels["MECH", "P-0001"]["modified_at"]}


def test_everything_is_each_product_at_each_warehouse(company: Company, tryton_source: MakeSource) -> None:
    goods = company.office.call("product.product", "search_count", [["type", "=", "goods"]], 0, None, active_test=False)
    rows = rows_of(tryton_source(page_rows=200), "stock_level")
    warehouses = {"WH", *WAREHOUSES}  # Tryton's own first one is there too
    assert {row["location"] for row in rows} == warehouses
    assert len(rows) == goods * len(warehouses)


def test_a_move_leaves_its_product_untouched_and_is_read_all_the_same(
    company: Company, tryton_source: MakeSource
) -> None:
    _product(company, "MOVED-1", 5)
    _product(company, "STILL-1", 5)
    office, ids = company.office, [company.skus["MOVED-1"]]
    [before] = office.call("product.product", "read", ids, ["write_date", "template.write_date"])
    sale = company.order("000000011", "MECH", MOVED_1=3)
    company.ship(sale, "assign_force", "pick", "pack", "do")
    [move] = office.find("stock.move", [["origin.sale", "=", sale, "sale.line"]])
    assert office.call("product.product", "read", ids, ["write_date", "template.write_date"]) == [before]
    [moved] = decode(office.call("stock.move", "read", [move], ["write_date"]))
    levels = _levels(tryton_source(locations=LOCATIONS), since=moved["write_date"])
    assert {sku for _, sku in levels} == {"MOVED-1"}
    assert {place: levels[place, "MOVED-1"]["on_hand"] for place in LOCATIONS} == {"MECH": 2, "GENT": 0, "LIEG": 0}
    assert levels["MECH", "MOVED-1"]["modified_at"] >= moved["write_date"]


def test_a_draft_that_was_never_changed_is_read_since_its_creation(company: Company, tryton_source: MakeSource) -> None:
    _product(company, "DRAFT-1", 5)
    [move] = company.draft(company.move("DRAFT-1", 2, "MECH/storage", "CUS"))
    [entered] = decode(company.office.call("stock.move", "read", [move], ["create_date"]))
    levels = _levels(tryton_source(locations=LOCATIONS), since=entered["create_date"])
    assert levels["MECH", "DRAFT-1"]["reserved"] == 2


def test_an_order_from_confirmation_to_shipment(company: Company, tryton_source: MakeSource) -> None:
    """Taken off once: first as reserved, then on hand; what was taken for the order stays told. Picking changes nothing."""
    _product(company, "ORDERED-1", 10)
    source = tryton_source(locations=LOCATIONS)
    assert _figures(source, "ORDERED-1") == (10, 0, None)
    sale = company.order("000000021", "MECH", ORDERED_1=3)
    assert _figures(source, "ORDERED-1") == (10, 3, "000000021=3")
    company.ship(sale, "assign_force", "pick")
    assert _figures(source, "ORDERED-1") == (10, 3, "000000021=3")
    company.ship(sale, "pack", "do")
    assert _figures(source, "ORDERED-1") == (7, 0, "000000021=3")
    assert company.quantities("MECH", ["ORDERED-1"]) == {"ORDERED-1": 7}


def test_a_cancelled_shipment_takes_nothing(company: Company, tryton_source: MakeSource) -> None:
    _product(company, "CANCELLED-1", 10)
    source = tryton_source(locations=LOCATIONS)
    company.ship(company.order("000000031", "MECH", CANCELLED_1=3), "cancel")
    company.order("000000032", "MECH", CANCELLED_1=1)
    assert _figures(source, "CANCELLED-1") == (10, 1, "000000032=1")


def test_reserved_may_mean_assigned_only(company: Company, tryton_source: MakeSource) -> None:
    """Then a waiting order takes nothing yet, neither here nor for the order: the two always go together."""
    _product(company, "WAITING-1", 10)
    sale = company.order("000000041", "MECH", WAITING_1=4)
    source = tryton_source(locations=LOCATIONS, reserved="assigned")
    assert _figures(source, "WAITING-1") == (10, 0, None)
    company.ship(sale, "assign_force", "pick", "pack")
    assert _figures(source, "WAITING-1") == (10, 4, "000000041=4")
    with pytest.raises(ConfigError, match="planned or assigned"):
        rows_of(tryton_source(reserved="sometimes"), "stock_level")


def test_a_reference_that_is_no_order_number_names_no_order(company: Company, tryton_source: MakeSource) -> None:
    _product(company, "PHONED-1", 10)
    company.order("by phone = 2", "MECH", PHONED_1=2)
    assert _figures(tryton_source(locations=LOCATIONS), "PHONED-1") == (10, 2, None)


def test_what_comes_in_and_when(company: Company, tryton_source: MakeSource) -> None:
    _product(company, "COMING-1")
    company.draft(
        company.move("COMING-1", 6, "SUP", "MECH/input", planned_date=day(2031, 5, 20)),
        company.move("COMING-1", 4, "SUP", "MECH/input", planned_date=day(2031, 5, 2)),
        company.move("COMING-1", 9, "CUS", "MECH/input"),  # sent back by a customer: perhaps
    )
    levels = _levels(tryton_source(locations=LOCATIONS), keys=("COMING-1",))
    coming = levels["MECH", "COMING-1"]
    assert (coming["on_hand"], coming["incoming"]) == (0, 10)
    assert coming["incoming_at"] == datetime(2031, 5, 2, tzinfo=UTC)
    assert levels["GENT", "COMING-1"]["incoming"] == 0


def test_between_two_warehouses_one_gives_and_the_other_expects(company: Company, tryton_source: MakeSource) -> None:
    _product(company, "MOVING-1", 8)
    company.draft(company.move("MOVING-1", 5, "MECH/storage", "GENT/storage"))
    levels = _levels(tryton_source(locations=LOCATIONS), keys=("MOVING-1",))
    assert (levels["MECH", "MOVING-1"]["reserved"], levels["MECH", "MOVING-1"]["incoming"]) == (5, 0)
    assert (levels["GENT", "MOVING-1"]["reserved"], levels["GENT", "MOVING-1"]["incoming"]) == (0, 5)


def test_cartons_and_metres(company: Company, tryton_source: MakeSource) -> None:
    pieces = company.office.call("product.uom", "read", [company.units["unit"]], ["category"])[0]["category"]
    dozen = {
        "name": "Dozen",
        "symbol": "doz",
        "category": pieces,
        "factor": 12.0,
        "rate": round(1 / 12, 12),
        "rounding": 1.0,
        "digits": 0,
    }
    [carton] = company.office.call("product.uom", "create", [dozen])
    metre = company.units["meter"]
    company.sell(
        company.template("Egg", "EGG-1", "5", default_uom=carton, sale_uom=carton),
        company.template("Rope", "ROPE-1", "5", default_uom=metre, sale_uom=metre),
    )
    company.done(
        company.move("EGG-1", 2, "SUP", "MECH/storage", unit=carton),
        company.move("ROPE-1", 12.75, "SUP", "MECH/storage", unit=metre),
    )
    company.order("000000051", "MECH", EGG_1=12)  # pieces: one carton
    levels = _levels(tryton_source(locations=LOCATIONS), keys=("EGG-1", "ROPE-1"))
    egg, rope = levels["MECH", "EGG-1"], levels["MECH", "ROPE-1"]
    assert (egg["on_hand"], egg["reserved"], egg["unit_size"], egg["sold_by_measure"]) == (2, 1, 12, False)
    assert egg["taken_for_orders"] == "000000051=12"
    assert (rope["on_hand"], rope["unit_size"], rope["sold_by_measure"]) == (12.75, 1, True)


def test_more_gone_than_was_there_is_told_as_it_is(company: Company, tryton_source: MakeSource) -> None:
    _product(company, "BELOW-1", 1)
    company.ship(company.order("000000071", "MECH", BELOW_1=4), "assign_force", "pick", "pack", "do")
    assert _figures(tryton_source(locations=LOCATIONS), "BELOW-1")[0] == -3


@pytest.mark.parametrize("step", [1, 2, 3])
def test_what_ships_while_it_is_read_counts_once(company: Company, tryton_source: MakeSource, step: int) -> None:
    """Each call is a transaction of its own. A shipment between any two of them must not be on hand and no longer reserved."""
    sku, reference = f"RUSH-{step}", f"00000006{step}"
    _product(company, sku, 10)
    sale = company.order(reference, "MECH", **{sku.replace("-", "_"): 4})
    company.ship(sale, "assign_force", "pick", "pack")
    source = tryton_source(own=True, locations=LOCATIONS)
    plain, calls = source.tryton.call, []

    def busy(model: str, method: str, *values: Any, **context: Any) -> Any:
        is_of_stock = model == "stock.move" and values and ["product", "in", [company.skus[sku]]] in values[0]
        if is_of_stock or context.get("locations"):
            calls.append(model)
            if len(calls) == step + 1:
                company.ship(sale, "do")
        return plain(model, method, *values, **context)

    source.tryton.call = busy  # type: ignore[method-assign]
    assert _figures(source, sku) == (6, 0, f"{reference}=4")
    assert len(calls) > step


def test_what_never_stands_still_is_rather_too_low(
    company: Company, tryton_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tryton_stock, "_MOST_READINGS", 2)
    _product(company, "WILD-1", 100)
    source = tryton_source(own=True, locations={"MECH": "MECH"})
    plain, sales = source.tryton.call, [company.order(f"90000{number}", "MECH", WILD_1=2) for number in range(2)]

    def wild(model: str, method: str, *values: Any, **context: Any) -> Any:
        if context.get("locations"):
            company.ship(sales.pop(), "assign_force", "pick", "pack", "do")
        return plain(model, method, *values, **context)

    source.tryton.call = wild  # type: ignore[method-assign]
    on_hand, reserved, _ = _figures(source, "WILD-1")
    assert on_hand - reserved <= 100 - 4


def test_locations_by_code_or_name_and_a_wrong_one_is_told(company: Company, tryton_source: MakeSource) -> None:
    named = tryton_source(locations={"Walloon": "Liège", "MAIN": "MECH"})
    assert {row["location"] for row in rows_of(named, "stock_level", keys=("P-0001",))} == {"Walloon", "MAIN"}
    for wrong, words in (
        ({"X": "NOWHERE"}, "no locations 'NOWHERE'; there are .*GENT.*MECH"),
        ({"A": "MECH", "B": "MECH/storage"}, "lies inside"),
        ({"A:B": "MECH"}, "colon"),
    ):
        with pytest.raises(ConfigError, match=words):
            rows_of(tryton_source(locations=wrong), "stock_level")


def test_a_location_is_heard_of_when_its_server_answers(tryton_source: MakeSource) -> None:
    rows = rows_of(tryton_source(locations=LOCATIONS), "stock_location")
    assert {row["location"] for row in rows} == set(LOCATIONS)
    assert all(datetime.now(UTC) - row["heard_at"] < timedelta(minutes=1) for row in rows)
    assert [row["location"] for row in rows_of(tryton_source(), "stock_location", keys=("GENT",))] == ["GENT"]


def test_a_new_product_has_stock_of_nothing(company: Company, tryton_source: MakeSource) -> None:
    _product(company, "UNMOVED-1")
    [entered] = decode(company.office.call("product.product", "read", [company.skus["UNMOVED-1"]], ["create_date"]))
    levels = _levels(tryton_source(locations=LOCATIONS), since=entered["create_date"])
    assert {place: levels[place, "UNMOVED-1"]["on_hand"] for place in LOCATIONS} == dict.fromkeys(LOCATIONS, 0)
