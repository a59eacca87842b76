"""Reads .xlsx and .csv files that an ERP or a person drops in a folder; a TOML file in config/ says what is what in them.

Options: ``folder``, ``mapping`` (a file, see extractors/mapping.py), ``settle_seconds`` (10: how long a file must not have
changed), ``max_rows``, ``max_columns``, ``max_unpacked_mb``. What a window reads:

* everything: the files not yet accounted for; when there are none, or one of them can't be read, the last ones accounted for
  too, so that an empty inbox is never taken for an empty catalogue. With ``complete = false``: all files, the newest first;
* since, from-to: the files not yet accounted for, and of those the rows whose ``modified_at``, if mapped, lies within;
* keys: as everything, and of that the rows with those keys.

Where two files hold the same key, the newer file's rows count. A window of keys or with an end closes no file, because rows
of it are still to be read.
"""

import logging
import tempfile
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from extractors import shape
from extractors.cells import text_of_cell
from extractors.folder import DropFolder, Dropped
from extractors.mapping import FileMapping, read_mappings
from extractors.queries import key_column
from extractors.sheets import FileLimits, Unreadable, cells_at, find_header, is_blank, rows_of
from koppel.entities import MODIFIED, Entity
from koppel.errors import ConfigError, KoppelError, SourceShape
from koppel.settings import SourceSettings
from koppel.target import Check
from koppel.window import Window

log = logging.getLogger(__name__)
_BATCH_ROWS = 10_000
Record = dict[str, str | None]


class ExcelSource:
    """A drop folder as a source."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name
        self.settings = settings

    @cached_property
    def _folder(self) -> DropFolder:
        return DropFolder(self.settings.path("folder"), float(self.settings.options.get("settle_seconds", 10)))

    @cached_property
    def _mappings(self) -> list[FileMapping]:
        return read_mappings(self.settings.path("mapping", "excel.toml"))

    @cached_property
    def _limits(self) -> FileLimits:
        options, default = self.settings.options, FileLimits()
        return FileLimits(
            int(options.get("max_rows", default.rows)),
            int(options.get("max_columns", default.columns)),
            int(options.get("max_unpacked_mb", default.unpacked_mb)),
        )

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        """The rows of an entity, all text but for ``modified_at``; a file is read as a whole before its first row is given.

        Raises ConfigError, and SourceShape when there were files but none could be read.
        """
        mappings = self._mappings_of(entity)
        names = list(dict.fromkeys(name for mapping in mappings for name in mapping.names))
        schema = pa.schema([(name, shape.UTC_TIME if name == MODIFIED.name else pa.string()) for name in names])
        seen: set[tuple[str | None, ...]] | None = None
        is_empty = True
        with tempfile.TemporaryDirectory(prefix="koppel-") as spool:
            files = self._spooled(entity, mappings, window, schema, Path(spool))
            for number, table in enumerate(files):
                kept = table
                if number or len(files) > 1:
                    seen = seen if seen is not None else set()
                    kept = _without(table, entity, seen)
                for part in shape.slices(_windowed(kept, entity, window)):
                    if part.num_rows:
                        is_empty = False
                        yield part
        if is_empty:
            yield schema.empty_table()

    def accounted(self, entity: Entity, run_id: str) -> None:
        """Close what was read; a file moves to archive/RUN when every entity that it gives is accounted for."""
        self._folder.accounted(entity.name, run_id, self._entities_of)

    def check(self) -> list[Check]:
        """Whether folder and mapping are there, what waits, and what was set aside."""
        subject = f"source {self.name}"
        try:
            ready = self._folder.ready()
            strangers = [dropped.path.name for dropped in ready if not self._entities_of(dropped.path.name)]
        except KoppelError as error:
            return [Check(subject, False, error.what, error.do)]
        checks = [Check(subject, True, f"{len(ready)} files wait in {self._folder.root}")]
        if strangers:
            mend = "Correct files = in the mapping, or take them away."
            checks.append(Check(subject, False, f"No mapping fits {shape.one_line(', '.join(strangers))}.", mend))
        aside = sorted(path.name for path in self._folder.unreadable.glob("*.reason.txt"))
        if aside:
            mend = f"Read the reasons in {self._folder.unreadable}, and drop corrected files."
            checks.append(Check(subject, False, f"{len(aside)} files could not be read.", mend))
        return checks

    def _mappings_of(self, entity: Entity) -> list[FileMapping]:
        found = [mapping for mapping in self._mappings if mapping.entity.name == entity.name]
        if not found:
            raise ConfigError(
                f"The mapping of source {self.name} says nothing about {entity.name}.",
                do=f"Add [{entity.name}] to {self.settings.path('mapping', 'excel.toml')}.",
            )
        return found

    def _entities_of(self, name: str) -> set[str]:
        return {mapping.entity.name for mapping in self._mappings if mapping.matches(name)}

    def _spooled(
        self, entity: Entity, mappings: list[FileMapping], window: Window, schema: pa.Schema, spool: Path
    ) -> list[pa.Table]:
        """The content of every file to read, newest first, on disk rather than in memory."""
        fitting = [dropped for dropped in self._folder.ready() if entity.name in self._entities_of(dropped.path.name)]
        new = [dropped for dropped in fitting if not self._folder.run_of(dropped.digest, entity.name)]
        files: list[pa.Table] = []
        reasons: list[str] = []
        for dropped in reversed(new):
            try:
                files.append(self._spool(dropped, mappings, schema, spool / str(len(files))))
            except Unreadable as error:
                self._folder.set_aside(dropped, str(error))
                fitting.remove(dropped)
                reasons.append(f"{shape.one_line(dropped.path.name)}: {error}")
        # Rows that the window leaves out are still to be read: then nothing is closed.
        self._folder.remember_reading(entity.name, [] if window.keys or window.until else fitting)
        for dropped in self._older(entity, mappings, window, is_short=not files or bool(reasons)):
            files.append(self._spool(dropped, mappings, schema, spool / str(len(files))))
        if reasons and not files:
            raise SourceShape(
                f"None of the files for {entity.name} could be read: {' '.join(reasons)}",
                kept=f"They stand in {self._folder.unreadable}; nothing was changed.",
                do="Correct them and drop them again.",
            )
        return files

    def _older(self, entity: Entity, mappings: list[FileMapping], window: Window, *, is_short: bool) -> list[Dropped]:
        """The archived files that belong to the window, newest first."""
        if window.since or window.until:
            return []
        known = [dropped for dropped in self._folder.archived() if self._folder.run_of(dropped.digest, entity.name)]
        if all(mapping.is_complete for mapping in mappings) and known:
            if not is_short:
                return []
            last = self._folder.run_of(known[-1].digest, entity.name)
            known = [dropped for dropped in known if self._folder.run_of(dropped.digest, entity.name) == last]
        return known[::-1]

    def _spool(self, dropped: Dropped, mappings: list[FileMapping], schema: pa.Schema, path: Path) -> pa.Table:
        """One file's records as a table in a memory-mapped file, rows of one record together."""
        fitting = [mapping for mapping in mappings if mapping.matches(dropped.path.name)]
        texts = pa.schema([(name, pa.string()) for name in schema.names])
        with pa.ipc.new_file(path, texts) as writer:
            for batch in _batches(chain.from_iterable(self._records(dropped.path, mapping) for mapping in fitting)):
                writer.write_table(pa.Table.from_pylist(batch, schema=texts))
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        table = shape.with_times(table, shape.one_line(dropped.path.name)).cast(schema)
        return _together(table, fitting[0].entity) if fitting and fitting[0].entity.many else table

    def _records(self, path: Path, mapping: FileMapping) -> Iterator[Record]:
        wanted = [field.source for field in mapping.all_fields if not field.is_optional]
        optional = [field.source for field in mapping.all_fields if field.is_optional]
        rows = rows_of(path, mapping.sheet, wanted, self._limits)
        places, width = find_header(rows, wanted, optional)
        for number, row in enumerate(rows, 1):
            if is_blank(row):
                continue
            if path.suffix.casefold() == ".csv" and not is_blank(row[width:]):
                raise Unreadable(
                    f"Row {number} below the headers has {len(row)} columns, the headers have {width}: a delimiter inside"
                    " a text is not quoted, so the values would land in the wrong columns."
                )
            yield from _record(cells_at(row, places), mapping)


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


def _together(table: pa.Table, entity: Entity) -> pa.Table:
    """Sorted by the key, else in the order of the file."""
    numbered = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))
    order = pc.sort_indices(numbered, sort_keys=[(name, "ascending") for name in (*entity.key, "row")])
    return table.take(order)


def _without(table: pa.Table, entity: Entity, seen: set[tuple[str | None, ...]]) -> pa.Table:
    """The rows whose key no newer file gave; remembers the keys of this one."""
    keys = list(zip(*(table.column(name).to_pylist() for name in entity.key), strict=True))
    kept = table.filter(pa.array([key not in seen for key in keys], pa.bool_()))
    seen.update(keys)
    return kept


def _windowed(table: pa.Table, entity: Entity, window: Window) -> pa.Table:
    bounds = [pa.scalar(bound, shape.UTC_TIME) if bound else None for bound in (window.since, window.until)]
    table = shape.within(table, *bounds)
    if window.keys:
        table = table.filter(pc.is_in(table.column(key_column(entity)), pa.array(window.keys, pa.string())))
    return table
