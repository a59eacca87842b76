"""What the page "Data quality" says when something is wrong behind it: what is safe, what to do, and nothing that is secret."""

import asyncio
import contextlib
import logging
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from sqlalchemy.exc import OperationalError, ProgrammingError
from starlette.responses import Response
from starlette.types import Message

from data_quality.report import refusals
from data_quality.report.answers import Origin, Reader, in_words
from koppel.errors import ConfigError, KoppelError, LedgerDown
from koppel.settings import Settings
from tests.data_quality.report.quality_ledger import settings
from tests.koppel.html_page import Page

SECRET = "postgresql://koppel:verysecretword@db.internal/koppel"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    made = settings(tmp_path / "config")
    return Origin(settings=lambda: made)


def asked(path: str = "/", base: str = "/quality", **headers: str) -> Request:
    path, _, query = path.partition("?")
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({
        "type": "http", "method": "GET", "path": path, "root_path": base, "query_string": query.encode(), "headers": raw,
    })  # fmt: skip


def said(answer: Response) -> str:
    return " ".join(Page(bytes(answer.body).decode()).all("main")[0].text.split())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LedgerDown(f"The ledger does not answer: {SECRET}"), "The ledger does not answer. Nothing is lost"),
        (ProgrammingError("select secret", None, Exception(SECRET)), "The ledger can't be read. Nothing was changed."),
        (OperationalError("select secret", None, Exception(SECRET)), "The ledger can't be read. Nothing was changed."),
        (PermissionError(13, "Permission denied", SECRET), "A file could not be read or written."),
    ],
)
def test_what_a_driver_says_is_in_the_log_and_not_on_the_page(origin: Origin, caplog, error, words) -> None:
    def fails(_: Reader) -> Response:
        raise error

    with caplog.at_level(logging.WARNING):
        answer = in_words(asked("/?language=en"), origin, fails)
    assert answer.status_code == 503
    assert said(answer).startswith(words)
    assert "What to do:" in said(answer)
    assert b"verysecretword" not in answer.body
    assert b"db.internal" not in answer.body
    assert len(caplog.records) == 1


def test_an_error_that_names_a_file_stays_english_and_says_so(origin: Origin) -> None:
    def fails(_: Reader) -> Response:
        raise ConfigError("config/<b>.toml can't be read.", kept="Nothing was changed.", do="Mend line 3.")

    page = Page(bytes(in_words(asked("/?language=nl"), origin, fails).body).decode())
    languages = {one.text.strip(): one.attributes.get("lang") for one in page.elements if one.tag in {"p", "span"}}
    assert languages["config/<b>.toml can't be read."] == "en"
    assert languages["Er is niets veranderd."] == "nl"
    assert page.all("b") == []


def test_settings_that_can_not_be_read_are_told_in_the_language_of_the_browser() -> None:
    def broken() -> Settings:
        raise KoppelError("The ledger does not answer.")

    answer = in_words(asked(accept_language="fr-BE,nl;q=0.5"), Origin(settings=broken), lambda _: Response())
    assert "Le registre de Koppel ne répond pas." in said(answer)


@pytest.mark.parametrize("base", ["/quality", "/airflow/quality", ""])
def test_links_stay_below_the_address_that_a_proxy_gave(origin: Origin, base: str) -> None:
    answer = in_words(asked(base=base), origin, lambda reader: reader.trouble(refusals.NO_PAGE, 404))
    links = [one.attributes["href"] for one in Page(bytes(answer.body).decode()).all("a")]
    assert f"{base}/work-lists?language=nl" in links


async def call(app: FastAPI) -> tuple[int, str]:
    """The status and the body of an answer; what the server would log is passed over."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    with contextlib.suppress(RuntimeError):
        await app(asked("/?language=de", base="").scope, receive, send)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent).decode()


def test_what_nobody_foresaw_is_a_page_as_well() -> None:
    app = FastAPI()
    refusals.install(app, 1000)

    @app.get("/")
    def fails() -> None:
        raise RuntimeError(SECRET)

    status, text = asyncio.run(call(app))
    assert status == 500
    assert "vorhergesehen" in Page(text).all("h1")[0].text
    assert "verysecretword" not in text


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({}, True),
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"host": "airflow.test:8080", "origin": "http://airflow.test:8080"}, True),
        ({"host": "airflow.test:8080", "origin": "http://airflow.test"}, False),
        ({"host": "airflow.test", "origin": "http://airflow.test.evil.example"}, False),
        ({"host": "airflow.test", "origin": "http://user@evil.example"}, False),
        ({"host": "airflow.test", "origin": "null"}, False),
        ({"host": "airflow.test", "origin": "http://["}, False),
        ({"host": "airflow.test", "origin": "null", "sec_fetch_site": "same-origin"}, True),
        ({"host": "airflow.test", "origin": "http://airflow.test", "sec_fetch_site": "cross-site"}, False),
    ],
)
def test_only_forms_of_this_very_site_count(headers, is_own) -> None:
    if is_own:
        refusals.same_page(asked(**headers))
    else:
        with pytest.raises(refusals.ForeignForm):
            refusals.same_page(asked(**headers))
