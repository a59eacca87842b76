"""What a person filled in, from a workbook that came back: found by its columns, in whatever order, language and program."""

import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from data_quality.messages import marked
from data_quality.worklist.cells import MOST
from data_quality.worklist.cells import read as as_seen
from data_quality.worklist.columns import NEEDED, WHITE, title_of, titles
from data_quality.worklist.package import DAMAGED, NotReadable, opened
from data_quality.worklist.said import Said, say

MOST_LINES = 50_000
MOST_COLUMNS = 60
_HEADER_AMONG = 30
"""Lines at the top among which the names of the columns are looked for; people put a title above them."""
MOST_TOLD = 20
"""Notices of one kind."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One line with what a person filled in. ``wrong``: why nothing of it can be taken; ``line``: where it stands."""

    line: int
    place: str
    sheet_id: str
    new: str = ""
    because: str = ""
    done_by: str = ""
    wrong: Said | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.new or self.because or self.wrong)


@dataclass(slots=True)
class Returned:
    """A work list that came back: its lines, and what was found besides."""

    lines: list[Filled] = field(default_factory=list)
    notices: list[Said] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Header:
    line: int
    columns: dict[str, int]
    unknown: dict[int, str]


def read(content: bytes) -> Returned:
    """The lines of a work list. Raises NotReadable with a sentence for whoever sent it; reads formulas, never what they gave."""
    try:
        book = opened(content)
        with closing(book), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(book)
    except NotReadable:
        raise
    except Exception as error:  # a damaged or hostile file may break the parser in any way
        raise NotReadable(DAMAGED) from error


def _read(book: Any) -> Returned:
    best: tuple[Any, _Header] | None = None
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a file says of its own size may be wrong, and lines would be left out
        header = _header(sheet)
        if header and (best is None or len(header.columns) > len(best[1].columns)):
            best = (sheet, header)
    if best is None:
        raise NotReadable(
            say(marked("This is no work list: the line with the names of the columns is not there. Send the list that you got."))
        )  # fmt: skip
    sheet, header = best
    if missing := [code for code in NEEDED if code not in header.columns]:
        raise NotReadable(
            say(
                marked("The column “{column}” is gone or has another name. Put it back as it was and send the list again."),
                column=Said(title_of(missing[0])),
            )
        )  # fmt: skip
    return _lines(sheet, header)


def _rows(sheet: Any, most: int | None = None) -> Iterator[tuple[int, list[Any]]]:
    """Lines that hold something: their number and their cells; of the first ``most`` lines, or of all."""
    for line, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=most), 1):
        if any(cell.value is not None for cell in cells):
            yield line, list(cells)


def _header(sheet: Any) -> _Header | None:
    """The technical line if it is there, else the line with the names of the columns in some language."""
    known = titles()
    best: _Header | None = None
    for line, cells in _rows(sheet, _HEADER_AMONG):
        columns: dict[str, int] = {}
        unknown: dict[int, str] = {}
        for at, cell in enumerate(cells):
            text = as_seen(str(cell.value)).strip() if isinstance(cell.value, str) else ""
            code = known.get(text.casefold())
            if code and code not in columns:
                columns[code] = at
            elif text:
                unknown[at] = text
        if len(columns) >= len(NEEDED) - 1 and (best is None or len(columns) > len(best.columns)):
            best = _Header(line, columns, unknown)
    return best


def _lines(sheet: Any, header: _Header) -> Returned:
    found = Returned()
    merged = _merged(sheet)
    names = dict(header.unknown)
    known = titles()
    without_place: list[int] = []
    for line, cells in _rows(sheet):
        if len(found.lines) + len(without_place) > MOST_LINES:
            raise NotReadable(say(marked("The list has more than {most} lines. Send it in parts."), most=MOST_LINES))
        place = _text(cells, header.columns["place"])
        if place.casefold() in known or line <= header.line:
            names |= _strangers(cells, header) if place.casefold() in known else {}
            continue
        for at, cell in enumerate(cells):
            if at not in header.columns.values() and cell.value is not None:
                names.setdefault(at, "")
        if not place:
            without_place.append(line)
        else:
            found.lines.append(_filled(line, cells, header, merged))
    found.notices = [*_notices(without_place, names), *_of_merged(merged, header)]
    return found


def _strangers(cells: list[Any], header: _Header) -> dict[int, str]:
    """Columns that a person added, by the name that they gave them."""
    return {
        at: as_seen(str(cell.value))
        for at, cell in enumerate(cells)
        if at not in header.columns.values() and cell.value is not None
    }


def _notices(without_place: list[int], names: dict[int, str]) -> list[Said]:
    told = [_stranger(get_column_letter(at + 1), name) for at, name in sorted(names.items())[:MOST_TOLD]]
    told += [
        say(marked("Line {line} was added by hand, or has lost its reference. It was not read."), line=str(line))
        for line in without_place[:MOST_TOLD]
    ]
    if (more := len(without_place) - MOST_TOLD) > 0:
        told.append(say(marked("{count} more lines have no reference. They were not read."), count=more))
    return told


def _stranger(letter: str, name: str) -> Said:
    if name:
        return say(
            marked("Column {letter} (“{name}”) is not part of the list. It was not read."), letter=letter, name=name
        )
    return say(marked("Column {letter} is not part of the list. It was not read."), letter=letter)


def _filled(line: int, cells: list[Any], header: _Header, merged: list[tuple[int, int, int, int]]) -> Filled:
    place, sheet_id = _text(cells, header.columns["place"]), _text(cells, header.columns["sheet"])
    values: dict[str, str] = {}
    wrong: Said | None = None
    for code in WHITE:
        at = header.columns.get(code)
        if at is None or at >= len(cells):
            continue
        address = f"{get_column_letter(at + 1)}{line}"
        if any(left <= at + 1 <= right and top <= line <= bottom for left, top, right, bottom in merged):
            wrong = wrong or say(
                marked("Cell {cell} is joined with others, so nobody can tell which line it is for. Split the cells."), cell=address
            )  # fmt: skip
            continue
        text = _value(cells[at], address)
        if isinstance(text, Said):
            wrong = wrong or text
        else:
            values[code] = text
    return Filled(line, place, sheet_id, wrong=wrong, **values)


def _value(cell: Any, address: str) -> str | Said:
    """What a person typed in a white cell, as text; formulas, errors, dates and what is too long are refused."""
    value = cell.value
    if value is None:
        return ""
    if refused := _refused(cell, address):
        return refused
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
    return as_seen(str(value)).strip()


def _refused(cell: Any, address: str) -> Said | None:
    value = cell.value
    if cell.data_type == "f" or not isinstance(value, str | bool | int | float | date | time | timedelta):
        return say(marked("Cell {cell} holds a formula. Write the value itself."), cell=address)
    if cell.data_type == "e":
        return say(marked("Cell {cell} holds an error ({value}). Write the value itself."), cell=address, value=value)
    if isinstance(value, date | time | timedelta):
        return say(marked("Cell {cell} holds a date or a time. Write it as text."), cell=address)
    if isinstance(value, str) and len(value) > MOST:
        told = marked("Cell {cell} holds {count} characters; a cell takes {most}. Shorten it.")
        return say(told, cell=address, count=len(value), most=MOST)
    return None


def _text(cells: list[Any], at: int) -> str:
    """A text of a locked column; what is none is nothing."""
    cell = cells[at] if at < len(cells) else None
    return (
        as_seen(cell.value).strip()
        if cell is not None and isinstance(cell.value, str) and cell.data_type != "f"
        else ""
    )


def _merged(sheet: Any) -> list[tuple[int, int, int, int]]:
    """The ranges of merged cells (left, top, right, bottom); a sheet that is read line by line does not tell them."""
    found = []
    with sheet._get_source() as source:
        for _, node in iterparse(source):
            if node.tag == f"{{{SHEET_MAIN_NS}}}mergeCell":
                left, top, right, bottom = range_boundaries(node.get("ref"))
                found.append((left or 1, top or 1, right or MOST_COLUMNS, bottom or MOST_LINES))
            elif node.tag != f"{{{SHEET_MAIN_NS}}}mergeCells":
                node.clear()
    return found


def _of_merged(merged: list[tuple[int, int, int, int]], header: _Header) -> list[Said]:
    count = Counter(bottom > header.line for _, _, _, bottom in merged)[True]
    ranges = [
        f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        for left, top, right, bottom in merged
        if bottom > header.line
    ]
    return [say(marked("Joined cells: {ranges}. Split them."), ranges=", ".join(ranges[:5]))] if count else []
