"""Where the bench works: an embedded PostgreSQL and config folders below ``.koppel/bench``, made anew for each part."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger

ROOT = Path(__file__).parents[1]
# Settings of a small server of one's own. Nothing of the bench need survive a power cut.
SERVER = {
    "shared_buffers": "256MB",
    "max_wal_size": "8GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # would work in the background at moments of its own; the bench vacuums when it has filled a table
}


def say(text: str) -> None:
    """Tell a person what happens; standard output is for the figures."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Place:
    """A folder with a server in it."""

    folder: Path
    server: EmbeddedPostgres

    def database(self, name: str) -> str:
        """The address of a new, empty database."""
        self.server.drop(name)
        return self.server.database(name, template="template0")

    def ledger(self, name: str) -> str:
        """The address of a new, empty ledger."""
        url = self.database(name)
        ledger = Ledger(url)
        ledger.migrate()
        ledger.close()
        return url

    def config(self, name: str, settings: str, queries: Mapping[str, str] | None = None) -> Path:
        """A config folder: the project's own, with these settings, and these queries by entity (else the project's)."""
        folder = self.folder / name
        shutil.copytree(ROOT / "config", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        (folder / "koppel.toml").write_text(settings, "utf-8")
        for entity, query in (queries or {}).items():
            (folder / "sql" / f"{entity}.sql").write_text(query, "utf-8")
        return folder

    def environment(self, config: Path, ledger: str, source: str) -> dict[str, str]:
        """What a run needs to find in its environment."""
        return {
            "KOPPEL_CONFIG": str(config),
            "KOPPEL_HOME": str(self.folder / "home"),
            "KOPPEL_MEDIA": str(self.folder / "media"),
            "KOPPEL_LEDGER_URL": ledger,
            "AIRFLOW_CONN_ERP": source,
        }


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """An empty place; what an earlier bench left is removed first, and its data afterwards."""
    server = EmbeddedPostgres(folder / "postgres", SERVER)
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with server:
            yield Place(folder, server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection that commits at once."""
    return psycopg.connect(url, autocommit=True)


def work(task: str, environment: Mapping[str, str], **arguments: Any) -> dict[str, Any]:
    """Let a process of its own do a task of ``bench.worker``; gives what it measured."""
    return run_json([sys.executable, "-m", "bench.worker", task, json.dumps(arguments)], environment)


def run_json(command: list[str], environment: Mapping[str, str]) -> dict[str, Any]:
    """Run a program from the project's folder; its last line is JSON. What it says besides goes to standard error."""
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
    *chatter, last = done.stdout.decode().splitlines()
    for line in chatter:
        say(line)
    answer: dict[str, Any] = json.loads(last)
    return answer
