"""The rows of a work list: of each product, in each language, what one person can mend or accept; from the report's model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from data_quality.catalogue import RULES
from data_quality.mending import fields_of
from data_quality.report.model import Problem, Product, Report
from data_quality.rules.properties import PREFIX

Values = Mapping[tuple[str, str], Mapping[str, str]]
"""Per entity and ledger key what stands in each field that a person may correct."""

BETWEEN = "|"
"""Between the parts of a place. A key may hold it; an entity and a field never do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One cell to fill in, with all that is wrong with it.

    ``field``: the field that is mended, or ``:`` and a question where no cell could hold what is asked for. ``current``: what
    stands in the field; empty: nothing. ``worth``: euro, of the product; None: not known, or not for this reader.
    """

    entity: str
    key: str
    field: str
    sku: str
    language: str
    name: str
    current: str
    problems: tuple[Problem, ...]
    worth: Decimal | None

    @property
    def place(self) -> str:
        """What the row is found by when it comes back."""
        return place_of(self.entity, self.key, self.field)

    @property
    def is_mendable(self) -> bool:
        """Whether a new value can be filled in."""
        return not self.field.startswith(":")

    @property
    def is_held(self) -> bool:
        """Whether something here keeps the product out of the shop."""
        return any(problem.severity == "block" for problem in self.problems)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that found something here."""
        return tuple(dict.fromkeys(problem.rule for problem in self.problems))

    @property
    def question(self) -> str:
        """What a customer asks here."""
        return self.problems[0].question

    @property
    def owner(self) -> str:
        """Who mends it: a person's id, or nobody."""
        return self.problems[0].owner

    @property
    def since(self) -> datetime:
        """Since when the oldest of it is known."""
        return min(problem.since for problem in self.problems)


def place_of(entity: str, key: str, field: str) -> str:
    """What a row is found by."""
    return BETWEEN.join((entity, key, field))


def place_parts(place: str) -> tuple[str, str, str] | None:
    """Entity, key and field of a place; None where it is none."""
    entity, _, rest = place.partition(BETWEEN)
    key, _, field = rest.rpartition(BETWEEN)
    return (entity, key, field) if entity and key and field else None


def rows_of(report: Report, owner: str, values: Values, properties: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """The rows of one owner (empty: what nobody owns), what is held back first, then what is worth most per minute."""
    return _sorted(report, values, properties, lambda _, problem: problem.owner == owner)


def rows_for_supplier(
    report: Report, supplier: str, values: Values, properties: Mapping[str, Mapping[str, Any]]
) -> list[Row]:
    """The rows of one supplier's products, whoever owns them; without what they are worth, and without what concerns prices."""
    rows = _sorted(
        report, values, properties, lambda product, problem: product.supplier == supplier and problem.question != "price"
    )  # fmt: skip
    return [_without_worth(row) for row in rows]


def _without_worth(row: Row) -> Row:
    return Row(row.entity, row.key, row.field, row.sku, row.language, row.name, row.current, row.problems, None)


def _sorted(report: Report, values: Values, properties: Mapping[str, Mapping[str, Any]], wanted: Any) -> list[Row]:
    made: list[tuple[tuple[bool, float, str], list[Row]]] = []
    for product in report.products:
        problems = [one for one in product.problems if one.severity != "hint" and wanted(product, one)]
        rows = list(_rows(product, problems, values, properties))
        made.append(((not any(row.is_held for row in rows), -product.rank_worth, product.sku), rows))
    made.sort(key=lambda pair: pair[0])
    return [row for _, rows in made for row in rows]


def _rows(
    product: Product, problems: Iterable[Problem], values: Values, properties: Mapping[str, Mapping[str, Any]]
) -> Iterable[Row]:
    found: dict[tuple[str, str, str, str], list[Problem]] = {}
    for problem in problems:
        standing = values.get((problem.entity, problem.key), {})
        for field in cells_of(problem, standing, properties):
            found.setdefault((problem.entity, problem.key, field, problem.language), []).append(problem)
    for (entity, key, field, language), together in found.items():
        current = values.get((entity, key), {}).get(field, "")
        name = product.names.get(language) or product.names.get("", "")
        yield Row(entity, key, field, product.sku, language, name, current, tuple(together), product.worth)


def cells_of(
    problem: Problem, standing: Mapping[str, str], properties: Mapping[str, Mapping[str, Any]]
) -> tuple[str, ...]:
    """The fields of a record that would mend a finding, or ``:`` and its question where there is none.

    ``standing``: the fields that may be corrected. Of several fields only properties are each asked for: of two texts that
    are the same, one is enough.
    """
    rule = RULES.get(problem.rule)
    named = fields_of(rule, problem.value, properties) if rule is not None else ()
    fields = [field for field in named or (problem.field,) if field in standing]
    if not all(field.startswith(PREFIX) for field in fields):
        fields = fields[:1]
    return tuple(fields) or (f":{problem.question}",)
