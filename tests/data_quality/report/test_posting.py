"""Mails on their way: through Airflow's connection, to a real SMTP server on this machine, each once."""

import email
import email.policy
import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from data_quality.report import posting
from data_quality.report.mail import MOST_BYTES
from koppel.corrections import sheets
from koppel.settings import Settings
from tests.data_quality.report.quality_ledger import NOW, QualityLedger, settings

OWNERS = """
[people.an]
name = "An Peeters"
mail = "an@onshuis.example"
language = "nl"

[people.luc]
name = "Luc"
mail = "luc@onshuis.example"
language = "fr"

[people.els]
name = "Els"
mail = "els@onshuis.example"
language = "en"

[roles]
marketing = "an"
purchasing = "luc"
warehouse = "luc"
it = "luc"

[managers]
people = ["els"]
"""
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server of these tests speaks without TLS

SHOP = '[targets.shop]\nkind = "magento"\nconnection = "shop"\n'
PASSWORD = "geheim-van-de-post-9"


class Mailbox:
    """Keeps what it is sent; refuses the receivers in ``refused``."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.refused: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: SMTP, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append((envelope.rcpt_tos[0], message))
        return "250 fine"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for receiver, message in self.mails if receiver == address]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A server that asks for a name and a password, and Airflow's connection to it."""
    box = Mailbox()

    def check(server: SMTP, session: Any, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == PASSWORD.encode())

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(
        box, "127.0.0.1", port, authenticator=check, auth_required=True, auth_require_tls=False, ready_timeout=30
    )
    controller.start()
    query = "disable_ssl=true&disable_tls=true&from_email=koppel@onshuis.example"
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", f"smtp://post:{PASSWORD}@127.0.0.1:{port}/?{query}")
    yield box
    controller.stop()


@pytest.fixture
def company(tmp_path: Path, quality: QualityLedger) -> Settings:
    """A shop with one product that lacks a name, and one that lacks its weight."""
    for sku in ("PAN-1", "POT-2"):
        quality.product(sku, category_code="KOK", brand="Nordkoek")
    quality.finding("name_missing", "PAN-1", "nl")
    quality.finding("weight_missing", "POT-2")
    return settings(tmp_path / "config", SHOP, owners=OWNERS)


def test_owners_hear_daily_and_managers_weekly_each_in_their_language(
    company: Settings, quality: QualityLedger, mailbox: Mailbox
) -> None:
    assert posting.post(quality.ledger, company, "shop", NOW) == {"sent": 3, "before": 0, "failed": 0}
    assert sorted(receiver for receiver, _ in mailbox.mails) == [
        "an@onshuis.example", "els@onshuis.example", "luc@onshuis.example",
    ]  # fmt: skip
    for receiver, language in (("an", "nl"), ("luc", "fr"), ("els", "en")):
        (message,) = mailbox.to(f"{receiver}@onshuis.example")
        assert f'<html lang="{language}">' in message.get_body(("html",)).get_content()
    for _, message in mailbox.mails:
        assert message["From"] == "koppel@onshuis.example"
        assert len(message.as_bytes()) < MOST_BYTES
        assert message.get_body(("plain",)).get_content().strip()
        assert "/plugin/quality" in message.get_body(("html",)).get_content()

    later = NOW + timedelta(hours=3)
    assert posting.post(quality.ledger, company, "shop", later) == {"sent": 0, "before": 3, "failed": 0}
    tomorrow = NOW + timedelta(days=1)
    assert posting.post(quality.ledger, company, "shop", tomorrow) == {"sent": 2, "before": 1, "failed": 0}
    next_week = NOW + timedelta(days=7)
    assert posting.post(quality.ledger, company, "shop", next_week)["sent"] == 3
    assert len(mailbox.to("els@onshuis.example")) == 2


def test_an_owner_gets_the_own_work_list_which_can_come_back(
    company: Settings, quality: QualityLedger, mailbox: Mailbox
) -> None:
    posting.post(quality.ledger, company, "shop", NOW)
    (message,) = mailbox.to("an@onshuis.example")
    (attached,) = message.iter_attachments()
    assert attached.get_filename().endswith(".xlsx")
    assert attached.get_payload(decode=True).startswith(b"PK")
    handed_out = {sheet.owner: sheet for sheet in sheets(quality.ledger, "shop")}
    assert set(handed_out) == {"an", "luc"}
    assert all("PAN-1" in place for place in handed_out["an"].rows)
    assert list(mailbox.to("els@onshuis.example")[0].iter_attachments()) == []


def test_a_receiver_that_is_refused_keeps_nobody_else_from_theirs(
    company: Settings, quality: QualityLedger, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.refused = {"an@onshuis.example"}
    with caplog.at_level(logging.INFO):
        assert posting.post(quality.ledger, company, "shop", NOW) == {"sent": 2, "before": 0, "failed": 1}
    assert "owner an" in caplog.text
    assert PASSWORD not in caplog.text
    mailbox.refused = set()
    assert posting.post(quality.ledger, company, "shop", NOW) == {"sent": 1, "before": 2, "failed": 0}
    assert len(mailbox.to("an@onshuis.example")) == 1


def test_without_a_connection_nothing_is_sent_and_it_says_so(
    company: Settings, quality: QualityLedger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SMTP_DEFAULT", raising=False)
    assert posting.post(quality.ledger, company, "shop", NOW) == {"sent": 0, "before": 0, "failed": 0}
    assert "no connection smtp_default" in caplog.text
    assert sheets(quality.ledger, "shop") == []


def test_a_server_that_is_down_says_what_to_look_at_and_nothing_counts_as_sent(
    company: Settings, quality: QualityLedger, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    query = "disable_ssl=true&disable_tls=true&retry_limit=1&timeout=5"
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", f"smtp://post:{PASSWORD}@127.0.0.1:1/?{query}")
    counts = posting.post(quality.ledger, company, "shop", NOW)
    assert counts == {"sent": 0, "before": 0, "failed": 3}
    assert "smtp_default" in caplog.text
    assert PASSWORD not in caplog.text


def test_nobody_has_anything_and_nobody_manages(tmp_path: Path, quality: QualityLedger, mailbox: Mailbox) -> None:
    quiet = settings(tmp_path / "config", SHOP, owners=OWNERS.split("[managers]", maxsplit=1)[0])
    assert posting.post(quality.ledger, quiet, "shop", NOW) == {"sent": 0, "before": 0, "failed": 0}
    assert mailbox.mails == []
