"""Where reports are kept: a folder per report, with one file per language and form, whole or not at all."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

from data_quality.report import as_json, html, workbook
from data_quality.report.model import Report
from data_quality.texts import Texts
from koppel.errors import ConfigError, KoppelError
from koppel.settings import Settings

KEPT = 100
"""How many reports are kept where ``[retention] reports`` says nothing; 0: all."""

FORMS = ("html", "xlsx", "json")

_STAMP = "%Y-%m-%dT%H%M%SZ"
_FOLDER = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")


_ABANDONED_SECONDS = 86_400


class NotWritten(KoppelError):
    """The disk did not take a report."""


@dataclass(frozen=True, slots=True)
class Published:
    """A report that stands in its folder."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of its folder, which is when it was made."""
        return self.folder.name

    @property
    def made_at(self) -> datetime:
        """When it was made (aware, UTC)."""
        return datetime.strptime(self.name, _STAMP).replace(tzinfo=UTC)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it is there in."""
        return tuple(sorted(path.stem.removeprefix("quality-") for path in self.folder.glob("quality-*.html")))

    def file(self, language: str, form: str) -> Path:
        """The file of a language and form (html, xlsx, json)."""
        return self.folder / f"quality-{language}.{form}"


def publish(report: Report, settings: Settings, languages: tuple[str, ...]) -> Published:
    """Write all forms of a report in each of these languages, and let go of the oldest reports beyond ``[retention] reports``.

    Whoever looks meanwhile sees the whole report or none of it. Raises NotWritten when the disk does not take it.
    """
    try:
        return _publish(report, settings, languages)
    except OSError as error:
        raise NotWritten(
            f"The report could not be written below {settings.state_root / 'reports'}: {error.strerror or error}.",
            kept="Nothing half made is left behind; the reports before it stay, and so do today's scores.",
            do="Look for free space and the right to write there, then make the report again.",
        ) from error


def _publish(report: Report, settings: Settings, languages: tuple[str, ...]) -> Published:
    root = _root(settings, report.target)
    root.mkdir(parents=True, exist_ok=True)
    with _whole(root / report.made_at.astimezone(UTC).strftime(_STAMP)) as folder:
        for language in languages:
            texts = Texts.of(language, settings)
            (folder / f"quality-{language}.html").write_text(html.render(report, texts), "utf-8", "replace")
            (folder / f"quality-{language}.json").write_text(as_json.render(report, texts), "utf-8", "replace")
            workbook.write(report, texts, folder / f"quality-{language}.xlsx")
    _tidy(settings, report.target)
    _sweep(root, report.made_at)
    return every(settings, report.target)[0]


def every(settings: Settings, target: str) -> list[Published]:
    """All reports of a target, newest first."""
    root = _root(settings, target)
    found = [path for path in root.iterdir() if _FOLDER.fullmatch(path.name)] if root.is_dir() else []
    return [Published(path) for path in sorted(found, reverse=True)]


def one(settings: Settings, target: str, name: str) -> Published | None:
    """The report with this name; None where there is none (a name is outside text: only its own form is looked for)."""
    folder = _root(settings, target) / name
    return Published(folder) if _FOLDER.fullmatch(name) and folder.is_dir() else None


def _root(settings: Settings, target: str) -> Path:
    settings.target(target)
    return settings.state_root / "reports" / target


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder that appears under its name once it is complete; an older one of that name makes place."""
    made = Path(mkdtemp(prefix="making-", dir=folder.parent))
    try:
        made.chmod(0o755)
        yield made
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sweep(root: Path, now: datetime) -> None:
    """Let go of what a process left that was killed while it wrote."""
    for path in root.glob("making-*"):
        with suppress(OSError):  # another process may be at it as well
            if path.stat().st_mtime < now.timestamp() - _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _tidy(settings: Settings, target: str) -> None:
    kept = settings.values.get("retention", {}).get("reports", KEPT)
    if isinstance(kept, bool) or not isinstance(kept, int) or kept < 0:
        raise ConfigError(f"[retention] reports is {kept!r}.", do="Write how many reports are kept; 0 keeps all.")
    for report in every(settings, target)[kept:] if kept else ():
        shutil.rmtree(report.folder, ignore_errors=True)
