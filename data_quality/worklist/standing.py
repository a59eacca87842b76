"""What stands in the ledger of the records that a work list is about: values, corrections, findings and what is accepted."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from sqlalchemy import Text, any_, select
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import ARRAY

from data_quality.catalogue import RULES
from data_quality.report.model import Problem
from koppel import corrections
from koppel.entities import ENTITIES, split_key
from koppel.ledger import Ledger
from koppel.ledger_quality import judgement
from koppel.ledger_schema import finding

Record = tuple[str, str]
"""Entity and ledger key."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Per record what stands now. ``values``: as the source has them, of records in which something was found."""

    values: Mapping[Record, Mapping[str, str]]
    facts: Mapping[Record, Mapping[str, Any]]
    """Of every record that the source holds; one that is not here is gone."""
    overrides: Mapping[tuple[str, str, str], Mapping[str, Any]] = field(default_factory=dict)
    """Active corrections by entity, key and field."""
    waived: frozenset[tuple[str, str, str]] = frozenset()
    """What is accepted as correct: entity, key and rule."""
    found: Mapping[Record, tuple[Problem, ...]] = field(default_factory=dict)

    def source(self, entity: str, key: str, name: str) -> str | None:
        """What the source has in a field, as far as the last run saw; None: nobody kept it, for nothing was found there."""
        kept = self.values.get((entity, key), {}).get(name)
        override = self.overrides.get((entity, key, name))
        return kept if kept is not None or override is None else str(override["source_now"])

    def shown(self, entity: str, key: str, name: str) -> str | None:
        """What a customer gets: the correction where there is one, else what the source has."""
        override = self.overrides.get((entity, key, name))
        return str(override["value"]) if override is not None else self.source(entity, key, name)

    def digest(self, entity: str, key: str, name: str) -> str:
        """A hash (64 bits, hex) of what stands in a field, in the source and as a correction; it tells whether one moved on."""
        override = self.overrides.get((entity, key, name))
        both = [self.source(entity, key, name), override and override["value"]]
        return blake2b(json.dumps(both).encode(), digest_size=8).hexdigest()

    def corrected(self) -> dict[Record, dict[str, str]]:
        """Per record its fields with the corrections in their place."""
        return {
            (entity, key): {name: self.shown(entity, key, name) or "" for name in fields}
            for (entity, key), fields in self.values.items()
        }


def with_products(records: Iterable[Record]) -> set[Record]:
    """Records, and the products that texts among them are about."""
    wanted = set(records)
    return wanted | {("product", split_key(ENTITIES[e], k)[-1]) for e, k in wanted if e == "product_text"}


def standing(ledger: Ledger, target: str, records: Iterable[Record]) -> Standing:
    """What stands of these records. Raises LedgerDown."""
    wanted = set(records)
    keys = sorted({key.replace("\x00", "") for _, key in wanted})
    judged = _rows(ledger, judgement, target, keys)
    found: dict[Record, list[Problem]] = {}
    for row in _rows(ledger, finding, target, keys):
        found.setdefault((row["entity"], row["key"]), []).append(_problem(row))
    return Standing(
        values={
            (row["entity"], row["key"]): {name: str(text or "") for name, text in row["values"].items()}
            for row in judged
            if row["values"] is not None
        },
        facts={(row["entity"], row["key"]): row["facts"] for row in judged},
        overrides={
            (row["entity"], row["key"], row["field"]): row
            for row in corrections.standing(ledger, target)
            if (row["entity"], row["key"]) in wanted
        },
        waived=frozenset((row["entity"], row["key"], row["rule"]) for row in corrections.waivers(ledger, target)),
        found={record: tuple(problems) for record, problems in found.items()},
    )


def _rows(ledger: Ledger, table: Any, target: str, keys: list[str]) -> list[dict[str, Any]]:
    where = (table.c.target == target, table.c.key == any_(value(keys, ARRAY(Text))))
    with ledger.transaction() as connection:
        return [dict(row) for row in connection.execute(select(table).where(*where)).mappings()]


def _problem(row: Mapping[str, Any]) -> Problem:
    rule = RULES.get(row["rule"])
    return Problem(
        row["entity"], row["key"], row["language"], row["rule"], rule.question if rule else "", row["severity"],
        row["value"], row["reason"], "", "", row["since"], rule.minutes if rule else 0,
    )  # fmt: skip
