"""The fast path for PostgreSQL: rows arrive as Arrow record batches by COPY, without becoming Python objects."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import adbc_driver_postgresql
import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
from sqlalchemy.engine import URL

from extractors import shape
from extractors.databases import POSTGRES_SESSION
from extractors.shape import text_of_bytes

_BATCH_BYTES = 16 * 1024 * 1024


def tables(url: URL, text: str, schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of a query without parameters, in batches of about 16 MB; one empty table when there are none."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with adbc.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in POSTGRES_SESSION:
            cursor.execute(statement)
        cursor.adbc_statement.set_options(
            **{adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(_BATCH_BYTES)}
        )
        cursor.execute(text)
        is_empty = True
        with cursor.fetch_record_batch() as reader:
            for batch in _ahead(reader):
                if batch.num_rows:
                    is_empty = False
                    yield from shape.slices(canonical(batch, schema))
        if is_empty:
            yield schema.empty_table()


def _ahead(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches, each fetched while the one before it is worked on: the driver waits without Python's lock."""
    with ThreadPoolExecutor(1, "read-ahead") as thread:
        coming = thread.submit(next, reader, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, reader, None)
            yield batch


def canonical(batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    """A batch with the declared types: smaller integers widened, times without zone taken as UTC, bytes decoded."""
    columns = [_cast(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
    return pa.Table.from_arrays(columns, schema=schema)


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == pa.binary():
        return pa.array([None if value is None else text_of_bytes(value) for value in column.to_pylist()], kind)
    return column.cast(kind)
