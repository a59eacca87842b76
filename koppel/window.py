"""What a run reads: everything, what changed since a cursor, a period, or a few keys."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Window:
    """What to read. Times are aware UTC; ``since`` and ``until`` are both inclusive, so that equal times are not lost.

    Without ``since``, ``until`` and ``keys`` the window is everything, and only then can a record be found vanished.
    """

    since: datetime | None = None
    until: datetime | None = None
    keys: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether the window is everything that the source holds."""
        return self.since is None and self.until is None and not self.keys

    def as_json(self) -> dict[str, Any]:
        """The window as plain values, for the ledger and between tasks."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
            if value
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Window":
        """The window that ``as_json`` wrote."""
        times = {name: datetime.fromisoformat(value[name]) for name in ("since", "until") if value.get(name)}
        return cls(keys=tuple(value.get("keys", ())), **times)
