"""The embedded PostgreSQL: made once, found again, recovered after a crash, and stopped without touching anything else."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import psutil
import psycopg
import pytest
import sqlalchemy as sa

from koppel.embedded import EmbeddedPostgres, PostgresDown

FAST = {"fsync": "off"}  # as it is in use, but for the power cut


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    deep = tmp_path_factory.mktemp("embedded") / ("a-long-path-with-a-space and-more-" * 4)
    deep.mkdir()
    return deep


@pytest.fixture
def server(home: Path):
    with EmbeddedPostgres(home / "data", FAST) as running:
        yield running


def _pid(server: EmbeddedPostgres) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().split("\n", 1)[0])


def test_every_driver_takes_the_address(server):
    url = server.database("drivers")
    with psycopg.connect(url) as session:
        assert session.execute("SELECT current_database()").fetchone() == ("drivers",)
    with sa.create_engine(url).connect() as session:
        assert session.scalar(sa.text("SELECT current_database()")) == "drivers"
    with adbc.connect(url) as session, session.cursor() as cursor:
        cursor.execute("SELECT current_database()::text AS name")
        assert cursor.fetch_arrow_table().to_pydict() == {"name": ["drivers"]}


def test_it_listens_on_loopback_only_and_asks_for_a_password(server):
    listening = [c.laddr.ip for c in psutil.Process(_pid(server)).net_connections("inet") if c.status == "LISTEN"]
    assert listening == ["127.0.0.1"]
    without = server.url("postgres").replace(server.url("postgres").split("@", maxsplit=1)[0], "postgresql://koppel:no")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(without)
    assert (server.data_dir.with_name("data.password").stat().st_mode & 0o077) == 0


def test_a_database_is_made_once_and_keeps_its_rows_over_a_restart(server):
    with psycopg.connect(server.database("kept")) as session:
        session.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS n")
    address = server.url("kept")
    server.stop()
    assert not server.is_running
    server.start()
    assert server.database("kept") == address, "the port stays the same"
    with psycopg.connect(address) as session:
        assert session.execute("SELECT n FROM kept").fetchall() == [(42,)]


def test_a_dropped_database_is_gone_even_with_a_session_on_it(server):
    with psycopg.connect(server.database("dropped")):
        server.drop("dropped")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(server.url("dropped"))


def test_a_second_start_uses_the_server_that_runs(server):
    pid = _pid(server)
    assert EmbeddedPostgres(server.data_dir).start() == server.url("postgres")
    assert _pid(server) == pid


def test_it_comes_back_after_a_crash(server):
    with psycopg.connect(server.database("crashed")) as session:
        session.execute("CREATE TABLE IF NOT EXISTS committed AS SELECT 7 AS n")
    crashed = psutil.Process(_pid(server))
    crashed.kill()
    crashed.wait(10)
    server.start()
    with psycopg.connect(server.url("crashed")) as session:
        assert session.execute("SELECT n FROM committed").fetchall() == [(7,)]


def test_a_pid_file_with_the_number_of_another_process_neither_blocks_nor_harms_it(server):
    server.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        (server.data_dir / "postmaster.pid").write_text(f"{bystander.pid}\n{server.data_dir}\n")
        assert not server.is_running
        server.stop()
        assert bystander.poll() is None
        server.start()
        assert server.is_running
        bystander.communicate(b"\n")


def test_a_taken_port_is_left_alone(server):
    server.stop()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server.data_dir.with_name("data.port").write_text(str(taken.getsockname()[1]))
        assert f":{taken.getsockname()[1]}/" not in server.start()


def test_a_half_made_folder_does_not_count(home):
    (home / "second.unfinished").mkdir()
    (home / "second.unfinished" / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(home / "second", FAST) as fresh:
        assert fresh.is_running


def test_a_server_that_can_not_start_says_why(home):
    with EmbeddedPostgres(home / "data", FAST):
        pass
    broken = EmbeddedPostgres(home / "data", {"no_such_setting": "1"})
    with pytest.raises(PostgresDown, match="no_such_setting") as error:
        broken.start()
    assert "untouched" in error.value.kept
    assert not broken.is_running


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become someone else")
def test_as_root_it_runs_as_another_user(server):
    assert psutil.Process(_pid(server)).uids().effective != 0
