"""Who supplies an article, who buys it in, and what was sold of it: a few articles bring in most of the money.

The random numbers here are of their own, so that nothing about an article itself depends on them.
"""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import psycopg

from sandbox.erp.articles import NOW, Article
from sandbox.erp.stock import Row

SUPPLIERS: dict[str, tuple[str, str]] = {
    "20001": ("Lumo Benelux BV", "NL"),
    "20002": ("Norvik Deutschland GmbH", "DE"),
    "20003": ("Fairgo Europe SARL", "FR"),
    "20004": ("Van Hoeks Accessoires NV", "BE"),
    "20005": ("Tundra Schutz GmbH", "DE"),
    "20006": ("Électro Ampère SA", "BE"),
    "20007": ("Groothandel De Bruyne NV", "BE"),
    "20008": ("Vins et Terroirs SRL", "BE"),
    "20009": ("Koffie- en Theehandel Noord BV", "NL"),
    "20010": ("Nordkoek", "NL"),
    "20011": ("Schmiede & Söhne GmbH", "DE"),
    "20012": ("Céramiques du Val SA", "FR"),
    "20013": ("Textielhuis Verlinden BV", "BE"),
    "20014": ("<b>Nordkoek & Zn</b> =1+1", "NL"),  # typed by somebody who thought that the screen knows markup
    "20015": ("Blinq & Co NV", "BE"),
}
"""Supplier number: name and country."""

_BRANDS = {
    "Lumo": "20001", "Norvik": "20002", "Calyx": "20002", "Fairgo": "20003", "Hoeks": "20004", "Tundra": "20005",
    "Ampère": "20006", "Brouwerij Den Eik": "20007", "Abdij Sint-Rochus": "20007", "Brouwerij Kleine Kaai": "20007",
    "Zonnetje": "20007", "Boomgaard Peeters": "20007", "Domaine des Ormes": "20008", "Tenuta Rosa": "20008",
    "Quinta do Vale": "20008", "Kasteel Hofveld": "20008", "Bodega Llano": "20008", "Branderij Noord": "20009",
    "Theehuis Lin": "20009", "Bravano": "20010", "Maalder": "20010", "Smidse": "20011", "Kleiwerk": "20012",
    "Val Clair": "20012", "Textura": "20013", "Orde": "20013", "Borstelman": "20014", "Blinq": "20015", "Wasse": "20015",
}  # fmt: skip
"""Who supplies a brand; the others (the shop's own, candles) come from nobody that the ERP knows."""

_BUYERS = {"TEL-SMA": "AV", "KEU": "AV", "DRA": "TC", "WON-SFE": "FD", "CAD-INP": "JW"}
"""Who buys in a product group; JW left years ago, and nobody took the code off."""

_SOLD_DAYS = 14 * 30
_NEVER_SOLD, _NOT_LINKED, _SECOND_SUPPLIER, _RETURNED = 0.08, 0.03, 0.06, 0.03
_MEDIAN, _SPREAD = 900.0, 1.7
"""Euro a year, and the spread of its logarithm: at 1.7 a fifth of the articles bring in four fifths of the money."""


def supplier_rows() -> Iterator[Row]:
    """Every supplier."""
    for number, (name, country) in SUPPLIERS.items():
        yield "leverancier", (number, name, country)


def purchase_rows(article: Article, shift: timedelta = timedelta(0)) -> Iterator[Row]:
    """From whom the article is bought, and by whom; none where nobody filled it in."""
    random = Random(f"purchase {article.number}")
    supplier = _BRANDS.get(str(article.variant.series["brand"]))
    if random.random() < _NOT_LINKED:
        supplier = None
    group = str(article.variant.size.get("group", article.variant.series["group"]))
    buyer = next((code for above, code in _BUYERS.items() if f"{group}-".startswith(f"{above}-")), None)
    stamp = article.created + shift
    if supplier or buyer:
        yield "art_inkoop", (article.number, supplier, f"{random.randint(10_000, 99_999)}", "J", buyer, stamp)
    if supplier and random.random() < _SECOND_SUPPLIER:
        other = random.choice([number for number in SUPPLIERS if number != supplier])
        yield "art_inkoop", (article.number, other, None, "N", buyer, stamp)


def sales_rows(article: Article, shift: timedelta = timedelta(0)) -> Iterator[Row]:
    """Lines of invoices of the 14 months before the last closing, or since the article came."""
    now = NOW + shift
    random = Random(f"sales {article.number}")
    price = _list_price(article)
    a_year = math.exp(random.gauss(math.log(_MEDIAN), _SPREAD))
    days = min(float(_SOLD_DAYS), (NOW - article.created) / timedelta(days=1))
    if random.random() < _NEVER_SOLD or days <= 0:
        return
    pieces = max(1, round(a_year * days / 365 / float(price)))
    count = min(pieces, random.randint(3, 16))
    for line in range(count):
        amount = pieces // count + (1 if line < pieces % count else 0)
        minutes = round(days * 1440 * random.random())
        moment = (now - timedelta(minutes=minutes)).replace(second=0)
        yield "verkoop", _line(article.number, amount, price, moment, random)
        if random.random() < _RETURNED:
            yield "verkoop", _line(article.number, -1, price, min(now, moment + timedelta(days=9)), random)


def day_rows(connection: psycopg.Connection[Any], numbers: list[str], now: datetime) -> list[Row]:
    """What was sold since the last closing of some of these articles, at the price at which they were last sold."""
    random = Random(f"sales {now:%Y-%m-%d}")
    chosen = random.sample(sorted(numbers), max(1, len(numbers) // 20))
    prices = connection.execute(
        "select distinct on (artnr) artnr, round(bedrag_excl / aantal, 2) from verkoop"
        " where artnr = any(%s) and aantal > 0 order by artnr, fact_op desc, factnr",
        (chosen,),
    ).fetchall()
    return [
        (
            "verkoop",
            _line(number, random.randint(1, 3), price, now - timedelta(minutes=random.randint(60, 840)), random),
        )
        for number, price in prices
    ]


def _list_price(article: Article) -> Decimal:
    """What it costs without the slips of who typed the price in."""
    variant = article.variant
    return Decimal(str(round(float(variant.series["price"]) * float(variant.size.get("price", 1)), 2)))


def _line(number: str, pieces: int, price: Decimal, moment: datetime, random: Random) -> tuple[Any, ...]:
    invoice = f"{moment:%y}{random.randint(1, 999_999):06}"
    return (invoice, number, "W" if random.random() < 0.4 else "K", Decimal(pieces), pieces * price, moment)
