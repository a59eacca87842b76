"""The shop's whole state: tables, counters, clock, settings, and the events that the log shows."""

import datetime as dt
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.magento.credentials import Credentials
from sandbox.magento.database import Database, Record, Table

Fixture = Callable[["State"], None]
FIXTURES: list[Fixture] = []
CACHED = {"products", "source_items"}


def fixture(create: Fixture) -> Fixture:
    """Register a function that fills a fresh shop; functions run in the order in which their modules are imported."""
    FIXTURES.append(create)
    return create


@dataclass
class Settings:
    """What can be switched per shop; the defaults are those of a fresh Magento 2.4.4."""

    integration_bearer: bool = False
    input_limiting: bool = False
    sync_list_limit: int = 20
    async_list_limit: int = 5000
    page_size_limit: int = 300
    default_page_size: int = 20
    base_url: str = "http://shop.test/"
    consumer_running: bool = True
    consumer_delay: float = 0.0
    index_on_schedule: bool = False
    several_sources: bool = False
    # Whether the inventory modules (sources, stocks, reservations) are installed; without them stock is the legacy item's.
    msi: bool = True
    # Seen twice in a real shop, never explained: a shipment that empties one source makes all of the product unsalable, whatever
    # the other sources hold, until a source item of it is written or the indexers run.
    emptied_source_hides_stock: bool = False
    # SKUs whose items a bulk call rejects while it accepts the others, and those whose next operation meets a deadlock.
    rejected_skus: list[str] = field(default_factory=list)
    deadlock_skus: list[str] = field(default_factory=list)


@dataclass
class State:
    """Everything the shop knows; `database.transaction()` guards each request and each queue operation."""

    file: Path | None = None
    settings: Settings = field(default_factory=Settings)
    credentials: Credentials = field(default_factory=Credentials)
    now: Callable[[], dt.datetime] = field(default=lambda: dt.datetime.now(dt.UTC))

    def __post_init__(self) -> None:
        # Late, because the modules that register their fixtures import this one.
        importlib.import_module("sandbox.magento.modules").load_all()
        self.database = Database(self.file)
        # What is derived from the tables in CACHED and costly to build; it goes when a rollback puts records back.
        self.caches: dict[str, Any] = {}
        self.nonces: set[str] = set()
        self.database.on_rollback(lambda tables: self.caches.clear() if tables & CACHED else None)
        if not len(self.table("counters")):
            self._fill()

    def table(self, name: str) -> Table:
        """The table of that name; see `database.Table`."""
        return self.database.table(name)

    def next_id(self, sequence: str, at_least: int = 0) -> int:
        """The next number of a sequence, as AUTO_INCREMENT gives it; `at_least` moves the sequence past a given id."""
        counters = self.table("counters")
        last = (counters.get(sequence) or {"last": 0})["last"]
        number = max(last, at_least - 1) + 1
        counters.put(sequence, {"last": number})
        return int(number)

    def timestamp(self) -> str:
        """Now, as Magento writes it: UTC, to the second."""
        return self.now().strftime("%Y-%m-%d %H:%M:%S")

    def record_event(self, event: Record) -> None:
        """Add a line to the shop's own log of requests and operations."""
        self.table("log").put(self.next_id("log"), event)

    def reset(self) -> None:
        """Back to the fresh shop; who signed in stays signed in."""
        with self.database.transaction():
            tokens = {key: self.table("tokens")[key] for key in self.table("tokens").keys()}  # noqa: SIM118 - a Table
            self.database.reset()
            self.caches.clear()
            self._fill()
            for key, token in tokens.items():
                self.table("tokens").put(key, token)

    def _fill(self) -> None:
        with self.database.transaction():
            self.table("counters").put("started", {"last": 1})
            for create in FIXTURES:
                create(self)
