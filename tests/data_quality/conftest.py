"""What the tests of the gate stand on: the word lists of the project, an assortment of their own, and a clock that stands still."""

import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from koppel.judging import Context

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def gate_context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """The context of a gate with the project's rules.toml and the assortment of these tests."""
    root = tmp_path_factory.mktemp("config")
    shutil.copy(HERE.parents[1] / "config" / "rules.toml", root)
    shutil.copy(HERE / "assortment.toml", root)
    properties = tomllib.loads((HERE / "properties.toml").read_text("utf-8"))
    return Context(("nl", "fr", "en"), root, {"now": NOW}, properties)
