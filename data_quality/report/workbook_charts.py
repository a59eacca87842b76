"""The sheets of the workbook that hold a chart: the figures of one, and the chart below them with the finding as its title."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.text import CharacterProperties

from data_quality.report import charts, sheet
from data_quality.report.model import Report
from data_quality.report.sheet import HEADER_ROW, Heading
from data_quality.report.trend_chart import trend_chart
from data_quality.texts import Texts

_OK, _IMPROVE, _BLOCK, _WORTH = "2F7D5B", "E0B23C", "B3362B", "1F5FA8"
_FIRST = HEADER_ROW + 1


def worth_name(report: Report, texts: Texts) -> str:
    """What the amounts of money are."""
    return (
        texts.gettext("Value of the stock") if report.worth_kind == "stock" else texts.gettext("Revenue in 12 months")
    )


def questions(book: Workbook, report: Report, texts: Texts) -> None:
    """Per question, all languages together, how many products are in order, to improve and held back."""
    told = charts.question_chart(report, texts)
    if told is None:
        return
    _ = texts.gettext
    headings = (
        Heading(_("Question"), 34, "text"), Heading(_("In order"), 14), Heading(_("To improve"), 14),
        Heading(_("Held back"), 14),
    )  # fmt: skip
    made = sheet.add(book, _("Per question"), _("Per question"), headings, charts.question_sums(report, texts))
    lines = len(told.rows)
    chart = _bars(told.title, lines)
    chart.grouping, chart.overlap = "percentStacked", 100
    chart.add_data(
        Reference(made, min_col=2, max_col=4, min_row=HEADER_ROW, max_row=HEADER_ROW + lines), titles_from_data=True
    )
    _categories(chart, made, _FIRST, lines)
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill=_OK)
    chart.series[1].graphicalProperties = GraphicalProperties(pattFill=_striped(_IMPROVE))
    chart.series[2].graphicalProperties = GraphicalProperties(solidFill=_BLOCK)
    chart.legend = Legend(legendPos="b")
    _below(made, chart, lines)


def suppliers(book: Workbook, report: Report, texts: Texts) -> None:
    """Per supplier the worth of what is held back, most first, as on the page."""
    told = charts.supplier_chart(report, texts)
    if told is None:
        return
    _ = texts.gettext
    rows = charts.supplier_bars(report, texts)
    headings = (Heading(_("Supplier"), 44, "text"), Heading(worth_name(report, texts), 22, "money"))
    title = _("Held back per supplier")
    made = sheet.add(book, title, title, headings, rows)
    chart = _bars(told.title, len(rows))
    _figures(chart, made, _FIRST, len(rows))
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill=_BLOCK)
    _below(made, chart, len(rows))


def trend(book: Workbook, report: Report, texts: Texts) -> None:
    """Ready products week by week; the chart from the second week on."""
    _ = texts.gettext
    headings = (
        Heading(_("Day"), 14, "day"), Heading(_("Ready"), 12), Heading(_("Of"), 12), Heading(_("Ready, share"), 14, "percent"),
        *([Heading(_("Ready, share of worth"), 18, "percent")] if report.worth_kind != "none" else []),
        Heading(_("Rules changed"), 16, "text"),
    )  # fmt: skip
    rows = [_trend_row(point, report, texts) for point in report.trend]
    made = sheet.add(book, _("Trend"), _("Ready for the shop, week by week"), headings, rows)
    told = trend_chart(report, texts)
    if told is not None:
        _below(made, _lines(told.title, made, len(rows), last=len(headings) - 1), len(rows))


def _trend_row(point: Any, report: Report, texts: Texts) -> Sequence[Any]:
    ready = point.ready
    worth = [_part(ready.worth, ready.of_worth)] if report.worth_kind != "none" else []
    changed = texts.gettext("yes") if point.rules_changed else None
    return point.day, ready.count, ready.of, _part(ready.count, ready.of), *worth, changed


def _part(part: Decimal | int | None, whole: Decimal | int | None) -> float | None:
    return float(part) / float(whole) if part is not None and whole else None


def _lines(title: str, made: Any, lines: int, last: int) -> LineChart:
    chart = LineChart()
    chart.title, chart.width, chart.height = title, 24, 11
    chart.y_axis.scaling.min, chart.y_axis.scaling.max, chart.y_axis.number_format = 0, 1, "0%"
    chart.y_axis.delete = chart.x_axis.delete = False
    chart.add_data(
        Reference(made, min_col=4, max_col=last, min_row=HEADER_ROW, max_row=HEADER_ROW + lines), titles_from_data=True
    )
    chart.set_categories(Reference(made, min_col=1, min_row=_FIRST, max_row=HEADER_ROW + lines))
    chart.x_axis.number_format, chart.legend = "dd/mm", Legend(legendPos="b")
    for series, colour, dash in zip(chart.series, (_OK, _WORTH), ("solid", "sysDash"), strict=False):
        series.graphicalProperties.line.solidFill, series.graphicalProperties.line.dashStyle = colour, dash
        series.smooth = False
    _plain_title(chart)
    return chart


def change(book: Workbook, report: Report, texts: Texts) -> None:
    """What the change of a week is made of; the bars are the steps, because beside what was ready they would be too small."""
    told = charts.change_chart(report, texts)
    if report.change is None or told is None:
        return
    _, labels = texts.gettext, charts.step_labels(texts)
    steps = [(labels[name], getattr(report.change, name)) for name in ("data", "rules", "both", "assortment")]
    rows = [
        (_("Ready on {day}", day=texts.day(report.change.since)), report.change.before), *steps,
        (labels["after"], report.change.after),
    ]  # fmt: skip
    headings = (Heading(_("Step"), 44, "text"), Heading(_("Products"), 14))
    made = sheet.add(book, _("Change"), _("Where the change comes from"), headings, rows)
    chart = _bars(told.title, len(steps))
    _figures(chart, made, _FIRST + 1, len(steps))
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill=_WORTH)
    chart.series[0].invertIfNegative = False
    _below(made, chart, len(rows))


def _bars(title: str, lines: int) -> BarChart:
    chart = BarChart()
    chart.type, chart.title, chart.width, chart.height = "bar", title, 24, max(8.0, 3 + 0.9 * lines)
    chart.gapWidth = 40
    chart.y_axis.delete = chart.x_axis.delete = False
    chart.x_axis.scaling.orientation, chart.x_axis.tickLblPos = "maxMin", "low"
    _plain_title(chart)
    return chart


def _plain_title(chart: BarChart | LineChart) -> None:
    """A title that takes room of its own, and is no larger than a sentence may be."""
    title: Any = chart.title
    title.overlay = False
    for paragraph in title.tx.rich.p:
        for run in paragraph.r:
            run.rPr = CharacterProperties(sz=1200, b=True)


def _figures(chart: BarChart, made: Any, first: int, lines: int) -> None:
    """One series from the second column, each bar with its figure and nothing else beside it."""
    chart.add_data(Reference(made, min_col=2, min_row=first, max_row=first + lines - 1))
    _categories(chart, made, first, lines)
    chart.dataLabels = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False, showBubbleSize=False
    )
    chart.legend = None


def _categories(chart: BarChart, made: Any, first: int, lines: int) -> None:
    chart.set_categories(Reference(made, min_col=1, min_row=first, max_row=first + lines - 1))


def _striped(colour: str) -> PatternFillProperties:
    """Told apart without colour too."""
    front, back = ColorChoice(), ColorChoice()
    front.srgbClr, back.srgbClr = colour, "FFFFFF"
    return PatternFillProperties(prst="wdUpDiag", fgClr=front, bgClr=back)


def _below(made: Any, chart: Any, lines: int) -> None:
    """Put a chart under its table, both on one printed page."""
    made.add_chart(chart, f"A{HEADER_ROW + lines + 3}")
    made.page_setup.fitToHeight = 1
