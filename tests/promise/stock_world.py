"""Histories of a shop, an ERP and Koppel between them, made up from a seed; what the shop offers is held against the goods."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.promise.stock_coupling import Coupling, Read
from tests.promise.stock_shop import GOODS, KITS, SKUS, Erp, Shop, is_open, parts_of

SETTLED_AFTER = 30
"""Events after which an order is no longer looked at; the ERP hears of everything within half of that."""


@dataclass
class World:
    """One history. ``events`` tells what happened, for whoever has to understand a failure."""

    seed: int
    mutation: str = ""
    reserves: bool = True
    now: int = 0
    checks: int = 0
    events: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = chance = random.Random(self.seed)
        locations = ("A", "B", "C")[: chance.choice((1, 2, 2, 3)) if self.reserves else 1]
        self.erp = Erp(locations, promises_too_much=chance.random() < 0.2)
        self.shop = Shop(self.reserves)
        safety = {(location, sku): chance.choice((0, 0, 1)) for location in locations for sku in GOODS}
        self.coupling = Coupling(self.shop, self.erp, safety, SETTLED_AFTER, self.mutation, self.short)
        self.messages: list[tuple[int, str, int, dict[str, int], dict[str, int]]] = []
        self.versions: dict[str, int] = defaultdict(int)
        self.running: Iterator[None] | None = None
        for location in locations:
            for sku in GOODS:
                self.erp.change(location, sku, chance.randint(0, 6))

    def live(self, length: int) -> None:
        """So many events, whatever chance has in store; then all becomes quiet."""
        actions = (
            [self.place] * 4 + [self.cancel, self.ship_in_shop, self.ship_in_shop, self.ship_in_erp, self.refund]
            + [self.hear] * 3 + [self.sell_elsewhere, self.promise, self.receive, self.move, self.crash] + [self.couple] * 9
        )  # fmt: skip
        self.finish_run()
        for _ in range(length):
            self.now += 1
            self.hear_what_is_due()
            self.chance.choice(actions)()
        self.become_quiet()

    def become_quiet(self) -> None:
        """Every message arrives, in any order; one run; then what the shop sells is what is free, and another run sends nothing."""
        self.running = None
        self.chance.shuffle(self.messages)
        while self.messages:
            self.deliver(0)
        for order in self.shop.orders:
            self.erp.retry(order, self.shop.wants(order))
        self.finish_run()
        self.is_exact(self.places_differ(self.shop.orders))
        self.is_at_rest()
        self.now += SETTLED_AFTER + 1
        self.finish_run()
        self.is_exact(self.places_differ(order for order, lines in self.shop.orders.items() if is_open(lines)))
        self.is_at_rest()

    # --- what can happen ------------------------------------------------------------------------------------------------

    def place(self) -> None:
        wanted = {sku: self.chance.randint(1, 3) for sku in self.chance.sample(SKUS, self.chance.choice((1, 1, 2)))}
        chosen = {sku: min(pieces, self.shop.salable(sku)) for sku, pieces in wanted.items()}
        if chosen := {sku: pieces for sku, pieces in chosen.items() if pieces}:
            order = f"{len(self.shop.orders) + 1:09}"
            self.shop.place(order, chosen)
            self.tell("placed", order, chosen)

    def cancel(self) -> None:
        if (found := self.some_line(is_open=True)) is not None:
            order, sku = found
            pieces = self.chance.randint(1, self.shop.orders[order][sku].open)
            self.shop.cancel(order, sku, pieces)
            self.tell("cancelled", order, {sku: pieces})

    def refund(self) -> None:
        if (found := self.some_line(is_open=False)) is not None:
            order, sku = found
            line = self.shop.orders[order][sku]
            most = line.ordered - line.cancelled - line.refunded
            if most > 0:
                pieces = self.chance.randint(1, most)
                sources = sorted(line.shipped_from)
                back_to = self.chance.choice([None, *sources]) if pieces > line.open else None
                returned = pieces - line.open
                self.shop.refund(order, sku, pieces, back_to)
                self.tell(f"refunded, back to {back_to}", order, {sku: pieces})
                if returned > 0 and self.chance.random() < 0.7:
                    for part, count in parts_of(sku).items():
                        self.erp.change(self.chance.choice(self.erp.locations), part, count * returned)

    def ship_in_shop(self) -> None:
        """The shop registers a shipment: of goods that leave now, or that the ERP sent off before."""
        if (found := self.some_line(is_open=True)) is None:
            return
        order, sku = found
        pieces = self.chance.randint(1, self.shop.orders[order][sku].open)
        left = self.shop.left(order)
        leaving = {
            part: max(left[part] + count * pieces - sum(self.erp.gone[order, part].values()), 0)
            for part, count in parts_of(sku).items()
        }
        fits = [
            location for location in self.erp.locations
            if (self.shop.source[location, sku] >= pieces or not self.reserves)
            and all(self.erp.shelf[location, part] >= count for part, count in leaving.items())
        ]  # fmt: skip
        if not fits:
            return
        location = self.chance.choice(fits)
        self.shop.ship(order, sku, pieces, location)
        for part, count in leaving.items():
            self.shop.strayed[part] += max(count - self.erp.aside[order, part][location], 0)
            self.erp.leave(order, part, location, count)
        self.tell(f"shipped from {location} in the shop", order, {sku: pieces})

    def ship_in_erp(self) -> None:
        ready = [
            (order, sku, location)
            for (order, sku), places in self.erp.aside.items()
            for location, pieces in places.items()
            if pieces and self.erp.shelf[location, sku] and self.erp.gone[order, sku] == self.erp.left[order, sku]
        ]
        if ready:
            order, sku, location = self.chance.choice(ready)
            most = min(self.erp.aside[order, sku][location], self.erp.shelf[location, sku])
            pieces = self.chance.randint(1, most)
            self.erp.ship(order, sku, location, pieces)
            self.note(f"shipped from {location} in the ERP", order, {sku: pieces})

    def hear(self) -> None:
        if self.messages:
            self.deliver(self.chance.randrange(len(self.messages)))

    def hear_what_is_due(self) -> None:
        while self.messages and self.messages[0][0] < self.now - SETTLED_AFTER // 2:
            self.deliver(0)

    def deliver(self, number: int) -> None:
        _, order, version, wanted, left = self.messages.pop(number)
        self.erp.hear(order, version, wanted, left)
        self.note("heard of by the ERP", order, wanted)

    def sell_elsewhere(self) -> None:
        location, sku = self.somewhere()
        most = min(self.erp.shelf[location, sku], self.erp.on_hand[location, sku])
        if most > 0:
            self.erp.change(location, sku, -self.chance.randint(1, min(most, 2)))
            self.note("sold at a till", location, {sku: 1})

    def promise(self) -> None:
        """Reserved for another customer, or sent to one."""
        location, sku = self.somewhere()
        if self.erp.others[location, sku] and self.erp.shelf[location, sku] and self.chance.random() < 0.5:
            self.erp.others[location, sku] -= 1
            self.erp.change(location, sku, -1)
        else:
            self.erp.others[location, sku] += 1
            self.erp.news[sku] += 1
        self.note("promised to others", location, {sku: self.erp.others[location, sku]})

    def receive(self) -> None:
        location, sku = self.somewhere()
        self.erp.change(location, sku, self.chance.randint(1, 4))
        self.note("received", location, {sku: self.erp.shelf[location, sku]})

    def move(self) -> None:
        """From one location to another."""
        location, sku = self.somewhere()
        if self.erp.shelf[location, sku] > 0:
            self.erp.change(location, sku, -1)
            self.erp.change(self.chance.choice(self.erp.locations), sku, 1)
            self.note("moved from", location, {sku: 1})

    def crash(self) -> None:
        self.running = None
        self.events.append(f"{self.now}: Koppel dies")

    def couple(self) -> None:
        """The next steps of Koppel's run, or the first ones of a new run."""
        for _ in range(self.chance.choice((1, 1, 2, 4, 8))):
            if self.running is None:
                self.running = self.coupling.run(lambda: self.now, self.chance, self.is_safe)
            if next(self.running, self) is self:
                self.running = None
        self.events.append(f"{self.now}: Koppel goes on, the shop holds {dict(self.shop.source)}")

    # --- what must hold -------------------------------------------------------------------------------------------------

    def free(self, sku: str) -> int:
        """What is on the shelves, at each location without what is promised there and its safety stock, less what orders wait for.

        Goods put aside for an order count as promised as long as the shop wants them sent; may be below nothing.
        """
        loose, waiting = self.loose(sku)
        return sum(max(pieces, 0) for pieces in loose.values()) - waiting

    def short(self, sku: str) -> int:
        """Pieces that are promised, or waited for, and not there."""
        loose, waiting = self.loose(sku)
        there = sum(max(pieces, 0) for pieces in loose.values())
        return sum(max(-pieces, 0) for pieces in loose.values()) + max(waiting - there, 0)

    def loose(self, sku: str) -> tuple[dict[str, int], int]:
        """By location what is left on the shelf when all promises are kept, and what orders wait for that nobody put aside."""
        erp, safety = self.erp, self.coupling.safety
        loose = {place: erp.shelf[place, sku] - erp.others[place, sku] - safety[place, sku] for place in erp.locations}
        waiting = 0
        for order in self.shop.orders:
            owed = self.shop.wants(order)[sku] - sum(erp.gone[order, sku].values())
            if owed > 0:
                aside = erp.still_aside(order, sku, owed)
                for location, pieces in aside.items():
                    loose[location] -= pieces
                waiting += owed - sum(aside.values())
        return loose, waiting

    def unknown(self, sku: str, read: Read) -> int:
        """Pieces of goods that went since the run read: to others, or for orders that don't want them any more."""
        unwanted = 0
        for (order, other), places in self.erp.gone.items():
            if other == sku:
                now = max(sum(places.values()) - self.shop.wants(order)[sku], 0)
                before = max(read.gone.get((order, sku), 0) - read.wanted.get(order, {}).get(sku, 0), 0)
                unwanted += max(now - before, 0)
        return self.erp.news[sku] - read.news.get(sku, 0) + unwanted

    def is_safe(self, read: Read, skus: set[str]) -> None:
        """After a request: no SKU is offered beyond what is free, but for what happened since the run read ERP and shop."""
        for sku in sorted(skus):
            self.checks += 1
            parts = KITS.get(sku, {sku: 1})
            most = min((self.free(part) + self.news(part, sku, read)) // count for part, count in parts.items())
            short = max(-(-read.short.get(part, 0) // count) for part, count in parts.items())
            moved = self.since("shipped", sku, read) + self.since("back", sku, read)
            if self.reserves:
                moved += min(self.since("dropped", sku, read), short)
            else:
                moved += self.since("dropped", sku, read) + self.since("placed", sku, read)
            told = f"{sku}: {self.shop.salable(sku)} for sale, {most} free, {moved} moved"
            self.check(self.shop.salable(sku) <= max(most, 0) + moved, told)

    def since(self, what: str, sku: str, read: Read) -> int:
        """Pieces that the shop shipped, took back, placed or dropped since the run read its orders."""
        return int(getattr(self.shop, what)[sku] - getattr(read, what).get(sku, 0))

    def news(self, part: str, sku: str, read: Read) -> int:
        """Pieces of a part that the run could not know of when it wrote the figure of ``sku``: also those sold as another SKU, and
        those that the shop shipped from elsewhere than the ERP had put them aside."""
        placed = sum(self.since("placed", other, read) * parts_of(other).get(part, 0) for other in SKUS if other != sku)
        return self.unknown(part, read) + self.since("strayed", part, read) + placed

    def is_exact(self, but: set[str]) -> None:
        """All is quiet: what the shop sells is what is free; where it was told another place than the ERP, not more than that."""
        for sku in SKUS:
            self.checks += 1
            parts = KITS.get(sku, {sku: 1})
            wanted = max(self.sets(sku) if sku in KITS else self.free(sku), 0)
            told = f"{sku}: {self.shop.salable(sku)} for sale, {wanted} free"
            self.check(self.shop.salable(sku) <= wanted, told)
            if not but & set(parts):
                self.check(self.shop.salable(sku) == wanted, told)

    def sets(self, sku: str) -> int:
        """Whole sets that can be made at each location."""
        loose = {part: self.loose(part)[0] for part in KITS[sku]}
        return sum(
            min(max(loose[part][location], 0) // count for part, count in KITS[sku].items())
            for location in self.erp.locations
        )

    def places_differ(self, orders: Iterable[str]) -> set[str]:
        """SKUs of which the shop was told that they left from elsewhere than the ERP sent them from."""
        found = set()
        for order in orders:
            for part in GOODS:
                told: dict[str, int] = defaultdict(int)
                for sku, line in self.shop.orders[order].items():
                    for location, pieces in line.shipped_from.items():
                        told[location] += pieces * parts_of(sku).get(part, 0)
                if any(pieces > self.erp.left[order, part][location] for location, pieces in told.items()):
                    found.add(part)
        return found

    def is_at_rest(self) -> None:
        pushes = self.coupling.pushes
        self.finish_run()
        self.check(self.coupling.pushes == pushes, "something was sent though nothing changed")

    def check(self, holds: bool, told: str) -> None:
        if not holds:
            raise AssertionError("\n".join([f"History {self.seed} at {self.now}: {told}", *self.events]))

    # --- small things ---------------------------------------------------------------------------------------------------

    def finish_run(self) -> None:
        """A whole run to which nothing happens."""
        for _ in self.coupling.run(lambda: self.now, None, self.is_safe):
            pass

    def tell(self, what: str, order: str, pieces: dict[str, int]) -> None:
        """The shop changed an order, and the ERP will hear of it."""
        self.versions[order] += 1
        self.shop.changed[order] = self.now
        self.messages.append((self.now, order, self.versions[order], self.shop.wants(order), self.shop.left(order)))
        self.note(what, order, pieces)

    def note(self, what: str, where: str, pieces: dict[str, int]) -> None:
        self.events.append(f"{self.now}: {where} {what}: {pieces}")

    def some_line(self, *, is_open: bool) -> tuple[str, str] | None:
        lines = [
            (order, sku)
            for order, lines in self.shop.orders.items()
            for sku, line in lines.items()
            if line.open or not is_open
        ]
        return self.chance.choice(lines) if lines else None

    def somewhere(self) -> tuple[str, str]:
        return self.chance.choice(self.erp.locations), self.chance.choice(GOODS)
