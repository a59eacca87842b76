"""What happens in a company and its shop while nobody looks: customers, parcels, counts, and an ERP that hears of it late."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.promise.shop import Shop
from tests.promise.stock_company import PLACES, SENDING, Order, StockCompany


@dataclass(frozen=True)
class Trade:
    """Called between the rounds of a run, in whatever process that is; ``seed`` and the number of the call decide what happens."""

    company: StockCompany
    shop: Shop
    seed: Any = 0
    events: int = 3

    def __call__(self, number: int) -> None:
        self.happen(Random(f"{self.seed} {number}"), self.events)

    def happen(self, random: Random, events: int) -> None:
        """So many things, one after the other."""
        ways = (self._order, self._order, self._take_in, self._take_in, self._send, self._ship, self._ship,
                self._cancel, self._let_go, self._return, self._count, self._till)  # fmt: skip
        for _ in range(events):
            random.choice(ways)(random)

    def orders(self) -> list[Order]:
        """All orders of the shop."""
        found: list[Order] = self.shop.control("GET", "orders")
        return found

    def place(self, sku: str, pieces: float) -> Order:
        """A customer orders."""
        order: Order = self.shop.control("POST", "orders", {"sku": sku, "qty": pieces})
        return order

    def do(self, order: Order, what: str, **details: Any) -> None:
        """Somebody in the shop works on an order."""
        self.shop.control("POST", f"orders/{order['entity_id']}", {"do": what, **details})

    def _order(self, random: Random) -> None:
        skus = random.sample(self.company.skus(), 2)
        self.shop.control("POST", "orders", {"items": [{"sku": sku, "qty": random.randint(1, 2)} for sku in skus]})

    def _take_in(self, random: Random) -> None:
        known = self.company.known_orders()
        if order := _one(random, self.orders(), lambda one: one["increment_id"] not in known and not _is_gone(one)):
            self.company.take_in(order, place_of(order))

    def _send(self, random: Random) -> None:
        waiting = [number for number, (_, is_sent) in self.company.known_orders().items() if not is_sent]
        if waiting:
            self.company.send(random.choice(waiting))

    def _ship(self, random: Random) -> None:
        if order := _one(random, self.orders(), _waits):
            details = {"qty": 1} if random.random() < 0.4 else {}
            self.do(order, "ship", source=PLACES[place_of(order)][0], **details)

    def _cancel(self, random: Random) -> None:
        if order := _one(random, self.orders(), lambda one: _waits(one) and not _sum(one, "shipped")):
            self.do(order, "cancel")

    def _let_go(self, random: Random) -> None:
        known = self.company.known_orders()
        if order := _one(random, self.orders(), lambda one: one["increment_id"] in known and _is_gone(one)):
            self.company.let_go(order["increment_id"])

    def _return(self, random: Random) -> None:
        """One of each comes back: refunded at once, on the shelf and counted there before or after."""
        sent = {number for number, (_, is_sent) in self.company.known_orders().items() if is_sent}
        if order := _one(random, self.orders(), lambda one: one["increment_id"] in sent and _came_whole(one)):
            self.do(order, "invoice")
            self.do(order, "refund", qty=1, return_to_stock=True)
            for line in order["items"]:
                self.company.move(place_of(order), line["sku"], on_hand=1)

    def _count(self, random: Random) -> None:
        pieces, reserved = random.randint(-2, 3), random.choice((0, 0, 1))
        sku = random.choice(self.company.skus())
        self.company.move(random.choice(SENDING), sku, on_hand=pieces, reserved=reserved)

    def _till(self, random: Random) -> None:
        self.company.move("LEU", random.choice(self.company.skus()), on_hand=random.randint(-2, 1))
        self.company.drop_till()


def place_of(order: Order) -> str:
    """Where an order is sent from; the shop and the ERP agree about that."""
    return SENDING[int(order["entity_id"]) % len(SENDING)]


def _one(random: Random, orders: list[Order], is_fit: Callable[[Order], bool]) -> Order | None:
    found = [order for order in orders if is_fit(order)]
    return random.choice(found) if found else None


def _sum(order: Order, step: str) -> float:
    return float(sum(line[step] for line in order["items"]))


def _waits(order: Order) -> bool:
    return order["state"] in {"new", "processing"} and _sum(order, "shipped") < _sum(order, "ordered")


def _is_gone(order: Order) -> bool:
    return str(order["state"]) == "canceled"


def _came_whole(order: Order) -> bool:
    return str(order["state"]) == "processing" and _sum(order, "shipped") == _sum(order, "ordered")
