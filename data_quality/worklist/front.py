"""The sheets around the work list itself: what to do with it, what is in it, and the lists to choose from."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from data_quality.texts import Texts
from data_quality.worklist.cells import cut, looks_like_formula, written

if TYPE_CHECKING:
    from data_quality.worklist.workbook import WorkList


def put(sheet: Worksheet, line: int, at: int, value: str) -> Any:
    """A text in a cell, as text whatever it looks like."""
    cell: Any = sheet.cell(line, at)
    is_formula = text(cell, value)
    cell.number_format = "@"
    if is_formula:
        cell.quotePrefix = True
    return cell


def text(cell: Any, value: str) -> bool:
    """Put a text in a cell, as text; whether a program would take it for a formula if it were typed, and must be told."""
    fitting = cut(value)
    cell.value = written(fitting)
    if fitting:
        cell.data_type = "s"
    return looks_like_formula(fitting)


def read_me(sheet: Worksheet, made: "WorkList", texts: Texts) -> None:
    """What to do, in a few sentences."""
    _ = texts.gettext
    sheet.column_dimensions["A"].width = 110
    put(sheet, 1, 1, made.title).font = Font(bold=True, size=16)
    count, of = texts.number(len(made.rows)), texts.number(made.of)
    more = _("There are {count} in all; these matter most. What is left comes with the next list.", count=of)
    lines = [
        _("This list has {count} lines; what is wrong with the same text stands on one. It was made on {day}.", count=count,
          day=texts.moment(made.made_at)),
        *([more] if made.of > len(made.rows) else []),
        _("Fill in the white cells only. All other cells are locked, so that every line finds its way back."),
        _("New value: write what should stand there. Leave it empty where you change nothing."),
        _("This is correct because…: write why, where nothing is wrong. We then leave it alone for a while."),
        _("Fill in one of the two, never both."),
        _("Done by: your name, where somebody else sends the list back."),
        _("You may sort and filter. Please leave the columns and their names as they are."),
        _("Numbers may have a comma or a point. Where there is a list, choose from it."),
        _("Send the file back as a workbook (.xlsx), also when only a part is done."),
        _("You first see what would come of it. Nothing counts before you say yes."),
        _("A value that changed meanwhile is never overwritten: you get both to see."),
    ]  # fmt: skip
    for at, line in enumerate(lines, 3):
        put(sheet, at, 1, line).alignment = Alignment(wrap_text=True, vertical="top")
    put(sheet, len(lines) + 4, 1, _("Work list {number}", number=made.sheet_id)).font = Font(color="666666")
    _one_page(sheet)


def summary(sheet: Worksheet, made: "WorkList", texts: Texts) -> None:
    """How many rows there are, by question."""
    _ = texts.gettext
    for letter, width in zip("ABC", (48, 14, 18), strict=True):
        sheet.column_dimensions[letter].width = width
    for at, title in enumerate((_("What a customer asks"), _("To mend"), _("Of these held back")), 1):
        put(sheet, 1, at, title).font = Font(bold=True)
    every, held = Counter(row.question for row in made.rows), Counter(row.question for row in made.rows if row.is_held)
    for line, (question, count) in enumerate(every.most_common(), 2):
        put(sheet, line, 1, texts.question(question))
        sheet.cell(line, 2, count)
        sheet.cell(line, 3, held[question])
    total = len(every) + 2
    put(sheet, total, 1, _("Together")).font = Font(bold=True)
    sheet.cell(total, 2, len(made.rows)).font = Font(bold=True)
    sheet.cell(total, 3, held.total()).font = Font(bold=True)
    sheet.freeze_panes = "A2"
    _one_page(sheet)


def lists(sheet: Worksheet, made: "WorkList", texts: Texts) -> dict[str, str]:
    """Write a column per field that has a list; per field the cells that hold it (``$A$2:$A$9``)."""
    places: dict[str, str] = {}
    for name in sorted({row.field for row in made.rows if row.is_mendable}):
        offered = made.choices.of(name, texts)
        if not offered:
            continue
        at = len(places) + 1
        letter = get_column_letter(at)
        put(sheet, 1, at, texts.field(name)).font = Font(bold=True)
        for line, one in enumerate(offered, 2):
            put(sheet, line, at, one)
        sheet.column_dimensions[letter].width = min(60, max(14, *map(len, offered)))
        places[name] = f"${letter}$2:${letter}${len(offered) + 1}"
    sheet.freeze_panes = "A2"
    _one_page(sheet)
    return places


def _one_page(sheet: Worksheet) -> None:
    sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 9, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
