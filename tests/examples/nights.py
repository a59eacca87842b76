"""AdventureWorks coupled to the shop by its folder of configuration, and a night of its flows; for the tests of examples."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import select

from koppel import flow
from koppel.ledger import Ledger
from koppel.window import Window
from sandbox.magento import content
from sandbox.magento.testing import RunningShop

CONFIG = Path(__file__).parents[2] / "examples" / "adventureworks"
FLOWS = ("catalogue", "prices")
COUPLED = ("category", "product", "product_text", "product_image", "product_relation", "price")


@dataclass(frozen=True)
class Night:
    """Both flows, one after the other: how their runs ended, and what the shop holds afterwards."""

    statuses: dict[str, str]
    counts: dict[str, dict[str, int]]
    writes: int
    effects: list[tuple[str, str]]
    products: dict[str, Any]

    def value(self, sku: str, code: str, view: int = 0) -> Any:
        """What a store view shows of an attribute: its own value, else the one for all."""
        values = dict(self.products[sku]["values"].get(code, []))
        return values.get(view, values.get(0))


@dataclass(frozen=True)
class Coupled:
    """The database, the shop and the ledger between them."""

    database: str
    shop: RunningShop
    ledger: Ledger
    media: Path

    def night(self) -> Night:
        """Run both flows on everything."""
        start = len(self._log())
        statuses: dict[str, str] = {}
        counts: dict[str, dict[str, int]] = {}
        for name in FLOWS:
            run_id = flow.begin(name, Window())
            for _ in flow.run_here(run_id):
                pass
            row = self.ledger.run(run_id)
            statuses[name] = row["status"]
            counts |= row["counts"]
        log = self._log()[start:]
        writes = sum(line.get("method", "") not in ("GET", "") or line["kind"] == "operation" for line in log)
        effects = [(one["entity"], one["effect"]) for line in log for one in line.get("effects", ())]
        return Night(statuses, counts, writes, effects, content.canonical(self.shop.state)["products"])

    def standing(self, entity: str) -> dict[str, tuple[str, str]]:
        """State and reason of every record of an entity."""
        rows = self.ledger.rows(lambda schema: select(schema.delivery).where(schema.delivery.c.entity == entity))
        return {row["key"]: (row["state"], row["reason"]) for row in rows}

    def view(self, code: str) -> int:
        """The number of a store view."""
        with self.shop.state.database.lock:
            return next(int(store["id"]) for store in self.shop.state.table("stores") if store["code"] == code)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(query, values or None).fetchall()

    def _log(self) -> list[dict[str, Any]]:
        with self.shop.state.database.lock:
            return list(self.shop.state.table("log"))
