"""A target that answers HTML, half a JSON, nothing, slowly, or 500 after the work: the rest flows, and no secret leaves."""

import logging
from typing import Any

import pytest
from typer.testing import CliRunner

from koppel import flow
from koppel.cli import app
from koppel.errors import TargetDown
from koppel.window import Window
from tests.promise.scene import Scene, check_no_secret, check_same

FRENCH = "^/rest/fr/V1/products$"
ONE_BY_ONE = ("sync_records = 2", "sync_records = 1000")


@pytest.fixture
def small(here: Scene) -> Scene:
    """Three products, which go to the shop one by one."""
    settings = here.company.config / "koppel.toml"
    settings.write_text(settings.read_text().replace(*ONE_BY_ONE))
    here.company.stock_up(3)
    return here


@pytest.fixture(scope="module")
def clean() -> dict[str, Any]:
    """The shop after a run of the same three products that met nothing bad; empty until the first test has made it."""
    return {}


def catalogue() -> dict[str, dict[str, int]]:
    return dict(flow.run_here(flow.begin("catalogue", Window())))["reconcile"]


def texts(scene: Scene, language: str) -> dict[str, tuple[str, str]]:
    """State and reason of the texts of a language."""
    keys = [f"{language}:{sku}" for sku in scene.company.skus()]
    rows = scene.ledger.standing("shop", "product_text", keys)
    return {key: (row["state"], row["reason"]) for key, row in rows.items()}


@pytest.mark.parametrize("kind", ["error_after", "half_json", "cut", "empty", "slow", "timeout_after", "reset_after"])
def test_work_that_was_done_counts_though_the_answer_is_bad(small: Scene, kind: str, clean: dict[str, Any]) -> None:
    small.shop.faults({"kind": kind, "path": FRENCH, "method": "POST", "delay": 0.6})
    counts = catalogue()
    assert counts["product_text"] == dict(counts["product_text"], read=6, delivered=6, failed=0)
    assert set(texts(small, "fr").values()) == {("delivered", "")}
    small.shop.faults()
    small.is_settled()
    rough = small.shop.content()
    if not clean:
        small.clear()
        catalogue()
        clean.update(small.shop.content())
    check_same(rough, clean, kind)


@pytest.mark.parametrize("kind", ["html", "error_before", "reset_before"])
def test_what_did_not_arrive_is_named_and_the_rest_flows(
    small: Scene, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    small.company.run("delete from product_text where language = 'fr' and sku <> 'SKU-002'")
    small.company.run("delete from product_image")
    small.shop.faults({"kind": kind, "path": FRENCH, "method": "POST"})
    counts = catalogue()
    assert counts["product"]["delivered"] == 3
    assert counts["product_text"] == dict(counts["product_text"], read=4, delivered=3, failed=1)
    state, reason = texts(small, "fr")["fr:SKU-002"]
    assert state == "failed"
    assert "next run" in reason
    assert set(texts(small, "nl").values()) == {("delivered", "")}
    check_no_secret(small, caplog.text)
    small.shop.faults()
    catalogue()
    assert texts(small, "fr")["fr:SKU-002"] == ("delivered", "")
    small.is_settled()


def test_an_address_where_no_shop_answers_is_said_in_three_lines(
    small: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """As on the command line; HTML instead of JSON is what a wrong host or a login page gives."""
    caplog.set_level(logging.DEBUG)
    small.shop.faults({"kind": "html", "path": "^/rest/"})
    result = CliRunner().invoke(app, ["run", "catalogue"])
    assert result.exit_code == 1
    assert "gives no usable answer" in result.output
    assert "Nothing was sent." in result.output
    assert "again" in result.output
    check_no_secret(small, caplog.text, result.output)
    assert small.ledger.runs(1)[0]["status"] == "failed"


def test_a_shop_that_refuses_us_is_named_without_the_password(small: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Any = small.shop.connection.replace(small.shop.secrets["access_token"], "nobodysaccesstoken00000000000009")
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", wrong)
    result = CliRunner().invoke(app, ["run", "catalogue"])
    assert result.exit_code == 1
    assert "nobodysaccesstoken" not in result.output
    assert small.shop.content()["products"] == {}
    check_no_secret(small, result.output)


def test_a_shop_that_goes_down_half_way_leaves_what_was_confirmed(small: Scene) -> None:
    small.shop.faults({"kind": "maintenance", "path": FRENCH})
    with pytest.raises(TargetDown) as caught:
        catalogue()
    assert caught.value.kept
    assert caught.value.do
    assert small.ledger.counts("shop", "product") == {"delivered": 3}
    french = texts(small, "fr")
    assert {state for state, _ in french.values()} == {"failed"}
    assert all("next run" in reason for _, reason in french.values())
    small.shop.faults()
    catalogue()
    small.is_settled()
