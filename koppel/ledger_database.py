"""The database that the ledger lives in: its address, its connections, its transactions and its schema version."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from koppel.errors import ledger_down
from koppel.ledger_bulk import ArrowReader

if TYPE_CHECKING:
    import pyarrow as pa

MIGRATIONS = Path(__file__).parent / "migrations"


class LedgerDatabase:
    """One PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql://", "postgresql+psycopg://", 1)

    @cached_property
    def engine(self) -> Engine:
        """The SQLAlchemy engine, made when first used."""
        return create_engine(self.url, pool_pre_ping=True, pool_size=2, connect_args={"connect_timeout": 10})

    @cached_property
    def _arrow(self) -> ArrowReader:
        return ArrowReader(self.engine)

    def columns(self, query: str) -> "pa.Table":
        """The rows of a query as Arrow columns, for what is too much to be read by row.

        The query holds no outside text: values go through ``koppel.ledger_bulk.literal``. Columns of types that Arrow does not
        know (numeric, jsonb) are to be cast in the query. Raises LedgerDown.
        """
        return self._arrow.read(query)

    def close(self) -> None:
        """Let go of all connections; the next use opens new ones."""
        self._arrow.close()
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction; a ledger that can't be reached is an error that says so."""
        with self.in_words(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """What the database's driver says of a ledger that can't be reached, as LedgerDown."""
        try:
            yield
        except OperationalError as error:
            raise ledger_down(error.orig) from error

    def migrate(self) -> None:
        """Bring the schema to what this version needs; doing it twice has no effect."""
        from alembic import command

        with self.transaction() as connection:
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def versions(self) -> tuple[str | None, str]:
        """The schema version that the database has, and the one that this Koppel needs."""
        from alembic.script import ScriptDirectory

        with self.transaction() as connection:
            has = None
            if connection.execute(text("select to_regclass('koppel_version')")).scalar():
                has = connection.execute(text("select version_num from koppel_version")).scalar()
        return has, str(ScriptDirectory.from_config(_alembic()).get_current_head())


def _alembic() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
