"""One Tryton for all tests of this folder; each test enters products of its own in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from extractors.tryton import TrytonSource
from koppel.entities import ENTITIES
from koppel.settings import SourceSettings
from koppel.window import Window
from tests.extractors.tryton.company import READER, READER_PASSWORD, Company, running_company
from tests.extractors.tryton.server import TrytonServer

MakeSource = Callable[..., TrytonSource]


@pytest.fixture(scope="session")
def _running() -> Iterator[tuple[TrytonServer, Company]]:
    with running_company() as running:
        yield running


@pytest.fixture
def server(_running: tuple[TrytonServer, Company]) -> TrytonServer:
    """The server."""
    return _running[0]


@pytest.fixture
def company(_running: tuple[TrytonServer, Company]) -> Company:
    """The company in it, to work in as its people do."""
    return _running[1]


@pytest.fixture(scope="session")
def _sources() -> dict[str, TrytonSource]:
    return {}


@pytest.fixture
def tryton_source(
    server: TrytonServer, _sources: dict[str, TrytonSource], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MakeSource:
    """Make a source; keyword arguments are its options, ``address`` another connection.

    Sources with the same options are one, because every log-in takes a third of a second; ``own``: one that the test changes.
    """

    def make(address: str = "", *, own: bool = False, **options: Any) -> TrytonSource:
        address = address or server.connection(READER, READER_PASSWORD)
        monkeypatch.setenv("AIRFLOW_CONN_TRYTON", address)
        options = {"calls_per_minute": 1_000_000, "retry_seconds": 0.2, "read_seconds": 60} | options
        source = TrytonSource(SourceSettings("tryton", "tryton", tmp_path, "tryton", options))
        return source if own else _sources.setdefault(repr((address, options)), source)

    return make


def rows_of(source: TrytonSource, entity: str, **window: Any) -> list[dict[str, Any]]:
    """All rows of a window."""
    tables = source.read(ENTITIES[entity], Window(**window))
    return [row for table in tables for row in table.to_pylist()]
