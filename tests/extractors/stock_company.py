"""A small company for the tests of stock: an ERP, tills and a shop's orders in memory, whose answers a test decides."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from extractors import stock_known
from extractors.stock import StockSource
from koppel import locations, registry
from koppel.clock import Clock
from koppel.entities import ORDER_LINE, STOCK_COMPONENT, STOCK_LEVEL, STOCK_LOCATION, Entity
from koppel.errors import ConfigError
from koppel.judging import Context
from koppel.ledger import Ledger
from koppel.locations import LocationRow
from koppel.settings import Settings, SourceSettings
from koppel.target import Check
from koppel.window import Window
from transformers.stock_level import transform

STOCK_TOML = """
[defaults]
silent_minutes = 60
[locations.MECH]
source = "mechelen"
[locations.GENT]
source = "ghent"
[locations.ANT]
source = "store_antwerp"
when_silent = "zero"
"""
KOPPEL_TOML = """
[flows.stock]
source = "stock"
target = "shop"
entities = ["stock_level"]
[sources.erp]
kind = "memory"
[sources.tills]
kind = "memory"
[sources.orders]
kind = "memory"
settled_days = 2
"""
TIME = pa.timestamp("us", tz="UTC")
TYPES = {
    "location": pa.string(), "sku": pa.string(), "on_hand": pa.float64(), "taken_for_orders": pa.string(),
    "category_code": pa.string(), "unit_size": pa.float64(), "reserved": pa.float64(), "modified_at": TIME,
    "component_sku": pa.string(), "quantity": pa.float64(), "heard_at": TIME, "order_number": pa.string(),
    "ordered": pa.float64(), "shipped": pa.float64(), "cancelled": pa.float64(), "refunded": pa.float64(),
    "shipped_from": pa.string(), "state": pa.string(),
}  # fmt: skip
GIVES = {
    STOCK_LEVEL.name: ["location", "sku", "on_hand", "reserved", "unit_size", "category_code", "taken_for_orders", "modified_at"],
    STOCK_LOCATION.name: ["location", "heard_at", "modified_at"],
    STOCK_COMPONENT.name: ["sku", "component_sku", "quantity", "modified_at"],
    ORDER_LINE.name: ["order_number", "sku", "ordered", "shipped", "cancelled", "refunded", "shipped_from", "state",
                      "modified_at"],
}  # fmt: skip


def now() -> datetime:
    return datetime.now(UTC)


class Memory:
    """A source in memory: rows by entity, what was asked for, and what happens while it is read."""

    def __init__(self, name: str, *entities: Entity) -> None:
        self.name = name
        self.rows: dict[str, list[dict[str, Any]]] = {entity.name: [] for entity in entities}
        self.asked: list[tuple[str, Window]] = []
        self.accounted_for: list[str] = []
        self.trouble: Exception | None = None
        self.after: Callable[[], None] = lambda: None
        self.as_text = False
        self.slice_rows = 50_000

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        if entity.name not in self.rows:
            raise ConfigError(f"{self.name} gives no {entity.name}.")
        self.asked.append((entity.name, window))
        if self.trouble:
            raise self.trouble
        key = "order_number" if entity.name == ORDER_LINE.name else "sku"
        rows = [row for row in self.rows[entity.name] if self._is_in(row, window, key)]
        names = GIVES[entity.name]
        schema = pa.schema([(name, pa.string() if self._is_text(name) else TYPES[name]) for name in names])
        if self.as_text:
            rows = [row | {"on_hand": str(row["on_hand"])} for row in rows]
        tables = [rows[start : start + self.slice_rows] for start in range(0, max(len(rows), 1), self.slice_rows)]
        for part in tables:
            yield pa.Table.from_pylist(part, schema=schema)
        if entity.name == STOCK_LEVEL.name:
            self.after()

    def accounted(self, entity: Entity, run_id: str) -> None:
        self.accounted_for.append(entity.name)

    def check(self) -> list[Check]:
        return [Check(f"source {self.name}", is_fine=True, detail="always there")]

    def _is_text(self, name: str) -> bool:
        return self.as_text and name == "on_hand"

    @staticmethod
    def _is_in(row: dict[str, Any], window: Window, key: str) -> bool:
        at = row.get("modified_at")
        is_in_time = not window.since or at is None or at >= window.since
        return is_in_time and (not window.keys or row[key] in window.keys)


class StepClock(Clock):
    """Stands still until a test moves it."""

    time = 1_000.0

    def now(self) -> float:
        return self.time


class Company:
    """An ERP (MECH, GENT), the tills of ANT, the shop's orders, and a source of stock over them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path, options: dict[str, Any] | None = None) -> None:
        self.erp = Memory("erp", STOCK_LEVEL, STOCK_COMPONENT)
        self.tills = Memory("tills", STOCK_LEVEL)
        self.shop = Memory("orders", ORDER_LINE)
        self.noted: dict[str, LocationRow] = {}
        self.known_stock: set[str] = set()
        self.clock = StepClock()
        self.root = root
        self.options = {"from": ["erp", "tills"], "orders": "orders", "orders_poll_seconds": 0} | (options or {})
        (root / "koppel.toml").write_text(KOPPEL_TOML)
        (root / "stock.toml").write_text(STOCK_TOML)
        monkeypatch.setattr(registry, "source", self._source)
        monkeypatch.setattr(Ledger, "from_environment", classmethod(lambda _: None))
        monkeypatch.setattr(locations, "known", lambda _, source: dict(self.noted))
        monkeypatch.setattr(
            locations, "note", lambda _, source, run, rows: self.noted.update({r.location: r for r in rows})
        )
        monkeypatch.setattr("extractors.stock.has_stock", lambda _, code: code in self.known_stock)
        assert stock_known.has_stock  # what the line above stands in for is tested with a real ledger
        self.source = self.fresh()

    def _source(self, _: Settings, name: str) -> Memory:
        return {"erp": self.erp, "tills": self.tills, "orders": self.shop}[name]

    def fresh(self) -> StockSource:
        """A new instance, as a new run makes it."""
        self.source = StockSource(SourceSettings("stock", "stock", self.root, None, self.options), self.clock)
        return self.source

    def count(self, location: str, sku: str, on_hand: float, at: datetime | None = None, **more: Any) -> None:
        """What stands there from now on."""
        member = self.tills if location == "ANT" else self.erp
        kept = [row for row in member.rows[STOCK_LEVEL.name] if (row["location"], row["sku"]) != (location, sku)]
        row = {"location": location, "sku": sku, "on_hand": on_hand, "modified_at": at or now(), **more}
        member.rows[STOCK_LEVEL.name] = [*kept, row]

    def order(self, number: str, sku: str, ordered: float, at: datetime | None = None, **more: Any) -> None:
        """What the shop says of an order from now on; of other SKUs in it too, it changed now."""
        at = at or now()
        rows = self.shop.rows[ORDER_LINE.name]
        kept = [row for row in rows if (row["order_number"], row["sku"]) != (number, sku)]
        kept = [row | {"modified_at": at} if row["order_number"] == number else row for row in kept]
        row = {"order_number": number, "sku": sku, "ordered": ordered, "state": "processing", "modified_at": at, **more}
        self.shop.rows[ORDER_LINE.name] = [*kept, row]

    def kit(self, sku: str, **parts: float) -> None:
        """A set."""
        for part, pieces in parts.items():
            row = {"sku": sku, "component_sku": part, "quantity": pieces, "modified_at": None}
            self.erp.rows[STOCK_COMPONENT.name].append(row)

    def read(
        self, since: datetime | timedelta | None = None, keys: tuple[str, ...] = ()
    ) -> dict[tuple[str, str], dict[str, Any]]:
        """What a window gives, by location and SKU; each once."""
        at = now() - since if isinstance(since, timedelta) else since
        tables = list(self.source.read(STOCK_LEVEL, Window(since=at, keys=keys)))
        assert all(table.num_rows <= 50_000 for table in tables)
        assert len({tuple(table.column_names) for table in tables}) == 1
        rows = [row for table in tables for row in table.to_pylist()]
        found = {(row["location"], row["sku"]): row for row in rows}
        assert len(found) == len(rows), "a row was given twice"
        return found

    def done(self) -> None:
        """Everything that was read is accounted for."""
        self.source.accounted(STOCK_LEVEL, "run-1")

    def requests(self, source: Memory) -> list[Window]:
        """What the member was asked for since the last call, but for facts."""
        asked = [window for name, window in source.asked if name in {STOCK_LEVEL.name, ORDER_LINE.name}]
        source.asked.clear()
        return asked


FIGURES = ("on_hand", "taken", "claimed", "moves", "components", "is_stale")


def figures(rows: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """What the figure in the shop is made of."""
    return {place: {name: row[name] for name in FIGURES} for place, row in rows.items()}


def quantities(company: Company, rows: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], float]:
    """What the real transformer makes of the rows."""
    done = transform(STOCK_LEVEL, pd.DataFrame(list(rows.values())), Context(("nl",), company.root, {}, {}, None))
    assert done.failures.empty, done.failures
    frame = done.frame
    return {(row.location, row.sku): float(row.quantity) for row in frame.itertuples()}
