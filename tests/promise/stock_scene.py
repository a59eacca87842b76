"""A company with stock, a ledger and a shop together, and what the figures have to be: computed here, from what all say."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from koppel import live
from koppel.ledger import Ledger
from koppel.settings import Settings
from loaders.magento import MagentoTarget
from tests.promise import killed
from tests.promise.scene import Scene, check_same
from tests.promise.shop import Shop
from tests.promise.stock_company import PLACES, StockCompany
from tests.promise.trade import Trade, place_of

ROUNDS = 3
"""Rounds after which a listener must have brought everything, once it is quiet."""


class StockScene(Scene):
    """One coupling of stock; ``listen`` waits until nothing is left to do."""

    company: StockCompany

    def __init__(self, company: StockCompany, shop: Shop, ledger: Ledger) -> None:
        super().__init__(company, shop, ledger)
        self.trade = Trade(company, shop)

    def listen(self, rounds: int = ROUNDS) -> None:
        """A listener in a process of its own, for so many rounds."""
        self.done(killed.listen_rounds, rounds, None)

    def listen_here(self, rounds: int = ROUNDS, between: Callable[[int], None] | None = None) -> dict[str, int]:
        """A listener in this process; ``between``: what happens after each round but the last. Returns its counts."""
        return live.listen("stock", clock=killed.QuickClock(), is_enough=killed.after_rounds(rounds, between))[
            "stock_level"
        ]

    def wanted(self) -> dict[tuple[str, str], float]:
        """Per source and SKU what the shop has to hold, by the formula of docs/stock.md."""
        taken: dict[tuple[str, str], float] = defaultdict(float)
        claimed: dict[tuple[str, str], float] = defaultdict(float)
        taken_off = self.company.taken_off()
        for order in self.trade.orders():
            for line in order["items"]:
                shipped = line["shipped"]
                place, by_erp = taken_off.get((order["increment_id"], line["sku"]), (place_of(order), 0.0))
                still_open = max(line["ordered"] - shipped - line["canceled"], 0)
                taken[place, line["sku"]] += min(max(by_erp - shipped, 0), still_open)
                claimed[place, line["sku"]] += max(shipped - by_erp, 0)
        return {
            (PLACES[key[0]][0], key[1]): max(pieces - PLACES[key[0]][1] - claimed[key], 0) + taken[key]
            for key, pieces in self.company.shelves().items()
        }

    def free(self) -> dict[str, float]:
        """Per SKU what is on the shelves and not promised, and not wanted by an order that the ERP took nothing off for."""
        free: dict[str, float] = defaultdict(float)
        for (place, sku), pieces in self.company.shelves().items():
            free[sku] += pieces - PLACES[place][1]
        taken_off = self.company.taken_off()
        for order in self.trade.orders():
            for line in order["items"]:
                _, by_erp = taken_off.get((order["increment_id"], line["sku"]), ("", 0.0))
                free[line["sku"]] -= max(line["ordered"] - line["canceled"] - by_erp, 0)
        return dict(free)

    def held(self) -> dict[tuple[str, str], float]:
        """Per source and SKU what the shop holds."""
        ours = {source for source, _ in PLACES.values()}
        return {
            (source, sku): quantity
            for sku, source, quantity, _ in self.shop.content()["source_items"]
            if source in ours
        }

    def salable(self) -> dict[str, float]:
        """Per SKU what the shop says that it can sell."""
        client = MagentoTarget(Settings.load(self.company.config).target("shop"), killed.QuickClock()).client
        stock = client.value("/V1/inventory/stock-resolver/website/base")["stock_id"]
        path = "/V1/inventory/get-product-salable-quantity"
        return {sku: float(client.value(f"{path}/{sku}/{stock}")) for sku in self.company.skus()}

    def has_come_right(self, when: str) -> None:
        """Every figure is what it has to be, the shop sells what is free, and nothing is open, doubled or missing."""
        check_same(named(self.held()), named(self.wanted()), when)
        check_same(self.salable(), self.free(), f"{when}: to sell")
        self.is_settled()
        assert self.ledger.counts("shop", "stock_level") == {"delivered": len(self.company.shelves())}


def named(figures: dict[tuple[str, str], Any]) -> dict[str, Any]:
    """Figures by source and SKU as one word."""
    return {f"{source} {sku}": figure for (source, sku), figure in figures.items()}
