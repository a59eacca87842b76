"""A real Tryton server for tests: installed once in an environment of its own, a database copied for each use."""

import base64
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

REQUIREMENTS = Path(__file__).parents[1] / "tryton-requirements.txt"
MODULES = ("product", "product_measurements", "stock", "sale")
LANGUAGES = ("en", "nl")
PASSWORD = "geheim-9"
_UNREACHABLE = (
    "error sending request", "dns error", "failed to fetch", "newconnectionerror", "name resolution", "unreachable",
    "connection refused", "network", "timed out", "offline",
)  # fmt: skip
"""What uv and pip say when the package registry can't be reached."""


class Refused(Exception):
    """What Tryton said instead of doing it."""


@dataclass
class Office:
    """Somebody who works in Tryton: calls its API with nothing but the standard library."""

    url: str
    login: str = "admin"
    password: str = PASSWORD
    context: dict[str, Any] = field(default_factory=dict)
    _session: str = ""

    def call(self, model: str, method: str, *values: Any, **context: Any) -> Any:
        """What a method of a model answers."""
        if not self._session:
            user, token, *_ = self._post("common.db.login", [self.login, {"password": self.password}, "en"])
            self._session = base64.b64encode(f"{self.login}:{user}:{token}".encode()).decode()
        return self._post(f"model.{model}.{method}", [*values, {**self.context, **context}])

    def find(self, model: str, domain: list[Any], **context: Any) -> list[int]:
        """The ids of a domain, in their order."""
        return self.call(model, "search", domain, 0, None, [["id", "ASC"]], **context)

    def _post(self, method: str, params: list[Any]) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": params}).encode()
        headers = {"Content-Type": "application/json"}
        if self._session:
            headers["Authorization"] = f"Session {self._session}"
        request = urllib.request.Request(f"{self.url}/rpc/", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise Refused(f"HTTP {error.code}: {error.read()[:500]!r}") from None
        if "error" in answer:
            raise Refused(str(answer["error"])[:1000])
        return answer["result"]


@dataclass(frozen=True)
class TrytonServer:
    """A server on a database of this session."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """Where the database answers."""
        return f"http://127.0.0.1:{self.port}/erp"

    def connection(self, login: str = "admin", password: str = PASSWORD) -> str:
        """Its address as Koppel wants it."""
        return f"http://{login}:{password}@127.0.0.1:{self.port}/erp"


@contextmanager
def running_tryton(folder: Path, database: Path) -> Iterator[TrytonServer]:
    """A server on a copy of a database, on a free port of the loopback interface."""
    made = environment()
    (folder / "data").mkdir(parents=True)
    shutil.copyfile(database, folder / "data" / "erp.sqlite")
    port = _free_port()
    config = _configured(folder, port)
    with (folder / "server.log").open("wb") as log:
        command = [made / "venv/bin/trytond", "-c", config, "-d", "erp"]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=_clean_environment())
        try:
            _wait_for(port, process, folder / "server.log")
            yield TrytonServer(port, folder / "server.log")
        finally:
            process.terminate()
            process.wait(30)


def environment() -> Path:
    """The folder with the installed server and the empty database; made when it is missing, or what it is made of changed."""
    home = Path(os.environ.get("KOPPEL_TRYTON_ENV") or Path(__file__).parents[3] / ".koppel" / "tryton-env")
    home.mkdir(parents=True, exist_ok=True)
    words = REQUIREMENTS.read_text("utf-8") + repr((MODULES, LANGUAGES, sys.version_info[:2]))
    made = home / hashlib.sha256(words.encode()).hexdigest()[:12]
    with locked(home):
        if not (made / "template.sqlite").exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            _install(made / "venv")
            _initialise(made)
    return made


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one test session at a time: another one may be making the same."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(venv: Path) -> None:
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    python = venv / "bin" / "python"
    if uv:
        _run([uv, "venv", "--quiet", "--python", sys.executable, venv])
        install = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        _run([sys.executable, "-m", "venv", venv])
        install = [python, "-m", "pip", "install", "--quiet"]
    done = _run([*install, "-r", REQUIREMENTS], check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")
        if any(words in said.casefold() for words in _UNREACHABLE):
            pytest.skip(f"Tryton can't be installed because the package registry can't be reached: {said[-300:]}")
        pytest.fail(f"Tryton could not be installed: {said[-3000:]}")


def _initialise(made: Path) -> None:
    """An empty database with the modules activated; it gets its name when it is complete."""
    work = made / "initialise"
    (work / "data").mkdir(parents=True)
    (work / "data" / "erp.sqlite").touch()
    (work / "password").write_text(PASSWORD, "utf-8")
    command = [
        made / "venv/bin/trytond-admin", "-c", _configured(work, 0), "-d", "erp", "--all", "--email", "admin@example.test",
        "--activate-dependencies", "-u", *MODULES, "-l", *LANGUAGES,
    ]  # fmt: skip
    _run(command, TRYTONPASSFILE=str(work / "password"))
    (work / "data" / "erp.sqlite").rename(made / "template.sqlite")
    shutil.rmtree(work)


def _configured(folder: Path, port: int) -> Path:
    config = folder / "trytond.conf"
    config.write_text(
        f"[database]\nuri = sqlite://\npath = {folder / 'data'}\n[web]\nlisten = 127.0.0.1:{port}\n", "utf-8"
    )
    return config


def _run(command: list[Any], *, check: bool = True, **environment: str) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        command, check=False, capture_output=True, env=_clean_environment() | environment, timeout=280
    )
    if check and done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")
        pytest.fail(f"{command[0]} ended with {done.returncode}: {said[-3000:]}")
    return done


def _clean_environment() -> dict[str, str]:
    """Without what would mix this environment with ours."""
    return {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"}
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    body = b'{"id": 0, "method": "common.server.version", "params": []}'
    request = urllib.request.Request(f"http://127.0.0.1:{port}/rpc/", body, {"Content-Type": "application/json"})
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"Tryton did not start: {log.read_text(errors='replace')[-3000:]}")
