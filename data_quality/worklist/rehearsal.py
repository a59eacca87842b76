"""What the rules would say of new values, before anything is accepted: the records as the next run would see them, judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, any_, or_, select
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import ARRAY

from data_quality.catalogue import RULES
from data_quality.gate import judge
from data_quality.report.model import Problem
from data_quality.rule import Rule
from data_quality.rules.properties import PREFIX
from data_quality.worklist.standing import Record, Standing
from koppel import registry
from koppel.entities import ENTITIES, Entity, split_key
from koppel.judging import Context, Waiver
from koppel.ledger import Ledger
from koppel.ledger_schema import delivery
from koppel.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

New = Mapping[Record, Mapping[str, str]]
"""New values per record and field."""

_MOST_OTHERS = 5_000
"""Records of the shop that new values are compared with."""
_COMPARED = {"product": {"gtin": "gtin", "weight_kg": "category_code"}, "product_text": {"name": "name"}}
"""Per field that rules compare between products: by what the ones to compare with are found."""


@dataclass(frozen=True, slots=True)
class Judged:
    """``found``: per record what rules find in it with its new values. ``failed``: per record why it can't be one with them."""

    found: Mapping[Record, tuple[Problem, ...]]
    failed: Mapping[Record, str]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Transforms and judges as a run does, by the registered transformers and the rules; reads the ledger, changes nothing."""

    ledger: Ledger
    settings: Settings
    target: str
    now: datetime

    def judge(self, standing: Standing, new: New, waived: Iterable[tuple[str, str, str]] = ()) -> Judged:
        """What the rules find in these records with these values. ``waived``: entity, key and rule of what is accepted too."""
        found: dict[Record, tuple[Problem, ...]] = {}
        failed: dict[Record, str] = {}
        accepted = {*standing.waived, *waived}
        for name in sorted({entity for entity, _ in new}):
            own = {key: values for (entity, key), values in new.items() if entity == name}
            done = self._judged(ENTITIES[name], standing, own, {(k, rule) for e, k, rule in accepted if e == name})
            found |= done.found
            failed |= done.failed
        return Judged(found, failed)

    def _judged(
        self, entity: Entity, standing: Standing, new: Mapping[str, Mapping[str, str]], waived: set[tuple[str, str]]
    ) -> Judged:
        rows = self._rows(entity, standing, new)
        rows += [row for key, row in self._others(entity, new, rows) if key not in new]
        context = self._context(waived)
        transformed = registry.transform(entity.name)(entity, _frame(rows), context)
        reasons: dict[str, str] = dict(transformed.failures[["key", "reason"]].itertuples(index=False))
        judgement = judge(entity, transformed.frame, context)
        found: dict[Record, list[Problem]] = {(entity.name, key): [] for key in new if key not in reasons}
        for row in judgement.findings.to_dict("records"):
            record = (entity.name, str(row["key"]))
            # A rule that lacks a column here has it in a run; what it says is not about the new value.
            if record in found and row["rule"] not in judgement.broken_rules:
                found[record].append(_problem(record, row, self.now))
        failed = {(entity.name, key): reasons[key] for key in new if key in reasons}
        return Judged({record: tuple(problems) for record, problems in found.items()}, failed)

    def _context(self, waived: set[tuple[str, str]]) -> Context:
        values = self.settings.values
        options = {**values.get("transform", {}), **values.get("gate", {}), "now": self.now}
        return Context(
            self.settings.languages, self.settings.root, options, self.settings.properties,
            waivers=tuple(Waiver(rule, key, self.now.date()) for key, rule in sorted(waived)),
        )  # fmt: skip

    def _rows(self, entity: Entity, standing: Standing, new: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
        """The records as the source gives them: what was sent last, what the source has, corrections, and the new values."""
        sent = self._sent(entity.name, new)
        corrected = standing.corrected()
        skus = {key: split_key(entity, key)[-1] for key in new}
        products = self._sent("product", skus.values()) if entity.name == "product_text" else {}
        rows = []
        for key, values in new.items():
            product = _of_product(standing, skus[key], products) if entity.name == "product_text" else {}
            facts = standing.facts.get((entity.name, key), {})
            names = dict(zip(entity.key, split_key(entity, key), strict=True))
            known = corrected.get((entity.name, key), {})
            rows.append({**product, **sent.get(key, {}), **facts, **known, **values, **names})
        return rows

    def _sent(self, entity: str, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        found = self.ledger.standing(self.target, entity, set(keys), with_record=True)
        return {key: row["record"] for key, row in found.items() if row["record"]}

    def _others(
        self, entity: Entity, new: Mapping[str, Mapping[str, str]], rows: list[dict[str, Any]]
    ) -> list[tuple[str, dict[str, Any]]]:
        """Records of the shop that rules compare these with: the same barcode, the same name, weights of the same category."""
        wanted: dict[str, set[str]] = {}
        for field, by in _COMPARED.get(entity.name, {}).items():
            if any(field in values for values in new.values()):
                wanted.setdefault(by, set()).update(str(row[by]) for row in rows if row.get(by))
        record = delivery.c.record
        same: list[ColumnElement[bool]] = [
            record[by].as_string() == any_(value(sorted(texts), ARRAY(Text))) for by, texts in wanted.items() if texts
        ]
        if not same:
            return []
        where = (delivery.c.target == self.target, delivery.c.entity == entity.name, or_(*same))
        query = select(delivery.c.key, record).where(*where).order_by(delivery.c.key).limit(_MOST_OTHERS)
        with self.ledger.transaction() as connection:
            return [(row.key, {**row.record}) for row in connection.execute(query) if row.record]


def looks_at(rule: Rule, field: str) -> bool:
    """Whether a rule looks at a field, alone or among others."""
    plain = (name.removesuffix("_plain") for name in rule.columns)
    return any(field.startswith(name[:-1]) if name.endswith("*") else field == name for name in plain)


def _of_product(standing: Standing, sku: str, sent: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a text knows of its product."""
    known = {
        **sent.get(sku, {}),
        **standing.facts.get(("product", sku), {}),
        **standing.values.get(("product", sku), {}),
    }
    return {
        name: one
        for name, one in known.items()
        if name in {"brand", "model", "category_code"} or name.startswith(PREFIX)
    }


def _frame(rows: list[dict[str, Any]]) -> "pd.DataFrame":
    """Raw rows, every cell as text; empty is missing."""
    import pandas as pd  # noqa: PLC0415

    names = dict.fromkeys(name for row in rows for name in row)
    cells = {name: [None if row.get(name) in {None, ""} else str(row[name]) for row in rows] for name in names}
    return pd.DataFrame(cells, columns=list(names)).astype("str")


def _problem(record: Record, row: Mapping[Any, Any], now: datetime) -> Problem:
    rule = RULES[row["rule"]]
    return Problem(
        *record, row["language"], rule.id, rule.question, row["severity"], row["value"], row["reason"], "", "", now, rule.minutes
    )  # fmt: skip
