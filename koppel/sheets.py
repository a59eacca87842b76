"""Workbooks of plain text: rows in, rows out, safe from formulas, lost zeros and half-written files."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

CELL_CHARACTERS = 32_767
Row = dict[str, str]


def cell_text(value: object) -> str:
    """A value as a cell can hold it: without NUL and control characters. It may still be too long (``CELL_CHARACTERS``)."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", str(value)))


def read_sheets(path: Path) -> dict[str, list[Row]]:
    """The rows of each sheet by the names in its first line, empty cells left out; nothing when there is no such file."""
    sheets: dict[str, list[Row]] = {}
    for sheet in load_workbook(path).worksheets if path.exists() else []:
        header, *lines = list(sheet.iter_rows(values_only=True)) or [()]
        pairs = ([(str(n), str(t)) for n, t in zip(header, line, strict=True) if t is not None] for line in lines)
        sheets[sheet.title] = [dict(pair) for pair in pairs]
    return sheets


def write_sheets(path: Path, sheets: Mapping[str, Iterable[Row]]) -> None:
    """Replace the file in one step by these rows, each cell as text: ``=...`` stays text and a barcode keeps its zeros."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, given in sheets.items():
        rows = list(given)
        names = list(dict.fromkeys(name for row in rows for name in row))
        sheet = book.create_sheet(title)
        for line, row in enumerate([dict(zip(names, names, strict=True)), *rows], 1):
            for column, name in enumerate(names, 1):
                if text := row.get(name):
                    cell = sheet.cell(line, column, text)
                    cell.data_type, cell.number_format = "s", "@"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        book.save(Path(folder) / path.name)
        (Path(folder) / path.name).replace(path)
