"""Catalogue, prices and stock through a real Airflow: from the sandbox ERP into the sandbox shop, every record accounted for."""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import requests

from koppel.entities import STOCK_LEVEL, split_key
from scripts.stage import REPORT, Stage
from tests.chromium import Chromium, needs_chromium

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(280)]
PRODUCTS = 600  # every sown defect, and half of the demo's waiting
SOON_NOTICED = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "8",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "2",
}
"""That a task is gone is noticed within seconds, where airflow.cfg allows it a minute."""
FRUGAL = {
    "AIRFLOW__CORE__PARALLELISM": "3",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "600",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
}
"""Half of what an Airflow takes it takes to look whether there is something to do; here other tests want the processor. Each worker
imports its own run-time, and no DAG file changes."""
ENTITIES = ["category", "product", "product_text", "product_image", "product_relation"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Everything that the demo starts, on ports and folders of its own."""
    home = tmp_path_factory.mktemp("stage")
    stage = Stage(
        home, print, airflow_port=18080, shop_port=18090, products=PRODUCTS, postgres_options={"fsync": "off"},
        airflow_settings=SOON_NOTICED | FRUGAL, pause=1,
    )  # fmt: skip
    stage.processes.stop_left_over()
    try:
        stage.set_up()
        yield stage
    finally:
        stage.tear_down()


@pytest.fixture(scope="module")
def first(stage: Stage) -> dict:
    """The first run of the catalogue."""
    tasks: dict[str, str] = {}
    stage.airflow.switch_on(REPORT)  # before, as a DAG that is off hears of no asset
    row = stage.run("catalogue", tasks.__setitem__)
    return {**row, "tasks": tasks, "requests": stage.requests_that_changed()}


@pytest.fixture(scope="module")
def reported(stage: Stage, first: dict) -> dict:
    """The run of the report's DAG that followed the first run of the catalogue."""
    run = stage.airflow.until("the report to follow the catalogue", lambda: _runs(stage, REPORT))[0]
    tasks: dict[str, str] = {}
    stage.airflow.follow(REPORT, run["dag_run_id"], 120, tasks.__setitem__, lambda names: None)
    stage.airflow.switch_off(REPORT)  # one report is enough: the next runs of the catalogue go without
    told = {task: stage.airflow.result(REPORT, run["dag_run_id"], task) for task in tasks}
    return {**run, "tasks": tasks, "told": told}


def test_the_run_reconciles_and_every_record_is_accounted_for(first):
    assert first["status"] == "reconciled", first["error"]
    assert set(first["counts"]) == set(ENTITIES)
    for entity, counts in first["counts"].items():
        assert counts["read"] == counts["delivered"] + counts["unchanged"] + counts["held_back"] + counts["failed"], (
            entity
        )
        assert counts["delivered"] > 0, entity
    assert first["counts"]["product"]["read"] > PRODUCTS * 0.9
    assert first["counts"]["product_text"]["held_back"] > 0, "the defects that were sown are found"
    assert first["requests"] > 0


def test_each_entity_and_each_slice_was_a_task_of_its_own(first):
    assert all(state.startswith("success") for state in first["tasks"].values()), first["tasks"]
    for entity in ENTITIES:
        assert f"extract {entity}" in first["tasks"]
        assert f"judge {entity} 0" in first["tasks"]


def test_the_shop_shows_what_was_delivered(stage, first):
    delivered = stage.ledger.counts("shop", "product")["delivered"]
    created = [one["key"] for one in _effects(stage) if (one["entity"], one["effect"]) == ("product", "created")]
    assert len(created) == len(set(created)) == delivered


def test_the_report_follows_by_itself_and_without_a_mail_server_no_mail_is_sent(reported):
    assert reported["run_type"] == "asset_triggered"
    assert {name: state.split()[0] for name, state in reported["tasks"].items()} == dict.fromkeys(
        ("trade", "publish", "post"), "success"
    )
    assert reported["told"]["trade"] > 0
    assert reported["told"]["post"] == {"sent": 0, "before": 0, "failed": 0}


def test_the_report_stands_in_every_language_and_form_and_counts_every_product_of_the_ledger(stage, reported):
    folder = stage.home / "reports" / "shop" / reported["told"]["publish"]
    wanted = {
        f"quality-{language}.{form}" for language in ("nl", "fr", "de", "en") for form in ("html", "xlsx", "json")
    }
    assert {file.name for file in folder.iterdir()} == wanted
    assert all(file.stat().st_size > 1000 for file in folder.iterdir())
    told = json.loads((folder / "quality-en.json").read_text("utf-8"))
    held = {one["sku"] for one in told["held"]}
    unread = {one["key"] for one in told["left_out"] if one["entity"] == "product" and not one["is_counted"]}
    assert told["ready"]["count"] > 0
    assert held
    assert told["ready"]["count"] + len(held) == len(told["products"])
    assert len(told["products"]) + len(unread) == sum(stage.ledger.counts("shop", "product").values())


def test_the_prices_follow(stage, first):
    row = stage.run("prices", lambda task, state: None)
    assert row["status"] == "reconciled", row["error"]
    assert row["counts"]["price"]["delivered"] > 0


@pytest.fixture(scope="module")
def stocked(stage: Stage, first: dict) -> dict:
    """All of the stock in the shop, and the DAG ``stock`` listening."""
    row = stage.run("stock_reconcile", lambda task, state: None)
    stage.listen()
    return row


def test_the_stock_follows_and_every_figure_is_the_shops(stage, stocked):
    assert stocked["status"] == "reconciled", stocked["error"]
    counts = stocked["counts"]["stock_level"]
    assert counts["delivered"] > PRODUCTS
    assert counts["read"] == counts["delivered"] + counts["unchanged"] + counts["held_back"] + counts["failed"]
    places = {split_key(STOCK_LEVEL, key)[0] for key in stage.ledger.standing_keys("shop", "stock_level")}
    assert places == {"MECH", "GENT", "LIEG", "ANT", "BRU", "LEU", "NAM"}
    assert counts["held_back"] > 0, "what waits for its product, and the counts that were sown wrong"


@needs_chromium
def test_a_change_in_the_erp_is_seen_on_the_storefront_without_a_reload(stage, stocked):
    sku, before = _sold_in(stage, "MECH")
    shown = "document.querySelector('#stock .available').textContent.replace(/[^0-9]/g, '')"
    with Chromium() as browser, browser.tab() as tab:
        tab.open(f"{stage.shop_url}/nl/search?q={sku}")
        tab.open(tab.evaluate("document.querySelector('li.card a').href"))
        assert tab.evaluate(shown) == f"{before:.0f}"
        tab.evaluate("window.wasNotReloaded = true")
        _update(stage, "update voorraad set aantal = aantal + 1000 where artnr = %s and magazijn = 'MECH'", sku)
        tab.wait_for(f"{shown} === '{before + 1000:.0f}'")
        assert tab.evaluate("window.wasNotReloaded")
    assert stage.for_sale(sku) == before + 1000


def test_nothing_is_lost_while_the_scheduler_is_killed_and_started_again(stage, stocked):
    sku, before = _sold_in(stage, "GENT")
    stage.airflow.kill("airflow-scheduler")
    _update(stage, "update voorraad set aantal = aantal + 500 where artnr = %s and magazijn = 'GENT'", sku)
    stage.airflow.start_again("airflow-scheduler")
    stage.airflow.until("the change to arrive", lambda: stage.for_sale(sku) == before + 500, seconds=120)
    assert stage.ledger.open_attempts("shop") == []


def test_the_page_of_the_stock_is_in_airflows_navigation_and_knows_every_place(stage, stocked):
    headers = {"Authorization": stage.airflow.authorization}
    told = requests.get(f"{stage.airflow.url}/stock/status.json", headers=headers, timeout=60).json()
    assert {place["code"] for place in told["places"]} == {"MECH", "GENT", "LIEG", "ANT", "BRU", "LEU", "NAM"}
    views = requests.get(f"{stage.airflow.url}/api/v2/plugins", headers=headers, timeout=60).json()["plugins"]
    assert "/stock/" in {view["href"] for plugin in views for view in plugin["external_views"]}
    assert requests.get(f"{stage.airflow.url}/stock/", timeout=60).status_code == 401


def test_everything_listens_on_loopback_only(stage, first):
    started = [one for program in stage.processes.running() for one in program.family()]
    listening = {
        connection.laddr
        for process in started
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {place.ip for place in listening} == {"127.0.0.1"}
    assert len(listening) == 2, "Airflow and the shop"


def test_no_secret_stands_in_a_log(stage, first):
    secrets = {stage.airflow.password, stage.postgres.url("x").split(":")[2].split("@")[0]}
    secrets |= {path.read_text().strip() for path in (stage.home / "secrets").iterdir() if path.suffix == ""}
    for log in [*stage.home.glob("logs/*.log"), *stage.home.glob("airflow/logs/**/*.log")]:
        text = Path(log).read_text("utf-8", "replace")
        assert not [secret for secret in secrets if secret in text], log


def _runs(stage: Stage, dag: str) -> list[dict]:
    """The runs of a DAG, as Airflow tells them."""
    headers = {"Authorization": stage.airflow.authorization}
    return requests.get(f"{stage.airflow.url}/api/v2/dags/{dag}/dagRuns", headers=headers, timeout=60).json()[
        "dag_runs"
    ]


def _effects(stage: Stage) -> list[dict]:
    """What requests and queued operations did to the shop, by its own log."""
    return [effect for line in stage.shop_log() for effect in line.get("effects", ())]


def _sold_in(stage: Stage, place: str) -> tuple[str, float]:
    """A product with stock in this place that the shop offers, and how many it offers."""
    keys = sorted(key for key in stage.ledger.standing_keys("shop", "stock_level") if key.startswith(f"{place}:"))
    rows = stage.ledger.standing("shop", "stock_level", keys, with_record=True)
    for key in keys:
        sku = split_key(STOCK_LEVEL, key)[1]
        record = rows[key]["record"]
        if (
            record.get("quantity", 0) >= 3
            and '"unit_size"' not in record["arithmetic"]
            and "status" not in record["arithmetic"]
        ):
            offered = stage.for_sale(sku)
            if offered and offered.is_integer():
                return sku, offered
    raise AssertionError(f"The shop offers nothing that lies in {place}.")


def _update(stage: Stage, statement: str, *values: object) -> None:
    with psycopg.connect(stage.postgres.url("erp"), autocommit=True) as erp:
        assert erp.execute(statement, values).rowcount == 1
