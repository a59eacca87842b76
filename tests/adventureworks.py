"""Loads Microsoft's AdventureWorks sample (../shared/data/adventureworks) into PostgreSQL, for the tests that use it."""

import gzip
import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

FOLDER = Path(__file__).parents[2] / "shared" / "data" / "adventureworks"
"""Beside the checkout; tests skip where it is missing."""
MISSING = f"AdventureWorks is not beside the checkout ({FOLDER.relative_to(FOLDER.parents[2])}, see its SOURCE.md)"


def load(url: str, folder: Path = FOLDER) -> None:
    """Make every table of ``columns.json`` and copy its ``<schema>.<table>.csv.gz`` into it. The database must be empty."""
    tables: dict[str, list[str]] = json.loads((folder / "columns.json").read_text("utf-8"))
    with psycopg.connect(url) as connection:
        for name in sorted({table.partition(".")[0] for table in tables}):
            connection.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
        for name, columns in tables.items():
            _load_table(connection, sql.Identifier(*name.split(".")), columns, folder / f"{name}.csv.gz")


def _load_table(connection: psycopg.Connection[Any], table: sql.Identifier, columns: list[str], file: Path) -> None:
    named = [column.partition(" ") for column in columns]
    # The types come without a length: "character" alone would be one letter.
    typed = [(name, "text" if kind == "character" else kind) for name, _, kind in named]
    body = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in typed)
    connection.execute(sql.SQL("create table {} ({})").format(table, body))
    command = sql.SQL("copy {} from stdin with (format csv, header)").format(table)
    with connection.cursor() as cursor, cursor.copy(command) as stream, gzip.open(file, "rb") as lines:
        while block := lines.read(1 << 20):
            stream.write(block)
