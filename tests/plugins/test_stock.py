"""The page of the stock as Airflow mounts it: who may see it, what it answers, and that no task pays for it."""

import os
import subprocess
import sys

import pytest

from tests.koppel.html_page import Page
from tests.plugins.conftest import ROOT, Served

PATHS = ("/stock/", "/stock/status.json")


@pytest.mark.parametrize("path", [*PATHS, "/down/", "/down/status.json"])
def test_nobody_sees_it_without_logging_in(served: Served, path):
    answer = served.get(path, role=None)
    assert answer.status_code == 401
    assert "Magazijn" not in answer.text


@pytest.mark.parametrize("path", ["/stock/docs", "/stock/openapi.json", "/stock/redoc", "/stock/../stock/nothing"])
def test_nothing_else_is_served(served: Served, path):
    assert served.get(path, role=None).status_code == 404
    assert served.get(path).status_code == 404


@pytest.mark.parametrize("role", ["VIEWER", "ADMIN"])
@pytest.mark.parametrize("path", PATHS)
def test_whoever_is_logged_in_may_see_it(served: Served, path, role):
    assert served.get(path, role).status_code == 200


def test_a_token_that_airflow_did_not_sign_opens_nothing(served: Served):
    forged = {**served.tokens, "VIEWER": served.tokens["VIEWER"][:-8] + "AAAAAAAA"}
    assert Served(served.url, forged, served.stock).get("/stock/").status_code in {401, 403}


def test_page_and_json_tell_the_same(served: Served):
    told, shown = served.get("/stock/status.json").json(), Page(served.get("/stock/").text)
    shown.check()
    for row, one in zip(shown.rows("places"), told["places"], strict=True):
        assert row[-4:] == [str(one["counted"][name]) for name in ("standing", "held_back", "failed", "waiting")]
        assert one["name"] in row[0]
        assert {"fresh": "✓ fresh", "stale": "⚠ stale", "unheard": "○ not reported"}[one["hearing"]] in row[1]
    assert len(shown.rows("troubles")) == len(told["troubles"]) == 50
    assert len(shown.rows("buckets")) == sum(one["lag"]["count"] > 0 for one in told["lags"]["buckets"])
    assert {one["code"] for one in told["places"]} == {"MECH", "ANT", "EVIL"}
    assert told["total"] == {
        "standing": 41, "held_back": 60, "failed": 1, "waiting": 0, "reasons": [["On hand is -…; count it again.", 60]],
    }  # fmt: skip


@pytest.mark.parametrize("path", [*PATHS, "/down/", "/down/status.json"])
def test_every_answer_forbids_what_it_does_not_need(served: Served, path):
    headers = served.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_every_page_has_a_nonce_of_its_own(served: Served):
    policies = {served.get("/stock/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_a_ledger_that_is_down_is_a_page_that_says_what_to_do(served: Served):
    answer, told = served.get("/down/"), served.get("/down/status.json")
    assert (answer.status_code, told.status_code) == (503, 503)
    Page(answer.text).check()
    assert "koppel doctor" in answer.text
    assert told.json()["error"] == "The ledger does not answer."
    for text in (answer.text, told.text):
        assert "verysecretword" not in text
        assert "127.0.0.1" not in text
        assert "Traceback" not in text


LOOK = """
import sys
from airflow.sdk.execution_time import task_runner
from airflow.sdk.plugins_manager import integrate_macros_plugins
integrate_macros_plugins()
assert {"stock", "quality"} <= set(sys.modules), "Airflow found the plugins"
pages = ("fastapi", "airflow.api_fastapi.core_api.security", "koppel.stock_app", "data_quality.report.pages")
print("LOADED", *[name for name in pages if name in sys.modules])
"""


def test_a_task_that_loads_the_plugins_imports_nothing_of_the_pages(tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")} | {
        "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-c", LOOK]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    assert [line for line in done.stdout.splitlines() if line.startswith("LOADED")] == ["LOADED"]
