"""What every flow's DAG is made of: the steps as Airflow tasks, the trigger form, the retries, and who hears of a failure.

Nothing slow is imported here: the steps import ``koppel.flow`` when they run, so that a DAG file is read in milliseconds.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from airflow.sdk import (
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from koppel.errors import KoppelError, LedgerDown, SourceDown, TargetDown
from koppel.settings import FlowSettings, Settings
from koppel.window import Window

log = logging.getLogger(__name__)


class Tag(StrEnum):
    """The tags that a DAG may carry, so that the list of DAGs can be filtered by them."""

    CATALOGUE = "catalogue"
    PRICES = "prices"
    STOCK = "stock"
    NIGHTLY = "nightly"
    CONTINUOUS = "continuous"
    REPORT = "report"


# What waiting can mend is tried again; anything else waits for a person at once.
_WAITING_HELPS = RetryRule(
    [SourceDown, TargetDown, LedgerDown], RetryAction.RETRY, reason="not reachable, runs again by itself"
)
_WAITING_IS_IN_VAIN = RetryRule(KoppelError, RetryAction.FAIL, reason="the same would happen again: see the error")


def configured(name: str) -> FlowSettings:
    """A flow of config/koppel.toml: its entities, and its target, whose name is also the name of its pool."""
    return Settings.load().flow(name)


def nightly(hour: int, minute: int = 0) -> CronTriggerTimetable:
    """Every day at this time (UTC), and never at once for a time that has passed when the DAG is switched on."""
    return CronTriggerTimetable(f"{minute} {hour} * * *", timezone="UTC", run_immediately=timedelta())


def every(minutes: int) -> CronTriggerTimetable:
    """Every so many minutes of an hour, and never at once for a time that has passed when the DAG is switched on."""
    return CronTriggerTimetable(f"*/{minutes} * * * *", timezone="UTC", run_immediately=timedelta())


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
"""A continuous DAG needs a start: without one Airflow gives its first run an interval of no length, and no second run."""


def default_args() -> dict[str, Any]:
    """What holds for each task: who owns it, how often and when it is tried again, and who is told when it fails for good."""
    return {
        "owner": "koppel",
        "retries": 4,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=15),
        "retry_policy": ExceptionRetryPolicy(rules=[_WAITING_HELPS, _WAITING_IS_IN_VAIN]),
        "execution_timeout": timedelta(hours=6),
        "on_failure_callback": alert,
    }


def params() -> dict[str, Param]:
    """The trigger form: what to read, and whether to deliver. Untouched, it means everything; what did not change costs a hash."""
    time: dict[str, Any] = {"type": ["null", "string"], "format": "date-time"}
    return {
        "since": Param(None, title="Changed since", description="Read what the source changed at or after this time.", **time),
        "until": Param(None, title="Changed until", description="Read what the source changed at or before this time.", **time),
        "keys": Param(
            [], type=["null", "array"], items={"type": "string"}, title="Keys",
            description="Read only these records, one key (such as a SKU) per line.",
        ),
        "dry_run": Param(
            False, type="boolean", title="Dry run", description="Read, judge and plan; send nothing to the target."
        ),
    }  # fmt: skip


# Their parameter is called ``run``, as Airflow keeps ``run_id`` for itself.


@task
def begin(flow_name: str) -> str:
    """Open a run in the ledger and give its id."""
    from koppel import flow as engine

    context = get_current_context()
    form = context["params"]
    asked_by = f"Airflow ({getattr(context['dag_run'].run_type, 'value', 'unknown')})"
    return engine.begin(flow_name, window(form), dry_run=bool(form.get("dry_run")), trigger=asked_by)


@task
def listen(flow_name: str) -> dict[str, dict[str, int]]:
    """Bring what changes to the target at once, for one period; the next run of the DAG goes on from there."""
    from koppel import live

    return live.listen(flow_name, trigger="Airflow (continuous)")


@task
def compare(run: str) -> dict[str, int]:
    """Read the target back: what it holds otherwise than delivered goes again with this run."""
    from koppel import flow as engine

    return engine.compare(run)


@task(map_index_template="{{ task.op_kwargs['entity'] }}")
def extract(run: str, entity: str) -> list[dict[str, Any]]:
    """Read one entity and stage what changed, in slices of bounded size."""
    from koppel import flow as engine

    return engine.extract(run, entity)


@task
def slices(extracted: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The slices of all entities in one list, a task for each."""
    return [one for entity in extracted for one in entity]


@task(map_index_template="{{ task.op_kwargs['part']['entity'] }} {{ task.op_kwargs['part']['number'] }}")
def judge(run: str, part: dict[str, Any]) -> dict[str, Any]:
    """Transform one slice and judge it by the rules."""
    from koppel import flow as engine

    return engine.judge(run, part)


@task(trigger_rule="none_failed")  # nothing changed means no slices, and then judging is skipped
def plan(run: str) -> dict[str, Any]:
    """Compare with the ledger; a plan beyond its limits ends here, before the first request."""
    from koppel import flow as engine

    return engine.plan(run)


@task
def deliver(run: str) -> dict[str, Any]:
    """Bring the plan to the target."""
    from koppel import flow as engine

    return engine.deliver(run)


@task
def reconcile(run: str) -> dict[str, Any]:
    """Check that every record that was read is accounted for."""
    from koppel import flow as engine

    context = get_current_context()
    counts = engine.reconcile(run)
    if context["params"].get("dry_run"):
        raise AirflowSkipException(f"Dry run: nothing was delivered, so no asset is updated. {counts}")
    return counts


def window(form: Mapping[str, Any]) -> Window:
    """The window that the trigger form asks for; a time without a zone is UTC."""
    keys = tuple(dict.fromkeys(key.strip() for key in form.get("keys") or () if key.strip()))
    return Window(since=_time(form.get("since")), until=_time(form.get("until")), keys=keys)


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def alert(context: Mapping[str, Any]) -> None:
    """A task failed: close the run in the ledger with the reason, log it, and mail it where mail is set up."""
    from koppel import flow as engine

    instance, error = context["ti"], context.get("exception")
    reason = str(error) if error else "The task ended without saying why; its log tells how far it came."
    log.error("%s of %s failed: %s", instance.task_id, instance.dag_id, reason)
    run = instance.xcom_pull(task_ids="begin")
    if run:
        engine.fail(run, f"{instance.task_id}: {reason}")
    receivers = list(Settings.load().values.get("alerts", {}).get("mail_to", ()))
    if receivers:
        _mail(receivers, context, reason)


def _mail(receivers: list[str], context: Mapping[str, Any], reason: str) -> None:
    """Mail through the connection ``smtp_default``. The reason is a value and not part of the template: it may quote a source."""
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    notifier = SmtpNotifier(
        to=receivers,
        subject="Koppel: {{ ti.dag_id }} failed at {{ ti.task_id }}",
        html_content="<p>{{ reason | e }}</p><p>Run {{ run_id | e }}. What was delivered before stays delivered.</p>",
    )
    try:
        notifier({**context, "reason": reason})
    except Exception:
        # The task has failed already, and whatever is wrong with the mail must not stand before that reason.
        log.exception("The failure could not be mailed; look at the connection smtp_default.")
