"""The shared HTTP client against a tiny server that misbehaves on demand."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from koppel.clock import Clock
from koppel.http import MOST_FAILURES, CallBudget, HttpClient, Limits, classify, redacted


class FakeClock(Clock):
    def __init__(self) -> None:
        self.time = 0.0
        self.naps: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds


class Server(ThreadingHTTPServer):
    """Answers what stands in ``script``, the last line for ever: (status, body, headers), or "reset" or "silent"."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Any] = []
        self.seen: list[tuple[str, str, bytes]] = []
        self.release = threading.Event()


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, body))
        step = self.server.script.pop(0) if len(self.server.script) > 1 else self.server.script[0]
        if step == "reset":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if step == "silent":
            self.server.release.wait(10)
            self.close_connection = True
            return
        status, text, headers = step
        data = text.encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(data))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = "Content-Length" in headers

    do_GET = do_POST = _answer  # noqa: N815 - the names that http.server asks for

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def client(server: Server, clock: Clock, **limits: Any) -> HttpClient:
    return HttpClient(f"http://127.0.0.1:{server.server_address[1]}", Limits(**limits), clock)


OK = (200, '{"done": true}', {})


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_busy_is_asked_again_also_for_a_post(server: Server, clock: FakeClock, status: int) -> None:
    server.script = [(status, "busy", {}), (status, "busy", {}), OK]
    answer = client(server, clock).call("POST", "/x", body={"a": 1})
    assert (answer.kind, answer.body, len(server.seen)) == ("done", {"done": True}, 3)


def test_retry_after_is_honoured(server: Server, clock: FakeClock) -> None:
    server.script = [(429, "", {"Retry-After": "17"}), OK]
    assert client(server, clock).call("POST", "/x", body={}).kind == "done"
    assert 17.0 in clock.naps


def test_waits_stay_inside_the_budget(server: Server, clock: FakeClock) -> None:
    server.script = [(503, "<html>maintenance</html>", {})]
    answer = client(server, clock, retry_seconds=20).call("POST", "/x", body={})
    assert (answer.kind, answer.status) == ("transient", 503)
    assert sum(clock.naps) <= 20
    assert len(server.seen) > 2


def test_a_retry_after_beyond_the_budget_ends_at_once(server: Server, clock: FakeClock) -> None:
    server.script = [(503, "", {"Retry-After": "3600"})]
    assert client(server, clock).call("GET", "/x").kind == "transient"
    assert clock.naps == []


@pytest.mark.parametrize(
    "step",
    [
        (500, "An error has happened", {}),
        (502, "<html>", {}),
        (200, "<html>log in</html>", {}),
        (200, '{"half": ', {}),
        (200, "", {}),
        (200, '{"a": 1}', {"Content-Length": "500"}),
        "reset",
    ],
)
def test_what_may_have_been_done_is_ambiguous_and_a_post_goes_once(server: Server, clock: FakeClock, step: Any) -> None:
    server.script = [step]
    assert client(server, clock).call("POST", "/x", body={}).kind == "ambiguous"
    assert len(server.seen) == 1
    server.seen.clear()
    server.script = [step, OK]
    assert client(server, clock).call("GET", "/x").kind == "done"
    assert len(server.seen) == 2


def test_what_always_fails_is_not_repeated_for_ever(server: Server, clock: FakeClock) -> None:
    server.script = [(500, "no", {})]
    assert client(server, clock).call("GET", "/x").kind == "ambiguous"
    assert len(server.seen) == MOST_FAILURES


def test_silence_after_sending_is_ambiguous(server: Server, clock: FakeClock) -> None:
    server.script = ["silent"]
    answer = client(server, clock, read_seconds=0.1).call("POST", "/x", body={})
    assert (answer.kind, answer.status) == ("ambiguous", 0)


def test_nobody_listening_is_transient(clock: FakeClock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = HttpClient(f"http://127.0.0.1:{port}", Limits(retry_seconds=3), clock).call("POST", "/x", body={})
    assert (answer.kind, answer.status) == ("transient", 0)


def test_a_refusal_comes_with_the_servers_words(server: Server, clock: FakeClock) -> None:
    server.script = [(400, '{"message": "no\\nsuch  thing"}', {})]
    answer = client(server, clock).call("POST", "/x", body={})
    assert (answer.kind, answer.message) == ("rejected", "HTTP 400: no such thing")


def test_an_answer_larger_than_allowed_is_not_read(server: Server, clock: FakeClock) -> None:
    server.script = [(200, json.dumps("x" * 200_000), {})]
    assert client(server, clock, answer_bytes=1000).call("POST", "/x", body={}).kind == "ambiguous"


def test_a_redirect_is_not_followed_with_our_credentials(server: Server, clock: FakeClock) -> None:
    server.script = [(302, "", {"Location": "http://127.0.0.1:1/"}), OK]
    assert client(server, clock).call("GET", "/x").kind == "rejected"
    assert len(server.seen) == 1


def test_no_more_calls_a_minute_than_allowed(clock: FakeClock) -> None:
    budget = CallBudget(10, clock)
    for _ in range(25):
        budget.take()
    assert clock.time == 120


def test_logs_hold_no_secrets_and_no_files(server: Server, clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    server.script = [(200, '{"token": "t0ps3cret"}', {})]
    body = {
        "username": "admin",
        "password": "hunter2",
        "content": {"base64_encoded_data": "QUJD"},
        "name": "a\nforged line",
    }
    with caplog.at_level(logging.DEBUG, logger="koppel.http"):
        client(server, clock).call("POST", "/x", body=body)
    assert "admin" in caplog.text
    for secret in ("hunter2", "t0ps3cret", "QUJD", "\nforged"):
        assert secret not in caplog.text


def test_redacted_leaves_the_original_alone() -> None:
    value = {"password": "x", "rows": [{"Token": "y"}]}
    assert redacted(value) == {"password": "***", "rows": [{"Token": "***"}]}
    assert value["password"] == "x"


@pytest.mark.parametrize(("status", "kind"), [(200, "done"), (404, "rejected"), (408, "ambiguous"), (599, "ambiguous")])
def test_classify(status: int, kind: str) -> None:
    assert classify(status, b"{}", {}).kind == kind
