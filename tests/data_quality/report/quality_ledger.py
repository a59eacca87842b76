"""A ledger filled for the report, record by record, as a test needs it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from data_quality.catalogue import RULES
from koppel import ledger_quality  # noqa: F401 (declares its tables)
from koppel.ledger import Ledger
from koppel.ledger_schema import metadata
from koppel.settings import Settings

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 26)

KOPPEL_TOML = """
languages = ["nl", "fr"]

[flows.stock]
source = "tills"
target = "shop"
entities = ["stock_level"]

[flows.catalogue]
source = "erp"
target = "shop"
entities = ["category", "product", "product_text", "product_image", "product_relation"]
"""
OWNERS_TOML = """
[people.an]
name = "An Peeters"
mail = "an@example.org"
language = "nl"

[people.luc]
name = "Luc"
language = "fr"

[roles]
marketing = "an"
purchasing = "luc"

[where_to_fix]
weight_kg = "Artikel > Logistiek > Gewicht"
"""


def settings(folder: Path, report: str = "", rules: str = "", owners: str = OWNERS_TOML) -> Settings:
    """The settings of a small company."""
    folder.mkdir(exist_ok=True)
    (folder / "koppel.toml").write_text(f"{KOPPEL_TOML}\n{report}", "utf-8")
    (folder / "rules.toml").write_text(rules, "utf-8")
    (folder / "owners.toml").write_text(owners, "utf-8")
    return Settings.load(folder)


@dataclass
class QualityLedger:
    """Writes what was judged, found, sent and scored, all for the target ``shop``."""

    ledger: Ledger
    target: str = "shop"
    rules: str = "rules1"
    run_ids: list[str] = field(default_factory=list)

    def insert(self, table: str, *rows: dict[str, Any]) -> None:
        """Rows as they are."""
        if rows:
            with self.ledger.transaction() as connection:
                connection.execute(insert(metadata.tables[table]), list(rows))

    def judged(
        self, entity: str, sku: str, language: str = "", *, questions: dict[str, Any] | None = None, version: int = 1,
        values: dict[str, str] | None = None, **facts: Any,
    ) -> None:  # fmt: skip
        """A judgement row."""
        self.insert("judgement", {
            "target": self.target, "entity": entity, "key": f"{language}:{sku}" if language else sku, "sku": sku,
            "language": language, "questions": questions or {}, "facts": facts, "values": values, "data_version": version,
            "rules_version": self.rules, "run_id": "r1", "at": NOW,
        })  # fmt: skip

    def product(
        self,
        sku: str,
        *,
        languages: tuple[str, ...] = ("nl", "fr"),
        wrong: int = 0,
        asked: int = 4,
        version: int = 1,
        **facts: Any,
    ) -> None:
        """A product with its texts, of which ``wrong`` of ``asked`` rules on the name are broken."""
        self.judged("product", sku, questions={"weight": [1, 0]}, version=version, **{"name": f"ERP {sku}", **facts})
        for language in languages:
            self.judged("product_text", sku, language, questions={"name": [asked, wrong]}, name=f"{sku} ({language})")

    def finding(
        self, rule: str, sku: str, language: str = "", *, value: str = "", days: float = 2, entity: str = ""
    ) -> None:
        """A finding of a rule, at its own severity."""
        declared = RULES.get(rule)
        entity = entity or (declared.entity if declared else "product")
        self.insert("finding", {
            "target": self.target, "entity": entity, "key": f"{language}:{sku}" if language else sku, "language": language,
            "rule": rule, "severity": declared.severity if declared else "block", "value": value, "reason": f"{rule} {value}",
            "run_id": "r1", "since": NOW - timedelta(days=days),
        })  # fmt: skip

    def trade(
        self, sku: str, revenue: str | None = None, stock: str | None = None, *, source: str = "erp", **more: str
    ) -> None:
        """What the business knows of a product."""
        self.insert("trade", {
            "source": source, "sku": sku, "revenue_12m_eur": Decimal(revenue) if revenue else None,
            "stock_value_eur": Decimal(stock) if stock else None, "at": NOW, "supplier": None, "owner": None, **more,
        })  # fmt: skip

    def sent(self, entity: str, key: str, record: dict[str, Any] | None = None, **more: Any) -> None:
        """A delivery row."""
        self.insert("delivery", {
            "target": self.target, "entity": entity, "key": key, "state": "delivered", "reason": "", "fingerprint": "f",
            "record": record or {}, "run_id": "r1", "since": NOW, **more,
        })  # fmt: skip

    def score(
        self, days: int, sku: str, score: int | None, *, held: bool = False, language: str = "nl", version: int = 1,
        rules: str = "", worth: str | None = None,
    ) -> None:  # fmt: skip
        """The score of a day so many days ago."""
        self.insert("score", {
            "day": TODAY - timedelta(days=days), "target": self.target, "sku": sku, "language": language, "score": score,
            "is_held": held, "worth_eur": Decimal(worth) if worth else None, "data_version": version,
            "rules_version": rules or self.rules,
        })  # fmt: skip

    def run(self, flow: str, status: str = "reconciled", hours: float = 1, counts: Any = None, **more: Any) -> str:
        """A run that ended."""
        run_id = f"run-{flow}-{len(self.run_ids)}"
        self.run_ids.append(run_id)
        self.insert("run", {
            "run_id": run_id, "flow": flow, "source": "erp", "target": self.target, "read_window": {}, "is_dry_run": False,
            "asked_by": "test", "status": status, "started_at": NOW - timedelta(hours=hours), "ended_at": NOW, "counts": counts,
            **more,
        })  # fmt: skip
        return run_id
