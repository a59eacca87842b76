"""Connections that fail, in words and without the password."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from koppel.entities import PRODUCT
from koppel.errors import ConfigError, SourceDown
from koppel.window import Window

T0 = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)
UTC_TIME = pa.timestamp("us", tz="UTC")


def read(source, entity=PRODUCT, window=Window()) -> pa.Table:  # noqa: B008 -- frozen
    tables = list(source.read(entity, window))
    assert len({table.schema for table in tables}) == 1
    return pa.concat_tables(tables)


def skus(table: pa.Table) -> list[str]:
    return table.column("sku").to_pylist()


# --- connections -----------------------------------------------------------------------------------------------------

ONE = "select '1' as sku, 'x' as name"


def test_a_server_that_is_not_there(sql_source) -> None:
    for scheme in ("postgresql", "mysql"):
        source = sql_source(f"{scheme}://u:geheim-9@127.0.0.1:1/erp", product=ONE)
        with pytest.raises(SourceDown) as caught:
            read(source)
        assert "geheim-9" not in str(caught.value)
        assert not source.check()[0].is_fine


def test_a_host_that_does_not_exist(sql_source) -> None:
    with pytest.raises(SourceDown, match=r"no-such-host\.invalid"):
        read(sql_source("postgresql://u:geheim-9@no-such-host.invalid/erp", product=ONE))


def test_a_database_that_does_not_exist(sql_source, postgres_url: str) -> None:
    from sqlalchemy.engine import make_url

    url = make_url(postgres_url).set(database="no_such").render_as_string(hide_password=False)
    with pytest.raises(ConfigError, match="no_such"):
        read(sql_source(url, product=ONE))


def test_a_wrong_password(sql_source, mariadb_url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(sql_source(mariadb_url.replace("geheim-9", "geheim-8"), product=ONE))
    assert "geheim" not in str(caught.value)
    assert "Correct login" in str(caught.value)


def test_a_sqlite_file_that_is_not_there_is_not_made(sql_source, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"erp\.db"):
        read(sql_source("sqlite:///erp.db", product=ONE))
    assert not (tmp_path / "erp.db").exists()


def test_a_file_that_is_no_database(sql_source, tmp_path: Path) -> None:
    (tmp_path / "erp.db").write_text("no database " * 100)
    with pytest.raises(SourceDown, match="not a database"):
        read(sql_source("sqlite:///erp.db", product="select sku, name from item"))


@pytest.mark.parametrize("url", ["://", "nonsense://x/y", "oracle://u:p@h/d"])
def test_an_address_without_a_driver(sql_source, url: str) -> None:
    with pytest.raises(ConfigError):
        read(sql_source(url, product=ONE))


def test_no_connection_in_the_settings(sql_source) -> None:
    source = sql_source("sqlite://", product=ONE)
    object.__setattr__(source.settings, "connection", None)
    with pytest.raises(ConfigError, match="no connection"):
        read(source)
