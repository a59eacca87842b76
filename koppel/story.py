"""The whole story of one record: what stands where, which findings it has, what was sent and what the target answered."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select

from koppel import ledger_quality as quality
from koppel.corrections import with_source_now
from koppel.ledger import Ledger

MOST_DECISIONS = 20
"""The latest ones, those that are over among them."""
MOST_RECEIPTS = 50
"""The latest ones; the stock of a SKU may have changed a thousand times."""


def story(ledger: Ledger, sku: str, prefixes: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """What the ledger knows of a SKU, over all targets and entities: ``standing``, ``findings``, ``corrections``, ``waivers``,
    ``receipts``, ``attempts``.

    Newest receipts first. ``sku`` may also be any other ledger key, such as a category code or ``nl:SKU``; ``prefixes`` are the
    languages and locations under which records about a SKU stand.
    """
    keys = [sku, *(f"{prefix}:{sku}" for prefix in prefixes)]

    def standing(schema: Any) -> Any:
        table = schema.delivery
        return select(table).where(table.c.key.in_(keys)).order_by(table.c.target, table.c.entity, table.c.key)

    def findings(schema: Any) -> Any:
        table = schema.finding
        return select(table).where(table.c.key.in_(keys)).order_by(table.c.severity, table.c.since)

    def waivers(_: Any) -> Any:
        table = quality.waiver
        return select(table).where(table.c.key.in_(keys)).order_by(table.c.waiver_id.desc()).limit(MOST_DECISIONS)

    def corrections(_: Any) -> Any:
        table = quality.override
        corrected = with_source_now().where(table.c.key.in_(keys))
        return corrected.order_by(table.c.override_id.desc()).limit(MOST_DECISIONS)

    def receipts(schema: Any) -> Any:
        table, run = schema.receipt, schema.run
        joined = table.join(run, run.c.run_id == table.c.run_id, isouter=True)
        source = (run.c.source, run.c.asked_by, run.c.started_at)
        return (
            select(table, *source).select_from(joined).where(table.c.key.in_(keys))
            .order_by(table.c.receipt_id.desc()).limit(MOST_RECEIPTS)
        )  # fmt: skip

    def attempts(schema: Any) -> Any:
        table = schema.attempt
        holds = or_(*(table.c.batch.contains([{"key": key}]) for key in keys))
        return select(table.c.run_id, table.c.target, table.c.entity, table.c.intent_at, table.c.reference).where(
            table.c.outcome.is_(None), holds
        )

    return {
        "standing": ledger.rows(standing),
        "findings": ledger.rows(findings),
        "corrections": ledger.rows(corrections),
        "waivers": ledger.rows(waivers),
        "receipts": ledger.rows(receipts),
        "attempts": ledger.rows(attempts),
    }
