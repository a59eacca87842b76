"""Faults on demand: the ways in which a shop behind a network answers badly, by rule and repeatable by seed.

POST /_sandbox/faults    one rule, or {"rules": [...]}; adds to those that are there
GET  /_sandbox/faults    the rules, with how often each struck
DELETE /_sandbox/faults  no more faults (POST /_sandbox/reset does that too)

A rule: {"kind": one of KINDS or a list to draw from, "path": regular expression (".*"), "method": "POST" (any),
"probability": 0.2 (1), "count": 3 (no limit), "skip": 0, "seed": 1, "delay": seconds (2), "retry_after": seconds (none),
"work": true or false}.
`work` says whether the shop does what was asked before the bad answer; each kind has its own default.
"""

import asyncio
import contextlib
import json
import random
import re
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

CONTROL = "/_sandbox/faults"
JSON, HTML = "application/json; charset=utf-8", "text/html; charset=utf-8"
ERROR = b'{"message":"Internal Error. Details are available in Magento log file. Report ID: webapi-00000000"}'
PAGE = b"<!DOCTYPE html><html><head><title>%s</title></head><body><h1>%s</h1></body></html>"
# kind: whether the work is done first
KINDS = {
    "rate_limit": False,
    "maintenance": False,
    "error_before": False,
    "error_after": True,
    "reset_before": False,
    "reset_after": True,
    "timeout_after": True,
    "slow": True,
    "half_json": True,
    "cut": True,
    "html": False,
    "empty": True,
}


@dataclass
class Rule:
    """One fault and when it strikes."""

    kind: str | list[str]
    path: str = ".*"
    method: str | None = None
    probability: float = 1.0
    count: int | None = None
    skip: int = 0
    seed: int = 0
    delay: float = 2.0
    retry_after: int | None = None
    work: bool | None = None
    hits: int = 0
    seen: int = 0
    chance: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        kinds = self.kind if isinstance(self.kind, list) else [self.kind]
        if not kinds or any(kind not in KINDS for kind in kinds):
            raise ValueError(f"kind must be one or more of {', '.join(KINDS)}, not {self.kind!r}")
        self.pattern = re.compile(self.path)
        self.chance = random.Random(self.seed)

    def strike(self, method: str, path: str) -> str | None:
        """The kind of fault for this request, or None."""
        if (self.method and self.method != method) or not self.pattern.search(path):
            return None
        self.seen += 1
        if self.seen <= self.skip or (self.count is not None and self.hits >= self.count):
            return None
        if self.chance.random() >= self.probability:
            return None
        self.hits += 1
        return self.chance.choice(self.kind) if isinstance(self.kind, list) else self.kind

    def shown(self) -> dict[str, Any]:
        """The rule as JSON."""
        names = (
            "kind",
            "path",
            "method",
            "probability",
            "count",
            "skip",
            "seed",
            "delay",
            "retry_after",
            "work",
            "hits",
        )
        return {name: getattr(self, name) for name in names}


@dataclass
class Recorded:
    """What the shop would have answered."""

    status: int = 200
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""


class FaultMiddleware:
    """Stands before the shop and spoils the answers that its rules pick; controls and a shop without rules are never touched."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.rules: list[Rule] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, or spoil its answer."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path == CONTROL:
            await self._control(scope["method"], receive, send)
            return
        if path == "/_sandbox/reset":
            self.rules.clear()
        hit = None if scope["type"] != "http" or path.startswith("/_sandbox/") else self._pick(scope["method"], path)
        if hit is None:
            await self.app(scope, receive, send)
        else:
            await self._spoil(*hit, scope, receive, send)

    def _pick(self, method: str, path: str) -> tuple[Rule, str] | None:
        for rule in self.rules:
            if kind := rule.strike(method, path):
                return rule, kind
        return None

    async def _spoil(self, rule: Rule, kind: str, scope: Message, receive: Receive, send: Send) -> None:
        work = KINDS[kind] if rule.work is None else rule.work
        recorded = await _perform(self.app, scope, receive) if work else Recorded()
        if kind in ("reset_before", "reset_after"):
            await _reset(send)
        elif kind == "timeout_after":
            await _hang(rule.delay, receive, send)
        elif kind == "cut":
            await _cut(recorded, send)
        else:
            if kind == "slow":
                await asyncio.sleep(rule.delay)
            await _answer(send, _bad(rule, kind, recorded))

    async def _control(self, method: str, receive: Receive, send: Send) -> None:
        status = 200
        try:
            if method == "POST":
                self.rules += _rules(await _body(receive))
            elif method == "DELETE":
                self.rules.clear()
        except (ValueError, TypeError, re.error) as error:
            status, reason = 400, {"error": f"no rule was added: {error}"}
        shown: Any = {"rules": [rule.shown() for rule in self.rules]} if status == 200 else reason
        await _answer(send, Recorded(status, [(b"content-type", JSON.encode())], json.dumps(shown).encode()))


def _rules(body: bytes) -> list[Rule]:
    sent = json.loads(body or b"{}")
    if not isinstance(sent, dict):
        raise TypeError("a rule is a JSON object")
    return [Rule(**one) for one in sent.get("rules", [sent])]


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _perform(app: App, scope: Message, receive: Receive) -> Recorded:
    """Let the shop do its work and keep what it says."""
    recorded = Recorded()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            recorded.status, recorded.headers = message["status"], list(message["headers"])
        else:
            recorded.body += message.get("body", b"")

    await app(scope, receive, keep)
    return recorded


def _bad(rule: Rule, kind: str, recorded: Recorded) -> Recorded:
    """The answer that goes out instead; `slow` leaves it as it was."""
    after = [(b"retry-after", str(rule.retry_after).encode())] if rule.retry_after is not None else []
    json_type, html_type = (b"content-type", JSON.encode()), (b"content-type", HTML.encode())
    half = recorded.body[: max(1, len(recorded.body) // 2)]
    answers = {
        "rate_limit": Recorded(429, [json_type, *after], b'{"message":"Too Many Requests"}'),
        "maintenance": Recorded(503, [html_type, *after], PAGE % ((b"Service Temporarily Unavailable",) * 2)),
        "error_before": Recorded(500, [json_type], ERROR),
        "error_after": Recorded(500, [json_type], ERROR),
        "half_json": Recorded(recorded.status, recorded.headers, half),
        "html": Recorded(200, [html_type], PAGE % ((b"Welcome",) * 2)),
        "empty": Recorded(200, [json_type], b""),
    }
    return answers.get(kind, recorded)


async def _answer(send: Send, answer: Recorded, announced: int | None = None) -> None:
    length = str(len(answer.body) if announced is None else announced).encode()
    headers = [pair for pair in answer.headers if pair[0].lower() != b"content-length"]
    headers.append((b"content-length", length))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": announced is not None})


async def _cut(recorded: Recorded, send: Send) -> None:
    """Announce the whole answer, give half of it, and break the connection."""
    half = Recorded(recorded.status, recorded.headers, recorded.body[: len(recorded.body) // 2])
    await _answer(send, half, announced=max(1, len(recorded.body)))
    await _reset(send, politely=True)


async def _hang(seconds: float, receive: Receive, send: Send) -> None:
    """Say nothing until the caller gives up or the time is over; then break the connection."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(receive(), seconds)
    await _reset(send)


async def _reset(send: Send, politely: bool = False) -> None:
    """Break the connection: with an RST, or after what was written has left (politely)."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionAbortedError("the server gives no access to its connection, so it cannot be broken")
    if politely:
        transport.close()
    else:
        if transport.is_closing():  # the caller gave up first
            return
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    await asyncio.sleep(0.01)  # lets the server notice, so that it adds no error page of its own
