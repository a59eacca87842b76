"""What lies where: every article's stock spread over warehouses and shops, sets, and what is wrong with some of the counts.

The random numbers here are of their own, so that nothing about an article itself depends on them; over all places together an
article has what ``Article.stock`` says, but for the few that ``SOWN_STOCK`` names.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from sandbox.erp.articles import Article
from sandbox.erp.catalogue import sown
from sandbox.erp.places import IN_THE_ERP, moment

SETS: dict[str, dict[str, int]] = {
    "BIE-0002": {"BIE-0001": 6},
    "BIE-0003": {"BIE-0001": 24},
    "BIE-0009": {"BIE-0007": 24, "GLA-0013": 2},  # a crate with two glasses as a gift
    "GLA-0003": {"GLA-0001": 6},
    "GLA-0009": {"GLA-0007": 6},
    "FRI-0003": {"FRI-0002": 6},
    "FRI-0009": {"FRI-0008": 6},
}
"""Sets by article number: what is in one, in pieces. Only those of which the ERP knows every article are in it."""

_SHARES = {"GENT": (0.15, 0.35), "LIEG": (0.05, 0.2), "ANT": (0.02, 0.08), "BRU": (0.02, 0.08)}
"""Which part of an article's stock lies there, from-to; the rest lies in Mechelen."""
_IN_CARTONS = {"beer", "wine", "soft_drink", "coffee_beans", "cleaner", "plate"}
Row = tuple[str, tuple[Any, ...]]
"""A table and the values of a row in the order of its columns."""


@dataclass(frozen=True, slots=True)
class Level:
    """A row of voorraad but for its times; amounts in ``unit``."""

    number: str
    place: str
    amount: Decimal | None
    code: str
    unit: str = "ST"
    incoming: Decimal = Decimal(0)
    days_to_come: int | None = None

    def row(self, counted: datetime) -> tuple[Any, ...]:
        """The values in the order of the table's columns; ``counted``: Belgian wall clock."""
        expected = counted + timedelta(days=self.days_to_come) if self.days_to_come is not None else None
        return (
            self.number, self.place, self.amount, Decimal(0), self.incoming, expected, self.unit, self.code, counted,
            moment(counted),
        )  # fmt: skip


def level_rows(article: Article, shift: timedelta = timedelta(0)) -> Iterator[Row]:
    """The article's rows of voorraad; none where nobody keeps count of it."""
    for level in levels(article):
        yield "voorraad", level.row(article.counted + shift)


def place_rows(now: datetime) -> Iterator[Row]:
    """The warehouses and shops whose stock the ERP keeps; ``now``: Belgian wall clock, when it last heard of them."""
    for number, place in enumerate(IN_THE_ERP, start=1):
        yield "magazijn", (place.code, place.name, place.kind, number * 10, moment(now))


def set_rows(known: set[str], changed: datetime) -> Iterator[Row]:
    """What is in the sets; ``known``: every article number, ``changed``: Belgian wall clock."""
    for number, parts in SETS.items():
        if known >= {number, *parts}:
            for part, pieces in parts.items():
                yield "set_onderd", (number, part, pieces, moment(changed))


def levels(article: Article) -> list[Level]:
    """What lies where. An article whose stock as a whole is a sown case lies in Mechelen alone."""
    if article.stock is None:
        return []
    total = Decimal(article.stock)
    mech = Level(article.number, "MECH", total, article.stock_code)
    if article.number in _cases_of_the_whole():
        return [mech]
    random = Random(f"stock {article.number}")
    others = [_part(article, place, total, random) for place in _SHARES]
    found = [_sown(level, article) for level in others]
    elsewhere = sum((_pieces(level, article) for level in found if not _is_absurd(level)), Decimal(0))
    incoming = Decimal(random.randint(1, 20) * article.carton_count) if random.random() < 0.2 else Decimal(0)
    mech = replace(mech, amount=max(total - elsewhere, Decimal(0)), incoming=incoming)
    if incoming:
        mech = replace(mech, days_to_come=random.randint(1, 30))
    return [_with_code(level) for level in (mech, *found)]


def _part(article: Article, place: str, total: Decimal, random: Random) -> Level:
    share = Decimal(round(random.uniform(*_SHARES[place]), 3))
    is_in_cartons = place in {"GENT", "LIEG"} and article.family in _IN_CARTONS and article.carton_count > 1
    if is_in_cartons and random.random() < 0.5:
        return Level(article.number, place, total * share // article.carton_count, article.stock_code, "KRT")
    amount = total * share * 2 // 1 / 2 if "EENH" in article.facts else total * share // 1
    return Level(article.number, place, amount, article.stock_code)


def _with_code(level: Level) -> Level:
    """Of what is in stock as a whole, a place without any has none; other codes hold for every place."""
    is_empty = level.amount is not None and level.amount <= 0
    return replace(level, code="N") if level.code == "V" and is_empty else level


def _pieces(level: Level, article: Article) -> Decimal:
    return (level.amount or Decimal(0)) * (article.carton_count if level.unit == "KRT" else 1)


# --- what is wrong with some counts ----------------------------------------------------------------------------------

Slip = Callable[[Level, Article], Level]


def _amount(value: str | None, unit: str = "ST") -> Slip:
    return lambda level, _: replace(level, amount=None if value is None else Decimal(value), unit=unit)


def _scanned(level: Level, article: Article) -> Level:
    """The barcode was scanned while the cursor stood in the field of the count."""
    return replace(level, amount=Decimal(article.ean or "5410000000000"))


_SLIPS: dict[str, dict[bool, dict[str, Slip]]] = {
    "count_negative": {
        True: {"GENT:LAD-0001": _amount("-3"), "ANT:LAD-0003": _amount("-1")},
        False: {"GENT:LAD-0004": _amount("0")},
    },
    "count_absurd": {
        True: {"LIEG:LAD-0005": _scanned, "GENT:LAD-0006": _amount("99999999")},
        False: {"LIEG:LAD-0007": _amount("250", "KRT")},  # thousands of pieces, and every one is there
    },
    "count_fraction": {
        True: {"GENT:LAD-0008": _amount("7.5"), "LIEG:LAD-0008": _amount("4.5")},
        False: {"GENT:LAD-0009": _amount("2.5", "KRT"), "LIEG:ZEI-0014": _amount("12.75")},
    },
    "count_missing": {
        True: {"LIEG:LAD-0010": _amount(None)},
        False: {"LIEG:LAD-0011": _amount("0")},
    },
}  # fmt: skip
"""Per topic what is done to which rows; whether it is a real defect or only looks like one."""

SOWN_STOCK: dict[str, dict[str, list[str]]] = {
    topic: {"true": list(kinds[True]), "lookalike": list(kinds[False])} for topic, kinds in _SLIPS.items()
}
"""Topic to ``{"true": keys, "lookalike": keys}``; a key is ``PLACE:NUMBER``."""


def _sown(level: Level, article: Article) -> Level:
    key = f"{level.place}:{level.number}"
    for kinds in _SLIPS.values():
        for slips in kinds.values():
            if key in slips:
                return slips[key](level, article)
    return level


def _is_absurd(level: Level) -> bool:
    return f"{level.place}:{level.number}" in _ABSURD


_ABSURD = {*SOWN_STOCK["count_absurd"]["true"], *SOWN_STOCK["count_absurd"]["lookalike"]}


@cache
def _cases_of_the_whole() -> frozenset[str]:
    return frozenset(
        number
        for topic, kinds in sown().items()
        if topic.startswith("stock_")
        for keys in kinds.values()
        for number in keys
    )
