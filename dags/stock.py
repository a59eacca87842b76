"""The stock, from the ERP and the tills into the shop, near real time.

**Why** What is sold, counted or received anywhere stands in the shop seconds later, counted once.
**When** All the time. A run listens for ten minutes, then the next one goes on where it ended. *stock_reconcile* reads everything.
**If it fails** What was delivered stays delivered, and the next run reads on from there. The failed task's log says what to do.
**Secrets** In the Airflow connections `erp` and `shop`, read inside the task only. The ledger keeps it to one writer at a time.
"""

from datetime import timedelta

from airflow.sdk import Asset, dag

from koppel import tasks
from koppel.tasks import Tag

FLOW = tasks.configured("stock")


@dag(
    schedule="@continuous",
    start_date=tasks.LONG_AGO,
    catchup=False,
    max_active_runs=1,
    max_consecutive_failed_dag_runs=10,
    default_args=tasks.default_args(),
    tags=[Tag.STOCK, Tag.CONTINUOUS],
    doc_md=__doc__,
)
def stock() -> None:
    """Listen, round after round."""
    # Down for as long as the pace is patient: somebody hears of it then, and not when the last try has failed an hour later.
    tasks.listen.override(
        outlets=[Asset("shop_stock")], retry_delay=timedelta(seconds=10), on_retry_callback=tasks.alert
    )(FLOW.name)


stock()
