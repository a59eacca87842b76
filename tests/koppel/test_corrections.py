"""Decisions in the ledger: accepted once, replaced by newer ones, journalled, and never doubled by two imports at once."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from koppel import corrections, ledger_quality
from koppel.corrections import Correction, Decision, Sheet, Waived, accept
from koppel.decisions import deciding, newest, note
from koppel.errors import ConfigError
from koppel.ledger import Ledger

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
LATER = datetime(2026, 11, 4, 9, tzinfo=UTC)
NAME = Correction("product_text", "nl:A", "name", "Zwart hoesje", "GSM HOESJE ZW", "Easier to read", date(2027, 5, 1))
WEIGHT = Correction("product", "A", "weight_kg", "0.2", "200", "Grams were entered", date(2027, 5, 1))
FINE = Waived("product", "A", "weight_outlier", "It is that heavy", date(2027, 1, 1))
SHEET = Sheet("S1", "shop", "an", "nl", {"product|A|weight_kg": "abc"}, "els", NOW)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    ledger = Ledger(ledger_url)
    yield ledger
    ledger.close()


def told(ledger: Ledger) -> list[str]:
    return [row["what"] for row in reversed(corrections.journal(ledger, "shop"))]


def states(ledger: Ledger) -> list[tuple[str, str]]:
    table = ledger_quality.override
    query = select(table.c.value, table.c.state).order_by(table.c.override_id)
    return [(row["value"], row["state"]) for row in ledger.rows(lambda schema: query)]


def test_a_decision_stands_with_who_why_and_until(ledger: Ledger) -> None:
    corrections.new_sheet(ledger, SHEET)
    done = accept(ledger, "shop", [NAME, WEIGHT, FINE], "An", "S1", NOW)
    assert (done.overrides, done.waivers, done.unchanged, done.refused) == (2, 1, 0, [])
    weight, name = corrections.standing(ledger, "shop")
    assert (weight["field"], weight["value"], weight["replaced"], weight["source_now"]) == (
        "weight_kg",
        "0.2",
        "200",
        "200",
    )
    assert (name["key"], name["author"], name["sheet_id"], name["until"]) == ("nl:A", "An", "S1", date(2027, 5, 1))
    (waiver,) = corrections.waivers(ledger, "shop")
    assert (waiver["rule"], waiver["reason"]) == ("weight_outlier", "It is that heavy")
    latest = corrections.journal(ledger, "shop", most=1)[0]
    assert (latest["what"], latest["who"], latest["at"]) == ("waiver accepted", "An", NOW)
    assert latest["detail"]["until"] == "2027-01-01"
    assert [row["key"] for row in corrections.journal(ledger, "shop", "nl:A")] == ["nl:A"]
    assert corrections.sheet(ledger, "S1") == replace(SHEET, returned_at=NOW)


def test_the_same_decisions_twice_change_nothing_and_journal_nothing(ledger: Ledger) -> None:
    corrections.new_sheet(ledger, SHEET)
    accept(ledger, "shop", [NAME, WEIGHT, FINE], "An", "S1", NOW)
    before = (corrections.standing(ledger, "shop"), told(ledger), corrections.sheet(ledger, "S1"))
    done = accept(ledger, "shop", [NAME, WEIGHT, FINE], "An", "S1", LATER)
    assert (done.overrides, done.waivers, done.unchanged) == (0, 0, 3)
    assert (corrections.standing(ledger, "shop"), told(ledger), corrections.sheet(ledger, "S1")) == before


def test_a_newer_decision_takes_the_place_of_the_older(ledger: Ledger) -> None:
    accept(ledger, "shop", [WEIGHT, FINE], "An", None, NOW)
    newer: list[Decision] = [replace(WEIGHT, value="0.3"), replace(FINE, until=date(2027, 2, 1))]
    accept(ledger, "shop", newer, "Els", None, LATER)
    assert states(ledger) == [("0.2", "replaced"), ("0.3", "active")]
    assert [(row["author"], row["until"]) for row in corrections.waivers(ledger, "shop")] == [("Els", date(2027, 2, 1))]
    assert told(ledger) == [
        "override accepted", "waiver accepted", "override replaced", "override accepted", "waiver replaced", "waiver accepted",
    ]  # fmt: skip


def test_of_two_decisions_about_one_field_the_last_counts_and_twice_is_still_once(ledger: Ledger) -> None:
    both = [WEIGHT, replace(WEIGHT, value="0.3")]
    assert accept(ledger, "shop", both, "An", None, NOW).overrides == 1
    assert accept(ledger, "shop", both, "An", None, NOW).unchanged == 1
    assert states(ledger) == [("0.3", "active")]


def test_what_cannot_hold_is_refused_in_words_and_the_rest_is_accepted(ledger: Ledger) -> None:
    wrong = [
        replace(WEIGHT, entity="prodct"),
        replace(WEIGHT, field="sku"),
        replace(WEIGHT, field="property_"),
        replace(WEIGHT, key="B", until=date(2026, 11, 2)),
    ]
    done = accept(ledger, "shop", [*wrong, NAME], "An", None, NOW)
    assert [decision for decision, _ in done.refused] == wrong
    assert "2026-11-02, which has passed" in done.refused[-1][1]
    assert done.overrides == 1
    assert states(ledger) == [("Zwart hoesje", "active")]


def test_a_property_may_be_corrected_and_a_nul_does_no_harm(ledger: Ledger) -> None:
    odd = replace(WEIGHT, field="property_color", value="zw\0art", key="A\0")
    assert accept(ledger, "shop", [odd], "An\0", None, NOW).overrides == 1
    assert accept(ledger, "shop", [odd], "An\0", None, NOW).unchanged == 1
    assert states(ledger) == [("zw\ufffdart", "active")]


def test_a_dry_run_tells_what_would_come_of_it_and_changes_nothing(ledger: Ledger) -> None:
    corrections.new_sheet(ledger, SHEET)
    done = accept(ledger, "shop", [NAME, FINE], "An", "S1", NOW, dry_run=True)
    assert (done.overrides, done.waivers) == (1, 1)
    assert not corrections.standing(ledger, "shop")
    assert not corrections.waivers(ledger, "shop")
    assert not told(ledger)
    assert corrections.sheet(ledger, "S1") == SHEET


@pytest.mark.parametrize(("target", "sheet_id"), [("shop", "S2"), ("other", "S1")])
def test_a_sheet_that_was_never_handed_out_here_changes_nothing(ledger: Ledger, target: str, sheet_id: str) -> None:
    corrections.new_sheet(ledger, SHEET)
    with pytest.raises(ConfigError, match=f"No work list '{sheet_id}' was handed out"):
        accept(ledger, target, [NAME], "An", sheet_id, NOW)
    assert not states(ledger)


def test_a_sheet_is_handed_out_once(ledger: Ledger) -> None:
    corrections.new_sheet(ledger, SHEET)
    corrections.new_sheet(ledger, replace(SHEET, sheet_id="S2", made_at=LATER))
    with pytest.raises(ConfigError, match="already"):
        corrections.new_sheet(ledger, SHEET)
    assert [one.sheet_id for one in corrections.sheets(ledger, "shop")] == ["S2", "S1"]
    assert corrections.sheet(ledger, "S3") is None


def test_two_imports_at_once_neither_lose_nor_double(ledger: Ledger, ledger_url: str) -> None:
    """The same file at the same time on two connections, beside a third with other values for half of the fields."""
    many: list[Decision] = [replace(WEIGHT, key=f"P{number}") for number in range(20)]
    others: list[Decision] = [replace(WEIGHT, key=f"P{number}", value="0.3") for number in range(0, 20, 2)]
    start = threading.Barrier(3)
    done: list[corrections.Accepted] = []

    def bring(decisions: list[Decision], who: str) -> None:
        own = Ledger(ledger_url)
        start.wait()
        done.append(accept(own, "shop", decisions, who, None, NOW))
        own.close()

    threads = [threading.Thread(target=bring, args=one) for one in ((many, "An"), (many, "Els"), (others, "Jan"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 3
    accepted = sum(one.overrides for one in done)
    assert accepted + sum(one.unchanged for one in done) == 50
    assert len(corrections.standing(ledger, "shop")) == 20
    assert told(ledger).count("override accepted") == accepted == len(states(ledger))
    assert told(ledger).count("override replaced") == accepted - 20


def test_a_decision_that_is_not_committed_yet_is_not_taken_for_seen(ledger: Ledger, ledger_url: str) -> None:
    """Beside it others write lines with higher numbers, which say nothing of decisions."""
    other = Ledger(ledger_url)
    row = {"target": "shop", "entity": "product", "key": "A"}
    with deciding(ledger, "shop") as connection:
        note(connection, "override accepted", row, "An", NOW)
        with other.transaction() as beside:
            note(beside, "mail sent", row, "els", NOW)
            assert newest(beside, "shop") == 0
    with other.transaction() as beside:
        assert newest(beside, "shop") > 0
    other.close()
