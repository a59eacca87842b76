"""Figures of trade: what the source says last is in the ledger, what can't be read is unknown, and nothing is lost on the way."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from koppel import registry, trade
from koppel.entities import Entity
from koppel.errors import ConfigError, SourceDown, SourceEmpty, SourceShape
from koppel.ledger import Ledger
from koppel.settings import Settings
from koppel.target import Check
from koppel.window import Window

CONFIG = """
[flows.catalogue]
source = "erp"
target = "shop"
entities = ["product"]
[flows.other]
source = "erp2"
target = "shop"
entities = ["product"]
[sources.erp]
kind = "sql"
connection = "erp"
[sources.erp2]
kind = "sql"
connection = "erp2"
"""
Row = dict[str, Any]


class Figures:
    """A source that gives these slices; an error among them is raised when it is reached."""

    name = "erp"

    def __init__(self, *slices: list[Row] | Exception) -> None:
        self.slices = slices

    def offers(self, entity: Entity) -> bool:
        return entity.name == "product_trade"

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        assert window.is_full
        for part in self.slices or [[]]:
            if isinstance(part, Exception):
                raise part
            yield pa.Table.from_pylist(part) if part else pa.table({"sku": pa.array([], pa.string())})

    def accounted(self, entity: Entity, run_id: str) -> None: ...

    def check(self) -> list[Check]:
        return []


class Scene:
    """A configuration, a ledger, and sources to put in their place."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, url: str) -> None:
        (folder / "koppel.toml").write_text(CONFIG, "utf-8")
        monkeypatch.setenv("KOPPEL_LEDGER_URL", url)
        self.settings, self.ledger = Settings.load(folder), Ledger.from_environment()
        self._monkeypatch = monkeypatch

    def refresh(self, *slices: list[Row] | Exception, flow: str = "catalogue") -> int:
        self._monkeypatch.setattr(registry, "source", lambda settings, name: Figures(*slices))
        return trade.refresh(self.settings, flow)

    def rows(self, source: str = "erp") -> dict[str, Row]:
        with self.ledger.transaction() as connection:
            found = connection.execute(
                text("select * from trade where source = :source"), {"source": source}
            ).mappings()
            return {row["sku"]: dict(row) for row in found}


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ledger_url: str) -> Iterator[Scene]:
    scene = Scene(monkeypatch, tmp_path, ledger_url)
    yield scene
    scene.ledger.close()


def row(sku: str | None, revenue: object = "10", **more: object) -> Row:
    return {
        "sku": sku,
        "supplier": "Nordkoek",
        "owner": "an",
        "revenue_12m_eur": revenue,
        "stock_value_eur": "5",
        **more,
    }


def test_figures_stand_in_the_ledger_as_the_source_gives_them(scene: Scene) -> None:
    hostile = "<b>Nordkoek & Zn</b> =1+1"
    assert scene.refresh([row("A", "1234.5"), row("B", None, supplier=hostile, owner=None)], [row("c:1", "0")]) == 3
    rows = scene.rows()
    assert rows["A"]["revenue_12m_eur"] == Decimal("1234.50")
    assert (rows["A"]["supplier"], rows["A"]["owner"], rows["A"]["stock_value_eur"]) == ("Nordkoek", "an", 5)
    assert (rows["B"]["supplier"], rows["B"]["owner"], rows["B"]["revenue_12m_eur"]) == (hostile, None, None)
    assert rows["c:1"]["revenue_12m_eur"] == 0


def test_only_what_differs_is_written_and_what_is_gone_is_deleted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2)]
    monkeypatch.setattr(trade, "now", lambda: days[0])
    scene.refresh([row("SAME"), row("CHANGED"), row("UNKNOWN", None), row("GONE")])
    monkeypatch.setattr(trade, "now", lambda: days[1])
    scene.refresh([row("SAME"), row("CHANGED", "11"), row("UNKNOWN", None), row("NEW")])
    written = {sku: one["at"] for sku, one in scene.rows().items()}
    assert written == {"SAME": days[0], "UNKNOWN": days[0], "CHANGED": days[1], "NEW": days[1]}


def test_two_sources_leave_each_other_alone(scene: Scene) -> None:
    scene.refresh([row("A")])
    scene.refresh([row("A", "99"), row("B")], flow="other")
    scene.refresh([row("A", "12")])
    assert scene.rows()["A"]["revenue_12m_eur"] == 12
    assert scene.rows("erp2")["A"]["revenue_12m_eur"] == 99


def test_of_a_number_that_comes_twice_the_last_row_counts(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    count = scene.refresh(
        [row("A", "1"), row("B", "7"), row("A", "2")], [row("A", "3"), row("C\n!", "1")], [row("C\n!")]
    )
    assert count == 3
    assert {sku: one["revenue_12m_eur"] for sku, one in scene.rows().items()} == {"A": 3, "B": 7, "C\n!": 10}
    [said] = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert said.startswith("3 rows of erp repeat a key; the last one counts: 'A', ")
    assert "\n" not in said


def test_what_can_not_be_read_is_unknown_and_counted(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    slices = [row("A", "veel"), row("B", "12,40"), row("C", "  ")], [row("D", "1e999", stock_value_eur="n.v.t.")]
    assert scene.refresh(*slices) == 4
    revenue = {sku: one["revenue_12m_eur"] for sku, one in scene.rows().items()}
    assert revenue == {"A": None, "B": Decimal("12.40"), "C": None, "D": None}
    assert scene.rows()["A"]["stock_value_eur"] == 5
    said = caplog.text
    assert "2 values of revenue_12m_eur in the source erp can't be read" in said
    assert "1 values of stock_value_eur in the source erp can't be read" in said
    assert "supplier" not in said


@pytest.mark.parametrize("revenue", ["999999999999.99", "999999999999.994", "999999999999.995", "1e30", "-1e13"])
def test_an_amount_beyond_what_the_ledger_holds_is_no_error(scene: Scene, revenue: str) -> None:
    assert scene.refresh([row("A", revenue), row("B")]) == 2
    assert scene.rows()["A"]["revenue_12m_eur"] in {Decimal("999999999999.99"), None}


def test_rows_without_a_number_are_left_out(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    assert scene.refresh([row(None), row(""), row(" "), row("A")]) == 1
    assert list(scene.rows()) == ["A"]
    assert "3 rows of erp have no SKU" in caplog.text


def test_numbers_that_a_shop_would_refuse_have_their_worth_too(scene: Scene) -> None:
    scene.refresh([row(" spaced "), row("x" * 90), row("kus-twee"), row("KUS-TWEE")])
    assert set(scene.rows()) == {" spaced ", "x" * 90, "kus-twee", "KUS-TWEE"}


def test_columns_as_drivers_give_them(scene: Scene) -> None:
    scene.refresh([{"sku": 1001, "revenue_12m_eur": 12.5, "stock_value_eur": 3}])
    assert (scene.rows()["1001"]["revenue_12m_eur"], scene.rows()["1001"]["stock_value_eur"]) == (Decimal("12.5"), 3)
    assert scene.rows()["1001"]["supplier"] is None


def test_nothing_where_something_was_is_an_error_that_keeps_it(scene: Scene) -> None:
    assert scene.refresh([]) == 0
    scene.refresh([row("A")])
    with pytest.raises(SourceEmpty, match="gives no figures of trade at all"):
        scene.refresh([])
    assert list(scene.rows()) == ["A"]


@pytest.mark.parametrize("error", [SourceDown("gone"), SourceShape("other")])
def test_an_error_half_way_keeps_the_figures_of_last_time(scene: Scene, error: Exception) -> None:
    scene.refresh([row("A"), row("B")])
    with pytest.raises(type(error)):
        scene.refresh([row("A", "99")], error)
    assert {one["revenue_12m_eur"] for one in scene.rows().values()} == {10}


def test_a_source_without_a_query_is_not_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    scene.refresh([row("A")])
    monkeypatch.undo()
    monkeypatch.setenv("KOPPEL_LEDGER_URL", "postgresql://nobody@127.0.0.1:1/none")  # it is not even asked
    monkeypatch.setenv("AIRFLOW_CONN_ERP", "sqlite:///erp.db")
    caplog.set_level(logging.INFO)
    assert trade.refresh(scene.settings) == 0
    assert "The source erp has no figures of trade" in caplog.text
    assert list(scene.rows()) == ["A"]


def test_a_source_of_a_kind_that_has_no_figures_is_not_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        name = "files"

    monkeypatch.setattr(registry, "source", lambda settings, name: Plain())
    assert trade.refresh(scene.settings) == 0


def test_a_flow_that_is_none_is_named(scene: Scene) -> None:
    with pytest.raises(ConfigError, match=r"\[flows\.katalog\]"):
        trade.refresh(scene.settings, "katalog")


AMOUNT = st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=2).map(str), st.sampled_from(["", "x", "1.5e3"]))
SKU = st.sampled_from(["A", "a", "B:1", " C", "é", "x\0y", ""])
SLICES = st.lists(st.lists(st.tuples(SKU, st.text(max_size=5), AMOUNT), min_size=1, max_size=6), min_size=1, max_size=3)


def _unreadable(amount: str | None) -> bool:
    return amount in {None, "", "x"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SLICES)
def test_the_ledger_holds_the_last_row_of_each_number(
    scene: Scene, slices: list[list[tuple[str, str, str | None]]]
) -> None:
    scene.refresh([row("first so that nothing is empty")])
    keep = [row("kept")]
    count = scene.refresh(*[[row(sku, amount, supplier=who) for sku, who, amount in part] for part in slices], keep)
    last = {sku.replace("\0", "\ufffd"): amount for part in slices for sku, _, amount in part if sku}
    expected = {sku: None if _unreadable(amount) else Decimal(str(amount)) for sku, amount in last.items()}
    found = {sku: one["revenue_12m_eur"] for sku, one in scene.rows().items()}
    assert found == {**expected, "kept": Decimal(10)}
    assert count == len(found)
