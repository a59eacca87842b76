"""Airflow's own loading of plugins and its own login, without the rest of Airflow, in a process of its own.

Started by the tests as ``python -m tests.plugins.served``; says on one line where it listens, and a token per role.
"""

import json
import socket
import sys

import uvicorn
from airflow import settings
from airflow.api_fastapi.app import create_auth_manager, init_plugins
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.models.revoked_token import RevokedToken
from fastapi import FastAPI

from koppel import stock_app
from koppel.ledger import Ledger
from koppel.settings import Settings
from koppel.stock_reader import StockReader
from koppel.stock_status import read_status

DOWN = "postgresql://koppel:verysecretword@127.0.0.1:1/koppel"


def main() -> None:
    """Serve until somebody ends this process."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    init_plugins(app)
    down = StockReader(lambda: read_status(Ledger(DOWN), Settings.load()))
    app.mount("/down", stock_app.application(down))
    RevokedToken.__table__.create(settings.engine)  # type: ignore[attr-defined]
    manager = create_auth_manager()
    users = {role: SimpleAuthManagerUser(username=role.lower(), role=role) for role in ("VIEWER", "ADMIN")}
    listening = socket.create_server(("127.0.0.1", 0))
    tokens = {role: manager.generate_jwt(user) for role, user in users.items()}
    sys.stdout.write(f"SERVED {json.dumps({'port': listening.getsockname()[1], 'tokens': tokens})}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main()
