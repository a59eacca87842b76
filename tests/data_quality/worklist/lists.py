"""A shop of a few products with problems, its work lists, and people who fill them in."""

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import insert

from data_quality.catalogue import RULES
from data_quality.mending import fields_of
from data_quality.report.model import Problem, Product, Report
from data_quality.worklist.columns import MARK
from data_quality.worklist.handing_out import HandedOut, hand_out
from data_quality.worklist.returned import Preview, Result, confirm, preview
from koppel.ledger import Ledger
from koppel.ledger_quality import judgement, trade
from koppel.ledger_schema import delivery, finding
from koppel.settings import Settings
from tests.data_quality.report.samples import sample_report

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
LONG = (
    "Dit zwarte hoesje past precies om de Samsung Galaxy A54 en beschermt het toestel tegen krassen en stoten. Het is gemaakt van "
    "zacht kunstleer en heeft plaats voor drie kaarten. De klep sluit met een magneet, zodat het scherm heel blijft."
)
TEXT = {
    "name": "GSM HOESJE SAMS A54 ZW",
    "short_text": "Zwart hoesje dat de Galaxy A54 beschermt tegen stoten.",
    "long_text": LONG,
}
PRODUCT = {
    "gtin": "5412345678908", "brand": "Nubo", "category_code": "TEL-HOE", "weight_kg": "", "tax_class": "standard",
    "property_color": "-", "property_material": "", "property_fits_model": "Galaxy A54", "property_dishwasher_safe": "",
}  # fmt: skip
FACTS = {
    "name": "HOESJE A54 ZW",
    "brand": "Nubo",
    "category_code": "TEL-HOE",
    "status": "active",
    "stock_status": "in_stock",
}
FOUND = (
    ("weight_missing", ""), ("property_filling", "Colour: -"), ("properties_required", "Material"), ("name_capitals", TEXT["name"]),
    ("photos_none", "0"),
)  # fmt: skip
"""What is wrong with every product: rule and value."""


@dataclass(frozen=True)
class Shop:
    """A ledger and a config folder, and what one does with work lists."""

    ledger: Ledger
    settings: Settings

    def export(self, owner: str = "an", language: str = "nl", **more: Any) -> HandedOut:
        made = hand_out(
            self.ledger, self.settings, self.report(), language=language, who="els", now=NOW, owner=owner, **more
        )
        assert made is not None
        return made

    def report(self) -> Report:
        """The report of what the ledger holds, as far as work lists need one."""
        table = finding.c
        rows = self.ledger.rows(lambda _: finding.select().order_by(table.key, table.rule))
        found: dict[str, list[Problem]] = {}
        for row in rows:
            sku = row["key"].rsplit(":", 1)[-1]
            found.setdefault(sku, []).append(
                _problem(row["entity"], row["key"], row["language"], row["rule"], row["value"])
            )
        products = tuple(
            Product(
                sku, {"": FACTS["name"], "nl": TEXT["name"]}, "TEL-HOE", "Nubo", "Nordkoek", {"nl": 50}, ("nl",),
                Decimal(100 * number), 0.5, 10, float(number), tuple(problems),
            )
            for number, (sku, problems) in enumerate(sorted(found.items()), 1)
        )  # fmt: skip
        return replace(sample_report(0), products=products, people_names={"an": "An Peeters"})

    def preview(self, content: bytes, who: str = "els") -> Preview:
        return preview(self.ledger, self.settings, content, "list.xlsx", who, NOW)

    def confirm(self, content: bytes, who: str = "els", now: datetime = NOW) -> Result:
        made = preview(self.ledger, self.settings, content, "list.xlsx", who, now)
        assert made.refusal is None
        return confirm(self.ledger, self.settings, made.preview_id, who, now)

    def source_says(self, key: str, **values: str) -> None:
        """The source changed since: a run saw other values."""
        with self.ledger.transaction() as connection:
            for name, text in values.items():
                table = judgement.c
                where = (table.key == key, table.entity.in_(("product", "product_text")))
                row = connection.execute(judgement.select().where(*where)).mappings().one()
                changed = {**row["values"], name: text}
                connection.execute(judgement.update().where(*where).values(values=changed))

    def gone(self, key: str) -> None:
        """A record left the source."""
        with self.ledger.transaction() as connection:
            connection.execute(judgement.delete().where(judgement.c.key == key))
            connection.execute(finding.delete().where(finding.c.key == key))

    def mended(self, key: str) -> None:
        """A run found nothing any more."""
        with self.ledger.transaction() as connection:
            connection.execute(judgement.update().where(judgement.c.key == key).values(values=None))
            connection.execute(finding.delete().where(finding.c.key == key))


def shop(ledger: Ledger, root: Path, products: int = 2) -> Shop:
    """A shop whose products A-1, A-2... all have the problems of FOUND."""
    config = root / "config"
    shutil.copytree(Path(__file__).parents[3] / "config", config)
    (config / "owners.toml").write_text('[people.an]\nname = "An Peeters"\nlanguage = "nl"\n', "utf-8")
    made = Shop(ledger, Settings.load(config))
    with ledger.transaction() as connection:
        for code, name in (("TEL-HOE", "Hoesjes"), ("TEL-SMA", "Smartphones"), ("KOK-PAN", "Pannen")):
            record = {
                "category_code": code,
                "rows": [{"language": "nl", "name": name}, {"language": "fr", "name": f"fr {name}"}],
            }
            connection.execute(insert(delivery).values(_delivery("category", code, record)))
        for number in range(1, products + 1):
            _add(connection, f"A-{number}")
    return made


def _add(connection: Any, sku: str) -> None:
    rows = (("product", sku, "", PRODUCT, FACTS), ("product_text", f"nl:{sku}", "nl", TEXT, {"name": TEXT["name"]}))
    for entity, key, language, values, facts in rows:
        connection.execute(
            insert(judgement).values(
                target="shop", entity=entity, key=key, sku=sku, language=language, questions={}, facts=facts, values=values,
                data_version=1, rules_version="x", run_id="r", at=NOW,
            )
        )  # fmt: skip
    connection.execute(
        insert(judgement).values(
            target="shop", entity="product_image", key=sku, sku=sku, language="", questions={}, facts={}, values={},
            data_version=1, rules_version="x", run_id="r", at=NOW,
        )
    )  # fmt: skip
    connection.execute(
        insert(trade).values(source="erp", sku=sku, supplier="Nordkoek", revenue_12m_eur=Decimal(250), at=NOW)
    )
    for rule_id, value in FOUND:
        rule = RULES[rule_id]
        language = "nl" if rule.entity == "product_text" else ""
        connection.execute(
            insert(finding).values(
                target="shop", entity=rule.entity, key=f"nl:{sku}" if language else sku, language=language, rule=rule_id,
                severity=rule.severity, value=value, reason=rule.reason.format(value=value, **rule.options), run_id="r",
                since=NOW - timedelta(days=3),
            )
        )  # fmt: skip


def _delivery(entity: str, key: str, record: dict[str, Any]) -> dict[str, Any]:
    return {
        "target": "shop", "entity": entity, "key": key, "state": "delivered", "reason": "", "record": record, "run_id": "r",
        "since": NOW,
    }  # fmt: skip


def _problem(entity: str, key: str, language: str, rule_id: str, value: str) -> Problem:
    rule = RULES[rule_id]
    fields = fields_of(rule, value)
    return Problem(
        entity, key, language, rule_id, rule.question, rule.severity, value, rule.reason, fields[0] if fields else "", "an",
        NOW - timedelta(days=3), rule.minutes,
    )  # fmt: skip


# --- people with a spreadsheet ----------------------------------------------------------------------------------------


def mending(book: Workbook) -> Any:
    """The sheet that is filled in."""
    return next(sheet for sheet in book.worksheets if sheet.cell(1, 1).value == f"{MARK}place")


def column(sheet: Any, code: str) -> int:
    """The number of a column."""
    return 1 + [cell.value for cell in sheet[1]].index(MARK + code)


def line_of(sheet: Any, place: str) -> int:
    """The line of a place."""
    at = column(sheet, "place")
    return next(row for row in range(3, sheet.max_row + 1) if sheet.cell(row, at).value == place)


def filled(content: bytes, values: dict[str, dict[str, Any]], change: Callable[[Any], None] | None = None) -> bytes:
    """The workbook after somebody filled in cells (per place and column), and changed the sheet besides."""
    book = load_workbook(io.BytesIO(content))
    sheet = mending(book)
    for place, cells in values.items():
        line = line_of(sheet, place)
        for code, value in cells.items():
            sheet.cell(line, column(sheet, code)).value = value
    if change is not None:
        change(sheet)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
