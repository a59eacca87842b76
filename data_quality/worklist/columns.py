"""The columns of a work list: what each is called, how wide it is, and which of them a person fills in."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from data_quality.messages import languages, marked
from data_quality.texts import Texts

Kind = Literal["text", "date", "money", "length"]

MARK = "koppel."
"""Before the technical name of a column, in the hidden first line."""


@dataclass(frozen=True, slots=True)
class Column:
    """``code``: what it is found by, whatever it is called. ``is_white``: a person fills it in; all others are locked."""

    code: str
    title: str
    width: float
    kind: Kind = "text"
    is_white: bool = False
    is_hidden: bool = False


COLUMNS = (
    Column("place", marked("Reference"), 10, is_hidden=True),
    Column("sheet", marked("Work list"), 10, is_hidden=True),
    Column("sku", marked("Article number"), 16),
    Column("language", marked("Language"), 12),
    Column("name", marked("Product"), 30),
    Column("field", marked("What"), 16),
    Column("level", marked("How bad"), 17),
    Column("problem", marked("What is wrong"), 46),
    Column("current", marked("What stands there now"), 34),
    Column("example", marked("A good example"), 30),
    Column("new", marked("New value"), 38, is_white=True),
    Column("length", marked("Length"), 8, "length"),
    Column("because", marked("This is correct because…"), 30, is_white=True),
    Column("done_by", marked("Done by"), 14, is_white=True),
    Column("answer", marked("What came of it"), 40),
    Column("owner", marked("Who mends it"), 16),
    Column("since", marked("Since"), 12, "date"),
    Column("worth", marked("Revenue of the product in 12 months"), 18, "money"),
)

WHITE = tuple(column.code for column in COLUMNS if column.is_white)
NEEDED = ("place", "sheet", "new", "because")
"""Columns without which a work list can't be read."""

SHEETS = {"read": marked("Read me"), "mend": marked("To mend"), "summary": marked("Summary"), "lists": marked("Lists")}

STOCK_WORTH = marked("Value of the stock")
"""What the last column is called where nobody knows the revenue."""


@cache
def titles() -> dict[str, str]:
    """The code of every column by its title, in each language that has a catalogue, in small letters."""
    found = {MARK + column.code: column.code for column in COLUMNS}
    for language in languages():
        texts = Texts(language)
        found |= {texts.gettext(column.title).casefold(): column.code for column in COLUMNS}
        found[texts.gettext(STOCK_WORTH).casefold()] = "worth"
    return found


def title_of(code: str) -> str:
    """The message of a column's title."""
    return next(column.title for column in COLUMNS if column.code == code)
