"""The page "Data quality" for Airflow's web server to mount: the latest report and older ones, and the work lists.

Whoever may see what runs may read; whoever may start the DAG ``quality_report`` may hand out work lists and take them back.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, Response

from data_quality.messages import languages as catalogues
from data_quality.report import store
from data_quality.report.making import target_of
from data_quality.report.store import Published
from data_quality.texts import Texts
from koppel import appendix
from koppel.errors import KoppelError
from koppel.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"
MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_ALONE = "sandbox allow-scripts allow-downloads; frame-ancestors 'self'"
"""A report holds the words of other systems. It runs as a page of nobody, that can't act for the user who reads it."""

_HEADERS = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

may_see = requires_access_view(AccessView.CLUSTER_ACTIVITY)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, in which language, and with which settings."""

    texts: Texts
    settings: Settings

    @classmethod
    def of(cls, request: Request, load: Callable[[], Settings]) -> "Reader":
        """The reader of a request: ``?language=``, else what the browser prefers, else the shop's first language."""
        settings = load()
        return cls(Texts.of(language_of(request, settings), settings), settings)


def application(load: Callable[[], Settings] = Settings.load) -> FastAPI:
    """The routes. A route of a plugin is open to everyone unless it asks; here the application asks, for each that it has."""
    from data_quality.worklist import pages  # noqa: PLC0415 (it uses what stands here)

    app = FastAPI(
        title="Data quality", dependencies=[Depends(may_see)], docs_url=None, redoc_url=None, openapi_url=None
    )
    app.include_router(pages.router(load))

    @app.get("/")
    def page(request: Request, report: str = "") -> Response:
        return in_words(request, load, lambda reader: _shell(reader, report))

    @app.get("/reports/{target}/{name}/{language}.{form}")
    def file(target: str, name: str, language: str, form: str) -> Response:
        return _file(load(), target, name, language, form)

    return app


def language_of(request: Request, settings: Settings) -> str:
    """The language to answer in; one without a catalogue is passed over."""
    known = catalogues()
    preferred = request.headers.get("accept-language", "").split(",")[:20]
    wanted = [
        request.query_params.get("language", ""),
        *(part.split(";")[0].strip().lower().split("-")[0] for part in preferred),
    ]
    return next((one for one in [*wanted, *settings.languages] if one in known), known[0])


def in_words(request: Request, load: Callable[[], Settings], answer: Callable[[Reader], Response]) -> Response:
    """The answer, or a page that says what is wrong: what happened, what is safe and what to do."""
    try:
        return answer(Reader.of(request, load))
    except KoppelError as error:
        return render("trouble.html", _plain_reader(request), 503, error=error)


def _plain_reader(request: Request) -> Texts:
    """Texts that need no settings: those may be what is wrong."""
    wanted = request.query_params.get("language", "")
    return Texts(wanted if wanted in catalogues() else "en")


def _shell(reader: Reader, name: str) -> Response:
    target = target_of(reader.settings)
    reports = store.every(reader.settings, target)
    chosen = next((one for one in reports if one.name == name), reports[0] if reports else None)
    language = _shown(chosen, reader.texts.language) if chosen else ""
    return render("reports.html", reader.texts, target=target, reports=reports, chosen=chosen, language=language)


def _shown(report: Published, language: str) -> str:
    """The language that a report is shown in: the reader's, or one that it has."""
    return language if language in report.languages else next(iter(report.languages), language)


def _file(settings: Settings, target: str, name: str, language: str, form: str) -> Response:
    """A file of a report. Each part of its address is outside text: it is only looked for among what there is."""
    try:
        report = store.one(settings, target, name)
    except KoppelError:
        report = None
    if report is None or language not in report.languages or form not in store.FORMS:
        return Response("There is no such report.", 404, _HEADERS, "text/plain")
    path = report.file(language, form)
    headers = _HEADERS | ({"Content-Security-Policy": _ALONE} if form == "html" else {})
    shown = None if form == "html" else f"{target}-{report.name[:10]}-{path.name}"
    return FileResponse(path, media_type=MEDIA_TYPES[form], headers=headers, filename=shown)


def render(name: str, texts: Texts, status: int = 200, **values: Any) -> Response:
    """A page of these templates, in the language of ``texts``; only the style and script with its nonce may run."""
    nonce = secrets.token_urlsafe(16)
    style = appendix.style() + (TEMPLATES / "shell.css").read_text("utf-8")
    script = (TEMPLATES / "shell.js").read_text("utf-8")
    html = _templates().get_template(name).render(
        nonce=nonce, style=style, script=script, texts=texts, _=texts.gettext, base=store.PAGE, **values
    )  # fmt: skip
    own = f"'nonce-{nonce}'"
    policy = (
        f"default-src 'none'; script-src {own}; style-src {own}; frame-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'self'"
    )
    return Response(html, status, _HEADERS | {"Content-Security-Policy": policy}, MEDIA_TYPES["html"])


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
