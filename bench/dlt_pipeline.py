"""Runs in the environment of dlt, and knows nothing of Koppel: a table merged into PostgreSQL, three times; prints seconds as JSON.

The first run fills the destination, the second finds all unchanged, the third one percent changed.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"  # before dlt reads its settings
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt  # type: ignore[import-not-found]
from dlt.sources.sql_database import sql_table  # type: ignore[import-not-found]


def main(options: dict[str, Any]) -> dict[str, float]:
    """Three runs of one pipeline with these options: backend, format, strategy, chunk, source, destination, folder."""
    folder = Path(options["folder"])
    os.environ["DLT_DATA_DIR"] = str(folder / "data")
    pipeline = dlt.pipeline(
        "bench",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.postgres(options["destination"]),
        dataset_name="bench",
    )
    seconds = {}
    for name, table in (("first", "rivals"), ("unchanged", "rivals"), ("changed", "rivals_changed")):
        started = time.perf_counter()
        rows = sql_table(
            credentials=options["source"], table=table, backend=options["backend"], chunk_size=options["chunk"],
            reflection_level="full_with_precision", detect_precision_hints=True,
        )  # fmt: skip
        rows.apply_hints(
            table_name="product",
            primary_key="sku",
            write_disposition={"disposition": "merge", "strategy": options["strategy"]},
        )
        pipeline.run(rows, loader_file_format=options["format"]).raise_on_failed_jobs()
        seconds[name] = time.perf_counter() - started
    with pipeline.sql_client() as client:
        found = client.execute_sql("select count(*), count(*) filter (where name like 'Nieuw: %%') from product")[0]
    return {**seconds, "rows": found[0], "renamed": found[1]}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
