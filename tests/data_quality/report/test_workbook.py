"""The report as a workbook: numbers are numbers, texts stay texts, headers stay in sight, and it has its charts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import wrap

import openpyxl
import pytest

from data_quality.report import charts, workbook
from data_quality.report.headline import headline
from data_quality.report.sheet import HEADER_ROW
from data_quality.report.trend_chart import trend_chart
from data_quality.texts import Texts
from tests.data_quality.report.samples import HOSTILE, sample_report

REPORT = sample_report(60)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("book") / "report.xlsx"
    workbook.write(REPORT, Texts("en"), path)
    return openpyxl.load_workbook(path)


def table(book: openpyxl.Workbook, title: str) -> list[dict]:
    """The rows of a sheet by its headings."""
    head, *rows = book[title].iter_rows(min_row=HEADER_ROW, values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows if any(cell is not None for cell in row)]


def test_no_cell_is_a_formula_and_what_looks_like_one_is_marked_as_text(book: openpyxl.Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    texts = [cell for cell in cells if str(cell.value)[:1] in "=+-@" and cell.data_type == "s"]
    assert {str(cell.value)[:1] for cell in texts} >= {"=", "@"}
    assert all(cell.quotePrefix for cell in texts)


def test_every_list_has_a_frozen_header_and_filters(book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert sheet.freeze_panes == f"B{HEADER_ROW + 1}", sheet.title
        assert sheet.auto_filter.ref.startswith(f"A{HEADER_ROW}:"), sheet.title
        assert sheet.page_setup.fitToWidth == 1
        assert sheet.print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}"


def test_it_has_the_four_charts(book: openpyxl.Workbook) -> None:
    assert {sheet.title for sheet in book if sheet._charts} == {
        "Per question",
        "Held back per supplier",
        "Trend",
        "Change",
    }


def title(chart: object) -> str:
    """What stands above a chart."""
    return "".join(run.t for paragraph in chart.title.tx.rich.p for run in paragraph.r)


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_each_chart_is_titled_with_its_finding_as_on_the_page(tmp_path: Path, language: str) -> None:
    texts, path = Texts(language), tmp_path / "report.xlsx"
    workbook.write(REPORT, texts, path)
    titles = {title(chart) for sheet in openpyxl.load_workbook(path) for chart in sheet._charts}
    page = (
        charts.question_chart(REPORT, texts), charts.supplier_chart(REPORT, texts), trend_chart(REPORT, texts),
        charts.change_chart(REPORT, texts),
    )  # fmt: skip
    assert titles == {chart.title for chart in page if chart is not None}


def test_a_bar_is_labelled_with_its_figure_alone(book: openpyxl.Workbook) -> None:
    for name in ("Held back per supplier", "Change"):
        labels = book[name]._charts[0].dataLabels
        assert labels.showVal
        assert not any((labels.showSerName, labels.showCatName, labels.showLegendKey, labels.showPercent)), name
        assert None not in (labels.showSerName, labels.showCatName, labels.showLegendKey, labels.showPercent)


def test_the_bars_of_suppliers_are_those_of_the_page(book: openpyxl.Workbook) -> None:
    chart = charts.supplier_chart(REPORT, Texts("en"))
    rows = table(book, "Held back per supplier")
    assert [row["Supplier"] for row in rows] == [row.label for row in chart.rows]
    assert [Texts("en").money(Decimal(str(row["Revenue in 12 months"]))) for row in rows] == [
        row.figure for row in chart.rows
    ]


def test_a_heading_has_the_room_that_it_needs(book: openpyxl.Workbook) -> None:
    for sheet in book:
        for cell in sheet[HEADER_ROW]:
            width = sheet.column_dimensions[cell.column_letter].width
            longest = max((len(word) for word in str(cell.value or "").split()), default=0)
            assert width >= longest + 3, (sheet.title, cell.value)
            lines = sheet.row_dimensions[HEADER_ROW].height / 15
            assert lines >= len(wrap(str(cell.value or ""), width - 3)), (sheet.title, cell.value)


def test_grades_are_counted_per_language_so_that_no_count_is_above_the_products(book: openpyxl.Workbook) -> None:
    rows = {row[0]: row[1] for row in book["Overview"].iter_rows(min_row=HEADER_ROW + 1, values_only=True)}
    for language, grades in REPORT.grades.items():
        for grade, count in grades.items():
            assert rows[f"Grade {grade}: {language}"] == count


def test_a_day_is_the_day_where_the_company_is(tmp_path: Path) -> None:
    late = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)  # the 26th in Brussels
    held = tuple(replace(one, problem=replace(one.problem, since=late)) for one in REPORT.held)
    workbook.write(replace(REPORT, held=held), Texts("en"), tmp_path / "report.xlsx")
    rows = table(openpyxl.load_workbook(tmp_path / "report.xlsx"), "Held back")
    assert {row["Since"].date() for row in rows} == {date(2026, 11, 26)}


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_the_first_line_is_in_the_readers_language(tmp_path: Path, language: str) -> None:
    texts, path = Texts(language), tmp_path / "report.xlsx"
    workbook.write(REPORT, texts, path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    first = sheet["A1"].value
    told = " ".join(str(cell.value) for cell in sheet["A"])
    assert not [word for word in (" ready", "Grade", "Ready", "Released") if word in told]
    assert headline(REPORT, texts).line in first


def test_without_a_known_worth_no_column_is_called_revenue(tmp_path: Path) -> None:
    workbook.write(sample_report(30, worth="none"), Texts("en"), tmp_path / "report.xlsx")
    heads = {cell.value for sheet in openpyxl.load_workbook(tmp_path / "report.xlsx") for cell in sheet[HEADER_ROW]}
    assert not [head for head in heads if head and ("evenue" in head or "worth" in head)]


def test_every_product_stands_in_it_with_its_figures(book: openpyxl.Workbook) -> None:
    rows = {row["Item number"]: row for row in table(book, "Products")}
    assert set(rows) == {product.sku for product in REPORT.products}
    for product in REPORT.products:
        row = rows[product.sku]
        assert [row[f"Score {language}"] for language in REPORT.languages] == list(product.score.values())
        assert [language for language in REPORT.languages if row[f"Held back {language}"]] == list(product.held)
        assert row["Revenue in 12 months"] == (None if product.worth is None else float(product.worth))
        assert row["Problems"] == len(product.problems)


def test_hostile_names_come_back_as_they_are_but_for_what_no_cell_can_hold(book: openpyxl.Workbook) -> None:
    names = {row["Item number"]: row["Name"] for row in table(book, "Products")}
    for product in REPORT.products[: len(HOSTILE)]:
        assert names[product.sku] == product.names["en"].replace("\0", "")


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_it_is_written_in_the_readers_language(tmp_path: Path, language: str) -> None:
    path = tmp_path / "report.xlsx"
    workbook.write(REPORT, Texts(language), path)
    titles = openpyxl.load_workbook(path).sheetnames
    assert len(set(titles)) == 16
    assert not set(titles) & {"Questions held", "Held back", "By person", "Overview"}


def test_a_shop_without_products_makes_a_workbook_without_charts(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    workbook.write(sample_report(0), Texts("en"), path)
    assert table(openpyxl.load_workbook(path), "Products") == []


def test_an_older_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    path.write_text("old")
    workbook.write(sample_report(1), Texts("en"), path)
    assert [one.name for one in tmp_path.iterdir()] == ["report.xlsx"]
    assert openpyxl.load_workbook(path).sheetnames
