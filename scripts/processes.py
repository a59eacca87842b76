"""Starts programs and stops them, and no others: each is remembered with its start time, also for the next demo to clear up."""

import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_GRACE_SECONDS = 6.0
_SAME_SECONDS = 1.0
"""Two start times so close are the same start."""
_TRIED_PORTS = 200


class Died(Exception):
    """A program that was to keep running has ended."""


@dataclass(frozen=True, slots=True)
class Started:
    """One program that was started; its number alone may belong to another one by now."""

    name: str
    pid: int
    at: float
    """Start time, seconds since 1970, as the system tells it."""

    @classmethod
    def of(cls, name: str, pid: int) -> "Started":
        """The program that has this number now."""
        return cls(name, pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The program, if it still runs."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.at) < _SAME_SECONDS and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None

    def family(self) -> list[psutil.Process]:
        """The program and all that it started, also what has outlived it: they share its session."""
        leader = self.process()
        if leader is None and psutil.pid_exists(self.pid) and not _is_zombie(self.pid):
            return []  # the number is someone else's now, and a session of that number would be theirs
        found = {leader, *leader.children(recursive=True)} if leader else set()
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if os.getsid(process.pid) == self.pid and process.create_time() >= self.at - _SAME_SECONDS:
                    found.add(process)
        return list(found)


class Processes:
    """The programs of one demo or test. ``home`` gets ``processes.json`` and a log per program below ``logs``."""

    def __init__(self, home: Path) -> None:
        self._record = home / "processes.json"
        self._logs = home / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._started: list[Started] = []
        self._popen: dict[str, subprocess.Popen[bytes]] = {}

    def other_owner(self) -> int | None:
        """The process number of another one that looks after this folder right now."""
        owners = [one for one in self._recorded() if one.name == "owner" and one.pid != os.getpid()]
        return next((one.pid for one in owners if one.process()), None)

    def stop_left_over(self) -> list[str]:
        """Stop what a killed owner left running; gives the names. Then this process is the owner."""
        left = [one for one in self._recorded() if one.name != "owner" and one.family()]
        _stop(left)
        self._started = [Started.of("owner", os.getpid())]
        self._write()
        return [one.name for one in left]

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        """Start a program in a session of its own, its output in ``logs/NAME.log``."""
        with self.log(name).open("wb") as log:
            popen = subprocess.Popen(
                command, env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self._popen[name] = popen
        self._started.append(Started.of(name, popen.pid))
        self._write()

    def finish(self, name: str, seconds: float) -> None:
        """Wait until a program has ended well; raises Died when it did not."""
        popen = self._popen[name]
        try:
            code = popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Died(f"{name} did not finish within {seconds:.0f} seconds; see {self.log(name)}.") from None
        if code:
            raise Died(f"{name} ended with {code}: {self.last_words(name)} (all of it: {self.log(name)})")
        del self._popen[name]
        self._started = [one for one in self._started if one.name != name]
        self._write()

    def check(self) -> None:
        """Raises Died when a program that was started has ended."""
        for name, popen in self._popen.items():
            if popen.poll() is not None:
                raise Died(
                    f"{name} ended with {popen.returncode}: {self.last_words(name)} (all of it: {self.log(name)})"
                )

    def running(self) -> list[Started]:
        """The programs that were started and not stopped."""
        return [one for one in self._started if one.name != "owner"]

    def log(self, name: str) -> Path:
        """Where a program's output goes."""
        return self._logs / f"{name}.log"

    def last_words(self, name: str) -> str:
        """The last line that a program wrote."""
        lines = [line for line in self.log(name).read_text("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1].strip()[:500] if lines else "it said nothing"

    def kill(self, name: str) -> None:
        """End a program and all that it started, by force and at once."""
        for one in [one for one in self.running() if one.name == name]:
            for process in one.family():
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self._popen.pop(name).wait(_GRACE_SECONDS)
        self._started = [one for one in self._started if one.name != name]
        self._write()

    def stop(self) -> None:
        """Stop all that was started, newest first, and forget it."""
        _stop(self.running()[::-1])
        for popen in self._popen.values():
            popen.wait(_GRACE_SECONDS)
        self._started, self._popen = [], {}
        self._record.unlink(missing_ok=True)

    def _recorded(self) -> list[Started]:
        try:
            return [Started(**one) for one in json.loads(self._record.read_text("utf-8"))]
        except (FileNotFoundError, ValueError, TypeError):
            return []

    def _write(self) -> None:
        new = self._record.with_suffix(".new")
        new.write_text(json.dumps([asdict(one) for one in self._started]), "utf-8")
        new.replace(self._record)


def free_port(wished: int) -> int:
    """This port of 127.0.0.1, or the next one that nobody listens on."""
    for port in range(wished, min(wished + _TRIED_PORTS, 65536)):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise Died(f"No port from {wished} on is free on 127.0.0.1; stop something that listens there.")


def _stop(programs: Sequence[Started]) -> None:
    """Ask each program to end, wait, and end by force what has not, with all that it started."""
    families = [process for one in programs for process in one.family()]
    for one in programs:
        if leader := one.process():
            with contextlib.suppress(psutil.NoSuchProcess):
                leader.terminate()
    _, alive = psutil.wait_procs([leader for one in programs if (leader := one.process())], timeout=_GRACE_SECONDS)
    for process in {*families, *alive, *(process for one in programs for process in one.family())}:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(families, timeout=_GRACE_SECONDS)


def _is_zombie(pid: int) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    return True
