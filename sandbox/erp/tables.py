"""Articles as rows of the ERP's tables."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sandbox.erp.articles import NOW, Article
from sandbox.erp.blocks import groups
from sandbox.erp.stock import Row, level_rows
from sandbox.erp.trade import purchase_rows

LETTERS = {"nl": "N", "fr": "F", "en": "E"}
"""Languages as the ERP codes them."""

_LOOP = {"LUS-A": "LUS-B", "LUS-B": "LUS-A"}
_GROUPS_MODIFIED = NOW - timedelta(days=200)


def rows_of(article: Article, shift: timedelta = timedelta(0)) -> Iterator[Row]:
    """Every row about an article; ``shift`` moves all its times."""
    changed = article.modified + shift
    number = article.number
    yield "artikel", _article(article, shift)
    for language, texts in article.texts.items():
        for kind, text in texts.items():
            yield "art_tekst", (number, LETTERS[language], kind, text, changed)
    for code, value in article.facts.items():
        yield "art_kenm", (number, code, value, changed)
    for place, photo in enumerate(article.photos, start=1):
        yield "art_foto", (number, place * 10, photo.file, *(photo.captions.get(x) for x in LETTERS), changed)
    for place, (kind, other) in enumerate(article.relations, start=1):
        yield "art_rel", (number, kind, other, place, changed)
    if article.price is not None or article.currency != "EUR" or article.cost:
        yield "prijs", (number, article.price, article.cost, article.currency, changed)
    yield from level_rows(article, shift)
    yield from purchase_rows(article, shift)


def group_rows(shift: timedelta = timedelta(0)) -> Iterator[Row]:
    """The tree of product groups, and two groups that each stand below the other."""
    changed = _GROUPS_MODIFIED + shift
    for place, (code, names) in enumerate(groups().items(), start=1):
        yield "art_groep", (code, code.rpartition("-")[0] or None, place * 10, *names, changed)
    for place, (code, above) in enumerate(_LOOP.items(), start=1):
        yield "art_groep", (code, above, 9000 + place, "Varia", "Divers", "Various", changed)


def clock_row(now: datetime) -> Row:
    """The ERP's own clock."""
    return "syst_param", ("KLOK", now.isoformat(sep=" "))


def _article(article: Article, shift: timedelta) -> tuple[Any, ...]:
    return (
        article.number, article.staff_name, article.brand, article.model, article.ean, article.group, article.weight,
        article.weight_unit, article.carton_weight, article.carton_count, article.vat, article.status,
        article.created + shift, article.modified + shift,
    )  # fmt: skip
