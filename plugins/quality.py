"""The page "Data quality", called "Quality" in Airflow's navigation: the reports, and the work lists that come back.

Airflow loads this file in every process, in each task as well, so what only its web server needs is imported when it is asked.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

PREFIX = "/quality"


@cache
def application() -> "FastAPI":
    """The page, made at the first request."""
    from data_quality.report import pages  # noqa: PLC0415 - takes seconds, which no task must pay

    return pages.application()


async def quality(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """What Airflow mounts."""
    await application()(scope, receive, send)


class QualityPlugin(AirflowPlugin):
    """Tells Airflow of the page."""

    name = "quality"
    fastapi_apps: list[Any] = [{"app": quality, "url_prefix": PREFIX, "name": "Data quality"}]  # noqa: RUF012 - as Airflow declares it
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "Quality",  # what fits into the navigation
            "href": f"{PREFIX}/",
            "destination": "nav",
            "url_route": "quality",
            "nav_top_level": True,
        }
    ]
