"""The story of one record, told in a terminal."""

from typing import Any

from rich.console import Console

from koppel.stock_story import told as stock_lines
from koppel.terminal import safe


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
