"""The page "Stock" in Airflow's navigation: how current the shop's stock is, per location; and the same as JSON.

Airflow loads this file in every process, in each task as well, so what only its web server needs is imported when it is asked.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

PREFIX = "/stock"


@cache
def application() -> "FastAPI":
    """The page, made at the first request."""
    from koppel import stock_app  # noqa: PLC0415 - takes a second, which no task must pay

    return stock_app.application()


async def stock(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """What Airflow mounts."""
    await application()(scope, receive, send)


class StockPlugin(AirflowPlugin):
    """Tells Airflow of the page."""

    name = "stock"
    fastapi_apps: list[Any] = [{"app": stock, "url_prefix": PREFIX, "name": "Stock"}]  # noqa: RUF012 - as Airflow declares it
    external_views: list[Any] = [  # noqa: RUF012
        {"name": "Stock", "href": f"{PREFIX}/", "destination": "nav", "url_route": "stock", "nav_top_level": True}
    ]
