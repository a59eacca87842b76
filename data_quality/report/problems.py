"""Findings as problems that somebody has: with the field to mend, the person who owns it and the minutes it takes."""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from data_quality.catalogue import RULES
from data_quality.mending import fields_of
from data_quality.owners import Owners
from data_quality.report.model import Problem
from koppel.settings import Settings

_OF_A_RULE = {"question": pl.String, "role": pl.String, "minutes": pl.Int64, "place": pl.Int32}
_COLUMNS = (
    "entity", "key", "language", "rule", "question", "severity", "value", "reason", "field", "owner", "since", "minutes",
)  # fmt: skip


def of_products(
    findings: pl.DataFrame, products: pl.DataFrame, owners: Owners, settings: Settings
) -> pl.DataFrame:  # fmt: skip
    """The findings of these products with ``question``, ``role``, ``minutes``, ``field`` and ``owner``.

    Sorted by product, the worst first: blocks, then what is to improve, then hints, each in the order of the questions. A rule
    that this version does not know any more stays a problem until the record is judged again: without a question or an owner.
    """
    about = products.select("sku", "category", "supplier", "trade_owner")
    found = findings.join(about, on="sku", how="inner").join(_rules(), on="rule", how="left")
    found = found.with_columns(
        pl.col("question", "role").fill_null(""), pl.col("minutes").fill_null(0), pl.col("place").fill_null(len(RULES))
    )
    found = found.with_columns(_owner(found, owners), _field(found, settings))
    worst = pl.col("severity").replace_strict({"block": 0, "improve": 1}, default=2, return_dtype=pl.Int8)
    return found.sort("sku", worst, "place", "language", "key")


def as_problems(found: pl.DataFrame) -> dict[str, list[Problem]]:
    """Per SKU its problems, in the order of the rows."""
    problems: dict[str, list[Problem]] = {}
    columns = [found[name].to_list() for name in _COLUMNS]
    for sku, *values in zip(found["sku"].to_list(), *columns, strict=True):
        problems.setdefault(sku, []).append(Problem(*values))
    return problems


def _rules() -> pl.DataFrame:
    rows = [(one.id, one.question, one.role, one.minutes, place) for place, one in enumerate(RULES.values())]
    return pl.DataFrame(rows, schema={"rule": pl.String, **_OF_A_RULE}, orient="row")


def _owner(found: pl.DataFrame, owners: Owners) -> pl.Series:
    """The owner of each row; asked once for all products that config does not name and that have the same of everything."""
    known: dict[tuple[str, ...], str] = {}
    chosen = []
    columns = (found[name].to_list() for name in ("role", "sku", "category", "supplier", "trade_owner"))
    for role, sku, *rest in zip(*columns, strict=True):
        case = (role, sku if sku in owners.products else "", *rest)
        if case not in known:
            known[case] = owners.owner(*case) if role else ""
        chosen.append(known[case])
    return pl.Series("owner", chosen, dtype=pl.String)


def _field(found: pl.DataFrame, settings: Settings) -> pl.Series:
    """The mendable field of each row; none that another system masters."""
    kinds = found.select("rule", "value").unique()
    elsewhere = _owned_elsewhere(settings)
    fields = [_first(rule, value, settings.properties, elsewhere) for rule, value in kinds.iter_rows()]
    kinds = kinds.with_columns(pl.Series("field", fields, dtype=pl.String))
    return found.select("rule", "value").join(kinds, on=["rule", "value"], how="left", maintain_order="left")["field"]


def _owned_elsewhere(settings: Settings) -> dict[str, set[str]]:
    """Per entity the columns that none of the sources masters which it comes from; runs do not send these."""
    flows = settings.values.get("flows", {}).values()
    return {
        entity: {
            column
            for column, owner in columns.items()
            if owner not in {flow["source"] for flow in flows if entity in flow["entities"]}
        }
        for entity, columns in settings.values.get("ownership", {}).items()
    }


def _first(
    rule_id: str, value: str, properties: Mapping[str, Any], elsewhere: Mapping[str, Collection[str]]
) -> str:  # fmt: skip
    rule = RULES.get(rule_id)
    if rule is None:
        return ""
    others = elsewhere.get(rule.entity, ())
    return next((name for name in fields_of(rule, value, properties) if name not in others), "")
