"""One HTTP session for all targets: time-outs, a call budget, retries of what is safe, each answer put into one of four kinds."""

import json
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlencode

import requests
import tenacity
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from koppel.clock import Clock
from koppel.errors import TargetRefused

log = logging.getLogger(__name__)

Kind = Literal["done", "rejected", "transient", "ambiguous"]
SECRET_NAMES = frozenset(
    {"password", "token", "authorization", "base64_encoded_data", "consumer_secret", "access_token"}
)
TRANSIENT = frozenset({429, 503})
MOST_FAILURES = 6
"""So many ambiguous answers to one repeatable call, and it is the call, not the moment."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from one call.

    done: 2xx and readable · rejected: 4xx, in the server's words · transient: the server did not take the call, it may be
    sent again · ambiguous: the call may have been carried out (no answer, a 5xx, or an answer that can't be read).
    """

    kind: Kind
    status: int = 0
    body: Any = None
    """Parsed JSON, or the text when it is none."""
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: seconds, calls and bytes."""

    connect_seconds: float = 5
    read_seconds: float = 60
    total_seconds: float = 300
    """For one answer, so that a server that drips bytes can't hold us."""
    retry_seconds: float = 120
    """How long the waits between the attempts of one call may be in all."""
    calls_per_minute: int = 600
    answer_bytes: int = 64 * 1024 * 1024


class CallBudget:
    """Lets through so many calls in any minute; the next one waits."""

    def __init__(self, calls_per_minute: int, clock: Clock) -> None:
        self._times: deque[float] = deque(maxlen=max(1, calls_per_minute))
        self._clock = clock

    def take(self) -> None:
        """Wait until one more call fits, and count it."""
        if len(self._times) == self._times.maxlen:
            wait = self._times[0] + 60 - self._clock.now()
            if wait > 0:
                self._clock.sleep(wait)
        self._times.append(self._clock.now())


class HttpClient:
    """Calls one server. Never raises for what the server does; ``TargetRefused`` only when it can't be trusted (TLS)."""

    def __init__(self, base_url: str, limits: Limits | None = None, clock: Clock | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.limits = limits or Limits()
        self.clock = clock or Clock()
        self.auth: AuthBase | None = None
        self.calls = 0
        """How many requests went out, retries included; for the bench."""
        self._budget = CallBudget(self.limits.calls_per_minute, self.clock)
        self._session = requests.Session()
        self._session.trust_env = False  # no proxies or .netrc from the machine: the connection says it all
        self._session.mount(self.base_url, HTTPAdapter(max_retries=0))

    def call(
        self,
        method: str,
        path: str,
        *,
        query: list[tuple[str, str]] | None = None,
        body: Any = None,
        repeatable: bool = False,
        private: bool = False,
    ) -> Answer:
        """One call, retried while that is safe: transient answers always, ambiguous ones only when ``repeatable``.

        ``private``: neither what is sent nor what is answered is ever logged; for a log-in whose token has no name.
        """
        again = {"transient", "ambiguous"} if repeatable or method == "GET" else {"transient"}
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_result(lambda answer: answer.kind in again),
            wait=self._pause,
            stop=self._is_enough,
            sleep=self.clock.sleep,
            retry_error_callback=_last_answer,
        )
        answer: Answer = retrying(self._once, method, path, query or [], body, private=private)
        return answer

    def _once(self, method: str, path: str, query: list[tuple[str, str]], body: Any, *, private: bool) -> Answer:
        self._budget.take()
        self.calls += 1
        started = self.clock.now()
        answer = self._exchange(method, path + ("?" + urlencode(query) if query else ""), body)
        log.info(
            "%s %s: %s %s in %.0f ms",
            method,
            path,
            answer.kind,
            answer.status or "",
            (self.clock.now() - started) * 1000,
        )
        if log.isEnabledFor(logging.DEBUG) and not private:
            log.debug("sent %s, answered %s", without_secrets(body), without_secrets(answer.body))
        return answer

    def _exchange(self, method: str, path: str, body: Any) -> Answer:
        try:
            response = self._session.request(
                method,
                self.base_url + path,
                data=None if body is None else json.dumps(body).encode(),
                headers={"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "koppel"},
                auth=self.auth,
                timeout=(self.limits.connect_seconds, self.limits.read_seconds),
                allow_redirects=False,
                stream=True,
            )
            return classify(response.status_code, self._read(response), response.headers)
        except requests.exceptions.SSLError as error:
            raise TargetRefused(
                f"The certificate of {self.base_url} can't be trusted.",
                kept="Nothing was sent.",
                do="Mend the certificate.",
            ) from error
        except (requests.exceptions.RequestException, OSError) as error:
            return _no_answer(error)

    def _read(self, response: requests.Response) -> bytes | None:
        """The answer's bytes; None when it is larger or slower than allowed."""
        deadline = self.clock.now() + self.limits.total_seconds
        data = bytearray()
        with response:
            for chunk in response.iter_content(65536):
                data += chunk
                if len(data) > self.limits.answer_bytes or self.clock.now() > deadline:
                    return None
        return bytes(data)

    def _is_enough(self, state: tenacity.RetryCallState) -> bool:
        """The budget of waiting is used up, or the server failed so often on this call that it will fail again."""
        has_failed = _last_answer(state).kind == "ambiguous" and state.attempt_number >= MOST_FAILURES
        return has_failed or state.idle_for + state.upcoming_sleep > self.limits.retry_seconds

    @staticmethod
    def _pause(state: tenacity.RetryCallState) -> float:
        """What Retry-After says, else 0.5, 1, 2 ... 30 seconds with some jitter, so that several workers spread."""
        answer: Answer = state.outcome.result() if state.outcome else Answer("transient")
        asked = _retry_after(answer.headers)
        if asked is not None:
            return asked
        return float(tenacity.wait_exponential_jitter(initial=0.5, max=30, jitter=0.5)(state))


def classify(status: int, data: bytes | None, headers: Mapping[str, str]) -> Answer:
    """The kind of an answer, by its status and by whether it can be read."""
    body, is_readable = _parse(data)
    words = _first_words(body)
    if status in TRANSIENT:
        return Answer("transient", status, body, f"HTTP {status}: {words}", headers)
    if 200 <= status < 300:
        if is_readable:
            return Answer("done", status, body, "", headers)
        return Answer("ambiguous", status, body, f"HTTP {status} with an answer that can't be read: {words}", headers)
    if status == 408 or status >= 500:
        return Answer("ambiguous", status, body, f"HTTP {status}: {words}", headers)
    return Answer("rejected", status, body, f"HTTP {status}: {words}", headers)


def without_secrets(value: Any, limit: int = 500) -> str:
    """A value as one line for a log or a receipt: secrets and file contents replaced, long texts cut."""
    return json.dumps(redacted(value), ensure_ascii=True, default=str)[:limit]


def redacted(value: Any) -> Any:
    """The same value with secrets and file contents replaced."""
    if isinstance(value, Mapping):
        return {key: "***" if str(key).lower() in SECRET_NAMES else redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    return value


def _parse(data: bytes | None) -> tuple[Any, bool]:
    if data is None:
        return "(longer or slower than allowed)", False
    try:
        return json.loads(data), True
    except ValueError:
        return data[:2000].decode("utf-8", "replace"), False


def _first_words(body: Any) -> str:
    """At most 200 characters of what the server said, on one line."""
    text = body.get("message") if isinstance(body, dict) else None
    return (
        " ".join(str(text or (body if isinstance(body, str) else json.dumps(body))).split())[:200] or "(empty answer)"
    )


def _no_answer(error: Exception) -> Answer:
    """Not even connected: nothing was sent, so transient. Anything later: the server may have done the work."""
    reason: Any = error.args[0] if error.args else error
    reason = getattr(reason, "reason", reason)
    never_sent = isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        reason, NewConnectionError | ConnectTimeoutError
    )
    if never_sent:
        return Answer("transient", message="no connection could be made")
    return Answer("ambiguous", message=f"the connection broke before an answer came ({type(error).__name__})")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def _last_answer(state: tenacity.RetryCallState) -> Answer:
    answer: Answer = state.outcome.result() if state.outcome else Answer("transient")
    return answer
