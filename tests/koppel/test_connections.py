"""Connections in Airflow's two forms, and what never shows of them."""

from pathlib import Path

import pytest

from koppel.connections import connection, parse
from koppel.errors import ConfigError


def test_an_address_with_login_and_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", "https://me:p%40ss@shop.example:8443/rest?bearer=tok%26en")
    found = connection("shop")
    assert (found.scheme, found.host, found.port) == ("https", "shop.example", 8443)
    assert (found.login, found.password, found.path) == ("me", "p@ss", "/rest")
    assert found.extra == {"bearer": "tok&en"}


def test_the_json_form_with_extras_as_text() -> None:
    text = '{"conn_type": "http", "host": "h", "port": 80, "login": "l", "password": "p", "extra": "{\\"a\\": 1}"}'
    found = parse("x", text)
    assert (found.scheme, found.host, found.login, found.password, found.extra) == ("http", "h", "l", "p", {"a": 1})


def test_extras_wrapped_the_way_airflow_writes_them() -> None:
    assert parse("x", "http://h/?__extra__=%7B%22a%22%3A+%7B%22b%22%3A+1%7D%7D").extra == {"a": {"b": 1}}


def test_a_connection_as_text_shows_no_secret() -> None:
    found = parse("shop", "https://me:hidden-1@h/?access_token=hidden-2")
    assert "hidden" not in repr(found)
    assert "hidden" not in str(found)


def test_a_file_of_connections_serves_the_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "connections.env"
    file.write_text("AIRFLOW_CONN_ERP=postgresql://a:b@h/erp?x=1\n")
    monkeypatch.setenv("KOPPEL_CONNECTIONS", str(file))
    monkeypatch.delenv("AIRFLOW_CONN_ERP", raising=False)
    assert connection("erp").path == "/erp"


def test_a_missing_connection_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOPPEL_CONNECTIONS", raising=False)
    with pytest.raises(ConfigError, match="AIRFLOW_CONN_NOWHERE"):
        connection("nowhere")
