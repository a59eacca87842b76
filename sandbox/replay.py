"""Replay recorded exchanges with a real shop against the stand-in and show every difference.

python -m sandbox.replay DIR [--url URL] [--area AREA ...]

Prints `replay FILE ok` or `replay FILE N differences` with the differences below; the exit code is 1 when any file differs.
"""

import argparse
import datetime as dt
import http.client
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from sandbox.comparer import Answer, compare
from sandbox.magento.credentials import Credentials
from sandbox.magento.testing import RunningShop, running_shop
from sandbox.signing import Signer
from sandbox.transcripts import Memory, Scenario, TranscriptError, fill, find, values

WAIT_SECONDS = 1.1
NO_OPTIONS = "attribute color (select) exists without options"
FRESH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/_sandbox/reset", {}),
    ("/_sandbox/consumer", {"do": "pause"}),
    ("/_sandbox/settings", {"index_on_schedule": False}),
)
CARTS = "/rest/V1/guest-carts"
NOT_FOUND = 404
OPTIONS = "/rest/V1/products/attributes/color/options"
LATER, SAME = "later than in the previous read", "same as in the previous read"
LOGIN = "/rest/V1/integration/admin/token"
# What stands in the notes of exchanges whose header the format has no word for.
ODD_HEADERS = {"the word Bearer without a token": "Bearer", "HTTP Basic": "Basic bm9ib2R5Ondyb25n"}
INVENTORY = (
    *(("/rest/V1/inventory/sources", {"source": {"source_code": code, "name": code.title(), "enabled": True,
      "country_id": "BE", "postcode": "9000"}}) for code in ("ghent", "antwerp")),
    ("/rest/V1/inventory/stocks", {"stock": {"name": "Benelux", "extension_attributes": {
        "sales_channels": [{"type": "website", "code": "base"}]}}}),
    ("/rest/V1/inventory/stock-source-links", {"links": [
        {"stock_id": 2, "source_code": "ghent", "priority": 1}, {"stock_id": 2, "source_code": "antwerp", "priority": 2}]}),
)  # fmt: skip


@dataclass
class Caller:
    """Sends requests to one shop, with the credentials that it accepts."""

    url: str
    credentials: Credentials = field(default_factory=Credentials)

    def __post_init__(self) -> None:
        self.signer = Signer(self.credentials)
        self._token = ""

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """One request exactly as given: no header is added but Host and Content-Length."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=60)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            kind = (response.getheader("Content-Type") or "").split(";")[0]
            return Answer(response.status, kind, _decoded(kind, response.read()))
        finally:
            connection.close()

    def post(self, path: str, body: Any, auth: bool = True) -> Answer:
        """A JSON request of an admin, for tokens, fixtures and controls."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if auth:
            headers["Authorization"] = f"Bearer {self.token()}"
        return self.send("POST", path, headers, json.dumps(body).encode())

    def token(self) -> str:
        """An admin's token, asked for once."""
        if not self._token:
            login = {"username": self.credentials.username, "password": self.credentials.password}
            answer = self.post(LOGIN, login, auth=False)
            if answer.status != 200:
                raise TranscriptError(
                    f"no admin token from {self.url}: HTTP {answer.status} {answer.body}; nothing was replayed"
                )
            self._token = str(answer.body)
        return self._token

    def authorization(self, request: Mapping[str, Any], target: str, note: str) -> str | None:
        """The Authorization header of a recorded request; None for none."""
        headers = request.get("headers", {})
        kind = headers.get("auth", "none")
        if kind == "oauth":
            return self.signer.header(request["method"], self.url + target, headers.get("sign", "good"))
        if kind == "admin":
            return f"Bearer {self.token()}"
        if kind in ("bearer", "bad"):
            return f"Bearer {self.credentials.access_token if kind == 'bearer' else 'x' * 32}"
        return next((value for words, value in ODD_HEADERS.items() if words in note), None)


@dataclass
class Replay:
    """One scenario against one shop."""

    scenario: Scenario
    caller: Caller
    wait: Any = time.sleep
    memory: Memory = field(default_factory=Memory)

    def run(self) -> list[str]:
        """Every difference, with the number of its exchange (from 0)."""
        differences: list[str] = []
        for index, exchange in enumerate(self.scenario.exchanges):
            try:
                found = self._step(exchange) if "step" in exchange else self._exchange(exchange)
            except (TranscriptError, OSError, http.client.HTTPException) as error:
                found = [f"{type(error).__name__}: {error}"]
            request = exchange.get("request", {})
            differences += [
                f"#{index} {request.get('method', 'step')} {request.get('path', '')}: {text}" for text in found
            ]
        return differences

    def _step(self, step: Mapping[str, Any]) -> list[str]:
        kind = step["step"]
        if kind == "wait":
            self.wait(WAIT_SECONDS)
            return []
        paths = {"run_consumer": "/_sandbox/consumer", "reindex": "/_sandbox/reindex"}
        if kind not in paths:
            raise TranscriptError(f"{kind!r} is no known step")
        answer = self.caller.post(paths[kind], {"do": "run"})
        return [] if answer.status == 200 else [f"the control answered {answer.status} {answer.body}"]

    def _exchange(self, exchange: Mapping[str, Any]) -> list[str]:
        request, recorded = exchange["request"], exchange["response"]
        target = self._target(request)
        answered = self.caller.send(
            request["method"], target, self._headers(request, target, exchange.get("note", "")), self._body(request)
        )
        wanted = Answer(recorded["status"], recorded.get("content_type", ""), recorded.get("body"))
        differences = compare(wanted, answered, exchange.get("vary", ()))
        differences += self._relations(target, answered.body, exchange)
        self._remember(target, answered.body, exchange)
        return differences

    def _target(self, request: Mapping[str, Any]) -> str:
        captured = {name: quote(str(value), safe="") for name, value in self.memory.captured.items()}
        path = str(fill(request["path"], captured))
        known = self.memory.captured
        query = [(str(fill(name, known)), str(fill(value, known))) for name, value in request.get("query", ())]
        return f"{path}?{urlencode(query, quote_via=quote, safe='')}" if query else path

    def _headers(self, request: Mapping[str, Any], target: str, note: str) -> dict[str, str]:
        named = {"accept": "Accept", "content-type": "Content-Type"}
        headers = {named[name]: value for name, value in request.get("headers", {}).items() if name in named}
        authorization = self.caller.authorization(request, target, note)
        return headers if authorization is None else {**headers, "Authorization": authorization}

    def _body(self, request: Mapping[str, Any]) -> bytes | None:
        if "raw_body" in request:
            return str(request["raw_body"]).encode("latin-1")
        return json.dumps(fill(request["body"], self.memory.captured)).encode() if "body" in request else None

    def _relations(self, target: str, body: Any, exchange: Mapping[str, Any]) -> list[str]:
        differences = []
        for path, relation in exchange.get("expect", {}).items():
            before, now = self.memory.watched.get((target, path)), next(values(body, path), None)
            holds = {LATER: now is not None and before is not None and now > before, SAME: now == before}
            if relation not in holds:
                raise TranscriptError(f"{relation!r} is no known relation")
            if not holds[relation]:
                differences.append(f"{path}: {now!r} is not {relation} ({before!r})")
        return differences

    def _remember(self, target: str, body: Any, exchange: Mapping[str, Any]) -> None:
        for name, path in exchange.get("capture", {}).items():
            found = next(values(body, path), None)
            self.memory.watched[target, path] = found
            if found is not None:
                self.memory.captured[name] = found


def _decoded(kind: str, data: bytes) -> Any:
    text = data.decode("utf-8", errors="replace")
    if kind == "application/json":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def prepare(scenario: Scenario, caller: Caller) -> None:
    """Give a fresh shop what the scenario starts from: sources and stocks, schedule, products of earlier scenarios."""
    if any(words.startswith("sources:") for words in scenario.preconditions):
        for path, body in INVENTORY:
            _must(caller.post(path, body), path)
    if any("update by schedule" in words for words in scenario.preconditions):
        _must(caller.post("/_sandbox/settings", {"index_on_schedule": True}), "/_sandbox/settings")
    if scenario.area == "attribute" and NO_OPTIONS not in scenario.preconditions:
        # These were recorded after attribute-01, which had taken the first three option numbers.
        for label in ("Rood", "Blauw", "Groen"):
            _must(caller.post(OPTIONS, {"option": {"label": label}}), OPTIONS)
    for _ in range(_carts_before(scenario)):
        _must(caller.post(CARTS, {}), CARTS)
    for sku in _borrowed(scenario):
        product = {
            "sku": sku,
            "name": f"Product {sku}",
            "price": 1,
            "attribute_set_id": 4,
            "type_id": "simple",
            "weight": 1,
        }
        _must(caller.post("/rest/all/V1/products", {"product": product}), sku)


def _carts_before(scenario: Scenario) -> int:
    """How many carts the shop had before: the refusal of a cart that became an order names its number."""
    numbers = [
        int(exchange["response"]["body"]["parameters"]["fieldValue"])
        for exchange in scenario.exchanges
        if exchange.get("request", {}).get("path", "").startswith(CARTS)
        and exchange["response"]["status"] == NOT_FOUND
        and isinstance(exchange["response"]["body"].get("parameters"), dict)
    ]
    return min(numbers, default=1) - 1


def _must(answer: Answer, what: str) -> None:
    if answer.status != 200:
        raise TranscriptError(f"the fixture {what} was refused: HTTP {answer.status} {answer.body}")


def _borrowed(scenario: Scenario) -> list[str]:
    """SKUs that a link points to with success although no exchange of the scenario mentions them before."""
    seen, borrowed = "", []
    for exchange in scenario.exchanges:
        request = exchange.get("request", {})
        items = (request.get("body") or {}).get("items", []) if isinstance(request.get("body"), dict) else []
        if (
            str(request.get("path", "")).endswith("/links")
            and exchange["response"]["status"] == 200
            and isinstance(items, list)
        ):
            linked = [item.get("linked_product_sku") for item in items]
            borrowed += [sku for sku in linked if sku and f'"{sku}"' not in seen and sku not in borrowed]
        seen += json.dumps(request)
    return borrowed


@contextmanager
def fresh_shop() -> Iterator[tuple[RunningShop, Any]]:
    """A new shop whose queue waits for run_consumer, and a function that moves its clock."""
    with running_shop(consumer_running=False) as shop:
        shift = [dt.timedelta()]
        shop.state.now = lambda: dt.datetime.now(dt.UTC) + shift[0]

        def move(seconds: float) -> None:
            shift[0] += dt.timedelta(seconds=seconds)

        yield shop, move


def replay(scenario: Scenario, url: str | None = None) -> list[str]:
    """The differences of one scenario on a fresh shop, or on the stand-in at `url`, which is emptied first."""
    if url is None:
        with fresh_shop() as (shop, move):
            caller = Caller(shop.url, shop.credentials)
            prepare(scenario, caller)
            return Replay(scenario, caller, move).run()
    caller = Caller(url.rstrip("/"))
    for path, body in FRESH:
        _must(caller.post(path, body, auth=False), path)
    prepare(scenario, caller)
    return Replay(scenario, caller).run()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.replay", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with transcript files (*.json)")
    parser.add_argument(
        "--url", help="a stand-in that runs already; it is emptied before each file (default: a fresh one)"
    )
    parser.add_argument(
        "--area", action="append", default=[], help="only this area (product, media, ...); may be repeated"
    )
    options = parser.parse_args(arguments)
    try:
        scenarios = find(options.folder, frozenset(options.area))
        codes = [_report(scenario, options.url) for scenario in scenarios]
    except (TranscriptError, OSError) as error:
        print(f"replay stopped: {error}", file=sys.stderr)
        return 2
    if not codes:
        print(
            f"replay stopped: no transcripts{' of that area' if options.area else ''} in {options.folder}",
            file=sys.stderr,
        )
        return 2
    return max(codes)


def _report(scenario: Scenario, url: str | None) -> int:
    differences = replay(scenario, url)
    print(f"replay {scenario.path.name} {f'{len(differences)} differences' if differences else 'ok'}", flush=True)
    for difference in differences:
        print(f"    {difference}")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
