"""A run in a process of its own, which dies by SIGKILL at a chosen boundary, or whenever its parent kills it.

A boundary is a moment between two effects on the outside: before the first, and after each, request that writes, after such
a request has left and before its answer is read, after each transaction that writes to the ledger, and after each change of
a drop folder. Nothing outside changes between two boundaries, so killing anywhere else leaves what killing at the boundary
before it leaves.
"""

import http.client
import itertools
import multiprocessing
import os
import re
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any, cast

import pandas as pd
import requests

from extractors import sql as _sql  # noqa: F401 - imported here so that a run starts in milliseconds
from extractors.folder import DropFolder
from koppel import changes, delivery, flow, ledger_bulk, live, locations, plan, reconcile, registry, verdicts  # noqa: F401
from koppel.clock import Clock
from koppel.errors import KoppelError
from koppel.judging import Judgement
from koppel.ledger import Ledger
from koppel.run import Run
from koppel.settings import Settings
from koppel.source import Source
from koppel.window import Window
from loaders.magento import MagentoTarget
from loaders.magento.media import Images  # noqa: F401

WRITERS = (
    "begin_run",
    "intend",
    "remember",
    "settle",
    "record",
    "replace_findings",
    "move_cursor",
    "end_run",
    "count_run",
)
REQUESTS = ("request", "send")
"""The boundaries in a request that writes, and after it."""
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


def quick_source(settings: Settings, name: str) -> Source:
    """A source whose pauses are short too, where it makes any."""
    own = settings.source(name)
    made: Any = registry.registered("sources")[own.kind].load()
    return cast("Source", made(own) if own.kind == "excel" else made(own, QuickClock()))


def warm_up() -> None:
    """Load what a run loads; called in the server that runs are forked from."""
    for group in GROUPS:
        for entry in registry.registered(group).values():
            if group != "gates":
                entry.load()


Deadly = int | tuple[str, int] | None
"""A boundary by its number, or by what it comes after and how often that was before."""


def die() -> None:
    """End this process as nothing else does: at once, and without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


class Boundaries:
    """Counts the moments between effects, and strikes at one of them: this process dies, or something else ends."""

    def __init__(self, deadly: Deadly, strike: Callable[[], None]) -> None:
        self.met: list[str] = []
        """Each boundary so far: the step (the entity that is delivered), what it comes after and, of a request, its address,
        in words that are the same for every record."""
        self._deadly, self._strike, self._step, self._address = deadly, strike, "", ""
        self._kinds: Counter[str] = Counter()

    def passed(self, after: str) -> None:
        """One more boundary, and what it comes ``after``."""
        if self._deadly in (len(self.met), (after, self._kinds[after])):
            self._strike()
        self.met.append(" ".join([self._step or "-", after, *([self._address] if after in REQUESTS else [])]))
        self._kinds[after] += 1

    def watch(self) -> None:
        """Count in this process from now on."""
        self.passed("start")
        for name in WRITERS:
            setattr(Ledger, name, self._after(getattr(Ledger, name)))
        sent = self._after(requests.Session.send, is_write=self._writes)
        requests.Session.send = sent  # type: ignore[method-assign]
        locations.note = self._after(locations.note)
        for name in ("remember_reading", "accounted"):
            setattr(DropFolder, name, self._after(getattr(DropFolder, name)))
        http.client.HTTPConnection.getresponse = self._before(http.client.HTTPConnection.getresponse)  # type: ignore[method-assign]

    def _writes(self, _: Any, request: requests.PreparedRequest, **__: Any) -> bool:
        """Whether this request writes; where it does, its address is that of the boundaries in it and after it."""
        if is_write := _writes(request.method):
            self._address = f"{request.method} {re.sub('/[^/]*[0-9][^/]*', '/*', request.path_url)}"
        return is_write

    def _after(self, work: Callable[..., Any], is_write: Callable[..., bool] = lambda *_, **__: True) -> Any:
        @wraps(work)
        def counted(*args: Any, **kwargs: Any) -> Any:
            is_boundary = is_write(*args, **kwargs)
            if work.__name__ == "intend":
                self._step = args[1]["entity"]
            result = work(*args, **kwargs)
            if is_boundary:
                self.passed(work.__name__)
            return result

        return counted

    def _before(self, work: Callable[..., Any]) -> Any:
        @wraps(work)
        def counted(connection: Any, *args: Any, **kwargs: Any) -> Any:
            if _writes(connection._method):
                self.passed("request")
            return work(connection, *args, **kwargs)

        return counted


def _writes(method: str | None) -> bool:
    return method not in (None, "GET")


def quick() -> None:
    """Use the gate and the clock of these tests in this process."""
    registry.gate = lambda settings: lenient
    registry.target = quick_target
    registry.source = quick_source


def run_flows(environment: dict[str, str], flows: tuple[str, ...], deadly: Deadly, told: str) -> None:
    """The child: all steps of these flows; writes the boundaries that it passed to the file ``told``."""
    with prepared(environment, deadly, told):
        for name in flows:
            list(flow.run_here(flow.begin(name, Window())))


def only_plan(environment: dict[str, str], name: str, deadly: Deadly, told: str) -> None:
    """The child: a flow up to its plan; writes the run's id to the file ``told``."""
    with prepared(environment, deadly, told):
        run_id = flow.begin(name, Window())
        for entity in Run(run_id).entities:
            for piece in flow.extract(run_id, entity.name):
                flow.judge(run_id, piece)
        flow.plan(run_id)
    Path(told).write_text(run_id)


def deliver_plan(environment: dict[str, str], run_id: str, deadly: Deadly, told: str) -> None:
    """The child: deliver a plan and account for it, once or once more, as Airflow does when it tries a task again."""
    with prepared(environment, deadly, told):
        flow.deliver(run_id)
        flow.reconcile(run_id)


def listen_rounds(
    environment: dict[str, str], rounds: int, between: Callable[[int], None] | None, deadly: Deadly, told: str
) -> None:
    """The child: listen to the stock for so many rounds; ``between``: what happens after each but the last one."""
    with prepared(environment, deadly, told):
        live.listen("stock", clock=QuickClock(), is_enough=after_rounds(rounds, between))


def after_rounds(rounds: int, between: Callable[[int], None] | None = None) -> Callable[[], bool]:
    """Ends a listener after so many rounds; ``between`` is called with the number of each round that another one follows."""
    numbers = itertools.count()

    def is_enough() -> bool:
        number = next(numbers)
        if between is not None and 0 < number < rounds:
            between(number)
        return number >= rounds

    return is_enough


@contextmanager
def prepared(
    environment: dict[str, str], deadly: Deadly, told: str, strike: Callable[[], None] = die
) -> Iterator[None]:
    """Set up this process, and leave behind the boundaries that it passed, or what stopped it."""
    os.environ.update(environment)
    quick()
    boundaries = Boundaries(deadly, strike)
    boundaries.watch()
    try:
        yield
    except KoppelError as error:
        Path(told).write_text(f"{type(error).__name__}: {error}")
        sys.exit(1)
    Path(told).write_text("\n".join(boundaries.met))


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


class Moments:
    """Random moments of runs, from their begin to about their end. How long they take is learnt from those that end by themselves,
    so that few do; ``seconds``: a first guess."""

    def __init__(self, random: Random, seconds: float) -> None:
        self._random, self._lengths = random, defaultdict[str, float](lambda: seconds)

    def kill(self, process: BaseProcess, kind: str) -> bool:
        """Kill a run of this kind at such a moment; False when it had ended before."""
        began = time.monotonic()
        is_killed = was_killed_after(process, self._random.uniform(0, 1.2 * self._lengths[kind]))
        if not is_killed:
            self._lengths[kind] = (self._lengths[kind] + time.monotonic() - began) / 2
        return is_killed
