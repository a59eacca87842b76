"""What every test may ask for: a real PostgreSQL, one server a session and an empty database a test."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger

# The data of a test need not survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
_numbers = itertools.count(1)

LONGEST = (
    "dags/test_end_to_end.py", "promise/test_crash.py", "promise/test_stock_crash.py", "promise/test_stock_faults.py",
    "promise/test_crash_moments.py", "koppel/test_promise.py", "koppel/test_correcting.py", "examples/test_tryton_flow.py",
    "examples/test_adventureworks_flow.py", "examples/test_adventureworks_report.py", "promise/test_faults.py",
    "promise/test_bad_answers.py", "promise/test_stock_simulation.py", "promise/test_stock_bad_input.py",
    "promise/test_bad_input.py", "promise/test_stock_beside.py", "data_quality/report/test_browser.py",
    "data_quality/worklist", "data_quality/test_tally.py", "plugins", "extractors/tryton",
)  # fmt: skip
"""The files, and folders of files, that take longest, which are begun first: a long one that comes last would leave all other cores
idle."""


@pytest.hookimpl(optionalhook=True)  # pytest also runs without xdist
def pytest_xdist_auto_num_workers() -> int:
    """For ``-n auto``: one more than there are cores, up to four, as tests often wait for a server or a process."""
    return min((os.cpu_count() or 1) + 1, 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files in the order of ``LONGEST``, then all others as they were found; the tests of a file stay together."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    assert all(path.exists() for path in places)

    def place(item: pytest.Item) -> int:
        return next((places[path] for path in (item.path, *item.path.parents) if path in places), len(places))

    items.sort(key=place)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One embedded PostgreSQL for the whole session."""
    # Not below pytest's own folder: another session closes that to all other users, and the server is one when we are root.
    with (
        tempfile.TemporaryDirectory(prefix="koppel-test-") as folder,
        EmbeddedPostgres(Path(folder) / "data", FAST) as server,
    ):
        yield server


@pytest.fixture
def postgres_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The address of an empty database that nobody else uses; it is gone after the test."""
    name = f"test_{next(_numbers)}"
    yield postgres.database(name, template="template0")
    postgres.drop(name)


@pytest.fixture(scope="session")
def ledger_template(postgres: EmbeddedPostgres) -> str:
    """The name of a database that holds an empty ledger, to be copied."""
    ledger = Ledger(postgres.database("ledger_template", template="template0"))
    ledger.migrate()
    ledger.close()
    return "ledger_template"


@pytest.fixture
def ledger_url(postgres: EmbeddedPostgres, ledger_template: str) -> Iterator[str]:
    """The address of an empty ledger that nobody else uses; it is gone after the test."""
    name = f"ledger_{next(_numbers)}"
    yield postgres.database(name, template=ledger_template)
    postgres.drop(name)
