"""A drawer of files as ERPs and people drop them, good and hostile."""

import os
import struct
import time
import zipfile
from pathlib import Path

import openpyxl

HEAD = ["Art. no", "Description", "EAN", "Weight", "Changed"]
CSV = "Art. no;Description;EAN;Weight;Changed\n"


def settle(path: Path, age: float = 100) -> Path:
    stamp = time.time() - age
    os.utime(path, (stamp, stamp))
    return path


def workbook(path: Path, *rows: list, sheet: str = "Articles", formats: dict | None = None, age: float = 100) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    for cell, number_format in (formats or {}).items():
        page[cell].number_format = number_format
    book.save(path)
    return settle(path, age)


def text_file(path: Path, text: str, encoding: str = "utf-8", age: float = 100) -> Path:
    path.write_bytes(text.encode(encoding))
    return settle(path, age)


# --- what can't be read ----------------------------------------------------------------------------------------------


def zipped(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return settle(path)


def with_sheet(inbox: Path, xml: bytes, packing: int = zipfile.ZIP_DEFLATED) -> None:
    """A real workbook whose sheet is replaced by this XML."""
    source = workbook(inbox / "plain.tmp.xlsx", HEAD, ["A", "x"])
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(inbox / "articles-bad.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename == "xl/worksheets/sheet2.xml":
                new.writestr(part, xml, packing)
            else:
                new.writestr(part, old.read(part))
    source.unlink()
    settle(inbox / "articles-bad.xlsx")


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def two_million_rows(inbox: Path) -> None:
    with_sheet(inbox, SHEET % (b"<row/>" * 2_000_000), zipfile.ZIP_STORED)


def a_row_far_below(inbox: Path) -> None:
    cells = b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % name.encode() for name in HEAD)
    with_sheet(inbox, SHEET % (b'<row r="1">%s</row><row r="999999999"/>' % cells))


def too_many_columns(inbox: Path) -> None:
    with_sheet(inbox, SHEET % b'<row r="1"><c r="XFD1"><v>1</v></c></row>')


def one_endless_row(inbox: Path) -> None:
    with_sheet(inbox, SHEET % (b"<row>" + os.urandom(512).hex().encode() * 36_000 + b"</row>"))


def entities(inbox: Path) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    with_sheet(inbox, bomb + SHEET % b'<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>')


def zip_bomb(inbox: Path) -> None:
    zipped(inbox / "articles-bad.xlsx", **{"xl/worksheets/sheet1.xml": b"0" * 60_000_000})


def lying_zip(inbox: Path) -> None:
    """The directory says 10 bytes, the part holds more."""
    with_sheet(inbox, SHEET % (b"<row/>" * 1000))
    path = inbox / "articles-bad.xlsx"
    with zipfile.ZipFile(path) as package:
        size = package.getinfo("xl/worksheets/sheet2.xml").file_size
    path.write_bytes(path.read_bytes().replace(struct.pack("<L", size), struct.pack("<L", 10)))
    settle(path)


def no_zip(inbox: Path) -> None:
    text_file(inbox / "articles-bad.xlsx", "<html>session expired</html>")


def half_a_file(inbox: Path) -> None:
    path = workbook(inbox / "articles-bad.xlsx", HEAD, ["A", "x"])
    path.write_bytes(path.read_bytes()[:3000])
    settle(path)


def empty_file(inbox: Path) -> None:
    text_file(inbox / "articles-bad.xlsx", "")


def no_such_sheet(inbox: Path) -> None:
    workbook(inbox / "articles-bad.xlsx", HEAD, ["A", "x"], sheet="Artikelen")


def renamed_header(inbox: Path) -> None:
    text_file(inbox / "articles-bad.csv", CSV.replace("Weight", "Gewicht") + "A;x;;;\n")


def header_twice(inbox: Path) -> None:
    text_file(inbox / "articles-bad.csv", CSV.replace("Weight", "Weight;weight") + "A;x;;;;\n")


def open_quote(inbox: Path) -> None:
    text_file(inbox / "articles-bad.csv", CSV + 'A;"x;;;\nB;y;;;\n')


def shifted_columns(inbox: Path) -> None:
    text_file(inbox / "articles-bad.csv", CSV + "A;x; y;0541;1;02/01/2026\n")
