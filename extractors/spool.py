"""Reads the chosen files of a drop folder into tables on disk, and sets aside what can't be read."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from extractors import shape
from extractors.cells import text_of_cell
from extractors.file_kinds import NEVER_CLOSED, FileKind
from extractors.folder import DropFolder, Dropped
from extractors.mapping import FileMapping
from extractors.sheets import FileLimits, Unreadable, cells_at, find_header, is_blank, rows_of
from koppel.entities import Entity
from koppel.window import Window

_BATCH_ROWS = 10_000
Record = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Content:
    """What stood in a file. ``window``: which of its rows are wanted; ``is_new``: not accounted for yet."""

    table: pa.Table
    window: Window
    changed_at: float
    is_new: bool
    digest: str


class Spool:
    """The files of one reading. ``contents`` is what stood in them, ``reasons`` why others could not be read."""

    def __init__(
        self, folder: DropFolder, limits: FileLimits, entity: Entity, window: Window, schema: pa.Schema, path: Path
    ) -> None:
        self._folder, self._limits = folder, limits
        self._entity, self._window, self._schema, self._path = entity, window, schema, path
        self.contents: list[Content] = []
        self.reasons: list[str] = []

    def read(self, kind: FileKind, pending: Container[str] = ()) -> None:
        """Read what the window wants of a kind; a new file that can't be read is set aside and leaves the kind.

        ``pending``: the files that this reader gave before, and that are not accounted for.
        """
        good, bad = 0, 0
        for dropped in kind.candidates:
            if kind.is_each and good:
                break
            try:
                self._keep(dropped, kind, is_new=True)
                good += 1
            except Unreadable as error:
                self._folder.set_aside(dropped, str(error))
                kind.new.remove(dropped)
                self.reasons.append(f"{shape.one_line(dropped.name)}: {error}")
                bad += 1
        runs = {dropped.digest: self._folder.run_of(dropped.digest, self._entity.name) for dropped in kind.known}
        is_short = not good or (bad > 0 and not kind.is_each)
        for dropped in kind.older(self._window, runs, is_short=is_short, pending=pending):
            self._keep(dropped, kind, is_new=False)

    def _keep(self, dropped: Dropped, kind: FileKind, *, is_new: bool) -> None:
        is_whole = kind.is_news and not self._window.until
        window = replace(self._window, since=None) if is_whole else self._window
        table = self._table(dropped, kind)
        self.contents.append(Content(table, window, dropped.changed_at, is_new, dropped.digest))

    def _table(self, dropped: Dropped, kind: FileKind) -> pa.Table:
        """One file's records as a table in a memory-mapped file, rows of one record together."""
        texts = pa.schema([(name, pa.string()) for name in self._schema.names])
        path = self._path / str(len(self.contents))
        with pa.ipc.new_file(path, texts) as writer:
            for batch in _batches(chain.from_iterable(self._records(dropped, mapping) for mapping in kind.mappings)):
                writer.write_table(pa.Table.from_pylist(batch, schema=texts))
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        if kind.is_each and not table.num_rows:
            raise Unreadable(
                "It has headers and no row below them; a shop without any stock lists its articles with 0."
            )
        table = self._with_times(table, dropped, {name for mapping in kind.mappings for name in mapping.file_times})
        if self._entity.name in NEVER_CLOSED:
            return _each_once(table, self._entity)
        return _together(table, self._entity) if self._entity.many else table

    def _with_times(self, table: pa.Table, dropped: Dropped, own: set[str]) -> pa.Table:
        """``own``: the columns that take the file's time where a row has none that can be read."""
        for place, field in enumerate(self._schema):
            if field.type == shape.UTC_TIME:
                table = shape.with_times(table, shape.one_line(dropped.name), field.name)
                if field.name in own:
                    times = pc.fill_null(table.column(place), pa.scalar(_changed(dropped), shape.UTC_TIME))
                    table = table.set_column(place, field, times)
        return table.cast(self._schema)

    def _records(self, dropped: Dropped, mapping: FileMapping) -> Iterator[Record]:
        wanted = [field.source for field in mapping.all_fields if not field.is_optional]
        optional = [field.source for field in mapping.all_fields if field.is_optional]
        rows = rows_of(dropped.path, mapping.sheet, wanted, self._limits)
        places, width = find_header(rows, wanted, optional)
        own = {name: _changed(dropped).isoformat() for name in mapping.file_times}
        for number, row in enumerate(rows, 1):
            if is_blank(row):
                continue
            if dropped.path.suffix.casefold() == ".csv" and not is_blank(row[width:]):
                raise Unreadable(
                    f"Row {number} below the headers has {len(row)} columns, the headers have {width}: a delimiter inside"
                    " a text is not quoted, so the values would land in the wrong columns."
                )
            for record in _record(cells_at(row, places), mapping):
                yield {**record, **{name: record.get(name) or at for name, at in own.items()}}


def _changed(dropped: Dropped) -> datetime:
    return datetime.fromtimestamp(dropped.changed_at, UTC)


def _record(cells: dict[str, tuple[object, str]], mapping: FileMapping) -> Iterator[Record]:
    """The records of one row: one, or one per language that has something to say."""
    common: Record = {**mapping.constants}
    for field in mapping.fields:
        value, number_format = cells.get(field.source, (None, "General"))
        common[field.name] = text_of_cell(value, field, number_format)
    if not mapping.languages:
        yield common
    for language, fields in mapping.languages.items():
        texts = {field.name: text_of_cell(cells.get(field.source, (None, ""))[0], field) for field in fields}
        if any(texts.values()):
            yield {**common, "language": language, **texts}


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += sum(len(value) for value in record.values() if value)
        if len(batch) >= _BATCH_ROWS or size > 16 * 1024 * 1024:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _each_once(table: pa.Table, entity: Entity) -> pa.Table:
    """The first row of each key."""
    numbered = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))
    first = numbered.group_by(list(entity.key)).aggregate([("row", "min")]).column("row_min")
    return table.take(first.combine_chunks().sort())


def _together(table: pa.Table, entity: Entity) -> pa.Table:
    """Sorted by the key, else in the order of the file."""
    numbered = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))
    order = pc.sort_indices(numbered, sort_keys=[(name, "ascending") for name in (*entity.key, "row")])
    return table.take(order)
