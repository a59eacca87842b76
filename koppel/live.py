"""Near real time: one long step that reads what changed, brings it to the target, and begins again, round after round.

A round is the same extract, judge, plan, deliver and account as any run's, over a small window. The cursor moves when a round is
accounted for, so a process that is killed at any moment loses nothing: the next one reads from there.
"""

import logging
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from koppel import flow as steps
from koppel.clock import Clock
from koppel.delivery import settle_if_idle
from koppel.entities import ENTITIES
from koppel.errors import ConfigError, KoppelError, LedgerDown, SourceDown, TargetBusy, TargetDown
from koppel.housekeeping import overtake, tidy
from koppel.ledger import Ledger, now
from koppel.plan import EntityPlan, Plan
from koppel.run import Run
from koppel.settings import Settings
from koppel.source import Signals
from koppel.staging import Staging
from koppel.window import Window

log = logging.getLogger(__name__)

_NEVER = datetime(1990, 1, 1, tzinfo=UTC)
"""As far as a source was read that has told no time yet, because it was empty."""
_WAIT = 5.0
"""Seconds until a ledger that is down is asked again, where no round can tell."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a flow listens, in seconds; ``[flows.NAME.listen]`` in koppel.toml."""

    period: float = 600
    """One run lasts so long; then the next one begins."""
    poll: float = 1
    """A source that can't signal is looked at so often; one that can, when it signals."""
    gather: float = 1.5
    """Rounds begin at least so far apart, so that what changes together travels together."""
    late: float = 15
    """Each round reads so much again, for what was committed late."""
    sweep: float = 60
    """So often a round reads further back, by the source's overlap, and takes along what failed or waits."""
    patience: float = 900
    """A source, target or ledger that is down for so long ends the run with an error, so that somebody hears of it."""

    @classmethod
    def of(cls, settings: Settings, flow: str) -> "Pace":
        """The pace that a flow is configured to."""
        given = settings.values.get("flows", {}).get(flow, {}).get("listen", {})
        known = {one.name for one in fields(cls)}
        for name, value in given.items():
            if name not in known or isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise ConfigError(
                    f"[flows.{flow}.listen] {name} = {value!r} can't be used.",
                    do=f"It takes seconds for {', '.join(sorted(known))}.",
                )
        return cls(**given)


@dataclass
class LiveRun(Run):
    """A run whose window moves on with each round, and whose files need not outlive it."""

    folder: Path = field(default_factory=Path)

    has_appendix: bool = False
    keeps_back_emptied: bool = True
    began: datetime = field(default_factory=now)

    @cached_property
    def settings(self) -> Settings:
        """The settings, but with little patience for a target that is down: meanwhile its figures would grow old."""
        loaded = Settings.load()
        name = loaded.flow(self.row["flow"]).target
        loaded.values["targets"][name].setdefault("retry_seconds", 5)
        return loaded

    @cached_property
    def staging(self) -> Staging:
        """A folder on this machine."""
        return Staging(self.folder.as_uri(), self.run_id)

    @property
    def log_level(self) -> int:
        """A plan a second would drown everything else."""
        return logging.DEBUG

    @property
    def read_at(self) -> datetime:
        """When the round began."""
        return self.began


class Listener:
    """Does round after round of one run until its period is over."""

    def __init__(self, run: LiveRun, pace: Pace, clock: Clock) -> None:
        self._run, self._pace, self._clock = run, pace, clock
        self._counts = {entity.name: Counter[str]() for entity in run.entities}
        self._swept: float | None = None
        self._down_since: float | None = None

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """What became of the records of all rounds, per entity."""
        return {name: dict(counts) for name, counts in self._counts.items()}

    def listen(self, is_enough: Callable[[], bool]) -> None:
        """Rounds, until ``is_enough`` or the period is over. Raises what a person must mend, and what is down for too long."""
        end = self._clock.now() + self._pace.period
        while self._clock.now() < end and not is_enough():
            began = self._clock.now()
            self._try_round(began)
            self._pause(began, end)

    def _try_round(self, began: float) -> None:
        is_sweep = self._swept is None or began - self._swept >= self._pace.sweep
        try:
            if is_sweep:  # what a killed run had under way
                settle_if_idle(self._run.ledger, self._run.target, self._run.lane)
            self.round(is_sweep=is_sweep)
            if is_sweep:
                self._swept = began
                self._run.ledger.count_run(self._run.run_id, self.counts)
                log.info("Since the run began: %s", self.counts)
        except (SourceDown, TargetDown, LedgerDown) as error:
            self._down_since = began if self._down_since is None else self._down_since
            if began - self._down_since >= self._pace.patience:
                raise
            log.warning("%s It is tried again; nothing is lost.", error.what)
            return
        self._down_since = None

    def round(self, *, is_sweep: bool) -> None:
        """Read what changed since the cursor, and bring it to the target."""
        run = self._run
        run.began = now()
        run.window = self._window(is_sweep=is_sweep)
        staged = 0
        for entity in run.flow.entities:
            for piece in steps.extract(run, entity, with_waiting=is_sweep):
                steps.judge(run, piece)
                staged += 1
        made = Plan.from_json(steps.plan(run)) if staged else self._nothing_to_do()
        if staged and steps.deliver(run)["overtaken"]:
            # Which of the two readings is newer only the source can tell, and the cursor must not pass what was left out.
            raise TargetBusy("Another run brought some of these records meanwhile, so they are read again.")
        for name, counts in steps.account(run, made).items():
            self._counts[name].update(counts)

    def _window(self, *, is_sweep: bool) -> Window:
        run = self._run
        cursors = [run.ledger.cursor(run.row["source"], run.target_name, entity.name) for entity in run.entities]
        options = run.settings.source(run.row["source"]).options
        overlap = float(options.get("overlap_minutes", 10)) * 60 if is_sweep else self._pace.late
        read_to = min((cursor for cursor in cursors if cursor is not None), default=_NEVER)
        return Window(since=read_to - timedelta(seconds=overlap))

    def _nothing_to_do(self) -> Plan:
        """The plan of a round that brought nothing new, made without a look at the target."""
        made = Plan(self._run.run_id)
        for entity in self._run.entities:
            self._run.staging.clear(f"plan/{entity.name}-*")
            found = self._run.staging.read_json(f"extract/{entity.name}")
            made.entities[entity.name] = EntityPlan(found["read"], found["unchanged"], held_back=found["still_held"])
        return made

    def _pause(self, began: float, end: float) -> None:
        """Until the source signals or the poll is due, and no earlier than the pace allows."""
        left = end - self._clock.now()
        source = self._run.source
        if isinstance(source, Signals):
            source.wait(max(0.0, min(self._pace.poll, left)))
        else:
            self._clock.sleep(max(0.0, min(self._pace.poll, left)))
        self._clock.sleep(max(0.0, min(began + self._pace.gather, end) - self._clock.now()))


def listen(
    flow: str, *, trigger: str = "schedule", seconds: float | None = None, clock: Clock | None = None,
    is_enough: Callable[[], bool] = lambda: False,
) -> dict[str, dict[str, int]]:  # fmt: skip
    """Listen to a flow's source for one period (or so many seconds), and bring what changes to the target at once.

    A flow that was never read before is read in full first, as any run. Returns the counts of all rounds, per entity.
    """
    settings, clock = Settings.load(), clock or Clock()
    pace = Pace.of(settings, flow)
    pace = pace if seconds is None else Pace(**{**asdict(pace), "period": seconds})
    run_id = _opened(settings, flow, trigger, pace, clock)
    with tempfile.TemporaryDirectory(prefix="koppel-live-") as folder, _ended_by_sigterm():
        run = LiveRun(run_id, folder=Path(folder))
        listener = Listener(run, pace, clock)
        try:
            listener.listen(is_enough)
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            steps.fail(run_id, error if isinstance(error, KoppelError) else f"{type(error).__name__}: {error}")
            raise
        run.ledger.end_run(run_id, "reconciled", counts=listener.counts)
    tidy(run.ledger, settings)
    return listener.counts


def _opened(settings: Settings, flow: str, trigger: str, pace: Pace, clock: Clock) -> str:
    """The id of a new run, in place of those that were killed. A ledger that is down is waited for as long as the pace allows,
    as in any round: a task that fails at once is one that Airflow starts no more after a few times."""
    until = clock.now() + pace.patience
    while True:
        try:
            _read_in_full_first(settings, flow, trigger)
            run_id = steps.begin(flow, steps.since_cursor(flow), trigger=trigger, settles=False)
            overtake(Ledger.from_environment(), run_id, {"running": "interrupted"})
        except LedgerDown as error:
            if clock.now() >= until:
                raise
            log.warning("%s It is tried again; nothing is lost.", error.what)
            clock.sleep(_WAIT)
        else:
            return run_id


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Airflow ends a task by SIGTERM, by which Python ends without another word; here it is raised, so that the run is closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        raise SystemExit("It was told to end (SIGTERM). What was delivered stays, and the next run goes on from there.")

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _read_in_full_first(settings: Settings, flow: str, trigger: str) -> None:
    wanted, ledger = settings.flow(flow), Ledger.from_environment()
    cursors = [ledger.cursor(wanted.source, wanted.target, ENTITIES[name].name) for name in wanted.entities]
    if all(cursors):
        return
    for step, _ in steps.run_here(steps.begin(flow, Window(), trigger=trigger)):
        log.info("%s is read for the first time: %s done", flow, step)
