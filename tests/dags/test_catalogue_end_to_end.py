"""The catalogue, all the way through a real Airflow: from the sandbox ERP into the sandbox shop, every record accounted for."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scripts.stage import Stage

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(280)]
PRODUCTS = 600  # every sown defect, and half of the demo's waiting
ENTITIES = ["category", "product", "product_text", "product_image", "product_relation"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Everything that the demo starts, on ports and folders of its own."""
    home = tmp_path_factory.mktemp("stage")
    stage = Stage(
        home, print, airflow_port=18080, shop_port=18090, products=PRODUCTS, postgres_options={"fsync": "off"}
    )
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
    row = stage.run("catalogue", tasks.__setitem__)
    return {**row, "tasks": tasks, "requests": stage.requests_that_changed()}


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


def test_the_prices_follow(stage, first):
    row = stage.run("prices", lambda task, state: None)
    assert row["status"] == "reconciled", row["error"]
    assert row["counts"]["price"]["delivered"] > 0


def test_nothing_changed_means_nothing_is_sent(stage, first):
    lines = len(stage.shop_log())
    row = stage.run("catalogue", lambda task, state: None)
    assert row["status"] == "reconciled", row["error"]
    assert stage.requests_that_changed(lines) == 0
    assert all(counts["delivered"] == 0 for counts in row["counts"].values())


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


def _effects(stage: Stage) -> list[dict]:
    """What requests and queued operations did to the shop, by its own log."""
    return [effect for line in stage.shop_log() for effect in line.get("effects", ())]
