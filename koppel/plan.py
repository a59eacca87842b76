"""The third step of a run: verdicts against the ledger give a plan, which a person can read before anything is sent."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from koppel.emptied import Emptied
from koppel.entities import ENTITIES, Entity, split_key, spoken
from koppel.ledger import UNSURE, Ledger
from koppel.ledger_states import GONE
from koppel.staging import Staging
from koppel.target import Kind
from koppel.verdicts import canonical, fingerprint

Decision = Literal["send", "unchanged", "held back", "failed", "withdrawn"]

PLAN = pa.schema(
    [
        ("key", pa.string()),
        ("decision", pa.string()),
        ("kind", pa.string()),  # create | update | withdraw, for what is sent
        ("reason", pa.string()),
        ("source_version", pa.int64()),  # null: look at the record again next time
        ("fingerprint", pa.string()),
        ("record", pa.string()),
        ("remote_id", pa.string()),
        ("modified_at", pa.timestamp("us", tz="UTC")),
        ("standing_fingerprint", pa.string()),  # what the target held when the plan was made
        ("since", pa.timestamp("us", tz="UTC")),  # kept where neither state nor reason changed
        ("since_run", pa.string()),
    ]
)
"""One row per record that a run looked at, or that vanished."""

_MISSING: dict[str, Any] = dict.fromkeys(
    ("state", "reason", "fingerprint", "remote_id", "modified_at", "since", "run_id")
)


@dataclass(slots=True)
class EntityPlan:
    """How many records of one entity a run read, and what it decided about them. ``withdraw`` are not among ``read``."""

    read: int = 0
    unchanged: int = 0
    create: int = 0
    update: int = 0
    held_back: int = 0
    failed: int = 0
    withdraw: int = 0
    standing: int = 0
    """Records of this entity that the target held before the run."""
    slices: int = 0
    emptied: dict[str, list[int]] = field(default_factory=dict)
    """Per place where too many records would fall to 0: how many, and of how many."""


@dataclass(slots=True)
class Plan:
    """The summary of a plan; the rows stand in the staging folder as ``plan/<entity>-<slice>``."""

    plan_id: str
    entities: dict[str, EntityPlan] = field(default_factory=dict)
    preparations: list[dict[str, Any]] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    """The limits that this plan is beyond, in sentences."""
    made_at: str = ""
    """When it was begun (ISO, UTC): what the ledger was told later, it does not know of."""

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Plan":
        """The summary that ``as_json`` gave."""
        entities = {name: EntityPlan(**counts) for name, counts in value["entities"].items()}
        return cls(value["plan_id"], entities, value["preparations"], value["beyond"], value["made_at"])

    @property
    def sends(self) -> int:
        """How many records would be sent."""
        return sum(plan.create + plan.update + plan.withdraw for plan in self.entities.values())


@dataclass(slots=True)
class Standing:
    """Which records will stand in the target, and whether they are fit, as far as this run decided it."""

    decided: dict[str, tuple[bool, bool, str]] = field(default_factory=dict)

    def note(self, row: dict[str, Any]) -> None:
        """Remember what was decided about a record: (will stand there, is fit, reason)."""
        stands = row["decision"] in {"send", "unchanged"} or row["standing_fingerprint"] not in {None, GONE}
        gone = row["decision"] == "withdrawn" or row["kind"] == "withdraw"
        fit = row["decision"] in {"send", "unchanged"} and not gone
        reason = row["reason"] or ("It left the source." if gone else "")
        self.decided[row["key"]] = (stands and not gone, fit, reason)


class Planner:
    """Makes the plan of one run, entity by entity in the order of the flow."""

    def __init__(
        self,
        ledger: Ledger,
        target: str,
        staging: Staging,
        languages: tuple[str, ...],
        normalise: Callable[[str], str],
        existing: set[str],
        emptied: dict[str, Emptied] | None = None,
    ) -> None:
        self._ledger, self._target, self._staging, self._languages = ledger, target, staging, languages
        self._normalise, self._existing = normalise, existing
        self._emptied = emptied or {}
        self._standing: dict[str, Standing] = {}
        self._fit_skus: set[str] = set()
        self._began: datetime | None = None

    def note_fit(self, entity: Entity) -> None:
        """Learn which SKUs have a passed record of ``entity`` in this run, for entities that need one."""
        for name in self._staging.names(f"judged/{entity.name}-*"):
            table = self._staging.read(name).select(["key", "verdict"])
            for key, verdict in zip(table["key"].to_pylist(), table["verdict"].to_pylist(), strict=True):
                if verdict == "passed":
                    self._fit_skus.add(split_key(entity, key)[-1])

    def plan(self, entity: Entity, extract: dict[str, Any], *, is_full: bool) -> EntityPlan:
        """Decide about every record of an entity that the run looked at; writes ``plan/<entity>-*``.

        ``is_full``: the run read everything, so what it did not see is not in the source.
        """
        counts = EntityPlan(extract["read"], extract["unchanged"], held_back=extract["still_held"])
        counts.standing = extract["known"]
        self._standing[entity.name] = Standing()
        # A small window is planned at once; everything takes minutes to read, in which another run may bring what is newer.
        self._began = datetime.fromisoformat(extract["began"]) if is_full else None
        collisions = self._collisions(entity)
        self._staging.clear(f"plan/{entity.name}-*")
        for rows in self._slices(entity, extract, is_full=is_full):
            decided = [self._note(entity, row) for row in self._decide(entity, rows, collisions)]
            if entity.name in self._emptied:
                decided = self._emptied[entity.name].weigh(decided)
            _count(decided, counts)
            _in_turn(entity, decided)
            name = f"plan/{entity.name}-{counts.slices:04d}"
            self._staging.write(name, pa.Table.from_pylist(decided, schema=PLAN))
            counts.slices += 1
        if entity.name in self._emptied:
            counts.emptied = {place: list(pair) for place, pair in self._emptied[entity.name].beyond().items()}
        return counts

    def _slices(self, entity: Entity, extract: dict[str, Any], *, is_full: bool) -> Iterator[list[dict[str, Any]]]:
        left = self._ledger.left_behind(self._target, entity.name) if entity.parent and is_full else set()
        left -= set(extract["duplicates"])
        for name in self._staging.names(f"judged/{entity.name}-*"):
            rows = self._staging.read(name).to_pylist()
            left -= {row["key"] for row in rows}
            yield rows
        twice = "The source holds this record more than once; Koppel can't know which one is right. Keep one of them."
        if extract["duplicates"]:
            yield [_verdict(key, "failed", twice) for key in extract["duplicates"]]
        vanished = self._staging.read(f"vanished/{entity.name}")["key"].to_pylist()
        vanished += self._below_returned(entity, left)
        if vanished:
            yield [_verdict(key, "vanished", "It left the source.") for key in vanished]

    def _below_returned(self, entity: Entity, left: set[str]) -> list[str]:
        """Of the records that went with their parent: those whose parent is back in the target, while they are not back."""
        skus = {key: split_key(entity, key)[-1] for key in left}
        parents = self._places(entity.parent, set(skus.values()))
        return sorted(key for key, sku in skus.items() if parents.get(sku, (False,))[0])

    def _note(self, entity: Entity, row: dict[str, Any]) -> dict[str, Any]:
        if entity.parent is None:
            self._standing[entity.name].note(row)
        return row

    def _decide(
        self, entity: Entity, rows: list[dict[str, Any]], collisions: dict[str, str]
    ) -> Iterator[dict[str, Any]]:
        known = self._ledger.standing(self._target, entity.name, (row["key"] for row in rows))
        skus = {row["key"]: split_key(entity, row["key"])[-1] for row in rows}
        parents = self._places(entity.parent, set(skus.values()))
        new_skus = {sku for key, sku in skus.items() if known.get(key, _MISSING)["fingerprint"] is None}
        fit = self._with_needed(entity, new_skus)
        named = self._named(entity, rows)
        for row in rows:
            key, old = row["key"], known.get(row["key"], _MISSING)
            if row["verdict"] == "vanished" and _is_brought_since(self._began, row, old):
                continue
            if row["verdict"] == "vanished":
                # Not strict: a row that had no key has a name of its own, which can't be split.
                record = canonical(dict(zip(entity.key, split_key(entity, key), strict=False)))
                yield _vanish({**row, "record": record}, old, parent_gone=not parents.get(skus[key], _STANDS)[0])
            elif row["verdict"] != "passed":
                yield _keep_out(row, old, row["verdict"], row["reason"])
            elif key in collisions:
                yield _keep_out(row, old, "failed", collisions[key])
            elif entity.needs and old["fingerprint"] is None and skus[key] not in fit:
                yield _keep_out(row, old, "held back", _NO_LANGUAGE, look_again=True)
            elif waits := _waits(entity, skus[key], parents):
                yield _keep_out(row, old, "held back", waits, look_again=True)
            else:
                is_there = entity.parent is None and self._normalise(key) in self._existing
                is_stale = _is_brought_since(self._began, row, old)
                yield _pass(entity, _only_standing(entity, row, named), old, is_there=is_there, is_overtaken=is_stale)

    def _with_needed(self, entity: Entity, skus: set[str]) -> set[str]:
        """Those of these new SKUs that have a fit record of the entity they need, in this run or in the target."""
        if not entity.needs:
            return set()
        rest = skus - self._fit_skus
        keys = [f"{language}:{sku}" for sku in rest for language in self._languages]
        rows = self._ledger.standing(self._target, entity.needs, keys).values()
        delivered = {row["key"].split(":", 1)[1] for row in rows if row["state"] == "delivered"}
        return (skus & self._fit_skus) | delivered

    def _named(self, entity: Entity, rows: list[dict[str, Any]]) -> dict[str, tuple[bool, bool, str]]:
        """Where the records that these rows refer to stand."""
        if entity.refers is None:
            return {}
        column, other = entity.refers
        records = (json.loads(row["record"]) for row in rows if row["record"])
        return self._places(other, {item[column] for record in records for item in record["rows"]})

    def _places(self, entity: str | None, keys: set[str]) -> dict[str, tuple[bool, bool, str]]:
        """Per key of another entity: (will stand in the target, is fit, why not); an unknown key is absent."""
        if entity is None:
            return {}
        decided = self._standing.get(entity, Standing()).decided
        found = {key: decided[key] for key in keys if key in decided}
        for key, row in self._ledger.standing(self._target, entity, keys - found.keys()).items():
            stands = _stands(row)
            found[key] = (stands, stands and row["state"] == "delivered", row["reason"])
        return found

    def _collisions(self, entity: Entity) -> dict[str, str]:
        """New keys that the target can't tell from another one, each with a sentence that names the other."""
        if entity.parent is not None:
            return {}
        new: list[str] = []
        for name in self._staging.names(f"judged/{entity.name}-*"):
            new += self._staging.read(name)["key"].to_pylist()
        known = self._ledger.standing(self._target, entity.name, new)
        by_form: dict[str, list[str]] = {}
        fresh = [key for key in new if not _stands(known.get(key, _MISSING))]
        for key in fresh:
            by_form.setdefault(self._normalise(key), []).append(key)
        others = self._ledger.standing_keys(self._target, entity.name) if fresh else []
        for key in others:
            if (form := self._normalise(key)) in by_form and key not in by_form[form]:
                by_form[form].append(key)
        said = "The target can't tell it from {}: it compares without case and accents. Give one of them another key."
        return {
            key: said.format(", ".join(repr(other) for other in keys if other != key))
            for keys in by_form.values()
            if len(keys) > 1
            for key in keys
            if not _stands(known.get(key, _MISSING))
        }


_STANDS = (True, True, "")


def _stands(row: dict[str, Any]) -> bool:
    """Whether the target holds a record, by the ledger's row of it."""
    return row["fingerprint"] not in {None, GONE} and row["state"] != "withdrawn"


_OLDER = "The source's version is older than the delivered one, which stays."
_OVERTAKEN = "Another run brought it while this one read, so what that brought stays."
_NO_LANGUAGE = "No language of it is fit for a customer yet; the findings of its texts say why."


def _waits(entity: Entity, sku: str, parents: dict[str, tuple[bool, bool, str]]) -> str | None:
    """Why a record that is fit itself must wait for its parent, or None."""
    if entity.parent is None:
        return None
    stands, fit, reason = parents.get(sku, (False, False, ""))
    if not stands:
        return f"It waits for its {entity.parent} {sku}, which the target does not hold. {reason}".strip()
    if entity.parent_must_be_fit and not fit:
        return f"It waits for its {entity.parent} {sku}, which is held back. {reason}".strip()
    return None


def _only_standing(entity: Entity, row: dict[str, Any], named: dict[str, tuple[bool, bool, str]]) -> dict[str, Any]:
    """The row without what refers to records that do not stand in the target; then it is looked at again next time."""
    if entity.refers is None:
        return row
    record = json.loads(row["record"])
    rows = [item for item in record["rows"] if named.get(item[entity.refers[0]], (False,))[0]]
    if len(rows) == len(record["rows"]):
        return row
    text = canonical({**record, "rows": rows})
    return row | {"record": text, "fingerprint": fingerprint(text), "source_version": None}


def _verdict(key: str, verdict: str, reason: str) -> dict[str, Any]:
    empty = dict.fromkeys(("source_version", "fingerprint", "record", "modified_at"))
    return {"key": key, "verdict": verdict, "reason": reason, **empty}


def _row(row: dict[str, Any], old: dict[str, Any], decision: Decision, **values: Any) -> dict[str, Any]:
    base = {name: row[name] for name in ("key", "source_version", "fingerprint", "record", "modified_at")}
    base |= {"remote_id": old["remote_id"], "standing_fingerprint": old["fingerprint"]}
    return base | {"decision": decision, "kind": None, "reason": "", "since": None, "since_run": None} | values


def _keep_out(
    row: dict[str, Any], old: dict[str, Any], decision: Any, reason: str, *, look_again: bool = False
) -> dict[str, Any]:
    """Held back or failed: what the target holds stays as it is, and ``since`` survives while the reason is the same."""
    values: dict[str, Any] = {"reason": reason}
    if look_again or decision == "failed":
        values["source_version"] = None
    if (old["state"], old["reason"]) == (decision, reason):
        values |= {"since": old["since"], "since_run": old["run_id"]}
    return _row(row, old, decision, **values)


def _is_brought_since(began: datetime | None, row: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whether another run brought the record to the target after this one began to read, and the source's time does not tell
    that what was read is newer all the same."""
    if began is None or old["state"] != "delivered" or old["fingerprint"] == UNSURE or old["since"] <= began:
        return False
    return not (row["modified_at"] and old["modified_at"] and row["modified_at"] > old["modified_at"])


def _pass(
    entity: Entity, row: dict[str, Any], old: dict[str, Any], *, is_there: bool, is_overtaken: bool
) -> dict[str, Any]:
    if row["source_version"] is None and not json.loads(row["record"]).get("rows"):
        named = f"of the {entity.refers[1]}s that it refers to" if entity.refers else "of its rows"
        reason = f"None {named} is in the target yet; each of them tells why itself."
        return _keep_out(row, old, "held back", reason, look_again=True)
    was_there = old["fingerprint"] is not None
    is_same = old["fingerprint"] == row["fingerprint"] and old["state"] != "withdrawn"
    is_older = bool(row["modified_at"] and old["modified_at"] and row["modified_at"] < old["modified_at"])
    if is_same or ((is_older or is_overtaken) and _stands(old)):
        reason = "" if is_same else _OLDER if is_older else _OVERTAKEN
        kept = {"since": old["since"], "since_run": old["run_id"]} if old["state"] == "delivered" else {}
        # An older version must not become the one that the next run finds unchanged.
        version = {} if is_same else {"source_version": None, "modified_at": old["modified_at"]}
        return _row(row, old, "unchanged", reason=reason, **kept, **version)
    kind: Kind = "update" if was_there or is_there else "create"
    if first := entity.first:
        record = json.loads(row["record"])
        if missing := [name for name in first if kind == "create" and not _is_above_zero(record.get(name))]:
            needed = ", ".join(spoken(name) for name in missing)
            reason = f"It is new and has no {needed} above 0. Fill it in where the source keeps it."
            return _keep_out(row, old, "held back", reason)
        if kind == "update":
            record = {name: value for name, value in record.items() if name not in first}
            row = {**row, "record": canonical(record)}
    return _row(row, old, "send", kind=kind)


def _is_above_zero(value: Any) -> bool:
    return value is not None and Decimal(str(value)) > 0


def _vanish(row: dict[str, Any], old: dict[str, Any], *, parent_gone: bool) -> dict[str, Any]:
    """A record that the target never took, or that goes with its parent, needs no request of its own."""
    if old["fingerprint"] in {None, GONE} or parent_gone:
        return _row(row, old, "withdrawn", reason=row["reason"])
    return _row(row, old, "send", kind="withdraw", reason=row["reason"])


def _in_turn(entity: Entity, rows: list[dict[str, Any]]) -> None:
    """Put the rows of a slice in the order in which they are sent."""
    if entity.key[0] == "language":  # one language after the other fills whole batches of a target per store view
        rows.sort(key=lambda row: str(row["key"]))
    if entity.oldest_first:
        rows.sort(key=lambda row: (row["modified_at"] is not None, row["modified_at"]))


def _count(rows: list[dict[str, Any]], counts: EntityPlan) -> None:
    for row in rows:
        name = row["kind"] if row["decision"] == "send" else row["decision"].replace(" ", "_")
        name = "withdraw" if name == "withdrawn" else name
        setattr(counts, name, getattr(counts, name) + 1)


def known_entities(names: Iterable[str]) -> list[Entity]:
    """The entities with these names, in this order."""
    return [ENTITIES[name] for name in names]
