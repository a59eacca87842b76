"""The command line: see what a flow would do, do it, ask why, and find out what is wrong."""

import logging
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from koppel import registry
from koppel.story_text import print_story
from koppel.terminal import errors, safe, said, who
from koppel.window import Window

app = typer.Typer(
    help="Couples a web shop to the systems around it. Start with [bold]koppel doctor[/bold], look at what a run would do "
    "with [bold]koppel plan catalogue[/bold], then [bold]koppel run catalogue[/bold].",
    no_args_is_help=True, rich_markup_mode="rich", add_completion=False, pretty_exceptions_show_locals=False,
)  # fmt: skip
console = Console()

for _name, _commands in sorted(registry.registered("commands").items()):
    app.add_typer(_commands.load(), name=_name)

Flow = Annotated[str, typer.Argument(help="The flow, as koppel.toml names it: catalogue, prices, stock.")]
Keys = Annotated[str, typer.Option("--keys", help="Only these records, separated by commas: --keys SKU-1,SKU-2")]
Since = Annotated[str, typer.Option(help="Only what changed since then: a time (2026-11-23T06:00), or 'cursor'.")]
Until = Annotated[str, typer.Option(help="Only what changed up to then (a time).")]
TargetName = Annotated[str, typer.Option("--target", help="Another target than the flow's own, such as workbook.")]


@app.callback()
def main(
    *, verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what happens underneath.")] = False
) -> None:
    """Set up the log before any command."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )


@app.command()
def doctor() -> None:
    """Check settings, connections, ledger and every source and target, and say how to mend what is wrong."""
    from koppel.doctor import examine

    wrong = 0
    for check in examine():
        mark = "[green]fine [/green]" if check.is_fine else "[red]WRONG[/red]"
        console.print(f"{mark} [bold]{safe(check.subject)}[/bold]: {safe(check.detail)}")
        if not check.is_fine:
            wrong += 1
            console.print(f"      {safe(check.mend)}")
    raise typer.Exit(1 if wrong else 0)


@app.command()
def migrate() -> None:
    """Bring the ledger's schema to what this version needs; doing it twice has no effect."""
    from koppel.ledger import Ledger

    with said():
        ledger = Ledger.from_environment()
        ledger.migrate()
        console.print(f"The ledger's schema is version {ledger.versions()[0]}.")


@app.command()
def plan(flow: Flow, keys: Keys = "", since: Since = "", until: Until = "", target: TargetName = "") -> None:
    """Show what a run would create, update, withdraw and hold back; nothing is sent."""
    _run(flow, _window(flow, keys, since, until, target), dry_run=True, target=target)


@app.command()
def run(
    flow: Flow,
    keys: Keys = "",
    since: Since = "",
    until: Until = "",
    target: TargetName = "",
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan only; the same as koppel plan.")] = False,
    accept: Annotated[str, typer.Option(help="Deliver the plan with this id, which waits because of a limit.")] = "",
) -> None:
    """Run a flow: read, judge, plan, deliver, and account for every record."""
    if accept:
        _accept(accept)
        return
    _run(flow, _window(flow, keys, since, until, target), dry_run=dry_run, target=target)


@app.command()
def listen(flow: Flow, seconds: Annotated[float, typer.Option(help="How long.")] = 600) -> None:
    """Bring what changes in the source to the target at once, round after round; what the DAG stock does."""
    from koppel.live import listen as run_rounds
    from koppel.plan_text import counts_table

    with said(), console.status(f"{flow}: listening for {seconds:g} seconds; Ctrl-C ends it, and nothing is lost"):
        counts = run_rounds(flow, trigger=f"{who()} (command line)", seconds=seconds)
    console.print(counts_table(flow, counts))


@app.command()
def replay(flow: Flow) -> None:
    """Do again exactly the records that failed."""
    from koppel.entities import ENTITIES, NO_KEY, split_key
    from koppel.ledger import Ledger
    from koppel.settings import Settings

    with said():
        wanted = Settings.load().flow(flow)
        ledger = Ledger.from_environment()
        skus = {
            split_key(ENTITIES[entity], key)[-1]
            for entity in wanted.entities
            for key in ledger.failed_keys(wanted.target, entity)
            if not key.startswith(NO_KEY)
        }
        if not skus:
            console.print(f"Nothing of {flow} has failed; there is nothing to do again.")
            return
        console.print(f"{len(skus)} records again: {safe(', '.join(sorted(skus)[:20]))}")
    _run(flow, Window(keys=tuple(sorted(skus))), dry_run=False, target="")


@app.command()
def why(sku: Annotated[str, typer.Argument(help="A SKU, or a category code.")]) -> None:
    """Tell the whole story of one record: where read, what was found, what was sent and answered, when, by which run."""
    from koppel.ledger import Ledger
    from koppel.settings import Settings
    from koppel.stock_settings import StockSettings
    from koppel.story import story

    with said():
        settings = Settings.load()
        places = StockSettings.load(settings.root).locations
        told = story(Ledger.from_environment(), sku, (*settings.languages, *places))
    if not any(told.values()):
        errors.print(
            f"The ledger knows nothing of {safe(repr(sku))}. Is it spelled as in the source? Did a run read it?"
        )
        raise typer.Exit(1)
    print_story(console, sku, told)


@app.command()
def audit(flow: Flow, most: Annotated[int, typer.Option(help="How many differences to list.")] = 50) -> None:
    """Read the target back and report drift and orphans; nothing is mended."""
    from itertools import islice

    from koppel import registry
    from koppel.audit import audit as compare
    from koppel.entities import ENTITIES, STOCK_LEVEL
    from koppel.ledger import Ledger
    from koppel.settings import Settings

    with said():
        settings = Settings.load()
        wanted = settings.flow(flow)
        target, ledger = registry.target(settings, wanted.target), Ledger.from_environment()
        found = (one for name in wanted.entities for one in compare(ledger, target, ENTITIES[name]))
        table = Table(
            "",
            "entity",
            "key",
            "field",
            "delivered",
            "there",
            title=f"{wanted.target} against the ledger",
            box=SIMPLE_HEAD,
        )
        total = 0
        for one in islice(found, most):
            total += 1
            cells = (one.difference, one.entity, one.key, one.field, one.delivered, one.there)
            table.add_row(*(safe(cell, 60) for cell in cells))
        total += sum(1 for _ in found)
    console.print(table if total else "The target holds exactly what was delivered.")
    if total:
        console.print(f"{total} difference{'' if total == 1 else 's'}; nothing was mended.")
        if STOCK_LEVEL.name in wanted.entities:
            console.print(
                "A figure of stock differs for a moment when the shop ships or takes back something; the next round sends it "
                f"again. What still differs after a minute is brought back by: koppel run {flow}"
            )
        raise typer.Exit(1)


@app.command()
def runs(most: Annotated[int, typer.Option(help="How many.")] = 20) -> None:
    """List the latest runs."""
    from koppel.ledger import Ledger

    table = Table(box=SIMPLE_HEAD)
    for name in ("run", "status", "started", "asked by", "what happened"):
        table.add_column(name, no_wrap=name in {"run", "status", "started"})
    with said():
        for row in Ledger.from_environment().runs(most):
            started = row["started_at"].astimezone(UTC).strftime("%m-%d %H:%M:%S")
            cells = (row["run_id"], row["status"], started, row["asked_by"], row["error"] or "")
            table.add_row(*(safe(cell) for cell in cells))
    console.print(table)


def _run(flow: str, window: Window, *, dry_run: bool, target: str) -> None:
    from koppel import flow as steps
    from koppel.plan import Plan
    from koppel.plan_text import as_table, counts_table

    with said():
        run_id = steps.begin(flow, window, dry_run=dry_run, trigger=f"{who()} (command line)", target=target)
        counts: dict[str, Any] = {}
        planned: dict[str, Any] = {}
        with console.status(f"{run_id}: starting") as status:
            for step, value in steps.run_here(run_id):
                status.update(f"{run_id}: {step} done")
                planned = value if step == "plan" else planned
                counts = value if step == "reconcile" else counts
        if dry_run:
            console.print(safe(as_table(Plan.from_json(planned))), highlight=False)
            console.print("Nothing was sent.")
            return
        console.print(counts_table(run_id, counts))


def _accept(plan_id: str) -> None:
    from koppel import flow as steps
    from koppel.plan_text import counts_table

    with said():
        console.print(counts_table(plan_id, steps.accept(plan_id, who())))


def _window(flow: str, keys: str, since: str, until: str, target: str) -> Window:
    from koppel.flow import since_cursor

    if since == "cursor":
        with said():
            return since_cursor(flow, target)
    named = tuple(key.strip() for key in keys.split(",") if key.strip())
    return Window(_time(since, "--since"), _time(until, "--until"), named)


def _time(value: str, option: str) -> datetime | None:
    if not value:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(f"{value!r} is no time; write 2026-11-23T06:00.", param_hint=option) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
