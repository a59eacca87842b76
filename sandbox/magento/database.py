"""A small transactional store in memory, optionally kept in one SQLite file so that a kill loses no committed work.

Records are plain dicts and are never changed in place: `edit` hands out a copy, `put` stores it. That makes a rollback
(a service that fails half way) a matter of putting the old records back.
"""

import pickle
import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

Record = dict[str, Any]
Key = Hashable
_MISSING: Any = object()


def clone(record: Record) -> Record:
    """A deep copy; a pickle round trip is several times faster than copy.deepcopy on nested dicts."""
    return cast("Record", pickle.loads(pickle.dumps(record, -1)))


class Table:
    """Records by key, in order of insertion, with undo."""

    def __init__(self, name: str, database: "Database") -> None:
        self.name = name
        self._database = database
        self._records: dict[Key, Record] = {}

    def get(self, key: Key) -> Record | None:
        """The live record, to be read only."""
        return self._records.get(key)

    def __getitem__(self, key: Key) -> Record:
        return self._records[key]

    def __contains__(self, key: Key) -> bool:
        return key in self._records

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def keys(self) -> list[Key]:
        """All keys, in order of insertion."""
        return list(self._records)

    def first_key(self) -> Key | None:
        """The oldest key, or None."""
        return next(iter(self._records), None)

    def find(self, wanted: Callable[[Record], bool]) -> Record | None:
        """The first record that fits."""
        return next((record for record in self._records.values() if wanted(record)), None)

    def edit(self, key: Key) -> Record:
        """A copy to change and then `put`."""
        return clone(self._records[key])

    def put(self, key: Key, record: Record) -> None:
        """Insert or replace."""
        self._database.note(self, key, self._records.get(key, _MISSING))
        self._records[key] = record

    def delete(self, key: Key) -> None:
        """Remove, if there."""
        if key in self._records:
            self._database.note(self, key, self._records[key])
            del self._records[key]

    def restore(self, key: Key, record: Any) -> None:
        """Put back what was there before; for the rollback and for loading."""
        if record is _MISSING:
            self._records.pop(key, None)
        else:
            self._records[key] = record

    def clear(self) -> None:
        """Forget everything, without undo."""
        self._records.clear()


class Database:
    """Tables under one lock; `transaction` makes a block all or nothing and durable against a kill."""

    def __init__(self, file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.tables: dict[str, Table] = {}
        self._undo: list[tuple[Table, Key, Any]] = []
        self._depth = 0
        self._rolled_back: list[Callable[[set[str]], None]] = []
        self._sqlite = _open(file) if file else None

    def table(self, name: str) -> Table:
        """The table of that name, created (and loaded) at first use."""
        if name not in self.tables:
            self.tables[name] = Table(name, self)
            self._load(self.tables[name])
        return self.tables[name]

    def note(self, table: Table, key: Key, before: Any) -> None:
        """Remember what a record was before this transaction changed it."""
        self._undo.append((table, key, before))

    def on_rollback(self, refresh: Callable[[set[str]], None]) -> None:
        """Have an index renewed after a rollback; it is told which tables were put back."""
        self._rolled_back.append(refresh)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested use is part of the outer transaction but undoes its own changes when it fails."""
        with self.lock:
            mark = len(self._undo)
            self._depth += 1
            try:
                yield
            except BaseException:
                self._roll_back(mark)
                raise
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._flush()

    def reset(self) -> None:
        """Forget all records, in memory and in the file."""
        with self.lock:
            for table in self.tables.values():
                table.clear()
            self._undo.clear()
            if self._sqlite:
                self._sqlite.execute("DELETE FROM record")
                self._sqlite.commit()

    def close(self) -> None:
        """Release the file."""
        if self._sqlite:
            self._sqlite.close()
            self._sqlite = None

    def _roll_back(self, mark: int) -> None:
        if len(self._undo) == mark:
            return
        for table, key, before in reversed(self._undo[mark:]):
            table.restore(key, before)
        names = {table.name for table, _, _ in self._undo[mark:]}
        del self._undo[mark:]
        for refresh in self._rolled_back:
            refresh(names)

    def _flush(self) -> None:
        # In the order of the changes, because the file gives the records back in the order in which they were inserted.
        changed = list(dict.fromkeys((table.name, key) for table, key, _ in self._undo))
        self._undo.clear()
        if self._sqlite is None or not changed:
            return
        for name, key in changed:
            record = self.tables[name].get(key)
            packed = pickle.dumps(key, -1)
            if record is None:
                self._sqlite.execute("DELETE FROM record WHERE tab = ? AND key = ?", (name, packed))
            else:
                self._sqlite.execute(
                    "INSERT INTO record (tab, key, value) VALUES (?, ?, ?)"
                    " ON CONFLICT (tab, key) DO UPDATE SET value = excluded.value",
                    (name, packed, pickle.dumps(record, -1)),
                )
        self._sqlite.commit()

    def _load(self, table: Table) -> None:
        if self._sqlite is None:
            return
        rows = self._sqlite.execute("SELECT key, value FROM record WHERE tab = ? ORDER BY rowid", (table.name,))
        for key, value in rows:
            table.restore(pickle.loads(key), pickle.loads(value))


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, check_same_thread=False)
    # WAL without fsync survives the kill of a process (not of the machine), and costs microseconds per commit.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TABLE IF NOT EXISTS record (tab TEXT, key BLOB, value BLOB, PRIMARY KEY (tab, key))")
    connection.commit()
    return connection
