"""The mapping of files to entities, from a TOML file in config/: which files, which sheet, which header is which column.

[product]                            # or [[product]], when several kinds of file give the same entity
files = "articles*.xlsx"             # below the drop folder
sheet = "Articles"                   # its name, or its number from 1; the first when left out
decimal = "comma"                    # comma | point | auto, also per column
timezone = "Europe/Brussels"         # of times without zone; UTC when left out
complete = true                      # the files of a run hold all records (false: only changes; "each": every file alone does)
file_time = ["modified_at"]          # these columns take the time at which the file changed, where a row has none
columns = { sku = "Art. no", gtin = { from = "EAN", digits = 13 }, weight_kg = { from = "Weight", decimal = "point" } }
constants = { tax_class = "standard" }
languages = { nl = { name = "Naam" }, fr = { name = "Nom" } }     # one record per language out of one row
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from extractors.cells import DATES, Field
from extractors.shape import is_known
from koppel.entities import ENTITIES, Entity
from koppel.errors import ConfigError
from koppel.settings import read_toml

_KNOWN = {
    "files",
    "sheet",
    "decimal",
    "dates",
    "timezone",
    "complete",
    "columns",
    "constants",
    "languages",
    "file_time",
}
_COLUMN_KNOWN = {"from", "decimal", "dates", "digits", "optional", "timezone"}


@dataclass(frozen=True, slots=True)
class FileMapping:
    """How one kind of file gives one entity."""

    entity: Entity
    files: str
    sheet: str | int = 1
    fields: tuple[Field, ...] = ()
    languages: dict[str, tuple[Field, ...]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    is_complete: bool = True
    is_each: bool = False
    """Each file holds all records, so the newest one counts and no other."""
    file_times: tuple[str, ...] = ()
    """Columns that take the time at which the file changed, where a row has none."""

    def matches(self, name: str) -> bool:
        """Whether a file name is of this kind (case doesn't count)."""
        return fnmatch(name.casefold(), self.files.casefold())

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """The columns to find in the file."""
        return self.fields + tuple(item for fields in self.languages.values() for item in fields)

    @property
    def names(self) -> list[str]:
        """The columns of the raw frame."""
        per_language = [item.name for fields in self.languages.values() for item in fields]
        language = ["language"] if self.languages else []
        return list(dict.fromkeys([
            *(item.name for item in self.fields), *language, *per_language, *self.constants, *self.file_times,
        ]))  # fmt: skip


def read_mappings(path: Path) -> list[FileMapping]:
    """All mappings of the file; ConfigError names the line of thought that doesn't fit."""
    found: list[FileMapping] = []
    for name, sections in read_toml(path).items():
        if name not in ENTITIES:
            raise ConfigError(f"{path} maps {name!r}, which is no entity.", do=f"It may map {', '.join(ENTITIES)}.")
        found += [
            _mapping(path, ENTITIES[name], item) for item in (sections if isinstance(sections, list) else [sections])
        ]
    return found


def _mapping(path: Path, entity: Entity, section: Mapping[str, Any]) -> FileMapping:
    where = f"{path}, [{entity.name}]"
    if not isinstance(section, Mapping) or not section.get("files") or not section.get("columns"):
        raise ConfigError(f"{where} needs files and columns.", do='Add files = "*.xlsx" and columns = { sku = "..." }.')
    _check_known(where, section, _KNOWN)
    languages = {
        language: tuple(_field(where, entity, name, value, section) for name, value in columns.items())
        for language, columns in section.get("languages", {}).items()
    }
    complete, times = section.get("complete", True), section.get("file_time", [])
    if complete not in (True, False, "each"):
        raise ConfigError(f"{where}: complete is {complete!r}.", do='It may be true, false or "each".')
    mapping = FileMapping(
        entity, str(section["files"]), section.get("sheet", 1),
        tuple(_field(where, entity, name, value, section) for name, value in section["columns"].items()),
        languages, {name: str(value) for name, value in section.get("constants", {}).items()},
        bool(complete), complete == "each", tuple(times) if isinstance(times, list) else (str(times),),
    )  # fmt: skip
    _check_names(where, mapping)
    _check_times(where, mapping)
    return mapping


def _field(where: str, entity: Entity, name: str, value: Any, section: Mapping[str, Any]) -> Field:
    options = {"from": value} if isinstance(value, str) else value
    if not isinstance(options, Mapping) or not options.get("from"):
        raise ConfigError(f"{where}: the column {name!r} has no header.", do=f'Write {name} = "header in the file".')
    _check_known(f"{where}, column {name}", options, _COLUMN_KNOWN)
    merged = {**{key: section[key] for key in ("decimal", "dates", "timezone") if key in section}, **options}
    if merged.get("decimal", "auto") not in {"comma", "point", "auto"}:
        raise ConfigError(f"{where}: decimal is {merged['decimal']!r}.", do="It may be comma, point or auto.")
    declared = entity.column(name)
    return Field(
        name, str(options["from"]), declared.dtype if declared else "text", merged.get("decimal", "auto"),
        tuple(merged.get("dates", DATES)), merged.get("timezone", "UTC"), int(merged.get("digits", 0)),
        bool(merged.get("optional", False)),
    )  # fmt: skip


def _check_known(where: str, section: Mapping[str, Any], known: set[str]) -> None:
    if strange := sorted(set(section) - known):
        raise ConfigError(f"{where} has {', '.join(strange)}.", do=f"It may have {', '.join(sorted(known))}.")


def _check_names(where: str, mapping: FileMapping) -> None:
    unknown = [name for name in mapping.names if not is_known(mapping.entity, name)]
    if unknown:
        raise ConfigError(f"{where}: {mapping.entity.name} has no column {', '.join(unknown)}.", do="Correct the name.")
    missing = [name for name in mapping.entity.required if name not in mapping.names]
    if missing:
        raise ConfigError(f"{where} maps no column to {', '.join(missing)}.", do="Every required column needs one.")


def _check_times(where: str, mapping: FileMapping) -> None:
    """A file's time is no name and no number."""
    columns = {name: mapping.entity.column(name) for name in mapping.file_times}
    wrong = [name for name, column in columns.items() if column is None or column.dtype != "time"]
    if wrong:
        raise ConfigError(f"{where}: {', '.join(wrong)} in file_time is no time.", do="It takes columns of times only.")
