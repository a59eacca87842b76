"""Stock for the small world of the engine's tests: rows with a time, and the plainest of transformers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from koppel import live, registry
from koppel.clock import Clock
from koppel.entities import Entity
from koppel.judging import Context, Transformed
from koppel.ledger import now
from koppel.window import Window
from tests.koppel.world import World


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """The count is what the shop gets, and how it is written explains it; what is no number fails."""
    counts = pd.to_numeric(raw["on_hand"], errors="coerce").astype("Float64")
    is_bad = counts.isna()
    frame = raw.assign(on_hand=counts, quantity=counts, is_in_stock=counts.gt(0).astype("boolean"))
    frame["arithmetic"] = raw["on_hand"]
    keys = raw["location"].str.cat(raw["sku"], sep=":")
    failures = pd.DataFrame({"key": keys[is_bad], "reason": "The count is no number."})
    return Transformed(frame[~is_bad].reset_index(drop=True), failures.reset_index(drop=True))


class StepClock(Clock):
    """A clock that stands still but for what is slept, so that an hour passes in no time."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0.001)


class Shelf:
    """The stock of the small world: ``count`` says what stands where, and when that was; ``reads`` what was asked for."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = world
        self.rows: dict[tuple[str, str], tuple[str, datetime]] = {}
        self.silent: set[str] = set()
        """Places that are stale, and count for nothing."""
        self.reads: list[Window] = []
        self.trouble: list[BaseException | None] = []
        plain_read, plain_transform = world.source.read, registry.transform

        def read(entity: Entity, window: Window) -> Iterator[pa.Table]:
            yield from self._read(window) if entity.name == "stock_level" else plain_read(entity, window)

        def found(entity: str) -> Any:
            return transform if entity == "stock_level" else plain_transform(entity)

        monkeypatch.setattr(world.source, "read", read)
        monkeypatch.setattr(registry, "transform", found)

    def count(self, location: str, sku: str, on_hand: object, at: datetime | None = None) -> None:
        """Somebody counts, or sells, at this moment or another."""
        self.rows[location, sku] = (str(on_hand), at or now())

    def _read(self, window: Window) -> Iterator[pa.Table]:
        self.reads.append(window)
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is not None:
            raise trouble
        rows = [
            {
                "location": location,
                "sku": sku,
                "on_hand": on_hand,
                "modified_at": at,
                "is_stale": location in self.silent,
            }
            for (location, sku), (on_hand, at) in self.rows.items()
            if (not window.keys or sku in window.keys) and (window.since is None or at >= window.since)
        ]
        types = [("location", pa.string()), ("sku", pa.string()), ("on_hand", pa.string())]
        types += [("modified_at", pa.timestamp("us", tz="UTC")), ("is_stale", pa.bool_())]
        yield pa.Table.from_pylist(rows, schema=pa.schema(types))

    def in_shop(self, location: str, sku: str) -> float | None:
        """What the shop holds."""
        record = self.world.target.content.get(("stock_level", f"{location}:{sku}"))
        return None if record is None else record["quantity"]

    def listen(self, seconds: float = 5, is_enough: Any = lambda: False) -> dict[str, dict[str, int]]:
        """Rounds for so long, by a clock that does not make anybody wait."""
        return live.listen("stock", seconds=seconds, clock=StepClock(), is_enough=is_enough)


LONG_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
A_WHILE = timedelta(minutes=5)
