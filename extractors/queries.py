"""The text of a query: read from its file, wrapped so that the window and the canonical types apply, never run here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from koppel.entities import Entity
from koppel.errors import ConfigError
from koppel.window import Window

ALIAS = "source_rows"
PARAMETERS = ("since", "until", "keys", "all_keys")
"""What a file may use: ``:since``, ``:until`` (null when the window has none), ``:keys`` with ``:all_keys``."""

_STRING = r"\b[eE]'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'"
_STRING_WITH_BACKSLASH = r"'(?:[^'\\]|''|\\.)*'"
_QUOTED = r'"(?:[^"]|"")*"|`[^`]*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$'
_COMMENT = r"--[^\n]*|/\*.*?\*/"
_COLON_IN_TEXT = re.compile(r"(?<=\\):|(?<![:\w]):(?=\w)")
_COLON_WORD = re.compile(r"(?<![:\w\\]):(\w+)")


@dataclass(frozen=True, slots=True)
class Query:
    """A query from ``<queries>/<entity>.sql``: no comments, no final semicolon, colons that are no parameter escaped."""

    path: Path
    text: str
    used: frozenset[str]
    """Which of PARAMETERS the file uses itself; for those the wrapper leaves the filter to the file."""

    @property
    def where(self) -> str:
        """How an error names the query."""
        return f"The query {self.path.parent.name}/{self.path.name}"


def read_query(folder: Path, entity: Entity, *, backslashes: bool = False) -> Query:
    """The query of an entity; ``backslashes``: the database escapes quotes with them (MySQL)."""
    path = folder / f"{entity.name}.sql"
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(
            f"There is no query {path} to read {entity.name} with.",
            do=f"Write one: a select with the columns {', '.join(entity.required)}.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The query {path} can't be read: {error}.", do="Save it as UTF-8 text.") from error
    return parse_query(path, text, backslashes=backslashes)


def parse_query(path: Path, text: str, *, backslashes: bool = False) -> Query:
    """A query from its text; comments go, because a colon or a question mark in one would count as a parameter."""
    pieces: list[str] = []
    used: set[str] = set()
    end = 0
    string = _STRING_WITH_BACKSLASH if backslashes else _STRING
    for match in re.finditer(rf"(?P<comment>{_COMMENT})|(?P<literal>{string}|{_QUOTED})", text, re.DOTALL):
        pieces.append(_code(text[end : match.start()], used))
        pieces.append(" " if match["comment"] else _COLON_IN_TEXT.sub(r"\\:", match["literal"]))
        end = match.end()
    pieces.append(_code(text[end:], used))
    body = "".join(pieces).strip().rstrip(";").strip()
    if not body:
        raise ConfigError(f"The query {path} is empty.", do="Write a select statement in it.")
    return Query(path, body, frozenset(used))


def _code(text: str, used: set[str]) -> str:
    def parameter(match: re.Match[str]) -> str:
        if match[1] not in PARAMETERS:
            return f"\\:{match[1]}"  # an array slice, a JSON path: not ours
        used.add(match[1])
        return f":{match[1]} "  # the space keeps :since::date apart

    return _COLON_WORD.sub(parameter, text)


def described(query: Query) -> str:
    """The query that gives no rows, but all column names and types."""
    return f"select * from ({query.text}) {ALIAS} where 1 = 0"  # noqa: S608 -- the query is configuration


def wrapped(query: Query, columns: Sequence[str], filters: Sequence[str], order: Sequence[str]) -> str:
    """The query as a subquery: chosen (and cast) columns, filters, and an order that survives the wrapping."""
    where = f" where {' and '.join(filters)}" if filters else ""
    by = f" order by {', '.join(order)}" if order else ""
    return f"select {', '.join(columns)} from ({query.text}) {ALIAS}{where}{by}"  # noqa: S608 -- as above


def order_of(entity: Entity, known: Sequence[str]) -> list[str]:
    """The columns that rows of a ``many`` entity are sorted by: the key first, then all others.

    All others, so that two runs over the same rows give them in the same order and nothing looks changed.
    """
    if not entity.many:
        return []
    first = [*entity.key, *(name for name in ("position",) if name in known)]
    return [*first, *(name for name in known if name not in first and entity.column(name))]


def key_column(entity: Entity) -> str:
    """The column that a person's keys are compared with: the SKU where there is one."""
    return "sku" if "sku" in entity.key else entity.key[-1]


def check_keys_are_optional(query: Query, window: Window) -> None:
    """A file that filters on ``:keys`` alone would read nothing when no keys were asked for; say so instead."""
    if "keys" in query.used and not window.keys and "all_keys" not in query.used:
        raise ConfigError(
            f"{query.where} filters on :keys, but no keys were asked for, so it would read nothing.",
            do="Write (:all_keys or sku in :keys), or leave :keys out: Koppel adds that filter itself.",
        )


def chunks_of(keys: Sequence[str], size: int = 1_000) -> list[list[str]]:
    """The keys without doubles, in chunks of about ``size``.

    Keys that differ only in case or outer spaces share a chunk, because many databases take them for equal and would
    give the row in both.
    """
    ordered = sorted(dict.fromkeys(keys), key=lambda key: key.strip().casefold())
    chunks: list[list[str]] = [[]]
    for key in ordered:
        last = chunks[-1]
        if len(last) >= size and last[-1].strip().casefold() != key.strip().casefold():
            chunks.append([])
        chunks[-1].append(key)
    return chunks


def literal(text: str, values: Mapping[str, datetime | bool | None]) -> str:
    """The query with its parameters written in, for a driver that streams only plain text (PostgreSQL's COPY).

    Only times and booleans that Koppel made itself, never text from outside; so no keys: ``:keys`` is an empty list.
    """

    def written(match: re.Match[str]) -> str:
        if match[1] == "keys":
            return "(null)"
        value = values[match[1]]
        if isinstance(value, bool):
            return str(value).lower()
        return f"'{value.astimezone(UTC).isoformat()}'::timestamptz" if value else "null::timestamptz"

    names = "|".join([*values, "keys"])
    return re.sub(rf"(?<![:\w\\]):({names})\b", written, text).replace("\\:", ":")
