"""A database connection from a Koppel connection: driver, session settings, and errors in words without the password."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from adbc_driver_manager import Error as ArrowStreamError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from extractors.shape import one_line, text_of_bytes
from koppel.connections import Connection
from koppel.errors import ConfigError, KoppelError, SourceDown, SourceShape

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg2": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
_DEFAULTS = {
    "postgresql": {"client_encoding": "utf8", "connect_timeout": "15"},
    "mysql": {"charset": "utf8mb4"},
    "mariadb": {"charset": "utf8mb4"},
}
_WRONG_LOGIN = {"28P01", "28000", "3D000", "42501", 1044, 1045, 1049, 1142, 1143, 1370}
"""SQLSTATEs and MySQL numbers: wrong login, no such database, no permission."""
_WRONG_LOGIN_WORDS = (
    "password authentication failed", "no password supplied", "no pg_hba.conf entry", 'role "', 'database "',
)  # fmt: skip
_AGAIN = {"57014", "57P01", "57P02", "57P03", "40001", "40P01", "53300", 1040, 1205, 1213, 2002, 2003, 2005, 2006, 2013}
"""Cancelled, shut down, deadlock, too many connections, gone: runs again by itself."""
_GONE = ("server closed the connection", "terminating connection", "connection to server", "canceling statement")
_UNREADABLE_FILE = ("unable to open", "not a database", "malformed", "disk i/o")

POSTGRES_SESSION = (
    "set timezone = 'UTC'",
    "set datestyle = 'ISO, YMD'",
    "set intervalstyle = 'postgres'",
    "set extra_float_digits = 1",
    "set client_encoding = 'UTF8'",
    "set default_transaction_read_only = on",
)
"""Makes text forms of times and floats the same for every driver and server, and writing impossible."""

_MYSQL_SESSION = (
    "set session time_zone = '+00:00'",
    "set session net_write_timeout = 3600",  # the reader may judge a slice while the server waits with the next
    "set session transaction read only",
)


def url_of(connection: Connection, root: Path) -> URL:
    """The SQLAlchemy URL with an installed driver; a relative SQLite file starts at ``root`` (the config folder)."""
    url = _parsed(connection)
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    defaults = _DEFAULTS.get(url.get_backend_name(), {})
    url = url.update_query_dict({name: value for name, value in defaults.items() if name not in url.query})
    return _existing_file(url, root) if url.get_backend_name() == "sqlite" else url


def _parsed(connection: Connection) -> URL:
    try:
        if connection.uri:
            url = make_url(connection.uri)
            if url.drivername == "sqlite" and not url.database and connection.host:  # Airflow: sqlite://%2Ferp.db
                url = URL.create("sqlite", database=connection.host)
            return url.difference_update_query(["__extra__"])
        return URL.create(
            connection.scheme, connection.login or None, connection.password or None, connection.host or None,
            connection.port, connection.path.lstrip("/") or None,
        )  # fmt: skip
    except (ArgumentError, ValueError):
        raise ConfigError(
            f"The connection {connection.name!r} is no database address.",
            do="Write it as scheme://login:password@host:port/database, special characters percent-encoded.",
        ) from None


def _existing_file(url: URL, root: Path) -> URL:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        return url
    path = (root / url.database).resolve()
    if not path.is_file():  # SQLite would quietly make an empty database
        raise ConfigError(f"There is no SQLite file {path}.", do="Correct the path in the connection.")
    return url.set(database=str(path))


def open_engine(connection: Connection, root: Path) -> sa.Engine:
    """An engine that reads only and connects on first use; ConfigError when its driver is not installed."""
    url = url_of(connection, root)
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
    except (NoSuchModuleError, ImportError, TypeError) as error:
        raise ConfigError(
            f"The connection {connection.name!r} needs the database driver {url.drivername!r}, which is not there"
            f" ({one_line(error)}).",
            do="Install it beside Koppel, or correct the scheme in the connection.",
        ) from None
    sa.event.listen(engine, "connect", _session_settings(url.get_backend_name()))
    return engine


def _session_settings(dialect: str) -> Any:
    statements = {"postgresql": POSTGRES_SESSION, "mysql": _MYSQL_SESSION, "mariadb": _MYSQL_SESSION}.get(dialect, ())

    def apply(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.text_factory = text_of_bytes  # invalid UTF-8 would raise in the middle of a run
            connection.execute("pragma query_only = on")
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    return apply


@contextmanager
def in_words(connection: Connection, where: str) -> Iterator[None]:
    """Turn what a driver raises into an error of Koppel; ``where`` names the query that ran."""
    try:
        yield
    except KoppelError:
        raise
    except (SQLAlchemyError, ArrowStreamError, OSError) as error:  # OSError: a record batch that doesn't arrive
        raise translated(error, connection, where) from None  # the chain would show the address and the parameters
    except (UnicodeDecodeError, OverflowError, ValueError) as error:
        raise _shape(f"{where} gives a value that can't be read: {_words(error, connection)}") from None


def translated(error: Exception, connection: Connection, where: str) -> KoppelError:
    """The error of Koppel for a driver's error."""
    orig = getattr(error, "orig", None) or error
    words, code = _words(orig, connection), _code(orig)
    if code in _WRONG_LOGIN or any(sign in words for sign in _WRONG_LOGIN_WORDS if _has_no_state(orig)):
        return ConfigError(
            f"The database of connection {connection.name!r} refuses us: {words}",
            kept="Nothing was read, nothing was changed.",
            do="Correct login, password, database name or permissions.",
        )
    if _is_down(error, orig, words, code):
        return SourceDown(
            f"The database of connection {connection.name!r} ({connection.host or 'local'}) can't be reached: {words}",
            kept="Nothing was changed; what was not read is read the next time.",
            do="Check that it runs and that host and port in the connection are right.",
        )
    return _shape(f"{where} was not accepted by the database: {words}")


def _is_down(error: Exception, orig: BaseException, words: str, code: Any) -> bool:
    if code in _AGAIN or (isinstance(code, str) and code.startswith(("08", "53"))):
        return True
    if (isinstance(error, DBAPIError) and error.connection_invalidated) or any(sign in words for sign in _GONE):
        return True
    if isinstance(orig, sqlite3.Error):
        return "locked" in words or any(sign in words.lower() for sign in _UNREADABLE_FILE)
    return _has_no_state(orig) and type(orig).__name__ in {"OperationalError", "ConnectionTimeout", "InterfaceError"}


def _code(orig: BaseException) -> Any:
    """SQLSTATE, or MySQL's number."""
    state = getattr(orig, "sqlstate", None)
    return state or (orig.args[0] if orig.args and isinstance(orig.args[0], int) else None)


def _has_no_state(orig: BaseException) -> bool:
    return _code(orig) is None


def _words(error: BaseException, connection: Connection) -> str:
    text = str(error.args[1] if len(error.args) > 1 and isinstance(error.args[0], int) else error)
    text = one_line(text.partition("Query was:")[0])
    for secret in (connection.uri, connection.password):
        text = text.replace(secret, "***") if secret else text
    return text if text.endswith(".") else f"{text}."


def _shape(what: str) -> SourceShape:
    return SourceShape(what, kept="Nothing was changed.", do="Correct the query and run again.")
