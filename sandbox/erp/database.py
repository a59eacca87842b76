"""Makes the ERP's database and photos, and lets a working day pass in it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from sandbox.erp.articles import NOW
from sandbox.erp.catalogue import catalogue
from sandbox.erp.pictures import draw_all
from sandbox.erp.stock import Row, place_rows, set_rows
from sandbox.erp.tables import clock_row, group_rows, rows_of
from sandbox.erp.trade import sales_rows, supplier_rows
from sandbox.erp.workday import work

_SCHEMA = Path(__file__).with_name("schema.sql")
_INDEXES = Path(__file__).with_name("indexes.sql")
_SIGNAL = Path(__file__).with_name("signal.sql")


def build(url: str, media_root: Path, seed: int = 7, products: int = 1200, *, now: datetime | None = None) -> None:
    """Make the tables anew, fill them, and draw the photos that are not there yet.

    ``url``: a PostgreSQL database. ``now``: the Belgian wall-clock time (no zone) that the ERP stands at; by default a fixed
    one. Raises ValueError for a number of products that the range doesn't have.
    """
    articles = catalogue(seed, products)
    shift = (now or NOW) - NOW
    rows = [
        clock_row(NOW + shift),
        *group_rows(shift),
        *place_rows(NOW + shift),
        *set_rows({article.number for article in articles}, NOW + shift),
        *supplier_rows(),
        *(row for article in articles for row in rows_of(article, shift)),
        *(row for article in articles for row in sales_rows(article, shift)),
    ]
    with psycopg.connect(driver_url(url)) as connection:
        connection.execute(_SCHEMA.read_text("utf-8"))
        copy(connection, rows)
        connection.execute(_INDEXES.read_text("utf-8"))
        connection.execute(_SIGNAL.read_text("utf-8"))
    draw_all((photo for article in articles for photo in article.photos), media_root)


def change(url: str, seed: int, share: float) -> dict[str, list[str]]:
    """Let a working day pass: texts, weights, prices and stock change on ``share`` of the products, some are new, some end.

    The clock goes on by a day. Gives the article numbers by what happened to them: ``text``, ``weight``, ``price``,
    ``stock``, ``new``, ``ended``, and one each that somebody mistyped: ``price_jump``, ``price_zero``, ``price_below_cost``.
    """
    with psycopg.connect(driver_url(url)) as connection:
        happened, rows = work(connection, seed, share)
        copy(connection, rows)
    return happened


def copy(connection: psycopg.Connection[Any], rows: Iterable[Row]) -> None:
    """Write rows by COPY, table by table."""
    tables: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for table, values in rows:
        tables[table].append(values)
    for table, lines in tables.items():
        command = sql.SQL("copy {} from stdin").format(sql.Identifier(table))
        with connection.cursor() as cursor, cursor.copy(command) as stream:
            for line in lines:
                stream.write_row(line)


def driver_url(url: str) -> str:
    """An address as psycopg takes it, from one as SQLAlchemy writes it."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"
