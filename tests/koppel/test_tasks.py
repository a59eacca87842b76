"""What the tasks of every flow add to the engine: the form's window, and the alert when a task fails for good."""

import email
import email.policy
import socketserver
import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from koppel import flow, tasks
from koppel.errors import TargetRefused
from koppel.window import Window


def test_an_untouched_form_means_everything():
    untouched = {name: param.value for name, param in tasks.params().items()}
    assert tasks.window(untouched) == Window()
    assert tasks.window(untouched).is_full


@pytest.mark.parametrize(
    ("text", "hour"), [("2026-11-23T06:00:00", 6), ("2026-11-23T06:00:00Z", 6), ("2026-11-23T06:00:00+02:00", 4)]
)
def test_a_time_of_the_form_is_utc(text, hour):
    assert tasks.window({"since": text}) == Window(since=datetime(2026, 11, 23, hour, tzinfo=UTC))
    assert tasks.window({"until": text}) == Window(until=datetime(2026, 11, 23, hour, tzinfo=UTC))


def test_keys_are_taken_once_each_in_their_order_and_without_blanks():
    assert tasks.window({"keys": ["B-2 ", "A-1", "", "  ", "B-2"]}).keys == ("B-2", "A-1")
    assert tasks.window({"keys": None}).keys == ()


def test_a_flow_is_configured_in_koppel_toml():
    assert tasks.configured("prices").entities == ("price",)
    assert tasks.configured("catalogue").target == "shop"


class _Mailbox(socketserver.StreamRequestHandler):
    """As much of an SMTP server as it takes to receive one mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 mailbox\r\n")
        while line := self.rfile.readline():
            command = line.strip().upper()
            if command == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(email.message_from_bytes(body, policy=email.policy.default))
            self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 fine\r\n")
            if command == b"QUIT":
                return


@pytest.fixture
def mailbox():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox) as server:
        server.daemon_threads = True
        server.mails = []
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was said to the engine about failed runs."""
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(flow, "fail", lambda run_id, error: said.append((run_id, error)))
    return said


def _context(error: BaseException | None, run: str | None = "catalogue-1") -> dict:
    instance = SimpleNamespace(task_id="deliver", dag_id="catalogue", xcom_pull=lambda task_ids: run)
    return {"ti": instance, "exception": error, "run_id": "manual__1"}


def test_a_failure_closes_the_run_with_the_reason(closed, caplog):
    tasks.alert(_context(TargetRefused("The shop refuses the token.", do="Renew it.")))
    assert closed == [("catalogue-1", "deliver: The shop refuses the token. Renew it.")]
    assert "The shop refuses the token." in caplog.text


def test_a_task_that_was_killed_closes_the_run_too(closed):
    tasks.alert(_context(None))
    assert "its log tells how far it came" in closed[0][1]


def test_a_failure_before_there_was_a_run_has_none_to_close(closed):
    tasks.alert(_context(ValueError("no ledger"), run=None))
    assert closed == []


def test_a_failure_is_mailed_and_what_a_source_said_stays_text(closed, mailbox, tmp_path, monkeypatch):
    (tmp_path / "koppel.toml").write_text('[alerts]\nmail_to = ["data@shop.example"]\n')
    monkeypatch.setenv("KOPPEL_CONFIG", str(tmp_path))
    address = (
        f"smtp://127.0.0.1:{mailbox.server_address[1]}/?disable_ssl=true&disable_tls=true&from_email=k@shop.example"
    )
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", address)
    tasks.alert(_context(ValueError("Bad row: <script>alert(1)</script> {{ 6 * 7 }}")))
    (mail,) = mailbox.mails
    assert mail["To"] == "data@shop.example"
    assert mail["Subject"] == "Koppel: catalogue failed at deliver"
    html = mail.get_body(("html",)).get_content()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 6 * 7 }}" in html
    assert "manual__1" in html


def test_a_mail_that_can_not_be_sent_does_not_hide_the_failure(closed, tmp_path, monkeypatch, caplog):
    (tmp_path / "koppel.toml").write_text('[alerts]\nmail_to = ["data@shop.example"]\n')
    monkeypatch.setenv("KOPPEL_CONFIG", str(tmp_path))
    monkeypatch.setenv(
        "AIRFLOW_CONN_SMTP_DEFAULT", "smtp://127.0.0.1:1/?disable_ssl=true&disable_tls=true&retry_limit=1"
    )
    tasks.alert(_context(ValueError("the first reason")))
    assert closed[0][1] == "deliver: the first reason"
    assert "could not be mailed" in caplog.text
