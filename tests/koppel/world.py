"""A small world for the engine: a source and a target in memory, whose answers and crashes a test decides."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from koppel import flow, registry
from koppel.entities import ENTITIES, Entity, split_key
from koppel.errors import KoppelError, TargetDown
from koppel.judging import Judgement
from koppel.ledger import Ledger
from koppel.target import Attempt, Change, Check, Preparation, Receipt, Record
from koppel.window import Window

CONFIG = """
languages = ["nl", "fr"]
[flows.catalogue]
source = "erp"
target = "shop"
entities = ["category", "product", "product_text", "product_image", "product_relation"]
[flows.prices]
source = "erp"
target = "shop"
entities = ["price"]
[flows.stock]
source = "erp"
target = "shop"
entities = ["stock_level"]
[limits]
withdrawn_share = 1.0
held_back_share = 1.0
[sources.erp]
kind = "memory"
[targets.shop]
kind = "memory"
[ownership]
product = { brand = "shop" }
"""


class Killed(BaseException):
    """The process ends here, as if by SIGKILL: nobody may catch it."""


class MemorySource:
    """Tables of rows as text, by entity."""

    name = "erp"

    def __init__(self) -> None:
        self.tables: dict[str, list[dict[str, Any]]] = {name: [] for name in ENTITIES}
        self.slice_rows = 3
        self.accounted_for: list[tuple[str, str]] = []

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        rows = sorted(self.tables[entity.name], key=lambda row: [str(row.get(name)) for name in entity.key])
        if window.keys:
            rows = [row for row in rows if row[entity.key[-1]] in window.keys]
        names = sorted({name for row in rows for name in row} | set(entity.required))
        types = pa.schema([(name, pa.string()) for name in names])
        for start in range(0, max(len(rows), 1), self.slice_rows):
            yield pa.Table.from_pylist(rows[start : start + self.slice_rows], schema=types)

    def accounted(self, entity: Entity, run_id: str) -> None:
        self.accounted_for.append((entity.name, run_id))

    def check(self) -> list[Check]:
        return [Check("memory", is_fine=True, detail="always there")]


class MemoryTarget:
    """Holds records by (entity, key); ``script`` decides what happens to the next batches, one word each."""

    name = "shop"

    def __init__(self) -> None:
        self.content: dict[tuple[str, str], Record] = {}
        self.withdrawn: set[tuple[str, str]] = set()
        self.created: Counter[tuple[str, str]] = Counter()
        self.requests = 0
        self.script: list[str] = []
        self.size = 2

    def batch_size(self, entity: Entity, planned: int) -> int:
        return self.size

    def normalise_key(self, key: str) -> str:
        return key.casefold().strip()

    def preparations(self, entity: Entity, records: Iterable[Record]) -> list[Preparation]:
        colours = {record["property_color"] for record in records if "property_color" in record}
        return [Preparation("option", f"color={colour}") for colour in sorted(colours)]

    def prepare(self, preparations: Sequence[Preparation]) -> None:
        self.prepared = [one.name for one in preparations]

    def deliver(self, entity: Entity, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        self.requests += 1
        word = self.script.pop(0) if self.script else "take"
        if word == "killed before":
            raise Killed
        if word == "down before":
            raise TargetDown("The shop is in maintenance.", do="Wait.")
        attempt.remember(f"batch {self.requests}")
        for number, change in enumerate(changes):
            if word == "killed half-way" and number == len(changes) // 2:
                raise Killed
            if word == "reject the first" and number == 0:
                yield Receipt(change.key, "rejected", "The name is too long.")
                continue
            if word in {"busy", "lost"}:
                yield Receipt(change.key, "transient" if word == "busy" else "ambiguous", "Try later.")
                continue
            self._take(entity, change)
            if word == "taken without answer":
                yield Receipt(change.key, "ambiguous", "timed out")
            elif word != "down after":
                yield Receipt(change.key, "delivered", remote_id=f"id-{change.key}", sent=change.record)
        if word == "killed after":
            raise Killed
        if word == "down after":
            raise TargetDown("The connection was cut.")

    def _take(self, entity: Entity, change: Change) -> None:
        place = (entity.name, change.key)
        if change.kind == "withdraw":
            self.withdrawn.add(place)
            return
        self.created[place] += place not in self.content
        self.content[place] = change.record
        self.withdrawn.discard(place)

    def read_back(self, entity: Entity, changes: Sequence[Change], reference: str | None) -> Iterator[Receipt]:
        for change in changes:
            place = (entity.name, change.key)
            stands = place in self.withdrawn if change.kind == "withdraw" else self.content.get(place) == change.record
            stands = stands and (change.kind == "withdraw" or place not in self.withdrawn)
            yield Receipt(change.key, "delivered" if stands else "transient", "read back", remote_id=f"id-{change.key}")

    def read_all(self, entity: Entity) -> Iterator[Sequence[tuple[str, Record]]]:
        yield [
            (key, record)
            for (name, key), record in self.content.items()
            if name == entity.name and (name, key) not in self.withdrawn
        ]

    def check(self) -> list[Check]:
        return [Check("memory", is_fine=True, detail="always there")]

    def visible(self) -> dict[tuple[str, str], Record]:
        """What a customer could see."""
        return {
            place: record
            for place, record in self.content.items()
            if place not in self.withdrawn
            and ("product", split_key(ENTITIES[place[0]], place[1])[-1]) not in self.withdrawn
        }


def gate(entity: Entity, frame: pd.DataFrame, context: Any) -> Judgement:
    """One rule: what is named BAD is held back."""
    columns = ["key", "language", "rule", "severity", "value", "reason"]
    if "name" not in frame or entity.name == "category":
        return Judgement(pd.DataFrame(columns=columns))
    bad = frame[frame["name"].fillna("").str.startswith("BAD")]
    keys = bad["sku"] if entity.name == "product" else bad["language"].str.cat(bad["sku"], sep=":")
    rows = [
        (key, "", "name_bad", "block", name, f"The name {name} is bad.")
        for key, name in zip(keys, bad["name"], strict=True)
    ]
    return Judgement(pd.DataFrame(rows, columns=columns))


class World:
    """A source, a target and a ledger, and runs between them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, url: str) -> None:
        self._config = folder / "koppel.toml"
        self._config.write_text(CONFIG)
        monkeypatch.setenv("KOPPEL_CONFIG", str(folder))
        monkeypatch.setenv("KOPPEL_HOME", str(folder / "home"))
        monkeypatch.setenv("KOPPEL_LEDGER_URL", url)
        self.ledger = Ledger.from_environment()
        self.source, self.target = MemorySource(), MemoryTarget()
        monkeypatch.setattr(registry, "source", lambda settings, name: self.source)
        monkeypatch.setattr(registry, "target", lambda settings, name: self.target)
        monkeypatch.setattr(registry, "gate", lambda settings: gate)
        monkeypatch.setattr(registry, "reader", lambda entity: None)

    def brings(self, *entities: str) -> None:
        """The catalogue is these entities alone from now on; each one that is left out makes every run shorter."""
        lines = CONFIG.splitlines()
        place = next(number for number, line in enumerate(lines) if '"category"' in line)
        lines[place] = f"entities = {json.dumps(entities)}"
        self._config.write_text("\n".join(lines))

    def put(self, sku: str, *, names: dict[str, str] | None = None, **product: str) -> None:
        """A product with its texts, in the source; an earlier one with this SKU is replaced."""
        self.drop(sku)
        self.source.tables["product"].append(
            {"sku": sku, "name": f"ERP {sku}", "first_price_eur_excl_vat": "9.95", **product}
        )
        for language, name in (names or {"nl": f"Naam {sku}", "fr": f"Nom {sku}"}).items():
            self.source.tables["product_text"].append({"sku": sku, "language": language, "name": name})

    def drop(self, sku: str) -> None:
        """A product leaves the source."""
        for table in self.source.tables.values():
            table[:] = [row for row in table if row.get("sku") != sku]

    def run(self, name: str = "catalogue", **window: Any) -> dict[str, dict[str, int]]:
        """A whole run; its counts per entity."""
        run_id = flow.begin(name, Window(**window))
        return dict(flow.run_here(run_id))["reconcile"]

    def try_run(self) -> bool:
        """A run that may be killed or stopped by an error; whether it came to its end."""
        try:
            self.run()
        except (Killed, KoppelError):
            return False
        return True

    def state(self, key: str, entity: str = "product") -> tuple[str, str]:
        """State and reason of a record."""
        row = self.ledger.standing("shop", entity, [key])[key]
        return row["state"], row["reason"]

    def empty(self) -> None:
        """Forget everything."""
        with self.ledger.transaction() as connection:
            connection.exec_driver_sql("truncate run, delivery, receipt, attempt, finding, cursor, approval, location")
        self.source.__init__()  # type: ignore[misc]
        self.target.__init__()  # type: ignore[misc]
