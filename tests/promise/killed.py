"""A run in a process of its own, which dies by SIGKILL at a chosen boundary, or whenever its parent kills it.

A boundary is a moment between two effects on the outside: before the first, and after each, request that writes, after such
a request has left and before its answer is read, and after each transaction that writes to the ledger. Nothing outside
changes between two boundaries, so killing anywhere else leaves what killing at the boundary before it leaves.
"""

import http.client
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pandas as pd
import requests

from extractors import sql as _sql  # noqa: F401 - imported here so that a run starts in milliseconds
from koppel import changes, delivery, flow, ledger_bulk, plan, reconcile, registry, verdicts  # noqa: F401
from koppel.clock import Clock
from koppel.errors import KoppelError
from koppel.judging import Judgement
from koppel.ledger import Ledger
from koppel.run import Run
from koppel.settings import Settings
from koppel.window import Window
from loaders.magento import MagentoTarget
from loaders.magento.media import Images  # noqa: F401

WRITERS = ("begin_run", "intend", "remember", "settle", "record", "replace_findings", "move_cursor", "end_run")
GROUPS = ("sources", "readers", "transformers", "gates", "targets")
FLOWS = ("catalogue", "prices")


class QuickClock(Clock):
    """Real time, but no pause is longer than a blink."""

    def __init__(self) -> None:
        self._slept = 0.0

    def now(self) -> float:
        return super().now() + self._slept

    def sleep(self, seconds: float) -> None:
        self._slept += seconds
        super().sleep(min(seconds, 0.005))


def lenient(entity: Any, frame: pd.DataFrame, context: Any) -> Judgement:
    """A gate that lets everything pass: these tests are about what comes after it."""
    columns = ["key", "language", "rule", "severity", "value", "reason"]
    return Judgement(pd.DataFrame(columns=columns))


def quick_target(settings: Settings, name: str) -> MagentoTarget:
    return MagentoTarget(settings.target(name), QuickClock())


def warm_up() -> None:
    """Load what a run loads; called in the server that runs are forked from."""
    for group in GROUPS:
        for entry in registry.registered(group).values():
            if group != "gates":
                entry.load()


class Boundaries:
    """Counts the moments between effects, and kills this process at one of them."""

    def __init__(self, deadly: int | None) -> None:
        self.count, self._deadly = 0, deadly

    def passed(self) -> None:
        """One more boundary."""
        if self.count == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def watch(self) -> None:
        """Count in this process from now on."""
        self.passed()
        for name in WRITERS:
            setattr(Ledger, name, self._after(getattr(Ledger, name)))
        requests.Session.send = self._after(
            requests.Session.send, is_write=lambda _, request, **__: _writes(request.method)
        )  # type: ignore[method-assign]
        http.client.HTTPConnection.getresponse = self._before(http.client.HTTPConnection.getresponse)  # type: ignore[method-assign]

    def _after(self, work: Callable[..., Any], is_write: Callable[..., bool] = lambda *_, **__: True) -> Any:
        @wraps(work)
        def counted(*args: Any, **kwargs: Any) -> Any:
            result = work(*args, **kwargs)
            if is_write(*args, **kwargs):
                self.passed()
            return result

        return counted

    def _before(self, work: Callable[..., Any]) -> Any:
        @wraps(work)
        def counted(connection: Any, *args: Any, **kwargs: Any) -> Any:
            if _writes(connection._method):
                self.passed()
            return work(connection, *args, **kwargs)

        return counted


def _writes(method: str | None) -> bool:
    return method not in (None, "GET")


def quick() -> None:
    """Use the gate and the clock of these tests in this process."""
    registry.gate = lambda settings: lenient
    registry.target = quick_target


def run_flows(environment: dict[str, str], flows: tuple[str, ...], deadly: int | None, told: str) -> None:
    """The child: all steps of these flows; writes how many boundaries it passed to the file ``told``."""
    with _told(environment, deadly, told):
        for name in flows:
            list(flow.run_here(flow.begin(name, Window())))


def only_plan(environment: dict[str, str], name: str, deadly: int | None, told: str) -> None:
    """The child: a flow up to its plan; writes the run's id to the file ``told``."""
    with _told(environment, deadly, told):
        run_id = flow.begin(name, Window())
        for entity in Run(run_id).entities:
            for piece in flow.extract(run_id, entity.name):
                flow.judge(run_id, piece)
        flow.plan(run_id)
    Path(told).write_text(run_id)


def deliver_plan(environment: dict[str, str], run_id: str, deadly: int | None, told: str) -> None:
    """The child: deliver a plan and account for it, once or once more, as Airflow does when it tries a task again."""
    with _told(environment, deadly, told):
        flow.deliver(run_id)
        flow.reconcile(run_id)


@contextmanager
def _told(environment: dict[str, str], deadly: int | None, told: str) -> Iterator[None]:
    """Set up this process, and leave behind how many boundaries it passed or what stopped it."""
    os.environ.update(environment)
    quick()
    boundaries = Boundaries(deadly)
    boundaries.watch()
    try:
        yield
    except KoppelError as error:
        Path(told).write_text(f"{type(error).__name__}: {error}")
        sys.exit(1)
    Path(told).write_text(str(boundaries.count))


def starter() -> Any:
    """Forks runs from a server that has everything imported and nothing running."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.promise.preload"])
    return context


def ended(process: BaseProcess, seconds: float = 60) -> int:
    """Start a run, if it has not been, and wait for its end; its exit code. A run that hangs is killed, and told of."""
    if process.pid is None:
        process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError("a run did not end")
    assert process.exitcode is not None
    return process.exitcode


def was_killed_after(process: BaseProcess, seconds: float) -> bool:
    """Kill a run after so long; whether it was still running."""
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL
