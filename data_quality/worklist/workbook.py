"""The work list as an .xlsx workbook: locked columns that tell, white ones to fill in, lists to choose from."""

import io
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from textwrap import wrap
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from data_quality.texts import Texts
from data_quality.worklist import front
from data_quality.worklist.cells import cut
from data_quality.worklist.choices import Choices
from data_quality.worklist.columns import COLUMNS, MARK, SHEETS, STOCK_WORTH, Column
from data_quality.worklist.rows import Row

HEADER = 2
"""The line with the names of the columns; the one above it is hidden and technical."""

_LINE, _MOST_LINES = 15, 10
"""Height of a line of text (points), and how many of them a row shows. LibreOffice, and many a viewer, leaves it to us."""

_COUNTED = ("name", "short_text", "long_text")
_THIN = Side(style="thin", color="C9CED6")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD, _WHITE, _LOCKED, _HELD = "1F3A5F", "FFFFFF", "F1F3F6", "FBE3E1"
_FORMATS = {"money": "#,##0 [$€-1]", "date": "dd/mm/yyyy", "text": "@"}


@dataclass(frozen=True, slots=True)
class WorkList:
    """A work list to be written. ``answers``: per place what came of what was filled in; ``typed``: what that was."""

    sheet_id: str
    title: str
    target: str
    made_at: datetime
    rows: Sequence[Row]
    choices: Choices
    people: Mapping[str, str]
    of: int = 0
    """How many rows there would be; more than ``rows``: these are the ones that matter most."""
    has_worth: bool = True
    worth_is_stock: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    """Where in the ERP a question is mended that no cell here could hold an answer to."""


def render(made: WorkList, texts: Texts) -> bytes:
    """The workbook. All text is stored as text; the only formulas are our own, which count characters."""
    book = Workbook()
    book.properties.creator, book.properties.title = "Koppel", cut(made.title)
    book.remove(book.worksheets[0])
    sheets = {code: book.create_sheet(texts.gettext(title)[:31]) for code, title in SHEETS.items()}
    columns = _columns(made)
    lists = front.lists(sheets["lists"], made, texts)
    _mend(sheets["mend"], made, columns, texts)
    _drop_downs(sheets["mend"], sheets["lists"].title, made, columns, lists, texts)
    front.read_me(sheets["read"], made, texts)
    front.summary(sheets["summary"], made, texts)
    for sheet in sheets.values():
        _protect(sheet)
    book.active = 1
    for sheet in sheets.values():
        sheet.sheet_view.tabSelected = sheet is sheets["mend"]
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _columns(made: WorkList) -> list[Column]:
    left_out = {code for code, wanted in (("worth", made.has_worth), ("answer", made.answers)) if not wanted}
    chosen = [column for column in COLUMNS if column.code not in left_out]
    return [replace(one, title=STOCK_WORTH) if one.code == "worth" and made.worth_is_stock else one for one in chosen]


def _mend(sheet: Worksheet, made: WorkList, columns: list[Column], texts: Texts) -> None:
    for at, column in enumerate(columns, 1):
        front.put(sheet, 1, at, MARK + column.code)
        head = front.put(sheet, HEADER, at, texts.gettext(column.title))
        head.font, head.border = Font(bold=True, color="FFFFFF" if not column.is_white else "000000"), _BORDER
        head.fill = PatternFill("solid", fgColor=_HEAD if not column.is_white else "FFE699")
        head.alignment = Alignment(wrap_text=True, vertical="center")
        dimension = sheet.column_dimensions[get_column_letter(at)]
        dimension.width, dimension.hidden = column.width, column.is_hidden
    sheet.row_dimensions[1].hidden = True
    sheet.row_dimensions[HEADER].height = 3 * _LINE
    new = get_column_letter(1 + [one.code for one in columns].index("new"))
    looks: dict[Any, Any] = {}
    for line, row in enumerate(made.rows, HEADER + 1):
        cells = _cells(row, made, texts)
        if row.is_mendable and row.field in _COUNTED:
            cells["length"] = f'=IF({new}{line}="","",LEN({new}{line}))'
        for at, column in enumerate(columns, 1):
            _cell(sheet, line, at, column, row, cells.get(column.code), looks)
        sheet.row_dimensions[line].height = _LINE * _lines(cells, columns)
    _page(sheet, columns, HEADER + len(made.rows))


def _lines(cells: Mapping[str, Any], columns: Sequence[Column]) -> int:
    """How many lines a row needs so that its texts can be read; of an endless text only the beginning is shown."""
    told = (
        sum(_wrapped(part, int(column.width - 1)) for part in str(cells.get(column.code, "")).split("\n"))
        for column in columns
        if column.kind == "text" and not column.is_hidden
    )
    return min(_MOST_LINES, max(told, default=1))


def _wrapped(text: str, width: int) -> int:
    return 1 if len(text) <= width else len(wrap(text[: width * _MOST_LINES], width)) or 1


def _cells(row: Row, made: WorkList, texts: Texts) -> dict[str, Any]:
    """What stands in a row, by column; text unless the column is of another kind."""
    held = row.is_held
    typed = made.typed.get(row.place, {})
    return {
        "place": row.place, "sheet": made.sheet_id, "sku": row.sku,
        "language": texts.language_name(row.language) if row.language else texts.gettext("all languages"),
        "name": row.name,
        "field": texts.field(row.field) if row.is_mendable else texts.question(row.question, short=True),
        "level": f"{'■' if held else '▲'} {texts.severity('block' if held else 'improve')}",
        "problem": "\n".join(dict.fromkeys((*map(texts.reason, row.problems), *_where(row, made, texts)))),
        "current": made.choices.word(row.field, row.current, texts),
        "example": "\n".join(dict.fromkeys(good for rule in row.rules if (good := texts.rule(rule).good))),
        "owner": made.people.get(row.owner, row.owner), "since": row.since.astimezone(texts.timezone).date(), "worth": row.worth,
        "answer": made.answers.get(row.place, ""),
        **{code: typed.get(code, "") for code in ("new", "because", "done_by")},
    }  # fmt: skip


def _where(row: Row, made: WorkList, texts: Texts) -> list[str]:
    place = "" if row.is_mendable else made.where.get(row.question, "")
    return [texts.gettext("Where to mend it: {place}", place=place)] if place else []


def _cell(sheet: Worksheet, line: int, at: int, column: Column, row: Row, value: Any, looks: dict[Any, Any]) -> None:
    """A cell with its value and its look. ``looks``: those that were made before, for making one takes long."""
    cell: Any = sheet.cell(line, at)
    is_formula = False
    if column.kind == "text":
        is_formula = front.text(cell, value or "")
    else:
        cell.value = value
    is_open = column.is_white and (column.code != "new" or row.is_mendable)
    is_held = column.code == "level" and row.is_held
    look = (column.kind, is_open, is_held, is_formula)
    if look not in looks:
        _dress(cell, *look)
        looks[look] = cell._style
    cell._style = copy(looks[look])


def _dress(cell: Any, kind: str, is_open: bool, is_held: bool, is_formula: bool) -> None:
    cell.number_format = _FORMATS.get(kind, "General")
    cell.quotePrefix = is_formula
    cell.protection = Protection(locked=not is_open)
    cell.fill = PatternFill("solid", fgColor=_WHITE if is_open else _HELD if is_held else _LOCKED)
    cell.border, cell.alignment = _BORDER, Alignment(wrap_text=True, vertical="top")


def _page(sheet: Worksheet, columns: list[Column], last: int) -> None:
    end = get_column_letter(len(columns))
    start = sheet.cell(HEADER + 1, 1 + next(at for at, one in enumerate(columns) if one.code == "language"))
    sheet.freeze_panes = start.coordinate
    sheet.auto_filter.ref = f"A{HEADER}:{end}{max(last, HEADER)}"
    sheet.print_title_rows = f"{HEADER}:{HEADER}"
    sheet.print_area = f"A{HEADER}:{end}{max(last, HEADER)}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("&P / &N"))


def _drop_downs(
    sheet: Worksheet, lists_title: str, made: WorkList, columns: list[Column], lists: Mapping[str, str], texts: Texts
) -> None:
    """A list to choose from in each white cell whose field has one. ``lists``: per field the cells that hold it."""
    letter = get_column_letter(1 + [one.code for one in columns].index("new"))
    for name, where in lists.items():
        cells = [f"{letter}{line}" for line, row in enumerate(made.rows, HEADER + 1) if row.field == name]
        if cells:
            rule = DataValidation("list", formula1=f"{quote_sheetname(lists_title)}!{where}", allow_blank=True)
            rule.sqref = " ".join(cells)
            rule.errorTitle = texts.gettext("Not in the list")
            rule.error = texts.gettext(
                "Choose one from the list. What is missing there can be added by whoever keeps it."
            )
            rule.showErrorMessage = rule.showInputMessage = True
            sheet.add_data_validation(rule)


def _protect(sheet: Worksheet) -> None:
    """Locked without a password: it keeps from slips, not from people. Sorting, filtering and wider columns stay possible."""
    sheet.protection.sheet = True
    for allowed in ("autoFilter", "sort", "formatColumns", "formatRows"):
        setattr(sheet.protection, allowed, False)
