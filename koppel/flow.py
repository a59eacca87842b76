"""The steps of a flow as plain functions; Airflow's tasks and the command line call the same ones, in this order:

begin -> extract (per entity) -> judge (per slice) -> plan -> deliver -> reconcile
"""

import logging
import secrets
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from koppel import correcting, judged, registry
from koppel.entities import ENTITIES, Entity
from koppel.errors import ConfigError, KoppelError, LimitExceeded, SourceEmpty
from koppel.ledger import Ledger, now
from koppel.run import Run
from koppel.settings import Settings
from koppel.target import Preparation
from koppel.window import Window

if TYPE_CHECKING:
    from pathlib import Path

    from koppel.plan import Plan

log = logging.getLogger(__name__)


def begin(
    flow: str,
    window: Window,
    *,
    dry_run: bool = False,
    trigger: str = "schedule",
    target: str = "",
    settles: bool = True,
) -> str:
    """Settle what an interrupted run left, open a run and return its id. ``target`` stands in for the flow's own target.

    ``settles``: False leaves that to whoever goes on, as it needs the target.
    """
    from koppel.delivery import settle_if_idle

    settings = Settings.load()
    wanted = settings.flow(flow)
    unknown = [name for name in wanted.entities if name not in ENTITIES]
    if unknown:
        raise ConfigError(f"[flows.{flow}] names unknown entities: {unknown}.", do=f"There are: {', '.join(ENTITIES)}.")
    if len({ENTITIES[name].lane for name in wanted.entities}) > 1:
        raise ConfigError(
            f"[flows.{flow}] mixes entities that have writers of their own.",
            do="Give each lane a flow: stock_level stands alone.",
        )
    name = target or wanted.target
    settings.target(name)
    registry.check_gate(settings)
    if settles and not dry_run:
        # Before anything is read: what a killed run had under way may stand in the target, and no longer in the source.
        settle_if_idle(Ledger.from_environment(), registry.target(settings, name), ENTITIES[wanted.entities[0]].lane)
    run_id = f"{flow}-{now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    Ledger.from_environment().begin_run(
        run_id=run_id, flow=flow, source=wanted.source, target=name,
        read_window=window.as_json(), is_dry_run=dry_run, asked_by=trigger,
    )  # fmt: skip
    if not dry_run:
        correcting.expire(Ledger.from_environment(), name, run_id, now())
    log.info("Run %s: %s from %s to %s", run_id, flow, wanted.source, name)
    return run_id


def since_cursor(flow: str, target: str = "") -> Window:
    """The window that starts where the flow's source was last read for its target (or for ``target``), less the overlap;
    everything, where there is no cursor."""
    from datetime import timedelta

    settings = Settings.load()
    wanted = settings.flow(flow)
    ledger = Ledger.from_environment()
    cursors = [ledger.cursor(wanted.source, target or wanted.target, entity) for entity in wanted.entities]
    known = [cursor for cursor in cursors if cursor is not None]
    if len(known) < len(cursors):
        return Window()
    overlap = timedelta(minutes=float(settings.source(wanted.source).options.get("overlap_minutes", 10)))
    return Window(since=min(known) - overlap)


def compare(run_id: "str | Run") -> dict[str, int]:
    """Read the target back; what it holds otherwise than delivered is sent again by this run. Gives what was found, counted.

    A dry run only counts. What the target holds besides (orphans) is counted and left alone.
    """
    from collections import Counter
    from itertools import islice

    from koppel.audit import audit

    run = Run.of(run_id)
    counts: Counter[str] = Counter()
    for entity in run.entities:
        differences = audit(run.ledger, run.target, entity)
        while found := list(islice(differences, 1000)):
            counts.update(one.difference for one in found)
            keys = [one.key for one in found if one.difference != "orphan"]
            if keys and not run.row["is_dry_run"]:
                run.ledger.doubt(run.target_name, entity.name, keys)
    log.info("%s against the ledger: %s", run.target_name, dict(counts) or "no difference")
    return dict(counts)


def extract(run_id: "str | Run", entity: str, *, with_waiting: bool = True) -> list[dict[str, Any]]:
    """Read an entity and stage what changed; returns the slices, each ``{"entity", "number", "rows"}``.

    ``with_waiting``: a window that starts at a cursor also brings what failed or waits.
    """
    from koppel.changes import find_changes

    run = Run.of(run_id)
    for step in ("raw", *judged.STAGED):  # a first try may have had more slices than this one
        run.staging.clear(f"{step}/{entity}-*")
    found = find_changes(
        run.source, run.target_name, ENTITIES[entity], run.window, run.ledger, run.staging, run.salt,
        with_waiting=with_waiting,
    )  # fmt: skip
    log.log(
        run.log_level, "%s: %d read, %d unchanged, %d to look at", entity, found.read, found.unchanged, found.staged
    )
    return found.slices


def judge(run_id: "str | Run", piece: dict[str, Any]) -> dict[str, Any]:
    """Transform and judge one slice; returns how many records passed, are held back and failed."""
    import polars as pl

    from koppel.verdicts import judge_slice

    run = Run.of(run_id)
    entity, number = ENTITIES[piece["entity"]], piece["number"]
    raw = pl.DataFrame(pl.from_arrow(run.staging.read(f"raw/{entity.name}-{number:04d}")))
    twice = run.staging.read_json(f"extract/{entity.name}")["duplicates"]
    keys = raw["_key"].to_list()
    previous = judged.previous(run, entity, keys)
    found = judge_slice(entity, raw, twice, _steps(run, entity, number, keys), previous)
    judged.stage(run, entity, number, found)
    counts = found.verdicts["verdict"].value_counts().to_pylist()
    return {"entity": entity.name, "number": number, **{item["values"]: item["counts"] for item in counts}}


def _steps(run: Run, entity: Entity, number: int, keys: list[str]) -> Any:
    from koppel.judging import Context
    from koppel.verdicts import Steps

    settings = run.settings
    decided = correcting.decided(run.ledger, run.target_name, entity.name, keys, now())
    options = {**settings.values.get("transform", {}), **settings.values.get("gate", {})}
    docs = _appendix(settings) / run.flow.name / entity.name if number == 0 and run.has_appendix else None
    context = Context(settings.languages, settings.root, options, settings.properties, docs, decided.waivers)
    owned_elsewhere = settings.values.get("ownership", {}).get(entity.name, {})
    not_owned = frozenset(column for column, owner in owned_elsewhere.items() if owner != run.row["source"])
    return Steps(
        registry.transform(entity.name), registry.gate(settings), context,
        registry.reader(entity.name), settings.media_root, not_owned, decided,
    )  # fmt: skip


def _appendix(settings: Settings) -> "Path":
    """The folder of the gates' technical appendix, with the page that leads into it."""
    return settings.state_root / "data-docs"


def plan(run_id: "str | Run") -> dict[str, Any]:
    """Make the plan and write it down; raises LimitExceeded, before the first request, when a person must decide."""
    from koppel.appendix import write_index
    from koppel.delivery import settle_if_idle
    from koppel.limits import beyond
    from koppel.plan import Plan, Planner
    from koppel.plan_text import as_table

    run = Run.of(run_id)
    _check_keys(run)
    if run.has_appendix:
        write_index(_appendix(run.settings))  # here, for the plan may wait for a person, who wants to look
    if not run.row["is_dry_run"]:
        settle_if_idle(run.ledger, run.target, run.lane)
    made = Plan(run.run_id, made_at=now().isoformat())
    existing = _existing(run)
    planner = Planner(
        run.ledger,
        run.target_name,
        run.staging,
        run.settings.languages,
        run.target.normalise_key,
        existing,
        run.emptied,
    )
    for entity in run.entities:
        if entity.needs in run.flow.entities:
            planner.note_fit(ENTITIES[entity.needs])
        extracted = run.staging.read_json(f"extract/{entity.name}")
        made.entities[entity.name] = planner.plan(entity, extracted, is_full=run.window.is_full)
        made.preparations += [asdict(one) for one in run.target.preparations(entity, _records(run, entity))]
    adopted = sum(counts.update for counts in made.entities.values()) if existing else 0
    made.beyond = beyond(made, run.flow.limits, is_full=run.window.is_full, adopted=adopted)
    run.staging.write_json("plan", made.as_json())
    where = run.staging.write_text("plan.txt", as_table(made))
    log.log(run.log_level, "Plan %s (%s)\n%s", run.run_id, where, as_table(made))
    if made.beyond and not run.row["is_dry_run"]:
        run.ledger.end_run(run.run_id, "waiting", error=" ".join(made.beyond))
        raise LimitExceeded(
            " ".join(made.beyond),
            kept="Nothing was sent; the target is as it was.",
            do=f"Read the plan ({where}); if it is right: koppel run {run.flow.name} --accept {run.run_id}",
        )
    return made.as_json()


def _check_keys(run: Run) -> None:
    """Some keys were asked for and none was found: a run that does nothing must not look as if it had done it."""
    keys = run.window.keys
    if keys and not any(run.staging.read_json(f"extract/{entity.name}")["read"] for entity in run.entities):
        raise SourceEmpty(
            f"The source holds none of these keys: {', '.join(keys[:20])}{' and more' * (len(keys) > 20)}.",
            kept="Nothing was sent.",
            do="Are they spelled as in the source? What left the source is withdrawn by a run of everything.",
        )


def _existing(run: Run) -> set[str]:
    """On a first run the keys that the target already holds, in the target's own form; later nothing: the ledger knows."""
    tops = [entity for entity in run.entities if entity.parent is None and not entity.many]
    found: set[str] = set()
    for entity in tops:
        if run.ledger.knows_nothing_of(run.target_name, entity.name):
            for page in run.target.read_all(entity):
                found |= {run.target.normalise_key(key) for key, _ in page}
    return found


def _records(run: Run, entity: Entity) -> Iterator[dict[str, Any]]:
    import json

    for name in run.staging.names(f"plan/{entity.name}-*"):
        for rows in run.staging.batches(name, 10_000):
            yield from (json.loads(row["record"]) for row in rows if row["decision"] == "send" and row["record"])


def deliver(run_id: "str | Run") -> dict[str, Any]:
    """Bring the plan to the target; in a dry run nothing is sent. May be called again after any interruption.

    ``overtaken``: how many records were left out, because another run brought them since the plan was made.
    """
    from koppel.delivery import Delivery

    run = Run.of(run_id)
    if run.row["is_dry_run"]:
        return {"sent": False, "overtaken": 0}
    made = _plan(run)
    planned_at = datetime.fromisoformat(made.made_at)
    for entity in run.entities:
        judged.write(run, entity, planned_at)
        correcting.finish(run.ledger, run.target_name, run.staging, entity, run.run_id, now())
    preparations = [Preparation(**one) for one in made.preparations]
    delivery = Delivery(run.ledger, run.target, run.staging, run.run_id, planned_at, run.window.since)
    delivery.run(run.entities, preparations)
    return {"sent": True, "overtaken": delivery.overtaken}


def reconcile(run_id: str) -> dict[str, Any]:
    """Check that every record is accounted for, move the cursors and close the run; returns counts per entity."""
    from koppel.housekeeping import forget_unknown, overtake, tidy

    run = Run(run_id)
    made = _plan(run)
    if run.row["is_dry_run"]:
        run.ledger.end_run(run_id, "dry run", counts=made.as_json()["entities"])
        return made.as_json()["entities"]  # type: ignore[no-any-return]
    counts = account(run, made)
    run.ledger.end_run(run_id, "reconciled", counts=counts)
    if run.window.is_full:
        overtake(run.ledger, run_id)
        forget_unknown(run.ledger, run.target_name, run.flow.entities)
    tidy(run.ledger, run.settings)
    return counts


def account(run: Run, made: "Plan") -> dict[str, dict[str, int]]:
    """Check a delivered plan against the ledger and move the cursors; counts per entity."""
    from koppel.reconcile import reconcile as check

    plans = {entity: made.entities[entity.name] for entity in run.entities}
    counts = check(run.ledger, run.target_name, run.staging, run.run_id, plans, is_full=run.window.is_full)
    for entity in run.entities:
        _move_cursor(run, entity)
        run.source.accounted(entity, run.run_id)
    return counts


def _move_cursor(run: Run, entity: Entity) -> None:
    """The source was read up to its newest record, if this run began where an earlier one had ended.

    A record from the future moves it to the begin of this run only, or whatever changes until then would never be read.
    """
    place, window = (run.row["source"], run.target_name, entity.name), run.window
    newest = run.staging.read_json(f"extract/{entity.name}")["newest"]
    known = run.ledger.cursor(*place)
    leaves_a_gap = window.since is not None and (known is None or known < window.since)
    if newest and not window.keys and window.until is None and not leaves_a_gap:
        value = min(datetime.fromisoformat(newest), run.read_at)
        run.ledger.move_cursor(*place, value, run.run_id)


def accept(run_id: str, who: str) -> dict[str, Any]:
    """Deliver a plan that waited for a person, exactly as it was made; what changed meanwhile is left to the next run."""
    run = Run(run_id)
    if run.row["status"] != "waiting":
        raise ConfigError(
            f"Run {run_id} does not wait for anybody; it is {run.row['status']}.",
            do="See koppel runs. A plan is overtaken when a later run of everything came to its end.",
        )
    run.ledger.approve(run_id, who, "accepted")
    deliver(run_id)
    return reconcile(run_id)


def fail(run_id: str, error: BaseException | str) -> None:
    """Close a run that an error ended; a plan that waits for a person stays waiting."""
    run = Run(run_id)
    if run.row["status"] in {"running", "interrupted"}:  # a run that was taken for dead may say how it ended after all
        run.ledger.end_run(run_id, "failed", error=str(error)[:2000])


def run_here(run_id: str) -> Iterator[tuple[str, Any]]:
    """All steps in this process, one after the other; yields (step, what it returned) for a progress display."""
    run = Run(run_id)
    try:
        for entity in run.flow.entities:
            pieces = extract(run_id, entity)
            yield f"extract {entity}", pieces
            for piece in pieces:
                yield f"judge {entity}", judge(run_id, piece)
        yield "plan", plan(run_id)
        yield "deliver", deliver(run_id)
        yield "reconcile", reconcile(run_id)
    except (Exception, KeyboardInterrupt) as error:
        fail(run_id, error if isinstance(error, KoppelError) else f"{type(error).__name__}: {error}")
        raise


def _plan(run: Run) -> "Plan":
    from koppel.plan import Plan

    if not run.staging.has("plan.json"):
        raise ConfigError(f"Run {run.run_id} has no plan.", do="Start the flow again.")
    return Plan.from_json(run.staging.read_json("plan"))
