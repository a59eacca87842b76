"""What the sandbox's ERP knows of trade, and that the figures that Koppel reads are those of its raw tables."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import psycopg
import pytest

from data_quality.owners import Owners
from koppel.embedded import EmbeddedPostgres
from sandbox import erp
from sandbox.erp.articles import NOW
from sandbox.erp.trade import SUPPLIERS
from tests.sandbox.bare_erp import build

CONFIG = Path(__file__).parents[2] / "config"
QUERY = (CONFIG / "sql" / "product_trade.sql").read_text("utf-8").strip()
PRODUCTS = 900
CENT = Decimal("0.01")
A_YEAR_AGO = datetime(2025, 11, 20, 22, 0)  # noqa: DTZ001 (a Belgian wall clock, as NOW)
Rows = list[tuple]
Figures = dict[str, dict]


@pytest.fixture(scope="module")
def url(postgres: EmbeddedPostgres) -> str:
    """Built once; only read, or changed in a transaction that is rolled back."""
    address = postgres.database("sandbox_erp_trade", template="template0")
    build(address, PRODUCTS)
    return address


@pytest.fixture
def db(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url) as connection:
        yield connection
        connection.rollback()


def figures(db: psycopg.Connection, where: str = "true", *values: object) -> Figures:
    cursor = db.execute(f"select * from ({QUERY}) q where {where}", values or None)
    names = [column.name for column in cursor.description or ()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def test_revenue_is_what_was_invoiced_in_the_last_12_months(db: psycopg.Connection) -> None:
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for number, amount, moment in db.execute("select artnr, bedrag_excl, fact_op from verkoop").fetchall():
        if A_YEAR_AGO < moment <= NOW:
            sold[number] += amount
    found = figures(db)
    assert {sku: one["revenue_12m_eur"] for sku, one in found.items()} == {sku: sold.get(sku, 0) for sku in found}
    older = db.execute("select count(*) from verkoop where fact_op <= %s", (A_YEAR_AGO,)).fetchone()
    assert older
    assert older[0] > 100


def test_stock_is_worth_its_cost_and_what_is_no_cost_is_unknown(db: psycopg.Connection) -> None:
    costs = dict(db.execute("select artnr, kostprijs from prijs where munt = 'EUR'").fetchall())
    cartons = dict(db.execute("select artnr, aant_karton from artikel").fetchall())
    lies: dict[str, list[Decimal]] = defaultdict(list)
    for number, amount, unit in db.execute("select artnr, aantal, eenh from voorraad").fetchall():
        if amount is not None:
            lies[number].append(amount * (cartons[number] if unit == "KRT" else 1))
    twice = {sku for (sku,) in db.execute("select artnr from artikel group by artnr having count(*) > 1").fetchall()}
    for sku, one in figures(db, "sku <> all(%s)", sorted(twice)).items():
        cost = costs.get(sku)
        is_known = cost and re.fullmatch(r"\d+([.,]\d+)?", cost.strip()) and lies[sku] and max(lies[sku]) < 100_000
        pieces = sum((max(amount, Decimal(0)) for amount in lies[sku]), Decimal(0))
        value = (pieces * Decimal(cost.strip().replace(",", "."))).quantize(CENT, ROUND_HALF_UP) if is_known else None
        assert one["stock_value_eur"] == value, sku


def test_a_count_that_is_a_barcode_makes_no_fortune(db: psycopg.Connection) -> None:
    found = figures(db, "sku in ('LAD-0005', 'LAD-0006', 'LAD-0007')")
    assert found["LAD-0005"]["stock_value_eur"] is None
    assert found["LAD-0006"]["stock_value_eur"] is None
    assert found["LAD-0007"]["stock_value_eur"] > 0  # thousands of pieces, and every one is there


@pytest.mark.parametrize("cost", ["12,4O", "op aanvraag", "", "-1,00", "1.234,50", None])
def test_a_cost_that_is_no_number_makes_the_value_unknown(db: psycopg.Connection, cost: str | None) -> None:
    db.execute("update prijs set kostprijs = %s where artnr = 'LAD-0007'", (cost,))
    assert figures(db, "sku = 'LAD-0007'")["LAD-0007"]["stock_value_eur"] is None


def test_nothing_sold_is_0_and_no_sales_at_all_is_unknown(db: psycopg.Connection) -> None:
    assert 0 < sum(one["revenue_12m_eur"] == 0 for one in figures(db).values()) < PRODUCTS / 5
    db.execute("delete from verkoop")
    assert {one["revenue_12m_eur"] for one in figures(db).values()} == {None}


def test_a_fifth_of_the_articles_brings_in_most_of_the_money(db: psycopg.Connection) -> None:
    revenue = sorted((one["revenue_12m_eur"] for one in figures(db).values()), reverse=True)
    assert Decimal("0.7") < sum(revenue[: len(revenue) // 5]) / sum(revenue) < Decimal("0.92")


def test_the_preferred_supplier_counts_and_some_have_none(db: psycopg.Connection) -> None:
    found = figures(db)
    assert {one["supplier"] for one in found.values()} == {None, *(name for name, _ in SUPPLIERS.values())}
    assert "<b>Nordkoek & Zn</b> =1+1" in {one["supplier"] for one in found.values()}
    several = db.execute("select artnr from art_inkoop group by artnr having count(*) > 1").fetchall()
    preferred = dict(
        db.execute("select artnr, naam from art_inkoop join leverancier using (lev_nr) where voorkeur = 'J'").fetchall()
    )
    assert several
    assert all(found[number]["supplier"] == preferred[number] for (number,) in several)


def test_buyers_are_people_of_owners_toml_but_for_the_one_who_left(db: psycopg.Connection) -> None:
    owners = {one["owner"] for one in figures(db).values()}
    assert owners - set(Owners.load(CONFIG).people) == {None, "jw"}


def test_an_article_number_that_stands_there_twice_doubles_no_figure(db: psycopg.Connection) -> None:
    before = figures(db)["LAD-0007"]
    db.execute("insert into artikel select * from artikel where artnr = 'LAD-0007'")
    db.execute("insert into prijs select * from prijs where artnr = 'LAD-0007'")
    db.execute("insert into leverancier select * from leverancier")
    rows = db.execute(f"select * from ({QUERY}) q where sku = 'LAD-0007'").fetchall()
    assert len(rows) == 2
    assert {tuple(row[:5]) for row in rows} == {tuple(before.values())[:5]}


def test_a_working_day_sells(postgres_url: str) -> None:
    build(postgres_url, PRODUCTS)
    with psycopg.connect(postgres_url) as connection:
        before = figures(connection)
    erp.change(postgres_url, 1, 0.05)
    with psycopg.connect(postgres_url) as connection:
        [(lines, first, last)] = connection.execute(
            "select count(*), min(fact_op), max(fact_op) from verkoop where fact_op > %s", (NOW,)
        ).fetchall()
        after = figures(connection)
    assert lines >= 5
    assert first.date() == last.date() == datetime(2026, 11, 21).date()  # noqa: DTZ001
    assert (
        sum(after[sku]["revenue_12m_eur"] > one["revenue_12m_eur"] for sku, one in before.items()) >= lines - 1
    )  # one may have lost more than a year ago
