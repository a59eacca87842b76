"""What no rule holds back and is not in the shop all the same: it stands in every form of the report, with why."""

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from data_quality.report import as_json, html, mail, workbook
from data_quality.report.build import build
from data_quality.report.headline import unread_sentence
from data_quality.report.model import LeftOut, Report
from data_quality.report.sheet import HEADER_ROW
from data_quality.texts import Texts
from tests.data_quality.report.quality_ledger import NOW, QualityLedger, settings
from tests.data_quality.report.samples import sample_report

UNREAD = "The weight (kg) is 'two <b>', which is no number."
LEFT = (
    LeftOut("product", "U1", "U1", UNREAD, NOW, is_counted=False),
    LeftOut("product_text", "nl:U2", "U2", UNREAD, NOW, is_counted=False),
    LeftOut("price", "SKU-0001", "SKU-0001", "The target said no: too dear.", NOW, is_counted=True),
)


@pytest.fixture
def report() -> Report:
    """A rich report, and three records that are left out for another reason than a rule."""
    return replace(sample_report(20), left_out=LEFT)


def test_what_failed_or_waits_without_a_finding_is_told(quality: QualityLedger, tmp_path: Path) -> None:
    quality.product("A")
    quality.product("B")
    quality.finding("weight_missing", "B")
    quality.sent("product", "A", state="held back", reason="It is new and has no price above 0.")
    quality.sent("product", "B", state="held back", reason="It has no weight.")
    quality.sent("product", "C", state="failed", reason=UNREAD)
    quality.sent("product_text", "nl:C", state="held back", reason="It waits for its product.")
    quality.sent("product_text", "fr:A", state="failed", reason="The target said no.")
    quality.sent("product", "D", state="withdrawn", reason="It left the source.")
    quality.sent("stock_level", "main:A", state="failed", reason="Stock has a page of its own.")
    left = build(quality.ledger, settings(tmp_path / "config"), NOW).left_out
    assert [(one.entity, one.key, one.sku, one.is_counted) for one in left] == [
        ("product", "A", "A", True), ("product", "C", "C", False), ("product_text", "fr:A", "A", True),
    ]  # fmt: skip
    assert left[1].reason == UNREAD


def test_every_form_says_how_many_products_could_not_be_read(report: Report, tmp_path: Path) -> None:
    texts = Texts("en")
    said = "1 product could not be read, and is not counted here."
    assert unread_sentence(report, texts) == said
    page = html.render(report, texts)
    assert said in page
    assert "two &lt;b&gt;" in page.replace("&#39;", "'")
    assert [one["key"] for one in json.loads(as_json.render(report, texts))["left_out"]] == [one.key for one in LEFT]
    workbook.write(report, texts, tmp_path / "report.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")["Not in the shop"]
    assert [row[1] for row in sheet.iter_rows(min_row=HEADER_ROW + 1, values_only=True)] == [one.key for one in LEFT]
    message = mail.manager_mail(report, texts, "https://example.org")
    assert said in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_report_without_any_says_nothing_of_it(report: Report) -> None:
    nothing = replace(report, left_out=())
    assert unread_sentence(nothing, Texts("nl")) == ""
    assert "for another reason" not in html.render(nothing, Texts("en"))
