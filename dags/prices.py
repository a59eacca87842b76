"""The base prices, from the ERP into the shop, every night after the catalogue.

**Why** What a product costs in the ERP is what it costs in the shop. No price of 0, below cost, or far from the last one passes.
**When** At 03:00 UTC. By hand: *Trigger*, with a window, keys, or as a dry run.
**If it fails** What was delivered stays delivered, and a new run goes on from there. The failed task's log says what to do.
**Secrets** In the Airflow connections `erp` and `shop`, read inside the tasks only. The pool `shop` keeps it to one writer.
"""

from airflow.sdk import Asset, dag

from koppel import tasks
from koppel.tasks import Tag

FLOW = tasks.configured("prices")


@dag(
    schedule=tasks.nightly(hour=3),
    catchup=False,
    max_active_runs=1,
    default_args=tasks.default_args(),
    params=tasks.params(),
    tags=[Tag.PRICES, Tag.NIGHTLY],
    doc_md=__doc__,
)
def prices() -> None:
    """Extract, transform and judge, plan, deliver, reconcile."""
    run = tasks.begin(FLOW.name)
    extracted = tasks.extract.partial(run=run).expand(entity=FLOW.entities)
    judged = tasks.judge.partial(run=run).expand(part=tasks.slices(extracted))
    planned = tasks.plan(run)
    delivered = tasks.deliver.override(pool=FLOW.target)(run)
    judged >> planned >> delivered >> tasks.reconcile.override(outlets=[Asset("shop_prices")])(run)


prices()
