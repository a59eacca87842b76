"""The report as numbers: the one object that every form of it is made from, so that they can't differ. No words stand here.

Codes (questions, rules, severities, groups) are put into words by ``data_quality.texts``. Shares are counts, never decimals.
Worth is the revenue of these products in the last 12 months without VAT, or their stock value (``Report.worth_kind``), in euro.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Grade = Literal["A", "B", "C", "D", "E"]
"""A from 90 points, B from 80, C from 70, D from 60, E below."""

WorthKind = Literal["revenue", "stock", "none"]
Dimension = Literal["category", "brand", "supplier", "owner"]
DIMENSIONS: tuple[Dimension, ...] = ("category", "brand", "supplier", "owner")
QUESTIONS = ("name", "short_text", "long_text", "weight", "properties", "relations", "photos", "stock")
"""The questions of a customer that are scored, in the order in which they are told."""

FEW = 20
"""Below so many products a share is told as "7 of 12", never in percent."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the products, by count and by worth (euro; None: nobody knows the worth)."""

    count: int
    of: int
    worth: Decimal | None = None
    of_worth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding that stands. ``field``: what a person would mend (``weight_kg``); empty: nothing that a cell could hold."""

    entity: str
    key: str
    language: str  # empty: every language
    rule: str
    question: str
    severity: str  # block | improve | hint
    value: str
    reason: str  # as the ledger has it, in English; data_quality.texts tells it in the reader's language
    field: str
    owner: str  # a person's id of config/owners.toml; empty: nobody
    since: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Product:
    """One product with its figures per language of the shop.

    ``score``: 0-100, None where no rule applied. ``held``: languages in which a block keeps it out. ``lost``: share of the
    score lost (0-1), the mean of its languages. ``rank_worth``: worth x in-stock factor x lost, per minute of work; what
    the worst offenders are ranked by. ``change``: points since a week ago, None where it was not there.
    """

    sku: str
    names: dict[str, str]  # per language; the ERP's own name under ""
    category: str  # code; empty: none
    brand: str
    supplier: str
    score: dict[str, int | None]
    held: tuple[str, ...]
    worth: Decimal | None
    lost: float
    minutes: int
    rank_worth: float
    problems: tuple[Problem, ...]
    change: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionCell:
    """A question in one language: how many products are in order, can be improved, are blocked, and were asked at all.

    ``weeks``: share in order (0-1) at the end of each of the last 13 weeks, oldest first; None where nobody looked.
    """

    ok: int
    improve: int
    block: int
    asked: int
    weeks: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One category, brand, supplier or owner. ``held_worth``: worth of its products that are held back. ``change``: ready
    products more or less than a week ago, among those that were there then."""

    code: str  # empty: none
    name: str
    parent: str  # of a category: the one above it
    products: int
    ready: Share
    score: int | None
    grade: Grade | None
    held_worth: Decimal | None
    change: int | None


HeldGroup = Literal["new", "waiting", "overdue"]
"""new: since the last run · waiting · overdue: longer than its deadline (level x worth)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A product that is held back in a language, once per reason."""

    sku: str
    problem: Problem
    group: HeldGroup
    days: int
    shows: Literal["nothing", "last good version"]  # what the shop shows now
    worth: Decimal | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is not in the shop as the source has it, though no rule holds it back: it could not be read, the shop did
    not take it, or it waits. ``reason``: as the ledger has it, in English. ``is_counted``: its product is among the report's."""

    entity: str
    key: str
    sku: str
    reason: str
    since: datetime
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Person:
    """What one owner has. ``person``: id of config/owners.toml; empty: what nobody owns. ``mended``: in the last 7 days."""

    person: str
    name: str
    open: int
    held: int
    minutes: int
    oldest: datetime | None
    mended: int


@dataclass(frozen=True, slots=True)
class RunLine:
    """The latest run of a flow, per entity: ``read = unchanged + delivered + held back + failed``."""

    flow: str
    entity: str
    run_id: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    read: int
    unchanged: int
    delivered: int
    held_back: int
    failed: int

    @property
    def adds_up(self) -> bool:
        """Whether every record that was read is accounted for."""
        return self.read == self.unchanged + self.delivered + self.held_back + self.failed


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule: how much it finds, and how much of that people waive. ``is_doubtful``: over 20 % is waived: soften it."""

    rule: str
    question: str
    severity: str
    findings: int
    waived: int
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A finding that a person says is none. ``reason`` and ``by`` are theirs: hostile until escaped."""

    rule: str
    key: str
    until: date
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The end of a week (or today). ``rules_changed``: other rules than a week before. Shares are of products that are ready."""

    day: date
    ready: Share
    rules_changed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """The change of ready products since ``since``: before + data + rules + both + assortment = after.

    ``both``: products whose data and rules changed, where it can't be told which of the two it was. None: nothing to compare.
    """

    since: date
    before: int
    data: int
    rules: int
    both: int
    assortment: int
    after: int


@dataclass(frozen=True, slots=True)
class Biggest:
    """The thing to mend first: the question and owner with the most worth per minute of work."""

    question: str
    owner: str
    owner_name: str
    products: int
    worth: Decimal | None
    minutes: int


@dataclass(frozen=True, slots=True)
class Card:
    """A product as a customer sees it (or would): texts as they are, hostile until escaped. ``shows``: as in Held, or "this"."""

    sku: str
    language: str
    name: str
    short_text: str
    long_text: str  # HTML as the gate let it pass or not; show it as plain text
    price_eur_excl_vat: Decimal | None
    properties: dict[str, str]  # code to value
    photo: bytes | None  # a small JPEG
    photo_alt: str
    stock_status: str


Verdict = Literal["good", "attention", "alarm"]
"""good: nothing newly held and nothing overdue · attention: something is · alarm: a plan waits for a person, or less is ready
by a tenth."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report. Ready: held in none of the languages that config asks for (``[report] ready_in``: all, or one)."""

    target: str
    made_at: datetime
    day: date
    languages: tuple[str, ...]
    worth_kind: WorthKind
    verdict: Verdict
    ready: Share
    ready_change: int | None  # products more or less than a week ago; None: no report then
    ready_in: dict[str, Share]  # per language
    grades: dict[str, dict[Grade, int]]  # per language: products per grade
    newly_held: tuple[str, ...]  # SKUs since the previous report's day
    newly_released: tuple[str, ...]
    biggest: Biggest | None
    questions: dict[str, dict[str, QuestionCell]]  # question, then language
    groups: dict[Dimension, tuple[Group, ...]]
    products: tuple[Product, ...]  # all of them, by SKU
    offenders: tuple[str, ...]  # SKUs, worst first, at most 25
    held: tuple[Held, ...]
    people: tuple[Person, ...]
    trend: tuple[TrendPoint, ...]  # at most 13 weeks and today
    change: Change | None
    runs: tuple[RunLine, ...]
    rules: tuple[RuleLine, ...]
    waivers: tuple[WaiverLine, ...]
    overrides: int  # corrections that stand in for the source now
    is_first: bool = False  # no earlier day is known, so nothing can be called new
    category_names: dict[str, dict[str, str]] = field(default_factory=dict)  # code, then language
    people_names: dict[str, str] = field(default_factory=dict)
    where_to_fix: dict[str, str] = field(default_factory=dict)  # field or question to ERP screen and field
    score_change: Change | None = None  # as ``change``, of the mean score of all products and languages, in points
    cards: dict[tuple[str, str], Card] = field(
        default_factory=dict
    )  # of offenders and of what is held: (SKU, language)
    left_out: tuple[LeftOut, ...] = ()


def grade_of(score: int | None) -> Grade | None:
    """The grade of a score of 0-100."""
    if score is None:
        return None
    return "A" if score >= 90 else "B" if score >= 80 else "C" if score >= 70 else "D" if score >= 60 else "E"
