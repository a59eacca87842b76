"""(f): how long a change of stock in the ERP takes until the shop has confirmed it, through a real Airflow, and what it costs.

The lag of a change is the time of the shop's answer less the time that the ERP wrote into the row, both of this machine's clock.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests

from bench import stock_erp
from bench.figures import Figure
from bench.place import ROOT, Place, connect, say, work
from bench.sizes import Sizes
from sandbox.magento.credentials import Credentials
from scripts.local_airflow import LocalAirflow
from scripts.processes import Processes, free_port

A_SECOND = 20
SETTINGS = """
languages = ["nl", "fr", "en"]
[flows.catalogue]
source = "erp"
target = "shop"
entities = ["product"]
[flows.prices]
source = "erp"
target = "shop"
entities = ["price"]
[flows.stock]
source = "stock"
target = "shop"
entities = ["stock_level"]
[limits]
emptied_share = 1.0
[sources.erp]
kind = "sql"
connection = "erp"
signal = "koppel_stock"
[sources.shop_orders]
kind = "magento"
connection = "shop"
[sources.stock]
kind = "stock"
from = ["erp"]
orders = "shop_orders"
[targets.shop]
kind = "magento"
connection = "shop"
stores = { nl = "nl", fr = "fr", en = "en" }
create_sources = true
calls_per_minute = 100000
"""
_LAGS = """
select percentile_cont(array[0.5, 0.95, 0.99, 1.0]) within group (order by extract(epoch from at - source_at)), count(*)
from receipt where entity = 'stock_level' and outcome = 'delivered' and source_at >= %s and source_at < %s
"""
_READS = {"GET", "HEAD", "OPTIONS"}


class Scene:
    """An ERP, a shop, a ledger that knows all of it, and an Airflow whose DAG ``stock`` listens."""

    def __init__(self, place: Place, sizes: Sizes) -> None:
        self.place, self.skus = place, sizes.stock // len(stock_erp.PLACES)
        self.home = place.folder / "stock"
        self.home.mkdir(parents=True)
        self.processes = Processes(self.home)
        self.erp, self.ledger = place.database("stock_erp"), place.ledger("stock_ledger")

    def __enter__(self) -> "Scene":
        say(f"stock: {self.skus:,} SKUs in {len(stock_erp.PLACES)} places ...")
        stock_erp.fill(self.erp, self.skus)
        stock_erp.deliver_products(self.ledger, self.skus)
        self.shop_url = self._start_shop()
        config = self.place.config("stock_config", SETTINGS, {"stock_level": stock_erp.QUERY})
        for other in ("stock_location", "stock_component"):
            (config / "sql" / f"{other}.sql").unlink()
        (config / "stock.toml").write_text("".join(f"[locations.{code}]\n" for code in stock_erp.PLACES), "utf-8")
        self.environment = {**self.place.environment(config, self.ledger, self.erp), "AIRFLOW_CONN_SHOP": self._shop()}
        self.first = work("deliver", self.environment, flow="stock")
        say(f"all of it for the first time: {self.first['seconds']:.0f} s, {self.first['counts']}")
        with connect(self.ledger) as connection:
            connection.execute("vacuum analyze")
        self._start_airflow()
        return self

    def __exit__(self, *_: object) -> None:
        self.processes.stop()

    def _start_shop(self) -> str:
        port = free_port(18290)
        command = [sys.executable, "-m", "sandbox", "magento", "--port", str(port)]
        self.processes.start("shop", command, os.environ, ROOT)
        url = f"http://127.0.0.1:{port}"
        self.until("the shop to answer", 60, lambda: _answers(url))
        return url

    def _shop(self) -> str:
        known = Credentials()
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        host, _, port = self.shop_url.removeprefix("http://").partition(":")
        extra = {name: getattr(known, name) for name in names}
        return json.dumps({"conn_type": "http", "host": host, "port": int(port), "extra": extra})

    def _start_airflow(self) -> None:
        say("Airflow: starting ...")
        database = self.place.database("stock_airflow")
        self.airflow = LocalAirflow(self.processes, self.home, free_port(18280), database, self.environment)
        if self.airflow.begin_migration():
            self.airflow.finish_migration()
        self.airflow.start()
        self.airflow.wait_until_healthy(["stock"])
        self.airflow.switch_on("stock")
        self.until("the DAG stock to listen", 120, self._listens)

    def _listens(self) -> bool:
        """One change, and whether it got there."""
        with connect(self.erp) as connection, connect(self.ledger) as look:
            moment = connection.execute(
                "update stock set on_hand = on_hand + 1, modified_at = clock_timestamp() where sku = 'ART-000000001'"
                " returning modified_at"
            ).fetchone()
            time.sleep(2)
            found = look.execute("select max(source_at) from receipt where entity = 'stock_level'").fetchone()
        return bool(moment and found and found[0] and found[0] >= moment[0])

    def until(self, what: str, seconds: float, ready: Callable[[], bool]) -> float:
        """Wait until it is so; gives the seconds."""
        begun = time.monotonic()
        while not ready():
            self.processes.check()
            if time.monotonic() - begun > seconds:
                raise RuntimeError(f"Waited {seconds:.0f} seconds for {what}.")
            time.sleep(0.25)
        return time.monotonic() - begun

    def requests(self) -> list[str]:
        """The methods of all requests that the shop got so far, by its own log."""
        lines = requests.get(f"{self.shop_url}/_sandbox/log", timeout=120).json()
        return [line["method"] for line in lines if line["kind"] == "request"]

    def now(self) -> Any:
        """The time, as the database tells it."""
        with connect(self.erp) as connection:
            return connection.execute("select clock_timestamp()").fetchone()[0]  # type: ignore[index]

    def wait_until_all_arrived(self, since: Any) -> float:
        """Until the ledger holds the newest figure of every row that changed since then; gives the seconds."""

        def is_all_there() -> bool:
            with connect(self.erp) as erp, connect(self.ledger) as ledger:
                changed = dict(
                    erp.execute(
                        "select location || ':' || sku, on_hand::float from stock where modified_at >= %s", (since,)
                    ).fetchall()
                )
                there = ledger.execute(
                    "select key, (record->>'quantity')::float from delivery where entity = 'stock_level'"
                    " and key = any(%s)",
                    (list(changed),),
                ).fetchall()
            return changed == dict(there)

        return self.until("all changes to arrive", 180, is_all_there)

    def lags(self, since: Any, until: Any) -> tuple[list[float], int]:
        """Median, p95, p99 and worst of the changes of a period, in seconds, and of how many."""
        with connect(self.ledger) as connection:
            lags, count = connection.execute(_LAGS, (since, until)).fetchone() or ([0, 0, 0, 0], 0)
        return [float(lag) for lag in lags], int(count)


def measure(place: Place, sizes: Sizes) -> Iterator[Figure]:
    """The lag at a steady rate, while the scheduler is killed, and of a burst; and the requests of each."""
    with Scene(place, sizes) as scene:
        counts = scene.first["counts"]["stock_level"]
        yield Figure("stock_first_load_rows_per_second", counts["delivered"] / scene.first["seconds"])
        yield from _steady(scene, sizes.stock_seconds)
        yield from _restarted(scene)
        yield from _burst(scene, sizes.stock // 100)


def _steady(scene: Scene, seconds: float) -> Iterator[Figure]:
    before, begun = len(scene.requests()), scene.now()
    say(f"stock: {A_SECOND} changes a second for {seconds:.0f} s ...")
    with stock_erp.Sales(scene.erp, scene.skus, A_SECOND, seed=1) as sales:
        time.sleep(seconds)
    ended = scene.now()
    scene.wait_until_all_arrived(begun)
    made = scene.requests()[before:]
    (median, p95, p99, worst), count = scene.lags(begun, ended)
    say(
        f"{sales.changes} changes, {count} figures delivered; lag {median:.2f} p50, {p95:.2f} p95, {p99:.2f} p99, {worst:.2f} worst"
    )
    yield Figure("stock_changes_per_second", sales.changes / seconds)
    yield Figure("stock_lag_p50_seconds", median)
    yield Figure("stock_lag_p95_seconds", p95, "<=3")
    yield Figure("stock_lag_p99_seconds", p99, "<=6")
    writes = sum(method not in _READS for method in made)
    yield Figure("stock_requests_per_100_changes", 100 * len(made) / sales.changes, "<=1")
    yield Figure("stock_writes_per_100_changes", 100 * writes / sales.changes)


def _restarted(scene: Scene) -> Iterator[Figure]:
    begun = scene.now()
    say("stock: the scheduler is killed while things are sold, and started again ...")
    with stock_erp.Sales(scene.erp, scene.skus, A_SECOND, seed=2) as sales:
        time.sleep(5)
        scene.airflow.kill("airflow-scheduler")
        time.sleep(10)
        scene.airflow.start_again("airflow-scheduler")
        time.sleep(15)
    ended = scene.now()
    scene.wait_until_all_arrived(begun)
    (_, _, _, worst), count = scene.lags(begun, ended)
    say(f"{sales.changes} changes, {count} figures delivered, none lost; worst lag {worst:.1f} s")
    yield Figure("stock_scheduler_killed_worst_lag_seconds", worst)


def _burst(scene: Scene, rows: int) -> Iterator[Figure]:
    before, begun = len(scene.requests()), scene.now()
    say(f"stock: {rows:,} rows change at once ...")
    with connect(scene.erp) as connection:
        connection.execute(
            "update stock set on_hand = on_hand + 1, modified_at = clock_timestamp() where ctid in"
            " (select ctid from stock tablesample system (5) limit %s)",
            (rows,),
        )
    seconds = scene.wait_until_all_arrived(begun)
    made = scene.requests()[before:]
    say(f"all there after {seconds:.1f} s, with {len(made)} requests")
    yield Figure("stock_burst_seconds_per_10000", 10_000 * seconds / rows)
    yield Figure("stock_burst_requests_per_100_changes", 100 * len(made) / rows, "<=1")


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/_sandbox/settings", timeout=5).ok
    except requests.RequestException:
        return False
