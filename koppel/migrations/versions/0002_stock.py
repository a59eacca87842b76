"""Stock, near real time: how old a figure was when it arrived, and when the source last heard of each location."""

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, Text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What a receipt was read as, an index over time, and the locations."""
    op.add_column("receipt", Column("source_at", DateTime(timezone=True)))
    op.create_index("receipt_at", "receipt", ["at"])
    op.create_table(
        "location",
        Column("source", Text, primary_key=True),
        Column("location", Text, primary_key=True),
        Column("heard_at", DateTime(timezone=True), nullable=False),
        Column("is_stale", Boolean, nullable=False),
        Column("run_id", Text, nullable=False),
        Column("since", DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Back to a ledger without stock."""
    op.drop_table("location")
    op.drop_index("receipt_at", "receipt")
    op.drop_column("receipt", "source_at")
