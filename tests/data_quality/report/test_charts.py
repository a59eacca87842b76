"""The charts of the HTML report: their places, their findings, and the tables that tell the same."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_quality.report.charts import ROW, change_chart, question_chart, supplier_chart
from data_quality.report.model import Change, QuestionCell, Report, Share, TrendPoint
from data_quality.report.trend_chart import HEIGHT, spark, trend_chart
from data_quality.texts import Texts
from tests.data_quality.report.samples import NOW, sample_report

EN = Texts("en")
REPORT = sample_report(60)


def trend_of(counts: list[int], of: int = 100, worths: list[int | None] | None = None) -> Report:
    worths = worths or [None] * len(counts)
    points = tuple(
        TrendPoint(
            NOW.date() - timedelta(weeks=len(counts) - 1 - at),
            Share(count, of, None if worth is None else Decimal(worth), None if worth is None else Decimal(1000)),
            rules_changed=at == 1,
        )
        for at, (count, worth) in enumerate(zip(counts, worths, strict=True))
    )
    return replace(REPORT, trend=points)


def test_every_part_of_a_question_is_as_wide_as_its_share() -> None:
    chart = question_chart(REPORT, EN)
    assert chart is not None
    assert chart.height == 8 * ROW
    for row in chart.rows:
        assert sum(bar.width for bar in row.bars) == pytest.approx(100)
    assert chart.table.rows[0][0] == "Is the name understandable?"
    assert chart.title == "Most falls short on Photos: 20%."


def test_a_question_that_nobody_asks_has_no_bar() -> None:
    nothing = {"name": {"nl": QuestionCell(0, 0, 0, 0)}}
    assert question_chart(replace(REPORT, questions=nothing), EN) is None
    fine = {"name": {"nl": QuestionCell(5, 0, 0, 5)}, "stock": {"nl": QuestionCell(0, 0, 0, 0)}}
    chart = question_chart(replace(REPORT, questions=fine), EN)
    assert chart is not None
    assert [row.label for row in chart.rows] == ["Name"]
    assert chart.title == "Every question is in order for every product."
    assert chart.rows[0].figure == "5 of 5"


def test_suppliers_stand_by_worth_and_the_rest_together() -> None:
    group = next(group for group in REPORT.groups["supplier"] if group.held_worth)
    many = tuple(replace(group, code=f"S{n}", name=f"S{n}", held_worth=Decimal(n)) for n in range(12))
    chart = supplier_chart(replace(REPORT, groups={**REPORT.groups, "supplier": many}), EN)
    assert chart is not None
    assert [row.label for row in chart.rows] == [*(f"S{n}" for n in range(11, 3, -1)), "All others"]
    assert chart.rows[0].bars[0].width == 100
    assert chart.rows[-1].figure == "€6"
    assert chart.title.startswith("S11 has the largest part: €11 of €66")


@pytest.mark.parametrize("report", [sample_report(0), replace(REPORT, worth_kind="none")])
def test_no_worth_no_bars_of_suppliers(report: Report) -> None:
    assert supplier_chart(report, EN) is None


@given(
    before=st.integers(0, 100_000), data=st.integers(-500, 500), rules=st.integers(-500, 500),
    both=st.integers(-500, 500), assortment=st.integers(-500, 500),
)  # fmt: skip
def test_the_steps_of_the_change_lead_from_then_to_now(before, data, rules, both, assortment) -> None:
    after = before + data + rules + both + assortment
    chart = change_chart(
        replace(REPORT, change=Change(date(2026, 11, 19), before, data, rules, both, assortment, after)), EN
    )
    assert chart is not None
    assert len(chart.rows) == 6
    assert chart.rows[0].figure == EN.number(before)
    assert chart.rows[-1].figure == EN.number(after)
    for row in chart.rows:
        assert row.bars[0].x >= -0.01
    first, last = chart.rows[0].bars[0].width, chart.rows[-1].bars[0].width
    assert (first <= last) == (before <= after) or first == pytest.approx(last)
    signs = [row.figure[0] for row in chart.rows[1:5]]
    assert signs == ["+" if n > 0 else "−" if n < 0 else "0" for n in (data, rules, both, assortment)]


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ((10, 5, -2, 0, 0, 13), "3 more products are ready than on 19 November 2026, mostly through the data."),
        ((10, 1, -9, 0, 0, 2), "8 fewer products are ready than on 19 November 2026, mostly through other rules."),
        ((10, 0, 0, 1, 0, 11),
         "1 more product is ready than on 19 November 2026, mostly through other data and other rules."),
        ((10, 2, -2, 0, 0, 10), "As many products are ready as on 19 November 2026."),
    ],
)  # fmt: skip
def test_the_change_names_its_largest_cause(change: tuple[int, ...], title: str) -> None:
    chart = change_chart(replace(REPORT, change=Change(date(2026, 11, 19), *change)), EN)
    assert chart is not None
    assert chart.title == title


def test_small_steps_are_shown_and_the_page_says_how() -> None:
    chart = change_chart(replace(REPORT, change=Change(date(2026, 11, 19), 5000, 3, 0, 0, 0, 5003)), EN)
    assert chart is not None
    assert chart.note == "To show small steps, the bars begin at 4,994, not at 0."
    assert chart.rows[1].bars[0].width > 20


def test_nothing_to_compare_with_is_no_chart() -> None:
    assert change_chart(replace(REPORT, change=None), EN) is None
    assert trend_chart(replace(REPORT, trend=()), EN) is None
    assert trend_chart(trend_of([5]), EN) is None
    assert trend_chart(trend_of([0, 0], of=0), EN) is None


@given(counts=st.lists(st.integers(0, 100), min_size=2, max_size=14), data=st.data())
def test_lines_and_labels_stay_inside(counts: list[int], data: st.DataObject) -> None:
    size = len(counts)
    worths = data.draw(st.lists(st.none() | st.integers(0, 1000), min_size=size, max_size=size))
    chart = trend_chart(trend_of(counts, worths=worths), EN)
    assert chart is not None
    assert len(chart.series) == (2 if any(worth is not None for worth in worths) else 1)
    for line in chart.series:
        for x1, y1, x2, y2 in line.segments:
            assert 0 <= x1 < x2 <= 100
            assert 0 <= min(y1, y2) <= max(y1, y2) <= HEIGHT
        assert 0 <= line.label_y <= HEIGHT + 20
    if len(chart.series) == 2:
        assert abs(chart.series[0].label_y - chart.series[1].label_y) >= 30
    assert len(chart.table.rows) == size


def test_the_line_says_where_it_went_and_when_rules_changed() -> None:
    chart = trend_chart(trend_of([71, 75, 80]), EN)
    assert chart is not None
    assert chart.title == "The share of ready products rose from 71% to 80% since 12 November 2026."
    assert chart.marks == (50.0,)
    assert [row[2] for row in chart.table.rows] == ["", "yes", ""]
    fell, same = trend_chart(trend_of([80, 71]), EN), trend_chart(trend_of([80, 80]), EN)
    assert fell is not None
    assert "fell from 80% to 71%" in fell.title
    assert same is not None
    assert same.title.endswith("19 November 2026: 80%.")


def test_a_gap_in_the_weeks_is_a_gap_in_the_line() -> None:
    assert spark((None, 0.5, None)) == ()
    assert len(spark((0.5, 0.6, None, 0.7, 0.8))) == 2
    assert spark(()) == ()
    flat = spark((0.5, 0.5))
    assert flat == ("2.0,10.0 62.0,10.0",)


def test_products_without_a_supplier_are_not_told_as_if_no_supplier_had_them() -> None:
    group = next(group for group in REPORT.groups["supplier"] if group.held_worth)
    made = (
        replace(group, code="", name="", held_worth=Decimal(60)), replace(group, code="S", name="S", held_worth=Decimal(40)),
    )  # fmt: skip
    chart = supplier_chart(replace(REPORT, groups={**REPORT.groups, "supplier": made}), EN)
    assert chart is not None
    assert (
        chart.title
        == "Products without a supplier have the largest part: €60 of €100, the revenue of products that are held back."
    )
    stock = supplier_chart(replace(REPORT, worth_kind="stock", groups={**REPORT.groups, "supplier": made}), EN)
    assert stock is not None
    assert "stock value" in stock.title


def test_the_same_share_in_other_words_is_no_rise() -> None:
    few, many = (
        TrendPoint(NOW.date() - timedelta(weeks=ago), Share(count, of), rules_changed=False)
        for ago, count, of in ((1, 9, 18), (0, 10, 20))
    )
    chart = trend_chart(replace(REPORT, trend=(few, many)), EN)
    assert chart is not None
    assert chart.title == "The share of ready products is as it was on 19 November 2026: 50%."


def test_bars_that_count_more_than_the_products_say_why() -> None:
    chart = question_chart(REPORT, EN)
    assert chart is not None
    assert chart.note == "Every product counts once per language."
    alone = question_chart(sample_report(30, languages=("nl",)), EN)
    assert alone is not None
    assert alone.note == ""
