"""What Tryton holds of stock: per location what lies there, is promised or comes in, and what went to orders of the shop."""

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from extractors.tryton_catalogue import TEMPLATE, VARIANT, Assortment, category_of, changed, latest, narrowings, stamp
from extractors.tryton_rpc import KEPT, Row, Tryton
from koppel.errors import ConfigError
from koppel.window import Window

log = logging.getLogger(__name__)

MOVE, LOCATION = "stock.move", "stock.location"
_VARIANT_FIELDS = [
    "code", "categories.code", "default_uom.factor", "default_uom.digits", "default_uom.category.xml_id",
]  # fmt: skip
_MOVE_FIELDS = ["product", "state", "from_location", "to_location", "internal_quantity", "planned_date"]
_OUTSIDE = frozenset({"supplier", "production", "storage", "view", "warehouse"})
"""Where goods come from that can be sold on arrival; what customers send back, or was lost and found, is not counted on."""
_MOST_READINGS = 4


@dataclass(frozen=True, slots=True)
class Place:
    """A location of the company: what we call it, which one it is in Tryton, and all that lie below it."""

    name: str
    id: int
    inside: frozenset[int]


@dataclass(frozen=True, slots=True)
class StockOptions:
    """``locations``: our name to Tryton's code or name (none: every warehouse by its code). ``promised``: the states of a move
    that already takes goods away. ``order_days``: how long the moves of a closed sale still tell what was taken for its order.
    """

    locations: dict[str, str] = field(default_factory=dict)
    promised: tuple[str, ...] = ("draft", "assigned")
    order_days: int = 30


class Stock:
    """Reads stock of one company of Tryton."""

    def __init__(self, tryton: Tryton, assortment: Assortment, options: StockOptions) -> None:
        self._tryton, self._assortment, self._options = tryton, assortment, options
        self._kinds: dict[int, str] = {}

    def places(self) -> list[Place]:
        """The locations that are read. Raises ConfigError where one isn't there, stands for two, or lies inside another."""
        known = [
            row
            for page in self._tryton.pages(LOCATION, [], ["code", "name", "type", "parent", "active"])
            for row in page
        ]
        self._kinds = {row["id"]: row["type"] for row in known}
        warehouses = [row for row in known if row["type"] == "warehouse" and row["active"]]
        wanted = self._options.locations or {
            str(row["code"] or row["name"]): str(row["code"] or row["name"]) for row in warehouses
        }
        places = [self._place(name, words, known) for name, words in wanted.items()]
        for place in places:
            for other in places:
                if place is not other and place.id in other.inside:
                    raise _wrong(f"{place.name} lies inside {other.name}: its stock would count twice.")
        return places

    def levels(self, window: Window) -> Iterator[list[Row]]:
        """Pages of stock rows, one per variant and location, all with the same ``modified_at``: the newest change of any move,
        product or template before the first page was read, so that the cursor never passes what changes meanwhile.

        A move does not touch its product, so a window of time reads the products of the moves it holds.
        """
        places = self.places()
        mark = latest(self._tryton, Window(), MOVE, VARIANT, TEMPLATE)
        for narrowing in self._narrowings(window):
            domain = [*self._assortment.domain, ["type", "=", "goods"], *narrowing]
            for page in self._tryton.pages(VARIANT, domain, _VARIANT_FIELDS):
                yield self._page(page, places, mark)

    def heard(self, window: Window) -> list[Row]:
        """A location is heard of whenever its server answers."""
        now = datetime.now(UTC)
        places = [place for place in self.places() if not window.keys or place.name in window.keys]
        return [{"location": place.name, "heard_at": now, "modified_at": now} for place in places]

    def _place(self, name: str, words: str, known: list[Row]) -> Place:
        if ":" in name or not name.strip():
            raise _wrong(f"{name!r} can't be the name of a location: it can hold no colon and can't be empty.")
        shelves = [row for row in known if row["type"] in {"warehouse", "storage", "view"}]
        found = [row for row in shelves if row["code"] == words] or [row for row in shelves if row["name"] == words]
        if len(found) != 1:
            there = ", ".join(sorted(str(row["code"] or row["name"]) for row in shelves)[:40])
            raise _wrong(f"Tryton has {len(found) or 'no'} locations {words!r}; there are {there}.")
        inside = {found[0]["id"]}
        while more := {row["id"] for row in known if row["parent"] in inside} - inside:
            inside |= more
        return Place(name, found[0]["id"], frozenset(inside))

    def _narrowings(self, window: Window) -> Iterator[list[Any]]:
        if window.keys or not (window.since or window.until):
            yield from narrowings(window)
            return
        touched: set[int] = set()
        for page in self._tryton.pages(
            MOVE, [*self._own(), *changed(window, "")], ["product", "write_date", "create_date"]
        ):
            touched |= {row["product"] for row in page if _is_before(row, window.until)}
        for page in self._tryton.pages(VARIANT, changed(window, "", "template."), ["write_date", "create_date"]):
            touched |= {row["id"] for row in page if _is_before(row, window.until)}
        ids, size = sorted(touched), self._tryton.page_rows
        for start in range(0, len(ids), size):
            yield [["id", "in", ids[start : start + size]]]

    def _own(self) -> list[Any]:
        return [["company", "=", self._tryton.context["company"]]]

    def _page(self, variants: list[Row], places: list[Place], mark: datetime | None) -> list[Row]:
        """One page of rows, from one state of Tryton: each call is a transaction of its own, so the moves are read before and
        after the quantities, until they are the same. Where they never are, the earlier moves count: then a figure can be too
        low until the next reading, not too high.
        """
        ids = [row["id"] for row in variants]
        before = self._moves(ids)
        for _ in range(_MOST_READINGS):
            there = {place.name: self._quantities(ids, place) for place in places}
            after = self._moves(ids)
            if after == before:
                break
            before, earlier = after, before
        else:
            log.warning("%s products move faster than they can be read; the next run reads them again", len(ids))
            before = earlier
        sums = _Sums(before, self._kinds, self._options.promised)
        return [
            _level(row, place.name, there[place.name].get(row["id"]), sums.at(place, row["id"]), mark)
            for row in variants
            for place in places
        ]

    def _quantities(self, ids: list[int], place: Place) -> dict[int, float]:
        found = self._tryton.call(VARIANT, "read", ids, ["quantity"], locations=[place.id], with_childs=True)
        return {row["id"]: row["quantity"] for row in found}

    def _moves(self, ids: list[int]) -> list[Row]:
        """The moves that still take goods away or bring some, and those done for orders that the shop may not have shipped."""
        fields = list(_MOVE_FIELDS)
        wanted: list[Any] = [[["state", "in", ["draft", "assigned"]]]]
        if "sale" in self._tryton.fields(MOVE):
            fields.append("sale.reference")
            lately = datetime.now(UTC).date() - timedelta(days=self._options.order_days)
            open_sale = ["origin.sale.state", "in", ["confirmed", "processing"], "sale.line"]
            of_order = ["origin.sale.reference", "!=", None, "sale.line"]
            wanted.append([["state", "=", "done"], of_order, ["OR", open_sale, ["effective_date", ">=", lately]]])
        domain = [["product", "in", ids], *self._own(), ["OR", *wanted]]
        return [row for page in self._tryton.pages(MOVE, domain, fields) for row in page]


@dataclass(slots=True)
class _Sum:
    reserved: float = 0.0
    incoming: float = 0.0
    incoming_at: date | None = None
    taken: dict[str, float] = field(default_factory=lambda: defaultdict(float))


class _Sums:
    """The moves of a page, added up per location and product."""

    def __init__(self, moves: list[Row], kinds: dict[int, str], promised: tuple[str, ...]) -> None:
        self._kinds, self._promised = kinds, promised
        self._moves: dict[int, list[Row]] = defaultdict(list)
        for move in moves:
            self._moves[move["product"]].append(move)

    def at(self, place: Place, product: int) -> _Sum:
        """What the moves of a product mean for a location; what only moves inside it means nothing."""
        total = _Sum()
        for move in self._moves[product]:
            leaves, arrives = move["from_location"] in place.inside, move["to_location"] in place.inside
            if leaves and not arrives:
                self._leaving(move, total)
            elif arrives and not leaves and move["state"] != "done":
                self._arriving(move, total)
        return total

    def _leaving(self, move: Row, total: _Sum) -> None:
        is_promised = move["state"] in self._promised
        total.reserved += move["internal_quantity"] if is_promised else 0.0
        sale = move.get("sale.")
        if sale and (is_promised or move["state"] == "done") and _is_order(sale["reference"]):
            total.taken[sale["reference"]] += move["internal_quantity"]

    def _arriving(self, move: Row, total: _Sum) -> None:
        if self._kinds.get(move["from_location"]) not in _OUTSIDE:
            return
        total.incoming += move["internal_quantity"]
        if planned := move["planned_date"]:
            total.incoming_at = min(planned, total.incoming_at or planned)


def _level(variant: Row, location: str, on_hand: float | None, sums: _Sum, mark: datetime | None) -> Row:
    unit = variant["default_uom."]
    is_pieces = not unit["digits"]
    size = _pieces(unit) if is_pieces else 1.0
    taken = " ".join(f"{order}={_plain(pieces * size)}" for order, pieces in sorted(sums.taken.items()))
    return {
        "location": location,
        "sku": variant.get("code") or None,
        "on_hand": on_hand,
        "reserved": round(sums.reserved, 6),
        "incoming": round(sums.incoming, 6),
        "incoming_at": datetime.combine(sums.incoming_at, datetime.min.time(), UTC) if sums.incoming_at else None,
        "unit_size": size,
        "sold_by_measure": not is_pieces,
        "category_code": category_of(variant),
        "taken_for_orders": taken or None,
        "modified_at": mark,
    }


def _pieces(unit: Row) -> float:
    """How many pieces one unit is: 12 for a dozen; 1 for a unit that does not count pieces, because nothing is known then."""
    return float(unit["factor"]) if unit["category."]["xml_id"] == "product.uom_cat_unit" else 1.0


def _plain(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")


def _is_order(reference: Any) -> bool:
    """Whether a sale's reference can be an order number of the shop; anything else would garble the list."""
    return bool(reference) and re.fullmatch(r"[^\s=]+", str(reference)) is not None


def _is_before(row: Row, until: datetime | None) -> bool:
    at = stamp(row)
    return until is None or at is None or at <= until


def _wrong(what: str) -> ConfigError:
    return ConfigError(
        what, kept=KEPT, do="Correct locations = {...} of this source in koppel.toml: our name = Tryton's code."
    )
