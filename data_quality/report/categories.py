"""The tree of categories, with their names: as the shop was last sent it, else as config/assortment.toml and the codes tell it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from data_quality.assortment import Assortment
from koppel.ledger import Ledger

_DEEPEST = 20
"""A tree that is deeper goes in circles."""


@dataclass(frozen=True, slots=True)
class Categories:
    """``names``: per code and language. ``parents``: per code the one above it; empty: it stands at the top."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, ledger: Ledger, target: str, used: Collection[str], assortment: Assortment) -> "Categories":
        """The categories of a target, and those that products stand in (``used``) without one of that code."""
        names: dict[str, dict[str, str]] = {}
        parents: dict[str, str] = {}
        for code, rows in _delivered(ledger, target):
            names[code] = {
                str(row["language"]): str(row["name"]) for row in rows if row.get("language") and row.get("name")
            }
            parents[code] = next((str(row["parent_code"]) for row in rows if row.get("parent_code")), "")
        known = {*parents, *used, *assortment.categories}
        for code in sorted(set(used) - set(parents) - {""}):
            while code and code not in parents:
                parents[code] = _above(code, known, assortment)
                code = parents[code]  # noqa: PLW2901 (one step up)
        return cls(names, parents)

    def with_all_above(self, code: str) -> list[str]:
        """A code and those above it, the nearest first. A tree that goes in circles ends where it comes back."""
        line = [code]
        while (code := self.parents.get(code, "")) and code not in line and len(line) < _DEEPEST:
            line.append(code)
        return line

    def name(self, code: str, language: str) -> str:
        """What a category is called in a language; else in another one, else its code."""
        named = self.names.get(code, {})
        return named.get(language) or next(iter(named.values()), code)


def _delivered(ledger: Ledger, target: str) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Code and rows (one per language) of each category as the target was last sent it."""
    rows = ledger.rows(
        lambda schema: select(schema.delivery.c.key, schema.delivery.c.record).where(
            schema.delivery.c.target == target, schema.delivery.c.entity == "category", schema.delivery.c.state != "withdrawn"
        ).order_by(schema.delivery.c.key)
    )  # fmt: skip
    for row in rows:
        yield row["key"], list((row["record"] or {}).get("rows", []))


def _above(code: str, known: Collection[str], assortment: Assortment) -> str:
    """The nearest code above that is a category: what stands before the last separator need not be one."""
    seen = {code}
    while (code := assortment.above(code)) and code not in seen:
        if code in known:
            return code
        seen.add(code)
    return ""
