"""The plugins as Airflow serves them, on a ledger that holds some stock."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger, now
from tests.koppel import stock_ledger
from tests.koppel.stock_ledger import StockLedger

ROOT = Path(__file__).parents[2]
EVIL = "</td><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
STOCK_TOML = (
    stock_ledger.STOCK_TOML
    + f"""
[locations.EVIL]
name = {json.dumps(EVIL)}
source = "evil"
"""
)


@dataclass(frozen=True)
class Served:
    """Where the plugins are served, with a token per role, on which ledger."""

    url: str
    tokens: dict[str, str]
    stock: StockLedger

    def get(self, path: str, role: str | None = "VIEWER") -> requests.Response:
        """A request by a user of this role; None: nobody is logged in."""
        session = requests.Session()
        session.trust_env = False
        cookies = {"_token": self.tokens[role]} if role else {}
        return session.get(self.url + path, cookies=cookies, timeout=60)


@pytest.fixture(scope="session")
def stock(postgres: EmbeddedPostgres, ledger_template: str) -> Iterator[StockLedger]:
    """A ledger with two locations, a hostile one, and something of everything."""
    ledger = Ledger(postgres.database("ledger_of_plugins", template=ledger_template))
    stock = StockLedger(ledger, now())
    stock.heard("MECH", 1)
    stock.heard("ANT", 90)
    for number in range(40):
        stock.record(f"MECH:HAN-{number:04}")
        stock.took(f"MECH:HAN-{number:04}", 1 + number / 20, minutes=5 + 30 * number)
    for number in range(60):
        stock.record(
            f"ANT:HAN-{number:04}", "held back", f"On hand is -{number + 1}; count it again.", fingerprint=None
        )
    stock.record(f"EVIL:{EVIL}", "failed", EVIL)
    stock.run("20261126-stock-1", counts={"stock_level": {"read": 101, "delivered": 40, "held_back": 60, "failed": 1}})
    yield stock
    ledger.close()


@pytest.fixture(scope="session")
def served(stock: StockLedger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The plugins, served by a process of its own: Airflow sets up logging and a home wherever it is imported."""
    home = tmp_path_factory.mktemp("airflow")
    stock_ledger.settings(home, STOCK_TOML)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    environment = inherited | {
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a-secret-of-this-test-only-" * 3, "KOPPEL_CONFIG": str(home),
        "KOPPEL_LEDGER_URL": stock.ledger.url.replace("+psycopg", ""),
    }  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-m", "tests.plugins.served"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if line.startswith("SERVED ")), None)
            assert line, "it says where it listens"
            said = json.loads(line.removeprefix("SERVED "))
            yield Served(f"http://127.0.0.1:{said['port']}", said["tokens"], stock)
        finally:
            process.terminate()
