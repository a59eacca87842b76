"""Cells of a source as typed columns: text, integers, numbers, money, booleans and times, and which cells are no such thing.

Every parser takes a column as a source gave it (text, or what a driver makes of it) and gives a ``Parsed``; none of them raises
for what stands in a cell. Numbers may carry a decimal point or a decimal comma; see ``_plain_number`` for what is read as what.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from koppel.entities import Dtype

Column = pd.Series  # one column of a frame; what is in it differs per function and is told there

LARGEST_TEXT = 4_000_000
"""Characters; what is longer is no text of a product, and would cost every later step dearly."""
MONEY_STEP = Decimal("0.0001")

TRUE = frozenset({"true", "t", "1", "1.0", "yes", "y", "ja", "j", "oui", "o", "waar", "vrai", "x"})
FALSE = frozenset({"false", "f", "0", "0.0", "no", "n", "nee", "non", "onwaar", "faux"})

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"
_SPACES = "[ \u00a0\u2007\u2009\u202f'’_]"
"""What people put between thousands; a plain space counts only between groups of three."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A typed column and, per cell, whether the source holds something there that could not be read."""

    values: Column
    bad: Column


def texts(cells: Column) -> Parsed:
    """Cells to ``str``; only spaces is nothing. Bad: bytes that are no UTF-8, texts of more than ``LARGEST_TEXT``."""
    cells = _plain(cells)
    if not isinstance(cells.dtype, pd.StringDtype):
        cells = cells.astype("object").map(_as_text, na_action="ignore").astype("str")
    blank = cells.str.strip().eq("")
    bad = cells.str.len().gt(LARGEST_TEXT).fillna(False).astype(bool) | cells.eq(_UNDECODABLE).fillna(False)
    return Parsed(cells.mask(blank | bad).astype("str"), bad)


def integers(cells: Column) -> Parsed:
    """Cells to ``Int64``; ``12``, ``1.200`` never (see ``_plain_number``) but ``12.0`` and ``1 200`` are whole numbers."""
    plain = _plain_number(cells).str.replace(r"\.0*$", "", regex=True)
    fits = plain.str.fullmatch(r"[+-]?[0-9]{1,18}", na=False)
    numbers = pd.to_numeric(plain.where(fits), errors="coerce", dtype_backend="numpy_nullable").astype("Int64")
    return Parsed(numbers, plain.notna() & ~fits)


def numbers(cells: Column) -> Parsed:
    """Cells to ``Float64``, finite."""
    if pd.api.types.is_float_dtype(cells.dtype) or pd.api.types.is_integer_dtype(cells.dtype):
        values = cells.astype("Float64")
        endless = values.abs().eq(float("inf")).fillna(False).astype(bool)
        return Parsed(values.mask(endless | values.isna()), endless)
    plain = _plain_number(cells)
    fits = plain.str.fullmatch(_NUMBER, na=False)
    values = pd.to_numeric(plain.where(fits).astype("object"), errors="coerce").astype("Float64")
    endless = values.abs().eq(float("inf")).fillna(False).astype(bool)
    return Parsed(values.mask(endless), plain.notna() & (~fits | endless))


def money(cells: Column) -> Parsed:
    """Cells to Decimal objects with exactly four places, halves away from zero; bad above 12 digits before the point."""
    plain = _plain_number(cells)
    fits = plain.str.fullmatch(_NUMBER, na=False)
    values = plain.where(fits).astype("object").map(_as_money, na_action="ignore")
    values = values.astype("object").where(values.notna(), None)
    return Parsed(values, plain.notna() & values.isna())


def booleans(cells: Column) -> Parsed:
    """Cells to ``boolean``; yes and no are understood in Dutch, French and English."""
    if pd.api.types.is_bool_dtype(cells.dtype):
        return Parsed(cells.astype("boolean"), pd.Series(data=False, index=cells.index))
    words = texts(cells).values.str.strip().str.lower()
    is_true, is_false = words.isin(TRUE), words.isin(FALSE)
    values = is_true.astype("boolean").mask(~(is_true | is_false))
    return Parsed(values, words.notna() & ~(is_true | is_false))


def times(cells: Column, zone: str = "UTC") -> Parsed:
    """Cells to ``datetime64[us, UTC]``: ISO 8601 or day/month/year; a time without a zone is a wall clock in ``zone``.

    The hour that a clock shows twice in autumn is taken as the later one, the hour that it skips in spring as the next one.
    """
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return Parsed(
            cells.dt.tz_convert("UTC").astype("datetime64[us, UTC]"), pd.Series(data=False, index=cells.index)
        )
    if pd.api.types.is_datetime64_dtype(cells.dtype):
        return Parsed(_from_zone(cells, zone), pd.Series(data=False, index=cells.index))
    words = texts(cells).values.str.strip()
    zoned = words.str.contains(r"(?:[zZ]|[+-][0-9]{2}(?::?[0-9]{2})?)$", na=False) & words.str.contains(":", na=False)
    aware = pd.to_datetime(words.where(zoned), format="ISO8601", utc=True, errors="coerce").astype(
        "datetime64[us, UTC]"
    )
    naive = pd.to_datetime(words.mask(zoned), format="ISO8601", errors="coerce").astype("datetime64[us]")
    for form in ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        left = naive.isna() & words.notna() & ~zoned
        if left.any():
            naive = naive.fillna(
                pd.to_datetime(words.where(left), format=form, errors="coerce").astype("datetime64[us]")
            )
    values = aware.fillna(_from_zone(naive, zone))
    return Parsed(values, words.notna() & values.isna())


PARSERS: dict[Dtype, tuple[Callable[[Column], Parsed], str]] = {
    "text": (texts, "not readable as text. Export it as UTF-8"),
    "integer": (integers, "not a whole number. Write it like 12"),
    "number": (numbers, "not a number. Write it like 1.25 or 1,25"),
    "money": (money, "not an amount. Write it like 19.95 or 19,95"),
    "boolean": (booleans, "neither yes nor no. Write true or false"),
    "time": (times, "not a date. Write it like 2026-11-23T14:05:00Z"),
}
"""Per type its parser, and what is wrong with a cell that it can't read: "COLUMN is 'VALUE', which is ..."."""

_UNDECODABLE = "\ufffd\ufffd(bytes)"


def _plain(cells: Column) -> Column:
    """Columns that stand on Arrow or on categories, as pandas' own."""
    if isinstance(cells.dtype, pd.ArrowDtype):
        return cells.astype("object")
    return cells.astype(cells.cat.categories.dtype) if isinstance(cells.dtype, pd.CategoricalDtype) else cells


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value if value.isascii() else _whole(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray | memoryview):
        return _decoded(bytes(value))
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _whole(text: str) -> str:
    """Halves of character pairs joined where they meet; half a pair alone is lost, because no encoding can hold it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return _UNDECODABLE


def _plain_number(cells: Column) -> Column:
    """Numbers written by people as Python reads them; what is no number comes back as it is.

    With both a comma and a point the last one is the decimal sign. One that stands alone is the decimal sign too (``1.234`` is
    one and a bit: databases write it so, and a weight of 1.234 kg is common), unless it occurs more than once between groups of
    three (``1.234.567``). Spaces and apostrophes between groups of three are dropped.
    """
    plain = texts(cells).values.str.strip()
    odd = plain.notna() & ~plain.str.fullmatch(_NUMBER, na=False)
    if not odd.any():
        return plain
    some = (
        plain[odd]
        .str.replace("\u2212", "-")
        .str.replace(f"(?<=[0-9]){_SPACES}(?=[0-9]{{3}}(?:[^0-9]|$))", "", regex=True)
    )
    for pattern, thousands, decimal in (
        (r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]*", ".", ","),
        (r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*", ",", "."),
        (r"[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}", ".", ","),
        (r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}", ",", "."),
        (r"[+-]?(?:[0-9]+,[0-9]*|,[0-9]+)", "", ","),
    ):
        shaped = some.str.fullmatch(pattern, na=False)
        if shaped.any():
            chosen = some[shaped].str.replace(thousands, "", regex=False) if thousands else some[shaped]
            some = some.where(~shaped, chosen.str.replace(decimal, ".", regex=False).reindex(some.index))
    return plain.where(~odd, some.reindex(plain.index))


def _as_money(text: str) -> Decimal | None:
    value = Decimal(text)
    return value.quantize(MONEY_STEP, ROUND_HALF_UP) if value.adjusted() < 12 else None


def _from_zone(naive: Column, zone: str) -> Column:
    local = naive.astype("datetime64[us]").dt.tz_localize(ZoneInfo(zone), ambiguous=False, nonexistent="shift_forward")
    return local.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
