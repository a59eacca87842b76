"""The report as a workbook: numbers are numbers, texts stay texts, headers stay in sight, and it has its charts."""

from pathlib import Path

import openpyxl
import pytest

from data_quality.report import workbook
from data_quality.report.sheet import HEADER_ROW
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
    assert {sheet.title for sheet in book if sheet._charts} == {"Questions", "Suppliers", "Trend", "Change"}


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
    workbook.write(sample_report(3), Texts(language), path)
    titles = openpyxl.load_workbook(path).sheetnames
    assert len(set(titles)) == 14
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
