"""The sources that stock is put together from: read one after the other, the ERP first, and one that is down stops no other."""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from extractors import shape
from extractors.stock_rows import heard, together, uniform
from koppel import registry
from koppel.entities import STOCK_COMPONENT, STOCK_LEVEL, STOCK_LOCATION, Entity
from koppel.errors import ConfigError, KoppelError, SourceDown
from koppel.settings import Settings, SourceSettings
from koppel.source import Signals, Source
from koppel.target import Check
from koppel.window import Window

log = logging.getLogger(__name__)


class Members:
    """The members of a source of stock, by their names in config."""

    def __init__(self, settings: SourceSettings) -> None:
        self._settings = settings
        self._lacks: set[tuple[str, str]] = set()
        """(member, entity) that the member does not give."""
        self._down: set[str] = set()
        self._read: set[str] = set()
        self._has_looked = False
        self.have_left_out = False
        """Whether one was down since what was read was last accounted for, even if it answers again."""
        self._place_of: dict[str, str] = {}
        """By location the member that gave it."""
        self._tells: set[str] = set()
        """Members that list their locations."""

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The members. Raises ConfigError."""
        names = self._settings.options.get("from", [])
        if not isinstance(names, list) or not names or self._settings.name in names or len({*names}) < len(names):
            raise ConfigError(
                f"[sources.{self._settings.name}] from = {names!r} names no sources to put stock together from.",
                do='Name each once, the ERP first: from = ["erp", "tills"].',
            )
        config = Settings.load(self._settings.root)
        return {str(name): registry.source(config, str(name)) for name in names}

    @property
    def all_are_up(self) -> bool:
        """Whether each member answered when it was last asked."""
        return not self._down

    def giving(self, locations: Iterable[str]) -> set[str]:
        """The members that give these locations; where nobody knows, those that don't list theirs."""
        unsure = set(self.sources) - self._tells or set(self.sources)
        return {name for code in locations for name in ({self._place_of[code]} if code in self._place_of else unsure)}

    def frames(
        self, windows: Mapping[str, Window], *, is_tolerant: bool
    ) -> Iterator[tuple[pl.DataFrame, dict[str, datetime]]]:
        """Stock of the members in their order: rows, and per location the newest time in them.

        ``is_tolerant``: a member that is down is left out, with one line in the log until it answers again.
        """
        self._has_looked = True
        for name in self.sources:
            for frame in self._rows(name, windows[name], is_tolerant=is_tolerant) if name in windows else ():
                times = heard(frame)
                self._place_of |= dict.fromkeys(times, name)
                yield frame, times

    def of_skus(self, skus: Iterable[str], *, is_tolerant: bool) -> pl.DataFrame:
        """All rows of these SKUs, written like this."""
        keys = tuple(sorted(skus))
        if not keys:
            return together([])
        windows = dict.fromkeys(self.sources, Window(keys=keys))
        return together(frame for frame, _ in self.frames(windows, is_tolerant=is_tolerant))

    def facts(self, entity: Entity, *, is_tolerant: bool) -> list[dict[str, Any]]:
        """All rows of an entity besides stock, from those members that give it."""
        rows: list[dict[str, Any]] = []
        for name, source in self.sources.items():
            if (name, entity.name) in self._lacks:
                continue
            try:
                tables = (
                    shape.with_times(table, f"source {name}", "heard_at") for table in source.read(entity, Window())
                )
                found = [row for table in tables for row in table.to_pylist()]
            except ConfigError as error:
                self._lacks.add((name, entity.name))
                log.debug("Source %s gives no %s: %s", name, entity.name, error.what)
                continue
            except SourceDown as error:
                self._note_down(name, error, is_tolerant=is_tolerant)
                continue
            if entity is STOCK_LOCATION:
                self._tells.add(name)
                self._place_of |= {str(row["location"]): name for row in found}
            rows += found
        return rows

    def accounted(self, run_id: str) -> None:
        """Tell those members that were read; all of them, where that was done by another process, as they know themselves what."""
        for name in self._read if self._has_looked else self.sources:
            self.sources[name].accounted(STOCK_LEVEL, run_id)
            for entity in (STOCK_LOCATION, STOCK_COMPONENT):
                if (name, entity.name) not in self._lacks:
                    self.sources[name].accounted(entity, run_id)
        self._read.clear()
        self.have_left_out = False

    def wait(self, seconds: float) -> bool:
        """Wait for the first member that can signal; the others are looked at when the time is over."""
        try:
            able = [source for source in self.sources.values() if isinstance(source, Signals)]
        except KoppelError:  # what is wrong with the settings is told by whatever reads next
            able = []
        by_signal = [source for source in able if _has_signal(source)]
        if able:
            return (by_signal or able)[0].wait(seconds)
        time.sleep(max(0.0, seconds))
        return False

    def check(self) -> list[Check]:
        """What each member says about itself."""
        try:
            return [check for source in self.sources.values() for check in source.check()]
        except KoppelError as error:
            return [Check(f"source {self._settings.name}", False, error.what, error.do)]

    def _rows(self, name: str, window: Window, *, is_tolerant: bool) -> Iterator[pl.DataFrame]:
        try:
            for table in self.sources[name].read(STOCK_LEVEL, window):
                if table.num_rows:
                    yield uniform(table)
        except SourceDown as error:
            self._note_down(name, error, is_tolerant=is_tolerant)
            return
        self._read.add(name)
        if name in self._down:
            log.info("Source %s answers again", name)
            self._down.discard(name)

    def _note_down(self, name: str, error: SourceDown, *, is_tolerant: bool) -> None:
        self._read.discard(name)
        if not is_tolerant:
            raise error
        if name not in self._down:
            log.warning("Source %s is left out for now; the others go on: %s", name, error.what)
        self._down.add(name)
        self.have_left_out = True


def _has_signal(source: Any) -> bool:
    settings = getattr(source, "settings", None)
    return isinstance(settings, SourceSettings) and bool(settings.options.get("signal"))
