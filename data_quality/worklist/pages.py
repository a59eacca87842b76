"""The work lists on the page "Data quality": hand out, upload, look at what would come of it, say yes, get what remains."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from fastapi import APIRouter, Depends, Form, HTTPException, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from data_quality.messages import languages as catalogues
from data_quality.messages import marked
from data_quality.owners import Owners
from data_quality.report.build import build
from data_quality.report.making import target_of
from data_quality.report.model import Report
from data_quality.report.pages import MEDIA_TYPES, Reader, in_words, render
from data_quality.report.store import PAGE
from data_quality.worklist.handing_out import hand_out
from data_quality.worklist.package import MOST_BYTES
from data_quality.worklist.returned import confirm, preview
from data_quality.worklist.waiting import Waiting
from koppel.errors import ConfigError
from koppel.ledger import Ledger, now
from koppel.settings import Settings

SHOWN = 200
"""Lines of one kind that the preview shows; all of them stand in the workbook of what remains."""

may_change = requires_access_dag("POST", DagAccessEntity.RUN, param_dag_id="quality_report")
"""Whoever may start the report may also take back a work list; who may only look may not."""

User = Annotated[BaseUser, Depends(get_user)]
Load = Callable[[], Settings]


def same_page(request: Request) -> None:
    """A form of another site must not act for whoever is logged in here: browsers tell which site a form is on."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = request.headers.get("host", "")
    if site in {"cross-site", "same-site"} or (site is None and origin is not None and urlsplit(origin).netloc != own):
        raise HTTPException(403, "This form belongs to another site. Nothing was changed.")


_WRITES: dict[str, Any] = {"dependencies": [Depends(may_change), Depends(same_page)]}


def router(load: Load) -> APIRouter:
    """The routes below ``/work-lists``."""
    routes = APIRouter(prefix="/work-lists")

    @routes.get("")
    def desk(request: Request) -> Response:
        return in_words(request, load, _desk)

    @routes.post("/hand-out", **_WRITES)
    def give(
        request: Request, user: User, owner: Annotated[str, Form()] = "", language: Annotated[str, Form()] = ""
    ) -> Response:
        return in_words(request, load, lambda reader: _give(reader, user, owner, language))

    @routes.post("/upload", **_WRITES)
    def upload(request: Request, user: User, file: UploadFile) -> Response:
        content, name = file.file.read(MOST_BYTES + 1), file.filename or ""
        return in_words(request, load, lambda reader: _preview(reader, user, content, name))

    @routes.post("/confirm", **_WRITES)
    def accept(request: Request, user: User, preview_id: Annotated[str, Form()]) -> Response:
        return in_words(request, load, lambda reader: _confirm(reader, user, preview_id))

    @routes.get("/done/{preview_id}")
    def done(request: Request, preview_id: str) -> Response:
        return in_words(request, load, lambda reader: _done(reader, preview_id))

    @routes.get("/done/{preview_id}/answer.xlsx")
    def answer(preview_id: str) -> Response:
        return _answer(Waiting.of(load()), preview_id)

    return routes


def _desk(reader: Reader) -> Response:
    """Who has how much to mend, and where a list that came back is handed in."""
    report = _report(reader.settings)
    languages = {name: person.language for name, person in Owners.load(reader.settings).people.items()}
    own = [person for person in report.people if person.open]
    return render(
        "work_lists.html", reader.texts, people=own, languages=languages, known=catalogues(),
        most_mb=MOST_BYTES // 1_000_000,
    )  # fmt: skip


def _report(settings: Settings) -> Report:
    return build(Ledger.from_environment(), settings, now(), target_of(settings))


def _give(reader: Reader, user: BaseUser, owner: str, language: str) -> Response:
    chosen = language if language in catalogues() else reader.texts.language
    ledger, report = Ledger.from_environment(), _report(reader.settings)
    made = hand_out(ledger, reader.settings, report, language=chosen, who=user.get_name(), now=now(), owner=owner)
    if made is None:
        raise ConfigError(
            reader.texts.gettext("There is nothing to mend for this person."),
            do=reader.texts.gettext("Look at the report again; somebody mended it meanwhile."),
        )
    headers = {"Content-Disposition": f'attachment; filename="{made.filename}"', "Cache-Control": "no-store"}
    return Response(made.content, 200, headers, MEDIA_TYPES["xlsx"])


def _preview(reader: Reader, user: BaseUser, content: bytes, filename: str) -> Response:
    made = preview(Ledger.from_environment(), reader.settings, content, filename, user.get_name(), now())
    groups = (
        (marked("Accepted"), made.accepted), (marked("Conflicts"), made.conflicts),
        (marked("Rejected"), made.rejected), (marked("Unchanged"), made.unchanged),
    )  # fmt: skip
    return render("work_list_preview.html", reader.texts, made=made, groups=groups, shown=SHOWN)


def _confirm(reader: Reader, user: BaseUser, preview_id: str) -> Response:
    """Take it over, and go on to a page of its own: reloading that does nothing again."""
    confirm(Ledger.from_environment(), reader.settings, preview_id, user.get_name(), now())
    return RedirectResponse(f"{PAGE}/work-lists/done/{preview_id}?language={reader.texts.language}", 303)


def _done(reader: Reader, preview_id: str) -> Response:
    outcome = Waiting.of(reader.settings).done(preview_id)
    if outcome is None:
        raise ConfigError(
            reader.texts.gettext("Nobody accepted this work list yet."),
            do=reader.texts.gettext("Upload it, and look at it first."),
        )
    return render("work_list_done.html", reader.texts, outcome=outcome, preview_id=preview_id)


def _answer(waiting: Waiting, preview_id: str) -> Response:
    content, outcome = waiting.answer(preview_id), waiting.done(preview_id)
    if content is None or outcome is None:
        return Response("There is no such workbook.", 404, media_type="text/plain")
    headers = {
        "Content-Disposition": f'attachment; filename="{outcome["answer_name"]}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, 200, headers, MEDIA_TYPES["xlsx"])
