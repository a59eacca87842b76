"""A company, a ledger and a shop together, and runs between them that may be killed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select

from koppel import ledger_schema
from koppel.ledger import Ledger
from tests.promise import killed
from tests.promise.company import Company
from tests.promise.shop import Shop


@dataclass
class Scene:
    """One coupling. Runs happen in processes of their own."""

    company: Company
    shop: Shop
    ledger: Ledger

    def __post_init__(self) -> None:
        self._starter = killed.starter()
        self._told = self.company.folder / "told"
        self._made: Counter[tuple[str, str]] = Counter()
        self._lines = 0

    @property
    def environment(self) -> dict[str, str]:
        return self.company.environment | {
            "KOPPEL_LEDGER_URL": self.ledger.url,
            "AIRFLOW_CONN_SHOP": self.shop.connection,
        }

    def start(self, work: Any, *arguments: Any, deadly: killed.Deadly = None) -> BaseProcess:
        """Start a run, or one more beside others: ``work`` is one of the children of ``killed``."""
        self._told.unlink(missing_ok=True)
        process: BaseProcess = self._starter.Process(
            target=work, args=(self.environment, *arguments, deadly, str(self._told))
        )
        process.start()
        return process

    def complete(self, *flows: str) -> list[str]:
        """A run of these flows to its end; the boundaries that it has, each by what it comes after."""
        return self.done(killed.run_flows, flows or killed.FLOWS).splitlines()

    def done(self, work: Any, *arguments: Any) -> str:
        """Run to the end; what it tells."""
        code = killed.ended(self.start(work, *arguments))
        assert code == 0, self.told()
        return self.told()

    def is_killed_at(self, boundary: killed.Deadly, work: Any, *arguments: Any) -> bool:
        """A run that dies at a boundary; False when it has fewer of them."""
        code = killed.ended(self.start(work, *arguments, deadly=boundary))
        assert code <= 0, self.told()
        return code < 0

    def told(self) -> str:
        """What the last run left behind."""
        return self._told.read_text() if self._told.exists() else "nothing"

    def clear(self, keep: str = "") -> None:
        """A fresh shop, and a ledger that knows nothing; ``keep``: but this run, whose plan may be delivered anew."""
        self.shop.reset()
        self._made.clear()
        self._lines = 0
        with self.ledger.transaction() as connection:
            connection.exec_driver_sql("truncate delivery, receipt, attempt, finding, cursor, approval")
            connection.exec_driver_sql("delete from run where run_id <> %(keep)s", {"keep": keep})
            connection.exec_driver_sql("update run set status = 'running'")

    def is_settled(self) -> None:
        """Nothing is open, nothing was made twice, and the ledger's counts are those of the source."""
        assert self.ledger.open_attempts("shop") == []
        assert [what for what, times in self._all_made().items() if times > 1] == [], "made twice"
        latest = self.ledger.runs(1)[0]
        assert latest["status"] == "reconciled"
        for counts in latest["counts"].values():
            assert counts["read"] == counts["unchanged"] + counts["delivered"] + counts["held_back"] + counts["failed"]
            assert counts["failed"] == 0
        products = self.ledger.counts("shop", "product")
        assert products["delivered"] == len(self.company.skus())

    def _all_made(self) -> Counter[tuple[str, str]]:
        """What the shop says that it made, by kind and name; reads only what its log told since the last time."""
        lines = self.shop.log(self._lines)
        self._lines += len(lines)
        effects = (effect for line in lines for effect in line.get("effects", []))
        self._made.update((one["entity"], one["key"]) for one in effects if one["effect"] == "created")
        return self._made


def check_same(there: Any, wanted: Any, when: str) -> None:
    """Two contents are equal; where not, the error says where."""
    if lines := list(_differences(there, wanted)):
        raise AssertionError("\n".join([when, *lines[:20]]))


def _differences(there: Any, wanted: Any, path: str = "") -> Iterator[str]:
    if isinstance(there, dict) and isinstance(wanted, dict):
        for name in sorted(there.keys() | wanted.keys()):
            yield from _differences(there.get(name), wanted.get(name), f"{path}/{name}")
    elif there != wanted:
        yield f"{path}: {there!r} instead of {wanted!r}"


def check_no_secret(scene: Scene, *texts: str) -> None:
    """Nothing that the shop's connection keeps stands in these texts, in the ledger or in any file that a run left."""
    with scene.ledger.transaction() as ledger:
        kept = [str(ledger.execute(select(table)).all()) for table in ledger_schema.metadata.sorted_tables]
    files = [path for path in (scene.company.folder / "home").rglob("*") if path.is_file()]
    everything = "\n".join([*texts, *kept]).encode() + b"".join(Path(path).read_bytes() for path in files)
    assert files
    for name, secret in scene.shop.secrets.items():
        assert secret.encode() not in everything, name
