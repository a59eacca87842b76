"""The plugins as Airflow serves them, on a ledger that holds some stock, and products with problems."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from data_quality.report import store
from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger, now
from tests.data_quality.report.samples import sample_report
from tests.data_quality.worklist.lists import Shop, shop
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


OWNERS_TOML = f"""
[people.an]
name = "An Peeters"
language = "nl"

[people.eve]
name = {json.dumps(EVIL)}
language = "fr"

[roles]
purchasing = "an"
marketing = "an"
it = "eve"
warehouse = "an"

[products."A-2"]
marketing = "eve"
"""


@dataclass(frozen=True)
class Served:
    """Where the plugins are served, with a token per role, on which ledger."""

    url: str
    tokens: dict[str, str]
    stock: StockLedger

    def get(self, path: str, role: str | None = "VIEWER", **headers: str) -> requests.Response:
        """A request by a user of this role; None: nobody is logged in."""
        return self.send("GET", path, role, headers=headers)

    def send(self, method: str, path: str, role: str | None = "USER", **values: Any) -> requests.Response:
        """Any request; redirects are not followed."""
        session = requests.Session()
        session.trust_env = False
        cookies = {"_token": self.tokens[role]} if role else {}
        return session.request(method, self.url + path, cookies=cookies, timeout=60, allow_redirects=False, **values)


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
def quality(stock: StockLedger, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """On the same ledger six products with problems; beside its config folder that of a shop without reports, and a broken one."""
    root = tmp_path_factory.mktemp("company")
    made = shop(stock.ledger, root, products=6)
    (made.settings.root / "stock.toml").write_text(STOCK_TOML, "utf-8")
    (made.settings.root / "owners.toml").write_text(OWNERS_TOML, "utf-8")
    shutil.copytree(made.settings.root, root / "empty" / "config")
    (root / "broken" / "config").mkdir(parents=True)
    (root / "broken" / "config" / "koppel.toml").write_text("languages = [", "utf-8")
    return made


@pytest.fixture(scope="session")
def reports(quality: Shop) -> tuple[str, str]:
    """The names of two reports, the latest first: one that holds what hostile names can do, and a smaller one of a day before."""
    report = sample_report(14, languages=("nl", "fr"))
    older = replace(report, made_at=report.made_at - timedelta(days=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("KOPPEL_HOME", raising=False)
        store.publish(older, quality.settings, ("nl",))
        latest = store.publish(report, quality.settings, ("nl", "fr"))
        return latest.name, store.every(quality.settings, "shop")[1].name


@pytest.fixture(scope="session")
def served(
    stock: StockLedger, quality: Shop, reports: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The plugins, served by a process of its own: Airflow sets up logging and a home wherever it is imported."""
    home = tmp_path_factory.mktemp("airflow")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "KOPPEL_"))}
    environment = inherited | {
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a-secret-of-this-test-only-" * 3, "KOPPEL_CONFIG": str(quality.settings.root),
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
