"""Whether the ledger knows stock of a location, so that a source that suddenly gives none of it is not believed."""

from typing import Any

from sqlalchemy import func, select

from koppel.entities import STOCK_LEVEL
from koppel.ledger import Ledger
from koppel.settings import Settings, SourceSettings


def has_stock(source: SourceSettings, location: str) -> bool:
    """Whether a target that this source feeds was ever sent stock of a location that was not withdrawn since."""
    flows = Settings.load(source.root).values.get("flows", {}).values()
    targets = sorted({str(flow["target"]) for flow in flows if flow.get("source") == source.name})
    return bool(Ledger.from_environment().rows(lambda schema: _one_record(schema.delivery, targets, location)))


def _one_record(table: Any, targets: list[str], location: str) -> Any:
    of_flows = [table.c.target.in_(targets)] if targets else []
    stands = table.c.state != "withdrawn"
    here = func.starts_with(table.c.key, f"{location}:")
    return select(table.c.key).where(*of_flows, table.c.entity == STOCK_LEVEL.name, here, stands).limit(1)
