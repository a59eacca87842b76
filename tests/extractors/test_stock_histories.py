"""Any history of shop and ERP, read in rounds of which some fail: once it is quiet, the rounds together say what one look says."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.stock_orders import fold
from koppel.entities import ORDER_LINE, STOCK_LEVEL
from koppel.order_balance import OrderLine, Shelf, balance
from koppel.order_texts import parse, told
from tests.extractors.stock_company import Company, figures, now

SKUS = ("A", "b", "CUP", "SET")
PLACES = ("MECH", "GENT", "ANT")
SOURCES = {"MECH": "mechelen", "GENT": "ghent", "ANT": "store_antwerp"}

EVENTS = st.one_of(
    st.tuples(st.just("count"), st.sampled_from(PLACES), st.sampled_from(SKUS[:3]), st.integers(0, 9)),
    st.tuples(st.just("order"), st.sampled_from("12"), st.sampled_from(SKUS), st.integers(1, 4)),
    st.tuples(st.just("import"), st.sampled_from("12"), st.sampled_from(PLACES), st.integers(1, 3)),
    st.tuples(st.just("sell"), st.sampled_from("12"), st.sampled_from(PLACES), st.integers(1, 3)),
    st.tuples(st.just("ship"), st.sampled_from("12"), st.sampled_from(PLACES), st.integers(1, 3)),
    st.tuples(st.just("cancel"), st.sampled_from("12"), st.just(""), st.just(0)),
)
Event = tuple[str, str, str, int]


class History:
    """A company whose shop and ERP move one second with each event."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self._at = now() - timedelta(minutes=20)
        self.orders: dict[tuple[str, str], dict[str, Any]] = {}
        self.taken: dict[tuple[str, str], dict[str, float]] = {}
        self.counts: dict[tuple[str, str], float] = {}
        company.kit("SET", CUP=2)
        for place in PLACES:
            for sku in SKUS[:3]:
                self.happen(("count", place, sku, 5))

    def happen(self, event: Event) -> None:
        self._at += timedelta(seconds=1)
        what, first, second, pieces = event
        if what == "count":
            self._count(first, second, pieces)
        elif what == "order":
            self.orders.setdefault(
                (first, second), {"ordered": 0.0, "shipped": 0.0, "cancelled": 0.0, "shipped_from": {}}
            )
            self.orders[first, second]["ordered"] += pieces
            self._tell(first)
        else:
            getattr(self, f"_{what}")(first, second, pieces)

    def _count(self, place: str, sku: str, pieces: float) -> None:
        self.counts[place, sku] = pieces
        taken = told(self.taken.get((place, sku), {}))
        self.company.count(place, sku, pieces, at=self._at, taken_for_orders=taken or None)

    def _import(self, number: str, place: str, pieces: int) -> None:
        for order, sku in self.orders:
            goods, times = ("CUP", 2) if sku == "SET" else (sku, 1)
            if order == number:
                taken = self.taken.setdefault((place, goods), {})
                taken[number] = taken.get(number, 0.0) + pieces * times
                self._count(place, goods, max(self.counts[place, goods] - pieces * times, 0))

    def _sell(self, number: str, place: str, pieces: int) -> None:
        """Ordered and shipped at once; the ERP hears of it later, or never."""
        self.happen(("order", number, "A", pieces))
        self._ship(number, place, pieces)

    def _ship(self, number: str, place: str, pieces: int) -> None:
        for (order, _), line in self.orders.items():
            left = line["ordered"] - line["shipped"] - line["cancelled"]
            if order == number and left > 0:
                gone, source = min(left, pieces), SOURCES[place]
                line["shipped"] += gone
                line["shipped_from"][source] = line["shipped_from"].get(source, 0) + gone
        self._tell(number)

    def _cancel(self, number: str, *_: object) -> None:
        for (order, _), line in self.orders.items():
            if order == number:
                line["cancelled"] = line["ordered"] - line["shipped"]
        self._tell(number)

    def _tell(self, number: str) -> None:
        for (order, sku), line in self.orders.items():
            if order == number:
                values = line | {"shipped_from": told(line["shipped_from"])}
                self.company.order(number, sku, at=self._at, **values)

    def expected(self) -> dict[tuple[str, str], tuple[float, float]]:
        """Taken and claimed as the balance has them for everything at once."""
        lines = [
            OrderLine(row["order_number"], row["sku"], row["ordered"], row["shipped"], row["cancelled"],
                      shipped_from=parse(row["shipped_from"]).amounts, state=row["state"])
            for row in self.company.shop.rows[ORDER_LINE.name]
        ]  # fmt: skip
        rows = [row for one in (self.company.erp, self.company.tills) for row in one.rows[STOCK_LEVEL.name]]
        shelves = [
            Shelf(row["location"], row["sku"], row["on_hand"], parse(row["taken_for_orders"]).amounts) for row in rows
        ]
        shelves += [Shelf(place, "SET") for place in PLACES]
        sources = {source: place for place, source in SOURCES.items()}
        found = balance(lines, shelves, kits={"SET": {"CUP": 2.0}}, locations=PLACES, sources=sources, same=fold)
        return {place: (one.taken, one.claimed) for place, one in found.items()}


def in_company(check: Callable[[Company], None]) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        check(Company(patch, Path(folder)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.lists(EVENTS, max_size=4), st.sampled_from(["done", "fails", "new"]), EVENTS), max_size=6),
    st.integers(0, 3),
)
def test_rounds_together_say_what_one_look_says(rounds: list[tuple[list[Event], str, Event]], early: int) -> None:
    def check(company: Company) -> None:
        history = History(company)
        for event in [event for events, _, _ in rounds[:early] for event in events]:
            history.happen(event)
        company.fresh()
        held = company.read()
        company.done()
        cursor = max(row["modified_at"] for row in held.values())
        for events, ending, between in rounds:
            for event in events:
                history.happen(event)
            company.erp.after = lambda between=between: (
                setattr(company.erp, "after", lambda: None),
                history.happen(between),
            )
            found = company.read(since=cursor)
            if ending == "done":
                held |= found
                company.done()
                cursor = max([cursor, *(row["modified_at"] for row in found.values())])
            elif ending == "new":
                company.fresh()
        company.erp.after = lambda: None
        held |= company.read(since=cursor)
        company.done()
        held |= company.read(since=cursor)
        assert {place: (row["taken"], row["claimed"]) for place, row in held.items()} == history.expected()
        company.fresh()
        assert figures(held) == figures(company.read())

    in_company(check)


@settings(max_examples=40, deadline=None)
@given(st.lists(EVENTS, max_size=12), st.randoms(use_true_random=False), st.integers(1, 5))
def test_in_what_order_or_pieces_rows_come_makes_no_difference(
    events: list[Event], chance: Any, slice_rows: int
) -> None:
    def check(company: Company) -> None:
        history = History(company)
        for event in events:
            history.happen(event)
        company.fresh()
        plain = figures(company.read())
        for member in (company.erp, company.tills, company.shop):
            for rows in member.rows.values():
                chance.shuffle(rows)
        company.erp.slice_rows = company.tills.slice_rows = company.shop.slice_rows = slice_rows
        company.fresh()
        assert figures(company.read()) == plain

    in_company(check)
