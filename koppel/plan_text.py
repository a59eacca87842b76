"""Plans and counts as tables for a terminal, a log or a file."""

import io
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from koppel.plan import Plan

_PLAN = ("read", "unchanged", "create", "update", "withdraw", "held_back", "failed")
_COUNTS = ("read", "unchanged", "delivered", "held_back", "failed", "withdrawn")


def plan_table(plan: Plan) -> Table:
    """What a plan would do, a row per entity."""
    rows = {name: {column: getattr(counts, column) for column in _PLAN} for name, counts in plan.entities.items()}
    return _table(f"Plan {plan.plan_id}", _PLAN, rows)


def counts_table(run_id: str, counts: dict[str, dict[str, Any]]) -> Table:
    """What became of the records of a run: read = unchanged + delivered + held back + failed."""
    return _table(f"Run {run_id}", _COUNTS, counts)


def as_table(plan: Plan) -> str:
    """The plan as plain text, with what must be made first and the limits that it is beyond."""
    said = [render(plan_table(plan))]
    if plan.preparations:
        said.append("Will be made in the target first:")
        said += [f"  {one['kind']} {one['name']}{_means(one)}" for one in plan.preparations]
    said += [f"BEYOND A LIMIT: {sentence}" for sentence in plan.beyond]
    return "\n".join(said) + "\n"


def _means(preparation: dict[str, Any]) -> str:
    """What a big step means for the shop, where the target says so."""
    means = preparation["detail"].get("means")
    return f"\n    {means}" if means else ""


def render(table: Table) -> str:
    """A table as plain text."""
    console = Console(file=io.StringIO(), width=110, color_system=None, force_terminal=False)
    console.print(table)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def _table(title: str, columns: tuple[str, ...], rows: dict[str, dict[str, Any]]) -> Table:
    table = Table("", title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right")
    for name, values in rows.items():
        table.add_row(name.replace("_", " "), *(f"{values.get(column, 0):,}" for column in columns))
    if len(rows) > 1:
        table.add_section()
        total = (sum(values.get(column, 0) for values in rows.values()) for column in columns)
        table.add_row("all", *(f"{value:,}" for value in total), style="bold")
    return table
