"""What people read and correct: judgements per record, scores per day, trade figures, corrections, waivers and their journal."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Numeric, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _time(name: str, *, null: bool = True) -> "Column[object]":
    return Column(name, DateTime(timezone=True), nullable=null)


def upgrade() -> None:
    """The tables of the report and of the work list."""
    op.create_table(
        "judgement",
        Column("target", Text, primary_key=True),
        Column("entity", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("sku", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("questions", JSONB, nullable=False),
        Column("facts", JSONB, nullable=False),
        Column("values", JSONB),
        Column("data_version", BigInteger, nullable=False),
        Column("rules_version", Text, nullable=False),
        Column("run_id", Text, nullable=False),
        _time("at", null=False),
    )
    op.create_table(
        "trade",
        Column("source", Text, primary_key=True),
        Column("sku", Text, primary_key=True),
        Column("supplier", Text),
        Column("owner", Text),
        Column("revenue_12m_eur", Numeric(14, 2)),
        Column("stock_value_eur", Numeric(14, 2)),
        _time("at", null=False),
    )
    op.create_table(
        "score",
        Column("day", Date, primary_key=True),
        Column("target", Text, primary_key=True),
        Column("sku", Text, primary_key=True),
        Column("language", Text, primary_key=True),
        Column("score", SmallInteger),
        Column("is_held", Boolean, nullable=False),
        Column("worth_eur", Numeric(14, 2)),
        Column("data_version", BigInteger, nullable=False),
        Column("rules_version", Text, nullable=False),
    )
    op.create_table(
        "sheet",
        Column("sheet_id", Text, primary_key=True),
        Column("target", Text, nullable=False),
        Column("owner", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("rows", JSONB, nullable=False),
        Column("made_by", Text, nullable=False),
        _time("made_at", null=False),
        _time("returned_at"),
    )
    op.create_table(
        "override",
        Column("override_id", BigInteger, primary_key=True, autoincrement=True),
        Column("target", Text, nullable=False),
        Column("entity", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("field", Text, nullable=False),
        Column("value", Text, nullable=False),
        Column("replaced", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("sheet_id", Text),
        Column("until", Date, nullable=False),
        Column("state", Text, nullable=False),
        _time("made_at", null=False),
        _time("ended_at"),
        Index("override_active", "target", "entity", "key", "field", unique=True, postgresql_where="state = 'active'"),
    )
    op.create_table(
        "waiver",
        Column("waiver_id", BigInteger, primary_key=True, autoincrement=True),
        Column("target", Text, nullable=False),
        Column("entity", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("rule", Text, nullable=False),
        Column("author", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("sheet_id", Text),
        Column("until", Date, nullable=False),
        Column("state", Text, nullable=False),
        _time("made_at", null=False),
        _time("ended_at"),
        Index("waiver_active", "target", "entity", "key", "rule", unique=True, postgresql_where="state = 'active'"),
    )
    op.create_table(
        "journal",
        Column("journal_id", BigInteger, primary_key=True, autoincrement=True),
        _time("at", null=False),
        Column("who", Text, nullable=False),
        Column("what", Text, nullable=False),
        Column("target", Text, nullable=False),
        Column("entity", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("detail", JSONB, nullable=False),
        Index("journal_of_record", "target", "key"),
    )


def downgrade() -> None:
    """Back to a ledger that nobody reads."""
    for name in ("journal", "waiver", "override", "sheet", "score", "trade", "judgement"):
        op.drop_table(name)
