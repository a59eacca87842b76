"""What the ledger knows of the records that a source brings: all of it at once, or batch by batch for a small window.

A record that did not change costs one hash. The hash covers all columns of the raw row, the key included, so one
look-up among the ledger's hashes (64 bits each) tells "known and the same" without comparing keys.
"""

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow.compute as pc

from koppel.ledger import Ledger

_FEW = 100_000
Flags = npt.NDArray[np.bool_]


class KnownAll:
    """The hashes that the ledger knows, sorted, each marked when the stream brings it; for a source that is read in full."""

    def __init__(self, ledger: Ledger, target: str, entity: str) -> None:
        self._ledger, self._target, self._entity = ledger, target, entity
        table = ledger.source_versions(target, entity)
        self.count = table.num_rows
        is_waiting = table["source_version"].is_null()
        self._waiting = pl.DataFrame(pl.from_arrow(table.filter(is_waiting).select(["key", "source_version"])))
        table = table.filter(pc.invert(is_waiting)) if len(self._waiting) else table
        versions = table["source_version"].to_numpy()
        order = np.argsort(versions, kind="stable")
        self._versions = versions[order]
        self._is_held = np.asarray(table["held"].to_numpy(zero_copy_only=False), dtype=bool)[order]
        self._is_marked = np.zeros(len(versions), dtype=bool)
        self._twice = np.empty(0, dtype=np.int64)

    def mark(self, keys: pl.Series, versions: npt.NDArray[np.int64]) -> Flags:
        """Mark the versions that are known; tells which ones are not, or come for the second time."""
        del keys  # the versions tell enough
        if not len(self._versions):
            return np.ones(len(versions), dtype=bool)
        order = np.argsort(versions, kind="stable")  # looked up in order: twice as fast, as neighbours share the cache
        asked = versions[order]
        places = np.searchsorted(self._versions, asked)
        places[places == len(self._versions)] = 0
        is_known = self._versions[places] == asked
        is_first = np.append([True], asked[1:] != asked[:-1])
        is_new = np.ones(len(versions), dtype=bool)
        is_new[order] = ~(is_known & is_first & ~self._is_marked[places])
        self._is_marked[places[is_known]] = True
        return is_new

    def compared(self, staged: pl.Series) -> tuple[list[str], pl.Series]:
        """Of the ``staged`` keys those that also came unchanged; and the keys of records that did not come at all."""
        rows = self._rows(staged.to_list(), self._versions[~self._is_marked])
        marked = pl.Series(self._versions[self._is_marked])
        is_marked = pl.col("source_version").is_in(marked.implode()).fill_null(value=False)
        both = rows.filter(is_marked & pl.col("key").is_in(staged.implode()))
        self._twice = both["source_version"].to_numpy()
        return both["key"].to_list(), rows.filter(~is_marked & ~pl.col("key").is_in(staged.implode()))["key"]

    def _rows(self, seen: list[str], unmarked: npt.NDArray[np.int64]) -> pl.DataFrame:
        """The ledger's records with one of these keys or versions, and those that wait for a second look."""
        if len(unmarked) + len(seen) > _FEW:
            return self._ledger.keys(self._target, self._entity, versions=None, keys=[])
        rows = self._ledger.keys(self._target, self._entity, versions=[], keys=seen)
        left = np.setdiff1d(unmarked, rows["source_version"].drop_nulls().to_numpy()).tolist()
        gone = self._ledger.keys(self._target, self._entity, versions=left, keys=[])
        return pl.concat([rows, gone, self._waiting.cast(rows.schema)]).unique("key")

    def marked(self) -> tuple[int, int]:
        """How many records stand unchanged and how many stay held back, but for those that the source holds twice."""
        counted = self._is_marked & ~np.isin(self._versions, self._twice)
        return int((counted & ~self._is_held).sum()), int((counted & self._is_held).sum())


class KnownByKey:
    """Looks up just the records that come; for a window of time or of keys, which brings few of many."""

    def __init__(self, ledger: Ledger, target: str, entity: str) -> None:
        self._ledger, self._target, self._entity = ledger, target, entity
        self._unchanged: dict[str, bool] = {}
        """The keys that came unchanged, and whether they are held back."""
        self.count = 0

    def mark(self, keys: pl.Series, versions: npt.NDArray[np.int64]) -> Flags:
        """Tells which records are not known in this version, or come for the second time."""
        known = self._ledger.versions_of(self._target, self._entity, keys.unique().to_list())
        self.count += len(known)
        is_new = np.ones(len(versions), dtype=bool)
        for place, (key, version) in enumerate(zip(keys.to_list(), versions.tolist(), strict=True)):
            stands, is_held = known.get(key, (None, False))
            if stands == version and key not in self._unchanged:
                self._unchanged[key] = is_held
                is_new[place] = False
        return is_new

    def compared(self, staged: pl.Series) -> tuple[list[str], pl.Series]:
        """Of the ``staged`` keys those that also came unchanged; what did not come says nothing in a small window."""
        both = [key for key in staged.to_list() if key in self._unchanged]
        for key in both:
            del self._unchanged[key]
        return both, staged.clear()

    def marked(self) -> tuple[int, int]:
        """How many records stand unchanged and how many stay held back, but for those that the source holds twice."""
        held = sum(self._unchanged.values())
        return len(self._unchanged) - held, held
