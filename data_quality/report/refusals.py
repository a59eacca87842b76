"""What the page "Data quality" turns away before any of its routes sees it, each as a page that says what to do."""

import math
from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from data_quality.messages import marked
from data_quality.report.answers import trouble
from koppel.errors import KoppelError

_UNCHANGED = marked("Nothing was changed.")
FOREIGN = KoppelError(
    marked("This form is of another site."), kept=_UNCHANGED,
    do=marked("Open the page Data quality in Airflow, and use the form there."),
)  # fmt: skip
NOT_COMPLETE = KoppelError(
    marked("The form is not complete."), kept=_UNCHANGED, do=marked("Go back, fill it in and send it again.")
)
TOO_LARGE = KoppelError(
    marked("The file is too large to be a work list."), kept=_UNCHANGED,
    do=marked("Take out what you pasted, photos for example, and send it again."),
)  # fmt: skip
NOT_LOGGED_IN = KoppelError(
    marked("You are not logged in."), do=marked("Log in to Airflow, then open this page again.")
)
MAY_NOT_SEE = KoppelError(
    marked("You may not see this page."), do=marked("Log in to Airflow again, or ask its administrator for access.")
)
MAY_NOT_CHANGE = KoppelError(
    marked("You may read this page, but change nothing on it."), kept=_UNCHANGED,
    do=marked("Ask the administrator of Airflow for the right to start the DAG of the report."),
)  # fmt: skip
NO_PAGE = KoppelError(marked("There is no such page."), do=marked("Choose the reports or the work lists, above."))
UNFORESEEN = KoppelError(
    marked("Something went wrong that nobody foresaw."), kept=marked("What was accepted before stays accepted."),
    do=marked("Ask IT to look at the log of Airflow's web server."),
)  # fmt: skip

ROOM = 100_000
"""Bytes of a form besides its file."""


class ForeignForm(HTTPException):
    """A form of another site."""


def same_page(request: Request) -> None:
    """A form of another site must not act for whoever is logged in here: browsers tell which site a form is on.

    Older ones, and all of them where the page is served without TLS, tell only its origin. Raises ForeignForm.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = request.headers.get("host", "")
    if site in {"cross-site", "same-site"} or (
        site is None and origin is not None and origin.partition("://")[2] != own
    ):
        raise ForeignForm(403)


def install(app: FastAPI, most_bytes: int) -> None:
    """Make all refusals of an application pages; what is larger than ``most_bytes`` and some room never reaches it."""
    app.add_middleware(SizeLimit, most=most_bytes + ROOM)
    app.add_exception_handler(AnyHTTPException, _refused)
    app.add_exception_handler(RequestValidationError, lambda request, _: trouble(request, NOT_COMPLETE, 422))
    app.add_exception_handler(Exception, lambda request, _: trouble(request, UNFORESEEN, 500))


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, AnyHTTPException):  # never: it is registered for these; said for whoever checks types
        raise error
    answer = trouble(request, _why(request, error), error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def _why(request: Request, error: AnyHTTPException) -> KoppelError:
    if isinstance(error, ForeignForm):
        return FOREIGN
    match error.status_code:
        case HTTPStatus.UNAUTHORIZED:
            return NOT_LOGGED_IN
        case HTTPStatus.FORBIDDEN:
            return MAY_NOT_SEE if request.method == "GET" else MAY_NOT_CHANGE
        case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
            return NO_PAGE
        case _:
            return NOT_COMPLETE


class SizeLimit:
    """Keeps what is larger than any form here out of memory and off the disk: FastAPI reads a form before it asks who sends it."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand it on, or let it run dry (a browser shows no answer before it has sent everything) and refuse it."""
        if scope["type"] != "http" or _length(Request(scope)) <= self.most:
            await self.app(scope, receive, send)
            return
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            pass
        await trouble(Request(scope), TOO_LARGE, 413)(scope, receive, send)


def _length(request: Request) -> float:
    """The size of a body in bytes; endless where nothing tells it."""
    told = request.headers.get("content-length", "")
    if told.isdecimal():
        return int(told) if len(told) < 16 else math.inf
    return math.inf if "transfer-encoding" in request.headers else 0
