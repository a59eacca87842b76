"""The ledger's tables, declared once; Alembic brings a database to them."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()


def _time(name: str, *, null: bool = True) -> "Column[object]":
    return Column(name, DateTime(timezone=True), nullable=null)


run = Table(
    "run",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("flow", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("read_window", JSONB, nullable=False),
    Column("is_dry_run", Boolean, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column(
        "status", Text, nullable=False
    ),  # running | waiting | overtaken | interrupted | reconciled | failed | dry run
    _time("started_at", null=False),
    _time("ended_at"),
    Column("counts", JSONB),
    Column("error", Text),
)

delivery = Table(
    "delivery",
    metadata,
    Column("target", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("state", Text, nullable=False),  # delivered | held back | failed | withdrawn
    Column("reason", Text, nullable=False, server_default=""),
    Column("fingerprint", Text),  # of what the target holds; null: the target never took it; "?": UNSURE
    Column("source_version", BigInteger),  # hash of the raw rows; null: look at the record again next time
    Column("remote_id", Text),
    Column("record", JSONB),  # what the target was last sent, in our words
    _time("modified_at"),
    Column("run_id", Text, nullable=False),
    _time("since", null=False),
    # The next run looks again at what failed or waits; an index over those few keeps that cheap at any size.
    Index("delivery_not_delivered", "target", "entity", "state", postgresql_where="state <> 'delivered'"),
)

receipt = Table(
    "receipt",
    metadata,
    Column("receipt_id", BigInteger, primary_key=True, autoincrement=True),
    Column("run_id", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("sent", JSONB),
    _time("at", null=False),
    _time("source_at"),  # when the source changed it, where it was sent for that; "at" less this: how long it took
    Index("receipt_of_record", "target", "key"),
    Index("receipt_of_run", "run_id", "entity"),
    Index("receipt_at", "at"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("idempotency_key", Text, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("batch", JSONB),  # the changes that are on their way; emptied when their outcome is known
    Column("reference", Text),  # what the target calls the batch
    _time("intent_at", null=False),
    Column("outcome", Text),  # null: not known yet
    Index("attempt_open", "target", postgresql_where="outcome is null"),
)

finding = Table(
    "finding",
    metadata,
    Column("target", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("severity", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    _time("since", null=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("source", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    _time("value", null=False),
    Column("run_id", Text, nullable=False),
)

approval = Table(
    "approval",
    metadata,
    Column("plan_id", Text, primary_key=True),
    Column("who", Text, nullable=False),
    _time("at", null=False),
    Column("decision", Text, nullable=False),
)

location = Table(
    "location",
    metadata,
    Column("source", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    _time("heard_at", null=False),
    Column("is_stale", Boolean, nullable=False),
    Column("run_id", Text, nullable=False),
    _time("since", null=False),  # since when it is stale, or fresh
)
