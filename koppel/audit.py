"""Reads a target back and compares it with what the ledger says was delivered; mends nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from koppel.entities import Entity
from koppel.ledger import Ledger
from koppel.target import Record, Target

Difference = Literal["drift", "orphan", "missing"]


@dataclass(frozen=True, slots=True)
class Found:
    """One difference. drift: a field is not what we delivered · orphan: the target holds what no source of ours knows ·
    missing: delivered, and not there any more."""

    difference: Difference
    entity: str
    key: str
    field: str = ""
    delivered: Any = None
    there: Any = None


def audit(ledger: Ledger, target: Target, entity: Entity) -> Iterator[Found]:
    """The differences of one entity, page by page; only fields that were delivered are compared."""
    seen: set[str] = set()
    forms = {target.normalise_key(key): key for key in ledger.standing_keys(target.name, entity.name)}
    for page in target.read_all(entity):
        named = [(forms.get(target.normalise_key(key)), key, record) for key, record in page]
        standing = ledger.standing(target.name, entity.name, [key for key, _, _ in named if key], with_record=True)
        known = ledger.standing(target.name, entity.name, [there_key for key, there_key, _ in named if not key])
        for key, there_key, record in named:
            row = standing.get(key) if key else None
            if row is None or key is None:
                if there_key not in known:
                    yield Found("orphan", entity.name, there_key)
                continue
            seen.add(key)
            yield from _drift(entity, key, row["record"] or {}, record)
    for key in sorted(set(forms.values()) - seen):
        yield Found("missing", entity.name, key)


def _drift(entity: Entity, key: str, delivered: Record, there: Record) -> Iterator[Found]:
    for name in sorted(delivered.keys() & there.keys() - set(entity.key)):
        if not _is_same(delivered[name], there[name]):
            yield Found("drift", entity.name, key, name, delivered[name], there[name])


def _is_same(one: Any, other: Any) -> bool:
    """Equal, where a number may have come back as text, and rows in another order or without some of their fields."""
    if isinstance(one, list) and isinstance(other, list):
        shared = _fields(one) & _fields(other)
        pairs = zip(_in_order(one, shared), _in_order(other, shared), strict=True) if len(one) == len(other) else ()
        return len(one) == len(other) and all(
            _is_same(left.get(name), right.get(name)) for left, right in pairs for name in shared
        )
    if one == other:
        return True
    try:
        return abs(float(one) - float(other)) < 1e-4
    except (TypeError, ValueError):
        return False


def _fields(rows: list[Record]) -> set[str]:
    return {name for row in rows for name in row}


def _in_order(rows: list[Record], names: set[str]) -> list[Record]:
    return sorted(rows, key=lambda row: [str(row.get(name, "")) for name in sorted(names)])
