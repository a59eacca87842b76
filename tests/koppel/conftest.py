"""A small world for the tests of the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.koppel.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ledger_url: str) -> Iterator[World]:
    """A source and a target in memory, and a real ledger."""
    world = World(monkeypatch, tmp_path, ledger_url)
    yield world
    world.ledger.close()
