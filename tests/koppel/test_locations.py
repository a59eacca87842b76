"""What the ledger keeps of the places where stock lies."""

from datetime import UTC, datetime

from koppel.ledger import Ledger
from koppel.locations import LocationRow, known, note

EARLY, LATE = datetime(2026, 11, 1, 8, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)


def test_what_was_noted_is_known_and_belongs_to_its_source(ledger_url: str) -> None:
    ledger = Ledger(ledger_url)
    note(ledger, "stock", "run-1", [LocationRow("MECH", EARLY, is_stale=False, since=EARLY)])
    note(ledger, "other", "run-1", [])
    assert known(ledger, "stock") == {"MECH": LocationRow("MECH", EARLY, is_stale=False, since=EARLY)}
    assert known(ledger, "other") == {}
    ledger.close()


def test_hearing_never_goes_back_and_since_stays_while_nothing_changed(ledger_url: str) -> None:
    ledger = Ledger(ledger_url)
    note(ledger, "stock", "run-1", [LocationRow("MECH", LATE, is_stale=False, since=EARLY)])
    note(ledger, "stock", "run-2", [LocationRow("MECH", EARLY, is_stale=False, since=LATE)])
    assert known(ledger, "stock")["MECH"] == LocationRow("MECH", LATE, is_stale=False, since=EARLY)
    note(ledger, "stock", "run-3", [LocationRow("MECH", LATE, is_stale=True, since=LATE)])
    assert known(ledger, "stock")["MECH"] == LocationRow("MECH", LATE, is_stale=True, since=LATE)
    ledger.close()
