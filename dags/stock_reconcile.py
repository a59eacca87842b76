"""All of the stock, compared with what the shop really holds and brought there, every night.

**Why** What slipped through (a figure changed by hand in the shop, a signal that was lost) is right again by the morning.
**When** At 04:00 UTC. By hand: *Trigger*, with a window, keys, or as a dry run.
**If it fails** What was delivered stays delivered, and a new run goes on from there. The failed task's log says what to do.
**Secrets** In the Airflow connections `erp` and `shop`, read inside the tasks only. The pool `shop_stock` keeps it to one writer.
"""

from airflow.sdk import Asset, dag

from koppel import tasks
from koppel.tasks import Tag

FLOW = tasks.configured("stock")


@dag(
    schedule=tasks.nightly(hour=4),
    catchup=False,
    max_active_runs=1,
    default_args=tasks.default_args(),
    params=tasks.params(),
    tags=[Tag.STOCK, Tag.NIGHTLY],
    doc_md=__doc__,
)
def stock_reconcile() -> None:
    """Compare, extract, transform and judge, plan, deliver, reconcile."""
    run = tasks.begin(FLOW.name)
    extracted = tasks.extract.partial(run=run).expand(entity=FLOW.entities)
    tasks.compare(run) >> extracted
    judged = tasks.judge.partial(run=run).expand(part=tasks.slices(extracted))
    planned = tasks.plan(run)
    delivered = tasks.deliver.override(pool=f"{FLOW.target}_stock")(run)
    judged >> planned >> delivered >> tasks.reconcile.override(outlets=[Asset("shop_stock")])(run)


stock_reconcile()
