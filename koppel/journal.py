"""The journal of what was decided or done once by hand or by mail: lines are added, never changed, never tidied away."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from koppel.ledger import Ledger
from koppel.ledger_bulk import without_nul
from koppel.ledger_quality import journal


def note(
    ledger: Ledger, *, target: str, who: str, what: str, key: str, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Add a line that is about no record of an entity."""
    row = {"at": now, "who": who, "what": what, "target": target, "entity": "", "key": key, "detail": detail or {}}
    with ledger.transaction() as connection:
        connection.execute(insert(journal).values(without_nul(row)))


def noted(ledger: Ledger, target: str, what: str, keys: list[str]) -> set[str]:
    """Those of these keys of which the journal tells this already."""
    where = (journal.c.target == target, journal.c.what == what, journal.c.key.in_(without_nul(keys)))
    with ledger.transaction() as connection:
        return set(connection.execute(select(journal.c.key).where(*where)).scalars())
