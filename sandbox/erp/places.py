"""Where stock lies: the warehouses, the physical shops, and how each of them tells what it has."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

BELGIUM = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, slots=True)
class Place:
    """A warehouse (W) or a shop (S). ``drops``: its till keeps the stock itself and drops files of this kind; the others write
    into the ERP."""

    code: str
    name: str
    kind: Literal["W", "S"]
    drops: Literal["", "csv", "xlsx"] = ""


PLACES = (
    Place("MECH", "Magazijn Mechelen", "W"),
    Place("GENT", "Magazijn Gent", "W"),
    Place("LIEG", "Entrepôt Liège", "W"),
    Place("ANT", "Winkel Antwerpen", "S"),
    Place("BRU", "Winkel Brussel", "S"),
    Place("LEU", "Winkel Leuven", "S", "csv"),
    Place("NAM", "Magasin Namur", "S", "xlsx"),
)
"""In the order in which orders of the web shop are sent from them."""

SHOPS = tuple(place for place in PLACES if place.kind == "S")
IN_THE_ERP = tuple(place for place in PLACES if not place.drops)


def moment(wall_clock: datetime) -> datetime:
    """A Belgian wall-clock time as a real moment."""
    return wall_clock.replace(tzinfo=BELGIUM)
