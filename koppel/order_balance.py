"""Which pieces the shop's orders and the ERP's books count twice, or neither of them counts, per location and SKU.

The shop subtracts what its open orders want from what it holds; the ERP lowers its stock for the same orders, at another moment.
Per order and SKU, with E = pieces that the ERP took off for it, O = still open in the shop, H = shipped by the shop:

    taken   = min(max(E - H, 0), O)     the ERP took them off already, the shop is going to: add them
    claimed = max(H - E, 0)             they left the shelf, and the ERP does not know yet: subtract them

docs/stock.md tells it with examples. Everything here is pure. Never too high is worth more than exact: what is not understood,
or where two systems disagree about the place, counts on the safe side until the order has settled.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from koppel.order_texts import MOST_PIECES, number, shortened

SETTLED = frozenset({"complete", "closed", "canceled", "cancelled"})
"""States of an order in which the shop waits for nothing any more, whatever its counts say."""

DEEPEST = 8
"""Sets within sets."""

Place = tuple[str, str]
"""A location and a SKU."""
Kits = Mapping[str, Mapping[str, float]]
"""Per SKU of a set: SKU and pieces of each thing that is in it."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What the shop says about one SKU of one order, in pieces; amounts that are none (negative, endless) count as nothing."""

    order_number: str
    sku: str
    ordered: float
    shipped: float = 0.0
    cancelled: float = 0.0
    refunded: float = 0.0
    """Before shipment or returned after it; the shop takes the pieces that are still open first, and so does this."""
    shipped_from: Mapping[str, float] = field(default_factory=dict)
    """Pieces per source of the shop (``koppel.order_texts.parse``)."""
    state: str = ""
    modified_at: datetime | None = None

    @property
    def open(self) -> float:
        """Pieces that the shop still keeps reserved for it."""
        if str(self.state).strip().lower() in SETTLED:
            return 0.0
        gone = _amount(self.shipped) + _amount(self.cancelled) + _amount(self.refunded)
        return max(_amount(self.ordered) - gone, 0.0)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the ERP says about a SKU at a location.

    ``loose``: pieces that are neither reserved nor kept back, below 0 when more is promised than there is:
    ``(on_hand - reserved) * unit_size - StockSettings.kept_back(...)``. ``taken_off``: pieces per order of the shop that it
    took off there (reserved, picked or shipped in its books).
    """

    location: str
    sku: str
    loose: float = 0.0
    taken_off: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Balance:
    """What the orders make of a SKU at a location."""

    taken: float = 0.0
    claimed: float = 0.0
    pending: float = 0.0
    """Pieces that open orders want and the ERP did not take off: the shop subtracts them of this SKU itself, but they are not
    there any more for sets that this SKU is a part of."""
    moves: str = ""
    """What the shop itself took off its source or put back there, ``ORDER:SHIPPED/REFUNDED``: it changes whenever the shop may
    have changed the figure, so that the figure is sent again even when it is the same."""
    orders: str = ""
    """For an explanation: ``ORDER=2`` are taken, ``ORDER=-2`` claimed."""


def balance(
    lines: Iterable[OrderLine],
    shelves: Iterable[Shelf],
    *,
    kits: Kits | None = None,
    locations: Sequence[str] = (),
    sources: Mapping[str, str] | None = None,
    reserves: bool = True,
    same: Callable[[str], str] = str.casefold,
) -> dict[Place, Balance]:
    """The balance of every shelf, by (location, SKU) as the shelf has them.

    Whole SKUs only: hand over every location of a SKU at once, every order of it that is open or settled lately, and for a set
    all of that for what is in it; a set that the ERP has no stock of needs a shelf at each location that is to sell it.
    ``kits``: already taken apart (``exploded``). ``locations``: all, in the order in which orders are sent from them.
    ``sources``: location by the shop's word for it. ``reserves``: false for a shop that takes an order off its own figure when
    it is placed, such as Magento without MSI. ``same``: the form in which two SKUs are one for the shop.
    """
    return _Balances(lines, shelves, kits or {}, locations, sources or {}, reserves, same).all()


def exploded(kits: Kits) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Sets that hold sets, taken apart to single goods; and per set that can't be (it holds itself, or nothing of it) why."""
    done: dict[str, dict[str, float]] = {}
    wrong: dict[str, str] = {}
    for sku in kits:
        parts: dict[str, float] = defaultdict(float)
        reason = _take_apart(sku, 1.0, kits, parts, (sku,))
        if reason:
            wrong[sku] = reason
        else:
            done[sku] = dict(parts)
    return done, wrong


def _take_apart(sku: str, times: float, kits: Kits, into: dict[str, float], path: tuple[str, ...]) -> str:
    if len(path) > DEEPEST:
        return f"The set {path[0]} holds sets in sets, more than {DEEPEST} deep. Say what it is made of in the end."
    for part, pieces in kits[sku].items():
        if part in path:
            return (
                f"The set {path[0]} holds itself: {' in '.join((part, *reversed(path)))}. Correct what it is made of."
            )
        if not 0 < pieces <= MOST_PIECES:
            return f"The set {path[0]} holds {pieces:g} pieces of {part}. Correct how many are in it."
        if part not in kits:
            into[part] += times * pieces
        elif reason := _take_apart(part, times * pieces, kits, into, (*path, part)):
            return reason
    return "" if kits[sku] else f"The set {path[0]} holds nothing. Say what it is made of."


@dataclass(slots=True)
class _Want:
    """What one order wants of one SKU."""

    open: float = 0.0
    floating: float = 0.0
    """Pieces that left, or that sets want, and nobody says from where."""
    left: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Pieces that the shop shipped, by location."""


@dataclass(slots=True)
class _Sums:
    """The orders of one SKU added up, by location."""

    taken: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    claimed: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    void: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Taken off here for goods that the shop says left elsewhere; ``elsewhere``: there."""
    elsewhere: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    floating: float = 0.0
    pending: float = 0.0
    net: dict[str, float] = field(default_factory=lambda: defaultdict(float))


class _Balances:
    """The work of ``balance``: orders and shelves brought together by the normal form of their SKU."""

    def __init__(
        self,
        lines: Iterable[OrderLine],
        shelves: Iterable[Shelf],
        kits: Kits,
        locations: Sequence[str],
        sources: Mapping[str, str],
        reserves: bool,
        same: Callable[[str], str],
    ) -> None:
        self._rank = {location: place for place, location in enumerate(locations)}
        self._sources = sources
        self._reserves = reserves
        self._kits = {same(sku): {same(part): pieces for part, pieces in parts.items()} for sku, parts in kits.items()}
        self._lines: dict[str, dict[str, list[OrderLine]]] = defaultdict(lambda: defaultdict(list))
        for line in lines:
            self._lines[same(line.sku)][line.order_number].append(line)
        self._shelves: dict[str, list[Shelf]] = defaultdict(list)
        for shelf in sorted(shelves, key=lambda shelf: self._order(shelf.location)):
            self._shelves[same(shelf.sku)].append(shelf)
        self._in_sets: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for sku, parts in self._kits.items():
            for part, pieces in parts.items():
                self._in_sets[part].append((sku, pieces))

    def all(self) -> dict[Place, Balance]:
        found: dict[Place, Balance] = {}
        for sku, shelves in self._shelves.items():
            sums = self._of_set(sku, shelves) if sku in self._kits else self._of_goods(sku, shelves)
            claimed, pending = _placed(sums, shelves)
            orders = shortened(f"{order}={number(net)}" for order, net in sums.net.items() if net)
            for shelf in shelves:
                place = shelf.location
                moves = shortened(self._moves(sku, place))
                found[place, shelf.sku] = Balance(
                    sums.taken.get(place, 0.0), claimed.get(place, 0.0), pending.get(place, 0.0), moves, orders
                )
        return found

    def _of_goods(self, sku: str, shelves: list[Shelf]) -> _Sums:
        # What turns out to be void then stands where least is loose: wherever the ERP will release it, that offers no more.
        taken_off: dict[str, dict[str, float]] = defaultdict(dict)
        for shelf in sorted(shelves, key=lambda shelf: -shelf.loose):
            for order, pieces in shelf.taken_off.items():
                taken_off[order][shelf.location] = taken_off[order].get(shelf.location, 0.0) + _amount(pieces)
        sums = _Sums()
        for order, want in self._wants(sku).items():
            _settle(order, want, taken_off.get(order, {}), sums)
        return sums

    def _of_set(self, sku: str, shelves: list[Shelf]) -> _Sums:
        """The shop takes every open set off the set's own figure, and the parts know of it already."""
        sums = _Sums()
        for order, lines in self._lines.get(sku, {}).items() if self._reserves else ():
            wanted = rest = sum(line.open for line in lines)
            for shelf in shelves:
                here = min(self._sets_taken_off(sku, order, shelf.location), rest)
                sums.taken[shelf.location] += here
                rest -= here
            sums.taken[shelves[0].location] += rest
            sums.net[order] += wanted
        return sums

    def _sets_taken_off(self, sku: str, order: str, location: str) -> float:
        """How many whole sets the ERP took off at a location, judged by what is in them."""
        counts = []
        for part, pieces in self._kits[sku].items():
            here = (shelf for shelf in self._shelves.get(part, ()) if shelf.location == location)
            counts.append(sum(_amount(shelf.taken_off.get(order, 0.0)) for shelf in here) // pieces)
        return min(counts, default=0.0)

    def _wants(self, sku: str) -> dict[str, _Want]:
        wants: dict[str, _Want] = defaultdict(_Want)
        places = {shelf.location for shelf in self._shelves[sku]}
        for order, lines in self._lines.get(sku, {}).items():
            for line in lines:
                if self._reserves:
                    wants[order].open += line.open
                else:
                    wants[order].floating += line.open
                self._note_shipped(line, 1.0, wants[order], places)
        for kit, pieces in self._in_sets.get(sku, ()):
            for order, lines in self._lines.get(kit, {}).items():
                for line in lines:
                    wants[order].floating += pieces * line.open
                    self._note_shipped(line, pieces, wants[order], places)
        return wants

    def _note_shipped(self, line: OrderLine, times: float, want: _Want, places: Container[str]) -> None:
        """What was shipped from a place that is not known to hold the SKU left from somewhere."""
        rest = _amount(line.shipped)
        for source, pieces in line.shipped_from.items():
            place, here = self._sources.get(source, source), min(_amount(pieces), rest)
            if place in places:
                want.left[place] += times * here
                rest -= here
        want.floating += times * rest

    def _moves(self, sku: str, location: str) -> Iterable[str]:
        """Orders by which the shop may have changed its figure here: those shipped from here, or from nobody knows where."""
        for order, lines in self._lines.get(sku, {}).items():
            shipped = sum(_amount(line.shipped) for line in lines)
            refunded = number(sum(_amount(line.refunded) for line in lines))
            known = sum(_amount(pieces) for line in lines for pieces in line.shipped_from.values())
            places = {self._sources.get(source, source) for line in lines for source in line.shipped_from}
            if not self._reserves:
                yield f"{order}:{number(shipped + sum(line.open for line in lines))}/{refunded}"
            elif shipped and (location in places or known < shipped):
                yield f"{order}:{number(shipped)}/{refunded}"

    def _order(self, location: str) -> tuple[int, str]:
        return self._rank.get(location, len(self._rank)), location


def _settle(order: str, want: _Want, taken_off: Mapping[str, float], sums: _Sums) -> None:
    """One order against what the ERP took off for it, place by place; then what is over against what is short."""
    over = {place: max(pieces - want.left.get(place, 0.0), 0.0) for place, pieces in taken_off.items()}
    short = {place: max(pieces - taken_off.get(place, 0.0), 0.0) for place, pieces in want.left.items()}
    floating = want.floating - _draw(over, want.floating)
    before = dict(over)
    pending = want.open - _draw(over, want.open)
    for place, pieces in before.items():
        sums.taken[place] += pieces - over[place]
    for place, pieces in short.items():
        sums.claimed[place] += pieces
    _note_disagreement(over, short, sums)
    sums.floating += floating
    sums.pending += pending
    sums.net[order] += want.open - pending - floating - sum(short.values())


def _note_disagreement(over: dict[str, float], short: dict[str, float], sums: _Sums) -> None:
    """What the ERP took off in one place and the shop shipped from another is the same goods."""
    before, needed = dict(over), dict(short)
    agreed = _draw(over, sum(short.values()))
    _draw(short, agreed)
    for place, pieces in before.items():
        sums.void[place] += pieces - over[place]
    for place, pieces in needed.items():
        sums.elsewhere[place] += pieces - short[place]


def _draw(there: dict[str, float], wanted: float) -> float:
    """Take up to ``wanted`` pieces out of ``there``, place after place; how many it were."""
    left = wanted
    for place, pieces in there.items():
        part = min(pieces, left)
        there[place] = pieces - part
        left -= part
    return wanted - left


def _placed(sums: _Sums, shelves: list[Shelf]) -> tuple[dict[str, float], dict[str, float]]:
    """Claimed and pending pieces by location: what nobody placed goes where something is loose, in the order of sending.

    Where ERP and shop disagree about the place, the ERP is believed, unless that would offer more than believing the shop.
    """
    claimed = {shelf.location: sums.claimed.get(shelf.location, 0.0) for shelf in shelves}
    loose = {shelf.location: shelf.loose - claimed[shelf.location] for shelf in shelves}
    as_erp = {place: pieces + sums.elsewhere.get(place, 0.0) for place, pieces in loose.items()}
    as_shop = {place: pieces + sums.void.get(place, 0.0) for place, pieces in loose.items()}
    for place in claimed:
        claimed[place] -= sums.elsewhere.get(place, 0.0)
    at_risk = max(_offered(as_erp) - _offered(as_shop), 0.0)
    left = {place: max(pieces, 0.0) for place, pieces in as_erp.items()}
    for place, pieces in _spread(left, sums.floating + at_risk).items():
        claimed[place] += pieces
    return claimed, _spread(left, sums.pending)


def _offered(loose: Mapping[str, float]) -> float:
    return sum(max(pieces, 0.0) for pieces in loose.values())


def _spread(left: dict[str, float], wanted: float) -> dict[str, float]:
    """Pieces by location until ``wanted`` is met; what nobody has is missing at the first one."""
    before = dict(left)
    missing = wanted - _draw(left, wanted)
    parts = {place: before[place] - left[place] for place in left}
    if missing and parts:
        parts[next(iter(parts))] += missing
    return parts


def _amount(pieces: float) -> float:
    """An amount of goods: nothing for what is none."""
    return pieces if 0 < pieces <= MOST_PIECES else 0.0
