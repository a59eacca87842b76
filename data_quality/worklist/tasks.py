"""The step of the DAG ``work_lists`` as an Airflow task. Nothing slow is imported here, as in ``koppel.tasks``."""

from airflow.sdk import task


@task
def pick_up() -> dict[str, int]:
    """Look at the work lists that were dropped; gives how many wait for a yes, were accepted and could not be read."""
    from data_quality.worklist import folder  # noqa: PLC0415
    from koppel.ledger import Ledger, now  # noqa: PLC0415
    from koppel.settings import Settings  # noqa: PLC0415

    picked = folder.pick_up(Ledger.from_environment(), Settings.load(), now())
    accepted = sum(1 for one in picked if one.result is not None)
    unreadable = sum(1 for one in picked if one.preview is not None and one.preview.refusal is not None)
    return {"waiting": len(picked) - accepted - unreadable, "accepted": accepted, "unreadable": unreadable}
