"""`koppel report`: build the report from the ledger, in every form and language, and say where it is."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from koppel.settings import Settings
from koppel.terminal import said

app = typer.Typer(no_args_is_help=True, help="What managers read: how good the data is, in their language.")
console = Console(soft_wrap=True)

TargetName = Annotated[str, typer.Option("--target", help="Of which target; the catalogue's own otherwise.")]


@app.command()
def build(
    target: TargetName = "",
    languages: Annotated[str, typer.Option(help="Separated by commas: nl,fr. All there are, otherwise.")] = "",
) -> None:
    """Write down today's scores and build the report: HTML, workbook and JSON. Reads the ledger only; sends nothing."""
    from data_quality.report.making import make  # noqa: PLC0415 (imports polars and openpyxl)
    from koppel.ledger import Ledger, now  # noqa: PLC0415

    chosen = tuple(part.strip() for part in languages.split(",") if part.strip())
    with said(), console.status("Reading the ledger and building the report"):
        made = make(Ledger.from_environment(), Settings.load(), now(), target=target, languages=chosen)
    for language in made.languages:
        for form in ("html", "xlsx", "json"):
            console.print(f"{language} {form:4}  {made.file(language, form)}")


@app.command("list")
def list_reports(target: TargetName = "") -> None:
    """The reports there are, newest first."""
    from data_quality.report import store  # noqa: PLC0415
    from data_quality.report.options import target_of  # noqa: PLC0415

    table = Table("Made at (UTC)", "Languages", "Folder")
    with said():
        settings = Settings.load()
        found = store.every(settings, target_of(settings, target))
    for report in found:
        table.add_row(f"{report.made_at:%Y-%m-%d %H:%M}", ", ".join(report.languages), str(report.folder))
    console.print(table)
