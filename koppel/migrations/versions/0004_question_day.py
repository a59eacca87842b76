"""How many products were in order per question and day: the small lines in the report."""

from alembic import op
from sqlalchemy import Column, Date, Integer, Text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Eight questions per language and day: so little that it is kept apart from the scores."""
    op.create_table(
        "question_day",
        Column("day", Date, primary_key=True),
        Column("target", Text, primary_key=True),
        Column("question", Text, primary_key=True),
        Column("language", Text, primary_key=True),
        Column("ok", Integer, nullable=False),
        Column("improve", Integer, nullable=False),
        Column("block", Integer, nullable=False),
        Column("asked", Integer, nullable=False),
    )


def downgrade() -> None:
    """Back to scores alone."""
    op.drop_table("question_day")
