"""The steps of the DAG ``quality_report`` as Airflow tasks. Nothing slow is imported here, as in ``koppel.tasks``."""

from airflow.sdk import task


@task
def trade(flow: str) -> int:
    """Read from the ERP what the business knows of each product: supplier, revenue, value of the stock; gives how many."""
    from koppel import trade as figures  # noqa: PLC0415
    from koppel.settings import Settings  # noqa: PLC0415

    return figures.refresh(Settings.load(), flow)


@task(trigger_rule="all_done")  # an ERP that is down for the figures of trade must not keep the report away
def publish(target: str) -> str:
    """Write down today's scores and publish the report in every language; gives its name."""
    from data_quality.report.making import make  # noqa: PLC0415
    from koppel.ledger import Ledger, now  # noqa: PLC0415
    from koppel.settings import Settings  # noqa: PLC0415

    return make(Ledger.from_environment(), Settings.load(), now(), target=target).name


@task
def post(target: str) -> dict[str, int]:
    """Mail each owner who has something, once a day, and the managers once a week; gives how many mails went out."""
    from data_quality.report import posting  # noqa: PLC0415
    from koppel.ledger import Ledger, now  # noqa: PLC0415
    from koppel.settings import Settings  # noqa: PLC0415

    return posting.post(Ledger.from_environment(), Settings.load(), target, now())
