"""A table as a styled sheet of a workbook: written row by row, so that its memory does not grow with the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from textwrap import wrap
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from koppel.sheets import CELL_CHARACTERS, cell_text

Kind = Literal["text", "number", "percent", "money", "day", "points"]

MOST_ROWS = 1_000_000
"""A sheet holds 1,048,576 rows; what does not fit is told below the last one."""

_FORMATS = {"percent": "0%", "money": "#,##0 [$€-1]", "day": "yyyy-mm-dd"}
_BEGINNINGS = frozenset("=+-@")
"""What a spreadsheet program takes for the beginning of a formula."""

_HEAD = PatternFill("solid", fgColor="1D3557")
_HEAD_FONT = Font(bold=True, color="FFFFFF")
_TITLE_FONT = Font(bold=True, size=16, color="1D3557")
_TOP = Alignment(vertical="top", wrap_text=True)
_LINE, _BUTTON = 15, 4
"""Height of a line of a heading (points), and the characters that the button of a filter takes."""

HEADER_ROW = 3
"""Above it: the title of the sheet, and an empty row."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: what it is called, how wide it is (characters), and what stands in it."""

    title: str
    width: int = 14
    kind: Kind = "number"

    @property
    def room(self) -> int:
        """Its width, or more where a word of the title is longer; the button of the filter stands beside that."""
        return max(self.width, max((len(word) for word in self.title.split()), default=0) + _BUTTON)

    @property
    def lines(self) -> int:
        """How many lines the title takes at that width."""
        return max(1, len(wrap(self.title, self.room - _BUTTON)))


def add(
    book: Workbook, title: str, about: str, headings: Sequence[Heading], rows: Iterable[Sequence[Any]], timezone: tzinfo = UTC,
) -> Any:  # fmt: skip
    """Add a sheet: the sentence ``about``, then a table with a frozen header and filters; gives the worksheet.

    Numbers are numbers, days are days; a text is a text, whatever it begins with. None is an empty cell. A time is told as
    its day in ``timezone``.
    """
    sheet = book.create_sheet(cell_text(title)[:31])
    for number, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(number)].width = heading.room
    sheet.row_dimensions[HEADER_ROW].height = _LINE * max(heading.lines for heading in headings)
    sheet.freeze_panes = f"B{HEADER_ROW + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"
    sheet.append([_styled(sheet, about, _TITLE_FONT)])
    sheet.append([])
    sheet.append([_head(sheet, heading.title) for heading in headings])
    count = 0
    for row in rows:
        if count < MOST_ROWS:
            sheet.append(
                [_cell(sheet, value, heading.kind, timezone) for value, heading in zip(row, headings, strict=True)]
            )
        count += 1
    last = HEADER_ROW + min(count, MOST_ROWS)
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{get_column_letter(len(headings))}{last}"
    if count > MOST_ROWS:
        sheet.append([_styled(sheet, f"+ {count - MOST_ROWS:,}", Font(bold=True))])
    return sheet


def _styled(sheet: Any, text: str, font: Font) -> Any:
    cell = _text(sheet, text)
    cell.font = font
    return cell


def _head(sheet: Any, text: str) -> Any:
    cell = _styled(sheet, text, _HEAD_FONT)
    cell.fill, cell.alignment = _HEAD, _TOP
    return cell


def _cell(sheet: Any, value: Any, kind: Kind, timezone: tzinfo) -> Any:
    """A value as a cell; where it needs no style it is left bare, which takes a third of the time."""
    if value is None or value == "":
        return None
    if kind == "text":
        text = cell_text(value)[:CELL_CHARACTERS]
        return _text(sheet, text) if text[:1] in _BEGINNINGS else text
    if kind in {"number", "points"}:
        return value
    cell = WriteOnlyCell(sheet, value=_plain(value, timezone))
    cell.number_format = _FORMATS[kind]
    return cell


def _text(sheet: Any, value: Any) -> Any:
    """A cell that no spreadsheet program takes for a formula, now or when somebody edits it."""
    text = cell_text(value)[:CELL_CHARACTERS]
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type, cell.number_format = "s", "@"
    cell.quotePrefix = text[:1] in _BEGINNINGS
    return cell


def _plain(value: Any, timezone: tzinfo) -> Any:
    """A value as a cell takes it: cells know no time zones."""
    if isinstance(value, datetime):
        return value.astimezone(timezone).date()
    return value if isinstance(value, date | int | float | Decimal) else str(value)
