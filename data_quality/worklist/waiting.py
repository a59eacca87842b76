"""Where work lists that came back wait for a yes, and what became of those that got one; found by their content.

worklists/waiting/ID.xlsx  + ID.json   who sent it, when, under which name
worklists/done/ID.xlsx     + ID.json   the same, who said yes, and what came of it
worklists/done/ID-answer.xlsx          what remains to be done
"""

import json
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from koppel.errors import ConfigError
from koppel.settings import Settings

KEPT_WAITING = timedelta(days=30)
"""What nobody said yes to for so long is let go; the sender still has the file."""

_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Waiting:
    """The folder of one installation."""

    root: Path

    @classmethod
    def of(cls, settings: Settings) -> "Waiting":
        """Below the state root."""
        return cls(settings.state_root / "worklists")

    def keep(self, content: bytes, about: dict[str, Any], now: datetime) -> str:
        """Keep a file until somebody says yes; gives its id, the same for the same content."""
        name = id_of(content)
        if self.done(name) is None:
            _write(self.root / "waiting" / f"{name}.xlsx", content)
            _write(self.root / "waiting" / f"{name}.json", _json(about))
        self._tidy(now)
        return name

    def content(self, name: str) -> bytes:
        """The file of an id. Raises ConfigError where there is none, or none any more."""
        for folder in ("waiting", "done"):
            path = self.root / folder / f"{name}.xlsx"
            if _ID.fullmatch(name) and path.is_file():
                return path.read_bytes()
        raise ConfigError(
            "This work list is not waiting any more.", kept="Nothing was changed.", do="Send the file again, and look at it first."
        )  # fmt: skip

    def knows(self, name: str) -> bool:
        """Whether a file of this id waits, or got its yes."""
        return bool(_ID.fullmatch(name)) and any(
            (self.root / folder / f"{name}.xlsx").is_file() for folder in ("waiting", "done")
        )

    def about(self, name: str) -> dict[str, Any]:
        """Who sent a file that waits, and under which name; empty where nobody knows."""
        return _read(self.root / "waiting" / f"{name}.json") if _ID.fullmatch(name) else {}

    def done(self, name: str) -> dict[str, Any] | None:
        """What came of a file that somebody said yes to; None: nobody did."""
        path = self.root / "done" / f"{name}.json"
        return _read(path) if _ID.fullmatch(name) and path.is_file() else None

    def answer(self, name: str) -> bytes | None:
        """The workbook of what remains, if anything does."""
        path = self.root / "done" / f"{name}-answer.xlsx"
        return path.read_bytes() if _ID.fullmatch(name) and path.is_file() else None

    def close(self, name: str, content: bytes, outcome: dict[str, Any], answer: bytes | None) -> None:
        """Keep a file with what came of it; it waits no longer."""
        _write(self.root / "done" / f"{name}.xlsx", content)
        if answer is not None:
            _write(self.root / "done" / f"{name}-answer.xlsx", answer)
        _write(self.root / "done" / f"{name}.json", _json(outcome))  # the last: with it, all of it is there
        for suffix in (".xlsx", ".json"):
            (self.root / "waiting" / f"{name}{suffix}").unlink(missing_ok=True)

    def _tidy(self, now: datetime) -> None:
        for path in (self.root / "waiting").glob("*.json"):
            at = str(_read(path).get("at", ""))
            if at and datetime.fromisoformat(at) < now - KEPT_WAITING:
                path.with_suffix(".xlsx").unlink(missing_ok=True)
                path.unlink(missing_ok=True)


def id_of(content: bytes) -> str:
    """What a file is found by: a hash of its content (128 bits, hex)."""
    return sha256(content).hexdigest()[:32]


def _json(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, indent=1).encode()


def _read(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    Path(draft).replace(path)
