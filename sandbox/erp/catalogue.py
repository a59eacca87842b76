"""The whole content of the ERP: the range, with the defects sown in and the relations laid."""

from collections import defaultdict
from dataclasses import replace
from functools import cache
from random import Random

from sandbox.erp.articles import Article, make
from sandbox.erp.blocks import variants
from sandbox.erp.cases import Case
from sandbox.erp.sown_again import AGAIN, sow_again
from sandbox.erp.sown_facts import BAD, FACTS, PINNED
from sandbox.erp.sown_names import NAMES
from sandbox.erp.sown_texts import TEXTS

CASES = (*NAMES, *TEXTS, *FACTS, *BAD)
_MOST_ACCESSORIES, _MOST_SIMILAR, _MOST_PAIRS = 8, 3, 4


def catalogue(seed: int, products: int) -> list[Article]:
    """``products`` articles in a fixed order. Raises ValueError when that is fewer than are sown, or more than the range has."""
    everything = [make(variant, seed) for variant in variants()]
    used = sow(everything)
    needed = {id(article) for article in used} | {id(article) for article in everything if article.number in PINNED}
    if not len(needed) < products <= len(everything):
        raise ValueError(f"The sandbox ERP has {len(needed) + 1} to {len(everything)} products, not {products}.")
    chosen = _choose(everything, needed, products)
    _relate(chosen)
    return chosen


def sow(articles: list[Article]) -> list[Article]:
    """Do to some articles what the cases say; which ones is the same for every seed. Gives the articles that were used."""
    used: list[Article] = []
    for case, chosen in _assigned(articles):
        for article, number in zip(chosen, case.numbers or [a.number for a in chosen], strict=True):
            case.change(article)
            article.number = number
        used += chosen
    sow_again({article.number: article for article in used})
    return used


@cache
def sown() -> dict[str, dict[str, list[str]]]:
    """Per topic the keys of its real cases and of its look-alikes; ``nl:NUMBER`` for a text."""
    table: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"true": [], "lookalike": []})
    articles = [make(variant, 0) for variant in variants()]
    for case, chosen in _assigned(articles):
        numbers = case.numbers or tuple(article.number for article in chosen)
        table[case.topic]["true" if case.is_true else "lookalike"] += [case.key(number) for number in numbers]
    for again in AGAIN:
        table[again.topic]["true" if again.is_true else "lookalike"].append(again.key)
    return dict(table)


def _assigned(articles: list[Article]) -> list[tuple[Case, list[Article]]]:
    """Each case with the articles that it gets; every article serves one case. A look-alike pair comes from one series."""
    pools: dict[str, list[Article]] = defaultdict(list)
    for article in (article for article in articles if article.number not in PINNED):
        pools[article.family].append(article)
    for family, pool in pools.items():
        Random(f"sown {family}").shuffle(pool)
    assigned = []
    for case in CASES:
        pool = pools[case.family]
        chosen = _of_one_series(pool, case.count) if case.count == 2 and not case.is_true else pool[: case.count]
        if len(chosen) < case.count:
            raise ValueError(f"The range has too few of {case.family} for {case.topic}.")
        for article in chosen:
            pool.remove(article)
        assigned.append((case, chosen))
    return assigned


def _of_one_series(pool: list[Article], count: int) -> list[Article]:
    for first in pool:
        sisters = [article for article in pool if article.model == first.model and article.group == first.group]
        if len(sisters) >= count:
            return sisters[:count]
    return []


def _choose(everything: list[Article], needed: set[int], products: int) -> list[Article]:
    """The needed articles, and of the others so many that the families keep their share."""
    others = [article for article in everything if id(article) not in needed]
    wanted = products - len(needed)
    kept = {id(others[place * len(others) // wanted]) for place in range(wanted)}
    return [article for article in everything if id(article) in needed | kept]


def _relate(articles: list[Article]) -> None:
    """Phones get what fits them, drinks and glasses each other, everything else its sisters."""
    by_model: dict[str, list[Article]] = defaultdict(list)
    by_pair: dict[str, list[Article]] = defaultdict(list)
    chargers = [article for article in articles if article.family == "charger" and article.status == "A"]
    for article in (article for article in articles if article.status == "A"):
        by_model[article.facts.get("VRMOD", article.model)].append(article)
        by_pair[article.variant.series.get("pairs", "")].append(article)
    for article in (article for article in articles if not article.has_own_relations):
        article.relations = _relations(article, by_model, by_pair, chargers)


def _relations(
    article: Article, by_model: dict[str, list[Article]], by_pair: dict[str, list[Article]], chargers: list[Article]
) -> list[tuple[str, str]]:
    family = article.variant.family
    sisters = by_model[article.facts.get("VRMOD", article.model)]
    found: list[tuple[str, str]] = []
    if article.family == "phone":
        fitting = [other for other in sisters if other.variant.family.get("relation") == "accessory"]
        found += [("A", other.number) for other in _spread(fitting, _MOST_ACCESSORIES - 2) + _spread(chargers, 2)]
    if pair := article.variant.series.get("pairs"):
        is_drink = family["code"] in {"beer", "wine", "soft_drink"}
        others = [o for o in by_pair[pair] if (o.family in {"beer", "wine", "soft_drink"}) != is_drink]
        found += [("G", other.number) for other in _spread(others, _MOST_PAIRS)]
    alike = [other for other in sisters if other is not article and other.family == article.family]
    return found + [("S", other.number) for other in _spread(alike, _MOST_SIMILAR)]


def _spread(articles: list[Article], most: int) -> list[Article]:
    """At most ``most`` of them, taken evenly."""
    if len(articles) <= most:
        return list(articles)
    return [articles[place * len(articles) // most] for place in range(most)]


def leftovers(seed: int, taken: set[str]) -> list[Article]:
    """Articles of the range that the database does not hold yet, without defects; ``change`` takes new products from them."""
    articles = [make(variant, seed) for variant in variants()]
    sown_numbers = {key.split(":")[-1] for kinds in sown().values() for keys in kinds.values() for key in keys}
    return [replace(a, has_own_relations=True) for a in articles if a.number not in taken | sown_numbers]
