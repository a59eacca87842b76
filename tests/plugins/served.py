"""Airflow's own loading of plugins and its own login, without the rest of Airflow, in a process of its own.

Started by the tests as ``python -m tests.plugins.served``; says on one line where it listens, and a token per role.
Beside the plugins stand the same pages as they are when the ledger is down, without a report, and when config/ is broken.
"""

import json
import os
import socket
import sys
from pathlib import Path

import uvicorn
from airflow import settings
from airflow.api_fastapi.app import create_auth_manager, init_plugins
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.models.base import Base
from fastapi import FastAPI

from data_quality.report import pages
from data_quality.report.answers import Origin
from koppel import stock_app
from koppel.ledger import Ledger
from koppel.settings import Settings
from koppel.stock_reader import StockReader
from koppel.stock_status import read_status

DOWN = "postgresql://koppel:verysecretword@127.0.0.1:1/koppel"
ROLES = ("VIEWER", "USER", "ADMIN")
TABLES = ("revoked_token", "dag", "dag_bundle", "dag_bundle_team", "team")
"""What Airflow asks its own database when somebody wants to see or to start something."""


def main() -> None:
    """Serve until somebody ends this process."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    init_plugins(app)
    down = StockReader(lambda: read_status(Ledger(DOWN), Settings.load()))
    app.mount("/down/quality", pages.application(Origin(ledger=lambda: Ledger(DOWN))))
    app.mount("/down", stock_app.application(down))
    here = Path(os.environ["KOPPEL_CONFIG"]).parent
    for name in ("empty", "broken"):
        app.mount(
            f"/{name}/quality", pages.application(Origin(lambda name=name: Settings.load(here / name / "config")))
        )
    Base.metadata.create_all(settings.engine, [Base.metadata.tables[name] for name in TABLES])
    manager = create_auth_manager()
    users = {role: SimpleAuthManagerUser(username=role.lower(), role=role) for role in ROLES}
    listening = socket.create_server(("127.0.0.1", 0))
    tokens = {role: manager.generate_jwt(user) for role, user in users.items()}
    sys.stdout.write(f"SERVED {json.dumps({'port': listening.getsockname()[1], 'tokens': tokens})}\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


if __name__ == "__main__":
    main()
