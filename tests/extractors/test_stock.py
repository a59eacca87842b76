"""Stock put together: every order counts once whenever it is read, and what goes wrong in one place stops no other."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from extractors import stock_settle
from koppel.entities import PRODUCT, STOCK_LEVEL, STOCK_LOCATION
from koppel.errors import ConfigError, SourceDown, SourceEmpty
from koppel.source import Signals, Source
from koppel.window import Window
from tests.extractors.stock_company import Company, figures, now, quantities

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Company:
    return Company(monkeypatch, tmp_path)


def test_it_is_a_source_that_can_wait(company: Company) -> None:
    source: Source = company.source
    assert isinstance(source, Signals)


def test_rows_without_orders_pass_with_nothing_taken_or_claimed(company: Company) -> None:
    company.count("MECH", "A", 5)
    company.count("ANT", "A", 2)
    rows = company.read()
    assert figures(rows)["MECH", "A"] == {
        "on_hand": 5, "taken": 0, "claimed": 0, "moves": None, "components": None, "is_stale": False,
    }  # fmt: skip
    assert quantities(company, rows) == {("MECH", "A"): 5, ("ANT", "A"): 2}


def test_what_the_erp_took_off_for_an_open_order_is_added_again(company: Company) -> None:
    company.count("MECH", "A", 3, taken_for_orders="0001=2")
    company.order("0001", "A", 2)
    rows = company.read()
    assert rows["MECH", "A"]["taken"] == 2
    assert quantities(company, rows) == {("MECH", "A"): 5}


def test_what_the_shop_shipped_and_the_erp_does_not_know_is_subtracted_where_it_left(company: Company) -> None:
    company.count("MECH", "A", 5)
    company.count("GENT", "A", 5)
    company.order("0001", "A", 2, shipped=2, shipped_from="ghent=2", state="complete")
    rows = company.read()
    assert (rows["MECH", "A"]["claimed"], rows["GENT", "A"]["claimed"]) == (0, 2)
    assert rows["GENT", "A"]["moves"] == "0001:2/0"


def test_the_members_are_read_before_the_orders_so_that_no_order_is_missed(company: Company) -> None:
    company.count("MECH", "A", 5)
    company.read()
    company.done()

    def sold_and_imported() -> None:
        company.order("0001", "A", 2)
        company.erp.after = lambda: None

    company.count("MECH", "A", 4)
    company.erp.after = sold_and_imported
    assert company.read(since=MINUTE)["MECH", "A"]["taken"] == 0  # the ERP was read before it took anything off
    company.count("MECH", "A", 2, taken_for_orders="0001=2")
    assert company.read(since=MINUTE)["MECH", "A"]["taken"] == 2


def test_the_last_that_is_asked_is_the_shop(company: Company) -> None:
    sequence: list[str] = []
    company.erp.asked = company.tills.asked = company.shop.asked = _Told(sequence)
    company.count("MECH", "A", 5)
    company.order("0001", "A", 1)
    company.read()
    company.count("MECH", "A", 4)
    sequence.clear()
    company.read(since=MINUTE)
    assert sequence == ["stock_level"] * 4 + ["order_line"]


class _Told(list):
    """Tells the names of what is asked for, whoever is asked."""

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def append(self, asked: tuple[str, Window]) -> None:
        self._names.append(asked[0])


def test_an_order_that_is_placed_while_everything_is_read_is_settled_by_the_next_round(company: Company) -> None:
    for sku in "ABC":
        company.count("MECH", sku, 5)
    company.order("0001", "A", 1)
    company.erp.after = lambda: company.order("0002", "C", 1, shipped=1, shipped_from="mechelen=1")
    company.read()
    company.done()
    assert company.read(since=MINUTE)["MECH", "C"]["claimed"] == 1


def test_an_order_alone_brings_the_rows_of_its_sku_in_every_location(company: Company) -> None:
    old = now() - 5 * HOUR
    for location in ("MECH", "GENT", "ANT"):
        company.count(location, "A", 5, at=old)
    company.count("MECH", "B", 5, at=old)
    company.read()
    company.done()
    company.order("0001", "A", 2)
    assert set(company.read(since=MINUTE)) == {("MECH", "A"), ("GENT", "A"), ("ANT", "A")}
    company.done()
    assert company.read(since=MINUTE) == {}


def test_what_an_order_changed_is_given_again_until_it_is_accounted_for(company: Company) -> None:
    company.count("MECH", "A", 5, at=now() - 5 * HOUR)
    company.read()
    company.done()
    company.order("0001", "A", 2, shipped=1, shipped_from="mechelen=1")
    first = company.read(since=MINUTE)
    assert first["MECH", "A"]["claimed"] == 1
    assert company.read(since=MINUTE) == first
    company.done()
    assert company.read(since=MINUTE) == {}


def test_a_new_instance_looks_up_what_the_shop_changed_since_the_window_begins(company: Company) -> None:
    company.count("MECH", "A", 5, at=now() - 5 * HOUR)
    company.count("MECH", "B", 5, at=now() - 5 * HOUR)
    company.order("0001", "A", 2, at=now() - MINUTE)
    company.order("0002", "B", 2, at=now() - 3 * HOUR)
    company.fresh()
    company.read(keys=("A",))  # what waits is read first, and must not hide what changed
    assert set(company.read(since=10 * MINUTE)) == {("MECH", "A")}


def test_an_order_that_changed_nothing_about_goods_brings_nothing(company: Company) -> None:
    company.count("MECH", "A", 5, at=now() - 5 * HOUR)
    company.order("0001", "A", 2, at=now() - 2 * HOUR)
    company.read()
    company.done()
    company.order("0001", "A", 2, state="payment_review")
    assert company.read(since=MINUTE) == {}


def test_a_quick_round_asks_the_erp_once_and_the_shop_once(company: Company) -> None:
    company.options["orders_poll_seconds"] = 1
    company.fresh()
    company.count("MECH", "A", 5, at=now() - 5 * HOUR)
    company.read()
    company.done()
    company.requests(company.erp)
    company.requests(company.shop)
    company.clock.time += 2
    company.count("MECH", "A", 4)
    company.read(since=MINUTE)
    assert (len(company.requests(company.erp)), len(company.requests(company.shop))) == (1, 1)
    company.clock.time += 0.5
    company.read(since=MINUTE)
    assert (len(company.requests(company.erp)), len(company.requests(company.shop))) == (1, 0)
    company.count("MECH", "A", 3, taken_for_orders="0009=1")
    company.read(since=MINUTE)
    assert len(company.requests(company.shop)) == 1


def test_only_what_orders_touch_is_worked_on_row_by_row(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    plain = stock_settle.balance
    monkeypatch.setattr(
        stock_settle,
        "balance",
        lambda lines, shelves, **more: seen.append(len(shelves)) or plain(lines, shelves, **more),
    )
    for number in range(1_000):
        company.count("MECH", f"S{number}", 5)
    company.order("0001", "S7", 1)
    company.read()
    company.done()
    seen.clear()
    assert len(company.read(since=HOUR)) == 1_000
    assert sum(seen) == 1


def test_settled_orders_are_forgotten_and_the_row_is_as_if_there_had_been_none(company: Company) -> None:
    company.count("MECH", "A", 5, at=now() - 90 * HOUR)
    company.order("0001", "A", 1, shipped=1, shipped_from="mechelen=1", state="complete", at=now() - 72 * HOUR)
    company.order("0002", "B", 1, state="processing", at=now() - 72 * HOUR)
    assert company.read()["MECH", "A"]["claimed"] == 0
    assert company.source._book.skus == {"b"}


def test_the_same_sku_in_capitals_is_the_same_sku(company: Company) -> None:
    company.count("MECH", "han-1", 3, taken_for_orders="0001=2")
    company.count("MECH", "Mixed", 3, taken_for_orders="0001=1")
    company.order("0001", "HAN-1", 2)
    company.order("0001", "MIXED", 1)
    rows = company.read()
    assert {key: row["taken"] for key, row in rows.items()} == {("MECH", "han-1"): 2, ("MECH", "Mixed"): 1}


# --- members ----------------------------------------------------------------------------------------------------------


def test_a_member_that_is_down_stops_no_other_and_is_told_once(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    company.count("MECH", "A", 5)
    company.count("ANT", "A", 5)
    company.read()
    company.done()
    company.erp.trouble = SourceDown("The ERP does not answer.")
    company.count("ANT", "A", 4)
    with caplog.at_level(logging.WARNING):
        assert set(company.read(since=MINUTE)) == {("ANT", "A")}
        company.read(since=MINUTE)
    assert [record.message for record in caplog.records if "left out" in record.message] == [
        "Source erp is left out for now; the others go on: The ERP does not answer."
    ]
    company.erp.trouble = None
    assert set(company.read(since=MINUTE)) == {("MECH", "A"), ("ANT", "A")}


def test_what_was_settled_without_a_member_is_settled_again_when_it_is_back(company: Company) -> None:
    old = now() - 5 * HOUR
    company.count("MECH", "A", 3, at=old, taken_for_orders="0001=2")
    company.count("ANT", "A", 5, at=old)
    company.read()
    company.done()
    company.order("0001", "A", 2)
    company.erp.trouble = SourceDown("The ERP does not answer.")
    assert set(company.read(since=MINUTE)) == {("ANT", "A")}
    company.done()
    company.erp.trouble = None
    assert company.read(since=MINUTE)["MECH", "A"]["taken"] == 2


def test_in_a_full_window_a_member_that_is_down_ends_the_reading(company: Company) -> None:
    company.count("MECH", "A", 5)
    company.tills.trouble = SourceDown("The tills do not answer.")
    with pytest.raises(SourceDown):
        company.read()


def test_a_shop_that_is_down_ends_the_reading_because_its_orders_are_not_known(company: Company) -> None:
    company.shop.trouble = SourceDown("The shop does not answer.")
    with pytest.raises(SourceDown):
        company.read(since=MINUTE)


def test_a_location_of_which_nothing_is_left_is_no_reason_to_withdraw_its_stock(company: Company) -> None:
    company.known_stock = {"MECH", "ANT"}
    company.count("MECH", "A", 5)
    with pytest.raises(SourceEmpty, match="No stock at all was read of ANT"):
        company.read()


def test_members_learn_that_they_were_read_and_only_those(company: Company) -> None:
    company.count("ANT", "A", 5)
    company.erp.trouble = SourceDown("down")
    company.read(since=MINUTE)
    company.done()
    assert STOCK_LEVEL.name in company.tills.accounted_for
    assert company.erp.accounted_for == []


def test_numbers_and_texts_of_two_members_come_as_numbers_and_what_is_none_stays_to_be_told(company: Company) -> None:
    company.tills.as_text = True
    company.count("MECH", "A", 5)
    company.count("ANT", "A", 4)
    assert {row["on_hand"] for row in company.read().values()} == {5.0, 4.0}
    company.count("ANT", "B", "four")  # type: ignore[arg-type]
    assert company.read()["ANT", "B"]["on_hand"] == "four"


def test_another_entity_and_wrong_members_are_refused(company: Company) -> None:
    with pytest.raises(ConfigError, match="it gives no product"):
        list(company.source.read(PRODUCT, Window()))
    company.options["from"] = ["erp", "stock"]
    with pytest.raises(ConfigError, match="names no sources"):
        company.fresh().read(STOCK_LEVEL, Window()).__next__()


def test_the_checks_of_all_members_and_of_the_orders_are_shown(company: Company) -> None:
    assert [check.subject for check in company.source.check()] == ["source erp", "source tills", "source orders"]


def test_waiting_asks_the_member_that_can_signal(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(company.tills, "wait", lambda seconds: waited.append(seconds) or True, raising=False)
    assert company.source.wait(30) is True
    assert waited == [1]


# --- silence ----------------------------------------------------------------------------------------------------------


def test_a_location_that_fell_silent_brings_all_its_rows_once_and_again_when_it_is_heard_of(company: Company) -> None:
    company.count("ANT", "A", 5, at=now() - 50 * MINUTE)
    company.count("ANT", "B", 5, at=now() - 50 * MINUTE)
    company.read()
    company.done()
    assert not company.noted["ANT"].is_stale
    company.noted["ANT"] = type(company.noted["ANT"])("ANT", now() - 61 * MINUTE, is_stale=False, since=now())
    for row in company.tills.rows[STOCK_LEVEL.name]:
        row["modified_at"] = now() - 61 * MINUTE
    company.fresh()
    rows = company.read(since=MINUTE)
    assert {key: row["is_stale"] for key, row in rows.items()} == {("ANT", "A"): True, ("ANT", "B"): True}
    assert quantities(company, rows)["ANT", "A"] == 0
    company.done()
    assert company.noted["ANT"].is_stale
    company.fresh()
    assert company.read(since=MINUTE) == {}
    company.count("ANT", "A", 4)
    company.clock.time += 100
    rows = company.read(since=MINUTE)
    assert {key: row["is_stale"] for key, row in rows.items()} == {("ANT", "A"): False, ("ANT", "B"): False}
    company.done()
    assert not company.noted["ANT"].is_stale


def test_where_silent_stock_is_kept_no_row_changes_but_the_ledger_is_told(company: Company) -> None:
    company.count("MECH", "A", 5, at=now() - 3 * HOUR)
    assert company.read()["MECH", "A"]["is_stale"] is False
    company.done()
    assert company.noted["MECH"].is_stale
    company.fresh()
    assert company.read(since=MINUTE) == {}


def test_a_member_that_lists_its_locations_is_believed(company: Company) -> None:
    company.tills.rows[STOCK_LOCATION.name] = [{"location": "ANT", "heard_at": now(), "modified_at": now()}]
    company.count("ANT", "A", 5, at=now() - 300 * HOUR)
    assert company.read()["ANT", "A"]["is_stale"] is False


def test_a_clock_that_is_ahead_hides_no_silence(company: Company) -> None:
    company.count("ANT", "A", 5, at=now() + 300 * HOUR)
    company.read()
    company.done()
    assert company.noted["ANT"].heard_at <= now()
