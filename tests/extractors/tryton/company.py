"""A company in Tryton, entered through its own API: 500 products in two categories, three warehouses, and moves between them."""

import hashlib
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.extractors.tryton.server import Office, TrytonServer, environment, locked, running_tryton

PRODUCTS, AT_ONCE = 500, 50  # SQLite can't parse a create of 100 templates
EURO = {"name": "Euro", "code": "EUR", "symbol": "€", "numeric_code": "978"}
WAREHOUSES = {"MECH": "Mechelen", "GENT": "Gent", "LIEG": "Liège"}
READER, READER_PASSWORD = "koppel", "lezen-12-moet"
CLERK = "clerk"
"""Somebody without any right to see stock or sales."""
_ZONES = ("input", "output", "storage")


def money(amount: str) -> dict[str, str]:
    """A decimal as Tryton's JSON has it."""
    return {"__class__": "Decimal", "decimal": amount}


def day(year: int, month: int, of: int) -> dict[str, Any]:
    """A date as Tryton's JSON has it."""
    return {"__class__": "date", "year": year, "month": month, "day": of}


@dataclass
class Company:
    """The company and the numbers of what it has."""

    office: Office
    number: int = 0
    currency: int = 0
    places: dict[str, int] = field(default_factory=dict)
    """Per location, warehouses and their storage (``MECH/storage``, ``MECH/output``) and Tryton's own (``CUS``, ``SUP``)."""
    skus: dict[str, int] = field(default_factory=dict)
    customer: int = 0
    address: int = 0
    units: dict[str, int] = field(default_factory=dict)
    """Per unit of measure, as ``unit``, ``gram``, ``meter``."""

    def opened(self) -> "Company":
        """Look up everything that has been entered."""
        office = self.office
        self.number, self.currency = office.find("company.company", [])[0], office.find("currency.currency", [])[0]
        office.context["company"] = self.number
        [self.customer] = office.find("party.party", [["name", "=", "Web shop"]])
        [self.address] = office.find("party.address", [["party", "=", self.customer]])
        for row in office.call("product.uom", "search_read", [], 0, None, None, ["xml_id"]):
            self.units[row["xml_id"].removeprefix("product.uom_")] = row["id"]
        for row in office.call("stock.location", "search_read", [["code", "!=", None]], 0, None, None, ["code"]):
            self.places[row["code"]] = row["id"]
        for row in office.call("product.product", "search_read", [["code", "!=", None]], 0, None, None, ["code"]):
            self.skus[row["code"]] = row["id"]
        return self

    def template(self, name: str, code: str | None, price: str | None, **more: Any) -> dict[str, Any]:
        """The values of a product with one variant that shares its code."""
        piece = self.units["unit"]
        values = {"name": name, "code": code, "type": "goods", "default_uom": piece, "sale_uom": piece, "salable": True}
        values |= {"list_price": money(price) if price else None, "weight": 350.0, "weight_uom": self.units["gram"]}
        return values | {"products": [["create", [{}]]], **more}

    def sell(self, *templates: dict[str, Any]) -> list[int]:
        """Enter products; the ids of their variants."""
        made = self.office.call("product.template", "create", list(templates))
        variants = self.office.find("product.product", [["template", "in", made]])
        rows = self.office.call("product.product", "read", variants, ["code"])
        self.skus |= {row["code"]: row["id"] for row in rows if row["code"]}
        return variants

    def move(self, sku: str, quantity: float, start: str, end: str, **more: Any) -> dict[str, Any]:
        """The values of a move, as a draft; only what crosses the company's border has a price."""
        is_traded = {start, end} & {"SUP", "CUS"}
        return {
            "product": self.skus[sku], "unit": self.units["unit"], "quantity": quantity, "company": self.number,
            "from_location": self.places[start], "to_location": self.places[end],
            "currency": self.currency if is_traded else None, "unit_price": money("4") if is_traded else None, **more,
        }  # fmt: skip

    def draft(self, *moves: dict[str, Any]) -> list[int]:
        """Enter moves and leave them."""
        return self.office.call("stock.move", "create", list(moves))

    def done(self, *moves: dict[str, Any]) -> list[int]:
        """Enter moves and do them."""
        made = self.draft(*moves)
        self.office.call("stock.move", "do", made)
        return made

    def order(self, reference: str, warehouse: str, **lines: float) -> int:
        """An order of the shop, confirmed and waiting in the warehouse; ``lines`` are quantities per SKU (``_`` for ``-``)."""
        wanted = [
            {"type": "line", "product": self.skus[sku.replace("_", "-")], "quantity": quantity, "unit": self.units["unit"],
             "unit_price": money("9.5")}
            for sku, quantity in lines.items()
        ]  # fmt: skip
        [sale] = self.office.call(
            "sale.sale", "create",
            [{"company": self.number, "party": self.customer, "invoice_address": self.address, "currency": self.currency,
              "shipment_address": self.address, "warehouse": self.places[warehouse], "reference": reference,
              "invoice_method": "manual", "shipment_method": "order", "lines": [["create", wanted]]}],
        )  # fmt: skip
        for step in ("quote", "confirm", "process"):
            self.office.call("sale.sale", step, [sale])
        return sale

    def ship(self, sale: int, *steps: str) -> None:
        """Carry a sale's shipment on: assign_force, pick, pack, do."""
        shipments = self.office.call("sale.sale", "read", [sale], ["shipments"])[0]["shipments"]
        for step in steps:
            self.office.call("stock.shipment.out", step, shipments)

    def quantities(self, place: str, skus: list[str]) -> dict[str, float]:
        """What Tryton itself reports to lie there now."""
        ids = [self.skus[sku] for sku in skus]
        rows = self.office.call("product.product", "read", ids, ["quantity"], locations=[self.places[place]])
        there = {row["id"]: row["quantity"] for row in rows}
        return {sku: there[self.skus[sku]] for sku in skus}


@contextmanager
def running_company() -> Iterator[tuple[TrytonServer, Company]]:
    """A server of one's own on a copy of the filled database."""
    with (
        tempfile.TemporaryDirectory(prefix="koppel-tryton-") as folder,
        running_tryton(Path(folder) / "server", filled()) as server,
    ):
        yield server, Company(Office(server.url)).opened()


def filled() -> Path:
    """The database with the company in it: entered once, and again when this file changes."""
    made = environment()
    mark = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    file = made / f"filled-{mark}.sqlite"
    with locked(made):
        if not file.exists():
            for old in made.glob("filled-*"):
                old.unlink()
            with tempfile.TemporaryDirectory(prefix="koppel-tryton-") as folder:
                with running_tryton(Path(folder) / "server", made / "template.sqlite") as server:
                    office = Office(server.url)
                    _found(office)
                    fill(Company(office).opened())
                _settled(Path(folder) / "server" / "data" / "erp.sqlite", file)
    return file


def _settled(database: Path, file: Path) -> None:
    """A copy with everything in it that the server wrote last."""
    part = file.with_suffix(".part")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)
    shutil.move(part, file)


def _found(office: Office) -> None:
    """Enter the company, its warehouses and its people, without any product."""
    [currency] = office.call("currency.currency", "create", [EURO])
    party, _ = office.call(
        "party.party",
        "create",
        [{"name": "Koppel NV"}, {"name": "Web shop", "addresses": [["create", [{"city": "Gent"}]]]}],
    )
    [number] = office.call("company.company", "create", [{"party": party, "currency": currency}])
    rights = {"companies": [["add", [number]]], "company": number}
    office.call("res.user", "write", [1], rights)
    groups = office.find("res.group", [["name", "in", ["Stock", "Sales"]]])
    people = [
        {"name": "Koppel", "login": READER, "password": READER_PASSWORD, "groups": [["add", groups]], **rights},
        {"name": "Clerk", "login": CLERK, "password": READER_PASSWORD, **rights},
    ]
    office.call("res.user", "create", people)
    for code, name in WAREHOUSES.items():
        parts = [{"name": f"{name} {part}", "code": f"{code}/{part}", "type": "storage"} for part in _ZONES]
        made = office.call("stock.location", "create", parts)
        zones = {f"{part}_location": zone for part, zone in zip(_ZONES, made, strict=True)}
        [warehouse] = office.call(
            "stock.location", "create", [{"name": name, "code": code, "type": "warehouse", **zones}]
        )
        office.call("stock.location", "write", made, {"parent": warehouse})


def fill(company: Company) -> None:
    """Enter the assortment in batches that SQLite bears, and receive it in the three warehouses."""
    office = company.office
    kitchen, garden = office.call(
        "product.category", "create", [{"name": "Kitchen", "code": "KITCHEN"}, {"name": "Garden", "code": "GARDEN"}]
    )
    office.call("product.category", "write", [kitchen], {"name": "Keuken"}, language="nl")
    for start in range(0, PRODUCTS, AT_ONCE):
        numbers = range(start, start + AT_ONCE)
        company.sell(
            *(
                company.template(
                    f"{'Mug' if number % 2 else 'Watering can'} {number}", f"P-{number:04}", f"{5 + number % 40}.95",
                    categories=[["add", [kitchen if number % 2 else garden]]],
                )
                for number in numbers
            )
        )  # fmt: skip
        skus = [f"P-{number:04}" for number in numbers]
        company.done(*(company.move(sku, 5.0 + int(sku[-2:]), "SUP", "MECH/storage") for sku in skus))
        some = [sku for sku in skus if int(sku[-4:]) % 5 == 0]
        company.done(*(company.move(sku, 3.0, "SUP", "GENT/storage") for sku in some))
        company.done(*(company.move(sku, 2.0, "SUP", "LIEG/storage") for sku in some))
