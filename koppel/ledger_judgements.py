"""The ledger's judgement rows: replaced with the findings that they belong to, in one transaction, as one stream of CSV."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, text

from koppel.ledger_quality import judgement

_COLUMNS = [column.name for column in judgement.columns]
_KEY = [column.name for column in judgement.primary_key.columns]

Judged = tuple[pa.Table, str, datetime]
"""Rows (``koppel.judgements.JUDGEMENTS``), the run that judged them, and when."""


def replace_judgements(
    connection: Connection, target: str, entity: str, kept: pa.Table, run_id: str, at: datetime
) -> None:
    """The judgements of the keys in the temporary table ``wanted`` are now these (``koppel.judgements.JUDGEMENTS``).

    Rows are updated in place, so that two runs that judge the same record at one time do not trip over each other.
    """
    place = {"target": target, "entity": entity}
    connection.execute(text("create temporary table kept (like judgement) on commit drop"))
    if kept.num_rows:
        _copy(connection, kept, {**place, "run_id": run_id, "at": at.isoformat()})
    connection.execute(
        text("delete from judgement where target = :target and entity = :entity "
             "and key in (select key from wanted except select key from kept)"),
        place,
    )  # fmt: skip
    changed = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in _KEY)
    columns = ", ".join(_COLUMNS)
    connection.execute(
        text(f"insert into judgement ({columns}) select {columns} from kept "  # noqa: S608 (the names of our own columns)
             f"on conflict ({', '.join(_KEY)}) do update set {changed}")
    )  # fmt: skip


def without_newer(
    connection: Connection, target: str, entity: str, findings: Sequence[dict[str, Any]], judged: Judged, as_of: datetime
) -> tuple[Sequence[dict[str, Any]], Judged]:  # fmt: skip
    """Findings and judgements without those of records that another run judged after a moment; these are not ``wanted`` either."""
    table, run_id, at = judged
    newer = connection.execute(
        text("delete from wanted where key in (select key from judgement where target = :target and entity = :entity "
             "and at > :as_of and run_id <> :run_id and key in (select key from wanted)) returning key"),
        {"target": target, "entity": entity, "as_of": as_of, "run_id": run_id},
    )  # fmt: skip
    keys = set(newer.scalars())
    if not keys:
        return findings, judged
    is_newer = pc.is_in(table["key"], value_set=pa.array(sorted(keys), pa.string()))
    return [row for row in findings if row["key"] not in keys], (table.filter(pc.invert(is_newer)), run_id, at)


def _copy(connection: Connection, kept: pa.Table, same: dict[str, Any]) -> None:
    """By whole columns: a hundred thousand rows one by one would take as long as judging them."""
    import polars as pl

    frame = pl.DataFrame(pl.from_arrow(kept)).with_columns(pl.lit(value).alias(name) for name, value in same.items())
    lines = io.BytesIO()
    frame.select(_COLUMNS).write_csv(lines, include_header=False, quote_style="non_numeric", null_value="\\N")
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f"copy kept ({', '.join(_COLUMNS)}) from stdin with (format csv, null '\\N')") as copy:
        copy.write(lines.getbuffer())
