"""Texts without an end, cut for the page: what a source holds by mistake must not make a file that no mail takes."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from typing import Any, TypeVar

from data_quality.report.model import Held, Problem, Product, Report

LONGEST = 400
"""Characters of a name or a code. Of names of products and texts of cards the page holds even less."""

One = TypeVar("One")


def bounded(report: Report) -> Report:
    """The report with every text of outside at most ``LONGEST`` characters.

    What is cut ends in a few characters that follow from the whole, so that two codes stay two.
    """
    products = tuple(map(_product, report.products))
    held = tuple(map(_held, report.held))
    rest: dict[str, Any] = {
        "groups": {side: _fitting(groups, "code", "name", "parent") for side, groups in report.groups.items()},
        "people": _fitting(report.people, "person", "name"),
        "waivers": _fitting(report.waivers, "key", "reason", "by"),
        "left_out": _fitting(report.left_out, "key", "sku", "reason"),
        "people_names": _names(report.people_names),
        "where_to_fix": _names(report.where_to_fix),
        "category_names": {cut(code): _names(names) for code, names in report.category_names.items()},
        "cards": {(cut(sku), language): card for (sku, language), card in report.cards.items()},
    }
    for name in ("offenders", "newly_held", "newly_released"):
        rest[name] = tuple(map(cut, getattr(report, name)))
    if report.biggest:
        rest["biggest"] = _fit(report.biggest, "owner", "owner_name")
    return replace(report, products=products, held=held, **rest)


def cut(text: str) -> str:
    """A text of a bounded length that is like no other's."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - 9]}…{blake2b(text.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def _fit(one: One, *names: str) -> One:
    long = {name: cut(getattr(one, name)) for name in names if len(getattr(one, name)) > LONGEST}
    return replace(one, **long) if long else one  # type: ignore[type-var]


def _fitting(many: Iterable[One], *names: str) -> tuple[One, ...]:
    return tuple(_fit(one, *names) for one in many)


def _names(names: dict[str, str]) -> dict[str, str]:
    return {cut(code): cut(name) for code, name in names.items()}


def _problem(one: Problem) -> Problem:
    return _fit(one, "key", "value", "reason", "owner")


def _product(one: Product) -> Product:
    problems = tuple(map(_problem, one.problems))
    if any(new is not old for new, old in zip(problems, one.problems, strict=True)):
        one = replace(one, problems=problems)
    return _fit(one, "sku", "category", "brand", "supplier")


def _held(one: Held) -> Held:
    problem = _problem(one.problem)
    return _fit(one if problem is one.problem else replace(one, problem=problem), "sku")
