"""What orders make of the figures: nothing is deducted twice, nothing by neither, and nonsense never raises or offers more."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koppel.order_balance import Balance, OrderLine, Shelf, balance, exploded

SOURCES = {"ghent": "GENT", "antwerp": "ANT"}
LOCATIONS = ("GENT", "ANT")


def of(lines: list[OrderLine], *shelves: Shelf, **more: object) -> dict[tuple[str, str], Balance]:
    return balance(lines, shelves, **{"locations": LOCATIONS, "sources": SOURCES, **more})  # type: ignore[arg-type]


def amounts(found: dict[tuple[str, str], Balance]) -> dict[str, tuple[float, float]]:
    return {location: (known.taken, known.claimed) for (location, _), known in found.items()}


@pytest.mark.parametrize(
    ("line", "taken_off", "taken", "claimed"),
    [
        ({"ordered": 2}, 0, 0, 0),  # placed
        ({"ordered": 2}, 2, 2, 0),  # imported, picked, or shipped in the ERP
        ({"ordered": 2}, 1, 1, 0),  # there was only one to reserve
        ({"ordered": 2, "shipped": 2}, 2, 0, 0),  # shipped in both
        ({"ordered": 2, "shipped": 2}, 0, 0, 2),  # shipped in the shop, before the ERP knew of it
        ({"ordered": 3, "shipped": 1}, 3, 2, 0),  # shipped in part
        ({"ordered": 3, "shipped": 2}, 1, 0, 1),
        ({"ordered": 2, "cancelled": 2}, 2, 0, 0),  # cancelled, the ERP does not know yet
        ({"ordered": 2, "cancelled": 1}, 2, 1, 0),
        ({"ordered": 2, "refunded": 2}, 2, 0, 0),  # refunded before shipment
        ({"ordered": 2, "shipped": 2, "refunded": 1}, 2, 0, 0),  # returned
        ({"ordered": 2, "state": "closed"}, 2, 0, 0),  # the shop waits for nothing any more
    ],
)
def test_one_order(line: dict[str, float], taken_off: float, taken: float, claimed: float) -> None:
    found = of([OrderLine("12", "A", **line)], Shelf("GENT", "A", 5, {"12": taken_off}))  # type: ignore[arg-type]
    assert amounts(found) == {"GENT": (taken, claimed)}
    assert found["GENT", "A"].pending == max(OrderLine("12", "A", **line).open - taken, 0)  # type: ignore[arg-type]


def test_an_order_that_the_shop_has_settled_long_ago_changes_nothing() -> None:
    assert of([], Shelf("GENT", "A", 5, {"1": 2})) == {("GENT", "A"): Balance()}


def test_lines_of_one_order_are_added_up_and_orders_are_not_mixed() -> None:
    lines = [OrderLine("12", "A", 1), OrderLine("12", "A", 2), OrderLine("13", "A", 4)]
    found = of(lines, Shelf("GENT", "A", 5, {"12": 3, "14": 9}))
    assert amounts(found) == {"GENT": (3, 0)}
    assert found["GENT", "A"].orders == "12=3"


@pytest.mark.parametrize("written", ["tel-0012", "TEL-0012", "Tel-0012"])
def test_the_shop_writes_a_sku_as_it_likes(written: str) -> None:
    found = of([OrderLine("12", written, 2)], Shelf("GENT", "TEL-0012", 5, {"12": 2}))
    assert amounts(found) == {"GENT": (2, 0)}


def test_the_form_in_which_skus_are_compared_is_given() -> None:
    found = of(
        [OrderLine("12", "CAFE", 2)],
        Shelf("GENT", "café", 5, {"12": 2}),
        same=lambda sku: sku.lower().replace("é", "e"),
    )
    assert amounts(found) == {"GENT": (2, 0)}


def test_taken_stands_where_the_erp_took_it() -> None:
    found = of([OrderLine("12", "A", 4)], Shelf("ANT", "A", 0, {"12": 3}), Shelf("GENT", "A", 5, {"12": 1}))
    assert amounts(found) == {"GENT": (1, 0), "ANT": (3, 0)}


def test_claimed_stands_where_the_shop_shipped_from() -> None:
    line = OrderLine("12", "A", 4, shipped=3, shipped_from={"antwerp": 2, "ghent": 1})
    assert amounts(of([line], Shelf("GENT", "A", 5), Shelf("ANT", "A", 5))) == {"GENT": (0, 1), "ANT": (0, 2)}


@pytest.mark.parametrize("source", [{}, {"nowhere": 3}])
def test_what_left_from_nobody_knows_where_is_taken_from_the_first_that_have_it(source: dict[str, float]) -> None:
    line = OrderLine("12", "A", 4, shipped=3, shipped_from=source)
    shelves = Shelf("ANT", "A", 5), Shelf("GENT", "A", 2), Shelf("LIEG", "A", 5)
    assert amounts(of([line], *shelves)) == {"GENT": (0, 2), "ANT": (0, 1), "LIEG": (0, 0)}


def test_what_nobody_has_is_missing_at_the_first_location() -> None:
    line = OrderLine("12", "A", 9, shipped=9)
    assert amounts(of([line], Shelf("ANT", "A", 2), Shelf("GENT", "A", 3))) == {"GENT": (0, 7), "ANT": (0, 2)}


def test_goods_that_left_elsewhere_than_the_erp_took_them_off_are_the_same_goods() -> None:
    line = OrderLine("12", "A", 2, shipped=2, shipped_from={"antwerp": 2})
    assert amounts(of([line], Shelf("GENT", "A", 3, {"12": 2}), Shelf("ANT", "A", 4))) == {
        "GENT": (0, 0),
        "ANT": (0, 0),
    }


def test_where_the_place_is_disputed_the_lower_reading_counts() -> None:
    """GENT has nothing left beyond what it keeps back: when the goods left ANT, one less can be sold than the ERP's books say."""
    line = OrderLine("12", "A", 2, shipped=2, shipped_from={"antwerp": 2})
    assert amounts(of([line], Shelf("GENT", "A", -1, {"12": 2}), Shelf("ANT", "A", 4))) == {
        "GENT": (0, 0),
        "ANT": (0, 1),
    }


def test_a_location_counts_whether_the_settings_name_it_or_not() -> None:
    line = OrderLine("12", "A", 4, shipped=4)
    assert amounts(of([line], Shelf("OTHER", "A", 5), Shelf("GENT", "A", 3))) == {"GENT": (0, 3), "OTHER": (0, 1)}


# --- what the shop moved itself -----------------------------------------------------------------------------------------


def moves(*lines: OrderLine, **more: object) -> dict[str, str]:
    found = of(list(lines), Shelf("GENT", "A", 5), Shelf("ANT", "A", 5), **more)
    return {location: known.moves for (location, _), known in found.items()}


def test_moves_name_what_the_shop_took_off_its_own_figure_and_where() -> None:
    shipped = OrderLine("12", "A", 3, shipped=2, refunded=1, shipped_from={"ghent": 2})
    assert moves(shipped, OrderLine("13", "A", 3), OrderLine("14", "A", 3, refunded=1)) == {"GENT": "12:2/1", "ANT": ""}


def test_moves_change_with_every_shipment_and_return() -> None:
    told = [
        moves(OrderLine("12", "A", 4, shipped=shipped, refunded=refunded, shipped_from={"ghent": shipped}))["GENT"]
        for shipped, refunded in ((0, 0), (1, 0), (2, 0), (2, 1), (2, 2))
    ]
    assert len(set(told)) == len(told)


def test_a_shipment_from_nobody_knows_where_is_a_move_everywhere() -> None:
    assert moves(OrderLine("12", "A", 3, shipped=2, shipped_from={"ghent": 1})) == {"GENT": "12:2/0", "ANT": "12:2/0"}


def test_a_shop_that_reserves_nothing_takes_off_what_is_placed() -> None:
    lines = [OrderLine("12", "A", 3), OrderLine("13", "A", 2, shipped=1)]
    found = of(lines, Shelf("GENT", "A", 4, {"12": 2}), reserves=False)
    assert amounts(found) == {"GENT": (0, 3)}
    assert found["GENT", "A"].moves == "12:3/0 13:2/0"


# --- sets ---------------------------------------------------------------------------------------------------------------

KITS = {"SET": {"CUP": 2, "POT": 1}}


def parts(found: dict[tuple[str, str], Balance]) -> dict[str, tuple[float, float]]:
    return {sku: (known.taken, known.claimed) for (_, sku), known in found.items()}


@pytest.mark.parametrize(
    ("line", "taken_off", "cup", "pot", "whole"),
    [
        ({"ordered": 2}, {}, (0, 4), (0, 2), (2, 0)),
        ({"ordered": 2}, {"CUP": 4, "POT": 2}, (0, 0), (0, 0), (2, 0)),
        ({"ordered": 2}, {"CUP": 3}, (0, 1), (0, 2), (2, 0)),
        ({"ordered": 2, "shipped": 1}, {"CUP": 4, "POT": 2}, (0, 0), (0, 0), (1, 0)),
        ({"ordered": 2, "shipped": 2}, {}, (0, 4), (0, 2), (0, 0)),
        ({"ordered": 2, "cancelled": 2}, {"CUP": 4, "POT": 2}, (0, 0), (0, 0), (0, 0)),
    ],
)
def test_a_set_claims_what_is_in_it(
    line: dict[str, float], taken_off: dict[str, float], cup: object, pot: object, whole: object
) -> None:
    shelves = [Shelf("GENT", sku, 9, {"12": taken_off.get(sku, 0)}) for sku in ("CUP", "POT")]
    found = of([OrderLine("12", "SET", **line)], *shelves, Shelf("GENT", "SET"), kits=KITS)  # type: ignore[arg-type]
    assert parts(found) == {"CUP": cup, "POT": pot, "SET": whole}


def test_a_set_and_what_is_in_it_in_one_order() -> None:
    lines = [OrderLine("12", "SET", 1), OrderLine("12", "CUP", 3)]
    found = of(lines, Shelf("GENT", "CUP", 9, {"12": 4}), Shelf("GENT", "SET"), kits=KITS)
    assert parts(found) == {"CUP": (2, 0), "SET": (1, 0)}
    assert found["GENT", "CUP"].pending == 1


def test_orders_of_a_thing_that_nobody_took_off_are_not_there_for_sets() -> None:
    found = of(
        [OrderLine("12", "CUP", 3)], Shelf("GENT", "CUP", 2), Shelf("ANT", "CUP", 9), Shelf("GENT", "SET"), kits=KITS
    )
    assert {location: known.pending for (location, sku), known in found.items() if sku == "CUP"} == {
        "GENT": 2,
        "ANT": 1,
    }


def test_open_sets_stand_where_the_erp_put_their_parts_aside() -> None:
    shelves = [
        Shelf("ANT", "CUP", 0, {"12": 5}),
        Shelf("ANT", "POT", 0, {"12": 9}),
        Shelf("ANT", "SET"),
        Shelf("GENT", "SET"),
    ]
    found = of([OrderLine("12", "SET", 3)], *shelves, kits=KITS)
    assert (found["ANT", "SET"].taken, found["GENT", "SET"].taken) == (2, 1)


def test_sets_of_sets_are_taken_apart() -> None:
    done, wrong = exploded({"BIG": {"SET": 2, "CUP": 1}, "SET": {"CUP": 2, "POT": 1}})
    assert done == {"BIG": {"CUP": 5, "POT": 2}, "SET": {"CUP": 2, "POT": 1}}
    assert wrong == {}


def test_sets_that_make_no_sense_are_named() -> None:
    kits = {"A": {"B": 1}, "B": {"A": 1}, "C": {}, "D": {"X": 0}, "E": {"X": math.nan}, "F": {"X": 1}}
    done, wrong = exploded(kits)
    assert done == {"F": {"X": 1}}
    assert "The set A holds itself: A in B in A." in wrong["A"]
    assert set(wrong) == {"A", "B", "C", "D", "E"}


def test_sets_without_end_are_named_too() -> None:
    chain = {f"S{number}": {f"S{number + 1}": 1.0, f"T{number + 1}": 1.0} for number in range(3000)}
    _, wrong = exploded(chain)
    assert "more than 8 deep" in wrong["S0"]
    assert "S2999" not in wrong


# --- whatever comes -----------------------------------------------------------------------------------------------------

WILD = st.floats() | st.integers(-3, 12) | st.just(10**300)
LINE = st.builds(
    OrderLine, st.sampled_from(["1", "2", ""]), st.sampled_from(["A", "a", "CUP", "SET", ""]), WILD, WILD, WILD, WILD,
    st.dictionaries(st.sampled_from(["ghent", "antwerp", "?"]), WILD), st.sampled_from(["", "processing", "CLOSED"]),
)  # fmt: skip
SHELF = st.builds(
    Shelf, st.sampled_from(["GENT", "ANT", "X"]), st.sampled_from(["A", "CUP", "POT", "SET"]),
    st.integers(-5, 9) | st.just(-math.inf),
    st.dictionaries(st.sampled_from(["1", "2", "3"]), WILD),
)  # fmt: skip


@given(st.lists(LINE, max_size=5), st.lists(SHELF, max_size=6))
@settings(max_examples=300, deadline=None)
def test_nonsense_neither_raises_nor_makes_an_amount_that_is_none(lines: list[OrderLine], shelves: list[Shelf]) -> None:
    found = of(lines, *shelves, kits=KITS)
    assert set(found) == {(shelf.location, shelf.sku) for shelf in shelves}
    for known in found.values():
        assert all(0 <= amount < math.inf for amount in (known.taken, known.claimed, known.pending))


@given(st.lists(LINE, max_size=5), st.integers(0, 12), st.integers(0, 12))
@settings(max_examples=200, deadline=None)
def test_at_one_location_it_is_the_formula_of_the_docs(lines: list[OrderLine], first: int, second: int) -> None:
    lines = [line for line in lines if line.sku in {"A", "a"}]
    taken = claimed = 0.0
    for order, off in (("1", first), ("2", second)):
        mine = [line for line in lines if line.order_number == order]
        shipped = sum(line.shipped for line in mine if 0 < line.shipped <= 1e9)
        taken += min(max(off - shipped, 0), sum(line.open for line in mine))
        claimed += max(shipped - off, 0)
    claimed += sum(line.shipped for line in lines if line.order_number == "" and 0 < line.shipped <= 1e9)
    known = of(lines, Shelf("GENT", "A", 5, {"1": first, "2": second}))["GENT", "A"]
    assert known.taken == pytest.approx(taken)
    assert known.claimed == pytest.approx(claimed)
