"""What the page "Data quality" answers with: pages in the reader's language, and what is wrong in sentences that say what to do."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from fastapi import Request
from jinja2 import Environment
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from data_quality.messages import SOURCE, marked
from data_quality.messages import languages as catalogues
from data_quality.texts import Texts
from koppel.errors import KoppelError, LedgerDown
from koppel.ledger import Ledger
from koppel.page_templates import environment
from koppel.settings import Settings

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
_STYLES = ("page/page.css", "page/tables.css", "shell.css")
"""Those of the report itself, so that all of it looks alike, and what the pages around it need besides."""

HEADERS = {"Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Of every answer. Without a referrer of its own site, a browser would send forms as if they were of no site (``Origin: null``)."""

LEDGER_DOWN = LedgerDown(
    marked("The ledger does not answer."),
    kept=marked("Nothing is lost: what runs goes on, or waits for it as well."),
    do=marked("Look whether PostgreSQL runs and KOPPEL_LEDGER_URL is right; koppel doctor checks both."),
)
LEDGER_STRANGE = LedgerDown(
    marked("The ledger can't be read."),
    kept=marked("Nothing was changed."),
    do=marked("Run koppel doctor on Airflow's machine: it says whether koppel migrate is due, or what else is wrong."),
)
DISK = KoppelError(
    marked("A file could not be read or written."),
    kept=marked("What was accepted before stays accepted."),
    do=marked(
        "Look for free space and permissions below KOPPEL_HOME, then do it again: the same list twice counts once."
    ),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where settings and the ledger come from."""

    settings: Callable[[], Settings] = Settings.load
    ledger: Callable[[], Ledger] = Ledger.from_environment


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: in which language, below which address the pages stand for them, and about which company."""

    texts: Texts
    base: str
    settings: Settings
    origin: Origin

    @classmethod
    def of(cls, request: Request, origin: Origin) -> "Reader":
        """The reader of a request. Raises ConfigError where the settings can't be read."""
        settings = origin.settings()
        texts = Texts.of(language_of(request, settings.languages), settings)
        return cls(texts, base_of(request), settings, origin)

    @property
    def ledger(self) -> Ledger:
        """The company's ledger. Raises ConfigError where nothing says which that is."""
        return self.origin.ledger()

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page in the reader's language."""
        return render(template, self.texts, self.base, status, **values)

    def trouble(self, error: KoppelError, status: int) -> Response:
        """A page that says what is wrong."""
        return self.page("trouble.html", status, error=error)


def base_of(request: Request) -> str:
    """Where the page is mounted: behind a proxy, Airflow and so this page may stand below a path of their own."""
    return str(request.scope.get("root_path", ""))


def language_of(request: Request, default: tuple[str, ...] = ()) -> str:
    """The language to answer in: ``?language=``, else what the browser prefers, else the default; each as far as it has texts."""
    known = catalogues()
    preferred = request.headers.get("accept-language", "").split(",")[:20]
    wanted = (
        request.query_params.get("language", ""),
        *(part.split(";")[0].strip().lower().split("-")[0] for part in preferred),
    )
    return next(one for one in (*wanted, *default, SOURCE) if one in known)


def in_words(request: Request, origin: Origin, answer: Callable[[Reader], Response]) -> Response:
    """The answer, or a page that says what is wrong.

    What a driver or the system says may name hosts, users and paths: it goes to the log, and the page says what to do.
    """
    try:
        return answer(Reader.of(request, origin))
    except LedgerDown as error:
        log.warning("The page Data quality can't reach the ledger: %s", error.what)
        return trouble(request, LEDGER_DOWN, 503)
    except KoppelError as error:
        return trouble(request, error, 503)
    except SQLAlchemyError as error:
        log.warning("The page Data quality can't read the ledger: %s", getattr(error, "orig", type(error).__name__))
        return trouble(request, LEDGER_STRANGE, 503)
    except OSError as error:
        log.warning("The page Data quality could not read or write a file: %s", error)
        return trouble(request, DISK, 503)


def trouble(request: Request, error: KoppelError, status: int) -> Response:
    """A page that says what is wrong, made without the settings: those may be what is wrong."""
    return render("trouble.html", Texts(language_of(request)), base_of(request), status, error=error)


def render(template: str, texts: Texts, base: str, status: int = 200, **values: Any) -> Response:
    """A page of these templates. It runs no script at all; only the style with its nonce counts."""
    nonce = secrets.token_urlsafe(16)
    html = _templates().get_template(template).render(
        nonce=nonce, style=_style(), texts=texts, _=texts.gettext, base=base, languages=_own_names(), place="",
        switch=False, framed=False, **values,
    )  # fmt: skip
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'self'"
    )
    return Response(html, status, HEADERS | {"Content-Security-Policy": policy}, "text/html; charset=utf-8")


@cache
def _own_names() -> dict[str, str]:
    """The languages, each as those who speak it call it."""
    return {code: str(Locale.parse(code).get_display_name(code)).capitalize() for code in catalogues()}


@cache
def _style() -> str:
    return "".join((TEMPLATES / name).read_text("utf-8") for name in _STYLES)


@cache
def _templates() -> Environment:
    made = environment(TEMPLATES, TEMPLATES / "page")
    made.filters["told"] = _told
    return made


def _told(message: str, texts: Texts) -> dict[str, str]:
    """A sentence of an error with its language: one without a translation, such as one that names a file, stays English."""
    text = texts.gettext(message)
    return {"text": text, "language": SOURCE if text == message else texts.language}
