"""The whole stage of the demo and of the end-to-end test: PostgreSQL, the sandbox ERP and shop, the ledger, and Airflow."""

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import requests

from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger, now
from koppel.settings import Settings
from sandbox.magento.credentials import Credentials
from scripts.local_airflow import ROOT, LocalAirflow, NotReady
from scripts.processes import Died, Processes, free_port

if TYPE_CHECKING:
    from sandbox.erp.till import Tills

DAGS = ("catalogue", "prices", "stock_reconcile")
"""What the demo runs, one after the other; then the DAG ``stock`` listens."""
REPORT = "quality_report"
"""The DAG that tells how good the data is; it runs after these."""
LISTENING = "stock"
FLOW_OF = {"stock_reconcile": "stock"}
"""The flow of a DAG that does not bear its name."""
FILLED = "filled by the sandbox"
"""The comment on the ERP's database once it is complete; one that was left half-made has none, and is made anew."""
_SHOP_SECONDS = 60.0
_RUN_SECONDS = 900.0
_READS = {"GET", "HEAD", "OPTIONS"}


@dataclass
class Stage:
    """Everything that a flow runs on, below one folder.

    ``say`` hears what is being done, in a few words. ``airflow_port``, ``shop_port``: wished for; the next free one is taken.
    ``products``: how many the ERP has. ``airflow_settings``: AIRFLOW__SECTION__KEY, besides those of airflow.cfg. ``pause``:
    seconds between two looks at what Airflow does.
    """

    home: Path
    say: Callable[[str], None]
    airflow_port: int = 8080
    shop_port: int = 8090
    products: int = 1200
    postgres_options: Mapping[str, str] = field(default_factory=dict)
    airflow_settings: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.25

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.processes = Processes(self.home)
        self.postgres = EmbeddedPostgres(self.home / "postgres", self.postgres_options)

    def set_up(self) -> None:
        """Bring everything up; what is there from an earlier time is used."""
        self.say("PostgreSQL: starting")
        self.postgres.start()
        self.ledger = Ledger(self.postgres.database("ledger"))
        self._start_shop()
        environment = {**self._connections(), **self.airflow_settings}
        port = free_port(self.airflow_port)
        database = self.postgres.database("airflow")
        self.airflow = LocalAirflow(self.processes, self.home, port, database, environment, self.pause)
        is_migrating = self.airflow.begin_migration()
        self._fill_erp()
        with self.tills():
            pass
        self.ledger.migrate()
        if is_migrating:
            self.say("Airflow: making its database")
            self.airflow.finish_migration()
        self.say(f"Airflow: starting on {self.airflow.url}")
        self.airflow.start()
        self._wait_for_shop()
        self.airflow.wait_until_healthy([*DAGS, REPORT, LISTENING])
        self._end_unfinished()
        for target in {Settings.load().flow(FLOW_OF.get(dag, dag)).target for dag in DAGS}:
            self.airflow.set_pool(target, 1)
            self.airflow.set_pool(f"{target}_stock", 1)

    def run(
        self, dag: str, ended: Callable[[str, str], None], running: Callable[[list[str]], None] | None = None
    ) -> dict[str, Any]:
        """Run a DAG to its end; gives the run's row in the ledger (``run_id``, ``status``, ``counts``...).

        ``ended`` hears of each task that ends, with its state; ``running`` again and again of the tasks that run.
        """
        airflow_run = self.airflow.trigger(dag)
        state = self.airflow.follow(dag, airflow_run, _RUN_SECONDS, ended, running or _ignore)
        run_id = self.airflow.result(dag, airflow_run, "begin")
        if run_id is None:
            raise NotReady(
                f"The DAG {dag} ended with {state} before it had a run; see {self.home / 'airflow' / 'logs'}."
            )
        return self.ledger.run(run_id)

    def report(self, ended: Callable[[str, str], None]) -> str:
        """Have the report made; gives its name, empty where there is none."""
        run = self.airflow.trigger(REPORT)
        self.airflow.follow(REPORT, run, _RUN_SECONDS, ended, _ignore)
        return str(self.airflow.result(REPORT, run, "publish") or "")

    def listen(self) -> None:
        """Let the DAG ``stock`` listen from now on, and wait until it does."""
        begun = now()
        self.airflow.switch_on(LISTENING)

        def is_listening() -> bool:
            runs = [row for row in self.ledger.runs() if row["flow"] == "stock" and row["started_at"] > begun]
            return any(row["status"] == "running" and row["counts"] for row in runs)

        self.airflow.until(f"the DAG {LISTENING} to listen", is_listening)

    @contextmanager
    def tills(self) -> Iterator["Tills"]:
        """The tills of the four shops, open."""
        from sandbox.erp.till import Tills

        with psycopg.connect(self.postgres.url("erp"), autocommit=True) as connection:
            tills = Tills(connection, self.home / "tills")
            tills.open()
            yield tills

    def for_sale(self, sku: str) -> float | None:
        """How many of a product the storefront offers, as its page shows it; None when no page does."""
        path = f"{self.shop_url}/{Settings.load().languages[0]}/stock/{quote(sku, safe='')}"
        answer = _local().get(path, timeout=30)
        return float(answer.json()["quantity"]) if answer.ok else None

    def requests_that_changed(self, since: int = 0) -> int:
        """How many requests that change something the shop was sent, by its own log, after so many log lines."""
        return sum(1 for line in self.shop_log(since) if line["kind"] == "request" and line["method"] not in _READS)

    def shop_log(self, since: int = 0) -> list[dict[str, Any]]:
        """The shop's own log, after so many lines."""
        return list(_local().get(f"{self.shop_url}/_sandbox/log", params={"since": since}, timeout=60).json())

    def tear_down(self) -> None:
        """Stop all that was started; data stays."""
        with suppress(NotReady, AttributeError, requests.RequestException):
            for dag in (LISTENING, REPORT):  # so that the next time they wait for their turn
                self.airflow.switch_off(dag)
        self.processes.stop()
        self.postgres.stop()

    def _end_unfinished(self) -> None:
        """No run goes on when its Airflow is gone; what it delivered the ledger knows, and the next run does the rest."""
        for dag in (*DAGS, REPORT, LISTENING):
            self.airflow.end_unfinished(dag)
        for row in self.ledger.runs():
            if row["status"] == "running":
                self.ledger.end_run(row["run_id"], "failed", error="The demo was ended while it ran.")

    def _start_shop(self) -> None:
        port = free_port(self.shop_port)
        self.shop_url = f"http://127.0.0.1:{port}"
        self.say(f"The sandbox shop: starting on {self.shop_url}")
        state = self.home / "shop.state"
        command = [sys.executable, "-m", "sandbox", "magento", "--port", str(port), "--state", str(state)]
        self.processes.start("shop", command, os.environ, ROOT)

    def _wait_for_shop(self) -> None:
        deadline = time.monotonic() + _SHOP_SECONDS
        while time.monotonic() < deadline:
            self.processes.check()
            try:
                if _local().get(f"{self.shop_url}/_sandbox/settings", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise Died(f"The sandbox shop does not answer on {self.shop_url}; see {self.processes.log('shop')}.")

    def _fill_erp(self) -> None:
        from sandbox import erp

        url = self.postgres.database("erp")
        with psycopg.connect(url, autocommit=True) as session:
            comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'erp'"
            is_filled = session.execute(comment).fetchone() == (FILLED,)
        if is_filled:
            return
        self.say("The sandbox ERP: filling it with a retailer's products")
        self.postgres.drop("erp")
        today = datetime.now(ZoneInfo("Europe/Brussels")).replace(tzinfo=None)
        erp.build(self.postgres.database("erp"), self.home / "media", products=self.products, now=today)
        with psycopg.connect(url, autocommit=True) as session:
            session.execute(f"COMMENT ON DATABASE erp IS '{FILLED}'")

    def _connections(self) -> dict[str, str]:
        """The connections, for Airflow's tasks; and in a file, for ``koppel`` in another terminal."""
        host, port = self.shop_url.removeprefix("http://").split(":")
        known = Credentials()
        keys = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        shop = {
            "conn_type": "http",
            "host": host,
            "port": int(port),
            "extra": {key: getattr(known, key) for key in keys},
        }
        values = {
            "AIRFLOW_CONN_ERP": self.postgres.url("erp"),
            "AIRFLOW_CONN_SHOP": json.dumps(shop),
            "KOPPEL_HOME": str(self.home),
            "KOPPEL_LEDGER_URL": self.postgres.url("ledger"),
            "KOPPEL_MEDIA": str(self.home / "media"),
        }
        self.environment_file.unlink(missing_ok=True)
        with os.fdopen(os.open(self.environment_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
        return values

    @property
    def environment_file(self) -> Path:
        """A shell file with the addresses and credentials of this stage, readable by its owner only."""
        return self.home / "environment"


def _ignore(_names: list[str]) -> None:
    """Nobody asked what runs."""


def _local() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
