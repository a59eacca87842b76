"""What stands in a cell, as text: barcodes keep their zeros, numbers get a decimal point, dates become ISO 8601 in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from koppel.entities import Dtype

Decimals = Literal["comma", "point", "auto"]
DATES = (
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
)
"""Tried after ISO 8601 where the mapping names no formats: the day stands first, as in Belgium."""

_ZEROS = re.compile(r"^(0{2,})(?:[;_].*)?$")
_NUMBER = re.compile(r"^\d+(\.\d+)?$")
_GROUPED = {
    "comma": re.compile(r"^\d{1,3}(\.\d{3})+(,\d+)?$"),
    "point": re.compile(r"^\d{1,3}(,\d{3})+(\.\d+)?$"),
}
_FORCED_TEXT = re.compile(r'^="([^"]*)"$')


@dataclass(frozen=True, slots=True)
class Field:
    """One column to read: the entity's name for it, the header in the file, and how its cells are written."""

    name: str
    source: str
    dtype: Dtype = "text"
    decimal: Decimals = "auto"
    dates: tuple[str, ...] = DATES
    zone: str = "UTC"
    digits: int = 0
    """Fill up with zeros to this many digits, for a barcode that was typed as a number."""
    is_optional: bool = False


def text_of_cell(value: Any, field: Field, number_format: str = "General") -> str | None:
    """A cell as text; None when it is empty.

    What doesn't look like the number or date that the entity expects stays as it is, for the transformer to name.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _filled(_of_number(value, number_format), field)
    if isinstance(value, datetime | date | time):
        return _of_date(value, field)
    return _of_text(str(value), field)


def number_text(text: str, decimal: Decimals) -> str:
    """A number as people write it, with a point and without grouping; unchanged if it isn't one.

    ``auto``: the last of point and comma is the decimal sign, and a single one always is: where 1.234 means a thousand,
    the mapping must say so.
    """
    bare = re.sub(r"[\s\u00a0\u202f']", "", text)
    sign = "-" if bare.startswith("-") or bare.endswith("-") else ""
    bare = bare.strip("+-")
    convention = _guessed(bare) if decimal == "auto" else decimal
    if _GROUPED[convention].match(bare):
        bare = bare.replace("." if convention == "comma" else ",", "")
    bare = bare.replace(",", ".") if convention == "comma" and bare.count(",") == 1 and "." not in bare else bare
    return sign + bare if _NUMBER.match(bare) else text


def _guessed(bare: str) -> Literal["comma", "point"]:
    if bare.count(",") > 1:
        return "point"
    if bare.count(".") > 1:
        return "comma"
    return "comma" if bare.rfind(",") > bare.rfind(".") else "point"


def _of_number(value: float, number_format: str) -> str:
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    text = str(int(value))
    zeros = _ZEROS.match(number_format)
    return text.zfill(len(zeros[1])) if zeros and not text.startswith("-") else text


def _of_date(value: datetime | date | time, field: Field) -> str:
    if isinstance(value, time):
        return value.isoformat()
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 -- the zone follows
    if field.dtype == "time":
        return _utc(value, field.zone)
    return value.date().isoformat() if value.time() == time() else value.isoformat()


def _of_text(text: str, field: Field) -> str | None:
    forced = _FORCED_TEXT.match(text)  # how a CSV file keeps a spreadsheet from eating zeros
    text = forced[1] if forced else text
    if not text.strip():
        return None
    if field.dtype in {"number", "money", "integer"}:
        return number_text(text, field.decimal)
    return _time_text(text, field) if field.dtype == "time" else _filled(text, field)


def _time_text(text: str, field: Field) -> str:
    for parse in (datetime.fromisoformat, *(_format(pattern) for pattern in field.dates)):
        try:
            return _utc(parse(text.strip()), field.zone)
        except (ValueError, OverflowError):
            continue
    return text


def _format(pattern: str) -> Any:
    return lambda text: datetime.strptime(text, pattern)  # noqa: DTZ007 -- the zone follows


def _utc(value: datetime, zone: str) -> str:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))
    return aware.astimezone(UTC).isoformat()


def _filled(text: str, field: Field) -> str:
    return text.zfill(field.digits) if field.digits and text.isdigit() else text
