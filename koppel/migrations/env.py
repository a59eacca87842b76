"""How Alembic reaches the ledger: the connection is handed over by koppel.ledger.migrate."""

from alembic import context

from koppel import ledger_quality  # noqa: F401 - declares its tables
from koppel.ledger_schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, version_table="koppel_version"
)
with context.begin_transaction():
    context.run_migrations()
