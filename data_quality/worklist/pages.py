"""The work lists on the page "Data quality": hand out, upload, look at what would come of it, say yes, get what remains."""

from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from fastapi import APIRouter, Depends, Form, HTTPException, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from data_quality.messages import languages as catalogues
from data_quality.messages import marked
from data_quality.owners import Owners
from data_quality.report.answers import HEADERS, Origin, Reader, in_words
from data_quality.report.build import build
from data_quality.report.model import Report
from data_quality.report.options import target_of
from data_quality.report.refusals import same_page
from data_quality.texts import Texts
from data_quality.worklist.check import Line
from data_quality.worklist.handing_out import hand_out
from data_quality.worklist.package import MOST_BYTES
from data_quality.worklist.returned import confirm, preview
from data_quality.worklist.waiting import Waiting
from koppel.errors import KoppelError
from koppel.ledger import now

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 200
"""Lines of one kind that the preview shows; all of them stand in the workbook of what remains."""
LONGEST_NAME = 200
"""Characters of a file's name that are kept."""

NOTHING_TO_MEND = KoppelError(
    marked("There is nothing to mend for this person."),
    do=marked("Look at the report again; somebody mended it meanwhile."),
)
NOT_ACCEPTED = KoppelError(marked("Nobody accepted this work list yet."), do=marked("Upload it, and look at it first."))
NOT_WAITING = KoppelError(
    marked("This work list is not waiting any more."), kept=marked("Nothing was changed."),
    do=marked("Send the file again, and look at it first."),
)  # fmt: skip
NOTHING_REMAINS = KoppelError(
    marked("There is no such workbook."), do=marked("Upload the work list again to see what came of it.")
)

may_change = requires_access_dag("POST", DagAccessEntity.RUN, param_dag_id="quality_report")
"""Whoever may start the report may also take back a work list; who may only look may not."""

User = Annotated[BaseUser, Depends(get_user)]

_WRITES: dict[str, Any] = {"dependencies": [Depends(may_change), Depends(same_page)]}


def router(origin: Origin) -> APIRouter:
    """The routes below ``/work-lists``."""
    routes = APIRouter(prefix="/work-lists")

    @routes.get("")
    def desk(request: Request, user: User) -> Response:
        is_open = _allowed(request, user)
        return in_words(request, origin, lambda reader: _desk(reader, is_open))

    @routes.post("/hand-out", **_WRITES)
    def give(
        request: Request, user: User, owner: Annotated[str, Form()] = "", language: Annotated[str, Form()] = ""
    ) -> Response:
        return in_words(request, origin, lambda reader: _give(reader, user, owner, language))

    @routes.post("/upload", **_WRITES)
    def upload(request: Request, user: User, file: UploadFile) -> Response:
        content, name = file.file.read(MOST_BYTES + 1), _plain(file.filename or "")
        return in_words(request, origin, lambda reader: _preview(reader, user, content, name))

    @routes.post("/confirm", **_WRITES)
    def accept(request: Request, user: User, preview_id: Annotated[str, Form()]) -> Response:
        return in_words(request, origin, lambda reader: _confirm(reader, user, preview_id))

    @routes.get("/done/{preview_id}")
    def done(request: Request, preview_id: str) -> Response:
        return in_words(request, origin, lambda reader: _done(reader, preview_id))

    @routes.get("/done/{preview_id}/answer.xlsx")
    def answer(request: Request, preview_id: str) -> Response:
        return in_words(request, origin, lambda reader: _answer(reader, preview_id))

    return routes


def _allowed(request: Request, user: BaseUser) -> bool:
    """Whether somebody may do more than look; who may not is not offered what would be refused."""
    try:
        may_change(request, user)
    except HTTPException:
        return False
    return True


def _plain(name: str) -> str:
    """The name of a file, without what turns a line around or breaks it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name[:LONGEST_NAME])


def _desk(reader: Reader, is_open: bool) -> Response:
    """Who has how much to mend, and where a list that came back is handed in."""
    report = _report(reader)
    chosen = {name: person.language for name, person in Owners.load(reader.settings).people.items()}
    people = [person for person in report.people if person.open]
    return reader.page(
        "work_lists.html", people=people, chosen=chosen, most_mb=MOST_BYTES // 1_000_000, is_open=is_open
    )


def _report(reader: Reader) -> Report:
    return build(reader.ledger, reader.settings, now(), target_of(reader.settings))


def _give(reader: Reader, user: BaseUser, owner: str, language: str) -> Response:
    chosen = language if language in catalogues() else reader.texts.language
    made = hand_out(
        reader.ledger, reader.settings, _report(reader), language=chosen, who=user.get_name(), now=now(), owner=owner
    )
    if made is None:
        return reader.trouble(NOTHING_TO_MEND, 404)
    return _workbook(made.content, made.filename)


def _workbook(content: bytes, name: str) -> Response:
    headers = HEADERS | {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, 200, headers, WORKBOOK)


def _preview(reader: Reader, user: BaseUser, content: bytes, filename: str) -> Response:
    made = preview(reader.ledger, reader.settings, content, filename, user.get_name(), now())
    groups = (
        ("good", marked("Accepted"), made.accepted), ("attention", marked("Conflicts"), made.conflicts),
        ("alarm", marked("Rejected"), made.rejected), ("hint", marked("Unchanged"), made.unchanged),
    )  # fmt: skip
    status = 200 if made.refusal is None else 422
    return reader.page("work_list_preview.html", status, made=made, groups=groups, shown=SHOWN, where=where)


def where(line: Line, texts: Texts) -> tuple[str, str]:
    """The item number of a line, and what of it is meant, in words."""
    language, _, sku = line.key.partition(":") if line.entity == "product_text" else ("", "", line.key)
    what = texts.question(line.field[1:]) if line.field.startswith(":") else texts.field(line.field)
    what = what[:1].upper() + what[1:]
    return sku, f"{what} ({texts.language_name(language)})" if language else what


def _confirm(reader: Reader, user: BaseUser, preview_id: str) -> Response:
    """Take it over, and go on to a page of its own: reloading that does nothing again."""
    if not Waiting.of(reader.settings).knows(preview_id):
        return reader.trouble(NOT_WAITING, 404)
    confirm(reader.ledger, reader.settings, preview_id, user.get_name(), now())
    return RedirectResponse(
        f"{reader.base}/work-lists/done/{preview_id}?language={reader.texts.language}", 303, HEADERS
    )


def _done(reader: Reader, preview_id: str) -> Response:
    outcome = Waiting.of(reader.settings).done(preview_id)
    if outcome is None:
        return reader.trouble(NOT_ACCEPTED, 404)
    return reader.page("work_list_done.html", outcome=outcome, preview_id=preview_id)


def _answer(reader: Reader, preview_id: str) -> Response:
    waiting = Waiting.of(reader.settings)
    content, outcome = waiting.answer(preview_id), waiting.done(preview_id)
    if content is None or outcome is None:
        return reader.trouble(NOTHING_REMAINS, 404)
    return _workbook(content, outcome["answer_name"])
