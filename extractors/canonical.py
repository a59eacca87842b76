"""One raw type per column, whatever driver read it: the engine hashes raw rows, so equal data must give equal bytes.

Integers are int64, floats float64, booleans bool, dates and times timestamp[us, UTC]; everything else is text: decimals
exact as the database writes them, JSON, UUIDs and arrays in its own words, PostgreSQL's bytea as hexadecimal digits.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from extractors.shape import UTC_TIME, text_of_bytes

# Times that Python and pandas can't hold (infinity, years beyond 9999 or before 1) go to the end they lie beyond.
_BOUNDED = (
    "(case when {c} > '9999-12-31 23:59:59.999999' then '9999-12-31 23:59:59.999999'"
    " when {c} < '0001-01-01' then '0001-01-01' else {c} end)"
)
_BOUNDED_DATE = (
    "(case when {c} > '9999-12-31' then '9999-12-31' when {c} < '0001-01-01' then '0001-01-01' else {c} end)"
)

_POSTGRES: dict[int, tuple[pa.DataType, str]] = {
    16: (pa.bool_(), "{c}"),
    20: (pa.int64(), "{c}"),
    21: (pa.int64(), "{c}"),
    23: (pa.int64(), "{c}"),
    26: (pa.int64(), "{c}::int8"),  # oid, unsigned
    700: (pa.float64(), "{c}::text::float8"),  # float4: 1.1 stays 1.1
    701: (pa.float64(), "{c}"),
    25: (pa.string(), "{c}"),
    1043: (pa.string(), "{c}"),
    17: (pa.string(), "encode({c}, 'hex')"),  # bytea
    790: (pa.string(), "{c}::numeric::text"),  # money, whose own text depends on the server's locale
    1082: (UTC_TIME, _BOUNDED_DATE + "::timestamp"),
    1114: (UTC_TIME, _BOUNDED),  # without zone: taken as UTC
    1184: (UTC_TIME, _BOUNDED.replace("{c}", "({c} at time zone 'UTC')")),
}
_AS_TEXT = (pa.string(), "{c}::text")

_MYSQL: dict[int, pa.DataType] = {
    **dict.fromkeys((1, 2, 3, 8, 9, 13), pa.int64()),  # tinyint to bigint, year
    **dict.fromkeys((4, 5), pa.float64()),
    **dict.fromkeys((7, 10, 12), UTC_TIME),  # timestamp, date, datetime
}


def postgres_column(type_code: int, quoted: str, *, has_encoding: bool = True) -> tuple[pa.DataType, str]:
    """The canonical type of a PostgreSQL type (its oid), and the expression that gives it, the same for every driver.

    In a database of encoding SQL_ASCII any byte may stand in a text: it is fetched as bytes and decoded here.
    """
    kind, expression = _POSTGRES.get(type_code, _AS_TEXT)
    if kind == pa.string() and not has_encoding:
        expression = f"convert_to({expression}, 'SQL_ASCII')"
    return kind, expression.replace("{c}", quoted)


def described_type(dialect: str, type_code: Any) -> pa.DataType:
    """The canonical type from a cursor's description; text where the database (SQLite) or its driver tells no type."""
    return _MYSQL.get(type_code, pa.string()) if dialect in {"mysql", "mariadb"} else pa.string()


def array_of(values: Sequence[Any], kind: pa.DataType, name: str) -> pa.Array:
    """Driver values of one column as an array of its canonical type."""
    if kind == pa.string():
        return pa.array([text_of(value, name) for value in values], kind)
    if kind == UTC_TIME:
        return pa.array([_time_of(value) for value in values], pa.timestamp("us")).cast(UTC_TIME)
    return pa.array(values, kind)


def text_of(value: Any, name: str = "") -> str | None:
    """A driver's value as exact text; bytes are text too, unless the column's name ends in ``_hex``."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex() if name.endswith("_hex") else text_of_bytes(bytes(value))
    return _text_of_number_or_time(value)


def _text_of_number_or_time(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime):
        return _utc(value).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _time_of(value: Any) -> datetime | None:
    """A date or time as UTC without zone; MySQL's zero dates, which drivers hand over as text, are empty."""
    if isinstance(value, datetime):
        return _utc(value).replace(tzinfo=None)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 -- the zone is added by the Arrow type
    return None


def _utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
