"""The drop folder of work lists: what is dropped gets its preview beside it, and counts when a person, or the config, says yes.

worklists/in/NAME.xlsx            dropped; NAME.xlsx.preview.txt and .preview.json appear beside it
worklists/done/NAME.xlsx          accepted, from here or on the page
worklists/out/NAME-answer.xlsx    what remains
worklists/unreadable/NAME         what could not be read, with NAME.reason.txt
"""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data_quality.texts import Texts
from data_quality.worklist.options import Options
from data_quality.worklist.package import MOST_BYTES
from data_quality.worklist.returned import Preview, Result, confirm, preview
from data_quality.worklist.waiting import Waiting, id_of
from koppel.ledger import Ledger
from koppel.settings import Settings

_SUFFIXES = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv"}
"""What is looked at; all but the first are refused, with a sentence that says what to do."""
_UNFINISHED = ("~$", ".", "~")
WHO = "drop folder"


@dataclass(frozen=True, slots=True)
class Picked:
    """A file that was looked at, and what came of it: waits for a yes, accepted, or unreadable."""

    name: str
    preview: Preview | None = None
    result: Result | None = None


def pick_up(
    ledger: Ledger, settings: Settings, now: datetime, clock: Callable[[], float] = time.time
) -> list[Picked]:  # fmt: skip
    """Look at every complete file in the folder, oldest first. ``clock``: of file times. Raises LedgerDown, OSError, ConfigError.

    A file that waits already is not looked at again; one that was accepted, here or elsewhere, is moved out of the way.
    """
    return [_picked(ledger, settings, path, now) for path in _ready(settings, clock)]


def folder(settings: Settings) -> Path:
    """Where work lists are dropped; made when it is not there."""
    found = Waiting.of(settings).root / "in"
    found.mkdir(parents=True, exist_ok=True)
    return found


def _ready(settings: Settings, clock: Callable[[], float]) -> Iterator[Path]:
    root, settle = folder(settings), Options.of(settings).settle_seconds
    found: list[tuple[float, Path]] = []
    for path in root.iterdir():
        if path.suffix.casefold() not in _SUFFIXES or path.name.startswith(_UNFINISHED) or path.is_symlink():
            continue
        with contextlib.suppress(FileNotFoundError):  # taken back since it was listed
            changed = path.stat().st_mtime
            is_open = (root / f"~${path.name}").exists() or (root / f".~lock.{path.name}#").exists()
            if path.is_file() and not is_open and not 0 <= clock() - changed < settle:
                found.append((changed, path))
    for _, path in sorted(found):
        yield path


def _picked(ledger: Ledger, settings: Settings, path: Path, now: datetime) -> Picked:
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    waiting, name = Waiting.of(settings), id_of(content)
    made = None
    if waiting.done(name) is None:
        if _read_before(path) == name and not Options.of(settings).accept_from_folder:
            return Picked(path.name)
        made = preview(ledger, settings, content, path.name, WHO, now)
        if made.refusal is not None:
            _set_aside(settings, path, made)
            return Picked(path.name, made)
        _write_preview(path, made, _texts(settings, made))
        if not Options.of(settings).accept_from_folder:
            return Picked(path.name, made)
    result = confirm(ledger, settings, name, WHO, now)
    _finish(waiting.root, path, result)
    return Picked(path.name, made, result)


def _read_before(path: Path) -> str:
    try:
        return str(json.loads(_beside(path, "json").read_text("utf-8")).get("preview_id", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.name}.preview.{kind}")


def _texts(settings: Settings, made: Preview) -> Texts:
    return Texts.of(made.sheets[0].language if made.sheets else "en", settings)


def _write_preview(path: Path, made: Preview, texts: Texts) -> None:
    _beside(path, "json").write_text(json.dumps(as_json(made, texts), ensure_ascii=False, indent=1), "utf-8")
    _beside(path, "txt").write_text("\n".join(as_lines(made, texts)) + "\n", "utf-8")


def as_json(made: Preview, texts: Texts) -> dict[str, Any]:
    """A preview as values: its sentence, its counts, its lines with what would come of each, and what else was noticed."""
    return {
        "preview_id": made.preview_id, "filename": made.filename, "sentence": made.sentence(texts),
        "accepted": len(made.accepted), "conflicts": len(made.conflicts), "rejected": len(made.rejected),
        "unchanged": len(made.unchanged), "empty": made.empty,
        "notices": [one.text(texts) for one in made.notices],
        "lines": [
            {"line": one.filled.line, "entity": one.entity, "key": one.key, "field": one.field, "outcome": one.outcome,
             "value": one.value, "because": one.filled.because, "author": one.author, "why": [why.text(texts) for why in one.why]}
            for one in made.lines
        ],
    }  # fmt: skip


def as_lines(made: Preview, texts: Texts) -> list[str]:
    """A preview as lines of text for a person."""
    told = [made.sentence(texts), "", *[one.text(texts) for one in made.notices]]
    heads = {
        "conflict": texts.gettext("Changed meanwhile:"), "rejected": texts.gettext("Not taken:"),
        "accepted": texts.gettext("Accepted:"), "unchanged": texts.gettext("Stands there already:"),
    }  # fmt: skip
    for outcome, head in heads.items():
        lines = [one for one in made.lines if one.outcome == outcome]
        if lines:
            told += ["", head]
        for one in lines:
            what = texts.question(one.field[1:], short=True) if one.field.startswith(":") else texts.field(one.field)
            value = " ".join((one.value or one.filled.because).split())[:80]
            why = " ".join(one_why.text(texts) for one_why in one.why)
            told.append(f"  {one.filled.line}. {one.key}, {what}: {value}{f' ({why})' if why else ''}")
    return told


def _finish(root: Path, path: Path, result: Result) -> None:
    for kind in ("json", "txt"):
        _beside(path, kind).unlink(missing_ok=True)
    moved = _moved(path, root / "done")
    if result.answer is not None and not result.is_repeat:
        (root / "out").mkdir(parents=True, exist_ok=True)
        (root / "out" / f"{moved.stem}-answer.xlsx").write_bytes(result.answer)


def _set_aside(settings: Settings, path: Path, made: Preview) -> None:
    """A file that can't be read, with the reason in every language: nobody knows whose it is."""
    from data_quality.messages import languages  # noqa: PLC0415

    moved = _moved(path, Waiting.of(settings).root / "unreadable")
    reasons = [made.sentence(Texts.of(language, settings)) for language in languages()]
    moved.with_name(f"{moved.name}.reason.txt").write_text("\n\n".join(dict.fromkeys(reasons)) + "\n", "utf-8")


def _moved(path: Path, target: Path) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    chosen, number = target / path.name, 1
    while chosen.exists():
        number += 1
        chosen = target / f"{path.stem}-{number}{path.suffix}"
    return path.rename(chosen)
