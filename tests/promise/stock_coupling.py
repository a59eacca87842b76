"""Koppel in the simulation: the real balance and the real formula, between a model of reading and a model of sending."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from koppel.order_balance import Balance, OrderLine, Shelf, balance
from koppel.order_texts import parse, told
from tests.promise.stock_shop import GOODS, KITS, SKUS, Erp, Shop, is_open
from transformers.available import available, free, sets

Place = tuple[str, str]
MUTATIONS = (
    "taken is left out", "claimed is left out", "orders are read before the ERP", "moves are no part of the fingerprint",
    "pending is left out of sets", "the first location takes every claim", "what may have arrived is not noted down first",
)  # fmt: skip
"""Ways to get it wrong, each of which the simulation has to notice."""

_available, _free = (cache(lambda *amounts, of=of: float(of(*amounts))) for of in (available, free))
_sets = cache(lambda *parts: float(sets(parts)))


@dataclass
class Coupling:
    """Runs between a shop and an ERP; ``delivered`` is what it remembers, and all that outlives a crash."""

    shop: Shop
    erp: Erp
    safety: dict[Place, int]
    settled_after: int
    mutation: str = ""
    short: Callable[[str], int] = lambda _: 0
    """Pieces of a SKU that are promised and not there; only for checks."""
    delivered: dict[Place, tuple[Any, ...]] = field(default_factory=dict)
    pushes: int = 0

    def run(
        self, clock: Callable[[], int], chance: random.Random | None, checked: Callable[["Read", set[str]], None]
    ) -> Iterator[None]:
        """A run that stops after each step, so that the world can move on, or the run can end there for ever.

        ``chance``: requests get lost, and answers too; None: nothing does. ``checked``: told after every request which SKUs now
        stand in the shop as this run wants them.
        """
        read = Read()
        steps = [read.erp, read.shop]
        for step in steps[::-1] if self.mutation == "orders are read before the ERP" else steps:
            step(self, clock())
            read.note(self)
            yield
        rows = self.rows(read)
        waiting = [place for place, row in rows.items() if self.delivered.get(place) != self._fingerprint(row)]
        open_skus = {sku for _, sku in waiting}
        checked(read, set(SKUS) - open_skus)
        lost: set[str] = set()
        while waiting:
            size = chance.randint(1, len(waiting)) if chance else len(waiting)
            batch, waiting = waiting[:size], waiting[size:]
            yield
            if self.mutation != "what may have arrived is not noted down first":
                for place in batch:
                    self.delivered.pop(place, None)
            yield
            fate = chance.choice(("", "", "", "request lost", "answer lost", "sent twice")) if chance else ""
            if fate == "request lost":
                lost |= {sku for _, sku in batch}
                continue
            self._push(rows, batch)
            if fate == "sent twice":
                yield
                self._push(rows, batch)
            checked(read, {sku for _, sku in batch} - lost - {sku for _, sku in waiting})
            yield
            if fate != "answer lost":
                self.delivered |= {place: self._fingerprint(rows[place]) for place in batch}

    def rows(self, read: "Read") -> dict[Place, tuple[float, str]]:
        """Per place what the shop's source is to hold, and what the shop itself moved."""
        found = balance(
            read.lines, self._shelves(read), kits=KITS, locations=self.erp.locations, reserves=self.shop.reserves
        )
        rows: dict[Place, tuple[float, str]] = {}
        for location in self.erp.locations:
            loose = {}
            for sku in GOODS:
                known = self._mutated(found[location, sku])
                on_hand, reserved, _ = read.books[location, sku]
                safety = self.safety[location, sku]
                quantity = _available(on_hand, reserved, safety, known.taken, known.claimed)
                rows[location, sku] = quantity, known.moves
                loose[sku] = _free(on_hand, reserved, safety, known.claimed + known.pending)
            whole = _sets(*((loose[part], pieces) for part, pieces in KITS["SET"].items()))
            known = self._mutated(found[location, "SET"])
            rows[location, "SET"] = whole + known.taken, known.moves
        return rows

    def _shelves(self, read: "Read") -> Iterator[Shelf]:
        for (location, sku), (on_hand, reserved, taken_off) in read.books.items():
            loose = on_hand - reserved - self.safety[location, sku]
            if self.mutation == "the first location takes every claim":
                loose = 1000 if location == self.erp.locations[0] else 0
            yield Shelf(location, sku, loose, parse(taken_off).amounts)
        yield from (Shelf(location, "SET") for location in self.erp.locations)

    def _push(self, rows: dict[Place, tuple[float, str]], batch: list[Place]) -> None:
        self.pushes += 1
        for place in batch:
            self.shop.source[place] = int(rows[place][0])

    def _fingerprint(self, row: tuple[float, str]) -> tuple[Any, ...]:
        return row[:1] if self.mutation == "moves are no part of the fingerprint" else row

    def _mutated(self, known: Balance) -> Balance:
        if self.mutation == "taken is left out":
            known.taken = 0.0
        if self.mutation == "claimed is left out":
            known.claimed = 0.0
        if self.mutation == "pending is left out of sets":
            known.pending = 0.0
        return known


@dataclass
class Read:
    """What a run read, and how much the world had counted when it did, so that a check can tell what the run could know."""

    books: dict[Place, tuple[int, int, str]] = field(default_factory=dict)
    lines: list[OrderLine] = field(default_factory=list)
    news: dict[str, int] = field(default_factory=dict)
    gone: dict[Place, int] = field(default_factory=dict)
    wanted: dict[str, dict[str, int]] = field(default_factory=dict)
    shipped: dict[str, int] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    placed: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    strayed: dict[str, int] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)

    def erp(self, coupling: Coupling, _: int) -> None:
        erp = coupling.erp
        self.books = {
            (location, sku): (
                erp.on_hand[location, sku],
                erp.reserved(location, sku),
                told(erp.taken_off(location, sku)),
            )
            for location in erp.locations
            for sku in GOODS
        }
        self.news = dict(erp.news)
        self.gone = {key: sum(places.values()) for key, places in erp.gone.items()}

    def shop(self, coupling: Coupling, now: int) -> None:
        """Orders that are open, or changed lately."""
        shop = coupling.shop
        self.lines = [
            OrderLine(order, sku, line.ordered, line.shipped, line.cancelled, line.refunded, dict(line.shipped_from))
            for order, lines in shop.orders.items()
            for sku, line in lines.items()
            if is_open(lines) or now - shop.changed[order] <= coupling.settled_after
        ]

    def note(self, coupling: Coupling) -> None:
        """Whatever happens before the last reading is no excuse for a figure that is too high."""
        shop = coupling.shop
        self.wanted = {order: shop.wants(order) for order in shop.orders}
        self.shipped, self.back = dict(shop.shipped), dict(shop.back)
        self.placed, self.dropped, self.strayed = dict(shop.placed), dict(shop.dropped), dict(shop.strayed)
        self.short = {sku: coupling.short(sku) for sku in GOODS}
