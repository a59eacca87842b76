"""The questions of a customer: how many products are in order, can be improved or are blocked, in each language."""

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from data_quality.report.model import QUESTIONS, QuestionCell
from data_quality.scores import applied, broken

Past = Iterable[tuple[date, str, str, float | None]]
"""Day, question, language, and the part that was in order (0-1)."""

Cells = dict[str, dict[str, QuestionCell]]
"""Per question and language."""


def questions(
    scores: pl.DataFrame, found: pl.DataFrame, languages: Sequence[str], weeks: Sequence[date | None], past: Past
) -> Cells:
    """Per question and language its figures.

    ``scores``: with the questions' sums. ``found``: problems of these products (``sku``, ``language``, ``question``,
    ``severity``). A product counts once: as blocked if anything of the question blocks, else as to improve if anything is
    broken. ``weeks``: the days at whose end somebody looked, oldest first.
    """
    shares = {(day, question, language): share for day, question, language, share in past}
    cells: Cells = {name: {} for name in QUESTIONS}
    for language in languages:
        own = scores.filter(pl.col("language") == language)
        here = found.filter(pl.col("language").is_in(["", language]))
        for name in QUESTIONS:
            line = tuple(shares.get((day, name, language)) if day else None for day in weeks)
            cells[name][language] = _cell(own, here.filter(pl.col("question") == name), name, line)
    return cells


def _cell(scores: pl.DataFrame, found: pl.DataFrame, name: str, weeks: tuple[float | None, ...]) -> QuestionCell:
    blocked = found.filter(pl.col("severity") == "block")["sku"].unique()
    wrong = found.filter(pl.col("severity") == "improve")["sku"].unique()
    sku = pl.col("sku")
    is_blocked = sku.is_in(blocked.implode())
    is_wrong = (pl.col(broken(name)) > 0) | sku.is_in(wrong.implode())
    is_asked = (pl.col(applied(name)) > 0) | is_wrong | is_blocked
    row = scores.select(
        is_blocked.sum().alias("block"), (is_wrong & ~is_blocked).sum().alias("improve"), is_asked.sum().alias("asked")
    )
    block, improve, asked = row.row(0)
    return QuestionCell(asked - block - improve, improve, block, asked, weeks)
