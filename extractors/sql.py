"""Reads any database that SQLAlchemy speaks; ``config/sql/<entity>.sql`` says what, its column names are the mapping.

Needs a read-only login. A row without ``modified_at`` is read every time: write ``coalesce(write_date, create_date) as
modified_at`` where the ERP leaves it empty until the first update. Options: ``queries`` (folder), ``arrow`` (false: never
use the fast path for PostgreSQL), ``signal`` (the channel on which a PostgreSQL says that something changed).
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from extractors import arrow_stream, shape
from extractors.canonical import array_of, described_type, postgres_column
from extractors.databases import in_words, open_engine, url_of
from extractors.queries import (
    Query,
    check_keys_are_optional,
    chunks_of,
    described,
    key_column,
    literal,
    order_of,
    read_query,
    wrapped,
)
from extractors.signals import Signal
from koppel.clock import Clock
from koppel.connections import Connection, connection
from koppel.entities import ENTITIES, MODIFIED, Entity
from koppel.errors import ConfigError, KoppelError
from koppel.settings import SourceSettings
from koppel.target import Check
from koppel.window import Window

log = logging.getLogger(__name__)
_FETCH_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """What a query gives: per column read its canonical type and the expression that yields it."""

    columns: shape.Columns
    types: dict[str, pa.DataType]
    expressions: dict[str, str]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of every slice, the same for each run of the same query."""
        return pa.schema([(name, self.types[name]) for name in self.columns.known])


class SqlSource:
    """A database as a source."""

    def __init__(self, settings: SourceSettings, clock: Clock | None = None) -> None:
        self.name = settings.name
        self.settings = settings
        self._clock = clock or Clock()

    @cached_property
    def _connection(self) -> Connection:
        if not self.settings.connection:
            raise ConfigError(
                f"[sources.{self.name}] has no connection.", do='Add connection = "..." below its heading.'
            )
        return connection(self.settings.connection)

    @cached_property
    def _engine(self) -> sa.Engine:
        return open_engine(self._connection, self.settings.root)

    @property
    def _queries(self) -> Path:
        return self.settings.path("queries", "sql")

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        """The rows of an entity, in slices of at most 50,000 rows and about 64 MB; one empty table when there are none.

        Raises ConfigError, SourceDown or SourceShape.
        """
        query = self._query(entity)
        check_keys_are_optional(query, window)
        with in_words(self._connection, query.where):
            found = self._described(entity, query)
            shape.warn_of_unknown(entity, found.columns, query.where)
            for table in self._tables(entity, query, found, window):
                yield shape.with_times(table, query.where)

    def offers(self, entity: Entity) -> bool:
        """Whether there is a query for the entity."""
        return (self._queries / f"{entity.name}.sql").is_file()

    def accounted(self, entity: Entity, run_id: str) -> None:
        """A database keeps no account of who read it."""

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True as soon as the database signals a change, also one between two waits. Never raises.

        Without the option ``signal`` it just waits.
        """
        if self._signal is not None:
            return self._signal.wait(seconds)
        self._clock.sleep(seconds)
        return False

    @cached_property
    def _signal(self) -> Signal | None:
        channel = self.settings.options.get("signal")
        if not channel:
            return None
        return Signal(self.name, lambda: url_of(self._connection, self.settings.root), str(channel), self._clock)

    def check(self) -> list[Check]:
        """Whether the database answers, and whether each query gives what its entity needs."""
        subject = f"source {self.name}"
        try:
            with in_words(self._connection, "The first contact"), self._engine.connect():
                pass
            paths = sorted(self._queries.glob("*.sql"))
        except KoppelError as error:
            return [Check(subject, False, error.what, error.do)]
        checks = [Check(subject, True, f"{self._engine.dialect.name} on {self._connection.host or 'this machine'}")]
        if not paths:
            checks.append(Check(subject, False, f"No .sql file in {self._queries}.", "Write one per entity."))
        return checks + [self._checked(path) for path in paths]

    def _checked(self, path: Path) -> Check:
        subject = f"source {self.name}: {path.name}"
        if path.stem not in ENTITIES:
            return Check(subject, False, "No entity has that name.", f"Name it after one of {', '.join(ENTITIES)}.")
        entity = ENTITIES[path.stem]
        try:
            query = self._query(entity)
            with in_words(self._connection, query.where):
                columns = self._described(entity, query).columns
        except KoppelError as error:
            return Check(subject, False, error.what, error.do)
        unknown = f"; not read: {', '.join(columns.unknown)}" if columns.unknown else ""
        return Check(subject, True, f"{len(columns.known)} columns{unknown}")

    def _query(self, entity: Entity) -> Query:
        return read_query(self._queries, entity, backslashes=self._is("mysql", "mariadb"))

    def _is(self, *dialects: str) -> bool:
        return self._engine.dialect.name in dialects

    def _described(self, entity: Entity, query: Query) -> Shape:
        """Ask the database for the columns, without any row."""
        with self._engine.connect() as db:
            result = db.execute(self._bound(described(query), query, Window(keys=("",))))
            cursor = result.cursor
            found = [(str(item[0]), item[1]) for item in cursor.description] if cursor else []
            has_encoding = not self._is("postgresql") or db.scalar(sa.text("show server_encoding")) != "SQL_ASCII"
        names = [self._without_suffix(name, [other for other, _ in found]) for name, _ in found]
        columns = shape.sort_out(entity, names, query.where)
        read = {name: self._column(name, code, has_encoding=has_encoding) for name, code in found}
        types, expressions = ({name: pair[part] for name, pair in read.items()} for part in (0, 1))
        return Shape(columns, types, expressions)

    def _column(self, name: str, code: Any, *, has_encoding: bool) -> tuple[pa.DataType, str]:
        quoted = self._engine.dialect.identifier_preparer.quote_identifier(name)
        if self._is("postgresql"):
            return postgres_column(code, quoted, has_encoding=has_encoding)
        return described_type(self._engine.dialect.name, code), quoted

    def _without_suffix(self, name: str, others: list[str]) -> str:
        """SQLite calls the second of two equal names ``name:1``."""
        stem, colon, number = name.rpartition(":")
        return stem if self._is("sqlite") and colon and number.isdigit() and stem in others else name

    def _tables(self, entity: Entity, query: Query, found: Shape, window: Window) -> Iterator[pa.Table]:
        if self._is("postgresql") and not window.keys and self.settings.options.get("arrow", True):
            yield from arrow_stream.tables(
                self._engine.url, literal(self._text(entity, query, found, window), _values(window)), found.schema
            )
            return
        is_empty = True
        for chunk in chunks_of(window.keys) if window.keys else [[]]:
            part = Window(window.since, window.until, tuple(chunk))
            statement = self._bound(self._text(entity, query, found, part), query, part)
            for table in self._streamed(statement, found):
                is_empty = False
                yield table
        if is_empty:
            yield found.schema.empty_table()

    def _text(self, entity: Entity, query: Query, found: Shape, window: Window) -> str:
        """The query as it is sent, with parameters still by name."""
        known = found.columns.known
        quote = self._engine.dialect.identifier_preparer.quote_identifier
        columns = [f"{found.expressions[name]} as {quote(name)}" for name in known]
        order = [self._ordinal(name, known, entity) for name in order_of(entity, known)]
        return wrapped(query, columns, self._filters(entity, query, found, window), order)

    def _ordinal(self, name: str, known: tuple[str, ...], entity: Entity) -> str:
        """Sort by bytes where a collation might shuffle keys that differ only in case."""
        if name in entity.key and self._is("mysql", "mariadb", "sqlite"):
            quoted = self._engine.dialect.identifier_preparer.quote_identifier(name)
            return f"{quoted} collate binary" if self._is("sqlite") else f"cast({quoted} as binary)"
        return str(known.index(name) + 1)

    def _filters(self, entity: Entity, query: Query, found: Shape, window: Window) -> list[str]:
        """The window as conditions, but for what the file filters itself."""
        filters: list[str] = []
        column = self._engine.dialect.identifier_preparer.quote_identifier(MODIFIED.name)
        time = "datetime({})" if self._is("sqlite") else "{}"  # SQLite holds times as text, in more than one form
        for name, sign in (("since", ">="), ("until", "<=")):
            if getattr(window, name) and name not in query.used and MODIFIED.name in found.columns.known:
                stands = time.format(column)
                filters.append(f"({stands} {sign} {time.format(f':{name}')} or {stands} is null)")
        if window.keys and "keys" not in query.used:
            filters.append(f"{self._key_as_text(key_column(entity), found)} in :keys")
        return filters

    def _key_as_text(self, name: str, found: Shape) -> str:
        quoted = self._engine.dialect.identifier_preparer.quote_identifier(name)
        if self._is("sqlite"):
            return f"cast({quoted} as text)"
        is_number = self._is("postgresql") and found.types[name] != pa.string()
        return f"{quoted}::text" if is_number else found.expressions[name]

    def _bound(self, text: str, query: Query, window: Window) -> sa.TextClause:
        """The text with its parameters bound, each with its type, so that a null has one too."""
        statement = sa.text(text)
        times: dict[str, Any] = {"since": window.since, "until": window.until}
        for name, value in times.items():
            if name in query.used or value:
                statement = self._with(statement, sa.bindparam(name, *self._time(value, ceil=name == "until")))
        keys = sa.bindparam("keys", list(window.keys), type_=sa.String(), expanding=True)
        statement = self._with(statement, keys)
        return self._with(statement, sa.bindparam("all_keys", not window.keys, type_=sa.Boolean()))

    def _with(self, statement: sa.TextClause, parameter: sa.BindParameter[Any]) -> sa.TextClause:
        return statement.bindparams(parameter) if parameter.key in statement._bindparams else statement

    def _time(self, value: datetime | None, *, ceil: bool) -> tuple[Any, Any]:
        """A bound time and its type: with zone for PostgreSQL, as UTC without zone elsewhere.

        SQLite compares text: whole seconds, rounded outwards, so that a fraction in a row can't hide it.
        """
        if self._is("postgresql"):
            return value, sa.DateTime(timezone=True)
        plain = value.astimezone(UTC).replace(tzinfo=None) if value else None
        if not self._is("sqlite"):
            return plain, sa.DateTime()
        if plain and ceil and plain.microsecond:
            plain += timedelta(seconds=1)
        return (f"{plain:%Y-%m-%d %H:%M:%S}" if plain else None), sa.String()

    def _streamed(self, statement: sa.TextClause, found: Shape) -> Iterator[pa.Table]:
        """Rows by a server-side cursor; how many are fetched at a time follows their size."""
        with self._engine.connect().execution_options(stream_results=True) as db, db.execute(statement) as result:
            size, waiting = 20, list[pa.Table]()
            while rows := result.fetchmany(size):
                table = _table_of(rows, found.schema)
                waiting.append(table)
                size = max(1, min(1_000, len(rows) * _FETCH_BYTES // max(table.nbytes, 1)))
                count = sum(part.num_rows for part in waiting)
                if count + size > shape.SLICE_ROWS or sum(part.nbytes for part in waiting) > shape.SLICE_BYTES // 2:
                    yield pa.concat_tables(waiting).combine_chunks()
                    waiting = []
            if waiting:
                yield pa.concat_tables(waiting).combine_chunks()


def _values(window: Window) -> dict[str, datetime | bool | None]:
    return {"since": window.since, "until": window.until, "all_keys": not window.keys}


def _table_of(rows: Any, schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    arrays = [array_of(values, field.type, field.name) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
