"""Bulk reads and writes of the ledger: Arrow out, COPY in, never row by row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import psycopg
import pyarrow as pa
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, Engine, Table

from koppel.errors import ledger_down


class ArrowReader:
    """Reads query results as Arrow columns over one connection of its own, which is opened when first used."""

    def __init__(self, engine: Engine) -> None:
        self._url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: Any = None

    def read(self, query: str) -> pa.Table:
        """The rows of a query. It holds no outside text: values go through ``literal``."""
        import adbc_driver_postgresql.dbapi as adbc

        is_new = self._connection is None
        try:
            return self._fetch(adbc, query)
        except adbc.Error as error:
            self.close()
            if is_new:
                raise _as_down(error, adbc) from error
        try:
            return self._fetch(adbc, query)  # the server was restarted since the last query
        except adbc.Error as error:
            raise _as_down(error, adbc) from error

    def _fetch(self, adbc: Any, query: str) -> pa.Table:
        if self._connection is None:
            self._connection = adbc.connect(self._url, autocommit=True)
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetch_arrow_table()

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _as_down(error: Exception, adbc: Any) -> Exception:
    """A server that can't be reached in the words of any other ledger's error; anything else as it is."""
    return ledger_down(error) if isinstance(error, adbc.OperationalError) else error


def literal(value: str) -> str:
    """A text as an SQL literal, for the few places where a bulk driver takes no parameters."""
    return psycopg.sql.Literal(value).as_string(None)


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[dict[str, Any]],
    columns: Sequence[str],
    *,
    kept: Mapping[str, Sequence[str]] | None = None,
    as_of: datetime | None = None,
) -> int:
    """Insert rows, or update ``columns`` of those whose primary key is there; returns how many rows were given.

    ``kept``: columns that stay as they are while the named others do not change. ``as_of``: a row whose ``since`` is later
    stays as it is.
    """
    names = [column.name for column in table.primary_key.columns] + list(columns)
    keys = [column.name for column in table.primary_key.columns]
    cursor = _psycopg(connection).cursor()
    count = _copy_to_staged(cursor, table, names, rows)
    if count:
        changed = ", ".join(f"{name} = {_new(table.name, name, (kept or {}).get(name, ()))}" for name in columns)
        only = f" where {table.name}.since <= %s" if as_of else ""
        cursor.execute(
            f"insert into {table.name} ({', '.join(names)}) select {', '.join(names)} from staged "  # noqa: S608
            f"on conflict ({', '.join(keys)}) do update set {changed}{only}",
            [as_of] if as_of else None,
        )
    return count


def _new(table: str, name: str, while_same: Sequence[str]) -> str:
    if not while_same:
        return f"excluded.{name}"
    is_same = " and ".join(f"{table}.{other} = excluded.{other}" for other in while_same)
    return f"case when {is_same} then {table}.{name} else excluded.{name} end"


def append(connection: Connection, table: Table, rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    """Add rows to a table by COPY."""
    _copy(_psycopg(connection).cursor(), table, table.name, columns, rows)


def stage_keys(connection: Connection, keys: Iterable[str]) -> None:
    """Fill the temporary table ``wanted(key)``, to join with when keys are too many for a parameter."""
    cursor = _psycopg(connection).cursor()
    cursor.execute("drop table if exists wanted")
    cursor.execute("create temporary table wanted (key text) on commit drop")
    with cursor.copy("copy wanted (key) from stdin") as copy:
        for key in keys:
            copy.write_row((_cell(key, is_json=False),))
    cursor.execute("analyze wanted")


def _copy_to_staged(cursor: psycopg.Cursor[Any], table: Table, names: list[str], rows: Iterable[dict[str, Any]]) -> int:
    cursor.execute("drop table if exists staged")
    cursor.execute(f"create temporary table staged (like {table.name} including defaults) on commit drop")
    nullable = [column.name for column in table.columns if not column.nullable and column.name not in names]
    for name in nullable:
        cursor.execute(f"alter table staged alter column {name} drop not null")
    return _copy(cursor, table, "staged", names, rows)


def _copy(
    cursor: psycopg.Cursor[Any], table: Table, into: str, names: Sequence[str], rows: Iterable[dict[str, Any]]
) -> int:
    json_columns = {column.name for column in table.columns if type(column.type).__name__ == "JSONB"}
    count = 0
    with cursor.copy(f"copy {into} ({', '.join(names)}) from stdin") as copy:
        for row in rows:
            copy.write_row([_cell(row.get(name), is_json=name in json_columns) for name in names])
            count += 1
    return count


def _cell(value: Any, *, is_json: bool) -> Any:
    """PostgreSQL takes no NUL in text; a target's answer may hold one, and losing the answer would be worse."""
    if is_json and value is not None:
        return Jsonb(without_nul(value))
    return without_nul(value) if isinstance(value, str) else value


def without_nul(value: Any) -> Any:
    """A JSON value as PostgreSQL can hold it: where a NUL stood in a text is seen."""
    if isinstance(value, str):
        return value.replace("\0", "�")
    if isinstance(value, dict):
        return {without_nul(name): without_nul(item) for name, item in value.items()}
    return [without_nul(item) for item in value] if isinstance(value, list | tuple) else value


def _psycopg(connection: Connection) -> psycopg.Connection[Any]:
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)
