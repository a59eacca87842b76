"""A small retailer: its ERP is a SQLite file with a table per entity, its photos are files, and a test changes them at will."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from PIL import Image

CONFIG = """
languages = ["nl", "fr"]
[flows.catalogue]
source = "erp"
target = "shop"
entities = ["category", "product", "product_text", "product_image", "product_relation"]
[flows.prices]
source = "erp"
target = "shop"
entities = ["price"]
[limits]
withdrawn_share = 1.0
held_back_share = 1.0
first_run_only_creates = 0
[sources.erp]
kind = "sql"
connection = "erp"
[targets.shop]
kind = "magento"
connection = "shop"
stores = { nl = "nl", fr = "fr" }
tax_classes = { standard = 2, reduced = 2, zero = 0 }
calls_per_minute = 1000000
settle_seconds = 0.01
read_seconds = 5
bulk_records = 12
sync_records = 2
[targets.workbook]
kind = "workbook"
file = "catalogue.xlsx"
"""
PROPERTIES = """
[color]
label = { nl = "Kleur", fr = "Couleur" }
input = "select"
[color.options]
red = { nl = "Rood", fr = "Rouge" }
blue = { nl = "Blauw", fr = "Bleu" }
"""
TABLES = {
    "category": "category_code, language, name, parent_code, position",
    "product": "sku, name, gtin, brand, category_code, weight_kg, tax_class, status, property_color, photo_count",
    "product_text": "language, sku, name, short_text, long_text",
    "product_image": "sku, position, file, alt_text_nl, alt_text_fr",
    "product_relation": "sku, relation, related_sku, position, related_status",
    "price": "sku, price_eur_excl_vat, cost_eur, currency",
}
QUERIES = {name: f"select {columns} from {name}" for name, columns in TABLES.items()}
QUERIES["product"] = (
    "select product.*, (select price_eur_excl_vat from price where price.sku = product.sku) as first_price_eur_excl_vat"
    " from product"
)
LANGUAGES = {"nl": "waterkoker", "fr": "bouilloire"}
CATEGORIES = {"HOUSE": None, "KITCHEN": "HOUSE", "COFFEE": "KITCHEN"}
COLOURS, BRANDS = ("red", "blue"), ("Ardenna", "Meetjes")


@dataclass(frozen=True)
class Company:
    """The folder of a company: ``config/``, ``media/``, ``erp.db`` and what runs leave behind."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def media(self) -> Path:
        return self.folder / "media"

    @property
    def database(self) -> Path:
        return self.folder / "erp.db"

    @property
    def environment(self) -> dict[str, str]:
        """What a run on this company needs in its environment, besides the ledger and the shop."""
        return {
            "KOPPEL_CONFIG": str(self.config),
            "KOPPEL_HOME": str(self.folder / "home"),
            "KOPPEL_MEDIA": str(self.media),
            "AIRFLOW_CONN_ERP": f"sqlite:///{self.database}",
        }

    def found(self, settings: str = CONFIG) -> "Company":
        """Write the settings, and an ERP without a row."""
        (self.config / "sql").mkdir(parents=True)
        (self.config / "koppel.toml").write_text(settings)
        (self.config / "properties.toml").write_text(PROPERTIES)
        for table, columns in TABLES.items():
            (self.config / "sql" / f"{table}.sql").write_text(QUERIES[table])
            self.run(f"create table {table} ({columns})")
        return self

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """The ERP's database; what was done is kept together or not at all."""
        connection = sqlite3.connect(self.database)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def run(self, statement: str, *values: Any) -> None:
        """One statement in the ERP."""
        with self.opened() as connection:
            connection.execute(statement, values)

    def skus(self) -> list[str]:
        """The products of the ERP, in order."""
        with self.opened() as connection:
            return [sku for (sku,) in connection.execute("select sku from product order by sku")]

    def insert(self, table: str, *rows: tuple[Any, ...]) -> None:
        """Add whole rows."""
        with self.opened() as connection:
            connection.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)

    def remove(self, sku: str) -> None:
        """A product leaves the ERP with all that belongs to it."""
        for table in ("product", "product_text", "product_image", "product_relation", "price"):
            self.run(f"delete from {table} where sku = ?", sku)

    def stock_up(self, products: int) -> "Company":
        """Three categories and so many products, each with texts, photos, relations and a price."""
        for place, (code, parent) in enumerate(CATEGORIES.items(), 1):
            rows = [(code, language, f"{code.title()} {language}", parent, place) for language in LANGUAGES]
            self.insert("category", *rows)
        for number in range(1, products + 1):
            self.add(f"SKU-{number:03d}", number)
        return self

    def add(self, sku: str, number: int) -> None:
        """A product that is fit for a customer; ``number`` decides what it looks like."""
        colour, brand = COLOURS[number % 2], BRANDS[number // 2 % 2]
        category = list(CATEGORIES)[number % 3]
        photos = [self.photo(sku, place) for place in range(1, 2 + number % 2)]
        self.insert(
            "product",
            (sku, f"{brand} {sku}", None, brand, category, str(1 + number / 8), "standard", "active", colour,
             len(photos)),
        )  # fmt: skip
        for language, word in LANGUAGES.items():
            text = f"<p>{brand} {word} {number}, 1,{number} l.</p>"
            self.insert("product_text", (language, sku, f"{brand} {word} nr. {number}", f"{word} {number}", text))
        for place, file in enumerate(photos, 1):
            self.insert("product_image", (sku, place, file, f"{sku} foto {place}", f"{sku} photo {place}"))
        if number % 4 == 0:
            self.insert("product_relation", (sku, "similar", f"SKU-{number - 1:03d}", 1, "active"))
        self.insert("price", (sku, f"{10 + number}.95", "5.00", "EUR"))

    def photo(self, sku: str, place: int, colour: str | None = None) -> str:
        """A photo file whose content no other file has; its name below the media folder."""
        name = f"{re.sub('[^a-z0-9-]', '_', sku.lower())}-{place}.png"
        self.media.mkdir(exist_ok=True)
        shade = colour or f"#{crc32(name.encode()) % 0xFFFFFF:06x}"
        Image.new("RGB", (120, 120), shade).save(self.media / name)
        return name

    def day(self, random: Random, number: int) -> None:
        """A day's work: new products, other texts, prices and photos, another order, products that leave and come back."""
        skus = self.skus()
        picked = random.sample(skus, 6)
        self.run("update product_text set name = name || ' +' where sku = ? and language = 'nl'", picked[0])
        self.run("update product set weight_kg = weight_kg + 0.125, category_code = 'HOUSE' where sku = ?", picked[1])
        self.photo(picked[2], 1, f"#{random.randrange(0xFFFFFF):06x}")
        self.run("update product_image set alt_text_fr = alt_text_fr || '!' where sku = ?", picked[2])
        self.run("update product_image set position = 4 - position where sku = ?", picked[3])
        self.run("delete from product_relation where sku = ?", picked[4])
        self.insert("product_relation", (picked[4], "accessory", picked[0], 1, "active"))
        self.remove(picked[5])
        self.run("delete from product_relation where related_sku = ?", picked[5])
        self.add(f"NEW-{number:03d}", 100 + number)
        self.run("update category set name = name || '.' where category_code = 'COFFEE' and language = 'fr'")
