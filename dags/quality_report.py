"""The data-quality report: how good the data is in a customer's eyes, what is held back and why, and who mends it.

**Why** Whoever looks after the data sees what a customer would see, in their own language, with what to do first.
**When** After each run of the catalogue. Mails: each owner who has something, once a day; managers once a week.
**If it fails** The report of yesterday stays where it is, and nothing in the shop depends on it. A mail that could not be sent is
sent by the next run.
**Secrets** In the Airflow connections `erp` and `smtp_default` (none: no mail is sent), read inside the tasks only.
"""

from airflow.sdk import Asset, dag

from data_quality.report import tasks as report
from koppel import tasks
from koppel.tasks import Tag

FLOW = tasks.configured("catalogue")


@dag(
    schedule=[Asset("shop_catalogue")],
    catchup=False,
    max_active_runs=1,
    default_args=tasks.default_args(),
    tags=[Tag.CATALOGUE, Tag.REPORT],
    doc_md=__doc__,
)
def quality_report() -> None:
    """Read the figures of trade, publish the report, mail it."""
    figures = report.trade(FLOW.name)
    published = report.publish.override(outlets=[Asset("quality_report")])(FLOW.target)
    figures >> published >> report.post(FLOW.target)


quality_report()
