"""The tills of the four shops: honest, the same for the same seed, and never half a file."""

import argparse
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import openpyxl
import psycopg
import pyarrow as pa
import pytest

from extractors.excel import ExcelSource
from koppel.embedded import EmbeddedPostgres
from koppel.entities import STOCK_LEVEL, STOCK_LOCATION
from koppel.settings import SourceSettings
from koppel.window import Window
from sandbox import __main__ as sandbox
from sandbox.erp import till
from sandbox.erp.till import Tills
from sandbox.erp.till_files import TillFiles
from tests.sandbox.bare_erp import build

CONFIG = Path(__file__).parents[2] / "config"
NOON = datetime(2026, 11, 26, 12)  # noqa: DTZ001 -- tills know wall-clock time only


@pytest.fixture(scope="module")
def template(postgres: EmbeddedPostgres) -> str:
    build(postgres.database("erp_of_tills", template="template0"), 520)
    return "erp_of_tills"


@pytest.fixture
def url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    yield postgres.database("erp_of_tills_copy", template=template)
    postgres.drop("erp_of_tills_copy")


@pytest.fixture
def db(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def source(drop: Path) -> ExcelSource:
    options = {"folder": str(drop), "mapping": str(CONFIG / "tills.toml"), "settle_seconds": 0}
    return ExcelSource(SourceSettings("tills", "excel", CONFIG, None, options))


def read(drop: Path) -> dict[tuple[str, str], Decimal]:
    rows = pa.concat_tables(source(drop).read(STOCK_LEVEL, Window())).to_pylist()
    return {(row["location"], row["sku"]): Decimal(row["on_hand"]) for row in rows}


def in_erp(db: psycopg.Connection) -> dict[tuple[str, str], Decimal]:
    rows = db.execute(
        "select magazijn, artnr, aantal from voorraad where magazijn in ('ANT', 'BRU') and aantal is not null"
    )
    return {(place, number): amount for place, number, amount in rows}


def test_what_is_sold_is_what_is_missing(db: psycopg.Connection, tmp_path: Path) -> None:
    tills = Tills(db, tmp_path, now=lambda: NOON)
    tills.open()
    before = in_erp(db) | read(tmp_path)
    sales = list(islice(tills.sales(), 120))
    after = in_erp(db) | read(tmp_path)
    for sale in sales:
        before[sale.place, sale.number] -= sale.pieces
    assert after == before
    assert {sale.place for sale in sales} == {"ANT", "BRU", "LEU", "NAM"}
    assert all(sale.pieces > 0 <= sale.left for sale in sales)


def test_the_same_seed_sells_the_same(db: psycopg.Connection, tmp_path: Path) -> None:
    db.autocommit = False
    sold = []
    for name in ("one", "other"):
        sold.append(list(islice(Tills(db, tmp_path / name, 3, lambda: NOON).sales(), 15)))
        db.rollback()
    assert sold[0] == sold[1]


def test_what_is_promised_to_orders_is_not_sold_and_nothing_falls_below_nothing(
    db: psycopg.Connection, tmp_path: Path
) -> None:
    db.execute("delete from voorraad where magazijn not in ('ANT', 'BRU') or artnr not in ('GLA-0001', 'BOR-0001')")
    db.execute("update voorraad set aantal = 3, geres = case magazijn when 'ANT' then 2 else 0 end")
    tills = Tills(db, tmp_path, now=lambda: NOON)
    stock = {number: (Decimal(1), NOON) for number in ("GLA-0001", "BOR-0001")}
    tills._files.shelves = {"LEU": dict(stock), "NAM": dict(stock)}
    sales = list(tills.sales())
    assert sum(sale.pieces for sale in sales) == 2 * 1 + 2 * 3 + 2 * 2
    assert db.execute("select distinct magazijn, aantal, vrd_code from voorraad order by 1").fetchall() == [
        ("ANT", 2, "V"), ("BRU", 0, "N"),
    ]  # fmt: skip
    assert set(read(tmp_path).values()) == {Decimal(0)}
    assert tills.sell() is None


def test_a_second_till_goes_on_where_the_first_one_stopped(db: psycopg.Connection, tmp_path: Path) -> None:
    first = Tills(db, tmp_path, now=lambda: NOON)
    first.open()
    list(islice(first.sales(), 30))
    there = read(tmp_path)
    Tills(db, tmp_path, seed=99, now=lambda: NOON).open()
    assert read(tmp_path) == there


def test_files_look_as_tills_write_them(db: psycopg.Connection, tmp_path: Path) -> None:
    files = TillFiles(tmp_path, ["GLA-0001", "ZEI-0001"], {"ZEI-0001"}, 1, NOON)
    files.shelves = {code: {"ZEI-0001": (Decimal("2.5"), NOON)} for code in ("LEU", "NAM")}
    csv = files.drop("LEU").read_bytes()
    assert csv == b"Winkel;Artikel;Aantal;Geteld op\r\nLEU;ZEI-0001;2,5;26/11/2026 12:00:00\r\n"
    rows = list(openpyxl.load_workbook(files.drop("NAM"))["Voorraad"].values)
    assert rows[2:] == [("Winkel", "Artikel", "Aantal", "Geteld op"), ("NAM", "ZEI-0001", 2.5, NOON)]
    assert read(tmp_path) == {("LEU", "ZEI-0001"): Decimal("2.5"), ("NAM", "ZEI-0001"): Decimal("2.5")}
    with pytest.raises(ValueError, match=r"LEU has 2\.5"):
        files.sell("LEU", "ZEI-0001", Decimal(3), NOON)


def test_nobody_ever_reads_half_a_file(db: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tills = Tills(db, tmp_path, now=lambda: NOON)
    tills.open()
    whole = read(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("sandbox.erp.till_files.os.replace", lambda *_: 1 / 0)  # the machine stops before the renaming
        with pytest.raises(ZeroDivisionError):
            tills._files.drop("LEU")
    assert read(tmp_path) == whole


def test_every_place_is_heard_of(db: psycopg.Connection, tmp_path: Path) -> None:
    heard = "select code from magazijn where laatst_gehoord >= %s order by 1"
    since = db.execute("select nu()").fetchone()[0]
    Tills(db, tmp_path, now=lambda: NOON).open()
    assert db.execute(heard, (since,)).fetchall() == [("ANT",), ("BRU",), ("GENT",), ("LIEG",), ("MECH",)]
    rows = pa.concat_tables(source(tmp_path).read(STOCK_LOCATION, Window())).to_pylist()
    assert sorted(row["location"] for row in rows) == ["LEU", "NAM"]


def test_command_line(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waited: list[float] = []
    options = sandbox.arguments(
        ["till", "--url", url, "--drop", str(tmp_path / "drop"), "--rate", "4/s", "--count", "3"]
    )
    assert till.run(options, waited.append) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 3
    assert all(" sold " in line and " left" in line for line in told)
    assert waited == [0.25, 0.25]
    assert sandbox.main(["till", "--url", url, "--drop", str(tmp_path / "drop"), "--count", "1"]) == 0


@pytest.mark.parametrize("rate", ["0", "-1/s", "1e9"])
def test_an_impossible_rate_is_refused(rate: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no rate"):
        till._rate(rate)
