"""The page "Data quality" as Airflow mounts it: who may see it, what it answers and in which language, and what it turns away."""

import re
from http.client import HTTPConnection

import pytest

from tests.koppel.html_page import Page
from tests.plugins.conftest import EVIL, Served

DESK, UPLOAD, CONFIRM, HAND_OUT = (
    "/quality/work-lists", "/quality/work-lists/upload", "/quality/work-lists/confirm", "/quality/work-lists/hand-out",
)  # fmt: skip
NONSENSE = "0" * 32
DONE = f"/quality/work-lists/done/{NONSENSE}"
READ = ("/quality/", DESK, DONE, f"{DONE}/answer.xlsx", "/down/quality/", "/empty/quality/", "/broken/quality/")
FORMS = ("html", "xlsx", "json")


def report_paths(reports: tuple[str, str]) -> list[str]:
    return [f"/quality/reports/shop/{reports[0]}/{language}.{form}" for language in ("nl", "fr") for form in FORMS]


def said(text: str) -> str:
    """What a page says is wrong."""
    section = next(one for one in Page(text).all("section") if "said" in one.attributes["class"].split())
    return " ".join(section.text.split())


# --- who may what -----------------------------------------------------------------------------------------------------


def test_nobody_sees_anything_without_logging_in(served: Served, reports) -> None:
    for path in (*READ, *report_paths(reports)):
        answer = served.get(path, role=None)
        assert answer.status_code == 401, path
        assert "You are not logged in." in answer.text
        assert "An Peeters" not in answer.text
    for path in (UPLOAD, CONFIRM, HAND_OUT):
        assert served.send("POST", path, None, data={"owner": "an"}).status_code == 401, path


def test_a_token_that_airflow_did_not_sign_opens_nothing(served: Served) -> None:
    forged = {**served.tokens, "VIEWER": served.tokens["VIEWER"][:-8] + "AAAAAAAA"}
    assert Served(served.url, forged, served.stock).get("/quality/").status_code in {401, 403}


def test_whoever_may_look_reads_all_and_changes_nothing(served: Served, reports) -> None:
    for path in ("/quality/", DESK, *report_paths(reports)):
        assert served.get(path).status_code == 200, path
    for path in (UPLOAD, CONFIRM, HAND_OUT):
        answer = served.send("POST", path, "VIEWER", data={"owner": "an", "preview_id": NONSENSE}, files={"file": b"x"})
        assert answer.status_code == 403, path
        assert "start the DAG of the report" in said(answer.text)


def test_the_desk_offers_only_what_one_may(served: Served) -> None:
    looking, mending = (Page(served.get(f"{DESK}?language=en", role).text) for role in ("VIEWER", "USER"))
    assert looking.all("form") == []
    assert len(mending.all("form")) == 3
    for page in (looking, mending):
        page.check()
        assert "An Peeters" in page.all("main")[0].text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ],
)
@pytest.mark.parametrize("path", [UPLOAD, CONFIRM, HAND_OUT])
def test_a_form_of_another_site_does_nothing(served: Served, path, headers) -> None:
    form = {"owner": "an", "preview_id": NONSENSE}
    answer = served.send("POST", path, data=form, files={"file": b"x"}, headers=headers)
    assert answer.status_code == 403
    assert "This form is of another site. Nothing was changed." in said(answer.text)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "own"}, {}])
def test_a_form_of_this_page_is_read(served: Served, headers) -> None:
    headers = {name: value.replace("own", served.url) for name, value in headers.items()}
    assert served.send("POST", CONFIRM, data={"preview_id": NONSENSE}, headers=headers).status_code == 404


# --- what it answers --------------------------------------------------------------------------------------------------


def test_the_latest_report_stands_in_a_frame_of_nobody(served: Served, reports) -> None:
    page = Page(served.get("/quality/?language=fr").text)
    (frame,) = page.all("iframe")
    assert frame.attributes["sandbox"] == "allow-scripts allow-downloads"
    assert frame.attributes["src"] == f"/quality/reports/shop/{reports[0]}/fr.html"
    assert [one.attributes["value"] for one in page.all("option")] == list(reports)
    for link in page.all("a"):
        address = link.attributes["href"]
        if address.startswith("/quality/reports/"):
            assert served.get(address).status_code == 200, address


def test_an_older_report_is_chosen_and_keeps_its_place_in_another_language(served: Served, reports) -> None:
    page = Page(served.get(f"/quality/?report={reports[1]}&language=nl").text)
    assert page.all("iframe")[0].attributes["src"] == f"/quality/reports/shop/{reports[1]}/nl.html"
    assert f"?language=fr&report={reports[1]}" in {one.attributes["href"] for one in page.all("a")}
    other = Page(served.get(f"/quality/?report={reports[1]}&language=fr").text)
    assert other.all("iframe")[0].attributes["src"].endswith("nl.html")
    assert "pas été fait dans votre langue" in other.all("main")[0].text


@pytest.mark.parametrize("name", ["2020-01-01T000000Z", "../../secret", EVIL, "%00"])
def test_a_report_that_is_gone_gives_the_latest_and_says_so(served: Served, reports, name) -> None:
    page = Page(served.send("GET", "/quality/", params={"report": name, "language": "en"}).text)
    page.check()
    assert f"/{reports[0]}/" in page.all("iframe")[0].attributes["src"]
    assert "not kept any more" in page.all("main")[0].text


def test_a_shop_without_a_report_is_told_how_to_get_one(served: Served) -> None:
    page = Page(served.get("/empty/quality/?language=en").text)
    page.check()
    assert "There is no report yet" in page.all("h1")[0].text
    assert "quality_report" in page.all("main")[0].text
    assert page.all("iframe") == []
    assert {one.attributes["href"] for one in page.all("a")} >= {"/empty/quality/work-lists?language=en"}


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("?language=fr", "nl", "fr"), ("", "fr-BE,fr;q=0.9,en;q=0.5", "fr"), ("", "de", "de"), ("", "zh,xx", "nl"),
        ("?language=xx", "EN-gb", "en"), ("?language=../../etc/passwd", "", "nl"), ("?language=%00", ";;,,=", "nl"),
        ("", "de," * 5000, "de"),
    ],
)  # fmt: skip
def test_it_speaks_the_language_of_who_reads(served: Served, query, accepted, language) -> None:
    for path in ("/quality/", DESK):
        page = Page(served.get(path + query, **{"Accept-Language": accepted}).text)
        assert page.all("html")[0].attributes["lang"] == language
        assert [one.attributes["hreflang"] for one in page.all("a", **{"aria-current": "true"})] == [language]


def test_files_of_a_report_come_as_what_they_are(served: Served, reports) -> None:
    answers = {path.rsplit(".", 1)[1]: served.get(path) for path in report_paths(reports)[:3]}
    assert answers["html"].headers["Content-Security-Policy"] == (
        "sandbox allow-scripts allow-downloads; frame-ancestors 'self'"
    )
    assert answers["html"].headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Content-Disposition" not in answers["html"].headers
    assert "<script>alert('koppel')" not in answers["html"].text
    assert answers["json"].json()
    assert answers["xlsx"].content.startswith(b"PK")
    for form in ("xlsx", "json"):
        assert (
            answers[form].headers["Content-Disposition"] == f'attachment; filename="shop-2026-11-26-quality-nl.{form}"'
        )


@pytest.mark.parametrize(
    "path",
    [
        "shop/{name}/en.html", "shop/{name}/nl.exe", "shop/{name}/nl.html.bak", "shop/{name}/../{name}/nl.json/x",
        "shop/latest/nl.html", "nothing/{name}/nl.html", "../{name}/nl.html", "%2e%2e/{name}/nl.html",
        "shop/%2e%2e%2f%2e%2e/nl.html", "shop%2f{name}/x/nl.html", "shop/{name}/%2e%2e%2fnl.html", "shop/{name}/..%5cnl.html",
        "shop/{name}/nl%00.html", "shop/{name}%00/nl.html", "shop/{name}/*.html", "shop/{name}%0a/nl.html",
        "shop/making-x/nl.html", "shop/{name}/quality-nl.html", "shop//nl.html", "shop/{name}/nl.", "",
    ],
)  # fmt: skip
def test_no_address_leads_to_another_file(served: Served, reports, path) -> None:
    """Sent as they are: a client would tidy them up."""
    assert raw_status(served, f"/quality/reports/{path.format(name=reports[0])}") == 404


def raw_status(served: Served, path: str) -> int:
    connection = HTTPConnection(served.url.removeprefix("http://"), timeout=60)
    connection.putrequest("GET", path)
    connection.putheader("Cookie", f"_token={served.tokens['VIEWER']}")
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("path", ["docs", "openapi.json", "redoc", "nothing", "static/shell.css"])
def test_nothing_else_is_served(served: Served, path) -> None:
    for role in (None, "VIEWER"):
        assert served.get(f"/quality/{path}", role).status_code == 404


def test_every_answer_forbids_what_it_does_not_need(served: Served, reports) -> None:
    nonces = set()
    for path in (*READ, *report_paths(reports), UPLOAD, "/quality/nothing"):
        headers = served.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Cache-Control"] == "no-store", path
        assert headers["Referrer-Policy"] == "same-origin", path
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        if "style-src" in policy:
            assert "script-src" not in policy
            assert policy.startswith("default-src 'none'")
            assert "frame-ancestors 'self'" in policy
            nonces.add(re.search("nonce-([^']+)", policy)[1])
    assert len(nonces) > 7


# --- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"), [("en", "The ledger does not answer."), ("nl", "Het register van Koppel antwoordt niet.")]
)
def test_a_ledger_that_is_down_is_a_page_that_says_what_is_safe_and_what_to_do(served: Served, language, words) -> None:
    answer = served.get(f"/down/quality/work-lists?language={language}")
    assert answer.status_code == 503
    assert words in said(answer.text)
    assert "koppel doctor" in said(answer.text)
    for secret in ("verysecretword", "127.0.0.1", "Traceback", "psycopg"):
        assert secret not in answer.text


def test_reports_are_there_while_the_ledger_is_down(served: Served, reports) -> None:
    assert f"/down/quality/reports/shop/{reports[0]}/nl.html" in served.get("/down/quality/").text


def test_what_a_ledger_that_is_down_can_not_take_is_not_lost_in_silence(served: Served) -> None:
    for path, form in (("hand-out", {"owner": "an"}), ("confirm", {"preview_id": NONSENSE})):
        answer = served.send("POST", f"/down/quality/work-lists/{path}", data=form)
        assert answer.status_code in {404, 503}
        assert said(answer.text)


def test_settings_that_can_not_be_read_are_named(served: Served) -> None:
    answer = served.get("/broken/quality/?language=nl")
    assert answer.status_code == 503
    assert "koppel.toml can't be read" in said(answer.text)
    (heading,) = [one for one in Page(answer.text).all("span", lang="en") if "koppel.toml" in one.text]
    assert heading.parents[-1].tag == "h1"


@pytest.mark.parametrize("path", [UPLOAD, "/quality/nothing"])
def test_an_address_that_is_no_page_leads_back(served: Served, path) -> None:
    answer = served.get(f"{path}?language=fr", "USER")
    assert answer.status_code in {404, 405}
    assert said(answer.text)
    assert "/quality/work-lists?language=fr" in answer.text
