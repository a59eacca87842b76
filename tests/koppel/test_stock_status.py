"""The status of the stock is what the ledger holds: per location, of one moment, whatever somebody wrote into it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from koppel.errors import ConfigError, LedgerDown
from koppel.ledger import Ledger
from koppel.settings import Settings
from koppel.stock_status import MOST_TROUBLES, Place, StockStatus, read_status
from tests.koppel import stock_ledger
from tests.koppel.stock_ledger import StockLedger

NOW = datetime(2026, 11, 26, 12, 34, 56, tzinfo=UTC)


@pytest.fixture
def stock(ledger_url: str) -> Iterator[StockLedger]:
    ledger = Ledger(ledger_url)
    yield StockLedger(ledger, NOW)
    ledger.close()


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    return stock_ledger.settings(tmp_path)


def places(status: StockStatus) -> dict[str, Place]:
    return {place.code: place for place in status.places}


def test_nothing_read_yet_is_empty_and_still_names_the_locations(stock, company):
    status = read_status(stock.ledger, company, NOW)
    assert status.is_empty
    assert [(place.code, place.hearing) for place in status.places] == [("MECH", "unheard"), ("ANT", "unheard")]
    assert status.lags.day.count == 0
    assert status.run is None


def test_each_record_is_counted_once_where_it_belongs(stock, company):
    stock.record("MECH:A")
    stock.record("MECH:B", "held back", "On hand is -3.")  # the shop keeps what it had
    stock.record("MECH:C", "held back", "On hand is -4.5.", fingerprint=None)
    stock.record("MECH:D", "failed", "The target said no.", fingerprint="?")
    stock.record("MECH:E", "withdrawn", fingerprint="-")
    stock.record("ANT:A:with:colons", "held back", "Nobody counts it.", fingerprint="-")
    stock.sent("ANT:A", "ANT:B")
    stock.sent("ANT:C", outcome="known")
    status = read_status(stock.ledger, company, NOW)
    mech, ant = (places(status)[code].counted for code in ("MECH", "ANT"))
    assert (mech.standing, mech.held_back, mech.failed, mech.waiting) == (3, 2, 1, 0)
    assert mech.reasons == (("On hand is -….", 2),), "reasons that differ in a number only are one reason"
    assert (ant.standing, ant.held_back, ant.failed, ant.waiting) == (0, 1, 0, 2)
    total = status.total
    assert (total.standing, total.held_back, total.failed, total.waiting) == (3, 3, 1, 2)
    assert not status.is_empty


def test_records_of_other_targets_and_entities_do_not_count(stock, company):
    for target, entity in (("other", "stock_level"), ("shop", "price")):
        stock.target, stock.entity = target, entity
        stock.record("MECH:A")
        stock.record("MECH:B", "failed")
        stock.sent("MECH:C")
    assert read_status(stock.ledger, company, NOW).is_empty


def test_a_location_is_stale_once_its_own_limit_is_over_also_when_no_run_has_noticed(stock, company):
    stock.heard("MECH", 59)
    stock.heard("ANT", 31)
    found = places(read_status(stock.ledger, company, NOW))
    assert (found["MECH"].hearing, found["MECH"].heard_at) == ("fresh", NOW - timedelta(minutes=59))
    assert (found["ANT"].hearing, found["ANT"].since) == ("stale", NOW - timedelta(minutes=1))
    assert (found["ANT"].when_silent, found["ANT"].silent_after) == ("zero", timedelta(minutes=30))


def test_what_a_run_wrote_down_as_stale_is_stale_since_then(stock, company):
    stock.heard("MECH", 90, is_stale=True, since=30)
    assert places(read_status(stock.ledger, company, NOW))["MECH"].since == NOW - timedelta(minutes=30)


def test_a_location_that_two_sources_name_was_heard_of_when_either_was(stock, company):
    stock.heard("MECH", 300, is_stale=True, source="old")
    stock.heard("MECH", 1, source="stock")
    assert places(read_status(stock.ledger, company, NOW))["MECH"].hearing == "fresh"


def test_locations_that_the_settings_do_not_name_are_shown_too(stock, company):
    stock.heard("TILL9", 1)
    stock.record("TILL9:A")
    stock.record("(no key) 1", "failed", "It has no SKU.", fingerprint=None)
    stock.record("GHOST:A")
    status = read_status(stock.ledger, company, NOW)
    assert [place.code for place in status.places] == ["MECH", "ANT", "TILL9", ""]
    assert not places(status)["TILL9"].is_configured
    assert (places(status)[""].counted.standing, places(status)[""].counted.failed) == (1, 1)


def test_the_records_that_wait_longest_come_first_and_no_more_than_can_be_read(stock, company):
    for number in range(MOST_TROUBLES + 10):
        stock.record(f"MECH:{number:03}", "failed" if number % 2 else "held back", "Why.", hours=number)
    stock.record("MECH:gone", "withdrawn", hours=1000)
    status = read_status(stock.ledger, company, NOW)
    assert len(status.troubles) == MOST_TROUBLES
    assert status.troubles[0].key == f"MECH:{MOST_TROUBLES + 9:03}"
    assert status.total.held_back + status.total.failed == MOST_TROUBLES + 10


def test_the_newest_run_of_the_flow_is_told_with_its_counts(stock, company):
    stock.run("old", "reconciled", minutes=20, ended=10)
    stock.run("other", flow="prices", minutes=1)
    stock.run("new", minutes=2, counts={"stock_level": {"read": 7, "delivered": 3}, "order_line": {"read": 1}})
    run = read_status(stock.ledger, company, NOW).run
    assert run is not None
    assert (run.run_id, run.status, run.counts, run.reads_all) == ("new", "running", {"read": 7, "delivered": 3}, False)
    stock.run("full", minutes=1, read_window={})
    stock.run("looked only", "dry run", minutes=0.5, read_window={}, is_dry_run=True)
    full = read_status(stock.ledger, company, NOW).run
    assert full is not None
    assert (full.run_id, full.reads_all) == ("full", True)


def test_the_json_holds_everything_as_plain_values(stock, company):
    stock.heard("MECH", 1)
    stock.record("MECH:A", "held back", 'On "hand" <b>é', fingerprint=None)
    stock.took("MECH:A", 2)
    stock.run("r1", counts={"stock_level": {"read": 1}})
    told = json.loads(json.dumps(read_status(stock.ledger, company, NOW).as_json()))
    assert told["at"] == NOW.isoformat()
    assert told["places"][0]["silent_after"] == 3600
    assert told["places"][0]["lags"]["day"] == {"count": 1, "median": 2.0, "p95": 2.0}
    assert told["troubles"][0]["reason"] == 'On "hand" <b>é'
    assert len(told["lags"]["buckets"]) == 144


def test_reading_changes_nothing_and_needs_no_right_to(stock, company):
    stock.record("MECH:A")
    read_status(stock.ledger, company, NOW)
    with stock.ledger.transaction() as connection:
        connection.exec_driver_sql("set transaction read only")
        assert connection.exec_driver_sql("select count(*) from delivery").scalar() == 1


def test_a_ledger_that_was_not_migrated_or_is_not_there_is_an_error(postgres_url, company):
    bare = Ledger(postgres_url)
    with pytest.raises(ProgrammingError):
        read_status(bare, company, NOW)
    bare.close()
    with pytest.raises(LedgerDown):
        read_status(Ledger("postgresql://nobody:secret@127.0.0.1:1/koppel"), company, NOW)


def test_no_flow_of_stock_is_an_error_that_says_what_to_add(stock, tmp_path):
    other = stock_ledger.settings(tmp_path, koppel='[flows.prices]\nsource="a"\ntarget="b"\nentities=["price"]\n')
    with pytest.raises(ConfigError, match="stock_level"):
        read_status(stock.ledger, other, NOW)


def test_figures_that_wait_for_their_products_wait_for_one_reason(stock, company):
    for sku in ("HOE-0059", "BOR-0010"):
        waits = f"It waits for its product {sku}, which the target does not hold. It has no price above 0."
        stock.record(f"MECH:{sku}", "held back", waits, fingerprint=None)
    mech = next(place for place in read_status(stock.ledger, company, NOW).places if place.code == "MECH")
    waits = "It waits for its product, which the target does not hold. It has no price above 0."
    assert mech.counted.reasons == ((waits, 2),)
