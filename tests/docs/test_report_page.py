"""What docs/report.md and the runbook say of the report in figures is what the code does."""

import json
import re
from dataclasses import asdict

import polars as pl

from data_quality.facts import WEIGHTS
from data_quality.report import model, options, runs, store, worth
from data_quality.report.model import grade_of
from data_quality.report.products import MOST_OFFENDERS
from data_quality.scores import decoded, scored
from data_quality.worklist import options as worklist
from data_quality.worklist import package, read, waiting
from tests.docs.pages import ROOT

PAGE, LISTS, RUNBOOK = (
    " ".join((ROOT / "docs" / name).read_text("utf-8").split()) for name in ("report.md", "worklist.md", "runbook.md")
)


def table(first: str, page: str = "report.md") -> list[list[str]]:
    """The rows of the table whose head begins with these words."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    (block,) = re.findall(rf"^\| {re.escape(first)}.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]


def test_the_worked_example_of_a_score_comes_out() -> None:
    rows = table("question | weight")
    asked = {row[0].replace(" ", "_"): (int(row[2]), int(row[3])) for row in rows}
    assert {row[0].replace(" ", "_"): int(row[1]) for row in rows} == WEIGHTS
    for _, weight, applied, broken, share, points in rows:
        if applied == "0":
            assert (share, points) == ("left out", "")
        else:
            assert float(share) == 1 - int(broken) / int(applied)
            assert float(points) == int(weight) * float(share)
    record = {
        "entity": "product", "sku": "A", "language": "", "questions": json.dumps(asked), "data_version": 1, "rules_version": "r",
    }  # fmt: skip
    made = scored(decoded(pl.DataFrame([record]), list(WEIGHTS)), ["nl"], WEIGHTS)
    (score,) = made["score"].to_list()
    assert f"the score is {score}, grade {grade_of(score)}" in PAGE
    counting = sum(int(row[1]) for row in rows if row[2] != "0")
    assert f"{sum(float(row[5] or 0) for row in rows):g} points of {counting}" in PAGE


def test_factors_of_stock_grades_and_bounds_are_those_of_the_code() -> None:
    told = {name: float(row[1]) for row in table("stock | factor") for name in row[0].split(", ")}
    words = {"in stock": "in_stock", "made to order": "made_to_order", "sent by the supplier": "drop_ship",
             "on order": "on_order", "out of stock": "out_of_stock"}  # fmt: skip
    assert {words[name]: factor for name, factor in told.items() if name in words} == worth.IN_STOCK
    assert [grade_of(points) for points in (90, 80, 70, 60, 59)] == ["A", "B", "C", "D", "E"]
    assert "A from 90 points, B from 80, C from 70, D from 60, E below" in PAGE
    assert f"Below {model.FEW} products" in PAGE
    assert f"the {MOST_OFFENDERS} products most worth mending" in PAGE
    assert (runs.DOUBTFUL_SHARE, runs.DOUBTFUL_FROM) == (1 / 5, 5)  # more than a fifth, and at least five findings
    assert f"more than {package.MOST_BYTES // 10**6} MB or {read.MOST_LINES:,} lines" in LISTS
    assert f"A preview waits {waiting.KEPT_WAITING.days} days" in RUNBOOK


def test_the_defaults_of_the_runbook_are_those_of_the_code() -> None:
    told: dict[str, str] = {}
    for names, _, default in table("`[report]`, `[worklist]`", "runbook.md"):
        found = re.findall(r"`(\w+)`", names)
        told |= dict(zip(found, default.split(", ") if len(found) > 1 else [default], strict=True))
    known = asdict(options.Options()) | asdict(worklist.Options()) | {"reports": store.KEPT}
    assert {name: told[name] for name in known} == {
        name: str(value).replace("False", "false") for name, value in known.items()
    }
