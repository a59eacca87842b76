"""A small world for the tests of the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger
from tests.koppel.world import World


@pytest.fixture(scope="session")
def ledger_template(postgres: EmbeddedPostgres) -> str:
    """The name of a database that holds an empty ledger, to be copied."""
    ledger = Ledger(postgres.database("ledger_template", template="template0"))
    ledger.migrate()
    ledger.close()
    return "ledger_template"


@pytest.fixture
def ledger_url(postgres: EmbeddedPostgres, ledger_template: str) -> Iterator[str]:
    """The address of an empty ledger that nobody else uses."""
    name = f"ledger_{len(_made)}"
    _made.append(name)
    yield postgres.database(name, template=ledger_template)
    postgres.drop(name)


_made: list[str] = []


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ledger_url: str) -> Iterator[World]:
    """A source and a target in memory, and a real ledger."""
    world = World(monkeypatch, tmp_path, ledger_url)
    yield world
    world.ledger.close()
