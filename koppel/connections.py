"""Where the outside systems are and who we are there: Airflow connections, from the environment or any secrets backend."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from koppel.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection. Its text never shows the password or the extras, so it may stand in a log."""

    name: str
    uri: str = field(repr=False)
    scheme: str
    host: str
    port: int | None
    login: str = ""
    password: str = field(default="", repr=False)
    path: str = ""
    extra: dict[str, Any] = field(default_factory=dict, repr=False)


def connection(name: str) -> Connection:
    """The connection with this name: AIRFLOW_CONN_<NAME>, or inside a task whatever secrets backend Airflow has."""
    value = os.environ.get(f"AIRFLOW_CONN_{name.upper()}") or _from_file(name) or _from_airflow(name)
    if not value:
        raise ConfigError(
            f"There is no connection {name!r}.",
            do=f"Set AIRFLOW_CONN_{name.upper()}='scheme://login:password@host:port/path' or add it in Airflow.",
        )
    return parse(name, value)


def parse(name: str, value: str) -> Connection:
    """A connection from Airflow's URI or JSON form."""
    if value.lstrip().startswith("{"):
        return _from_json(name, value)
    parts = urlsplit(value)
    extra: dict[str, Any] = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "__extra__" in extra:
        extra = json.loads(extra["__extra__"])
    return Connection(
        name, value, parts.scheme, unquote(parts.hostname or ""), parts.port,
        unquote(parts.username or ""), unquote(parts.password or ""), unquote(parts.path), extra,
    )  # fmt: skip


def _from_json(name: str, value: str) -> Connection:
    data = json.loads(value)
    extra = data.get("extra") or {}
    extra = json.loads(extra) if isinstance(extra, str) else extra
    return Connection(
        name, data.get("uri", ""), data.get("conn_type", ""), data.get("host") or "", data.get("port"),
        data.get("login") or "", data.get("password") or "", data.get("schema") or "", extra,
    )  # fmt: skip


def _from_file(name: str) -> str | None:
    """A line of $KOPPEL_CONNECTIONS (``AIRFLOW_CONN_X=...`` lines, mode 600), so that the command line needs no Airflow."""
    path = os.environ.get("KOPPEL_CONNECTIONS")
    if not path or not Path(path).exists():
        return None
    lines = (line.partition("=") for line in Path(path).read_text("utf-8").splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, _, value in lines}.get(f"AIRFLOW_CONN_{name.upper()}")


def _from_airflow(name: str) -> str | None:
    """Inside a task the Task SDK answers from any secrets backend; outside one, the environment is all there is."""
    if "AIRFLOW_CTX_DAG_ID" not in os.environ:
        return None
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowRuntimeError

    try:
        return str(BaseHook.get_connection(name).get_uri())
    except AirflowRuntimeError:
        return None
