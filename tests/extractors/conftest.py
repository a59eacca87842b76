"""Databases to read from: SQLite in a file, and a MariaDB server started as a plain process where it is installed."""

import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import make_url

from extractors.sql import SqlSource
from koppel.settings import SourceSettings

MakeSource = Callable[..., SqlSource]


@pytest.fixture
def sql_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSource:
    """Make a source from an address and its queries (entity name to SQL)."""

    def make(url: str, options: dict | None = None, **queries: str) -> SqlSource:
        folder = tmp_path / "sql"
        folder.mkdir(exist_ok=True)
        for name, text in queries.items():
            (folder / f"{name}.sql").write_text(text, "utf-8")
        monkeypatch.setenv("AIRFLOW_CONN_ERP", url)
        return SqlSource(SourceSettings("erp", "sql", tmp_path, "erp", {"queries": "sql", **(options or {})}))

    return make


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A MariaDB of this session; the address of its empty database ``erp``."""
    server = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")
    install = shutil.which("mariadb-install-db")
    if not server or not install:
        pytest.skip("mariadbd is not installed on this machine (Debian: apt-get install mariadb-server)")
    data, port = tmp_path_factory.mktemp("mariadb") / "data", _free_port()
    user = ["--user=root"] if os.geteuid() == 0 else []
    setup = [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", *user]
    subprocess.run([*setup, "--skip-test-db"], check=True, capture_output=True)
    log = (data / "server.log").open("wb")
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
         f"--socket={data}/s", "--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve", *user],
        stdout=log, stderr=log,
    )  # fmt: skip
    try:
        _wait_for(port, process, data / "server.log")
        yield f"mysql://koppel:geheim-9@127.0.0.1:{port}/erp"
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            root = pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)
        except pymysql.OperationalError:
            time.sleep(0.1)
            continue
        with root, root.cursor() as cursor:
            cursor.execute("create database erp character set utf8mb4")
            cursor.execute("create user koppel@'%' identified by 'geheim-9'")
            cursor.execute("grant all on *.* to koppel@'%'")
        return
    pytest.fail(f"MariaDB did not start: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture
def mariadb_url(mariadb_server: str) -> str:
    """The address of an empty database."""
    port = int(mariadb_server.rsplit(":", 1)[1].split("/", maxsplit=1)[0])
    with pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True) as root, root.cursor() as cursor:
        cursor.execute("drop database erp")
        cursor.execute("create database erp character set utf8mb4")
    return mariadb_server


@pytest.fixture
def mariadb_execute(mariadb_url: str) -> Callable[..., None]:
    """Run statements in that database."""
    at = make_url(mariadb_url)

    def run(*statements: str) -> None:
        with (
            pymysql.connect(
                host=at.host, port=at.port, user=at.username, password=at.password, db="erp", autocommit=True
            ) as db,
            db.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)

    return run


ROWS = [("A", "10:00:00"), ("B", "10:00:00"), ("C", "09:59:59"), ("D", "10:00:01"), ("E", None), ("a", "08:00:00")]


@pytest.fixture(params=["sqlite", "postgresql", "postgresql, no arrow", "mariadb"])
def stamped(request: pytest.FixtureRequest, sql_source, tmp_path: Path):
    """A source over a table with equal, different and empty timestamps; made by ``stamped(query)``."""
    values = ", ".join(f"('{sku}', '2026-03-01 {at}')" if at else f"('{sku}', null)" for sku, at in ROWS)
    kind = request.param.partition(",")[0]
    if kind == "sqlite":
        with sqlite3.connect(tmp_path / "erp.db") as db:
            db.execute("create table item (sku text, at text)")
            db.execute(f"insert into item values {values}")
        url = "sqlite:///erp.db"
    elif kind == "postgresql":
        url = request.getfixturevalue("postgres_url")
        with psycopg.connect(url) as db:
            db.execute("create table item (sku text, at timestamp)")
            db.execute(f"insert into item values {values}")
    else:
        url = request.getfixturevalue("mariadb_url")
        request.getfixturevalue("mariadb_execute")(
            "create table item (sku varchar(64), at datetime(6))", f"insert into item values {values}"
        )
    return lambda query: sql_source(url, {"arrow": "no arrow" not in request.param}, product=query)
