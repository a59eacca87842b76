"""The page "Data quality" for Airflow's web server to mount: the latest report and older ones, and the work lists.

Whoever may see what runs may read; whoever may start the DAG ``quality_report`` may hand out work lists and take them back.
"""

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, FastAPI, Request
from starlette.responses import FileResponse, Response

from data_quality.messages import marked
from data_quality.report import refusals, store
from data_quality.report.answers import HEADERS, Origin, Reader, in_words
from data_quality.report.options import target_of
from data_quality.report.store import Published
from data_quality.worklist import pages as work_lists
from data_quality.worklist.package import MOST_BYTES
from koppel.errors import KoppelError
from koppel.settings import Settings

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "xlsx": work_lists.WORKBOOK,
    "json": "application/json",
}
_ALONE = "sandbox allow-scripts allow-downloads; frame-ancestors 'self'"
"""A report holds the words of other systems. It runs as a page of nobody, that can't act for the user who reads it."""

_NO_REPORT = KoppelError(
    marked("There is no such report."), do=marked("Choose the reports, above, and one of those there are.")
)

may_see = requires_access_view(AccessView.CLUSTER_ACTIVITY)


def application(origin: Origin | None = None) -> FastAPI:
    """The routes. A route of a plugin is open to everyone unless it asks; here the application asks, for each that it has."""
    source = origin or Origin()
    app = FastAPI(
        title="Data quality", dependencies=[Depends(may_see)], docs_url=None, redoc_url=None, openapi_url=None
    )
    refusals.install(app, MOST_BYTES)
    app.include_router(work_lists.router(source))

    @app.get("/")
    def page(request: Request, report: str = "") -> Response:
        return in_words(request, source, lambda reader: _shell(reader, report))

    @app.get("/reports/{target}/{name}/{language}.{form}")
    def file(request: Request, target: str, name: str, language: str, form: str) -> Response:
        return in_words(request, source, lambda reader: _file(reader, target, name, language, form))

    return app


def _shell(reader: Reader, name: str) -> Response:
    target = target_of(reader.settings)
    reports = store.every(reader.settings, target)
    chosen = next((one for one in reports if one.name == name), reports[0] if reports else None)
    language = _shown(chosen, reader.texts.language) if chosen else ""
    is_gone = bool(name) and chosen is not None and chosen.name != name
    return reader.page(
        "reports.html", target=target, reports=reports, chosen=chosen, language=language, is_gone=is_gone
    )


def _shown(report: Published, language: str) -> str:
    """The language that a report is shown in: the reader's, or one that it has."""
    return language if language in report.languages else next(iter(report.languages), language)


def _file(reader: Reader, target: str, name: str, language: str, form: str) -> Response:
    """A file of a report. Each part of its address is outside text: it is only looked for among what there is."""
    report = _found(reader.settings, target, name)
    if report is None or language not in report.languages or form not in store.FORMS:
        return reader.trouble(_NO_REPORT, 404)
    path = report.file(language, form)
    if not path.is_file():
        return reader.trouble(_NO_REPORT, 404)
    policy = _ALONE if form == "html" else "default-src 'none'; sandbox"
    shown = None if form == "html" else f"{target}-{report.name[:10]}-{path.name}"
    headers = HEADERS | {"Content-Security-Policy": policy}
    return FileResponse(path, media_type=MEDIA_TYPES[form], headers=headers, filename=shown)


def _found(settings: Settings, target: str, name: str) -> Published | None:
    try:
        return store.one(settings, target, name)
    except KoppelError:
        return None
