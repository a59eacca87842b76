"""Keeps the scores of each day, so that the report can tell how far we came."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Table, delete, text

from data_quality.owners import Owners
from data_quality.report import collect, problems, questions, worth
from data_quality.report.build import facts_of
from data_quality.report.options import Options
from koppel.ledger import Ledger
from koppel.ledger_bulk import append
from koppel.ledger_quality import question_day, score
from koppel.settings import Settings

_SCORE = [column.name for column in score.columns]
_QUESTION = [column.name for column in question_day.columns]


def write(ledger: Ledger, settings: Settings, target: str, now: datetime) -> int:
    """Store the scores of today, per product and language, and of each question; gives how many rows of products.

    What the day had before is replaced, in one transaction; days older than ``[retention] score_days`` go (0: none). Raises
    ConfigError and LedgerDown; then the day has what it had.
    """
    options = Options.of(settings)
    day = options.day_of(now)
    standing = collect.standing(ledger, settings, target, facts_of(settings, now).weights)
    products = worth.with_worth(standing.products, worth.kind_of(standing.products)).select("sku", "worth")
    rows = standing.scores.select("sku", "language", "score", "is_held", "data_version", "rules_version")
    found = problems.of_products(standing.findings, standing.products, Owners(), settings)
    cells = questions.questions(standing.scores, found, settings.languages, (), ())
    place = {"day": day, "target": target}
    with ledger.transaction() as connection:
        # two at a time would each write what only the other one has deleted
        connection.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"scores {target}"}
        )
        for table in (score, question_day):
            connection.execute(delete(table).where(table.c.target == target, _is_replaced(table, day, options)))
        append(connection, score, _of_products(rows.join(products, on="sku", how="left"), place), _SCORE)
        append(connection, question_day, _of_questions(cells, place), _QUESTION)
    return len(rows)


def _is_replaced(table: Table, day: date, options: Options) -> Any:
    """Today's rows, and those that are too old; 0 keeps all, as everywhere in ``[retention]``."""
    if not options.score_days:
        return table.c.day == day
    return (table.c.day == day) | (table.c.day < day - timedelta(days=options.score_days))


def _of_products(rows: pl.DataFrame, place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in rows.iter_rows(named=True):
        yield {**row, **place, "worth_eur": worth.euro(row["worth"])}


def _of_questions(cells: questions.Cells, place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, languages in cells.items():
        for language, cell in languages.items():
            counts = {"ok": cell.ok, "improve": cell.improve, "block": cell.block, "asked": cell.asked}
            yield {**place, "question": name, "language": language, **counts}
