"""Work lists that were dropped in the folder: each gets its preview, and counts once a person, or the config, says yes.

**Why** Who mends data does it in a workbook, and puts it back where the data team told.
**When** Every quarter of an hour. What is accepted stands in the shop after the next run of the catalogue.
**If it fails** The files stay where they were dropped, and the next run looks at them again; the same file twice counts once.
**Secrets** None: it reads a folder below `KOPPEL_HOME` and writes to the ledger.
"""

from airflow.sdk import Asset, dag

from data_quality.worklist import tasks as worklist
from koppel import tasks
from koppel.tasks import Tag


@dag(
    schedule=tasks.every(minutes=15),
    catchup=False,
    max_active_runs=1,
    default_args=tasks.default_args(),
    tags=[Tag.CATALOGUE, Tag.REPORT],
    doc_md=__doc__,
)
def work_lists() -> None:
    """Look at what was dropped."""
    worklist.pick_up.override(outlets=[Asset("work_lists")])()


work_lists()
