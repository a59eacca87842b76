"""Where stock lies and how much of it is kept back: config/stock.toml, read once per use and checked as it is read."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from koppel.errors import ConfigError
from koppel.settings import read_toml

WhenSilent = Literal["keep", "zero", "last_minus_safety"]
"""What a location's stock counts for once nobody heard of it for too long: all of it, nothing, or what is left when the safety
stock is taken off once more."""

_LOCATION = {"name", "source", "country", "postcode", "silent_minutes", "when_silent", "safety"}
_DEFAULTS = {"silent_minutes", "when_silent", "safety", "made_to_order", "country", "postcode"}
_SAFETY = {"category", "sku"}


@dataclass(frozen=True, slots=True)
class Location:
    """One place where stock lies: a warehouse or a physical shop. ``code`` is the source's word for it."""

    code: str
    name: str
    source: str
    """What the shop calls it (Magento: the code of the source)."""
    silent_after: timedelta = timedelta(hours=1)
    when_silent: WhenSilent = "keep"
    safety: float = 0.0
    """Pieces of each SKU that are never offered."""
    country: str = "BE"
    postcode: str = "1000"


@dataclass(frozen=True, slots=True)
class StockSettings:
    """All of config/stock.toml; ``locations`` stand in the order in which orders are sent from them."""

    locations: dict[str, Location] = field(default_factory=dict)
    made_to_order: float = 999.0
    """How many pieces of an article that is made to order, or sent by its supplier, may be sold at a time."""
    safety_of_category: dict[str, float] = field(default_factory=dict)
    safety_of_sku: dict[str, float] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path) -> "StockSettings":
        """The settings in ``root``/stock.toml; none where the file is missing. Raises ConfigError that names what is wrong."""
        path = root / "stock.toml"
        if not path.exists():
            return cls()
        return _Reader(path).settings(read_toml(path))

    def safety(self, location: str, category: str | None, sku: str) -> float:
        """The safety stock that holds: of the SKU, else of its category, else of the location."""
        if sku in self.safety_of_sku:
            return self.safety_of_sku[sku]
        if category is not None and category in self.safety_of_category:
            return self.safety_of_category[category]
        known = self.locations.get(location)
        return known.safety if known else 0.0

    def kept_back(self, location: str, category: str | None, sku: str, *, is_stale: bool = False) -> float:
        """Pieces that are not offered: the safety stock, and what the handling of a silent location asks for (all of it: inf)."""
        safety = self.safety(location, category, sku)
        handling = self.locations[location].when_silent if is_stale and location in self.locations else "keep"
        return {"keep": safety, "last_minus_safety": 2 * safety, "zero": float("inf")}[handling]


class _Reader:
    """Turns the tables of one file into settings; every error names the file, the place in it, and what is allowed there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def settings(self, values: dict[str, Any]) -> StockSettings:
        self._only(values, {"defaults", "locations", "safety"}, "the file")
        defaults = self._table(values, "defaults")
        self._only(defaults, _DEFAULTS, "[defaults]")
        safety = self._table(values, "safety")
        self._only(safety, _SAFETY, "[safety]")
        named = self._table(values, "locations")
        locations = {code: self._location(code, {**defaults, **self._table(named, code)}) for code in named}
        self._each_source_once(locations)
        return StockSettings(
            locations,
            self._amount(defaults, "made_to_order", "[defaults]", 999.0),
            self._amounts(safety, "category"),
            self._amounts(safety, "sku"),
        )

    def _location(self, code: str, values: dict[str, Any]) -> Location:
        where = f"[locations.{code}]"
        if ":" in code or not code.strip():
            raise self._wrong(where, "a location's code can hold no colon and can't be empty")
        self._only(values, _LOCATION | {"made_to_order"}, where)
        handling = values.get("when_silent", "keep")
        if handling not in get_args(WhenSilent):
            raise self._wrong(where, f"when_silent is {handling!r}; it may be {', '.join(get_args(WhenSilent))}")
        minutes = self._amount(values, "silent_minutes", where, 60.0)
        return Location(
            code, str(values.get("name", code)), str(values.get("source", code.lower())), timedelta(minutes=minutes),
            handling, self._amount(values, "safety", where, 0.0), str(values.get("country", "BE")),
            str(values.get("postcode", "1000")),
        )  # fmt: skip

    def _each_source_once(self, locations: dict[str, Location]) -> None:
        """Two locations in one source of the shop would overwrite each other."""
        seen: dict[str, str] = {}
        for location in locations.values():
            other = seen.setdefault(location.source, location.code)
            if other != location.code:
                raise self._wrong(
                    f"[locations.{location.code}]", f"its source {location.source!r} is that of {other} already"
                )

    def _amounts(self, safety: dict[str, Any], name: str) -> dict[str, float]:
        table = self._table(safety, name)
        return {str(key): self._amount(table, key, f"[safety.{name}]", 0.0) for key in table}

    def _amount(self, values: dict[str, Any], name: str, where: str, default: float) -> float:
        value = values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            raise self._wrong(where, f"{name} is {value!r}; write a number that is 0 or more")
        return float(value)

    def _table(self, values: dict[str, Any], name: str) -> dict[str, Any]:
        table = values.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong(f"[{name}]", "it must be a table")
        return dict(table)

    def _only(self, values: dict[str, Any], known: set[str], where: str) -> None:
        if unknown := sorted(set(values) - known):
            raise self._wrong(
                where, f"it knows no {', '.join(map(repr, unknown))}; there are {', '.join(sorted(known))}"
            )

    def _wrong(self, where: str, what: str) -> ConfigError:
        return ConfigError(f"{self._path}, {where}: {what}.", do="Mend it and run again; docs/stock.md lists them all.")
