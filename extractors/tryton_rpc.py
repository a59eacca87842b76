"""Tryton's JSON-RPC: a session that logs in by itself, records page by page in the order of their ids, errors in our words."""

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote

from requests import PreparedRequest
from requests.auth import AuthBase

from extractors.shape import one_line
from koppel.connections import Connection
from koppel.errors import ConfigError, KoppelError, SourceDown, SourceShape, TargetRefused
from koppel.http import Answer, HttpClient, Limits

Row = dict[str, Any]
Domain = Sequence[Any]
"""Tryton's way to say which records: clauses (field, operator, value) that all hold, or ["OR", ...]."""

BY_ID = [["id", "ASC"]]
KEPT = "Nothing was changed."


class _Session(AuthBase):
    """What Tryton wants to see in every request after the log-in."""

    def __init__(self, login: str, user: int, token: str) -> None:
        self._words = base64.b64encode(f"{login}:{user}:{token}".encode()).decode()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Session {self._words}"
        return request


class Tryton:
    """One database of a Tryton server, read as one login. Every method raises SourceDown, SourceShape or ConfigError.

    ``context`` goes with every call: the company (without one every price reads null) and that archived records count too.
    """

    def __init__(self, place: Connection, limits: Limits | None = None, page_rows: int = 200) -> None:
        self._place = place
        self.database = place.path.strip("/")
        scheme = "https" if place.scheme == "https" else "http"
        self.http = HttpClient(f"{scheme}://{place.host}:{place.port or (443 if scheme == 'https' else 8000)}", limits)
        self.page_rows = page_rows
        self.context: Row = {"active_test": False}
        self._fields: dict[str, frozenset[str]] = {}

    @cached_property
    def version(self) -> str:
        """The series of the server, as ``8.2``; asked for without a log-in."""
        body = {"id": 0, "method": "common.server.version", "params": []}
        answer = self.http.call("POST", "/rpc/", body=body, repeatable=True)
        return str(self._result(answer, "common.server.version"))

    def call(self, model: str, method: str, *values: Any, **context: Any) -> Any:
        """What a method of a model answers; ``context`` is laid over the usual one. Logs in when there is no session (any more)."""
        called = f"model.{model}.{method}"
        body = {"id": 0, "method": called, "params": encode([*values, self.context | context])}
        if self.http.auth is None:
            self._log_in()
        answer = self._post(body)
        if answer.status == 401:
            self._log_in()
            answer = self._post(body)
        return decode(self._result(answer, called))

    def fields(self, model: str) -> frozenset[str]:
        """The fields that a model has here; it depends on the modules that the company activated."""
        if model not in self._fields:
            self._fields[model] = frozenset(self.call(model, "fields_get"))
        return self._fields[model]

    def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        *,
        order: Any = None,
        limit: int | None = None,
        **context: Any,
    ) -> list[Row]:
        """The records of a domain; a field of a field is asked for as ``template.name`` and answered below ``template.``."""
        found = self.call(model, "search_read", domain, 0, limit, order or BY_ID, list(fields), **context)
        return list(found)

    def pages(self, model: str, domain: Domain, fields: Sequence[str], **context: Any) -> Iterator[list[Row]]:
        """All records of a domain, page after page by their id.

        Not by time: thousands of records of one import share one timestamp, so that a page could end in the middle of
        them; and a record that changes meanwhile would move to another page.
        """
        last = 0
        while True:
            part = [["id", ">", last], *domain]
            rows = self.search_read(model, part, fields, limit=self.page_rows, **context)
            if not rows:
                return
            yield rows
            highest = max(int(row["id"]) for row in rows)
            if len(rows) < self.page_rows or highest <= last:
                return
            last = highest

    def newest(self, model: str, domain: Domain = ()) -> datetime | None:
        """The time of the last change of any record in the domain; a record that never changed counts with its creation."""
        times = []
        for name in ("write_date", "create_date"):
            rows = self.search_read(model, domain, [name], order=[[name, "DESC NULLS LAST"]], limit=1)
            times += [row[name] for row in rows if row[name]]
        return max(times, default=None)

    def _post(self, body: Row, *, private: bool = False) -> Answer:
        try:
            path = f"/{quote(self.database, safe='')}/rpc/"
            return self.http.call("POST", path, body=body, repeatable=True, private=private)
        except TargetRefused as error:
            raise ConfigError(error.what, kept=KEPT, do=error.do) from error

    def _log_in(self) -> None:
        self.http.auth = None
        words = [self._place.login, {"password": self._place.password}, "en"]
        answer = self._post({"id": 0, "method": "common.db.login", "params": words}, private=True)
        result = None if answer.status == 401 else self._result(answer, "common.db.login")
        if not isinstance(result, list) or len(result) < 2:
            raise ConfigError(
                f"Tryton does not let {self._place.login or '(no login)'} in.",
                kept=KEPT,
                do=f"Correct login and password of the connection {self._place.name!r}.",
            )
        self.http.auth = _Session(self._place.login, result[0], result[1])

    def _result(self, answer: Answer, called: str) -> Any:
        """What a call gave, or the error that tells why it gave nothing."""
        if answer.kind in {"transient", "ambiguous"}:
            raise SourceDown(
                f"Tryton at {self.http.base_url} does not answer: {one_line(answer.message)}.",
                kept=KEPT,
                do="Look at its server; Koppel tries again by itself.",
            )
        if answer.kind == "rejected":
            raise self._refused(answer, called)
        if not isinstance(answer.body, dict) or not {"result", "error"} & answer.body.keys():
            raise SourceShape(
                f"{self.http.base_url} answered {called} with something that is no JSON-RPC.",
                kept=KEPT,
                do="Look whether the connection leads to a Tryton server.",
            )
        if error := answer.body.get("error"):
            raise error_of(error, called, self._place.login)
        return answer.body.get("result")

    def _refused(self, answer: Answer, called: str) -> KoppelError:
        if answer.status == 401:
            mend = f"Look at the login {self._place.login!r}: Tryton ended its session twice."
        elif answer.status == 403:
            mend = f"Give the login {self._place.login!r} the right to read it, or activate the module that has it."
        elif answer.status in {404, 405}:
            mend = f"Write the name of the database behind the port in the connection {self._place.name!r} (Tryton 8.2 or later)."
        else:
            return SourceShape(f"Tryton refused {called}: {one_line(answer.message)}.", kept=KEPT)
        return ConfigError(f"Tryton refused {called}: HTTP {answer.status}.", kept=KEPT, do=mend)


def error_of(error: Any, called: str, login: str) -> KoppelError:
    """The error inside an answer: [name, [message, description, ...]], or [text, traceback] of a fault in the server."""
    parts = error if isinstance(error, list) and error else [str(error)]
    name, words = str(parts[0]), parts[1] if len(parts) > 1 else ""
    said = one_line(" ".join(str(word) for word in words[:2] if word) if isinstance(words, list) else name)
    if name == "UserError":
        mend = f"Mend that in Tryton, or give the login {login!r} the right to read it."
        return ConfigError(f"Tryton refused {called}: {said}", kept=KEPT, do=mend)
    if name == "UserWarning":
        # words: the warning's own name, then what it says.
        asked = one_line(words[1] if isinstance(words, list) and len(words) > 1 else said)
        mend = f"Answer it once in Tryton, as {login!r} and with 'always'."
        return ConfigError(f"Tryton wants an answer before it carries out {called}: {asked}", kept=KEPT, do=mend)
    if name in {"ConcurrencyException", "TimeOutException", "RateLimitException"}:
        return SourceDown(f"Tryton is too busy for {called}: {name}.", kept=KEPT, do="Koppel tries again by itself.")
    return SourceShape(
        f"Tryton could not carry out {called}: {one_line(name, 200)}.",
        kept=KEPT,
        do="A field or model is missing: look at the domain in koppel.toml, and at the modules that are activated in Tryton.",
    )


def encode(value: Any) -> Any:
    """A value as Tryton's JSON has it; times go as UTC without zone."""
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        plain = value.astimezone(UTC)
        names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{name: getattr(plain, name) for name in names}}
    if isinstance(value, date):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    return value


def decode(value: Any) -> Any:
    """A value of Tryton's JSON: Decimal, date, aware UTC datetime, timedelta, bytes; a lone surrogate in a text becomes U+FFFD."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not isinstance(value, dict):
        return value
    if "__class__" not in value:
        return {key: decode(item) for key, item in value.items()}
    try:
        return _special(value)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        kind = one_line(value["__class__"], 80)
        raise SourceShape(f"Tryton answered with a {kind} that can't be read.", kept=KEPT) from error


def _special(value: Row) -> Any:
    kind, parts = value["__class__"], {name: part for name, part in value.items() if name != "__class__"}
    if kind == "Decimal":
        return Decimal(parts["decimal"])
    if kind == "datetime":
        return datetime(**parts, tzinfo=UTC)
    if kind == "date":
        return date(**parts)
    if kind == "timedelta":
        return timedelta(seconds=parts["seconds"])
    if kind == "bytes":
        return base64.b64decode(parts["base64"])
    raise ValueError(kind)
