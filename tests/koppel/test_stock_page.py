"""The page of the stock: it says what the status holds, in words, and nothing that somebody wrote can do anything in it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koppel import stock_page
from koppel.errors import LedgerDown
from koppel.stock_lag import BUCKET, BUCKETS, Bucket, Lag, Lags, first_bucket
from koppel.stock_status import Counted, NewestRun, Place, StockStatus, Trouble
from tests.koppel.html_page import Page

NOW = datetime(2026, 11, 26, 12, 34, 56, tzinfo=UTC)
EVIL = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7 * 7 }}<svg/onload=alert(1)>"
NONCE = "n0nce"


def lags(p95: float = 1.9, count: int = 20) -> Lags:
    first = first_bucket(NOW)
    buckets = [Bucket(first + number * BUCKET, Lag()) for number in range(BUCKETS)]
    buckets[-1] = Bucket(buckets[-1].at, Lag(count, 0.8, p95))
    buckets[70] = Bucket(buckets[70].at, Lag(count, 0.9, p95 * 2))
    return Lags(Lag(count, 0.8, p95), Lag(2 * count, 0.8, p95), tuple(buckets))


def place(code: str = "MECH", **values: object) -> Place:
    heard = NOW - timedelta(minutes=4)
    made = Place(
        code, f"Magazijn {code}", True, "fresh", heard, heard, timedelta(hours=1), "keep", Counted(1234), lags()
    )
    return replace(made, **values)


RUN = NewestRun(
    "run-1", "running", "schedule", NOW - timedelta(minutes=3), None, False, {"read": 4211, "held_back": 2}, ""
)
STATUS = StockStatus(NOW, "stock", "shop", RUN, lags(), (place(),), (), Counted(1234))


def page(status: StockStatus = STATUS) -> Page:
    made = Page(stock_page.html(status, NONCE))
    made.check()
    return made


def text(status: StockStatus = STATUS) -> str:
    return " ".join(page(status).all("main")[0].text.split())


def test_the_numbers_of_the_page_are_those_of_the_json():
    counted = Counted(1234, 56, 7, 8, (("On hand is -….", 50),))
    status = replace(STATUS, places=(place(counted=counted), place("ANT", lags=Lags())), total=counted)
    told, shown = status.as_json(), page(status)
    rows = shown.rows("places")
    assert len(rows) == len(told["places"])
    for row, one in zip(rows, told["places"], strict=True):
        numbers = [one["counted"][name] for name in ("standing", "held_back", "failed", "waiting")]
        assert row[-4:] == [f"{number:,}" for number in numbers]
        for cell, lag in ((row[3], one["lags"]["now"]), (row[4], one["lags"]["day"])):
            assert cell.startswith(f"{lag['p95']} s half {lag['median']} s" if lag["count"] else "– nothing changed")
    figures = [" ".join(one.text.split()) for one in shown.all("dd")]
    assert figures[:6] == [
        "1.9 s 95 of 100; half within 0.8 s", "40", "1,234 figures", "56", "7", "8 for an answer",
    ]  # fmt: skip
    assert figures[6:] == ["4,211", "2"]
    buckets = [one for one in told["lags"]["buckets"] if one["lag"]["count"]]
    twin = [
        [one["at"][11:16], "20", f"{one['lag']['median']} s", f"{one['lag']['p95']} s"] for one in reversed(buckets)
    ]
    assert shown.rows("buckets") == twin


def test_the_chart_has_a_title_that_states_the_finding_and_a_description():
    title = page().all("title", id="chart-title")[0]
    assert title.text == "95 of 100 changed figures were in the shop within 1.9 s"
    assert title.parents[-1].attributes["role"] == "img"
    slow = replace(STATUS, lags=lags(4.2))
    assert "within 4.2 s; the goal is 3 s" in page(slow).all("h2", id="finding")[0].text
    assert "The table below has the same figures" in page().all("desc")[0].text


def test_nothing_read_yet_says_what_to_switch_on():
    empty = replace(STATUS, run=None, total=Counted(), lags=Lags(), places=(place(hearing="unheard", lags=Lags()),))
    assert "Nothing was read yet" in text(empty)
    assert "Switch on the DAG stock" in text(empty)


def test_a_day_without_a_change_is_a_sentence_and_an_empty_chart():
    quiet = replace(STATUS, lags=Lags(), places=(place(lags=Lags()),))
    assert "No figure changed during the last day" in text(quiet)
    assert page(quiet).rows("buckets") == [["Nothing changed."]]


@pytest.mark.parametrize(("when_silent", "words"), stock_page.WHEN_SILENT.items())
def test_a_silent_location_says_since_when_and_what_its_stock_counts_for(when_silent, words):
    since = NOW - timedelta(minutes=80)
    said = text(replace(STATUS, places=(place(hearing="stale", since=since, when_silent=when_silent),)))
    assert f"stale since 11:14, 1 h 20 min ago; {words}" in said
    assert f"Magazijn MECH has been silent for too long: {words}." in said


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (None, "Switch on the DAG stock"),
        (replace(RUN, status="failed", ended_at=NOW - timedelta(hours=2), error="The shop said no."), "failed 2 h ago"),
        (replace(RUN, status="waiting"), "koppel run stock --accept run-1"),
        (replace(RUN, status="interrupted"), "Is the DAG stock switched on"),
        (replace(RUN, status="reconciled", ended_at=NOW - timedelta(minutes=7)), "No run goes on; the newest ended 7 min ago"),
    ],
)  # fmt: skip
def test_a_run_that_needs_somebody_says_so(run, words):
    assert words in text(replace(STATUS, run=run))
    assert run is None or run.error in text(replace(STATUS, run=run))


@pytest.mark.parametrize("run", [RUN, replace(RUN, status="reconciled", ended_at=NOW - timedelta(seconds=20))])
def test_when_all_is_well_one_sentence_says_so(run):
    assert "Everything is as it should be." in text(replace(STATUS, run=run))


def test_a_source_whose_clock_is_ahead_is_named():
    ahead = Lags(Lag(1, -4.0, -4.0), Lag(1, -4.0, -4.0), lags().buckets)
    assert "The clock of Magazijn MECH's source is ahead" in text(replace(STATUS, places=(place(lags=ahead),)))


def test_records_of_no_known_place_are_told_apart():
    assert "Places that config/stock.toml does not name" in text(replace(STATUS, places=(place(""),)))


def test_what_is_held_back_stands_there_with_its_reason_and_what_to_do():
    troubles = (
        Trouble("ANT:HAN:0013", "held back", "On hand is -3; count it again.", NOW - timedelta(days=3)),
        Trouble("HAN-7", "failed", "x" * 5000, NOW - timedelta(seconds=1)),
    )
    status = replace(STATUS, troubles=troubles, total=Counted(1234, 70, 1))
    rows = page(status).rows("troubles")
    assert rows[0] == [
        "HAN:0013", "ANT", "⚠ held back", "On hand is -3; count it again.", "2026-11-23 12:34 3 days ago",
    ]  # fmt: skip
    assert (rows[1][0], rows[1][1], len(rows[1][3])) == ("HAN-7", "–", 501)
    assert "These are the 2 that wait longest, of 71." in text(status)
    assert "koppel why SKU" in text(status)


def test_hostile_text_is_text():
    status = replace(
        STATUS,
        flow=EVIL, target=EVIL, run=replace(RUN, run_id=EVIL, status=EVIL, asked_by=EVIL, error=EVIL, counts={EVIL: 1}),
        places=(place(EVIL, name=EVIL, is_configured=False, counted=Counted(1, 1, reasons=((EVIL, 1),)), hearing="stale"),),
        troubles=(Trouble(f"{EVIL}:{EVIL}", "held back", EVIL, NOW),), total=Counted(1, 1),
    )  # fmt: skip
    for made in (page(status), page(replace(status, run=None, total=Counted(), troubles=()))):
        assert len(made.all("script")) == 1
        assert not made.all("img")
        assert EVIL in made.all("main")[0].text, "it is shown as it was written"
        assert "49" not in made.all("main")[0].text


def test_trouble_is_a_sentence_to_act_on():
    error = LedgerDown("The ledger <b> does not answer.", kept="Nothing is lost.", do="Run koppel doctor.")
    made = Page(stock_page.trouble_html(error, NOW, NONCE))
    made.check()
    said = made.all("main")[0].text
    assert "The ledger <b> does not answer." in said
    assert "Run koppel doctor." in said


def test_only_what_carries_the_nonce_may_run_and_nothing_comes_from_elsewhere():
    assert [one.attributes["nonce"] for one in page().elements if one.tag in {"script", "style"}] == [NONCE, NONCE]
    assert stock_page.policy(NONCE).startswith("default-src 'none'; script-src 'nonce-n0nce'")
    assert "unsafe" not in stock_page.policy(NONCE)
    outside = set(re.findall(r"https?://[^\"'<\s)]+", stock_page.html(STATUS, NONCE)))
    assert outside <= {"http://www.w3.org/2000/svg"}
    assert not {"src", "href", "action"} & {name for one in page().elements for name in one.attributes}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (0, "0 s"), (0.4, "0.4 s"), (9.96, "10 s"), (59.4, "59 s"), (59.7, "1 min"), (60, "1 min"), (125, "2 min 5 s"),
     (3600, "1 h"),
     (5400, "1 h 30 min"), (86400, "1 day"), (90000, "1 day 1 h"), (172800, "2 days"), (-2.3, "-2.3 s"), (-90, "-1 min 30 s")],
)  # fmt: skip
def test_durations_read_as_people_say_them(seconds, said):
    assert stock_page.duration(seconds) == said


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_every_duration_has_one_or_two_units(seconds):
    assert re.fullmatch(r"-?\d+(\.\d)? (s|min|h|days?)( \d+ (s|min|h))?", stock_page.duration(seconds))


def test_ago():
    assert stock_page.ago(None, NOW) == "never"
    assert stock_page.ago(NOW + timedelta(hours=1), NOW) == "just now"
    assert stock_page.ago(NOW - timedelta(seconds=65.9), NOW) == "1 min 5 s ago"
