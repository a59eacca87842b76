"""A ledger filled with stock, row by row, as a test needs it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, update

from koppel import ledger_schema as schema
from koppel.ledger import Ledger
from koppel.settings import Settings

KOPPEL_TOML = """
[flows.stock]
source = "stock"
target = "shop"
entities = ["stock_level"]
"""
STOCK_TOML = """
[locations.MECH]
name = "Magazijn Mechelen"
source = "mechelen"
silent_minutes = 60

[locations.ANT]
name = "Winkel Antwerpen"
source = "store_antwerp"
silent_minutes = 30
when_silent = "zero"
"""


def settings(folder: Path, stock: str = STOCK_TOML, koppel: str = KOPPEL_TOML) -> Settings:
    """The settings of a small company."""
    (folder / "koppel.toml").write_text(koppel, "utf-8")
    (folder / "stock.toml").write_text(stock, "utf-8")
    return Settings.load(folder)


@dataclass
class StockLedger:
    """Writes what happened; ``at``: the moment that the tests call now."""

    ledger: Ledger
    at: datetime
    target: str = "shop"
    entity: str = "stock_level"

    def _insert(self, table: str, *rows: dict) -> None:
        with self.ledger.transaction() as connection:
            connection.execute(insert(schema.metadata.tables[table]), list(rows))

    def record(
        self, key: str, state: str = "delivered", reason: str = "", fingerprint: str | None = "f", hours: float = 1
    ) -> None:
        since = self.at - timedelta(hours=hours)
        place = {"target": self.target, "entity": self.entity, "key": key, "run_id": "r1"}
        self._insert(
            "delivery", {**place, "state": state, "reason": reason, "fingerprint": fingerprint, "since": since}
        )

    def took(
        self, key: str, seconds: float | None, minutes: float = 5, *, kind: str = "update", outcome: str = "delivered"
    ) -> None:
        """A receipt of so many minutes ago, of a change that was so many seconds on its way."""
        at = self.at - timedelta(minutes=minutes)
        source_at = None if seconds is None else at - timedelta(seconds=seconds)
        place = {"target": self.target, "entity": self.entity, "key": key, "run_id": "r1", "message": ""}
        self._insert("receipt", {**place, "kind": kind, "outcome": outcome, "at": at, "source_at": source_at})

    def heard(
        self, location: str, minutes: float, *, is_stale: bool = False, since: float = 300, source: str = "stock"
    ) -> None:
        times = {
            "heard_at": self.at - timedelta(minutes=minutes),
            "since": self.at - timedelta(minutes=since),
        }
        self._insert(
            "location", {"source": source, "location": location, "is_stale": is_stale, "run_id": "r1", **times}
        )

    def sent(self, *keys: str, outcome: str | None = None) -> None:
        """A batch that is on its way."""
        batch = [{"key": key} for key in keys] or None
        name = f"{self.target} {self.entity} {keys} {outcome}"
        place = {"target": self.target, "entity": self.entity, "run_id": "r1", "intent_at": self.at}
        self._insert("attempt", {"idempotency_key": name, "batch": batch, "outcome": outcome, **place})

    def run(
        self, run_id: str, status: str = "running", minutes: float = 3, ended: float | None = None, **values: object
    ) -> None:
        """A run that began so many minutes ago."""
        row: dict = {
            "run_id": run_id, "flow": "stock", "source": "stock", "target": self.target, "is_dry_run": False,
            "asked_by": "schedule", "read_window": {"since": "2026-11-01T00:00:00+00:00"}, "status": status,
            "started_at": self.at - timedelta(minutes=minutes),
            "ended_at": None if ended is None else self.at - timedelta(minutes=ended), "counts": None, "error": None,
        }  # fmt: skip
        self._insert("run", row | values)

    def change(self, key: str, **values: object) -> None:
        """A record is something else now."""
        table = schema.delivery
        with self.ledger.transaction() as connection:
            connection.execute(update(table).where(table.c.key == key).values(**values))
