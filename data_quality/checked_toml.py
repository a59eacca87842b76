"""A TOML file of config/ that is checked as it is read: each mistake is named with its line, what stands there and what may."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from data_quality.toml_lines import Path as Place
from data_quality.toml_lines import line_at, lines_of
from koppel.errors import ConfigError
from koppel.settings import read_toml

MOST_TOLD = 5
"""Mistakes that one error names."""

_MOST_LISTED = 20


@dataclass(slots=True)
class CheckedFile:
    """One file, and what was found wrong in it."""

    path: Path
    values: dict[str, Any]
    lines: dict[Place, int]
    wrong: list[tuple[int, str]] = field(default_factory=list)

    def note(self, place: Place, what: str) -> None:
        """Something is wrong at this place."""
        self.wrong.append((line_at(self.lines, place), what))

    def known(self, place: Place, kind: str, valid: Collection[str], listed: str = "") -> bool:
        """Whether the last name of a place is one of ``valid``; if not, it is noted with the ones that come close.

        ``listed``: a sentence that says where all of them stand, for when they are too many to read.
        """
        name = str(place[-1])
        if name in valid:
            return True
        self.note(place, f"{told(name)} is no {kind}. {choices(name, valid, listed)}")
        return False

    def table(self, place: Place, value: object) -> dict[str, Any]:
        """The value if it is a table; if not, that is noted, and an empty one is given."""
        if isinstance(value, dict):
            return value
        self.note(
            place, f"{'.'.join(map(str, place))} = {told(value)}: a section such as [{place[0]}.NAME] is expected."
        )
        return {}


def checked(path: Path, check: Callable[[CheckedFile], None], *, page: str, kept: str) -> dict[str, Any]:
    """What the file says; empty where there is no such file.

    ``page``: what tells the reader what may stand there. Raises ConfigError that names the file and, for each mistake that
    ``check`` notes, its line.
    """
    if not path.exists():
        return {}
    values = read_toml(path)
    file = CheckedFile(path, values, lines_of(path.read_text("utf-8")))
    check(file)
    if file.wrong:
        found = [f"line {line}: {what}" for line, what in sorted(file.wrong)]
        more = f" And {len(found) - MOST_TOLD} more." if len(found) > MOST_TOLD else ""
        raise ConfigError(
            f"{path}, {' '.join(found[:MOST_TOLD])}{more}",
            kept=kept,
            do=f"Mend it and run again; {page} tells what may stand there.",
        )
    return values


def choices(name: str, valid: Collection[str], listed: str = "") -> str:
    """What may stand there: the one that comes close, and all of them where they are not too many to read."""
    near = get_close_matches(name.lower(), valid, 2, cutoff=0.7)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    return hint + (f"There are: {', '.join(valid)}." if len(valid) <= _MOST_LISTED or not listed else listed)


def told(value: object) -> str:
    """A value as it stands in the file, on one line and not too long."""
    if isinstance(value, dict):
        text = "{ " + ", ".join(f"{name} = {told(part)}" for name, part in value.items()) + " }"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, list):
        text = f"[{', '.join(map(told, value))}]"
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= 60 else f"{text[:57]}..."
