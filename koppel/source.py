"""The seam to the outside on the reading side: what a source must be able to do."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import pyarrow as pa

from koppel.entities import Entity
from koppel.settings import SourceSettings
from koppel.target import Check
from koppel.window import Window


class Source(Protocol):
    """A system that Koppel reads. Registered under ``koppel.sources`` in pyproject.toml and named in config/.

    ``name`` is the source's name in config. The constructor takes its settings and opens nothing.
    """

    name: str

    def __init__(self, settings: SourceSettings) -> None: ...

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        """The raw rows of an entity, streamed in slices of bounded size (at most about 50,000 rows).

        Columns carry the names that the mapping gives; the key columns and every required column are present.
        Rows of a ``many`` entity come ordered by the key. Values are what the source said: text stays text.
        Raises SourceDown, SourceShape or ConfigError, before the first slice where that is possible.
        """
        ...

    def accounted(self, entity: Entity, run_id: str) -> None:
        """Called when everything that ``read`` gave is accounted for in the ledger (a drop folder archives its files)."""
        ...

    def check(self) -> list[Check]:
        """What ``koppel doctor`` shows: can it be reached, is each query fit; never raises for what it reports."""
        ...


@runtime_checkable
class Offers(Protocol):
    """A source that can tell whether it holds an entity at all, for what is read only where there is any."""

    def offers(self, entity: Entity) -> bool:
        """Whether the configuration says how to read this entity. Raises ConfigError."""
        ...


@runtime_checkable
class OfMembers(Protocol):
    """A source that is put together from several, and goes on when one of them is down."""

    @property
    def has_left_out(self) -> bool:
        """Whether a member was down since the last time that everything was accounted for: it has to be read from there."""
        ...


@runtime_checkable
class Signals(Protocol):
    """A source that can tell that something changed, so that nobody has to look again and again."""

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True as soon as something may have changed, also between two waits. Never raises."""
        ...
