"""An Airflow on this machine: api-server, scheduler and dag-processor on one PostgreSQL, and its REST API to steer it.

No triggerer, as no flow defers; and the scheduler serves no logs, because the api-server reads the same files. (Airflow's
log server can only listen on every interface.)
"""

import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import requests

from scripts.processes import Processes

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
COMPONENTS = {
    "airflow-api": ("api-server",),
    "airflow-scheduler": ("scheduler", "--skip-serve-logs"),
    "airflow-dags": ("dag-processor",),
}
USERS = ("admin", "manager", "viewer")  # as airflow.cfg names them, with their roles
_MIGRATE_SECONDS = 180.0
_START_SECONDS = 180.0
ENDED = {"success", "failed", "skipped", "upstream_failed", "removed"}


class NotReady(Exception):
    """Airflow did not come up, or did not do what it was asked."""


class LocalAirflow:
    """``home``: where its logs and passwords go; ``database``: address of an empty or earlier metadata database; ``pause``:
    seconds between two looks at what is waited for, each of which costs the api-server some 50 ms.
    """

    def __init__(
        self,
        processes: Processes,
        home: Path,
        port: int,
        database: str,
        environment: Mapping[str, str],
        pause: float = 0.25,
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._processes = processes
        self._pause = pause
        self._home = home
        self._database = database
        self._environment = _environment(home, port, self.url, database, environment)
        self._rest = requests.Session()
        self._rest.trust_env = False  # a proxy has no business between two programs of one machine

    def begin_migration(self) -> bool:
        """Start to bring the metadata database to this Airflow's schema; False when it is there already."""
        if self._schema() == self._stamp():
            return False
        self._airflow("airflow-migrate", "db", "migrate")
        return True

    def finish_migration(self) -> None:
        """Wait for it."""
        self._processes.finish("airflow-migrate", _MIGRATE_SECONDS)
        self._stamp_file.write_text(json.dumps(self._schema()), "utf-8")

    def start(self) -> None:
        """Start all components at once."""
        self._make_passwords()
        for name, arguments in COMPONENTS.items():
            self._airflow(name, *arguments)

    def wait_until_healthy(self, dags: list[str]) -> None:
        """Until scheduler and dag-processor report, somebody can log in, and these DAGs are there."""
        self.until("Airflow to come up", self._is_healthy)
        token = self._send("POST", "/auth/token", {"username": "admin", "password": self.password})
        self._rest.headers["Authorization"] = f"Bearer {token['access_token']}"
        self.until(f"the DAGs {', '.join(dags)}", lambda: self._has(dags))

    @property
    def password(self) -> str:
        """The password of the user ``admin``."""
        return str(json.loads(self._passwords.read_text("utf-8"))["admin"])

    @property
    def authorization(self) -> str:
        """The header with which a request is that of the user ``admin``."""
        return str(self._rest.headers["Authorization"])

    def set_pool(self, name: str, slots: int) -> None:
        """A pool with so many slots."""
        pool = {"name": name, "slots": slots, "description": "One writer per target", "include_deferred": False}
        if self._rest.get(f"{self.url}/api/v2/pools/{name}", timeout=30).status_code == 404:
            self._send("POST", "/api/v2/pools", pool)
        else:
            self._send("PATCH", f"/api/v2/pools/{name}", pool)

    def end_unfinished(self, dag: str) -> None:
        """Close the runs that an earlier Airflow left unfinished when it was killed; a new one would wait for them for minutes."""
        for state in ("running", "queued"):
            for run in self._send("GET", f"/api/v2/dags/{dag}/dagRuns?state={state}")["dag_runs"]:
                self._send("PATCH", f"/api/v2/dags/{dag}/dagRuns/{run['dag_run_id']}", {"state": "failed"})

    def switch_on(self, dag: str) -> None:
        """Let a DAG run by its schedule."""
        self._send("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})

    def switch_off(self, dag: str) -> None:
        """Start no more runs of a DAG."""
        self._send("PATCH", f"/api/v2/dags/{dag}", {"is_paused": True})

    def kill(self, component: str) -> None:
        """End a component and all that it started, by force."""
        self._processes.kill(component)

    def start_again(self, component: str) -> None:
        """Start a component that was killed."""
        self._airflow(component, *COMPONENTS[component])

    def trigger(self, dag: str, conf: Mapping[str, Any] | None = None) -> str:
        """Switch a DAG on and start a run; gives Airflow's id of it."""
        self.switch_on(dag)
        return str(
            self._send("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None, "conf": dict(conf or {})})[
                "dag_run_id"
            ]
        )

    def follow(
        self,
        dag: str,
        run: str,
        seconds: float,
        ended: Callable[[str, str], None],
        running: Callable[[list[str]], None],
    ) -> str:
        """Wait until a run has ended and give its state; ``ended`` hears of each task that ends, ``running`` of those that run."""
        seen: set[str] = set()

        def has_ended() -> str:
            state = str(self._send("GET", f"/api/v2/dags/{dag}/dagRuns/{run}")["state"])
            tasks = {_name(task): task for task in self.tasks(dag, run)}
            for name, task in tasks.items():
                if task["state"] in ENDED and name not in seen:
                    seen.add(name)
                    ended(name, task["state"] + (f" in {task['duration']:.1f} s" if task["duration"] else ""))
            running([name for name, task in tasks.items() if task["state"] == "running"])
            return state if state in ENDED else ""

        return self.until(f"the run {run}", has_ended, seconds)

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        """All tasks of a run."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances?limit=100&order_by=start_date"
        return list(self._send("GET", path)["task_instances"])

    def result(self, dag: str, run: str, task: str) -> Any:
        """What a task of a run gave back; None when it gave nothing."""
        path = f"/api/v2/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value"
        answer = self._rest.get(self.url + path, timeout=60)
        return answer.json()["value"] if answer.ok else None

    def import_errors(self) -> list[str]:
        """What is wrong with DAG files."""
        return [error["stack_trace"] for error in self._send("GET", "/api/v2/importErrors")["import_errors"]]

    @property
    def _passwords(self) -> Path:
        return self._home / "secrets" / "users.json"

    def _make_passwords(self) -> None:
        """A password per user, made here as Airflow would print those that it makes into its log."""
        if self._passwords.exists():
            return
        self._passwords.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        words = {user: secrets.token_urlsafe(12) for user in USERS}
        with os.fdopen(os.open(self._passwords, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(words, file)

    @property
    def _stamp_file(self) -> Path:
        return self._home / "airflow" / "schema.json"

    def _stamp(self) -> list[str] | None:
        return json.loads(self._stamp_file.read_text("utf-8")) if self._stamp_file.exists() else []

    def _schema(self) -> list[str] | None:
        """Airflow's version and the schema's; None when there is no schema."""
        with psycopg.connect(self._database) as session:
            try:
                row = session.execute("SELECT version_num FROM alembic_version").fetchone()
            except psycopg.errors.UndefinedTable:
                return None
        return [version("apache-airflow-core"), row[0]] if row else None

    def _airflow(self, name: str, *arguments: str) -> None:
        self._processes.start(name, [sys.executable, "-m", "airflow", *arguments], self._environment, ROOT)

    def _is_healthy(self) -> bool:
        try:
            health = self._rest.get(f"{self.url}/api/v2/monitor/health", timeout=5).json()
        except (requests.RequestException, ValueError):
            return False
        return all((health.get(part) or {}).get("status") == "healthy" for part in ("scheduler", "dag_processor"))

    def _has(self, dags: list[str]) -> bool:
        if errors := self.import_errors():
            raise NotReady(f"A DAG file can't be loaded: {errors[0].strip().splitlines()[-1]}")
        known = {dag["dag_id"] for dag in self._send("GET", "/api/v2/dags?limit=100")["dags"]}
        return known >= set(dags)

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._rest.request(method, self.url + path, json=body, timeout=60)
        if not answer.ok:
            raise NotReady(f"Airflow answers {answer.status_code} to {method} {path}: {answer.text[:300]}")
        return answer.json() if answer.content else None

    def until(self, what: str, ready: Callable[[], T], seconds: float = _START_SECONDS) -> T:
        """Wait until ``ready`` gives something, and give it; raises NotReady after so many seconds, Died when a component ends."""
        deadline = time.monotonic() + seconds
        while not (found := ready()):
            self._processes.check()
            if time.monotonic() > deadline:
                raise NotReady(f"Waited {seconds:.0f} seconds for {what}.")
            time.sleep(self._pause)
        return found


def _name(task: Mapping[str, Any]) -> str:
    """``plan``, or ``extract product`` for one of several."""
    return (
        f"{task['task_id']} {task['rendered_map_index'] or task['map_index']}"
        if task["map_index"] >= 0
        else task["task_id"]
    )


def _environment(home: Path, port: int, url: str, database: str, more: Mapping[str, str]) -> dict[str, str]:
    """The environment of every component; an Airflow setting of the caller's own shell has no say here."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # without compiled files every start takes twice as long
    address = database.replace("postgresql://", "postgresql+psycopg://", 1)
    return inherited | {
        "AIRFLOW_HOME": str(ROOT),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "secrets" / "users.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": address,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "airflow" / "logs"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(home / "airflow" / "logs" / "dag_processor"),
        "KOPPEL_HOME": str(home),
        "GX_ANALYTICS_ENABLED": "false",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
        **more,
    }
