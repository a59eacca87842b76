"""An .xlsx workbook as a target, for shops that import by file: one sheet per entity, every cell as text."""

import os
from collections.abc import Iterable, Iterator, Sequence

from koppel.entities import Entity
from koppel.settings import TargetSettings
from koppel.sheets import CELL_CHARACTERS, Row, cell_text, read_sheets, write_sheets
from koppel.target import Attempt, Change, Check, Preparation, Receipt, Record


class WorkbookTarget:
    """Writes ``file`` of [targets.NAME]. Column ``key`` identifies a record, ``state`` says active or withdrawn."""

    def __init__(self, settings: TargetSettings) -> None:
        self.name, self._path = settings.name, settings.path("file")

    def batch_size(self, entity: Entity, planned: int) -> int:  # noqa: ARG002
        """All at once, because each batch writes the whole file."""
        return max(1, planned)

    def normalise_key(self, key: str) -> str:
        """A workbook keeps keys apart as they are."""
        return key

    def preparations(self, entity: Entity, records: Iterable[Record]) -> list[Preparation]:  # noqa: ARG002
        """A workbook needs nothing made first."""
        return []

    def prepare(self, preparations: Sequence[Preparation]) -> None:
        """Nothing to make."""

    def deliver(self, entity: Entity, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:  # noqa: ARG002
        """Put the records into their sheet and replace the file in one step; rows of other keys stay."""
        sheets = self._read()
        rows = sheets.setdefault(entity.name, {})
        refused: Row = {}
        for change in changes:
            fresh = _rows(change, rows.get(change.key, []))
            if long := [name for row in fresh for name, text in row.items() if len(text) > CELL_CHARACTERS]:
                refused[change.key] = (
                    f"{long[0]} is longer than the {CELL_CHARACTERS:,} characters that a cell can hold."
                )
            else:
                rows[change.key] = fresh
        write_sheets(
            self._path, {name: [row for group in by_key.values() for row in group] for name, by_key in sheets.items()}
        )
        for change in changes:
            reason = refused.get(change.key, "")
            yield Receipt(change.key, "rejected" if reason else "delivered", reason, sent=change.record)

    def read_back(self, entity: Entity, changes: Sequence[Change], reference: str | None) -> Iterator[Receipt]:  # noqa: ARG002
        """A change is delivered when the rows of its key are those that it would write."""
        rows = self._read().get(entity.name, {})
        for change in changes:
            standing = rows.get(change.key, [])
            is_there = standing == _rows(change, standing) and (standing or change.kind == "withdraw")
            yield Receipt(change.key, "delivered" if is_there else "transient")

    def read_all(self, entity: Entity) -> Iterator[Sequence[tuple[str, Record]]]:
        """What stands in the sheet, without what was withdrawn."""
        for key, rows in self._read().get(entity.name, {}).items():
            values = [
                {n: t for n, t in row.items() if n not in {"key", "state"}} for row in rows if row["state"] == "active"
            ]
            yield [(key, {**value, "rows": values} if entity.many else value) for value in values[:1]]

    def check(self) -> list[Check]:
        """Whether the file's folder can be written."""
        folder = next(path for path in self._path.parents if path.exists())
        is_fine = os.access(folder, os.W_OK)
        return [Check("workbook", is_fine, str(self._path), "" if is_fine else f"Allow writing in {folder}.")]

    def _read(self) -> dict[str, dict[str, list[Row]]]:
        """Rows per sheet and key."""
        sheets: dict[str, dict[str, list[Row]]] = {}
        for title, rows in read_sheets(self._path).items():
            for row in rows:
                sheets.setdefault(title, {}).setdefault(row["key"], []).append(row)
        return sheets


def _rows(change: Change, standing: list[Row]) -> list[Row]:
    """The rows of a change as they are written; a withdrawn one keeps what stood there, marked."""
    if change.kind == "withdraw":
        return [row | {"state": "withdrawn"} for row in standing]
    shared = {name: value for name, value in change.record.items() if name != "rows"}
    values = [{"key": change.key, "state": "active"} | shared | row for row in change.record.get("rows", [{}])]
    texts = [{name: cell_text(value) for name, value in row.items()} for row in values]
    return [{name: text for name, text in row.items() if text} for row in texts]
