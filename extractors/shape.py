"""What every source owes the engine: known columns and no others, none missing, none twice, a usable ``modified_at``."""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from koppel.entities import MODIFIED, Entity
from koppel.errors import SourceShape

log = logging.getLogger(__name__)

SLICE_ROWS = 50_000
SLICE_BYTES = 64 * 1024 * 1024
UTC_TIME = pa.timestamp("us", tz="UTC")

RAW_ONLY = {"product_image": ("content_hex",)}
"""Columns that a source may deliver though no entity frame has them: extractors/images.py turns them into files."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that were found, sorted out: what is read, and what the entity doesn't know."""

    known: tuple[str, ...]
    unknown: tuple[str, ...]


def sort_out(entity: Entity, found: Sequence[str], where: str) -> Columns:
    """Which of the columns found are read; ``where`` names the query or file in the error.

    Raises SourceShape when a required column is missing, or a column is there twice.
    """
    twice = [name for name, times in Counter(found).items() if times > 1]
    if twice:
        raise SourceShape(
            f"{where} gives the column {_listed(twice)} more than once.",
            kept="Nothing was read from it.",
            do="Give each column a name of its own (... as name).",
        )
    missing = [name for name in entity.required if name not in found]
    if missing:
        raise SourceShape(
            f"{where} gives no column {_listed(missing)}; it gives {_listed(found) or 'none'}.",
            kept="Nothing was read from it, nothing was changed.",
            do=f"Name the column as {missing[0]!r} there: {entity.name} needs {_listed(entity.required)}.",
        )
    known = tuple(name for name in found if is_known(entity, name))
    return Columns(known, tuple(name for name in found if name not in known))


def is_known(entity: Entity, name: str) -> bool:
    """Whether the column is read for this entity."""
    return entity.column(name) is not None or name in RAW_ONLY.get(entity.name, ())


def warn_of_unknown(entity: Entity, columns: Columns, where: str) -> None:
    """One line in the log about columns that nobody asked for; a misspelled optional column shows up here."""
    if columns.unknown:
        log.warning("%s: columns that %s does not know are not read: %s", where, entity.name, _listed(columns.unknown))


def slices(table: pa.Table) -> Iterator[pa.Table]:
    """The table cut into pieces of at most 50,000 rows, without copying; an empty table stays one empty piece."""
    if table.num_rows == 0:
        yield table
    for start in range(0, table.num_rows, SLICE_ROWS):
        yield table.slice(start, SLICE_ROWS)


def with_times(table: pa.Table, where: str, name: str = MODIFIED.name) -> pa.Table:
    """The table with ``modified_at`` as UTC times, whatever the source held it in, because the cursor is made of it.

    What is no time becomes empty, with a line in the log: such a row is then read every time, and never lost.
    """
    index = table.schema.get_field_index(name)
    if index < 0 or table.schema.field(index).type == UTC_TIME:
        return table
    column = table.column(index)
    texts = column.cast(pa.string()).to_pandas()
    times = pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce").astype("datetime64[us, UTC]")
    lost = int((times.isna() & texts.notna() & (texts.str.strip() != "")).sum())
    if lost:
        log.warning("%s: %s rows have a %s that is no time (ISO 8601); they are read every time", where, lost, name)
    return table.set_column(index, pa.field(name, UTC_TIME), pa.Array.from_pandas(times, type=UTC_TIME))


def within(table: pa.Table, since: pa.Scalar | None, until: pa.Scalar | None) -> pa.Table:
    """The rows whose ``modified_at`` lies in the period, both ends included, and those without one."""
    if MODIFIED.name not in table.column_names:
        return table
    for bound, compare in ((since, pc.greater_equal), (until, pc.less_equal)):
        if bound is not None:
            column = table.column(MODIFIED.name)
            table = table.filter(pc.or_kleene(compare(column, bound), pc.is_null(column)))
    return table


def text_of_bytes(value: bytes) -> str:
    """UTF-8 bytes as text. What is no UTF-8 becomes U+FFFD, which flows on and which the gate reports."""
    return value.decode("utf-8", "replace")


def one_line(text: object, limit: int = 400) -> str:
    """A text from outside, fit for an error or a log: one line, no control characters, bounded."""
    flat = re.sub(r"[\x00-\x1f\x7f\s]+", " ", str(text)).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(one_line(name, 80) for name in names[:60])
    return shown + (f" and {len(names) - 60} more" if len(names) > 60 else "")
