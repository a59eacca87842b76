"""What judging takes from the ledger and leaves there: what the target was last sent, and what was found now."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from koppel.entities import Entity
from koppel.ledger import now
from koppel.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from koppel.verdicts import Slice

STAGED = ("judged", "findings", "judgement", "decided")
"""Where the tables of a judged slice are staged, in the order of ``koppel.verdicts.Slice``."""


def previous(run: Run, entity: Entity, keys: list[str]) -> "pd.DataFrame | None":
    """What the target was last sent, as ``previous_*`` columns, for entities whose rules compare with it."""
    if not entity.previous:
        return None
    import pandas as pd

    standing = run.ledger.standing(run.target_name, entity.name, keys, with_record=True)
    rows = [
        {"key": key, **{new: _typed(entity, old, row["record"][old]) for old, new in entity.previous.items()}}
        for key, row in standing.items()
        if row["record"] and all(old in row["record"] for old in entity.previous)
    ]
    return pd.DataFrame(rows, columns=["key", *entity.previous.values()], dtype=object)


def _typed(entity: Entity, name: str, value: Any) -> Any:
    """A value of a stored record as the frame has it: money exact, numbers as they are."""
    from decimal import Decimal

    column = entity.column(name)
    return Decimal(value) if column is not None and column.dtype == "money" else value


def stage(run: Run, entity: Entity, number: int, found: "Slice") -> None:
    """Keep what came of a slice until it is planned and delivered."""
    for folder, table in zip(STAGED, found, strict=True):
        run.staging.write(f"{folder}/{entity.name}-{number:04d}", table)


def write(run: Run, entity: Entity, planned_at: datetime) -> None:
    """Findings and judgements of all judged keys are now those of this run; a finding that was there keeps its since.

    What failed has no judgement. What left the source, or stands in it twice, was not judged: nothing is known of it any more.
    What another run judged after ``planned_at`` stays: a plan may have waited for a person for days.
    """
    for name in run.staging.names(f"judged/{entity.name}-*"):
        found = run.staging.read(name.replace("judged/", "findings/")).to_pylist()
        keys = run.staging.read(name)["key"].to_pylist()
        _replace(run, entity, keys, found, name.replace("judged/", "judgement/"), planned_at)
    gone = _gone(run, entity) + run.staging.read_json(f"extract/{entity.name}")["duplicates"]
    if gone:
        _replace(run, entity, gone, [], "", planned_at)


def _gone(run: Run, entity: Entity) -> list[str]:
    """What left the source, as the plan has it: without what another run brought while this one read."""
    vanished = set(run.staging.read(f"vanished/{entity.name}")["key"].to_pylist())
    if not vanished:
        return []
    gone: set[str] = set()
    for name in run.staging.names(f"plan/{entity.name}-*"):
        gone.update(vanished.intersection(run.staging.read(name)["key"].to_pylist()))
    return sorted(gone)


def _replace(
    run: Run, entity: Entity, keys: list[str], found: list[dict[str, Any]], judgement: str, planned_at: datetime
) -> None:  # fmt: skip
    """``judgement``: the staged table; empty, or of a plan that an earlier Koppel made: there is none."""
    from koppel.judgements import JUDGEMENTS, keeps

    moment = now()
    place = {"target": run.target_name, "entity": entity.name, "run_id": run.run_id, "since": moment}
    findings = {(row["key"], row["language"], row["rule"]): {**row, **place} for row in found}
    judgements = None
    if keeps(entity):
        is_staged = judgement and run.staging.has(f"{judgement}.parquet")
        table = run.staging.read(judgement) if is_staged else JUDGEMENTS.empty_table()
        judgements = (table, run.run_id, moment)
    run.ledger.replace_findings(
        run.target_name, entity.name, keys, list(findings.values()), judgements, as_of=planned_at
    )
