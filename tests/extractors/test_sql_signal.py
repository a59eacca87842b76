"""The signal of a change: heard at once, also between two waits, missed by no dropped connection, and never an error."""

import logging
from collections.abc import Callable

import psycopg
import pytest

from extractors.sql import SqlSource
from koppel.settings import SourceSettings
from koppel.source import Signals

LONG = 60.0
"""Seconds; no test waits so long, because what it waits for is there, or comes: PostgreSQL brings a message some time after the
commit. So no test takes for granted that one has arrived; it waits for it."""
SHORT = 0.2
"""Seconds to wait for what must not come."""


class FakeClock:
    """Sleeps in no time, and remembers it."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


Make = Callable[..., SqlSource]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make(tmp_path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> Make:
    def source(url: str, **options: str) -> SqlSource:
        monkeypatch.setenv("AIRFLOW_CONN_ERP", url)
        return SqlSource(SourceSettings("erp", "sql", tmp_path, "erp", options), clock)

    return source


@pytest.fixture
def source(make: Make, postgres_url: str) -> SqlSource:
    """A source that listens."""
    found = make(postgres_url, signal="stock changed")
    assert found.wait(LONG)  # it began to listen: what changed before is unknown
    return found


def notify(url: str, channel: str = "stock changed", times: int = 1) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(times):
            connection.execute("select pg_notify(%s, '')", (channel,))


def end_listeners(url: str) -> int:
    """Cut every connection that listens, and wait until it is gone; how many it were."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "select pg_terminate_backend(pid, 60000) from pg_stat_activity"
            " where datname = current_database() and query like 'listen%'"
        ).fetchall()
    assert all(is_gone for (is_gone,) in ended)
    return len(ended)


def test_a_signal_is_heard_also_between_two_waits(source: SqlSource, postgres_url: str, clock: FakeClock) -> None:
    notify(postgres_url)
    assert source.wait(LONG)
    assert not source.wait(SHORT), "one signal is heard once"
    notify(postgres_url, times=3)
    assert source.wait(LONG)
    assert clock.slept == []


def test_many_signals_are_not_heard_for_ever(source: SqlSource, postgres_url: str) -> None:
    notify(postgres_url, times=50)
    assert source.wait(LONG)
    assert sum(source.wait(0) for _ in range(60)) < 50, "each wait takes one at least"


def test_no_signal_and_that_of_another_channel_are_silence(source: SqlSource, postgres_url: str) -> None:
    notify(postgres_url, "another channel")
    assert not source.wait(0)
    assert not source.wait(SHORT)
    notify(postgres_url)
    assert source.wait(LONG), "it did listen"


def test_a_cut_connection_is_made_again_and_counts_as_a_signal(
    source: SqlSource, postgres_url: str, clock: FakeClock
) -> None:
    assert end_listeners(postgres_url) == 1
    assert not source.wait(5)
    assert clock.slept == [5]
    assert source.wait(LONG)  # something may have changed while nobody listened
    notify(postgres_url)
    assert source.wait(LONG)


def test_a_database_that_is_down_is_waited_for_with_one_line_in_the_log(
    make: Make, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    source = make("postgresql://koppel:geheim-9@127.0.0.1:1/erp", signal="stock")
    with caplog.at_level(logging.WARNING):
        assert [source.wait(3) for _ in range(3)] == [False] * 3
    assert clock.slept == pytest.approx([3, 3, 3])
    assert len(caplog.records) == 1
    assert "source erp" in caplog.text
    assert "geheim-9" not in caplog.text


@pytest.mark.parametrize("url", ["sqlite:///erp.db", "mysql://a:b@127.0.0.1:1/erp", "no address"])
def test_what_can_not_signal_is_waited_for(
    make: Make, clock: FakeClock, url: str, caplog: pytest.LogCaptureFixture, tmp_path
) -> None:
    (tmp_path / "erp.db").touch()
    source = make(url, signal="stock")
    assert not source.wait(2)
    assert not source.wait(2)
    assert clock.slept == [2, 2]
    assert len(caplog.records) == 1


def test_without_a_signal_nothing_is_connected(make: Make, clock: FakeClock) -> None:
    source = make("no address")
    assert isinstance(source, Signals)
    assert not source.wait(0.5)
    assert clock.slept == [0.5]
