"""The ledger's first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of runs, deliveries, receipts, attempts, findings, cursors and approvals."""
    op.create_table(
        "run",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("flow", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("read_window", JSONB, nullable=False),
        sa.Column("is_dry_run", sa.Boolean, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("counts", JSONB),
        sa.Column("error", sa.Text),
    )
    op.create_table(
        "delivery",
        *_record_key(),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("fingerprint", sa.Text),
        sa.Column("source_version", sa.BigInteger),
        sa.Column("remote_id", sa.Text),
        sa.Column("record", JSONB),
        sa.Column("modified_at", sa.DateTime(timezone=True)),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    not_delivered = sa.text("state <> 'delivered'")
    op.create_index("delivery_not_delivered", "delivery", ["target", "entity", "state"], postgresql_where=not_delivered)
    op.create_table(
        "receipt",
        sa.Column("receipt_id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("sent", JSONB),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("receipt_of_record", "receipt", ["target", "key"])
    op.create_index("receipt_of_run", "receipt", ["run_id", "entity"])
    op.create_table(
        "attempt",
        sa.Column("idempotency_key", sa.Text, primary_key=True),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("batch", JSONB),
        sa.Column("reference", sa.Text),
        sa.Column("intent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("attempt_open", "attempt", ["target"], postgresql_where=sa.text("outcome is null"))
    op.create_table(
        "finding",
        *_record_key(),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("rule", sa.Text, primary_key=True),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "cursor",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("entity", sa.Text, primary_key=True),
        sa.Column("value", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
    )
    op.create_table(
        "approval",
        sa.Column("plan_id", sa.Text, primary_key=True),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
    )


def _record_key() -> "list[sa.Column[str]]":
    return [sa.Column(name, sa.Text, primary_key=True) for name in ("target", "entity", "key")]
