"""`koppel worklist`: hand out work lists, look at what comes back, accept it, and see what was decided by hand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from data_quality.report.options import target_of
from koppel.errors import ConfigError
from koppel.settings import Settings
from koppel.terminal import safe, said, who

if TYPE_CHECKING:
    from data_quality.texts import Texts
    from data_quality.worklist.returned import Preview

app = typer.Typer(no_args_is_help=True, help="What each person is to mend, as a workbook that comes back.")
console = Console(soft_wrap=True)

TargetName = Annotated[str, typer.Option("--target", help="Of which target; the catalogue's own otherwise.")]
Language = Annotated[str, typer.Option("--language", help="In which language: nl, fr, de, en.")]
File = Annotated[Path, typer.Argument(help="A work list that came back (.xlsx).", exists=True, dir_okay=False)]


@app.command()
def export(
    owner: Annotated[str, typer.Option(help="Whose, as owners.toml names them; everybody's otherwise.")] = "",
    supplier: Annotated[str, typer.Option(help="A supplier instead: only their products, no worth, no prices.")] = "",
    language: Annotated[str, typer.Option(help="nl, fr, de or en; the owner's own otherwise.")] = "",
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = Path(),
    target: TargetName = "",
) -> None:
    """Hand out work lists: a workbook per owner, written down so that it can come back."""
    from data_quality.owners import Owners  # noqa: PLC0415
    from data_quality.report.build import build  # noqa: PLC0415
    from data_quality.worklist.handing_out import hand_out  # noqa: PLC0415
    from koppel.ledger import Ledger, now  # noqa: PLC0415

    with said():
        settings, ledger = Settings.load(), Ledger.from_environment()
        people = Owners.load(settings).people
        if owner and owner not in people:
            raise ConfigError(
                f"owners.toml knows nobody called {owner!r}.", do=f"It knows: {', '.join(people) or 'nobody'}."
            )
        report = build(ledger, settings, now(), target_of(settings, target))
        found = sorted({one.owner for product in report.products for one in product.problems if one.severity != "hint"})
        folder.mkdir(parents=True, exist_ok=True)
        for name in [owner] if owner or supplier else found:
            known = people[name].language if name in people else settings.languages[0]
            made = hand_out(
                ledger, settings, report, language=language or known, who=who(), now=now(), owner=name, supplier=supplier
            )  # fmt: skip
            if made is None:
                console.print(safe(f"{supplier or name or 'nobody'}: there is nothing to mend."))
                continue
            (folder / made.filename).write_bytes(made.content)
            more = f" of {made.of}" if made.of > made.count else ""
            console.print(safe(f"{supplier or name or 'nobody'}: {made.count}{more} lines  {folder / made.filename}"))


@app.command()
def read(file: File, language: Language = "en") -> None:
    """Show what would come of a work list; nothing counts yet."""
    with said():
        _show(*_preview(file, language))


@app.command()
def accept(
    file: File,
    language: Language = "en",
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    answer: Annotated[Path | None, typer.Option(help="Where the workbook of what remains goes; beside the file otherwise.")] = None,
) -> None:  # fmt: skip
    """Take over what a work list says: corrections and what is correct, after a look and a yes."""
    from data_quality.worklist.returned import confirm  # noqa: PLC0415
    from koppel.ledger import Ledger, now  # noqa: PLC0415

    with said():
        made, texts = _preview(file, language)
        _show(made, texts)
        if made.refusal is not None:
            raise typer.Exit(1)
        if not (made.accepted_before or yes or typer.confirm(texts.gettext("Accept this?"))):
            console.print(texts.gettext("Nothing was changed."))
            return
        result = confirm(Ledger.from_environment(), Settings.load(), made.preview_id, who(), now())
        console.print(safe(result.sentence(texts)))
        for why in result.refused:
            console.print(safe(why))
        if result.answer is not None:
            path = answer or file.with_name(f"{file.stem}-answer.xlsx")
            path.write_bytes(result.answer)
            console.print(safe(texts.gettext("What remains: {name}", name=str(path))))


@app.command("folder")
def from_folder() -> None:
    """Look at what was dropped in the folder for work lists: a preview beside each file, or accepted where config says so."""
    from data_quality.texts import Texts  # noqa: PLC0415
    from data_quality.worklist.folder import folder, pick_up  # noqa: PLC0415
    from koppel.ledger import Ledger, now  # noqa: PLC0415

    with said():
        settings = Settings.load()
        texts = Texts.of("en", settings)
        picked = pick_up(Ledger.from_environment(), settings, now())
        for one in picked:
            told = one.result or one.preview
            console.print(safe(f"{one.name}: {told.sentence(texts) if told else 'waits for a yes, as before'}"))
        if not picked:
            console.print(safe(f"There is nothing new in {folder(settings)}."))


@app.command()
def overrides(target: TargetName = "") -> None:
    """The corrections that stand in for the source now."""
    from koppel import corrections  # noqa: PLC0415

    _list(("key", "field", "value", "source now", "author", "until"), corrections.standing, target,
          lambda row: (row["key"], row["field"], row["value"], row["source_now"], row["author"], row["until"]))  # fmt: skip


@app.command()
def waivers(target: TargetName = "") -> None:
    """What people accepted as correct."""
    from koppel import corrections  # noqa: PLC0415

    _list(("key", "rule", "reason", "author", "until"), corrections.waivers, target,
          lambda row: (row["key"], row["rule"], row["reason"], row["author"], row["until"]))  # fmt: skip


@app.command()
def journal(
    key: Annotated[str, typer.Argument(help="Only of this record: a SKU, or nl:SKU for a text.")] = "",
    most: Annotated[int, typer.Option(help="How many.")] = 50,
    target: TargetName = "",
) -> None:
    """Who decided what by hand, and what came of it, newest first."""
    from koppel import corrections  # noqa: PLC0415

    _list(
        ("at (UTC)", "who", "what", "key", "field or rule", "value or reason"),
        lambda ledger, name: corrections.journal(ledger, name, key or None, most), target, _of_journal,
    )  # fmt: skip


def _of_journal(row: Any) -> tuple[Any, ...]:
    detail = row["detail"]
    what, value = detail.get("field") or detail.get("rule"), detail.get("value") or detail.get("reason")
    return f"{row['at']:%Y-%m-%d %H:%M}", row["who"], row["what"], row["key"], what, value


def _list(headings: tuple[str, ...], rows: Any, target: str, cells: Any) -> None:
    from koppel.ledger import Ledger  # noqa: PLC0415

    table = Table(*headings, box=SIMPLE_HEAD)
    with said():
        for row in rows(Ledger.from_environment(), target_of(Settings.load(), target)):
            table.add_row(*(safe(cell, 60) for cell in cells(row)))
    console.print(table if table.row_count else "There are none.")


def _preview(file: Path, language: str) -> "tuple[Preview, Texts]":
    from data_quality.texts import Texts  # noqa: PLC0415
    from data_quality.worklist.package import MOST_BYTES  # noqa: PLC0415
    from data_quality.worklist.returned import preview  # noqa: PLC0415
    from koppel.ledger import Ledger, now  # noqa: PLC0415

    settings = Settings.load()
    texts = Texts.of(language, settings)
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    return preview(Ledger.from_environment(), settings, content, file.name, who(), now()), texts


def _show(made: "Preview", texts: "Texts") -> None:
    table = Table("line", "record", "field", "outcome", "value or reason", "why", box=SIMPLE_HEAD)
    for one in made.lines:
        why = " ".join(sentence.text(texts) for sentence in one.why)
        what = texts.question(one.field[1:], short=True) if one.field.startswith(":") else texts.field(one.field)
        cells = (one.filled.line, one.key, what, one.outcome, one.value or one.filled.because)
        table.add_row(*(safe(cell, 60) for cell in cells), safe(why, 200))
    if made.lines:
        console.print(table)
    for notice in made.notices:
        console.print(safe(notice.text(texts)))
    console.print(f"[bold]{safe(made.sentence(texts))}[/bold]")
