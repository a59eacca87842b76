"""A shop with problems, in a real ledger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from koppel.ledger import Ledger
from tests.data_quality.worklist.lists import Shop, shop


@pytest.fixture
def little_shop(ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Two products with the same problems."""
    monkeypatch.setenv("KOPPEL_HOME", str(tmp_path / "home"))
    ledger = Ledger(ledger_url)
    yield shop(ledger, tmp_path)
    ledger.close()
