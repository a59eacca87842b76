"""What is done when a run has ended: plans that it made out of date are closed, and what is older than the retention goes."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select, tuple_, update

from koppel import ledger_schema as schema
from koppel.entities import ENTITIES, STOCK_LEVEL
from koppel.errors import ConfigError
from koppel.ledger import Ledger, now
from koppel.ledger_quality import judgement
from koppel.settings import Settings
from koppel.staging import folders, remove

log = logging.getLogger(__name__)

DAYS = 90
"""How long receipts, attempts and the folders of runs are kept, where ``[retention] days`` says nothing; 0: for ever."""

STOCK_DAYS = 14
"""The same for receipts and attempts of stock, ``[retention] stock_days``: there may be a million of them a day."""

LEFT = {"waiting": "overtaken", "running": "interrupted"}
"""What becomes of an earlier run, by its status, once a later one has read everything."""


def overtake(ledger: Ledger, run_id: str, closed: Mapping[str, str] = LEFT) -> None:
    """Close what this run left behind it, of the same flow and target: plans that waited for a person are out of date, and
    runs that never said how they ended were killed. One that lives after all closes itself when it ends."""
    run, mine = schema.run, schema.run.alias("mine")
    same = select(mine.c.flow, mine.c.target).where(mine.c.run_id == run_id)
    began = select(mine.c.started_at).where(mine.c.run_id == run_id).scalar_subquery()
    where = (tuple_(run.c.flow, run.c.target).in_(same), run.c.started_at < began)
    with ledger.transaction() as connection:
        for status, now_is in closed.items():
            connection.execute(update(run).where(*where, run.c.status == status).values(status=now_is))


def forget_unknown(ledger: Ledger, target: str, entities: Collection[str]) -> None:
    """Take away findings and judgements of records that the ledger knows nothing else of.

    A run that was killed after it had judged a new record left them, and the record left the source before it was read again.
    Those of runs that are still under way stay.
    """
    delivery, is_under_way = schema.delivery, select(schema.run.c.run_id).where(schema.run.c.status == "running")
    with ledger.transaction() as connection:
        for table in (schema.finding, judgement):
            same = [delivery.c[name] == table.c[name] for name in ("target", "entity", "key")]
            mine = (table.c.target == target, table.c.entity.in_(entities), table.c.run_id.not_in(is_under_way))
            connection.execute(delete(table).where(*mine, ~exists().where(*same)))


def tidy(ledger: Ledger, settings: Settings) -> None:
    """Remove what is older than the retention. What stands where, its last receipt, open attempts and waiting plans stay."""
    stock = [name for name, entity in ENTITIES.items() if entity.lane == STOCK_LEVEL.lane]
    if before := _before("stock_days", settings.values.get("retention", {}).get("stock_days", STOCK_DAYS)):
        _forget(ledger, before, schema.receipt.c.entity.in_(stock), schema.attempt.c.entity.in_(stock))
    if before := _before("days", settings.values.get("retention", {}).get("days", DAYS)):
        _forget(ledger, before, schema.receipt.c.entity.not_in(stock), schema.attempt.c.entity.not_in(stock))
        _remove_folders(ledger, before, settings.staging_root)


def _before(name: str, days: object) -> datetime | None:
    """The moment before which all goes; None where all is kept."""
    if isinstance(days, bool) or not isinstance(days, int | float) or days < 0:
        raise ConfigError(f"[retention] {name} is {days!r}.", do="Write a number of days; 0 keeps everything.")
    return now() - timedelta(days=days) if days else None


def _forget(ledger: Ledger, before: datetime, of_receipt: ColumnElement[bool], of_attempt: ColumnElement[bool]) -> None:
    receipt, newer, attempt = schema.receipt, schema.receipt.alias("newer"), schema.attempt
    same = [newer.c[name] == receipt.c[name] for name in ("target", "entity", "key")]
    is_followed = exists().where(*same, newer.c.receipt_id > receipt.c.receipt_id)
    is_closed = attempt.c.outcome.is_not(None)
    with ledger.transaction() as connection:
        connection.execute(delete(receipt).where(receipt.c.at < before, of_receipt, is_followed))
        connection.execute(delete(attempt).where(attempt.c.intent_at < before, of_attempt, is_closed))


def _remove_folders(ledger: Ledger, before: datetime, root: str) -> None:
    run = schema.run
    is_over = select(run.c.run_id).where(run.c.started_at < before, run.c.status != "waiting")
    with ledger.transaction() as connection:
        over = set(connection.execute(is_over).scalars())
    for run_id in sorted(over & set(folders(root))):
        try:
            remove(root, run_id)
        except OSError as error:
            log.warning("The folder of run %s can't be removed: %s. The next run tries again.", run_id, error)
