"""The session with a Tryton server: who may in, what goes wrong and how it is told, and that no secret leaves."""

import base64
import http.server
import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.tryton import TrytonSource
from extractors.tryton_rpc import decode, encode, error_of
from koppel.errors import ConfigError, KoppelError, SourceDown, SourceShape
from tests.extractors.tryton.company import CLERK, READER, READER_PASSWORD, Company
from tests.extractors.tryton.conftest import MakeSource, rows_of
from tests.extractors.tryton.server import TrytonServer

ONE = ("P-0001",)


def test_the_doctor_sees_server_company_locations_and_languages(tryton_source: MakeSource) -> None:
    checks = tryton_source(locations={"MECH": "MECH"}, languages=["en", "nl"]).check()
    assert all(check.is_fine for check in checks)
    told = " ".join(check.detail for check in checks)
    assert "Tryton 8.2, database erp" in told
    assert "MECH" in told
    assert "en, nl" in told


def test_the_doctor_tells_what_is_wrong_and_never_raises(server: TrytonServer, tryton_source: MakeSource) -> None:
    wrong = tryton_source(locations={"MECH": "NOWHERE"}, languages=["xx"]).check()
    assert [check.is_fine for check in wrong] == [True, False, False, True]
    assert all(check.mend for check in wrong if not check.is_fine)
    [closed] = tryton_source(server.connection(READER, "wrong")).check()
    assert not closed.is_fine
    assert "does not let koppel in" in closed.detail


def test_a_session_that_ended_is_opened_again(tryton_source: MakeSource) -> None:
    source = tryton_source(own=True)
    assert rows_of(source, "price", keys=ONE)
    source.tryton.call("ir.lang", "search_count", [], 0, None)
    session: Any = source.tryton.http.auth
    session._words = "bm9ib2R5OjE6bm90aGluZw=="
    assert rows_of(source, "price", keys=ONE)
    assert source.tryton.http.auth is not session


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://koppel:wrong@127.0.0.1:{port}/erp", "does not let koppel in"),
        ("http://127.0.0.1:{port}/erp", r"does not let \(no login\) in"),
        ("http://koppel:x@127.0.0.1:{port}", "names no database"),
        ("http://koppel:x@127.0.0.1:{port}/other", "HTTP 404"),
        ("http://koppel:x@127.0.0.1:{port}/erp%2Fother", "HTTP 405"),
    ],
)
def test_a_wrong_connection_is_told(server: TrytonServer, tryton_source: MakeSource, address: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        rows_of(tryton_source(address.format(port=server.port)), "product", keys=ONE)


def test_what_the_login_may_not_see_is_told_in_trytons_words(server: TrytonServer, tryton_source: MakeSource) -> None:
    source = tryton_source(server.connection(CLERK, READER_PASSWORD))
    assert rows_of(source, "price", keys=ONE)
    with pytest.raises(ConfigError, match=r"not allowed to access.*Stock Move.*'clerk'"):
        rows_of(source, "stock_level", keys=ONE)


def test_a_company_is_chosen_where_the_login_sees_several(
    company: Company, server: TrytonServer, tryton_source: MakeSource
) -> None:
    office = company.office
    [party] = office.call("party.party", "create", [{"name": "Other NV"}])
    [other] = office.call("company.company", "create", [{"party": party, "currency": company.currency}])
    both = {"companies": [["add", [company.number, other]]], "company": other, "company_filter": "all"}
    office.call("res.user", "create", [{"name": "Two", "login": "two", "password": READER_PASSWORD, **both}])
    address = server.connection("two", READER_PASSWORD)
    with pytest.raises(ConfigError, match="the login sees Koppel NV, Other NV"):
        rows_of(tryton_source(address), "price", keys=ONE)
    [own] = rows_of(tryton_source(address, company="Koppel NV"), "price", keys=ONE)
    [others] = rows_of(tryton_source(address, company="Other NV"), "price", keys=ONE)
    assert (own["price_eur_excl_vat"], others["price_eur_excl_vat"]) == ("6.95", None)
    with pytest.raises(ConfigError, match="the login sees"):
        rows_of(tryton_source(address, company="Koppel"), "price", keys=ONE)


def test_a_fault_of_the_server_is_told_without_its_traceback(tryton_source: MakeSource) -> None:
    source = tryton_source()
    for model, method in (("product.product", "search_read"), ("no.such", "search_read")):
        with pytest.raises(SourceShape) as caught:
            source.tryton.call(model, method, [], 0, 1, None, ["colour"])
        assert "Traceback" not in str(caught.value)
        assert method in caught.value.what


def test_a_server_that_is_down_runs_again_by_itself(tryton_source: MakeSource) -> None:
    source = tryton_source("http://koppel:x@127.0.0.1:9/erp")
    with pytest.raises(SourceDown, match="does not answer"):
        rows_of(source, "product")
    [check] = source.check()
    assert not check.is_fine


def test_no_password_and_no_session_ever_reaches_the_log(
    tryton_source: MakeSource, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source = tryton_source(own=True)
    rows_of(source, "price", keys=ONE)
    session: Any = source.tryton.http.auth
    assert "P-0001" in caplog.text
    assert READER_PASSWORD not in caplog.text
    assert session._words not in caplog.text
    token = base64.b64decode(session._words).decode().split(":")[2]
    assert token not in caplog.text


@pytest.fixture
def strange() -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers every call with the same bytes."""
    answers: list[bytes] = [b""]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answers[0])))
            self.end_headers()
            self.wfile.write(answers[0])

        def log_message(self, *words: Any) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://koppel:x@127.0.0.1:{listening.server_port}/erp", answers
        listening.shutdown()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"<html>Welcome</html>", SourceDown),
        (b"[]", SourceShape),
        (b'{"hello": 1}', SourceShape),
        (b'{"id": 0, "result": null}', ConfigError),
        (b'{"id": 0, "error": []}', ConfigError),
        (b'{"id": 0, "error": "no"}', SourceShape),
        (b'{"id": 0, "error": ["UserError", ["No.\\u0000\\n", "", null]]}', ConfigError),
    ],
)
def test_what_is_no_tryton_is_told(
    strange: tuple[str, list[bytes]], tryton_source: MakeSource, answer: bytes, kind: type[KoppelError]
) -> None:
    address, answers = strange
    answers[0] = answer
    with pytest.raises(kind) as caught:
        rows_of(tryton_source(address, own=True), "product")
    assert "\n" not in caught.value.what
    assert "\0" not in caught.value.what


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            ["UserWarning", ["late_1", "The date lies in the past.", ""]],
            ConfigError,
            "wants an answer .* lies in the past",
        ),
        (["UserError", ["Not allowed.", "Ask Els.", None]], ConfigError, "Not allowed. Ask Els."),
        (["ConcurrencyException", "x"], SourceDown, "too busy"),
        (["'colour'", "Traceback ..."], SourceShape, "colour"),
        (["UserWarning"], ConfigError, "wants an answer"),
        ("no list", SourceShape, "no list"),
    ],
)
def test_every_refusal_has_a_kind(error: Any, kind: type[KoppelError], words: str) -> None:
    told = error_of(error, "model.x.read", "koppel")
    assert type(told) is kind
    assert told.do
    with pytest.raises(kind, match=words):
        raise told


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda key: key != "__class__"), inner),
    max_leaves=8,
)


@given(VALUES)
def test_values_survive_the_journey(value: Any) -> None:
    assert decode(json.loads(json.dumps(encode(value)))) == value


def test_values_as_tryton_writes_them() -> None:
    assert decode({"__class__": "timedelta", "seconds": 90.5}) == timedelta(seconds=90.5)
    assert decode({"__class__": "bytes", "base64": "aGFsbG8=\n"}) == b"hallo"
    assert decode({"__class__": "date", "year": 2026, "month": 2, "day": 28}) == date(2026, 2, 28)
    assert str(decode({"__class__": "Decimal", "decimal": "12.3400"})) == "12.3400"
    assert encode(datetime.fromisoformat("2026-01-01T01:00:00+01:00"))["hour"] == 0
    assert decode(json.loads('"mug \\ud83d"')) == "mug \ufffd"
    for strange in (
        {"__class__": "Decimal", "decimal": "x"},
        {"__class__": "date", "year": 1},
        {"__class__": "module"},
    ):
        with pytest.raises(SourceShape, match="can't be read"):
            decode(strange)


def test_a_source_without_a_connection_is_told(tmp_path: Any) -> None:
    from koppel.settings import SourceSettings

    [check] = TrytonSource(SourceSettings("tryton", "tryton", tmp_path)).check()
    assert not check.is_fine
