"""Rows out of .xlsx and .csv files that may be hostile: nothing is evaluated, nothing is unpacked beyond its limits."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

Row = tuple[tuple[Any, str], ...]
"""Per cell its value and its number format."""

MEGABYTE = 1024 * 1024
_ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s>/]")
_FORMULA_TAG = re.compile(rb"<(?:\w+:)?f[\s>/]")
_DELIMITERS = (";", ",", "\t")
_CELL_CHARACTERS = 10_000_000


class Unreadable(Exception):
    """A file can't be read; its text is the reason, in words for the person who dropped it."""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How large a file may be before it is set aside instead of read."""

    rows: int = 1_048_576  # what Excel itself can hold
    columns: int = 1_000
    unpacked_mb: int = 2_000
    row_mb: int = 32
    ratio: int = 400


def rows_of(path: Path, sheet: str | int, wanted: Sequence[str], limits: FileLimits) -> Iterator[Row]:
    """The rows of a file, empty ones too. ``wanted``: headers that tell a CSV file's delimiter. Raises Unreadable."""
    try:
        rows = _csv_rows(path, wanted, limits) if path.suffix.casefold() == ".csv" else _xlsx_rows(path, sheet, limits)
        for number, row in enumerate(rows, 1):
            if number > limits.rows:
                raise Unreadable(f"It has more than {limits.rows:,} rows. Split it, or raise max_rows in koppel.toml.")
            if len(row) > limits.columns:
                raise Unreadable(f"Row {number} has {len(row):,} columns, more than the {limits.columns:,} allowed.")
            yield row
    except (zipfile.BadZipFile, InvalidFileException, ParseError, EOFError, KeyError) as error:
        raise Unreadable(f"It is no workbook that can be read ({error}). Save it again as .xlsx.") from error
    except csv.Error as error:
        raise Unreadable(f"Its text is no valid CSV ({error}): a quote is not closed or not doubled.") from error
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, zipfile.LargeZipFile, OSError) as error:
        raise Unreadable(f"Its content is damaged ({type(error).__name__}: {error}).") from error


# --- xlsx ---


def _xlsx_rows(path: Path, sheet: str | int, limits: FileLimits) -> Iterator[Row]:
    has_formulas = _check_package(path, limits)
    with closing(openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)) as values:
        rows = _sheet_rows(values, sheet)
        if not has_formulas:
            for cells in rows:
                yield tuple((_value(cell), getattr(cell, "number_format", "General")) for cell in cells)
            return
        # A formula that no spreadsheet program has computed yet has no value: then its own text is what is there.
        with closing(openpyxl.load_workbook(path, read_only=True, keep_links=False)) as formulas:
            for cells, texts in zip(rows, _sheet_rows(formulas, sheet), strict=True):
                yield tuple(
                    (_value(cell) if cell.value is not None else text.value, getattr(cell, "number_format", "General"))
                    for cell, text in zip(cells, texts, strict=True)
                )


def _sheet_rows(workbook: Any, sheet: str | int) -> Iterator[Any]:
    names = workbook.sheetnames
    if isinstance(sheet, int) and 1 <= sheet <= len(names):
        found = names[sheet - 1]
    else:
        found = next((name for name in names if name.strip().casefold() == str(sheet).strip().casefold()), None)
    if found is None:
        raise Unreadable(f"It has no sheet {sheet!r}; its sheets are {', '.join(names)}.")
    worksheet = workbook[found]
    worksheet.reset_dimensions()  # many ERP exports declare a size that is not true
    return iter(worksheet.rows)


def _value(cell: Any) -> Any:
    return None if getattr(cell, "data_type", None) == "e" else cell.value  # #N/A, #REF!


def _check_package(path: Path, limits: FileLimits) -> bool:
    """Look at the sizes in the zip directory, then at each part as a stream; True when a sheet holds formulas.

    ``zipfile`` never gives more of a part than the directory says, so the declared sizes are upper bounds.
    """
    with zipfile.ZipFile(path) as package:
        parts = package.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > limits.unpacked_mb * MEGABYTE or len(parts) > 10_000:
            raise Unreadable(f"Unpacked it would be {unpacked // MEGABYTE:,} MB; {limits.unpacked_mb:,} MB is allowed.")
        for part in parts:
            if part.file_size > 10 * MEGABYTE and part.file_size > limits.ratio * max(part.compress_size, 1):
                raise Unreadable(f"Its part {part.filename} is packed more than {limits.ratio} to 1, like a zip bomb.")
            _check_part(part, limits)
        sheets = [
            part for part in parts if part.filename.startswith("xl/worksheets/") and part.filename.endswith(".xml")
        ]
        found = [_check_sheet(package, part, limits) for part in sheets]  # every sheet is checked, so no generator
        return any(found)


def _check_part(part: zipfile.ZipInfo, limits: FileLimits) -> None:
    """Parts that the library holds in memory as a whole are bounded more tightly."""
    if part.filename.startswith(("xl/worksheets/", "xl/media/")) or not part.filename.endswith((".xml", ".rels")):
        return
    most = 256 if part.filename.endswith("sharedStrings.xml") else limits.row_mb
    if part.file_size > most * MEGABYTE:
        raise Unreadable(f"Its part {part.filename} is {part.file_size // MEGABYTE:,} MB; {most} MB is allowed.")


def _check_sheet(package: zipfile.ZipFile, part: zipfile.ZipInfo, limits: FileLimits) -> bool:
    """Count rows and measure the longest one, because a row is held in memory as a whole; True when it holds formulas."""
    rows = since_row = 0
    has_formulas = False
    tail = b""
    with package.open(part) as stream:
        while chunk := stream.read(MEGABYTE):
            text = tail + chunk
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise Unreadable("It declares XML entities, which no spreadsheet program writes.")
            starts = [match.start() for match in _ROW_TAG.finditer(text)]
            rows += len(starts)
            since_row = len(text) - starts[-1] if starts else since_row + len(chunk)
            has_formulas = has_formulas or _FORMULA_TAG.search(text) is not None
            if rows > limits.rows:
                raise Unreadable(
                    f"A sheet has more than {limits.rows:,} rows. Split it, or raise max_rows in koppel.toml."
                )
            if since_row > limits.row_mb * MEGABYTE:
                raise Unreadable(f"A single row of a sheet is larger than {limits.row_mb} MB.")
            tail = text[text.rfind(b"<") :][:64] if b"<" in text[-64:] else b""
            rows -= len(_ROW_TAG.findall(tail))  # it is seen again at the head of the next piece
    return has_formulas


# --- csv ---


def encoding_of(path: Path) -> str:
    """By its byte order mark; else UTF-8 if every byte fits, else cp1252."""
    with path.open("rb") as stream:
        head = stream.read(4)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        decoder = codecs.getincrementaldecoder("utf-8")()
        stream.seek(0)
        try:
            while chunk := stream.read(MEGABYTE):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _csv_rows(path: Path, wanted: Sequence[str], limits: FileLimits) -> Iterator[Row]:
    if path.stat().st_size > limits.unpacked_mb * MEGABYTE:
        raise Unreadable(f"It is larger than {limits.unpacked_mb:,} MB.")
    csv.field_size_limit(_CELL_CHARACTERS)
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as stream:
        delimiter = _delimiter(stream, wanted)
        stream.seek(0)
        for values in csv.reader(stream, delimiter=delimiter, strict=True):
            yield tuple((value, "General") for value in values)


def _delimiter(stream: io.TextIOWrapper, wanted: Sequence[str]) -> str:
    """The one that splits most of the wanted headers out of some line of the first fifty."""
    lines = [line[:100_000] for line in islice(iter(lambda: stream.readline(MEGABYTE), ""), 50)]
    names = {header(name) for name in wanted}

    def found(delimiter: str) -> int:
        rows = csv.reader(lines, delimiter=delimiter)
        return max((len(names & {header(value) for value in row}) for row in rows), default=0)

    return max(_DELIMITERS, key=found)


# --- headers ---


def header(value: Any) -> str:
    """A header as it is compared: without case, line breaks and outer spaces."""
    return " ".join(str(value).split()).casefold() if value is not None else ""


def find_header(rows: Iterator[Row], wanted: Sequence[str], optional: Sequence[str]) -> tuple[dict[str, int], int]:
    """Move to the row below the headers; gives per wanted header its place, and how many columns the header row has.

    The first of fifty rows that holds them all is the header, so titles, merged group rows and empty rows above are
    passed over. Raises Unreadable, naming what is missing and what was found.
    """
    names = {header(name): name for name in (*wanted, *optional)}
    best: list[str] = []
    for row in islice(rows, 50):
        cells = [header(value) for value, _ in row]
        if all(header(name) in cells for name in wanted):
            twice = [names[name] for name in names if cells.count(name) > 1]
            if twice:
                raise Unreadable(f"Its header {', '.join(twice)} stands there more than once.")
            return {names[cell]: place for place, cell in enumerate(cells) if cell in names}, len(cells)
        best = max(
            best, [cell for cell in cells if cell], key=lambda found: (len(names.keys() & set(found)), len(found))
        )
    missing = [name for name in wanted if header(name) not in best]
    raise Unreadable(
        f"No row has the headers that the mapping names. Missing: {', '.join(missing)}."
        f" Found: {', '.join(best[:60]) or 'nothing'}."
    )


def cells_at(row: Row, places: dict[str, int]) -> dict[str, tuple[Any, str]]:
    """The cells of a row by header; a short row's missing cells are empty."""
    return {name: row[place] if place < len(row) else (None, "General") for name, place in places.items()}


def is_blank(row: Row) -> bool:
    """Whether no cell of the row holds anything."""
    return all(value is None or value == "" for value, _ in row)
