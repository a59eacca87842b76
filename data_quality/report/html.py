"""The report as one HTML file that needs nothing beside it: no network, no server, and it reads well without its script."""

import base64
import hashlib
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment

from data_quality.report import charts, page_words
from data_quality.report.bounded import bounded
from data_quality.report.card_text import short
from data_quality.report.headline import headline, points_sentence, signed, unread_sentence
from data_quality.report.model import (
    DIMENSIONS,
    FEW,
    Group,
    Held,
    Person,
    Problem,
    Product,
    QuestionCell,
    Report,
    Share,
    grade_of,
)
from data_quality.report.payload import MOST_LISTED, embedded, name_of
from data_quality.report.run_chart import run_chart
from data_quality.report.trend_chart import HEIGHT, spark, trend_chart
from data_quality.texts import Texts
from koppel import page_templates

FOLDER = Path(__file__).parent / "templates" / "page"
STYLES = ("page.css", "tables.css", "charts.css", "card.css", "print.css")
SCRIPTS = ("view.js", "tables.js", "lists.js", "card.js", "start.js")

MOST_GROUPS = 200
"""Rows of a table of the map; of more, those with the most products. The workbook has all."""

MOST_RULES = 100
MOST_LEFT_OUT = 50
"""Records that are left out for another reason than a rule; the workbook has all."""

FIRST_HELD = 10
"""Rows of what is held back that are there without the script, in each group."""


def render(report: Report, texts: Texts) -> str:
    """The whole page in the language of ``texts``. Everything from outside is escaped; only its own style and script may run."""
    style, script = _joined(STYLES), _joined(SCRIPTS)
    report = bounded(report)
    shown = _Shown(report, texts)
    return (
        _templates()
        .get_template("report.html")
        .render(
            report=report,
            texts=texts,
            shown=shown,
            words=page_words,
            _=texts.gettext,
            ngettext=texts.ngettext,
            headline=headline(report, texts),
            points=points_sentence(report, texts),
            unread=unread_sentence(report, texts),
            most_left_out=MOST_LEFT_OUT,
            trend=trend_chart(report, texts),
            trend_height=HEIGHT,
            change=charts.change_chart(report, texts),
            suppliers=charts.supplier_chart(report, texts),
            runs=run_chart(report, texts),
            questions=charts.question_chart(report, texts),
            parts=charts.part_labels(texts),
            style=style,
            script=script,
            policy=policy(style, script),
            payload=embedded(report, texts),
        )
    )


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy of the file: its own style and script by their hashes, photos that stand in it, nothing else."""
    return (
        f"default-src 'none'; style-src {_hashed(style)}; script-src {_hashed(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


class _Shown:
    """What the templates ask of a report, put into words and in the order in which it is told."""

    def __init__(self, report: Report, texts: Texts) -> None:
        self.report, self.texts = report, texts
        self.by_sku = {product.sku: product for product in report.products}
        self.rows_first = FIRST_HELD
        self.most_groups = MOST_GROUPS
        self.is_cut = len(report.products) > MOST_LISTED
        self.most_listed = MOST_LISTED

    def language(self, code: str) -> str:
        return page_words.language_name(code, self.texts) if code else self.texts.gettext("Every language")

    def name(self, product: Product) -> tuple[str, str]:
        """The language and the name of a product, as it is known by."""
        language, name = name_of(product, self.texts.language)
        return language, short(name, 100) or self.texts.gettext("(no name)")

    def offenders(self) -> list[Product]:
        return [self.by_sku[sku] for sku in self.report.offenders if sku in self.by_sku]

    def worst(self, product: Product) -> list[Problem]:
        """The problems of a product, those that hold it back first; each rule once."""
        ordered = sorted(product.problems, key=lambda one: ("block", "improve", "hint").index(one.severity))
        once = {problem.rule: problem for problem in reversed(ordered)}
        return list(reversed(once.values()))[:3]

    def held(self, group: str) -> list[Held]:
        """What is held back in a group, what is worth most first."""
        lines = [line for line in self.report.held if line.group == group]
        return sorted(lines, key=lambda line: (-(line.worth or 0), line.sku))

    def groups(self, dimension: str) -> list[Group]:
        """The rows of the map, what holds back most first."""
        groups = list(self.report.groups.get(dimension, ()))  # type: ignore[call-overload]
        groups.sort(key=lambda group: -group.products)
        return sorted(groups[:MOST_GROUPS], key=lambda group: (-(group.held_worth or 0), -group.products, group.name))

    def group_name(self, dimension: str, group: Group) -> str:
        if dimension == "category" and (
            name := self.report.category_names.get(group.code, {}).get(self.texts.language)
        ):
            return name
        return group.name or group.code or page_words.nameless_labels(self.texts)[dimension]

    def parent(self, group: Group) -> str:
        names = self.report.category_names.get(group.parent, {})
        return names.get(self.texts.language) or group.parent

    def people(self) -> list[Person]:
        """Everybody by name, and nobody last: work has an order, people have none."""
        return sorted(self.report.people, key=lambda one: (not one.person, one.name.casefold(), one.person))

    def day(self, moment: datetime) -> str:
        """The day of a moment, where the company is."""
        return self.texts.day(moment.astimezone(self.texts.timezone).date())

    def cell(self, cell: QuestionCell) -> Share:
        return Share(cell.ok, cell.asked)

    def owner(self, person: str) -> str:
        return self.report.people_names.get(person, person) or self.texts.gettext("nobody yet")

    def fix(self, problem: Problem) -> str:
        where = self.report.where_to_fix
        return where.get(problem.field) or where.get(problem.question) or ""

    def grade(self, product: Product) -> str:
        """The grade of the mean over its languages is not one of the model's figures: the lowest grade is shown."""
        known = [score for score in product.score.values() if score is not None]
        return grade_of(min(known)) or "–" if known else "–"


def _joined(names: tuple[str, ...]) -> str:
    return "\n".join((FOLDER / name).read_text("utf-8") for name in names)


def _hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _number(value: Decimal | float | None) -> str:
    """A value that a table is sorted by; nothing known comes last."""
    return "" if value is None else f"{float(value):.6g}" if isinstance(value, float) else str(value)


@cache
def _templates() -> Environment:
    environment = page_templates.environment(FOLDER)
    environment.filters |= {"capital": page_words.capital, "sort_value": _number, "spark": spark, "signed": signed}
    environment.filters["urlencode"] = partial(quote, errors="replace")  # its own fails on half a character
    environment.globals |= {"dimensions": DIMENSIONS, "few": FEW}
    return environment
