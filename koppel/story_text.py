"""The story of one record, told in a terminal."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console

from koppel.entities import spoken
from koppel.stock_story import told as stock_lines
from koppel.terminal import safe

_ENDS = {
    "active": "until {until:%Y-%m-%d}",
    "retired": "until the source said the same, on {ended_at:%Y-%m-%d}",
    "expired": "until its last day, {until:%Y-%m-%d}",
    "replaced": "until a newer one of {ended_at:%Y-%m-%d}",
}
"""Until when a decision holds or held, by its state."""


def decisions(corrections: list[dict[str, Any]], waivers: list[dict[str, Any]]) -> Iterator[str]:
    """What people decided by hand, a line each."""
    for row in corrections:
        says = f"; the source says {row['source_now']!r}" if row["state"] == "active" else ""
        yield (
            f"{spoken(row['field'])} ({row['key']}): corrected to {row['value']!r} by {row['author']} on "
            f"{row['made_at']:%Y-%m-%d} {_ENDS[row['state']].format(**row)}, because: {row['reason']}{says}"
        )
    for row in waivers:
        yield (
            f"{row['rule']} ({row['key']}): accepted as correct by {row['author']} on {row['made_at']:%Y-%m-%d} "
            f"{_ENDS[row['state']].format(**row)}, because: {row['reason']}"
        )


def print_story(console: Console, sku: str, told: dict[str, list[dict[str, Any]]]) -> None:
    """Print what ``koppel.story`` found; everything in it comes from outside."""
    console.print(f"[bold]{safe(sku)}[/bold]")
    for row in told["standing"]:
        console.print(
            f"  {safe(row['entity'])} {safe(row['key'])} in {safe(row['target'])}: [bold]{row['state']}[/bold] since "
            f"{row['since']:%Y-%m-%d %H:%M:%S} by {safe(row['run_id'])} {safe(row['reason'])}",
            highlight=False,
        )
        for line in stock_lines((row["record"] or {}).get("arithmetic")):
            console.print(f"    {safe(line, 600)}", highlight=False)
    for row in told["findings"]:
        console.print(
            f"  {row['severity']} {safe(row['rule'])} ({safe(row['key'])}) since {row['since']:%Y-%m-%d}: "
            f"{safe(row['reason'])}",
            highlight=False,
        )
    for line in decisions(told["corrections"], told["waivers"]):
        console.print(f"  {safe(line, 600)}", highlight=False)
    for row in told["attempts"]:
        console.print(
            f"  on its way since {row['intent_at']:%Y-%m-%d %H:%M:%S}, outcome not known: {safe(row['run_id'])}"
        )
    for row in told["receipts"]:
        console.print(
            f"  {row['at']:%Y-%m-%d %H:%M:%S} {row['kind']} {safe(row['entity'])} {safe(row['key'])}, read from "
            f"{safe(row['source'] or '?')} by {safe(row['run_id'])}: [bold]{row['outcome']}[/bold] "
            f"{safe(row['message'])}",
            highlight=False,
        )
        if row["sent"] is not None:
            console.print(f"    sent: {safe(row['sent'], 600)}", highlight=False)
