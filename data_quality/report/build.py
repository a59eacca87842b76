"""Builds the report of a target from the ledger: reads no source, asks no shop, and opens no file but photos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from data_quality.facts import Facts
from data_quality.owners import Owners
from data_quality.report import cards, collect, groups, held, people, problems, runs, trend, worth
from data_quality.report.categories import Categories
from data_quality.report.left_out import left_out
from data_quality.report.model import Change, Held, Person, Product, Report, Verdict, WorthKind
from data_quality.report.options import Options, target_of
from data_quality.report.products import as_products, offenders, with_figures
from data_quality.report.questions import questions
from data_quality.settings import load_facts, read_rules
from koppel.judging import Context
from koppel.ledger import Ledger
from koppel.settings import Settings

MOST_HELD_CARDS = 200
"""Products that are held back of which the report shows a card, besides the worst offenders."""

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Case:
    """What one report is made from."""

    ledger: Ledger
    settings: Settings
    target: str
    now: datetime
    day: date
    options: Options
    facts: Facts
    owners: Owners
    standing: collect.Standing


@dataclass(frozen=True, slots=True)
class _Past:
    """What stood before: on the last day before today (``latest``), and a week ago, or some days more; None: nobody looked.

    ``weeks``: the days at whose end somebody looked, oldest first.
    """

    latest: pl.DataFrame | None
    week: pl.DataFrame | None
    week_day: date | None
    weeks: tuple[date | None, ...]
    known_before: pl.Series | None


def build(ledger: Ledger, settings: Settings, now: datetime, target: str | None = None) -> Report:
    """The report of a target (the one that the catalogue goes to, when none is named) at a moment.

    A ledger that holds nothing gives a report of nothing. Raises ConfigError, and LedgerDown.
    """
    case = _case(ledger, settings, now, target or target_of(settings))
    past = _past(case)
    found = problems.of_products(case.standing.findings, case.standing.products, case.owners, settings)
    kind = worth.kind_of(case.standing.products)
    products = with_figures(case.standing, found, past.week, kind, case.options.ready_in, past.known_before)
    return _report(case, past, found, products, kind)


def facts_of(settings: Settings, now: datetime) -> Facts:
    """The rules' configuration as the gate has it."""
    return load_facts(_context(settings, now))


def _context(settings: Settings, now: datetime) -> Context:
    return Context(settings.languages, settings.root, {"now": now}, settings.properties)


def _case(ledger: Ledger, settings: Settings, now: datetime, target: str) -> _Case:
    options, facts = Options.of(settings), facts_of(settings, now)
    standing = collect.standing(ledger, settings, target, facts.weights)
    return _Case(ledger, settings, target, now, options.day_of(now), options, facts, Owners.load(settings), standing)


def _past(case: _Case) -> _Past:
    ends = trend.week_ends(case.day)
    new_from = case.day - timedelta(days=case.options.new_days)
    asked = [*ends, case.day - timedelta(days=1), case.day - _WEEK, new_from]
    *found, latest, week, old = collect.nearest_days(case.ledger, case.target, asked)
    (week,) = trend.in_their_week([case.day - _WEEK], [week])
    of_day = {
        day: collect.scores_of(case.ledger, case.target, day, case.settings.languages) for day in {latest, week} if day
    }
    return _Past(
        of_day[latest] if latest else None,
        of_day[week] if week else None,
        week,
        tuple(trend.in_their_week(ends, found)),
        collect.known_on(case.ledger, case.target, old)["sku"] if old else None,
    )


def _report(case: _Case, past: _Past, found: pl.DataFrame, products: pl.DataFrame, kind: WorthKind) -> Report:
    """All parts of the report, each from the columns that it needs."""
    target, languages, names = case.target, case.settings.languages, _names(case.owners)
    scores, ended = case.standing.scores, runs.latest_runs(case.ledger, target)
    of_product = problems.as_problems(found)
    made = as_products(products, case.standing, of_product, past.week, languages)
    worst = offenders(made)
    kept_out = _held(case, made, products, runs.began(ended) if past.latest is not None else None)
    ready, change = groups.ready_share(products), _change(case, past)
    newly, released = trend.moved(past.latest, scores, case.options.ready_in) if past.latest is not None else ((), ())
    categories = Categories.read(case.ledger, target, set(products["category"]), case.facts.assortment)
    waived = runs.waivers(
        case.ledger, target, read_rules(_context(case.settings, case.now)).get("waivers", []), case.day
    )
    days = [day for day in past.weeks if day]
    return Report(
        target=target, made_at=case.now, day=case.day, languages=languages, worth_kind=kind,
        verdict=_verdict(case, past, ready.count, newly, kept_out, ended),
        ready=ready, ready_change=change.after - change.before if change else None,
        ready_in={one: groups.ready_share(_ready_in(products, scores, one)) for one in languages},
        grades=groups.grades(scores, languages), newly_held=newly, newly_released=released,
        biggest=people.biggest(found, products, names),
        questions=questions(scores, found, languages, past.weeks, collect.question_days(case.ledger, target, days)),
        groups=groups.groups(products, found.select("sku", "owner"), categories, names, _first(languages)),
        products=made, offenders=worst, held=kept_out, people=_people(case, past, found, names),
        trend=trend.points(
            collect.summaries(case.ledger, target, days, languages, case.options.ready_in), case.day, ready,
            _versions(scores),
        ),
        change=change, is_first=past.latest is None, runs=runs.run_lines(ended),
        rules=runs.rule_lines(case.standing.findings, waived, case.facts),
        waivers=waived, overrides=runs.overrides(case.ledger, target, case.day),
        category_names={code: dict(named) for code, named in categories.names.items()}, people_names=names,
        where_to_fix=dict(case.owners.where_to_fix), score_change=_score_change(case, past),
        cards=cards.cards(case.ledger, target, _shown(worst, kept_out, languages), case.settings.media_root),
        left_out=left_out(case.ledger, target, products["sku"].to_list(), [one.sku for one in kept_out]),
    )  # fmt: skip


def _versions(scores: pl.DataFrame) -> tuple[str | None, str | None]:
    """The first and the last version of the rules that the scores are of."""
    versions = scores["rules_version"].unique().drop_nulls().sort().to_list()
    return (versions[0], versions[-1]) if versions else (None, None)


def _names(owners: Owners) -> dict[str, str]:
    return {person.id: person.name for person in owners.people.values()}


def _first(languages: Sequence[str]) -> str:
    return languages[0] if languages else ""


def _held(
    case: _Case, made: Sequence[Product], products: pl.DataFrame, began: Mapping[str, datetime] | None
) -> tuple[Held, ...]:
    deadline = held.Deadline(case.now, case.options, worth.euro(held.dear_above(products)), began)
    standing = held.standing(case.ledger, case.target)
    return held.held(made, standing, deadline)


def _change(case: _Case, past: _Past) -> Change | None:
    if past.week is None or past.week_day is None:
        return None
    return trend.change(past.week_day, past.week, case.standing.scores, case.options.ready_in)


def _score_change(case: _Case, past: _Past) -> Change | None:
    if past.week is None or past.week_day is None:
        return None
    return trend.score_change(past.week_day, past.week, case.standing.scores)


def _ready_in(products: pl.DataFrame, scores: pl.DataFrame, language: str) -> pl.DataFrame:
    """The products with whether they are ready in one language."""
    there = scores.filter(pl.col("language") == language).select("sku", is_ready=~pl.col("is_held"))
    return products.select("sku", "worth").join(there, on="sku")


def _people(case: _Case, past: _Past, found: pl.DataFrame, names: Mapping[str, str]) -> tuple[Person, ...]:
    freed: tuple[str, ...] = ()
    if past.week is not None:
        _, freed = trend.moved(past.week, case.standing.scores, case.options.ready_in)
    released = case.standing.products.filter(
        pl.col("sku").is_in(list(freed)) & pl.col("trade_owner").is_in(list(names))
    )  # fmt: skip
    counts = people.mended(case.ledger, case.target, case.now - _WEEK, case.now, released)
    return people.people(found, names, counts)


def _verdict(
    case: _Case, past: _Past, now_ready: int, newly: Sequence[str], kept_out: Sequence[Held], ended: Sequence[Mapping[str, Any]]
) -> Verdict:  # fmt: skip
    """An alarm when a plan waits for a person, or a tenth of what was ready is not any more; attention when anything is newly
    held back or overdue, or when there is no earlier report that tells what is new."""
    if any(run["status"] == "waiting" for run in ended):
        return "alarm"
    if past.latest is None:
        return "attention" if kept_out else "good"
    before = int(trend.ready(past.latest, case.options.ready_in)["is_ready"].sum())
    if before > now_ready and 10 * (before - now_ready) >= before:
        return "alarm"
    return "attention" if newly or any(one.group == "overdue" for one in kept_out) else "good"


def _shown(worst: Sequence[str], kept_out: Sequence[Held], languages: Sequence[str]) -> list[tuple[str, str]]:
    """Products and languages that have a card: the worst in all languages, what is held back where it is."""
    chosen = {(sku, language): None for sku in worst for language in languages}
    most = list(dict.fromkeys(one.sku for one in kept_out))[:MOST_HELD_CARDS]
    among = frozenset(most)
    for one in kept_out:
        if one.sku in among:
            chosen |= dict.fromkeys(
                (one.sku, here) for here in ([one.problem.language] if one.problem.language else languages)
            )
    return list(chosen)
