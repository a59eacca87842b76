"""``python -m sandbox till --url URL --drop DIR``: the tills of the four shops, which sell at random and never what is not there.

Antwerp and Brussels write into the ERP; Leuven and Namur drop a file with their whole stock (sandbox/erp/till_files.py).
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count, islice
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from sandbox.erp.database import driver_url
from sandbox.erp.orders import hear
from sandbox.erp.places import BELGIUM, IN_THE_ERP, SHOPS
from sandbox.erp.till_files import TillFiles

_SOLD = "stat = 'A' and artnr ~ '^[A-Z]{3}-[0-9]{4}$'"
_NOT_PROMISED = "v.aantal - coalesce(v.geres, 0)"


@dataclass(frozen=True, slots=True)
class Sale:
    """What one customer took along; ``left`` lies there now (for a shop of the ERP: without what is promised to orders)."""

    place: str
    number: str
    pieces: Decimal
    left: Decimal


class Tills:
    """The tills of all shops. ``connection``: to the ERP, in autocommit; ``now``: gives Belgian wall-clock time."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        drop: Path,
        seed: int = 7,
        now: Callable[[], datetime] = lambda: datetime.now(BELGIUM).replace(tzinfo=None),
    ) -> None:
        self._erp, self._random, self._now = connection, Random(f"tills {seed}"), now
        self._by_measure = self._numbers("artnr in (select artnr from art_kenm where knm_code = 'EENH')")
        self._files = TillFiles(drop, sorted(self._numbers("true")), self._by_measure, seed, now())

    def open(self) -> None:
        """Every place is heard of, and the shops that drop files say what they have."""
        hear(self._erp, *(place.code for place in IN_THE_ERP))
        for code in self._files.shelves:
            self._files.drop(code)

    def sell(self) -> Sale | None:
        """One sale in one of the shops; None when nothing is left anywhere."""
        for shop in self._random.sample(SHOPS, len(SHOPS)):
            sale = self._sell_from_file(shop.code) if shop.drops else self._sell_in_erp(shop.code)
            if sale:
                return sale
        return None

    def sales(self) -> Iterator[Sale]:
        """Sale after sale, until everything is gone."""
        while sale := self.sell():
            yield sale

    def _numbers(self, condition: str) -> set[str]:
        rows = self._erp.execute(f"select distinct artnr from artikel where {_SOLD} and {condition}".encode())
        return {number for (number,) in rows}

    def _sell_in_erp(self, code: str) -> Sale | None:
        """One statement, so that two tills never sell the same piece."""
        there = self._erp.execute(
            f"select artnr, {_NOT_PROMISED} from voorraad v where magazijn = %s and eenh = 'ST' and {_NOT_PROMISED} >= 1"
            " and aantal < 100000 order by artnr",
            (code,),
        ).fetchall()
        while there:
            number, free = there.pop(self._random.randrange(len(there)))
            pieces = self._pieces(number, free)
            sold = self._erp.execute(
                "update voorraad v set aantal = aantal - %s, vrd_code = case when vrd_code = 'V' and aantal = %s then 'N'"
                f" else vrd_code end where artnr = %s and magazijn = %s and {_NOT_PROMISED} >= %s returning {_NOT_PROMISED}",
                (pieces, pieces, number, code, pieces),
            ).fetchone()
            if sold:
                hear(self._erp, code)
                return Sale(code, number, pieces, sold[0])
        return None

    def _sell_from_file(self, code: str) -> Sale | None:
        there = [number for number, (pieces, _) in self._files.shelves[code].items() if pieces >= 1]
        if not there:
            return None
        number = self._random.choice(there)
        pieces = self._pieces(number, self._files.shelves[code][number][0])
        self._files.sell(code, number, pieces, self._now())
        return Sale(code, number, pieces, self._files.shelves[code][number][0])

    def _pieces(self, number: str, most: Decimal) -> Decimal:
        wanted = Decimal(self._random.choice((1, 1, 1, 2)))
        if number in self._by_measure:
            wanted += Decimal(self._random.randint(0, 3)) / 2
        return min(wanted, most)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the subcommand."""
    parser.add_argument("--url", required=True, help="postgresql://... of a sandbox ERP")
    parser.add_argument("--drop", type=Path, required=True, help="folder into which Leuven and Namur drop their files")
    parser.add_argument("--rate", type=_rate, default=1.0, metavar="N/s", help="sales a second (1/s)")
    parser.add_argument("--count", type=int, default=0, help="how many sales (0: until it is interrupted)")
    parser.add_argument("--seed", type=int, default=7)


def run(options: argparse.Namespace, sleep: Callable[[float], None] = time.sleep) -> int:
    """Sell, and tell each sale."""
    with psycopg.connect(driver_url(options.url), autocommit=True) as connection:
        tills = Tills(connection, options.drop, options.seed)
        tills.open()
        sales = islice(tills.sales(), options.count) if options.count else tills.sales()
        for number, sale in zip(count(1), sales, strict=False):
            sys.stdout.write(f"{sale.place} sold {sale.pieces:f} of {sale.number}; {sale.left:f} left\n")
            sys.stdout.flush()
            if number != options.count:
                sleep(1 / options.rate)
    return 0


def _rate(text: str) -> float:
    rate = float(text.removesuffix("/s"))
    if not 0 < rate < 1000:
        raise argparse.ArgumentTypeError(f"{text} is no rate; write 1/s or 0.5/s")
    return rate
