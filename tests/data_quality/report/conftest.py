"""A ledger for the tests of the report."""

from collections.abc import Iterator

import pytest

from koppel.ledger import Ledger
from tests.data_quality.report.quality_ledger import QualityLedger


@pytest.fixture
def quality(ledger_url: str) -> Iterator[QualityLedger]:
    """An empty ledger, and a hand to fill it."""
    ledger = Ledger(ledger_url)
    yield QualityLedger(ledger)
    ledger.close()
