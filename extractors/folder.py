"""The drop folder: which files are ready, which were read before, where they go afterwards.

inbox/                     what people and the ERP drop
inbox/archive/RUN/         what is accounted for, by the run that accounted for the last of it
inbox/unreadable/          what could not be read, each with a .reason.txt
inbox/archive/files.json   per content hash: the file's name, when it changed, and per entity the run that read it

Of files that each hold everything (a till's stock), the same content at another time is another file, and only the last
hundred stay in the archive.
"""

import contextlib
import hashlib
import json
import logging
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from extractors.shape import one_line
from koppel.errors import ConfigError

log = logging.getLogger(__name__)
_SUFFIXES = {".xlsx", ".csv"}
_UNFINISHED = ("~$", ".", "~")
_KEPT = 100


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file and the hash of its content. ``name``: as it was dropped; in the archive it may have got a number."""

    path: Path
    digest: str
    changed_at: float
    name: str


class DropFolder:
    """The drop folder of one source. Safe for several processes: its register is replaced as a whole, under a lock.

    ``series_of``: of a file that holds everything (by its name), what it is the next one of; None for all others.
    """

    def __init__(
        self,
        root: Path,
        settle_seconds: float,
        now: Callable[[], float] = time.time,
        series_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self.root = root
        self.archive = root / "archive"
        self.unreadable = root / "unreadable"
        self._settle_seconds = settle_seconds
        self._now = now
        self._series_of = series_of

    def ready(self) -> list[Dropped]:
        """The files that are complete, oldest first; one that is open in a program or still grows is for the next time."""
        if not self.root.is_dir():
            raise ConfigError(f"There is no folder {self.root}.", do="Make it, or correct folder in koppel.toml.")
        found: list[Dropped] = []
        for path in self.root.iterdir():
            if path.suffix.casefold() not in _SUFFIXES or path.name.startswith(_UNFINISHED) or path.is_symlink():
                continue
            with contextlib.suppress(FileNotFoundError):  # taken back since it was listed
                stat = path.stat()
                if 0 <= self._now() - stat.st_mtime < self._settle_seconds or self._is_locked(path):
                    log.info("%s still changes or is open; it is left for the next run", one_line(path.name))
                    continue
                found.append(Dropped(path, self._identity(path), stat.st_mtime, path.name))
        return sorted(found, key=lambda dropped: (dropped.changed_at, dropped.path.name))

    def archived(self) -> list[Dropped]:
        """The files in the archive, oldest first."""
        found = [
            Dropped(self.archive / entry["kept_as"], digest, entry["changed_at"], entry["name"])
            for digest, entry in self._register()["files"].items()
            if entry.get("kept_as") and (self.archive / entry["kept_as"]).is_file()
        ]
        return sorted(found, key=lambda dropped: (dropped.changed_at, dropped.path.name))

    def run_of(self, digest: str, entity: str) -> str | None:
        """The run that accounted for this content and entity, if one did."""
        found = self._register()["files"].get(digest, {}).get("entities", {}).get(entity)
        return str(found) if found else None

    def remember_reading(self, entity: str, files: Sequence[Dropped]) -> None:
        """Note what is being read, so that ``accounted``, in whatever process, closes just that."""
        with self._changed() as register:
            register["reading"][entity] = {
                dropped.digest: {"name": dropped.name, "changed_at": dropped.changed_at} for dropped in files
            }

    def accounted(self, entity: str, run_id: str, entities_of: Callable[[str], set[str]]) -> None:
        """Note that the run accounted for what was read, and archive the files of which every entity is accounted for."""
        with self._changed() as register:
            for digest, entry in register["reading"].pop(entity, {}).items():
                known = register["files"].setdefault(digest, {**entry, "entities": {}})
                known["entities"].setdefault(entity, run_id)
            for path in [path for path in self.root.iterdir() if path.suffix.casefold() in _SUFFIXES]:
                digest = self._identity(path) if path.is_file() else ""
                known = register["files"].get(digest)
                if known and entities_of(path.name) <= set(known["entities"]):
                    moved = self._moved(path, self.archive / _folder(run_id))
                    if self._identity(moved, path.name) == digest:
                        known["kept_as"] = str(moved.relative_to(self.archive))
                    else:  # somebody put another file in its place a moment ago, and nobody read that
                        _put_back(moved, path)
            self._forget_overtaken(register["files"])

    def _forget_overtaken(self, files: dict[str, Any]) -> None:
        """Files that hold everything come by the thousand, and nobody asks for the last but hundredth."""
        series: dict[str, list[str]] = defaultdict(list)
        for digest, entry in sorted(files.items(), key=lambda item: item[1]["changed_at"]):
            if entry.get("kept_as") and (name := self._series_of(entry["name"])):
                series[name].append(digest)
        for digest in chain.from_iterable(digests[:-_KEPT] for digests in series.values()):
            (self.archive / files.pop(digest)["kept_as"]).unlink(missing_ok=True)

    def _identity(self, path: Path, name: str = "") -> str:
        """The hash of a file's content; with its time where the same content later says that nothing changed until then."""
        digest = _digest(path)
        return f"{digest}-{path.stat().st_mtime_ns}" if self._series_of(name or path.name) else digest

    def set_aside(self, dropped: Dropped, reason: str) -> None:
        """Move a file that can't be read to unreadable/, with the reason beside it."""
        moved = self._moved(dropped.path, self.unreadable)
        at = datetime.fromtimestamp(self._now(), UTC)
        text = (
            f"{one_line(dropped.path.name)} was not read on {at:%Y-%m-%d %H:%M} UTC.\n\n{reason}\n\n"
            "Nothing of it was taken over. Correct the file and drop it again.\n"
        )
        moved.with_name(f"{moved.name}.reason.txt").write_text(text, "utf-8")
        log.error("%s was set aside: %s", one_line(dropped.path.name), one_line(reason))

    def _moved(self, path: Path, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        target, number = folder / path.name, 1
        while target.exists():
            number += 1
            target = folder / f"{path.stem}-{number}{path.suffix}"
        return path.rename(target)

    def _is_locked(self, path: Path) -> bool:
        """A spreadsheet program keeps ``~$name`` or ``.~lock.name#`` beside a file that is open."""
        return (self.root / f"~${path.name}").exists() or (self.root / f".~lock.{path.name}#").exists()

    def _register(self) -> dict[str, Any]:
        try:
            found = json.loads((self.archive / "files.json").read_text("utf-8"))
        except FileNotFoundError:
            found = {}
        return {"files": found.get("files", {}), "reading": found.get("reading", {})}

    @contextlib.contextmanager
    def _changed(self) -> Iterator[dict[str, Any]]:
        import fcntl  # noqa: PLC0415 -- not on every platform; only writing needs it

        self.archive.mkdir(parents=True, exist_ok=True)
        with (self.archive / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            register = self._register()
            yield register
            draft = self.archive / ".files.json"
            draft.write_text(json.dumps(register, indent=1, sort_keys=True), "utf-8")
            os.replace(draft, self.archive / "files.json")  # noqa: PTH105 -- Path.replace is the same; this is atomic


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folder(run_id: str) -> str:
    """A run id as a folder name; Airflow's hold colons and plus signs."""
    return "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in run_id).strip(".") or "run"


def _put_back(moved: Path, path: Path) -> None:
    """Never over yet another file."""
    number = 1
    while True:
        try:
            (path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")).hardlink_to(moved)
            break
        except FileExistsError:
            number += 1
    moved.unlink()
