"""What holds for every DAG, whoever writes the next one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW = ("pandas", "great_expectations", "polars", "pyarrow", "numpy")
EXPECTED = {
    "catalogue": "shop_catalogue", "prices": "shop_prices", "stock_reconcile": "shop_stock", "stock": "shop_stock",
    "quality_report": "quality_report", "work_lists": "work_lists",
}  # fmt: skip
STEPS = {"begin", "extract", "slices", "judge", "plan", "deliver", "reconcile"}
CONTINUOUS = {"stock"}
"""DAGs of one long task; all others run step by step."""
REPORTING = {"quality_report", "work_lists"}
"""DAGs that bring nothing to a target."""
POOLS = {"stock_reconcile": "shop_stock"}

# In a process of its own, because this one has imported the slow packages long ago, and as Airflow needs its own home.
LOOK = """
import json, sys, time
import airflow.sdk
from airflow.dag_processing.dagbag import DagBag
begun = time.perf_counter()
bag = DagBag(dag_folder=sys.argv[1])
seconds = time.perf_counter() - begun
from koppel.tasks import Tag
def task(one):
    return {
        "retries": one.retries, "delay": one.retry_delay.total_seconds(), "backoff": one.retry_exponential_backoff,
        "pool": one.pool, "owner": one.owner, "alerts": bool(one.on_failure_callback),
        "policy": [[rule.exception_path, rule.action.value] for rule in one.retry_policy.rules],
        "upstream": sorted(one.upstream_task_ids), "trigger": str(getattr(one.trigger_rule, "value", one.trigger_rule)),
        "outlets": [outlet.name for outlet in one.outlets],
    }
print("LOOK" + json.dumps({
    "errors": bag.import_errors, "seconds": seconds, "modules": sorted(sys.modules), "tags": [tag.value for tag in Tag],
    "dags": {dag.dag_id: {
        "catchup": dag.catchup, "runs": dag.max_active_runs, "tags": sorted(dag.tags), "doc": dag.doc_md,
        "start": dag.start_date and dag.start_date.isoformat(), "schedule": str(dag.schedule),
        "assets": [asset.name for asset in dag.schedule] if isinstance(dag.schedule, list) else [],
        "most_failures": dag.max_consecutive_failed_dag_runs, "params": dag.params.dump(), "paused": dag.is_paused_upon_creation,
        "tasks": {one.task_id: task(one) for one in dag.tasks},
    } for dag in bag.dags.values()},
}))
"""


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> dict:
    home = tmp_path_factory.mktemp("airflow")
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "KOPPEL_"))}
    settings |= {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    told = subprocess.run(
        [sys.executable, "-c", LOOK, str(ROOT / "dags")],
        env=settings,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in told.stdout.splitlines() if line.startswith("LOOK")]
    assert lines, told.stderr[-3000:]
    return json.loads(lines[0].removeprefix("LOOK"))


@pytest.fixture(params=sorted(EXPECTED.keys() - CONTINUOUS - REPORTING))
def stepwise(request: pytest.FixtureRequest, look: dict) -> dict:
    return {"dag_id": request.param, **look["dags"][request.param]}


@pytest.fixture(params=sorted(EXPECTED))
def dag(request: pytest.FixtureRequest, look: dict) -> dict:
    return {"dag_id": request.param, **look["dags"][request.param]}


def test_exactly_these_dags_are_there_and_each_loads(look):
    assert look["errors"] == {}
    assert set(look["dags"]) == set(EXPECTED)


def test_reading_the_dag_files_imports_nothing_slow_and_takes_no_time(look):
    assert "airflow.sdk" in look["modules"]
    assert [name for name in SLOW if name in look["modules"]] == []
    assert look["seconds"] < 5


def test_the_file_of_a_dag_has_its_name_and_fits_on_a_screen(look):
    files = {path.stem: path.read_text("utf-8") for path in (ROOT / "dags").glob("*.py")}
    assert set(files) == set(look["dags"])
    assert all(len(text.splitlines()) <= 45 for text in files.values())


def test_it_is_scheduled_without_catching_up_and_never_overlaps_itself(dag):
    assert dag["catchup"] is False
    assert dag["runs"] == 1


def test_switching_it_on_starts_no_run_for_a_time_that_has_passed(stepwise):
    assert stepwise["start"] is None


def test_a_continuous_dag_has_a_start_and_stops_when_it_only_fails(look):
    for name in CONTINUOUS:
        dag = look["dags"][name]
        assert dag["schedule"] == "@continuous", name
        assert dag["start"], "without one it runs once and never again"
        assert dag["most_failures"] > 0, "or it would fail for ever, with a mail each time"
        assert len(dag["tasks"]) == 1


def test_its_tags_are_known_ones(look, dag):
    assert dag["tags"]
    assert set(dag["tags"]) <= set(look["tags"])


def test_its_page_says_why_when_and_what_to_do(dag):
    for heading in ("**Why**", "**When**", "**If it fails**", "**Secrets**"):
        assert heading in dag["doc"]


def test_its_form_offers_window_keys_and_dry_run_and_starts_harmless(stepwise):
    assert stepwise["params"] == {"since": None, "until": None, "keys": [], "dry_run": False}


def test_every_task_has_an_owner_retries_that_wait_longer_each_time_and_an_alert(dag):
    for name, task in dag["tasks"].items():
        assert task["owner"] == "koppel", name
        assert task["retries"] >= 2, name
        assert task["delay"] >= 10, name
        assert task["backoff"] >= 2, name
        assert task["alerts"], name


def test_it_has_all_the_steps_of_a_run(stepwise):
    assert set(stepwise["tasks"]) - {"compare"} == STEPS


def test_only_what_waiting_can_mend_is_tried_again(dag):
    for task in dag["tasks"].values():
        waits, gives_up = task["policy"]
        assert waits == ["koppel.errors.SourceDown,koppel.errors.TargetDown,koppel.errors.LedgerDown", "retry"]
        assert gives_up == ["koppel.errors.KoppelError", "fail"]


def test_nothing_is_delivered_before_the_plan_and_only_through_the_pool_of_the_target(stepwise):
    tasks = stepwise["tasks"]
    assert "plan" in tasks["deliver"]["upstream"]
    assert "judge" in tasks["plan"]["upstream"]
    assert "deliver" in tasks["reconcile"]["upstream"]
    assert tasks["deliver"]["pool"] == POOLS.get(stepwise["dag_id"], "shop")


def test_what_is_compared_is_compared_before_it_is_read(look):
    assert "compare" in look["dags"]["stock_reconcile"]["tasks"]["extract"]["upstream"]


def test_others_can_wait_for_its_asset(dag):
    last = next(dag["tasks"][name] for name in ("reconcile", "listen", "publish", "pick_up") if name in dag["tasks"])
    assert last["outlets"] == [EXPECTED[dag["dag_id"]]]


def test_the_report_follows_the_catalogue_and_needs_no_figures_of_trade(look):
    dag = look["dags"]["quality_report"]
    assert "shop_catalogue" in dag["schedule"] or dag["assets"] == ["shop_catalogue"]
    assert dag["tasks"]["publish"]["trigger"] == "all_done"
    assert dag["tasks"]["publish"]["upstream"] == ["trade"]
    assert dag["tasks"]["post"]["upstream"] == ["publish"]
