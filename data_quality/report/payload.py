"""What the HTML report embeds for its lists: products, findings, texts as customers see them; small, and inert as JSON."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from data_quality.report.card_text import plain, short
from data_quality.report.model import Card, Held, Problem, Product, Report
from data_quality.report.page_words import script_words
from data_quality.texts import Texts

ROOM = 1_700_000
"""Bytes for the embedded lists: with the page around them the file stays below 2 MB for 10,000 products."""

MOST_LISTED = 12_000
"""Products in the lists of one file; of more, those that are held back and those that weigh most. The workbook has all."""

SEVERITIES = ("block", "improve", "hint")
GROUPS = ("new", "waiting", "overdue")
SHOWN = ("nothing", "last good version")
_LONGEST_NAME = 100
_ESCAPED = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def packed(value: Any) -> str:
    """JSON that may stand inside a ``script`` element: nothing in it can end that element or begin another."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign, escaped in _ESCAPED.items():  # all this takes two thirds of the time that ``translate`` makes it take
        text = text.replace(sign, escaped)
    return text


@dataclass(slots=True)
class _Index:
    """Values that many products share, written once; the products have their place in the list."""

    values: list[Any] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    def place(self, value: Any) -> int:
        if value not in self.places:
            self.places[value] = len(self.values)
            self.values.append(value)
        return self.places[value]


@dataclass(slots=True)
class _Room:
    """The bytes that are left; what does not fit is left out, and the page says so."""

    left: int

    def take(self, value: Any) -> bool:
        size = len(packed(value).encode("utf-8", "replace")) + 1
        if size > self.left:
            return False
        self.left -= size
        return True


def embedded(report: Report, texts: Texts) -> str:
    """The lists of a report as JSON for its script; ``ROOM`` bounds what can be left out: sentences, cards and photos."""
    return packed(_Payload(report, texts).made())


def listed(report: Report) -> tuple[Product, ...]:
    """The products that the lists of the file hold: all, or of too many those that are held and those that weigh most."""
    if len(report.products) <= MOST_LISTED:
        return report.products
    first = sorted(report.products, key=lambda one: (not one.held, -one.rank_worth, one.sku))
    return tuple(first[:MOST_LISTED])


class _Payload:
    """One report on its way into the page."""

    def __init__(self, report: Report, texts: Texts) -> None:
        self.report, self.texts = report, texts
        self.products = listed(report)
        self.at = {product.sku: number for number, product in enumerate(self.products)}
        self.rules, self.people, self.kinds, self.fixes, self.days = (_Index() for _ in range(5))
        self.lists = {name: _Index() for name in ("category", "brand", "supplier")}
        self.languages = {language: number for number, language in enumerate(report.languages)}
        self.problems: list[list[Problem]] = [list(product.problems) for product in self.products]

    def made(self) -> dict[str, Any]:
        """Everything, the most wanted first where room is scarce."""
        held = list(self._held())
        rows = [self._product(product, self.problems[number]) for number, product in enumerate(self.products)]
        base = self._shared() | {"products": rows, "held": held}
        room = _Room(ROOM - len(packed(base).encode("utf-8", "replace")))
        photos = _Index()
        said: dict[str, list[str]] = {}
        cards: dict[str, list[Any]] = {}
        for numbers in self._by_need(held):
            said |= self._said(numbers, room)
            cards |= self._cards(numbers, photos, room)
        return base | {"said": said, "cards": cards, "photos": photos.values}

    def _by_need(self, held: list[list[Any]]) -> tuple[list[int], ...]:
        """The products in the order in which they get room: the worst, those held back, the others."""
        worst = dict.fromkeys(self.at[sku] for sku in self.report.offenders if sku in self.at)
        back = dict.fromkeys(row[0] for row in held if row[0] not in worst)
        rest = [number for number in range(len(self.products)) if number not in worst and number not in back]
        return list(worst), list(back), rest

    def _shared(self) -> dict[str, Any]:
        """What all rows point into. ``_product`` and ``_held`` have filled the lists by the time they are written."""
        parents = {group.code: group.parent for group in self.report.groups.get("category", ())}
        for code in list(parents):
            self.lists["category"].place(code)
        names = self.report.category_names
        label = _labels(self.report)
        return {
            "language": self.texts.language,
            "locale": str(self.texts.locale).replace("_", "-"),
            "worth": self.report.worth_kind,
            "languages": list(self.report.languages),
            "words": script_words(self.report, self.texts),
            "rules": [self._rule(rule) for rule in self.rules.values],
            "kinds": self.kinds.values,
            "people": [[code, self.report.people_names.get(code, code)] for code in self.people.values],
            "fixes": self.fixes.values,
            "days": [self.texts.day(day) for day in self.days.values],
            "total": len(self.report.products),
            "released": [[sku, self.at.get(sku, -1)] for sku in self.report.newly_released],
            "category": [
                [code, names.get(code, {}).get(self.texts.language) or label["category"].get(code, code), parents.get(code, "")]
                for code in self.lists["category"].values
            ],
            "brand": [[code, label["brand"].get(code, code)] for code in self.lists["brand"].values],
            "supplier": [[code, label["supplier"].get(code, code)] for code in self.lists["supplier"].values],
        }  # fmt: skip

    def _rule(self, rule: str) -> list[str]:
        words = self.texts.rule(rule)
        return [words.title, words.why, words.todo]

    def _product(self, product: Product, problems: list[Problem]) -> list[Any]:
        language, name = name_of(product, self.texts.language)
        return [
            product.sku,
            short(name, _LONGEST_NAME),
            self.languages.get(language, -1),
            self.lists["category"].place(product.category),
            self.lists["brand"].place(product.brand),
            self.lists["supplier"].place(product.supplier),
            [product.score.get(one) for one in self.report.languages],
            [self.languages[one] for one in product.held if one in self.languages],
            _euro(product.worth),
            product.minutes,
            product.change,
            self._waits(problems),
            [self._kind(problem) for problem in problems],
        ]

    def _kind(self, problem: Problem) -> int:
        where = self.report.where_to_fix
        fix = where.get(problem.field) or where.get(problem.question) or ""
        return self.kinds.place(
            (
                self.rules.place(problem.rule),
                self.languages.get(problem.language, -1),
                self.people.place(problem.owner),
                SEVERITIES.index(problem.severity) if problem.severity in SEVERITIES else 2,
                self.fixes.place(fix),
                problem.question,
            )
        )

    def _held(self) -> Iterable[list[Any]]:
        """What is held back, each pointing at its product and the problem that holds it."""
        places = [{problem: at for at, problem in enumerate(problems)} for problems in self.problems]
        for line in self.report.held:
            number = self.at.get(line.sku)
            if number is None:
                continue
            yield self._held_row(number, line, places[number])

    def _held_row(self, number: int, line: Held, places: dict[Problem, int]) -> list[Any]:
        if line.problem not in places:
            places[line.problem] = len(self.problems[number])
            self.problems[number].append(line.problem)
        return [
            number,
            places[line.problem],
            GROUPS.index(line.group),
            line.days,
            SHOWN.index(line.shows),
            self.days.place(self._local_day(line.problem.since)),
            _euro(line.worth),
        ]

    def _local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.texts.timezone).date()

    def _waits(self, problems: Iterable[Problem]) -> int:
        """Days that the oldest problem of a product stands."""
        oldest = min((problem.since for problem in problems if problem.severity != "hint"), default=None)
        return 0 if oldest is None else max(0, (self.report.made_at - oldest).days)

    def _said(self, numbers: Iterable[int], room: _Room) -> dict[str, list[str]]:
        """The sentences of the problems of these products, as long as there is room."""
        said = {}
        for number in numbers:
            sentences = [self.texts.reason(problem) for problem in self.problems[number]]
            if not sentences:
                continue
            if not room.take(sentences):
                break
            said[str(number)] = sentences
        return said

    def _cards(self, numbers: Iterable[int], photos: _Index, room: _Room) -> dict[str, list[Any]]:
        """What a customer sees of these products, as long as there is room; a photo stands once for all languages."""
        cards: dict[str, list[Any]] = {}
        for number in numbers:
            for language in self.report.languages:
                card = self.report.cards.get((self.products[number].sku, language))
                if card is None:
                    continue
                photo = self._photo(card, photos, room)
                row = self._card(card, photo)
                if not room.take(row):
                    return cards
                cards[f"{number}/{self.languages[language]}"] = row
        return cards

    def _photo(self, card: Card, photos: _Index, room: _Room) -> int:
        """Its place among the photos; -1 where there is none, -2 where there is no room for it."""
        if card.photo is None:
            return -1
        data = base64.b64encode(card.photo).decode()
        if data in photos.places:
            return photos.places[data]
        return photos.place(data) if room.take(data) else -2

    def _card(self, card: Card, photo: int) -> list[Any]:
        price = card.price_eur_excl_vat
        return [
            short(card.name, 500),
            short(plain(card.short_text), 800),
            short(plain(card.long_text), 3000),
            None if price is None else f"{price:.2f}",
            [[self.texts.field(_property(code)), short(value, 200)] for code, value in list(card.properties.items())[:30]],
            photo,
            short(card.photo_alt, 300),
            card.stock_status,
        ]  # fmt: skip


def name_of(product: Product, language: str) -> tuple[str, str]:
    """The language and the name to show a product by: the reader's, else the source's own, else any there is."""
    for one in (language, "", *product.names):
        if product.names.get(one):
            return one, product.names[one]
    return "", ""


def _property(code: str) -> str:
    return code if code.startswith("property_") else f"property_{code}"


def _labels(report: Report) -> Mapping[str, dict[str, str]]:
    """The names of categories, brands and suppliers by their codes."""
    named: dict[str, dict[str, str]] = {"category": {}, "brand": {}, "supplier": {}}
    for dimension, groups in report.groups.items():
        named[dimension] = {group.code: group.name for group in groups if group.name}
    return named


def _euro(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount.to_integral_value(ROUND_HALF_UP))
