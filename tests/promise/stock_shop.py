"""A shop and an ERP as small models: what each of them knows of the goods, and what is really on the shelves."""

from collections import defaultdict
from dataclasses import dataclass, field

KITS = {"SET": {"CUP": 2, "POT": 1}}
GOODS = ("CUP", "POT")
SKUS = (*GOODS, "SET")
DEFAULT = "A"
"""The one location of a shop that reserves nothing."""


def parts_of(sku: str) -> dict[str, int]:
    """What is in one piece of a SKU."""
    return KITS.get(sku, {sku: 1})


def _apart(pieces: dict[str, int]) -> dict[str, int]:
    """Pieces of SKUs as pieces of goods."""
    return {part: sum(count * parts_of(sku).get(part, 0) for sku, count in pieces.items()) for part in GOODS}


@dataclass
class Line:
    """One SKU of an order, counted as Magento counts."""

    ordered: int
    shipped: int = 0
    cancelled: int = 0
    refunded: int = 0
    shipped_from: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def open(self) -> int:
        return max(self.ordered - self.shipped - self.cancelled - self.refunded, 0)

    @property
    def wanted(self) -> int:
        return self.shipped + self.open


def is_open(lines: dict[str, Line]) -> bool:
    """Whether the shop still waits for something of an order."""
    return any(line.open for line in lines.values())


@dataclass
class Shop:
    """Magento's arithmetic: stock per source, and orders that are subtracted until they are shipped.

    Without ``reserves`` that of a Magento without MSI: an order lowers the one figure as soon as it is placed.
    """

    reserves: bool = True
    source: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    orders: dict[str, dict[str, Line]] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    shipped: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """All pieces ever, per SKU, as in the four that follow."""
    back: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    placed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    dropped: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    strayed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _wants: dict[str, dict[str, int]] = field(default_factory=dict)

    def reserved(self, sku: str) -> int:
        return sum(lines[sku].open for lines in self.orders.values() if sku in lines)

    def salable(self, sku: str) -> int:
        there = sum(pieces for (_, other), pieces in self.source.items() if other == sku)
        return max(there - (self.reserved(sku) if self.reserves else 0), 0)

    def place(self, order: str, pieces: dict[str, int]) -> None:
        self.orders[order] = {sku: Line(count) for sku, count in pieces.items()}
        for sku, count in pieces.items():
            self.placed[sku] += count
            self._lower(sku, count)

    def cancel(self, order: str, sku: str, pieces: int) -> None:
        self.orders[order][sku].cancelled += pieces
        self.dropped[sku] += pieces
        self._lower(sku, -pieces)
        self._wants.pop(order, None)

    def ship(self, order: str, sku: str, pieces: int, location: str) -> None:
        line = self.orders[order][sku]
        line.shipped += pieces
        line.shipped_from[location] += pieces
        self.source[location, sku] -= pieces if self.reserves else 0
        self.shipped[sku] += pieces

    def refund(self, order: str, sku: str, pieces: int, back_to: str | None) -> None:
        """What is still open first; what was shipped may go back to stock."""
        line = self.orders[order][sku]
        returned = max(pieces - line.open, 0)
        line.refunded += pieces
        self.dropped[sku] += pieces - returned
        self._wants.pop(order, None)
        if back_to and (returned or not self.reserves):
            self.source[back_to, sku] += returned if self.reserves else pieces
            self.back[sku] += returned

    def _lower(self, sku: str, pieces: int) -> None:
        if not self.reserves:
            self.source[DEFAULT, sku] -= pieces

    def wants(self, order: str) -> dict[str, int]:
        """Pieces of goods that an order wants, whether they left or not, sets taken apart."""
        if order not in self._wants:
            self._wants[order] = _apart({sku: line.wanted for sku, line in self.orders[order].items()})
        return self._wants[order]

    def left(self, order: str) -> dict[str, int]:
        """Pieces of goods that an order's shipments hold, sets taken apart."""
        return _apart({sku: line.shipped for sku, line in self.orders[order].items()})


Places = dict[str, int]
"""Pieces by location."""


@dataclass
class Erp:
    """The ERP's books beside the shelves themselves (``shelf``, ``gone``), of which only the world knows."""

    locations: tuple[str, ...]
    promises_too_much: bool
    """Reserves for an order what it does not have."""
    on_hand: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    others: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """Reserved for customers that are not the shop's."""
    aside: dict[tuple[str, str], Places] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    left: dict[tuple[str, str], Places] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    shelf: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    gone: dict[tuple[str, str], Places] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    heard: dict[str, int] = field(default_factory=dict)
    news: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """All pieces that were ever taken by others than the shop's customers, per SKU."""

    def aside_at(self, location: str, sku: str) -> int:
        return sum(places[location] for (_, other), places in self.aside.items() if other == sku)

    def reserved(self, location: str, sku: str) -> int:
        return self.others[location, sku] + self.aside_at(location, sku)

    def unpromised(self, location: str, sku: str) -> int:
        return self.on_hand[location, sku] - self.reserved(location, sku)

    def still_aside(self, order: str, sku: str, owed: int) -> Places:
        """What is put aside for an order and not void: the ERP will release what left already, and what is not owed."""
        key = order, sku
        aside = dict(self.aside[key])
        for location, pieces in self.gone[key].items():
            _release(aside, pieces - self.left[key][location], (location, *self.locations))
        _release(aside, sum(aside.values()) - owed, self.locations[::-1])
        return aside

    def taken_off(self, location: str, sku: str) -> dict[str, int]:
        """Pieces by order that are not in ``on_hand - reserved`` any more."""
        found: dict[str, int] = defaultdict(int)
        for books in (self.aside, self.left):
            for (order, other), places in books.items():
                if other == sku and places[location]:
                    found[order] += places[location]
        return dict(found)

    def hear(self, order: str, version: int, wanted: dict[str, int], left: dict[str, int]) -> None:
        """A message of the shop about an order; one that is older than what was heard before is passed over."""
        if self.heard.get(order, -1) >= version:
            return
        self.heard[order] = version
        for sku, pieces in wanted.items():
            self._book_shipments(order, sku, left[sku])
            self._reserve(order, sku, pieces)

    def retry(self, order: str, wanted: dict[str, int]) -> None:
        """Look again for goods that an order waits for."""
        for sku, pieces in wanted.items():
            self._reserve(order, sku, pieces)

    def ship(self, order: str, sku: str, location: str, pieces: int) -> None:
        """Goods leave, and the ERP is the first to know."""
        key = order, sku
        self.aside[key][location] -= pieces
        self.left[key][location] += pieces
        self.on_hand[location, sku] -= pieces
        self.leave(order, sku, location, pieces)

    def leave(self, order: str, sku: str, location: str, pieces: int) -> None:
        self.shelf[location, sku] -= pieces
        self.gone[order, sku][location] += pieces

    def change(self, location: str, sku: str, pieces: int) -> None:
        """Goods come in, or go to others."""
        self.on_hand[location, sku] += pieces
        self.shelf[location, sku] += pieces
        self.news[sku] += max(-pieces, 0)

    def _book_shipments(self, order: str, sku: str, shipped: int) -> None:
        """What the shop shipped is taken off where it really left."""
        key = order, sku
        missing = shipped - sum(self.left[key].values())
        for location in self.locations:
            pieces = min(self.gone[key][location] - self.left[key][location], max(missing, 0))
            if pieces > 0:
                self.left[key][location] += pieces
                self.on_hand[location, sku] -= pieces
                _release(self.aside[key], pieces, (location, *self.locations))
                missing -= pieces

    def _reserve(self, order: str, sku: str, wanted: int) -> None:
        key = order, sku
        missing = wanted - sum(self.left[key].values()) - sum(self.aside[key].values())
        if missing < 0:
            _release(self.aside[key], -missing, self.locations[::-1])
        for location in self.locations:
            pieces = min(self.unpromised(location, sku), missing)
            if pieces > 0:
                self.aside[key][location] += pieces
                missing -= pieces
        if missing > 0 and self.promises_too_much:
            self.aside[key][self.locations[0]] += missing


def _release(aside: Places, pieces: int, order: tuple[str, ...]) -> None:
    for location in order:
        part = min(aside.get(location, 0), max(pieces, 0))
        if part:
            aside[location] -= part
            pieces -= part
