"""Sending the mails of a report, each once: daily to owners who have something, weekly to managers.

They go through Airflow's connection ``smtp_default``. What was sent stands in the ledger's journal, and is not sent again. A
process that is killed between the server's yes and the journal's line sends one mail twice, with the same Message-ID.
"""

import logging
import smtplib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from email.message import EmailMessage
from typing import Any, cast

from data_quality.owners import Owners
from data_quality.report.build import build
from data_quality.report.mail import manager_mail, owner_mail
from data_quality.report.model import Report
from data_quality.report.store import PAGE
from data_quality.texts import Texts
from data_quality.worklist.handing_out import work_list
from koppel.journal import note, noted
from koppel.ledger import Ledger
from koppel.settings import Settings

log = logging.getLogger(__name__)

SENT = "mail sent"
"""What the journal calls it; the key is the mail's name, which holds its day or week."""

Send = Callable[[EmailMessage], None]
Connect = Callable[[], AbstractContextManager[Send | None]]


def post(
    ledger: Ledger, settings: Settings, target: str, report_name: str, now: datetime, connect: Connect | None = None
) -> dict[str, int]:
    """Send what is due; gives how many mails were ``sent``, were sent ``before``, and ``failed``.

    No connection for mail is no error: then nothing is sent, and the log says so. A receiver that the server refuses is logged
    and tried again by the next report; the others get theirs.
    """
    report = build(ledger, settings, now, target)
    counts = {"sent": 0, "before": 0, "failed": 0}
    due = list(_due(ledger, settings, report, report_name, now))
    before = noted(ledger, target, SENT, [_name(message) for _, message in due])
    counts["before"] = len(before)
    due = [(person, message) for person, message in due if _name(message) not in before]
    if not due:
        return counts
    with (connect or through_airflow)() as send:
        if send is None:
            return counts
        for address, message in due:
            message["To"] = address
            try:
                send(message)
            except (smtplib.SMTPException, OSError):
                # The reason stands in the log; the address does not, and neither does what the server said of the password.
                log.exception("The mail %s could not be sent; the next report tries again.", _name(message))
                counts["failed"] += 1
            else:
                note(ledger, target=target, who="koppel", what=SENT, key=_name(message), now=now)
                counts["sent"] += 1
    return counts


def _due(
    ledger: Ledger, settings: Settings, report: Report, name: str, now: datetime
) -> Iterator[tuple[str, EmailMessage]]:
    """Address and mail of everybody who is to have one; each in their own language."""
    owners = Owners.load(settings)
    for person_id, person in owners.people.items():
        if not person.mail:
            continue
        link = _link(settings, report.target, name, person.language)
        texts = Texts.of(person.language, settings)
        if any(line.person == person_id and line.open for line in report.people):
            attached = work_list(ledger, settings, report, person_id, person.language, now)
            if (message := owner_mail(report, texts, person_id, link, attached)) is not None:
                yield person.mail, message
        if person_id in owners.managers:
            yield person.mail, _of_person(manager_mail(report, texts, link), person_id)


def _of_person(message: EmailMessage, person: str) -> EmailMessage:
    name = f"{_name(message)}-{person}"
    message.replace_header("X-Koppel-Mail", name)
    return message


def _name(message: EmailMessage) -> str:
    return str(message["X-Koppel-Mail"])


def _link(settings: Settings, target: str, name: str, language: str) -> str:
    """The address of the page, in the words of ``[report] url``: where people reach Airflow."""
    base = str(settings.values.get("report", {}).get("url", "http://127.0.0.1:8080")).rstrip("/")
    return f"{base}{PAGE}/{target}/{name}/{language}.html"


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
