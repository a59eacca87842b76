"""`make report`: build the data-quality report from the demo's ledger, in every language and form, and say where it is."""

import os
import sys
from pathlib import Path

from rich.console import Console

from koppel.embedded import EmbeddedPostgres
from koppel.errors import KoppelError
from koppel.settings import Settings
from koppel.terminal import safe

console = Console(highlight=False, soft_wrap=True)
_FORMS = {"html": "to read, and to print", "xlsx": "to calculate with", "json": "for other programs"}


def main() -> int:
    """Build it; gives the exit code."""
    try:
        home = Settings.load().state_root
        if not (home / "postgres").is_dir():
            console.print(f"There is no ledger below {home} yet. Run `make demo` first; it takes a few minutes.")
            return 2
        return _report(home)
    except KoppelError as error:
        console.print(safe(" ".join(part for part in (error.what, error.kept, error.do) if part)))
        return 1


def _report(home: Path) -> int:
    from data_quality.report.making import make
    from koppel.ledger import Ledger, now

    postgres = EmbeddedPostgres(home / "postgres")
    was_running = postgres.is_running
    os.environ.setdefault("KOPPEL_MEDIA", str(home / "media"))
    postgres.start()
    try:
        ledger = Ledger(postgres.database("ledger"))
        ledger.migrate()
        with console.status("Reading the ledger and building the report"):
            report = make(ledger, Settings.load(), now())
        ledger.close()
    finally:
        if not was_running:
            postgres.stop()
    for language in report.languages:
        for form, what in _FORMS.items():
            console.print(f"{language}  {what:20} {report.file(language, form).as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
