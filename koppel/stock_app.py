"""The routes of the page of the stock, for Airflow's web server to mount: HTML, and the same as JSON."""

import json
import secrets

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, FastAPI
from starlette.responses import Response

from koppel import stock_page
from koppel.errors import KoppelError
from koppel.ledger import now
from koppel.stock_reader import StockReader

may_see = requires_access_view(AccessView.CLUSTER_ACTIVITY)
"""Whoever may see what runs may see this: every role of Airflow does, and nobody who is not logged in."""


def application(reader: StockReader | None = None) -> FastAPI:
    """The routes. A route of a plugin is open to everyone unless it asks; here the application asks, for each that it has."""
    app = FastAPI(title="Stock", dependencies=[Depends(may_see)], docs_url=None, redoc_url=None, openapi_url=None)
    source = reader or StockReader()

    @app.get("/")
    def page() -> Response:
        return _page(source)

    @app.get("/status.json")
    def status() -> Response:
        return _json(source)

    return app


def _page(reader: StockReader) -> Response:
    nonce = secrets.token_urlsafe(16)
    try:
        status, html = 200, stock_page.html(reader.status(), nonce)
    except KoppelError as error:
        status, html = 503, stock_page.trouble_html(error, now(), nonce)
    return _answer(html, status, "text/html; charset=utf-8", stock_page.policy(nonce))


def _json(reader: StockReader) -> Response:
    try:
        status, value = 200, reader.status().as_json()
    except KoppelError as error:
        status, value = 503, {"error": error.what, "do": error.do}
    return _answer(json.dumps(value), status, "application/json", "default-src 'none'; frame-ancestors 'none'")


def _answer(body: str, status: int, media_type: str, policy: str) -> Response:
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(body, status, headers, media_type)
