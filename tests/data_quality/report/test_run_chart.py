"""What the latest runs did, per flow: the figures of the ledger in words and as a bar, also in a first report."""

from dataclasses import replace
from html import unescape

import pytest

from data_quality.report import html
from data_quality.report.model import Report, RunLine
from data_quality.report.run_chart import run_chart
from data_quality.texts import Texts
from tests.data_quality.report.samples import NOW, sample_report

EN = Texts("en")
REPORT = sample_report(60)


def line(flow: str, entity: str, *counts: int, status: str = "reconciled") -> RunLine:
    return RunLine(flow, entity, f"{flow}-1", status, NOW, NOW, *counts)


def with_runs(*runs: RunLine) -> Report:
    return replace(REPORT, runs=runs)


def test_the_entities_of_a_flow_are_told_together() -> None:
    chart = run_chart(
        with_runs(
            line("catalogue", "product", 1000, 0, 940, 50, 10), line("catalogue", "price", 10, 4, 6, 0, 0),
            line("stock", "stock_level", 5, 0, 4, 1, 0),
        ),
        EN,
    )  # fmt: skip
    assert chart is not None
    assert chart.title == "The latest runs: 1,015 read, 950 delivered, 4 unchanged, 51 held back, 10 failed."
    assert [flow.name for flow in chart.flows] == ["Catalogue", "Stock"]
    assert chart.flows[0].counts == ("1,010 read", "946 delivered", "4 unchanged", "50 held back", "10 failed")
    assert chart.flows[1].counts == ("5 read", "4 delivered", "1 held back")
    for flow in chart.flows:
        assert sum(bar.width for bar in flow.bars) == pytest.approx(100)
        assert not flow.is_amiss


def test_all_is_well_is_said_only_where_it_is() -> None:
    fine = line("stock", "stock_level", 5, 2, 3, 0, 0)
    assert run_chart(with_runs(fine), EN).title == "Everything that the latest runs read is in the shop."
    for amiss in (replace(fine, status="failed"), replace(fine, read=6), replace(fine, status="waiting")):
        chart = run_chart(with_runs(amiss), EN)
        assert chart.title.startswith("The latest runs: ")
        assert chart.flows[0].is_amiss


def test_a_run_that_read_nothing_has_no_bar() -> None:
    chart = run_chart(with_runs(line("stock", "", 0, 0, 0, 0, 0, status="failed")), EN)
    assert chart.flows[0].bars == ()
    assert chart.flows[0].counts == ("0 read",)
    assert chart.title == "The latest runs: 0 read."


def test_without_runs_there_is_nothing_to_tell() -> None:
    assert run_chart(with_runs(), EN) is None


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_the_first_report_tells_what_the_latest_run_did(language: str) -> None:
    texts = Texts(language)
    first = replace(REPORT, is_first=True, trend=(), change=None, score_change=None, ready_change=None)
    page = unescape(html.render(first, texts))
    happened = page[page.index('id="what-happened"') : page.index('id="how-we-stand"')]
    assert run_chart(first, texts).title in happened
    assert "chart empty" not in happened
    assert texts.gettext("There is no line yet: it begins with the second report.") in happened


def test_later_reports_tell_it_below_the_charts() -> None:
    page = html.render(REPORT, EN)
    assert page.index('class="plot lines"') < page.index('class="runs"') < page.index('id="how-we-stand"')
