"""Workbooks that come back as people, programs and attackers leave them: read, or refused with a sentence to act on."""

import io
import random
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from data_quality.texts import Texts
from data_quality.worklist import package
from data_quality.worklist.choices import Choices
from data_quality.worklist.columns import COLUMNS
from data_quality.worklist.package import NotReadable
from data_quality.worklist.read import Returned, read
from data_quality.worklist.rows import rows_of
from data_quality.worklist.workbook import WorkList, render
from tests.data_quality.report.samples import sample_report
from tests.data_quality.worklist.lists import column, filled, mending

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def a_list(language: str = "nl") -> bytes:
    report = sample_report(40)
    rows = rows_of(report, "an", {}, {})
    return render(WorkList("S-1", "Werklijst", "shop", NOW, rows, Choices(), {"an": "An"}, len(rows)), Texts(language))


LIST = a_list()
PLACES = [line.place for line in read(LIST).lines]
FIRST, SECOND, THIRD = PLACES[:3]
VALUES = {FIRST: {"because": "Dit is echt juist"}, SECOND: {"because": "Ook dit klopt", "done_by": "Jan"}}


def changed(change: Callable[[Any], None], content: bytes = LIST) -> Returned:
    return read(filled(content, VALUES, change))


def reasons(found: Returned) -> dict[str, str]:
    return {line.place: line.because for line in found.lines if line.because}


GIVEN = {FIRST: "Dit is echt juist", SECOND: "Ook dit klopt"}


def refusal(content: bytes, language: str = "en") -> str:
    with pytest.raises(NotReadable) as caught:
        read(content)
    return caught.value.why.text(Texts(language))


def sentences(found: Returned) -> list[str]:
    return [one.text(Texts("en")) for one in found.notices]


# --- what people do ---------------------------------------------------------------------------------------------------


def test_a_list_comes_back_as_it_went() -> None:
    found = read(LIST)
    assert len(found.lines) == 10
    assert all(line.is_empty and line.sheet_id == "S-1" for line in found.lines)
    assert found.notices == []


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_it_is_found_by_its_columns_in_every_language_also_without_the_hidden_line(language: str) -> None:
    found = changed(lambda sheet: sheet.delete_rows(1), a_list(language))
    assert reasons(found) == GIVEN
    assert found.notices == []


def test_columns_may_be_moved() -> None:
    def shuffle(sheet: Any) -> None:
        order = list(range(1, sheet.max_column + 1))
        random.Random(4).shuffle(order)
        rows = [[sheet.cell(line, at).value for at in order] for line in range(1, sheet.max_row + 1)]
        for line, cells in enumerate(rows, 1):
            for at, value in enumerate(cells, 1):
                sheet.cell(line, at).value = value

    assert reasons(changed(shuffle)) == GIVEN


def test_rows_may_be_sorted_and_left_out() -> None:
    def backwards(sheet: Any) -> None:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
        for line, cells in enumerate(reversed(rows), 3):
            for at, value in enumerate(cells, 1):
                sheet.cell(line, at).value = value
        sheet.delete_rows(3)

    found = changed(backwards)
    assert reasons(found) == GIVEN
    assert len(found.lines) == len(PLACES) - 1


def test_a_title_above_the_table_does_no_harm() -> None:
    def add(sheet: Any) -> None:
        sheet.insert_rows(1, 3)
        sheet.cell(1, 3).value = "Lijst van An"

    assert reasons(changed(add)) == GIVEN


def test_a_file_that_is_wrong_about_its_own_size_is_read_whole() -> None:
    sized = part_changed(
        filled(LIST, VALUES), '<dimension ref="A1:R12"', '<dimension ref="A1"', '<dimension ref="A1:Q12"'
    )
    assert b'ref="A1"' in zipfile.ZipFile(io.BytesIO(sized)).read("xl/worksheets/sheet2.xml")
    assert reasons(read(sized)) == GIVEN


def test_a_stray_cell_at_the_far_end_is_told_and_the_list_is_read() -> None:
    found = changed(lambda sheet: sheet.cell(200_000, column(sheet, "because"), "zomaar"))
    assert reasons(found) == GIVEN
    assert "200000" in " ".join(sentences(found))


@pytest.mark.parametrize("code", ["place", "sheet", "new", "because"])
def test_a_column_that_is_gone_is_named(code: str) -> None:
    content = filled(LIST, VALUES, lambda sheet: sheet.delete_cols(column(sheet, code)))
    title = next(Texts("en").gettext(one.title) for one in COLUMNS if one.code == code)
    assert title in refusal(content)


def test_a_column_that_got_another_name_is_named() -> None:
    def rename(sheet: Any) -> None:
        sheet.cell(2, column(sheet, "new")).value = "Mijn waarden"
        sheet.delete_rows(1)

    assert "New value" in refusal(filled(LIST, VALUES, rename))


def test_a_new_name_does_no_harm_while_the_hidden_line_is_there() -> None:
    def rename(sheet: Any) -> None:
        sheet.cell(2, column(sheet, "because")).value = "Mijn redenen"

    assert reasons(changed(rename)) == GIVEN


def test_columns_and_lines_that_were_added_are_told_and_not_read() -> None:
    def add(sheet: Any) -> None:
        last = sheet.max_column + 1
        sheet.cell(2, last).value = "Opmerking van Jan"
        sheet.cell(4, last).value = "dringend"
        sheet.cell(sheet.max_row + 2, column(sheet, "because")).value = "zomaar"

    found = changed(add)
    assert reasons(found) == GIVEN
    told = " ".join(sentences(found))
    assert "Opmerking van Jan" in told
    assert "added by hand" in told


def test_joined_cells_are_named_and_nothing_of_their_lines_is_taken() -> None:
    def merge(sheet: Any) -> None:
        at = column(sheet, "because")
        sheet.merge_cells(start_row=3, end_row=5, start_column=at, end_column=at)

    found = changed(merge)
    assert "M3:M5" in " ".join(sentences(found))
    wrong = [line for line in found.lines if line.wrong]
    assert [line.line for line in wrong] == [3, 4, 5]
    assert "M3" in wrong[0].wrong.text(Texts("en"))  # type: ignore[union-attr]


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://evil.example","x")', "=cmd|' /C calc'!A0", "=A1"])
def test_a_formula_is_refused_with_its_cell(formula: str) -> None:
    found = read(filled(LIST, {FIRST: {"new": formula}, SECOND: VALUES[SECOND]}))
    wrong = {line.place: line.wrong for line in found.lines if line.wrong}
    assert list(wrong) == [FIRST]
    assert "K3" in wrong[FIRST].text(Texts("en"))  # type: ignore[union-attr]
    assert "formula" in wrong[FIRST].text(Texts("en"))  # type: ignore[union-attr]
    assert reasons(found) == {SECOND: "Ook dit klopt"}


def test_what_a_formula_gave_before_is_never_taken() -> None:
    """Another program keeps the result beside the formula."""
    content = part_changed(
        filled(LIST, {FIRST: {"new": "=1+1"}}),
        "<f>1+1</f><v />",
        "<f>1+1</f><v>2</v>",
        "<f>1+1</f><v></v>",
        "<f>1+1</f><v/>",
    )
    found = read(content)
    assert [line.place for line in found.lines if line.wrong] == [FIRST]
    assert not any(line.new for line in found.lines)


def test_numbers_dates_and_errors_in_white_cells() -> None:
    values = {
        FIRST: {"new": 0.35}, SECOND: {"new": 5412345678908}, THIRD: {"new": date(2026, 1, 2)}, PLACES[3]: {"new": "#N/A"},
        PLACES[4]: {"new": True},
    }  # fmt: skip
    lines = {line.place: line for line in read(filled(LIST, values)).lines}
    assert lines[FIRST].new == "0.35"
    assert lines[SECOND].new == "5412345678908"
    assert "date" in lines[THIRD].wrong.text(Texts("en"))  # type: ignore[union-attr]
    assert lines[PLACES[3]].wrong
    assert lines[PLACES[4]].new == "true"


def test_ten_megabytes_pasted_into_a_cell_are_that_cell_s_problem() -> None:
    def paste(sheet: Any) -> None:
        cell = sheet.cell(3, column(sheet, "new"))
        cell._value, cell.data_type = "x" * 10_000_000, "s"

    found = changed(paste)
    wrong = next(line for line in found.lines if line.line == 3)
    assert wrong.wrong is not None
    assert "characters" in wrong.wrong.text(Texts("en"))
    assert reasons(found).get(SECOND) == "Ook dit klopt"


# --- what is no work list ---------------------------------------------------------------------------------------------


def part_changed(content: bytes, *replaced: str, added: dict[str, bytes] | None = None) -> bytes:
    """The workbook with a text of its sheets changed (the first of ``replaced`` is the new one's place), or with parts added."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            for text in replaced[2:] + replaced[:1]:
                data = data.replace(text.encode(), replaced[1].encode())
            new.writestr(name, data)
        for name, data in (added or {}).items():
            new.writestr(name, data)
    return kept.getvalue()


def test_what_is_no_workbook_is_refused_with_what_to_do() -> None:
    assert "empty" in refusal(b"")
    assert "no workbook" in refusal(b"sku;name\n1;2\n")
    assert "no workbook" in refusal(b"%PDF-1.7 ...")
    assert "no workbook" in refusal(part_changed(zip_of({"hello.txt": b"hello"})))
    assert "old format" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    assert "password" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    assert "OpenDocument" in refusal(
        zip_of({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"})
    )


def zip_of(parts: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return kept.getvalue()


def test_a_workbook_with_macros_is_refused_whatever_it_is_called() -> None:
    assert "macros" in refusal(part_changed(LIST, added={"xl/vbaProject.bin": b"\x00"}))
    assert "macros" in refusal(
        part_changed(
            LIST, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        )
    )  # fmt: skip


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = part_changed(
        LIST, added={"xl/worksheets/sheet9.xml": b"0" * 60_000_000, "xl/media/a.bin": b"0" * 60_000_000}
    )
    assert len(bomb) < 1_000_000
    assert "far larger than it looks" in refusal(bomb)
    ratio = part_changed(LIST, added={"xl/worksheets/sheet9.xml": b"0" * 60_000_000})
    assert "far larger than it looks" in refusal(ratio)


def test_a_bomb_that_lies_about_its_size_is_not_read_further_than_it_says() -> None:
    bomb = bytearray(part_changed(LIST, added={"xl/sharedStrings.xml": b"<sst>" + b"0" * 3_000_000}))
    size = (3_000_005).to_bytes(4, "little")
    assert bomb.count(size) == 2
    assert refusal(bytes(bomb.replace(size, (10).to_bytes(4, "little"))))


def test_entities_that_unfold_are_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><sst>&lol2;</sst>'
    assert "no workbook" in refusal(part_changed(LIST, added={"xl/sharedStrings.xml": laughs}))


def test_too_large_too_many_lines_and_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "damaged" in refusal(part_changed(LIST, "<sheetData>", "<sheetData><row><c"))
    assert refusal(LIST[:-200])
    monkeypatch.setattr("data_quality.worklist.read.MOST_LINES", 5)
    assert "more than" in refusal(LIST)
    monkeypatch.setattr(package, "MOST_BYTES", 1_000)
    assert "MB" in refusal(LIST)


def test_another_workbook_is_no_work_list() -> None:
    book, kept = Workbook(), io.BytesIO()
    book.active.append(["sku", "naam"])
    book.save(kept)
    assert "no work list" in refusal(kept.getvalue())


@pytest.mark.parametrize("seed", range(12))
def test_damaged_bytes_are_refused_or_read_and_never_anything_else(seed: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(LIST)
    for _ in range(20):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    with suppress(NotReadable):
        read(bytes(damaged))


def test_refusals_are_told_in_every_language() -> None:
    assert len({refusal(b"no", language) for language in ("nl", "fr", "de", "en")}) == 4


# --- as spreadsheet programs save it ----------------------------------------------------------------------------------


def test_shared_texts_are_read_to_the_letter() -> None:
    """Spreadsheet programs keep texts in a table of their own, with what looks like an escape escaped."""
    content = filled(LIST, {FIRST: {"new": "A_x005F_x0041_ and _x005F_ or B_x000D_"}})
    texts = io.BytesIO(content)
    assert load_workbook(texts).sheetnames[1] == mending(load_workbook(io.BytesIO(content))).title
    shared = with_shared_texts(content)
    assert shared != content
    new = {line.place: line.new for line in read(shared).lines}[FIRST]
    assert new == "A_x0041_ and _ or B"


def with_shared_texts(content: bytes) -> bytes:
    """The workbook with its texts in a shared table, as Excel saves it."""
    import re

    table: list[str] = []

    def moved(found: re.Match[str]) -> str:
        table.append(found[2])
        return f'<c{found[1]}t="s"><v>{len(table) - 1}</v></c>'

    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name).decode()
            if name.startswith("xl/worksheets/sheet"):
                data = re.sub(r'<c([^>]*)t="inlineStr"[^>]*><is>(.*?)</is></c>', moved, data, flags=re.DOTALL)
            if name == "[Content_Types].xml" and "sharedStrings" not in data:
                part = (
                    '<Override PartName="/xl/sharedStrings.xml" '
                    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
                )
                data = data.replace("</Types>", part)
            if name != "xl/sharedStrings.xml":
                new.writestr(name, data)
        strings = "".join(f"<si>{text}</si>" for text in table)
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{strings}</sst>')
    return kept.getvalue()
