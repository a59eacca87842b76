"""The ledger on a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from koppel import ledger_quality  # noqa: F401 - declares its tables
from koppel.errors import ConfigError, LedgerDown, TargetError
from koppel.ledger import VERDICT_COLUMNS, Ledger
from koppel.ledger_database import _alembic
from koppel.ledger_schema import metadata

DAY = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    ledger = Ledger(ledger_url)
    yield ledger
    ledger.close()


def finding(rule: str, since: datetime) -> dict[str, Any]:
    place = {"target": "shop", "entity": "product", "key": "A", "language": "", "run_id": "r"}
    return {**place, "rule": rule, "severity": "improve", "value": "x", "reason": "Because.", "since": since}


def standing(key: str, **values: Any) -> dict[str, Any]:
    row = {"target": "shop", "entity": "product", "key": key, "state": "delivered", "reason": "", "run_id": "r"}
    return {**row, "fingerprint": "f", "source_version": 1, "since": DAY, **values}


def test_the_migrations_end_at_the_declared_schema(ledger: Ledger) -> None:
    with ledger.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "koppel_version"})
        assert compare_metadata(context, metadata) == []
    ledger.migrate()
    assert ledger.versions()[0] == ledger.versions()[1]


def test_a_ledger_that_was_in_use_keeps_what_it_knows_both_ways(ledger: Ledger) -> None:
    """To the version before the data-quality report, and back."""
    ledger.record([standing("A", record={"sku": "A"}), standing("B", state="held back", reason="Because.")])
    ledger.replace_findings("shop", "product", ["A"], [finding("one", DAY)])
    ledger.move_cursor("erp", "shop", "product", DAY, "r1")
    known = ("run", "delivery", "receipt", "attempt", "finding", "cursor", "approval", "location")

    def everything() -> list[list[Any]]:
        with ledger.transaction() as connection:
            return [connection.execute(metadata.tables[name].select()).all() for name in known]  # type: ignore[misc]

    before = everything()
    with ledger.transaction() as connection:
        config = _alembic()
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
        assert connection.execute(text("select to_regclass('judgement')")).scalar() is None
    assert everything() == before
    ledger.migrate()
    assert everything() == before
    assert ledger.versions()[0] == ledger.versions()[1]


def test_a_finding_that_stays_keeps_its_since(ledger: Ledger) -> None:
    later = DAY + timedelta(days=3)
    ledger.replace_findings("shop", "product", ["A"], [finding("one", DAY), finding("two", DAY)])
    ledger.replace_findings("shop", "product", ["A"], [finding("two", later), finding("three", later)])
    rows = ledger.rows(lambda schema: schema.finding.select())
    assert {row["rule"]: row["since"] for row in rows} == {"two": DAY, "three": later}


def test_findings_of_other_records_are_left_alone(ledger: Ledger) -> None:
    ledger.replace_findings("shop", "product", ["A"], [finding("one", DAY)])
    ledger.replace_findings("shop", "product", ["B"], [])
    assert len(ledger.rows(lambda schema: schema.finding.select())) == 1


def test_a_cursor_moves_forward_only(ledger: Ledger) -> None:
    ledger.move_cursor("erp", "shop", "product", DAY, "r1")
    ledger.move_cursor("erp", "shop", "product", DAY - timedelta(days=1), "r2")
    assert ledger.cursor("erp", "shop", "product") == DAY
    assert ledger.cursor("erp", "other", "product") is None


def test_a_verdict_leaves_what_the_target_holds(ledger: Ledger) -> None:
    ledger.record([standing("A", remote_id="7", record={"name": "Glas"})])
    ledger.record([standing("A", state="held back", reason="No photo.")], VERDICT_COLUMNS)
    row = ledger.standing("shop", "product", ["A"], with_record=True)["A"]
    assert (row["state"], row["fingerprint"], row["remote_id"], row["record"]) == (
        "held back", "f", "7", {"name": "Glas"},
    )  # fmt: skip


def test_a_nul_byte_in_an_answer_does_not_lose_the_answer(ledger: Ledger) -> None:
    ledger.record([standing("A", reason="a\0b", record={"na\0me": ["x\0"]})])
    row = ledger.standing("shop", "product", ["A"], with_record=True)["A"]
    assert row["reason"] == "a\ufffdb"
    assert row["record"] == {"na\ufffdme": ["x\ufffd"]}


def test_hostile_keys_are_only_text(ledger: Ledger) -> None:
    keys = ["'; drop table delivery; --", "a\tb\\N", "\\.", '"', "%s", "nl:é😀"]
    ledger.record([standing(key, source_version=number) for number, key in enumerate(keys)])
    assert set(ledger.standing("shop", "product", keys)) == set(keys)
    assert set(ledger.keys("shop", "product", versions=None, keys=[])["key"]) == set(keys)
    assert set(ledger.standing_keys("shop", "product")) == set(keys)


def test_bulk_reads_go_on_after_the_connection_was_cut(ledger: Ledger) -> None:
    ledger.record([standing("A")])
    assert ledger.source_versions("shop", "product").num_rows == 1
    with ledger.transaction() as connection:
        connection.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
    assert ledger.source_versions("shop", "product").num_rows == 1


def test_only_one_run_writes_to_a_target(ledger: Ledger, ledger_url: str) -> None:
    other = Ledger(ledger_url)
    with ledger.only_writer("shop"):
        with pytest.raises(TargetError, match="Another run is writing"), other.only_writer("shop"):
            pass
        with other.only_writer("accounting"):
            pass
    with other.only_writer("shop"):
        pass
    other.close()


def test_each_lane_of_a_target_has_a_writer_of_its_own(ledger: Ledger, ledger_url: str) -> None:
    other = Ledger(ledger_url)
    busy = pytest.raises(TargetError, match="Another run is writing")
    with ledger.only_writer("shop"), other.only_writer("shop", "stock"), busy, ledger.only_writer("shop", "stock"):
        pass
    with ledger.only_writer("shop", "stock"):
        pass
    other.close()


def test_a_patient_writer_waits_for_its_turn_and_no_longer_than_it_said(ledger: Ledger, ledger_url: str) -> None:
    other = Ledger(ledger_url)
    busy = pytest.raises(TargetError, match="Another run is writing")
    with ledger.only_writer("shop", "stock"), busy, other.only_writer("shop", "stock", 0.1):
        pass
    with ThreadPoolExecutor() as threads:
        with other.only_writer("shop", "stock", 0.1):
            waiting = threads.submit(_written, ledger)
            _until_somebody_waits(other)
        assert waiting.result() == "written"
    other.close()


def _written(ledger: Ledger) -> str:
    with ledger.only_writer("shop", "stock", 30):
        return "written"


def _until_somebody_waits(ledger: Ledger) -> None:
    """Until PostgreSQL shows a lock that was asked for and not given."""
    waiting = 0
    while not waiting:
        with ledger.transaction() as connection:
            query = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
            waiting = connection.exec_driver_sql(query).scalar_one()


def test_a_ledger_that_does_not_answer_is_an_error_without_its_password() -> None:
    ledger = Ledger("postgresql://koppel:very-secret@127.0.0.1:1/koppel")
    with pytest.raises(LedgerDown) as caught, ledger.transaction():
        pass
    assert "very-secret" not in str(caught.value)
    assert "does not answer" in str(caught.value)


def test_an_unknown_run_is_an_error_that_says_where_to_look(ledger: Ledger) -> None:
    with pytest.raises(ConfigError, match="koppel runs"):
        ledger.run("no-such-run")
