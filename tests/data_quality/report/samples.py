"""A report as rich and as hostile as they come, the same each time: what the tests of every form are made from."""

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Literal

from PIL import Image

from data_quality.catalogue import RULES
from data_quality.report.model import (
    QUESTIONS,
    Biggest,
    Card,
    Change,
    Dimension,
    Grade,
    Group,
    Held,
    HeldGroup,
    Person,
    Problem,
    Product,
    QuestionCell,
    Report,
    RuleLine,
    RunLine,
    Share,
    TrendPoint,
    WaiverLine,
    WorthKind,
    grade_of,
)

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
LANGUAGES = ("nl", "fr", "en")
PEOPLE = {"an": "An Peeters", "luc": "Luc D'Hondt", "els": "Els <b>Öztürk</b>"}

HOSTILE = (
    "<script>alert('koppel')</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>document.title='taken'</script>",
    "=1+1",
    "@SUM(A1:A9)",
    "+32 2 555 01 23",
    "-2 graden & \"koel\" 'bewaren'",
    "\u202egnimmiws eb ot ton\u202c (right to left)",
    "كوب شاي أخضر",
    "Wijnglas 🍷👩‍👩‍👧‍👦 set van 6",
    "Zeer lange naam " + "zonder einde " * 30,
    "{{ 7 * 7 }} {name} %s %(name)s",
    "tab\there, line\nbreak and \u0000 no byte",
    "",
)
"""Names of the first products: what outside text does to a form that trusts it."""

_CATEGORIES = {
    "home": ("", {"nl": "Wonen", "fr": "Maison", "en": "Home"}),
    "home.glass": ("home", {"nl": "Glazen", "fr": "Verres", "en": "Glasses"}),
    "home.pans": ("home", {"nl": "Pannen <& potten>", "fr": "Poêles", "en": "Pans"}),
    "tel": ("", {"nl": "Telefonie", "fr": "Téléphonie", "en": "Phones"}),
    "tel.cases": ("tel", {"nl": "Hoesjes", "fr": "Coques", "en": "Cases"}),
    "nameless": ("", {}),
}
_PLACED = ("home.glass", "home.pans", "tel", "tel.cases", "nameless", "")
_BRANDS = ("Nordkoek", "=Brand", "L'Été <i>", "", "Öresund")
_SUPPLIERS = ("Nordkoek NV", "Dupont & Fils", "", "=Leverancier")
_FOUND = (
    ("name_capitals", "GSM HOESJE SAMS A54 ZW", "name"),
    ("short_text_missing", "", "short_text"),
    ("weight_missing", "", "weight_kg"),
    ("properties_required", "colour, size", "property_colour"),
    ("photos_none", "0", ""),
    ("long_text_short", "=1+1 <script>", "long_text"),
    ("name_missing", "", "name"),
    ("price_below_cost", "4.99", ""),
    ("relations_none", "0", ""),
    ("stock_negative", "-3", ""),
    ("gtin_missing", "", "gtin"),
    ("alt_text_missing", "<img>", ""),
    ("brand_spelling", "L'Été <i>", "brand"),
)


def sample_report(
    products: int = 60, *, languages: tuple[str, ...] = LANGUAGES, worth: WorthKind = "revenue"
) -> Report:
    """A report of so many products whose figures follow from its products; the same for the same arguments.

    With 0 products it is the report of a shop that holds nothing yet.
    """
    made = tuple(sorted((_product(n, languages, worth) for n in range(products)), key=lambda one: one.sku))
    by_rank = sorted((one for one in made if one.problems), key=lambda one: (-one.rank_worth, one.sku))
    offenders = tuple(one.sku for one in by_rank[:25])
    held = tuple(line for one in made for line in _held(one))
    shown = {*offenders, *[one.sku for one in made if one.held][:200]}
    ready = _ready(made)
    return Report(
        target="shop", made_at=NOW, day=NOW.date(), languages=languages, worth_kind=worth, verdict="attention",
        ready=ready, ready_change=3 if products else None,
        ready_in={language: _ready(made, (language,)) for language in languages},
        grades={language: _grades(made, language) for language in languages},
        newly_held=tuple(one.sku for one in made if one.held)[:4],
        newly_released=tuple(one.sku for one in made if not one.held)[:3],
        biggest=_biggest(made), questions={name: {one: _cell(made, name, one) for one in languages} for name in QUESTIONS},
        groups={dimension: _groups(made, dimension) for dimension in ("category", "brand", "supplier", "owner")},
        products=made, offenders=offenders, held=held, people=_people(made), trend=_trend(ready) if products else (),
        change=_change(ready.count), runs=_runs(products), rules=_rules(made), waivers=_waivers(), overrides=7,
        category_names={code: names for code, (_, names) in _CATEGORIES.items()}, people_names=dict(PEOPLE),
        where_to_fix={"weight_kg": "Artikel > Logistiek > Gewicht", "photos": "DAM <map> & \"foto's\""},
        cards={(one.sku, language): _card(one, language) for one in made if one.sku in shown for language in languages},
    )  # fmt: skip


def without_names(report: Report) -> Report:
    """The same report as it is where no category, person or ERP screen has a name."""
    return replace(report, category_names={}, people_names={}, where_to_fix={})


def _product(n: int, languages: tuple[str, ...], kind: WorthKind) -> Product:
    name = HOSTILE[n] if n < len(HOSTILE) else f"Product {n:05} voor elke dag"
    problems = tuple(_problems(n, languages))
    held = tuple(one for one in languages if any(p.severity == "block" and p.language in {"", one} for p in problems))
    scores: dict[str, int | None] = {one: (n * 37 + 11 * at) % 101 for at, one in enumerate(languages)}
    if n % 23 == 9:
        scores[languages[-1]] = None
    worth = None if kind == "none" or n % 17 == 5 else Decimal(n * 7919 % 50_000) + Decimal("0.25")
    known = [score for score in scores.values() if score is not None]
    lost = 1 - sum(known) / len(known) / 100 if known else 0.0
    minutes = sum({p.rule: p.minutes for p in problems}.values())
    return Product(
        sku=f"SKU-{n:05}" if n != 1 else "<SKU> & 'co'", names={"": name.upper(), **{one: f"{name} ({one})" for one in languages}},
        category=_PLACED[n % len(_PLACED)], brand=_BRANDS[n % len(_BRANDS)], supplier=_SUPPLIERS[n % len(_SUPPLIERS)],
        score=scores, held=held, worth=worth, lost=lost, minutes=minutes,
        rank_worth=float(worth or 0) * lost / max(minutes, 1), problems=problems,
        change=None if n % 7 == 6 else n % 9 - 4,
    )  # fmt: skip


def _problems(n: int, languages: tuple[str, ...]) -> Iterable[Problem]:
    for at in range(n % 4):
        rule_id, value, mended = _FOUND[(n * 5 + at * 3) % len(_FOUND)]
        rule = RULES[rule_id]
        is_text = rule.entity == "product_text"
        language = languages[n % len(languages)] if is_text else ""
        sku = f"SKU-{n:05}" if n != 1 else "<SKU> & 'co'"
        yield Problem(
            entity=rule.entity, key=f"{language}:{sku}" if is_text else sku, language=language, rule=rule_id,
            question=rule.question, severity=rule.severity, value=value,
            reason=rule.reason.format(value=value, **rule.options), field=mended, owner=("an", "luc", "els", "")[(n + at) % 4],
            since=NOW - timedelta(days=n % 40, hours=at), minutes=rule.minutes,
        )  # fmt: skip


def _ready(products: tuple[Product, ...], languages: tuple[str, ...] = ()) -> Share:
    fit = [one for one in products if not (set(one.held) & set(languages) if languages else one.held)]
    return Share(len(fit), len(products), _worth(fit), _worth(products))


def _worth(products: Iterable[Product]) -> Decimal | None:
    known = [one.worth for one in products if one.worth is not None]
    return sum(known, Decimal(0)) if known else None


def _grades(products: tuple[Product, ...], language: str) -> dict[Grade, int]:
    counts: dict[Grade, int] = {"A": 0, "B": 0, "C": 0, "D": 0, "E": 0}
    for one in products:
        if grade := grade_of(one.score[language]):
            counts[grade] += 1
    return counts


def _cell(products: tuple[Product, ...], question: str, language: str) -> QuestionCell:
    worst = [
        {p.severity for p in one.problems if p.question == question and p.language in {"", language}}
        for one in products
    ]
    block = sum("block" in found for found in worst)
    improve = sum("improve" in found and "block" not in found for found in worst)
    weeks = (None, *(round(0.5 + week * 0.03, 2) for week in range(12))) if products else ()
    return QuestionCell(len(products) - block - improve, improve, block, len(products), weeks)


def _groups(products: tuple[Product, ...], dimension: Dimension) -> tuple[Group, ...]:
    members: dict[str, list[Product]] = {}
    for one in products:
        owners = {p.owner for p in one.problems} or {""}
        for code in owners if dimension == "owner" else {getattr(one, dimension)}:
            members.setdefault(code, []).append(one)
            while dimension == "category" and (code := _CATEGORIES.get(code, ("", {}))[0]):
                members.setdefault(code, []).append(one)
    return tuple(_group(code, members[code], dimension) for code in sorted(members))


def _group(code: str, products: list[Product], dimension: Dimension) -> Group:
    scores = [score for one in products for score in one.score.values() if score is not None]
    mean = round(sum(scores) / len(scores)) if scores else None
    parent, names = _CATEGORIES.get(code, ("", {})) if dimension == "category" else ("", {})
    name = PEOPLE.get(code, code) if dimension == "owner" else names.get("nl", code)
    held = _worth([one for one in products if one.held])
    return Group(
        code, name, parent, len(products), _ready(tuple(products)), mean, grade_of(mean), held, len(code) % 5 - 2
    )


def _held(product: Product) -> Iterable[Held]:
    for problem in product.problems:
        if problem.severity == "block":
            days = (NOW - problem.since).days
            group: HeldGroup = "new" if days < 1 else "waiting" if days < 14 else "overdue"
            shows: Literal["nothing", "last good version"] = "nothing" if days % 2 else "last good version"
            yield Held(product.sku, problem, group, days, shows, product.worth)


def _biggest(products: tuple[Product, ...]) -> Biggest | None:
    named = [one for one in products if any(p.question == "name" and p.owner == "an" for p in one.problems)]
    return Biggest("name", "an", PEOPLE["an"], len(named), _worth(named), 2 * len(named)) if named else None


def _people(products: tuple[Product, ...]) -> tuple[Person, ...]:
    problems = [p for one in products for p in one.problems if p.severity != "hint"]
    made = []
    for owner in sorted({p.owner for p in problems}):
        own = [p for p in problems if p.owner == owner]
        held = len({p.key for p in own if p.severity == "block"})
        since = min(p.since for p in own)
        made.append(
            Person(owner, PEOPLE.get(owner, ""), len(own), held, sum(p.minutes for p in own), since, len(owner))
        )
    return tuple(made)


def _trend(ready: Share) -> tuple[TrendPoint, ...]:
    points = []
    for weeks in range(13, -1, -1):
        count = max(0, ready.count - weeks)
        worth = None if ready.worth is None else ready.worth * count / max(ready.count, 1)
        share = Share(count, ready.of, worth, ready.of_worth)
        points.append(TrendPoint(NOW.date() - timedelta(weeks=weeks), share, rules_changed=weeks in {4, 9}))
    return tuple(points)


def _change(after: int) -> Change | None:
    if after < 3:
        return None
    return Change(NOW.date() - timedelta(days=7), after - 3, data=5, rules=-2, both=1, assortment=-1, after=after)


def _runs(products: int) -> tuple[RunLine, ...]:
    began = NOW - timedelta(minutes=20)
    ended = NOW - timedelta(minutes=5)
    return (
        RunLine("catalogue", "product", "2026-11-26-a1", "reconciled", began, ended, products + 3, products, 1, 1, 1),
        RunLine("prices", "price", "2026-11-26-b2", "failed", began, None, products, products, 0, 0, 0),
    )


def _rules(products: tuple[Product, ...]) -> tuple[RuleLine, ...]:
    counts: dict[str, int] = {}
    for one in products:
        for problem in one.problems:
            counts[problem.rule] = counts.get(problem.rule, 0) + 1
    return tuple(
        RuleLine(rule, RULES[rule].question, RULES[rule].severity, counts.get(rule, 0), waived, waived > 5)
        for rule, waived in ((rule, len(rule) % 8) for rule, _, _ in _FOUND)
    )


def _waivers() -> tuple[WaiverLine, ...]:
    return (
        WaiverLine("price_below_cost", "SKU-00007", date(2026, 12, 31), "Uitverkoop <b>& weg</b>", "an"),
        WaiverLine("name_capitals", "nl:SKU-00003", date(2027, 1, 15), "=HYPERLINK(\"http://evil.example\")", "<luc>"),
    )  # fmt: skip


def _card(product: Product, language: str) -> Card:
    name = product.names[language]
    return Card(
        product.sku, language, name, f"Kort: {name}", f"<p>{name}</p><script>alert('long')</script><ul><li>één</li></ul>",
        None if "7" in product.sku else Decimal("12.40"), {"colour": "rood <zwart>", "size": "=1+1"},
        _photo() if product.sku[-1] in "02468" else None, f"Foto van {name}", "in_stock",
    )  # fmt: skip


@cache
def _photo() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (120, 80), (176, 42, 48)).save(kept, "JPEG", quality=60)
    return kept.getvalue()
