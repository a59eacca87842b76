"""Sending the mails of a report, each once: daily to owners who have something, weekly to managers.

They go through Airflow's connection ``smtp_default``. What was sent stands in the ledger's journal, and is not sent again. A
process that is killed between the server's yes and the journal's line sends one mail twice, with the same Message-ID.
"""

import logging
import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from typing import Any, cast

from airflow.sdk.exceptions import AirflowException

from data_quality.owners import Owners
from data_quality.report.build import build
from data_quality.report.mail import manager_mail, message_id, owner_mail
from data_quality.report.model import Report
from data_quality.texts import Texts
from data_quality.worklist.handing_out import hand_out
from koppel.journal import note, noted
from koppel.ledger import Ledger
from koppel.settings import Settings

log = logging.getLogger(__name__)

SENT = "mail sent"
"""What the journal calls it; the key is the mail's name, which holds its reader and its day or week."""

Send = Callable[[EmailMessage], None]
Connect = Callable[[], AbstractContextManager[Send | None]]


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that somebody is to have: its name (once for ever), their address, and how it is made."""

    name: str
    address: str
    compose: Callable[[], EmailMessage | None]


def post(
    ledger: Ledger, settings: Settings, target: str, now: datetime, connect: Connect | None = None
) -> dict[str, int]:
    """Send what is due; gives how many mails were ``sent``, were sent ``before``, and ``failed``.

    No connection for mail is no error: then nothing is sent, and the log says so. A mail that the server refuses is logged and
    tried again by the next report; the others go out.
    """
    due = list(_due(ledger, settings, build(ledger, settings, now, target), now))
    before = noted(ledger, target, SENT, [one.name for one in due])
    counts = {"sent": 0, "before": len(before), "failed": 0}
    due = [one for one in due if one.name not in before]
    if not due:
        return counts
    try:
        with (connect or through_airflow)() as send:
            return counts if send is None else _send_all(ledger, target, due, send, counts, now)
    except (smtplib.SMTPException, OSError, AirflowException):
        log.exception(
            "The mail server does not answer. Look at the connection smtp_default; the next report tries again."
        )
        return counts | {"failed": len(due) - counts["sent"]}


def _send_all(
    ledger: Ledger, target: str, due: list[Due], send: Send, counts: dict[str, int], now: datetime
) -> dict[str, int]:
    for one in due:
        try:
            is_sent = _send(one, send)
        except (smtplib.SMTPException, OSError):
            log.exception("The mail '%s' could not be sent; the next report tries again.", one.name)
            counts["failed"] += 1
        else:
            counts["sent"] += is_sent
            note(ledger, target=target, who="koppel", what=SENT, key=one.name, now=now)
    return counts


def _send(due: Due, send: Send) -> bool:
    """Compose and send; False where there is nothing to tell after all."""
    message = due.compose()
    if message is None:
        return False
    message["To"] = due.address
    message.replace_header("Message-ID", message_id(due.name))
    send(message)
    return True


def _due(ledger: Ledger, settings: Settings, report: Report, now: datetime) -> Iterator[Due]:
    """The mails of today and of this week, each in its reader's language; composed only when they are sent."""
    owners, link = Owners.load(settings), _link(settings)
    has_work = {line.person for line in report.people if line.open}
    for person in owners.people.values():
        if not person.mail:
            continue
        texts = Texts.of(person.language, settings)
        if person.id in has_work:
            name = f"owner {person.id} {report.day:%Y-%m-%d}"
            yield Due(name, person.mail, partial(_own, ledger, settings, report, texts, person.id, link, now))
        if person.id in owners.managers:
            name = f"manager {person.id} {report.day:%G-W%V}"
            yield Due(name, person.mail, partial(manager_mail, report, texts, link))


def _own(
    ledger: Ledger, settings: Settings, report: Report, texts: Texts, person: str, link: str, now: datetime
) -> EmailMessage | None:
    """An owner's mail with their work list, which is handed out by being attached."""
    made = hand_out(ledger, settings, report, language=texts.language, who="koppel", now=now, owner=person)
    return owner_mail(report, texts, person, link, made.content if made else b"")


def _link(settings: Settings) -> str:
    """The address of the page in Airflow; ``[report] url`` says where people reach that."""
    base = str(settings.values.get("report", {}).get("url", "http://127.0.0.1:8080")).rstrip("/")
    return f"{base}/plugin/quality"


@contextmanager
def through_airflow() -> Iterator[Send | None]:
    """Send through the connection ``smtp_default``; None where there is none."""
    from airflow.providers.smtp.hooks.smtp import SmtpHook  # noqa: PLC0415 (seconds to import)
    from airflow.sdk.exceptions import AirflowNotFoundException  # noqa: PLC0415

    hook = SmtpHook()
    try:
        SmtpHook.get_connection(hook.smtp_conn_id)
    except AirflowNotFoundException:
        log.warning(
            "No mail is sent: there is no connection smtp_default. Make one in Airflow to have the report mailed."
        )
        yield None
        return
    with hook:
        sender = hook.from_email

        def send(message: EmailMessage) -> None:
            message["From"] = sender or "koppel@localhost"
            # The hook's own method knows no text beside the HTML; its client is logged in and encrypted as the connection asks.
            cast("Any", hook)._smtp_client.send_message(message)

        yield send
