"""The workbook that goes out: text stays text, what is locked is locked, and a person can work with it."""

import io
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from data_quality.texts import Texts
from data_quality.worklist import front
from data_quality.worklist.cells import MOST, cut, fits, read, written
from data_quality.worklist.choices import Choices
from data_quality.worklist.read import read as read_list
from data_quality.worklist.returned import confirm, preview
from data_quality.worklist.rows import place_of, place_parts, rows_for_supplier, rows_of
from data_quality.worklist.workbook import WorkList, render
from tests.data_quality.report.samples import HOSTILE, sample_report
from tests.data_quality.worklist.lists import NOW, PRODUCT, Shop, column, filled, line_of, mending

ANY_TEXT = st.text(st.characters(), max_size=60)
AWKWARD = st.lists(
    st.sampled_from(["=", "+", "-", "@", "_x0041_", "_x005F_", "_x", "x005F_", "\r\n", "\t", "é", "0", " ", "🍷"])
).map("".join)
PROPERTIES = {"color": {"label": {"nl": "Kleur", "en": "Colour"}, "options": {"zwart": {"nl": "Zwart", "en": "Black"}}}}


@given(ANY_TEXT | AWKWARD)
@settings(max_examples=150, deadline=None)
def test_any_text_comes_back_identical_or_does_not_fit_and_is_never_a_formula(text: str) -> None:
    book, kept = Workbook(), io.BytesIO()
    front.put(book.active, 1, 1, text)
    book.save(kept)
    cell = load_workbook(kept).active.cell(1, 1)
    assert cell.data_type != "f"
    got = read(cell.value or "")
    assert got == (text if fits(text) else cut(text))


@given(st.text(st.sampled_from("ab🍷_x0041\r"), min_size=0, max_size=40), st.integers(1, 3000))
@settings(max_examples=60, deadline=None)
def test_what_is_too_long_is_cut_to_what_fits(text: str, times: int) -> None:
    short = cut(text * times)
    assert fits(short)
    assert read(written(short)) == short
    assert short == text * times or (short.endswith("…") and (text * times).startswith(short[:-1]))


@given(
    st.from_regex("[a-z_]{1,12}", fullmatch=True),
    ANY_TEXT.filter(bool),
    st.from_regex(":?[a-z_]{1,12}", fullmatch=True),
)
def test_a_place_is_taken_apart_as_it_was_put_together(entity: str, key: str, field: str) -> None:
    assert place_parts(place_of(entity, key, field)) == (entity, key, field)


def made(language: str = "nl", since: datetime | None = None, **more: Any) -> bytes:
    report = sample_report(40)
    values = {
        (one.entity, one.key): {**PRODUCT, "name": "=1+1", "short_text": "+32", "long_text": "@x"}
        for p in report.products
        for one in p.problems
    }
    rows = rows_of(report, "an", values, PROPERTIES)
    if since:
        rows = [replace(row, problems=tuple(replace(one, since=since) for one in row.problems)) for row in rows]
    work = WorkList(
        "S-1", "=Werklijst", "shop", NOW, rows, Choices(properties=PROPERTIES), {"an": "=An"}, len(rows), **more
    )
    return render(work, Texts(language))


def test_the_only_formulas_are_our_own_and_they_count_characters() -> None:
    book = load_workbook(io.BytesIO(made()))
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas
    sheet = mending(book)
    assert {cell.parent.title for cell in formulas} == {sheet.title}
    assert {cell.column for cell in formulas} == {column(sheet, "length")}
    assert all(cell.value == f'=IF(K{cell.row}="","",LEN(K{cell.row}))' for cell in formulas)


def test_every_text_is_text_and_what_looks_like_a_formula_says_so() -> None:
    sheet = mending(load_workbook(io.BytesIO(made())))
    kinds = {"since": "d", "worth": "n", "length": "f"}
    seen = set()
    for row in sheet.iter_rows(min_row=3):
        for cell in row:
            code = sheet.cell(1, cell.column).value.removeprefix("koppel.")
            if cell.value is not None:
                assert cell.data_type == kinds.get(code, "s"), (code, cell.value)
                if code not in kinds:
                    assert cell.number_format == "@"
                    assert bool(cell.quotePrefix) is cell.value.startswith(("=", "+", "-", "@", "\t", "\r"))
                    seen.add(bool(cell.quotePrefix))
    assert seen == {True, False}


def test_only_the_white_cells_are_open_and_a_line_that_no_cell_can_mend_has_no_value() -> None:
    sheet = mending(load_workbook(io.BytesIO(made())))
    assert sheet.protection.sheet
    assert not sheet.protection.autoFilter
    for line in range(3, sheet.max_row + 1):
        is_mendable = ":" not in sheet.cell(line, column(sheet, "place")).value.rsplit("|", 1)[-1]
        for at in range(1, sheet.max_column + 1):
            code = sheet.cell(1, at).value.removeprefix("koppel.")
            is_open = code in {"because", "done_by"} or (code == "new" and is_mendable)
            assert sheet.cell(line, at).protection.locked is not is_open


def test_it_can_be_read_on_paper_and_on_a_screen() -> None:
    sheet = mending(load_workbook(io.BytesIO(made())))
    assert sheet.freeze_panes == "D3"
    assert sheet.row_dimensions[1].hidden
    assert sheet.print_title_rows == "$2:$2"
    assert sheet.page_setup.fitToWidth == 1
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.auto_filter.ref.startswith("A2:")
    levels = {sheet.cell(line, column(sheet, "level")).value[0] for line in range(3, sheet.max_row + 1)}
    assert levels <= {"■", "▲"}


@pytest.mark.parametrize(
    ("language", "titles"),
    [
        ("nl", ["Lees mij", "Te verbeteren", "Samenvatting", "Lijsten"]),
        ("fr", ["Lisez-moi", "À corriger", "Résumé", "Listes"]),
        ("de", ["Lies mich", "Zu verbessern", "Zusammenfassung", "Listen"]),
        ("en", ["Read me", "To mend", "Summary", "Lists"]),
    ],
)
def test_the_sheets_are_called_in_the_reader_s_language(language: str, titles: list[str]) -> None:
    assert load_workbook(io.BytesIO(made(language))).sheetnames == titles


def test_barcodes_keep_their_zeros_and_dates_are_dates(little_shop: Shop) -> None:
    little_shop.source_says("A-1", gtin="0012345678905")
    sheet = mending(load_workbook(io.BytesIO(little_shop.export().content)))
    assert isinstance(sheet.cell(3, column(sheet, "since")).value, datetime)
    assert sheet.cell(3, column(sheet, "worth")).value == Decimal(200)
    content = filled(little_shop.export().content, {"product|A-1|weight_kg": {"new": "0,10"}})
    assert next(line.new for line in read_list(content).lines if line.new) == "0,10"


def test_lists_to_choose_from_stand_where_they_belong(little_shop: Shop) -> None:
    book = load_workbook(io.BytesIO(little_shop.export().content))
    sheet = mending(book)
    rules = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    letter = sheet.cell(1, column(sheet, "new")).column_letter
    cell = f"{letter}{line_of(sheet, 'product|A-1|property_color')}"
    where = next(formula for cells, formula in rules.items() if cell in cells.split())
    title, _, cells = where.partition("!")
    assert title.strip("'") == "Lijsten"
    offered = [cell.value for (cell,) in book["Lijsten"][cells.replace("$", "")]]
    assert "Zwart" in offered
    assert "Saliegroen" in offered


def test_a_supplier_sees_only_their_products_without_worth_and_prices() -> None:
    report = sample_report(60)
    rows = rows_for_supplier(report, "Dupont & Fils", {}, {})
    assert rows
    skus = {product.sku for product in report.products if product.supplier == "Dupont & Fils"}
    assert {row.sku for row in rows} <= skus
    assert all(row.worth is None for row in rows)
    assert all(problem.question != "price" for row in rows for problem in row.problems)
    everybody = [row for owner in ("an", "luc", "els", "") for row in rows_of(report, owner, {}, {})]
    assert any(problem.question == "price" for row in everybody for problem in row.problems)
    work = WorkList("S-1", "x", "shop", NOW, rows, Choices(), {}, len(rows), has_worth=False)
    sheet = mending(load_workbook(io.BytesIO(render(work, Texts("fr")))))
    assert "koppel.worth" not in [cell.value for cell in sheet[1]]


def test_rows_are_one_per_cell_what_is_held_back_first_and_no_hints() -> None:
    report = sample_report(60)
    rows = rows_of(report, "an", {}, {})
    assert len({row.place for row in rows}) == len(rows)
    own = [
        one for product in report.products for one in product.problems if one.owner == "an" and one.severity != "hint"
    ]
    assert sorted(problem.rule for row in rows for problem in row.problems) == sorted(one.rule for one in own)
    held = {row.sku for row in rows if row.is_held}
    order = [row.sku in held for row in rows]
    assert order == sorted(order, reverse=True)


def test_what_no_cell_can_mend_says_where_it_is_mended() -> None:
    sheet = mending(load_workbook(io.BytesIO(made(where={"stock": "Artikel > Voorraad"}))))
    place, problem = column(sheet, "place"), column(sheet, "problem")
    told = {
        sheet.cell(line, place).value: "Artikel > Voorraad" in sheet.cell(line, problem).value
        for line in range(3, sheet.max_row + 1)
    }
    assert any(told.values())
    assert all(is_told is name.endswith("|:stock") for name, is_told in told.items())


def test_hostile_names_make_no_other_workbook() -> None:
    book = load_workbook(io.BytesIO(made()))
    sheet = mending(book)
    names = {sheet.cell(line, column(sheet, "name")).value for line in range(3, sheet.max_row + 1)}
    assert names
    for name in HOSTILE:
        assert len(cut(name)) <= MOST


# --- another program --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed here")
def test_a_list_that_libreoffice_saved_comes_back(little_shop: Shop, tmp_path: Path) -> None:
    name = "Zwart hoesje voor Samsung Galaxy A54"
    content = filled(
        little_shop.export().content,
        {
            "product|A-1|weight_kg": {"new": "0,12"}, "product_text|nl:A-1|name": {"new": name, "done_by": "Jan_x0041_"},
            "product|A-1|:photos": {"because": "Daar is niets\nvan te tonen"}, "product|A-2|weight_kg": {"new": "=1+1"},
        },
    )  # fmt: skip
    (tmp_path / "list.xlsx").write_bytes(content)
    profile, out = tmp_path / "profile", tmp_path / "out"
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx", "--outdir", str(out),
         str(tmp_path / "list.xlsx")],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    saved = (out / "list.xlsx").read_bytes()
    assert saved != content
    found = preview(little_shop.ledger, little_shop.settings, saved, "list.xlsx", "els", NOW)
    assert found.refusal is None
    assert found.notices == ()
    assert {line.filled.place: line.outcome for line in found.lines} == {
        "product|A-1|weight_kg": "accepted", "product_text|nl:A-1|name": "accepted", "product|A-1|:photos": "accepted",
        "product|A-2|weight_kg": "rejected",
    }  # fmt: skip
    result = confirm(little_shop.ledger, little_shop.settings, found.preview_id, "els", NOW)
    assert (result.overrides, result.waivers, result.rejected) == (2, 1, 1)


def test_every_row_is_as_high_as_its_texts_need() -> None:
    sheet = mending(load_workbook(io.BytesIO(made())))
    problem, example = (column(sheet, name) for name in ("problem", "example"))
    for line in range(3, sheet.max_row + 1):
        height = sheet.row_dimensions[line].height
        for at in (problem, example):
            width = sheet.column_dimensions[get_column_letter(at)].width
            needed = sum(len(wrap(part, int(width))) or 1 for part in str(sheet.cell(line, at).value or "").split("\n"))
            assert height >= 15 * min(needed, 9), (line, at)
        assert height <= 150


def test_days_are_those_where_the_company_is() -> None:
    sheet = mending(load_workbook(io.BytesIO(made(since=datetime(2026, 11, 25, 23, 30, tzinfo=UTC)))))
    at = column(sheet, "since")
    assert {sheet.cell(line, at).value.date() for line in range(3, sheet.max_row + 1)} == {date(2026, 11, 26)}
