"""Reads .xlsx and .csv files that an ERP or a person drops in a folder; a TOML file in config/ says what is what in them.

Options: ``folder``, ``mapping`` (a file, see extractors/mapping.py), ``settle_seconds`` (10: how long a file must not have
changed), ``max_rows``, ``max_columns``, ``max_unpacked_mb``. What a window reads:

* everything: the files not yet accounted for; when there are none of a kind (that the same mapping fits), or one of them can't be
  read, the last ones of that kind that were accounted for too, so that an empty inbox is never taken for an empty catalogue, and
  one shop's file not for all shops. With ``complete = false``: all files, the newest first. With ``complete = "each"``: of each
  kind the newest file;
* since, from-to: the files not yet accounted for, and of those the rows whose ``modified_at``, if mapped, lies within; since, the
  whole file where its own time is that of its rows (``file_time``) or it holds everything (``complete = "each"``);
* keys: as everything, and of that the rows with those keys.

Where two files hold the same key, the newer file's rows count. A window of keys or with an end closes no file, because rows
of it are still to be read.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from extractors import shape
from extractors.file_kinds import NEVER_CLOSED, FileKind, kinds_of
from extractors.folder import DropFolder
from extractors.mapping import FileMapping, read_mappings
from extractors.queries import key_column
from extractors.sheets import FileLimits
from extractors.spool import Content, Spool
from koppel.entities import MODIFIED, Entity
from koppel.errors import ConfigError, KoppelError, SourceShape
from koppel.settings import SourceSettings
from koppel.target import Check
from koppel.window import Window


class ExcelSource:
    """A drop folder as a source."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name
        self.settings = settings
        self._took_whole: set[str] = set()
        """The entities of which this source read new files whole, so that they may be closed."""
        self._given: dict[str, set[str]] = defaultdict(set)
        """Per entity the files that were given whole and are not accounted for yet."""

    @cached_property
    def _folder(self) -> DropFolder:
        settle = float(self.settings.options.get("settle_seconds", 10))
        return DropFolder(self.settings.path("folder"), settle, series_of=self._series_of)

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
        """The rows of an entity, all text but for ``modified_at`` and when a location was heard of.

        A file is read as a whole before its first row is given.
        Raises ConfigError, and SourceShape when there were files but none could be read.
        """
        mappings = self._mappings_of(entity)
        names = list(dict.fromkeys(name for mapping in mappings for name in mapping.names))
        schema = pa.schema([(name, _type(entity, name)) for name in names])
        seen: set[tuple[str | None, ...]] = set()
        is_empty = True
        with tempfile.TemporaryDirectory(prefix="koppel-") as spool:
            files = self._spooled(entity, mappings, window, schema, Path(spool))
            for content in files:
                kept = content.table if len(files) == 1 else _without(content.table, entity, seen)
                for part in shape.slices(_windowed(kept, entity, content.window)):
                    if part.num_rows:
                        is_empty = False
                        yield part
        if is_empty:
            yield schema.empty_table()

    def accounted(self, entity: Entity, run_id: str) -> None:
        """Close what was read; a file moves to archive/RUN when every entity that it gives is accounted for."""
        self._given.pop(entity.name, None)
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
        """The entities that a file must be accounted for."""
        found = {mapping.entity.name for mapping in self._mappings if mapping.matches(name)}
        return found - NEVER_CLOSED or found

    def _series_of(self, name: str) -> str | None:
        places = [
            str(place) for place, mapping in enumerate(self._mappings) if mapping.is_each and mapping.matches(name)
        ]
        return " ".join(places) or None

    def _spooled(
        self, entity: Entity, mappings: list[FileMapping], window: Window, schema: pa.Schema, path: Path
    ) -> list[Content]:
        """The content of every file to read, newest first, on disk rather than in memory."""
        kinds = kinds_of(self._folder, entity, mappings)
        spool = Spool(self._folder, self._limits, entity, window, schema, path)
        for kind in kinds:
            spool.read(kind, self._given[entity.name])
        if not (window.keys or window.until):
            self._given[entity.name] |= {content.digest for content in spool.contents}
        if entity.name not in NEVER_CLOSED:
            self._remember(entity, window, kinds)
        if spool.reasons and not spool.contents and not all(kind.is_each for kind in kinds):
            raise SourceShape(
                f"None of the files for {entity.name} could be read: {' '.join(spool.reasons)}",
                kept=f"They stand in {self._folder.unreadable}; nothing was changed.",
                do="Correct them and drop them again.",
            )
        return sorted(spool.contents, key=lambda content: (content.is_new, content.changed_at), reverse=True)

    def _remember(self, entity: Entity, window: Window, kinds: list[FileKind]) -> None:
        """Note what will be closed. Rows that the window leaves out are still to be read: then nothing is, but for what an
        earlier window of this source took whole.
        """
        if not (window.keys or window.until):
            self._folder.remember_reading(entity.name, [dropped for kind in kinds for dropped in kind.new])
            self._took_whole.add(entity.name)
        elif entity.name not in self._took_whole:
            self._folder.remember_reading(entity.name, [])


def _type(entity: Entity, name: str) -> pa.DataType:
    """What no transformer will look at is read as what it is."""
    column = entity.column(name)
    is_time = name == MODIFIED.name or (entity.name in NEVER_CLOSED and column is not None and column.dtype == "time")
    return shape.UTC_TIME if is_time else pa.string()


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
