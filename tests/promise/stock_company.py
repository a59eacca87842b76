"""A company with stock in three places: an ERP that counts two of them, and a shop whose till drops files."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.promise.company import CONFIG, Company

STOCK_CONFIG = CONFIG.replace(
    'entities = ["category", "product", "product_text", "product_image", "product_relation"]',
    'entities = ["category", "product", "product_text"]',
).replace("sync_records = 2\n", 'sync_records = 1000\ncreate_sources = true\nstock = "Koppel"\nretry_seconds = 1\n')
STOCK_CONFIG += """
[flows.stock]
source = "stock"
target = "shop"
entities = ["stock_level"]
[flows.stock.listen]
poll = 0
gather = 0
[sources.stock]
kind = "stock"
from = ["erp", "tills"]
orders = "shop_orders"
orders_poll_seconds = 0
[sources.tills]
kind = "excel"
folder = "$KOPPEL_HOME/tills"
mapping = "tills.toml"
settle_seconds = 0
[sources.shop_orders]
kind = "magento"
connection = "shop"
calls_per_minute = 1000000
settle_seconds = 0.01
read_seconds = 5
retry_seconds = 1
"""
PLACES = {"MECH": ("mechelen", 0), "GENT": ("ghent", 2), "LEU": ("store_leuven", 1)}
"""Per location what the shop calls it, and its safety stock."""
SENDING = ("MECH", "GENT")
"""The places that the ERP counts, and that send parcels."""
STOCK = "".join(
    f'[locations.{code}]\nsource = "{source}"\nsafety = {safety}\n' for code, (source, safety) in PLACES.items()
)
TILLS = """
[[stock_level]]
files = "LEU-*.csv"
complete = "each"
file_time = ["modified_at"]
columns = { location = "Winkel", sku = "Artikel", on_hand = "Aantal" }
[[stock_location]]
files = "LEU-*.csv"
complete = "each"
file_time = ["heard_at", "modified_at"]
columns = { location = "Winkel" }
"""
STOCK_QUERY = """
select location, sku, on_hand, reserved, modified_at,
    (select group_concat(order_number || '=' || pieces, ' ') from web_order
     where web_order.location = shelf.location and web_order.sku = shelf.sku) as taken_for_orders
from shelf where location is not 'LEU'
"""
LONG_AGO = timedelta(hours=2)
Order = dict[str, Any]


def now() -> str:
    """The time as the ERP writes it."""
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True)
class StockCompany(Company):
    """Its ERP has a table more: what lies where, and what it took off for which order of the web shop."""

    @property
    def tills(self) -> Path:
        """Where the till drops its files."""
        return self.folder / "home" / "tills"

    def found(self, settings: str = STOCK_CONFIG) -> "StockCompany":
        """Write the settings, and an ERP without a row."""
        super().found(settings)
        (self.config / "stock.toml").write_text(STOCK)
        (self.config / "tills.toml").write_text(TILLS)
        (self.config / "sql" / "stock_level.sql").write_text(STOCK_QUERY)
        (self.config / "sql" / "stock_location.sql").write_text("select location, heard_at from place")
        self.run("create table shelf (location, sku, on_hand, reserved, modified_at)")
        self.run("create table web_order (order_number, location, sku, pieces, is_sent)")
        self.run("create table place (location, heard_at)")
        self.run("create table dropped (at)")
        self.tills.mkdir(parents=True)
        return self

    def fill(self, products: int, pieces: int = 40) -> "StockCompany":
        """So many products, and as many pieces of each in every place, counted long ago."""
        self.stock_up(products)
        ago = (datetime.now(UTC) - LONG_AGO).isoformat()
        self.insert("shelf", *((place, sku, pieces, 0, ago) for place in PLACES for sku in self.skus()))
        self.insert("place", *((place, now()) for place in SENDING))
        self.drop_till(LONG_AGO)
        return self

    def is_heard(self, *locations: str, at: str = "") -> None:
        """The ERP hears of these places, now or at another time."""
        for location in locations:
            self.run("update place set heard_at = ? where location = ?", at or now(), location)

    def move(self, location: str, sku: str, *, on_hand: float = 0, reserved: float = 0) -> None:
        """Pieces come (above 0) or go."""
        change = "update shelf set on_hand = on_hand + ?, reserved = reserved + ?, modified_at = ?"
        self.run(f"{change} where location = ? and sku = ?", on_hand, reserved, now(), location, sku)

    def take_in(self, order: Order, location: str) -> None:
        """An order of the web shop is known to the ERP from now on, and reserves."""
        with self.opened() as db:
            for line in order["items"]:
                change = "update shelf set reserved = reserved + ?, modified_at = ? where location = ? and sku = ?"
                db.execute(change, (line["ordered"], now(), location, line["sku"]))
                row = (order["increment_id"], location, line["sku"], int(line["ordered"]), 0)
                db.execute("insert into web_order values (?, ?, ?, ?, ?)", row)

    def send(self, number: str) -> None:
        """What the ERP reserved for an order leaves the shelf, and its books."""
        with self.opened() as db:
            for location, sku, pieces in self._lines(db, number, is_sent=0):
                change = "on_hand = on_hand - ?, reserved = reserved - ?, modified_at = ?"
                db.execute(f"update shelf set {change} where location = ? and sku = ?",
                           (pieces, pieces, now(), location, sku))  # fmt: skip
            db.execute("update web_order set is_sent = 1 where order_number = ?", (number,))

    def let_go(self, number: str) -> None:
        """The ERP hears that an order was cancelled: what it reserved is free, what it had picked goes back."""
        with self.opened() as db:
            for is_sent, column, sign in ((0, "reserved", "-"), (1, "on_hand", "+")):
                for location, sku, pieces in self._lines(db, number, is_sent=is_sent):
                    change = f"update shelf set {column} = {column} {sign} ?, modified_at = ? where location = ?"
                    db.execute(f"{change} and sku = ?", (pieces, now(), location, sku))
            db.execute("delete from web_order where order_number = ?", (number,))

    def known_orders(self) -> dict[str, tuple[str, bool]]:
        """The orders that the ERP knows: where it takes them from, and whether they were sent."""
        with self.opened() as db:
            rows = db.execute("select order_number, location, is_sent from web_order").fetchall()
        return {number: (location, bool(is_sent)) for number, location, is_sent in rows}

    def taken_off(self) -> dict[tuple[str, str], tuple[str, float]]:
        """Per order and SKU where the ERP took it off, and how many pieces."""
        with self.opened() as db:
            rows = db.execute("select order_number, sku, location, pieces from web_order").fetchall()
        return {(number, sku): (location, float(pieces)) for number, sku, location, pieces in rows}

    def shelves(self) -> dict[tuple[str, str], float]:
        """Per location and SKU what lies there and is promised to nobody."""
        with self.opened() as db:
            rows = db.execute("select location, sku, on_hand - reserved from shelf").fetchall()
        return {(location, sku): float(pieces) for location, sku, pieces in rows}

    def drop_till(self, ago: timedelta = timedelta(0), rows: Sequence[str] | None = None) -> None:
        """The till of Leuven writes all that it has (or these lines) into a file, so long ago."""
        with self.opened() as db:
            found = db.execute("select location, sku, on_hand from shelf where location = 'LEU'").fetchall()
            number = db.execute("insert into dropped values (?)", (now(),)).lastrowid
        lines = [";".join(map(str, row)) for row in found] if rows is None else rows
        file = self.tills / f"LEU-{number:05d}.csv"
        unfinished = file.with_suffix(".part")
        unfinished.write_text("\n".join(["Winkel;Artikel;Aantal", *lines]) + "\n")
        at = (datetime.now(UTC) - ago).timestamp()
        os.utime(unfinished, (at, at))
        unfinished.rename(file)

    @staticmethod
    def _lines(db: Any, number: str, *, is_sent: int) -> list[Any]:
        wanted = "select location, sku, pieces from web_order where order_number = ? and is_sent = ?"
        return db.execute(wanted, (number, is_sent)).fetchall()  # type: ignore[no-any-return]
