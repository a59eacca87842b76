"""Which files of a drop folder make up an entity: those that the same mappings fit are of one kind, and are chosen together."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from extractors.folder import DropFolder, Dropped
from extractors.mapping import FileMapping
from koppel.entities import MODIFIED, STOCK_LOCATION, Entity
from koppel.window import Window

NEVER_CLOSED = {STOCK_LOCATION.name}
"""Entities that tell about the source itself: they are read besides the others, and no file waits for them."""


@dataclass(slots=True)
class FileKind:
    """The files of one kind, oldest first. ``new``: not accounted for yet, ``known``: in the archive."""

    mappings: tuple[FileMapping, ...]
    new: list[Dropped] = field(default_factory=list)
    known: list[Dropped] = field(default_factory=list)

    @property
    def is_each(self) -> bool:
        """Whether each file holds everything, so that only the newest counts."""
        return all(mapping.is_each for mapping in self.mappings)

    @property
    def is_news(self) -> bool:
        """Whether a window of time leaves a file whole: what says when it was true is the file, not its rows."""
        return self.is_each or all(MODIFIED.name in mapping.file_times for mapping in self.mappings)

    @property
    def candidates(self) -> list[Dropped]:
        """The new files worth reading, newest first; of a kind in which each holds everything, none that is already overtaken."""
        overtaken = self.known[-1].changed_at if self.is_each and self.known else float("-inf")
        return [dropped for dropped in reversed(self.new) if dropped.changed_at >= overtaken]

    def older(
        self, window: Window, runs: dict[str, str | None], *, is_short: bool, pending: Container[str] = ()
    ) -> list[Dropped]:
        """The archived files that belong to the window, newest first. ``runs``: by which run each was accounted for.

        ``is_short``: none of the new ones could be read, or not all of them. ``pending``: what the same reader gave and did not
        bring to its end: where another one closed it meanwhile, it is given once more.
        """
        if window.since and not window.until and self.is_each:
            return [dropped for dropped in self.known[-1:] if is_short and dropped.digest in pending]
        if window.since or window.until or not self.known:
            return []
        if self.is_each:
            return self.known[-1:] if is_short else []
        if not all(mapping.is_complete for mapping in self.mappings):
            return self.known[::-1]
        last = runs[self.known[-1].digest]
        return [dropped for dropped in reversed(self.known) if runs[dropped.digest] == last] if is_short else []


def kinds_of(folder: DropFolder, entity: Entity, mappings: Iterable[FileMapping]) -> list[FileKind]:
    """The files that give an entity, by kind."""
    wanted = list(mappings)
    kinds: dict[tuple[int, ...], FileKind] = {}

    def kind(dropped: Dropped) -> FileKind | None:
        places = tuple(place for place, mapping in enumerate(wanted) if mapping.matches(dropped.name))
        return kinds.setdefault(places, FileKind(tuple(wanted[place] for place in places))) if places else None

    for dropped in folder.ready():
        if (found := kind(dropped)) and not folder.run_of(dropped.digest, entity.name):
            found.new.append(dropped)
    for dropped in folder.archived():
        is_known = entity.name in NEVER_CLOSED or folder.run_of(dropped.digest, entity.name)
        if is_known and (found := kind(dropped)):
            found.known.append(dropped)
    return list(kinds.values())
