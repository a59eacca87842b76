"""The page of the stock as HTML: the status put into words, tables and one drawing. Everything in it is escaped."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from koppel import appendix, page_templates
from koppel.entities import STOCK_LEVEL, split_key
from koppel.errors import KoppelError
from koppel.lag_chart import Chart, spark
from koppel.stock_lag import ELSEWHERE, GOAL, Lags
from koppel.stock_status import Place, StockStatus, Trouble

FOLDER = Path(__file__).parent / "templates"
REFRESH_SECONDS = 10
_NOBODY_LISTENS = timedelta(minutes=5)
_MOST_LETTERS = 500
"""Of a reason: what a target or a source wrote into it may be a whole page."""

WHEN_SILENT = {
    "keep": "what it last counted stays on sale",
    "zero": "nothing of it is on sale",
    "last_minus_safety": "what it last counted stays on sale, less the safety stock once more",
}
_UNITS = ((86400.0, "day"), (3600.0, "h"), (60.0, "min"))


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence at the top of the page; ``is_good``: nobody has to do anything about it."""

    is_good: bool
    text: str


def html(status: StockStatus, nonce: str) -> str:
    """The page; only the script and the style that carry ``nonce`` may run."""
    chart = Chart.of(status.lags.buckets, duration)
    return _render(
        "stock.html", nonce, status=status, chart=chart, notices=notices(status), finding=finding(status.lags)
    )


def trouble_html(error: KoppelError, at: datetime, nonce: str) -> str:
    """The page when nothing can be shown: what happened, and what to do."""
    return _render("stock_trouble.html", nonce, error=error, at=at)


def policy(nonce: str) -> str:
    """The Content-Security-Policy that goes with a page: its own script and style, its own address, and Airflow's frame."""
    own = f"'nonce-{nonce}'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )


def duration(seconds: float | timedelta | None) -> str:
    """A length of time as people say it, in its two largest units: ``1.4 s``, ``2 min 5 s``, ``3 h``; a dash for none."""
    if seconds is None:
        return "–"
    length = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
    if abs(length) < 59.5:
        return f"{length:.1f} s" if abs(length) < 9.95 and length % 1 else f"{length:.0f} s"
    sign, length = ("-" if length < 0 else ""), abs(round(length))
    size, unit = next((size, unit) for size, unit in _UNITS if length >= size)
    smaller, name = {"day": (3600.0, "h"), "h": (60.0, "min"), "min": (1.0, "s")}[unit]
    many, rest = int(length // size), int(length % size // smaller)
    first = f"{many} {unit}{'s' if unit == 'day' and many > 1 else ''}"
    return f"{sign}{first} {rest} {name}" if rest else f"{sign}{first}"


def ago(then: datetime | None, at: datetime) -> str:
    """How long before ``at`` something was; what the other clock calls the future is now."""
    if then is None:
        return "never"
    past = at - then
    return "just now" if past < timedelta(seconds=5) else f"{duration(float(int(past.total_seconds())))} ago"


def finding(lags: Lags) -> str:
    """The title of the chart: what it shows, in a sentence."""
    if lags.day.p95 is None:
        return "No figure changed during the last day"
    arrived = f"95 of 100 changed figures were in the shop within {duration(lags.day.p95)}"
    return arrived if lags.day.p95 <= GOAL else f"{arrived}; the goal is {duration(GOAL)}"


def notices(status: StockStatus) -> list[Notice]:
    """What somebody must look at; or, in one sentence, that there is nothing."""
    found = [*_of_the_run(status), *_of_places(status), *_of_records(status)]
    return [Notice(False, text) for text in found] or [Notice(True, "Everything is as it should be.")]


def _of_the_run(status: StockStatus) -> list[str]:
    run, asks = status.run, f"Is the DAG {status.flow} switched on in Airflow?"
    if run is None:
        return [f"No run of {status.flow} is known. Switch on the DAG {status.flow} in Airflow."]
    if run.status == "failed":
        return [
            f"The newest run failed {ago(run.ended_at, status.at)}. What was delivered stays; its error stands below."
        ]
    if run.status == "waiting":
        return [f"A plan waits for a person: koppel run {status.flow} --accept {run.run_id}, once it is looked at."]
    if run.status == "interrupted":
        return [f"The newest run was interrupted; nothing is lost. {asks}"]
    if run.ended_at and status.at - run.ended_at > _NOBODY_LISTENS:
        return [f"No run goes on; the newest ended {ago(run.ended_at, status.at)}. {asks}"]
    return []


def _of_places(status: StockStatus) -> list[str]:
    stale = [place for place in status.places if place.hearing == "stale"]
    ahead = [place for place in status.places if (place.lags.day.median or 0.0) < 0]
    return [f"{name_of(place)} has been silent for too long: {WHEN_SILENT[place.when_silent]}." for place in stale] + [
        f"The clock of {name_of(place)}'s source is ahead: its changes seem to arrive before they are made."
        for place in ahead
    ]


def _of_records(status: StockStatus) -> list[str]:
    total = status.total
    said = []
    if total.held_back:
        said.append(f"{total.held_back:,} held back: not sent, so the shop keeps what it had. The reasons stand below.")
    if total.failed:
        said.append(f"{total.failed:,} failed; each goes again by itself. The reasons stand below.")
    return said


def name_of(place: Place) -> str:
    """The name of a location; those of which no name is known are told apart from those that have one."""
    return "Places that config/stock.toml does not name" if place.code == ELSEWHERE else place.name


def where(trouble: Trouble) -> tuple[str, str]:
    """The location and the SKU of a record."""
    parts = split_key(STOCK_LEVEL, trouble.key)
    return (parts[0], parts[1]) if len(parts) == 2 else ("", trouble.key)


def short(said: str) -> str:
    """A reason, cut off where it is endless."""
    return said if len(said) <= _MOST_LETTERS else f"{said[:_MOST_LETTERS]}…"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M}"


def _render(name: str, nonce: str, **values: Any) -> str:
    style = appendix.style() + (FOLDER / "stock.css").read_text("utf-8")
    script = (FOLDER / "stock.js").read_text("utf-8")
    return _templates().get_template(name).render(nonce=nonce, style=style, script=script, **values)


@cache
def _templates() -> Environment:
    environment = page_templates.environment(FOLDER)
    environment.filters |= {
        "duration": duration,
        "clock": _clock,
        "short": short,
        "spark": spark,
        "name": name_of,
        "where": where,
    }
    environment.globals |= {"ago": ago, "when_silent": WHEN_SILENT, "goal": GOAL, "refresh_seconds": REFRESH_SECONDS}
    return environment
