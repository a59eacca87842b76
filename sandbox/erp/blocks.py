"""The hand-written building blocks (blocks/*.toml): words, product groups, families and their series."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("nl", "fr", "en")
_FOLDER = Path(__file__).parent / "blocks"


@dataclass(frozen=True, slots=True)
class Variant:
    """One product of the range: a family, a series of it, and the size and colour that tell it from its sisters."""

    family: dict[str, Any]
    series: dict[str, Any]
    size: dict[str, Any]
    colour: str
    serial: int
    """Number within the family, from 1; it never changes, so that an article number doesn't either."""

    def option(self, name: str, default: Any = None) -> Any:
        """A setting of the size, else of the series, else of the family."""
        for level in (self.size, self.series, self.family):
            if name in level:
                return level[name]
        return default


@cache
def words() -> dict[str, Any]:
    """Colours, fact labels and property values, each per language."""
    return _read("words.toml")


@cache
def groups() -> dict[str, list[str]]:
    """The product groups: code to its names in nl, fr and en."""
    found: dict[str, list[str]] = _read("groups.toml")["groups"]
    return found


@cache
def families() -> dict[str, dict[str, Any]]:
    """Every family by code, with all its series."""
    files = [_read(path.name) for path in sorted(_FOLDER.glob("*.toml"))]
    found = {family["code"]: family for file in files for family in file.get("family", [])}
    for file in files:
        for series in file.get("series", []):
            found[series["family"]]["series"].append(series)
    return found


@cache
def variants() -> tuple[Variant, ...]:
    """The whole range in a fixed order: each family, its series, their sizes and colours."""
    return tuple(variant for family in families().values() for variant in _variants(family))


def phones() -> list[dict[str, Any]]:
    """The phone models that cases and glass are made for, as sizes: label per language and the property that names them."""
    labels = [f"{series['brand']} {series['model']}" for series in families()["phone"]["series"]]
    return [{**dict.fromkeys(LANGUAGES, label), "props": {"VRMOD": label}} for label in labels]


def _variants(family: dict[str, Any]) -> list[Variant]:
    parts = [
        (series, size, colour)
        for series in family["series"]
        for size in (phones() if "fits" in family else [family["sizes"][code] for code in series["sizes"]])
        for colour in series["colours"]
    ]
    return [Variant(family, *part, serial) for serial, part in enumerate(parts, start=1)]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text("utf-8"))
