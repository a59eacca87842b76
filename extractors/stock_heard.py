"""Which locations fell silent: when each was last heard of, and as what its rows were given last."""

from collections.abc import Mapping
from datetime import UTC, datetime

from koppel import locations
from koppel.ledger import Ledger
from koppel.locations import LocationRow
from koppel.stock_settings import StockSettings


class Heard:
    """The locations of one source of stock, as the ledger keeps them between runs. Times are aware UTC.

    What a location is given as (``stale``) only changes when all its rows are read again: ``decide``. Where stock of a silent
    location is kept, nothing about its rows changes; then only the ledger tells.
    """

    def __init__(self, source: str, settings: StockSettings) -> None:
        self._source, self._settings = source, settings
        self._at: dict[str, datetime] = {}
        self._known: dict[str, LocationRow] | None = None
        self._given: dict[str, bool] = {}
        """As what rows are given in this reading."""

    @property
    def is_loaded(self) -> bool:
        """Whether it was looked up what the ledger knows."""
        return self._known is not None

    def load(self) -> None:
        """Look up what the ledger knows, once."""
        if self._known is None:
            self._known = locations.known(Ledger.from_environment(), self._source)
            self.hear({code: row.heard_at for code, row in self._known.items()})

    def hear(self, times: Mapping[str, datetime]) -> None:
        """Locations were heard of at these times; never later than now, or a clock that is ahead would hide the silence."""
        now = datetime.now(UTC)
        for code, at in times.items():
            if code and (code in self._settings.locations or not self._settings.locations):
                aware = at if at.tzinfo else at.replace(tzinfo=UTC)
                self._at[code] = max(min(aware, now), self._at.get(code, min(aware, now)))

    @property
    def codes(self) -> set[str]:
        """The locations that were ever heard of."""
        return set(self._at)

    @property
    def stale(self) -> set[str]:
        """The locations whose rows are given as stale in this reading."""
        return {code for code in self._at if self._was_given(code)}

    def flipped(self) -> set[str]:
        """The locations whose rows ought to be given otherwise than they were last."""
        return {code for code in self._at if self._ought(code) != self._was_given(code)}

    def decide(self, codes: set[str] | None = None) -> None:
        """All rows of these locations (None: of all) are given in this reading: as they ought to be by now."""
        self._given |= {code: self._ought(code) for code in self._at if codes is None or code in codes}

    def note(self, run_id: str) -> None:
        """Everything that was given is accounted for: write it down."""
        now, before = datetime.now(UTC), self._known or {}
        rows = []
        for code, at in self._at.items():
            is_stale = self._is_silent(code) if self._is_kept(code) else self._was_given(code)
            known = before.get(code)
            since = known.since if known and known.is_stale == is_stale else now
            rows.append(LocationRow(code, at, is_stale, since))
        if rows and {row.location: row for row in rows} != self._known:
            locations.note(Ledger.from_environment(), self._source, run_id, rows)
        self._known, self._given = {row.location: row for row in rows}, {}

    def _was_given(self, code: str) -> bool:
        known = (self._known or {}).get(code)
        return self._given.get(code, known.is_stale if known and not self._is_kept(code) else False)

    def _ought(self, code: str) -> bool:
        return self._is_silent(code) and not self._is_kept(code)

    def _is_kept(self, code: str) -> bool:
        location = self._settings.locations.get(code)
        return location is None or location.when_silent == "keep"

    def _is_silent(self, code: str) -> bool:
        location = self._settings.locations.get(code)
        return location is not None and datetime.now(UTC) - self._at[code] > location.silent_after
