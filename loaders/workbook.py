"""An .xlsx workbook as a target, for shops that import by file: one sheet per entity, every cell as text."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from koppel.entities import Entity
from koppel.settings import TargetSettings
from koppel.target import Attempt, Change, Check, Preparation, Receipt, Record

CELL_CHARACTERS = 32_767
Row = dict[str, str]
Sheets = dict[str, list[Row]]


class WorkbookTarget:
    """Writes ``file`` of [targets.NAME]. Column ``key`` identifies a record, ``state`` says active or withdrawn."""

    def __init__(self, settings: TargetSettings) -> None:
        self.name = settings.name
        self._settings = settings

    def batch_size(self, entity: Entity, planned: int) -> int:  # noqa: ARG002 - the seam's signature
        """All at once: each batch writes the whole file."""
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
        rows = sheets.get(entity.name, [])
        fresh = {change.key: _rows(change, [r for r in rows if r["key"] == change.key]) for change in changes}
        refused = {key: reason for key, group in fresh.items() if (reason := _too_long(group))}
        kept = [row for row in rows if row["key"] not in fresh or row["key"] in refused]
        sheets[entity.name] = kept + [row for key, group in fresh.items() if key not in refused for row in group]
        self._write(sheets)
        for change in changes:
            outcome = "rejected" if change.key in refused else "delivered"
            yield Receipt(change.key, outcome, refused.get(change.key, ""), sent=change.record)

    def read_back(self, entity: Entity, changes: Sequence[Change], reference: str | None) -> Iterator[Receipt]:  # noqa: ARG002
        """A change is delivered when the rows of its key are those that it would write."""
        standing = self._read().get(entity.name, [])
        for change in changes:
            rows = [row for row in standing if row["key"] == change.key]
            is_there = rows == [{n: t for n, t in row.items() if t} for row in _rows(change, rows)]
            yield Receipt(change.key, "delivered" if is_there and (rows or change.kind == "withdraw") else "transient")

    def read_all(self, entity: Entity) -> Iterator[Sequence[tuple[str, Record]]]:
        """What stands in the sheet, without what was withdrawn."""
        records: dict[str, list[Row]] = {}
        for row in self._read().get(entity.name, []):
            if row.get("state") == "active":
                values = {name: text for name, text in row.items() if name not in {"key", "state"}}
                records.setdefault(row["key"], []).append(values)
        yield [(key, {**rows[0], "rows": rows} if entity.many else rows[0]) for key, rows in records.items()]

    def check(self) -> list[Check]:
        """Whether the file's folder can be written."""
        folder = self._path.parent
        is_fine = os.access(next(p for p in (folder, *folder.parents) if p.exists()), os.W_OK)
        return [Check("workbook", is_fine, str(self._path), "" if is_fine else f"Allow writing in {folder}.")]

    @property
    def _path(self) -> Path:
        return self._settings.path("file")

    def _read(self) -> Sheets:
        if not self._path.exists():
            return {}
        book = load_workbook(self._path, read_only=True)
        sheets: Sheets = {}
        for sheet in book.worksheets:
            header, *lines = sheet.iter_rows(values_only=True) or [()]
            pairs = ([(str(n), str(t)) for n, t in zip(header, line, strict=False) if t is not None] for line in lines)
            sheets[sheet.title] = [dict(pair) for pair in pairs]
        book.close()
        return sheets

    def _write(self, sheets: Sheets) -> None:
        book = Workbook(write_only=False)
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            names = list(dict.fromkeys(["key", "state", *(name for row in rows for name in row)]))
            for line, texts in enumerate([names, *([row.get(name, "") for name in names] for row in rows)], 1):
                for column, text in enumerate(texts, 1):
                    if text:
                        cell = sheet.cell(line, column)
                        cell.value, cell.data_type, cell.number_format = (
                            text,
                            "s",
                            "@",
                        )  # text: no formula, no lost zeros
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".xlsx", delete=False) as file:
            book.save(file)
        Path(file.name).replace(self._path)


def _rows(change: Change, standing: list[Row]) -> list[Row]:
    """The rows of a change: as it is, or what stood there, marked as withdrawn."""
    if change.kind == "withdraw":
        return [row | {"state": "withdrawn"} for row in standing]
    shared = {name: value for name, value in change.record.items() if name != "rows"}
    records = change.record.get("rows") or [{}]
    return [{"key": change.key, "state": "active"} | _texts(shared | record) for record in records]


def _texts(record: dict[str, Any]) -> Row:
    texts = {name: ILLEGAL_CHARACTERS_RE.sub("", str(value)) for name, value in record.items() if value is not None}
    return {name: text for name, text in texts.items() if text}


def _too_long(rows: list[Row]) -> str:
    long = next((name for row in rows for name, text in row.items() if len(text) > CELL_CHARACTERS), None)
    return f"{long} is longer than the {CELL_CHARACTERS:,} characters that a cell can hold." if long else ""
