"""`make demo`: an ERP, a shop and Airflow on this machine, and the catalogue and prices on their way from one to the other.

On a terminal it keeps serving until Ctrl-C, and the tills of the physical shops keep selling; without one it ends with 0 if the
runs reconciled. ``--stop`` stops what a killed demo left running. KOPPEL_AIRFLOW_PORT and KOPPEL_SHOP_PORT wish for other ports
than 8080 and 8090.
"""

import argparse
import contextlib
import os
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import count, islice
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

import psycopg
import requests
from rich.console import Console
from rich.status import Status

from koppel.errors import KoppelError
from koppel.plan_text import counts_table
from koppel.settings import Settings
from scripts.local_airflow import NotReady
from scripts.processes import Died, Processes
from scripts.stage import DAGS, FLOW_OF, REPORT, Stage

if TYPE_CHECKING:
    from sandbox.erp.till import Sale

_NEEDED_MB = 500
_LOOK_SECONDS = 2.0
_TRIED_SALES, _BETWEEN_SALES = 40, 0.1
_SALE_EVERY, _REPORT_EVERY = 5, 600
"""Seconds between two sales while the demo serves, and between two times that every place says that it is there."""
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # also where a script started us in the background
console = Console(highlight=False, soft_wrap=True)


class Ended(BaseException):
    """Somebody asked the demo to end."""


def main() -> int:
    """Run the demo; gives the exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--stop", action="store_true", help="stop what a killed demo left running, and do nothing else")
    only_stop = parser.parse_args().stop
    home = Settings.load().state_root
    for wanted in _ENDING:
        signal.signal(wanted, _end)
    try:
        return _clear_up(home) if only_stop else _demo(home)
    except (KoppelError, NotReady, Died, psycopg.Error, requests.RequestException, OSError) as error:
        console.print(f"[bold red]The demo ended early.[/bold red] {_plain(error)}")
        console.print(
            "Nothing is left running. Mend what it says and run `make demo` again: it goes on where it stopped."
        )
        return 1
    except Ended:
        console.print("Stopped.")
        return 130


def _demo(home: Path) -> int:
    if reason := _can_not_start(home):
        console.print(reason)
        return 2
    with console.status("") as status:
        progress = Progress(status)
        stage = Stage(home, progress.step, _port("KOPPEL_AIRFLOW_PORT", 8080), _port("KOPPEL_SHOP_PORT", 8090))
        try:
            status.update("Looking for what an earlier demo left running")
            for name in stage.processes.stop_left_over():
                progress.note(f"Stopped {name}, which an earlier demo left running")
            stage.set_up()
            rows = _run_dags(stage, progress)
            if all(row["status"] == "reconciled" for row in rows):
                _make_report(stage, progress)
                _watch_a_sale(stage, progress)
            status.stop()
            failed = _conclude(stage, rows)
            if sys.stdout.isatty():
                _serve(stage)
        finally:
            progress.note("Stopping everything that was started")
            _without_interruption(stage.tear_down)
    return 1 if failed else 0


class Progress:
    """Says what is going on: a line per step, and on a terminal a last line that moves."""

    def __init__(self, status: Status) -> None:
        self._status = status
        self._begun = time.monotonic()
        self._looked = 0.0

    def step(self, text: str) -> None:
        """A step begins."""
        self._status.update(text)
        self.note(text)

    def note(self, text: str) -> None:
        """Something that is done."""
        console.print(f"[dim]{time.monotonic() - self._begun:5.1f} s[/dim]  {text}")

    def watch(self, dag: str, stage: Stage, running: list[str]) -> None:
        """What runs, and how many records of each entity stand in the target by now; looked up every few seconds only."""
        if not console.is_terminal or time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        settings = Settings.load().flow(FLOW_OF.get(dag, dag))
        counts = {
            entity: stage.ledger.counts(settings.target, entity).get("delivered", 0) for entity in settings.entities
        }
        standing = ", ".join(f"{count:,} {entity}" for entity, count in counts.items())
        self._status.update(f"{dag}: {', '.join(running) or 'waiting'}  (in the {settings.target}: {standing})")


def _run_dags(stage: Stage, progress: Progress) -> list[dict[str, Any]]:
    """Run one DAG after the other, up to the first that does not reconcile: prices of products that are not there help nobody."""
    rows: list[dict[str, Any]] = []
    for dag in DAGS:
        progress.step(f"Airflow: running the DAG {dag}")
        lines = len(stage.shop_log())
        watch = partial(progress.watch, dag, stage)
        row = stage.run(dag, lambda task, state: progress.note(f"  {task} {state}"), watch)
        rows.append({**row, "requests": stage.requests_that_changed(lines)})
        if row["status"] != "reconciled":
            break
    return rows


def _make_report(stage: Stage, progress: Progress) -> None:
    """How good the ERP's data is in a customer's eyes; the demo goes on without it, and says so."""
    progress.step(f"Airflow: running the DAG {REPORT}")
    if not stage.report(lambda task, state: progress.note(f"  {task} {state}")):
        progress.note(f"  no report was made; see {stage.home / 'airflow' / 'logs'}")


def _watch_a_sale(stage: Stage, progress: Progress) -> None:
    """Somebody buys the last but one of something in a physical shop, and the web shop shows it a moment later."""
    progress.step("Airflow: the DAG stock listens from now on")
    stage.listen()
    with stage.tills() as tills:
        for sale in islice(tills.sales(), _TRIED_SALES):
            before = stage.for_sale(sale.number)
            if before and sale.left >= 1:  # more than what that shop keeps back, so that the web shop offers it as well
                break
            time.sleep(_BETWEEN_SALES)
        else:
            progress.note("  the tills sold nothing that the web shop offers")
            return
    begun = time.monotonic()
    progress.step(f"The till in {sale.place} sold {sale.pieces:f} of {sale.number}; the web shop offers {before:g}")
    after = stage.airflow.until("the sale to show in the web shop", lambda: _changed(stage, sale.number, before))
    progress.note(f"  {time.monotonic() - begun:.1f} s later the web shop offers {after}")


def _changed(stage: Stage, sku: str, before: float) -> str:
    """What the web shop offers now, if that is another number than before."""
    now = stage.for_sale(sku)
    return f"{now:g}" if now is not None and now != before else ""


def _conclude(stage: Stage, rows: list[dict[str, Any]]) -> list[str]:
    """Print what became of every record, and where to look; gives the flows that did not reconcile."""
    for row in rows:
        console.print()
        if row["counts"]:
            in_order = {name: row["counts"][name] for name in Settings.load().flow(row["flow"]).entities}
            console.print(counts_table(row["run_id"], in_order))
        console.print(
            f"{row['flow']}: [bold]{row['status']}[/bold]; requests that change something in the shop: {row['requests']}"
        )
        if row["error"]:
            console.print(f"[red]{_plain(row['error'])}[/red]")
    console.print(f"\nAirflow     {stage.airflow.url}  (user admin, password {stage.airflow.password})")
    for language in Settings.load().languages:
        console.print(f"Shop ({language})   {stage.shop_url}/{language}")
    console.print(f"Stock       {stage.airflow.url}/plugin/stock  (how current each place is)")
    for page in sorted(stage.home.glob("reports/*/*"))[-1:]:
        first = Settings.load().languages[0]
        console.print(
            f"Report      {stage.airflow.url}/plugin/quality  (or as a file: {(page / f'quality-{first}.html').as_uri()})"
        )
    if (page := stage.home / "data-docs" / "index.html").exists():
        console.print(f"Data Docs   {page.as_uri()}")
    sourced = shlex.quote(f"./{os.path.relpath(stage.environment_file)}")
    console.print(f"koppel      . {sourced} && .venv/bin/koppel runs      (in another terminal, in this folder)")
    return [row["flow"] for row in rows if row["status"] != "reconciled"]


def _serve(stage: Stage) -> None:
    """Keep everything up until somebody presses Ctrl-C, or a part of it ends; meanwhile the tills sell."""
    console.print("\nServing on this machine only. [bold]Ctrl-C[/bold] stops everything that was started.")
    console.print(
        f"The tills sell something every {_SALE_EVERY} seconds: the numbers on a product's page change by themselves."
    )
    with contextlib.suppress(Ended), console.status("") as status, stage.tills() as tills:
        for second in count():
            stage.processes.check()
            if second % _REPORT_EVERY == 0:
                tills.open()
            if second % _SALE_EVERY == 0:
                status.update(_told(tills.sell(), stage))
            time.sleep(1)


def _told(sale: "Sale | None", stage: Stage) -> str:
    if sale is None:
        return "The tills have nothing left to sell"
    page = f"{stage.shop_url}/{Settings.load().languages[0]}/search?q={quote(sale.number)}"
    return f"{datetime.now().astimezone():%H:%M:%S}  {sale.place} sold {sale.pieces:f} of {sale.number}  {page}"


def _clear_up(home: Path) -> int:
    if not home.exists():
        return 0
    processes = Processes(home)
    if owner := processes.other_owner():
        console.print(f"A demo runs here (process {owner}): press Ctrl-C there first.")
        return 2
    stage = Stage(home, console.print)
    for name in stage.processes.stop_left_over():
        console.print(f"Stopped {name}.")
    stage.tear_down()
    return 0


def _can_not_start(home: Path) -> str:
    """Why there is no point in starting, with what to do, or nothing."""
    home.mkdir(parents=True, exist_ok=True)
    if owner := Processes(home).other_owner():
        return f"A demo already runs on this folder (process {owner}). Look at its terminal, or press Ctrl-C there."
    free_mb = shutil.disk_usage(home).free // 2**20
    if free_mb < _NEEDED_MB:
        return f"The demo needs {_NEEDED_MB} MB of disk, and {home} has {free_mb} MB. Make room, or set KOPPEL_HOME elsewhere."
    return ""


def _port(name: str, default: int) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.isdigit() else default


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended


def _without_interruption(do: Callable[[], None]) -> None:
    """A second Ctrl-C must not leave half of it running."""
    for wanted in _ENDING:
        signal.signal(wanted, signal.SIG_IGN)
    do()


def _plain(value: object) -> str:
    """Text from outside, safe for the terminal."""
    from rich.markup import escape

    return escape("".join(letter if letter.isprintable() else " " for letter in str(value)))


if __name__ == "__main__":
    sys.exit(main())
