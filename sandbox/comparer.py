"""Compare what a stand-in answers with what the real shop was recorded to answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.transcripts import has, tokens

# Lists whose order is not stable: matched by the first of these keys that every element of both sides has.
_KEYED_LISTS: dict[str, tuple[str, ...]] = {
    "custom_attributes": ("attribute_code",),
    "operations_list": ("id",),
    "request_items": ("id",),
}
_SOURCE_ITEM = ("sku", "source_code")
_MASK = re.compile(r"<(report|text|an HTML page|masked|number)>")


@dataclass(frozen=True)
class Step:
    """One step of the way to a value: an object key, or a list index with the element it leads to."""

    key: str | int
    element: Any


@dataclass(frozen=True)
class Answer:
    """An HTTP answer reduced to what is compared: body is JSON where the content type says so, else text."""

    status: int
    content_type: str
    body: Any


def compare(recorded: Answer, answered: Answer, vary: Sequence[str] = ()) -> list[str]:
    """The differences as sentences, empty when the answers are equal outside the `vary` paths."""
    if recorded.status != answered.status:
        return [f"status {answered.status} instead of {recorded.status}: {_short(answered.body)}"]
    differences = []
    if recorded.content_type and recorded.content_type != answered.content_type:
        differences.append(f"content type {answered.content_type!r} instead of {recorded.content_type!r}")
    patterns = [tokens(path) for path in vary]
    return differences + _values(recorded.body, answered.body, [], patterns)


def _values(recorded: Any, answered: Any, way: list[Step], patterns: list[list[str]]) -> list[str]:
    free = any(_covers(pattern, way) for pattern in patterns)
    if free and (recorded is None or answered is None):
        return []
    if _kind(recorded) != _kind(answered):
        return [f"{_where(way)}: {_kind(answered)} {_short(answered)} instead of {_kind(recorded)} {_short(recorded)}"]
    if free:
        return []
    if isinstance(recorded, dict):
        return _objects(recorded, answered, way, patterns)
    if isinstance(recorded, list):
        return _lists(recorded, answered, way, patterns)
    return [] if _same(recorded, answered) else [f"{_where(way)}: {_short(answered)} instead of {_short(recorded)}"]


def _objects(
    recorded: dict[str, Any], answered: dict[str, Any], way: list[Step], patterns: list[list[str]]
) -> list[str]:
    differences = [f"{_where(way)}: key {key!r} is missing" for key in recorded if key not in answered]
    differences += [
        f"{_where(way)}: key {key!r} is extra: {_short(answered[key])}" for key in answered if key not in recorded
    ]
    for key, value in recorded.items():
        if key in answered:
            differences += _values(value, answered[key], [*way, Step(key, value)], patterns)
    return differences


def _lists(recorded: list[Any], answered: list[Any], way: list[Step], patterns: list[list[str]]) -> list[str]:
    keys = _list_keys(recorded, answered, way, patterns)
    if keys:
        return _keyed(recorded, answered, keys, way, patterns)
    if len(recorded) != len(answered):
        return [
            f"{_where(way)}: {len(answered)} elements instead of {len(recorded)}: {_short(answered)} instead of {_short(recorded)}"
        ]
    pairs = enumerate(zip(recorded, answered, strict=True))
    return [text for index, (old, new) in pairs for text in _values(old, new, [*way, Step(index, old)], patterns)]


def _list_keys(recorded: list[Any], answered: list[Any], way: list[Step], patterns: list[list[str]]) -> tuple[str, ...]:
    name = way[-1].key if way else ""
    keys = _KEYED_LISTS.get(str(name), ())
    if (
        not keys
        and recorded
        and all(isinstance(row, dict) and set(_SOURCE_ITEM) <= row.keys() for row in [*recorded, *answered])
    ):
        keys = _SOURCE_ITEM
    key_may_differ = any(
        _covers(pattern, [*way, Step(0, row), Step(key, None)])
        for pattern in patterns
        for key in keys
        for row in recorded
    )
    complete = all(isinstance(row, dict) and all(key in row for key in keys) for row in [*recorded, *answered])
    unique = (
        all(len({_identity(row, keys) for row in rows}) == len(rows) for rows in (recorded, answered))
        if complete
        else False
    )
    return keys if unique and not key_may_differ else ()


def _identity(row: dict[str, Any], keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(row[key]) for key in keys)


def _keyed(
    recorded: list[Any], answered: list[Any], keys: tuple[str, ...], way: list[Step], patterns: list[list[str]]
) -> list[str]:
    old, new = ({_identity(row, keys): row for row in rows} for rows in (recorded, answered))
    differences = [f"{_where(way)}: {'/'.join(key)} is missing" for key in old if key not in new]
    differences += [f"{_where(way)}: {'/'.join(key)} is extra: {_short(new[key])}" for key in new if key not in old]
    for index, row in enumerate(recorded):
        if (key := _identity(row, keys)) in new:
            differences += _values(row, new[key], [*way, Step(index, row)], patterns)
    return differences


def _covers(pattern: list[str], way: list[Step]) -> bool:
    """Whether the pattern names this place or one above it."""
    return len(pattern) <= len(way) and all(
        _step_matches(token, step) for token, step in zip(pattern, way, strict=False)
    )


def _step_matches(token: str, step: Step) -> bool:
    if token == "*":
        return isinstance(step.key, int)
    if token.startswith("?"):
        return isinstance(step.key, int) and has(step.element, token)
    return token == str(step.key)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else "object"


def _same(recorded: Any, answered: Any) -> bool:
    if isinstance(recorded, str) and _MASK.search(recorded):
        parts = _MASK.split(recorded)[::2]
        return re.fullmatch(".*".join(re.escape(part) for part in parts), answered, re.DOTALL) is not None
    return bool(recorded == answered)


def _where(way: list[Step]) -> str:
    return "$" + "".join(f"[{step.key}]" if isinstance(step.key, int) else f".{step.key}" for step in way)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) and "\n" in value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:297] + "..."
