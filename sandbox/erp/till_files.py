"""The tills of the shops that keep their own stock: what lies there, kept in the drop folder, and the files that they drop.

A file holds the whole stock of its shop. It is written beside and then renamed, so that nobody ever reads half of one.
"""

import csv
import io
import json
import os
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import openpyxl

from sandbox.erp.places import SHOPS, Place

HEADERS = ("Winkel", "Artikel", "Aantal", "Geteld op")
_STATE = ".tills.json"  # a file that no mapping fits, and that starts with a point
Shelf = dict[str, tuple[Decimal, datetime]]
"""Per article number what lies there, and when that last changed (Belgian wall clock)."""


class TillFiles:
    """The stock of the shops that drop files. ``numbers``: what the shops sell; ``by_measure``: which of that is sold by metre.

    What an earlier till left in the folder is taken over.
    """

    def __init__(self, folder: Path, numbers: list[str], by_measure: set[str], seed: int, now: datetime) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.shelves = self._kept() or {
            place.code: _first_stock(place, numbers, by_measure, seed, now) for place in SHOPS if place.drops
        }

    def sell(self, code: str, number: str, pieces: Decimal, now: datetime) -> None:
        """Take pieces off the shelf and drop the shop's file anew. Raises ValueError when there are not so many."""
        there = self.shelves[code][number][0]
        if pieces > there:
            raise ValueError(f"{code} has {there} of {number}, not {pieces}.")
        self.shelves[code][number] = (there - pieces, now)
        self.drop(code)

    def drop(self, code: str) -> Path:
        """Write the file of a shop, and keep what lies there for the next till."""
        place = next(place for place in SHOPS if place.code == code)
        write: Callable[[Place, Shelf], bytes] = _csv if place.drops == "csv" else _xlsx
        self._replace(_STATE, json.dumps(self.shelves, default=str).encode())
        return self._replace(f"{code}-voorraad.{place.drops}", write(place, self.shelves[code]))

    def _replace(self, name: str, content: bytes) -> Path:
        draft, path = self._folder / f".{name}.half", self._folder / name
        draft.write_bytes(content)
        os.replace(draft, path)  # noqa: PTH105 -- says what matters: it is atomic
        return path

    def _kept(self) -> dict[str, Shelf]:
        try:
            found = json.loads((self._folder / _STATE).read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return {
            code: {number: (Decimal(pieces), datetime.fromisoformat(at)) for number, (pieces, at) in shelf.items()}
            for code, shelf in found.items()
        }


def _first_stock(place: Place, numbers: list[str], by_measure: set[str], seed: int, now: datetime) -> Shelf:
    random = Random(f"{seed}:{place.code}")
    carried = sorted(random.sample(numbers, round(len(numbers) * 0.6)))
    return {
        number: (Decimal(random.randint(0, 60)) / 2 if number in by_measure else Decimal(random.randint(0, 12)), now)
        for number in carried
    }


def _csv(place: Place, shelf: Shelf) -> bytes:
    """As the till of Leuven writes it: semicolons, decimal commas, Windows' letters."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADERS)
    for number, (pieces, at) in shelf.items():
        writer.writerow((place.code, number, str(pieces).replace(".", ","), f"{at:%d/%m/%Y %H:%M:%S}"))
    return text.getvalue().encode("cp1252")


def _xlsx(place: Place, shelf: Shelf) -> bytes:
    """As that of Namur does: a title, an empty row, and real numbers and times."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Voorraad")
    sheet.append([f"Voorraad {place.name}"])
    sheet.append([])
    sheet.append(list(HEADERS))
    for number, (pieces, at) in shelf.items():
        sheet.append([place.code, number, float(pieces), at])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
