"""What every test may ask for: a real PostgreSQL, one server a session and an empty database a test."""

import itertools
from collections.abc import Iterator

import pytest

from koppel.embedded import EmbeddedPostgres

# The data of a test need not survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One embedded PostgreSQL for the whole session."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "data", FAST) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of an empty database that nobody else uses; it is gone after the test."""
    name = f"test_{next(_numbers)}"
    yield postgres.database(name, template="template0")
    postgres.drop(name)
