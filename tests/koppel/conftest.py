"""A small world for the tests of the engine."""

from pathlib import Path

import pytest

from tests.koppel.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgres_url: str) -> World:
    """A source and a target in memory, and a real ledger."""
    return World(monkeypatch, tmp_path, postgres_url)
