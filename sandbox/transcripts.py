"""Read recorded exchanges with a real shop: placeholders, captures, generated images and value paths."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_TOKEN = re.compile(r"\.(\w+)|\[(\*|\d+|\?[^\]]+)\]")
_PICTURES = {"$base64_jpeg": "JPEG", "$base64_png": "PNG", "$base64_gif": "GIF"}


class TranscriptError(ValueError):
    """A transcript that cannot be replayed, with the reason; nothing was sent for it."""


@dataclass(frozen=True)
class Scenario:
    """One transcript file: a named series of exchanges that start on a shop with the given preconditions."""

    name: str
    area: str
    preconditions: tuple[str, ...]
    exchanges: tuple[Mapping[str, Any], ...]
    path: Path


@dataclass
class Memory:
    """What a replay remembers between exchanges: captured values and the last value of every watched path."""

    captured: dict[str, Any] = field(default_factory=dict)
    watched: dict[tuple[str, str], Any] = field(default_factory=dict)


def load(path: Path) -> Scenario:
    """Read one transcript file; raises TranscriptError when it is not one."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Scenario(
            data["scenario"], data["area"], tuple(data.get("preconditions", ())), tuple(data["exchanges"]), path
        )
    except (ValueError, KeyError, TypeError) as error:
        raise TranscriptError(
            f"{path.name} is not a transcript ({type(error).__name__}: {error}); nothing was replayed"
        ) from error


def find(folder: Path, areas: frozenset[str] = frozenset()) -> list[Scenario]:
    """All transcripts of a folder in name order, or only those of the given areas (as the file or its name says)."""
    scenarios = [load(path) for path in sorted(folder.glob("*.json"))]
    return [one for one in scenarios if not areas or {one.area, one.name.partition("-")[0]} & areas]


def picture(kind: str, size: str) -> str:
    """An image of that kind ("$base64_jpeg", "$base64_png" or "$base64_gif") and size ("320x240"), base64-encoded."""
    width, height = (int(side) for side in size.lower().split("x"))
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(buffer, _PICTURES[kind])
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def fill(value: Any, captured: Mapping[str, Any]) -> Any:
    """The value with `{{name}}` replaced by captures and `{"$base64_..": "WxH"}` by an image.

    A string that is only a placeholder takes the captured type; elsewhere the capture is written as text.
    """
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        if whole:
            return _captured(whole, captured)
        return _PLACEHOLDER.sub(lambda match: str(_captured(match, captured)), value)
    if isinstance(value, list):
        return [fill(element, captured) for element in value]
    if isinstance(value, dict):
        if len(value) == 1 and (kind := next(iter(value))) in _PICTURES:
            return picture(kind, value[kind])
        return {key: fill(element, captured) for key, element in value.items()}
    return value


def _captured(match: re.Match[str], captured: Mapping[str, Any]) -> Any:
    if match[1] not in captured:
        raise TranscriptError(f"nothing was captured under the name {match[1]!r}")
    return captured[match[1]]


def tokens(path: str) -> list[str]:
    """`$.a[0].b[?k=v]` as its steps: `a`, `0`, `b`, `?k=v`; raises TranscriptError for anything else."""
    rest = path.removeprefix("$")
    if not path.startswith("$") or "".join(match[0] for match in _TOKEN.finditer(rest)) != rest:
        raise TranscriptError(f"{path!r} is not a path such as $.items[0].id")
    return [match[1] or match[2] for match in _TOKEN.finditer(rest)]


def has(element: Any, condition: str) -> bool:
    """Whether an element meets `?key=value` (the value compares as text)."""
    key, _, wanted = condition.removeprefix("?").partition("=")
    return isinstance(element, dict) and key in element and str(element[key]) == wanted


def values(body: Any, path: str) -> Iterator[Any]:
    """Every value in the body that the path names; none when a step does not exist."""
    found = [body]
    for token in tokens(path):
        found = [child for value in found for child in _children(value, token)]
    yield from found


def _children(value: Any, token: str) -> list[Any]:
    if isinstance(value, list):
        if token == "*":
            return value
        if token.startswith("?"):
            return [element for element in value if has(element, token)]
        return [value[int(token)]] if token.isdigit() and int(token) < len(value) else []
    if isinstance(value, dict) and token in value:
        return [value[token]]
    return []
