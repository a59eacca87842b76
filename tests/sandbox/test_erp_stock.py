"""Stock in the sandbox ERP: spread over places without changing what an article has, read in pieces, found at once among many."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

from extractors.queries import literal, read_query
from koppel import registry
from koppel.embedded import EmbeddedPostgres
from koppel.entities import STOCK_COMPONENT, STOCK_LEVEL, STOCK_LOCATION, Entity
from koppel.settings import Settings
from koppel.stock_settings import StockSettings
from koppel.window import Window
from sandbox import erp
from sandbox.erp import orders
from sandbox.erp.catalogue import catalogue
from sandbox.erp.places import IN_THE_ERP, PLACES, SHOPS
from sandbox.erp.stock import SETS, levels
from tests.sandbox.bare_erp import build

PRODUCTS = 520
CONFIG = Path(__file__).parents[2] / "config"
Read = Callable[..., list[dict]]


@pytest.fixture(scope="module")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a database with the ERP in it, to be copied."""
    build(postgres.database("erp_of_stock", template="template0"), PRODUCTS)
    return "erp_of_stock"


@pytest.fixture
def url(postgres: EmbeddedPostgres, template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    found = postgres.database("erp_of_stock_copy", template=template)
    monkeypatch.setenv("AIRFLOW_CONN_ERP", found)
    yield found
    postgres.drop("erp_of_stock_copy")


@pytest.fixture
def db(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def read(url: str) -> Read:
    """Read an entity with the project's own query."""
    source = registry.source(Settings.load(CONFIG), "erp")

    def rows(window: Window = Window(), entity: Entity = STOCK_LEVEL) -> list[dict]:  # noqa: B008 -- frozen
        return pa.concat_tables(source.read(entity, window)).to_pylist()

    return rows


def moment(db: psycopg.Connection):
    return db.execute("select nu()").fetchone()[0]


def names(rows: list[dict]) -> set[str]:
    return {f"{row['location']}:{row['sku']}" for row in rows}


# --- what is sown ----------------------------------------------------------------------------------------------------


def test_over_all_places_an_article_has_what_it_had() -> None:
    few = {key.split(":")[1] for kinds in erp.SOWN_STOCK.values() for keys in kinds.values() for key in keys}
    spread = 0
    for article in catalogue(7, 1200):
        found = levels(article)
        pieces = sum(
            level.amount * (article.carton_count if level.unit == "KRT" else 1) for level in found if level.amount
        )
        if article.number not in few:
            assert pieces == Decimal(article.stock or 0)
            assert all(level.amount >= 0 for level in found) or len(found) == 1
        spread += len(found) > 1
    assert spread > 1000


def test_places_are_those_of_the_configuration(db: psycopg.Connection, read: Read) -> None:
    settings = StockSettings.load(CONFIG)
    assert list(settings.locations) == [place.code for place in PLACES]
    codes = {place.code for place in IN_THE_ERP}
    assert {row["location"] for row in read()} == codes
    heard = read(entity=STOCK_LOCATION)
    assert {row["location"] for row in heard} == codes
    assert all(row["heard_at"] == row["modified_at"] for row in heard)
    assert {shop.drops for shop in SHOPS} == {"", "csv", "xlsx"}


def test_some_places_count_in_cartons_and_all_are_read_in_their_own_unit(db: psycopg.Connection, read: Read) -> None:
    sizes = dict(db.execute("select artnr, array_agg(aant_karton) from artikel group by 1").fetchall())
    cartons = {
        (place, number) for number, place in db.execute("select artnr, magazijn from voorraad where eenh = 'KRT'")
    }
    assert len(cartons) > 10
    for row in read():
        is_carton = (row["location"], row["sku"]) in cartons
        assert row["unit_size"] in (sizes[row["sku"]] if is_carton else [1])  # an article number may stand there twice


def test_metres_are_sold_by_measure(read: Read) -> None:
    by_measure = {row["sku"] for row in read() if row["sold_by_measure"]}
    assert by_measure
    assert all(sku.startswith("ZEI") for sku in by_measure)


@pytest.mark.parametrize(
    ("topic", "is_wrong"),
    [
        ("count_negative", lambda row: Decimal(row["on_hand"]) < 0),
        ("count_absurd", lambda row: Decimal(row["on_hand"]) * row["unit_size"] > 100_000),
        (
            "count_fraction",
            lambda row: Decimal(row["on_hand"]) * row["unit_size"] % 1 != 0 and not row["sold_by_measure"],
        ),
        ("count_missing", lambda row: row["on_hand"] is None),
    ],
)
def test_sown_counts_are_what_they_say(read: Read, topic: str, is_wrong: Callable[[dict], bool]) -> None:
    rows = {f"{row['location']}:{row['sku']}": row for row in read()}
    cases = erp.SOWN_STOCK[topic]
    assert all(is_wrong(rows[key]) for key in cases["true"])
    assert not any(is_wrong(rows[key]) for key in cases["lookalike"])


def test_made_to_order_and_drop_ship_are_told(read: Read) -> None:
    assert {"in_stock", "out_of_stock", "made_to_order", "drop_ship"} <= {row["status"] for row in read()}


def test_sets_are_made_of_articles_that_exist(db: psycopg.Connection, read: Read) -> None:
    known = {number for (number,) in db.execute("select artnr from artikel")}
    found = read(entity=STOCK_COMPONENT)
    assert len({row["sku"] for row in found}) >= 3
    for row in found:
        assert {row["sku"], row["component_sku"]} <= known
        assert SETS[row["sku"]][row["component_sku"]] == float(row["quantity"])


# --- what changed since ----------------------------------------------------------------------------------------------


def test_what_changed_since_is_read_and_no_more(db: psycopg.Connection, read: Read) -> None:
    since = moment(db)
    assert read(Window(since=since)) == []
    db.execute("update voorraad set aantal = 77 where artnr = 'GLA-0001' and magazijn = 'GENT'")
    (row,) = read(Window(since=since))
    assert (row["location"], row["sku"], row["on_hand"], row["taken_for_orders"]) == ("GENT", "GLA-0001", "77", None)
    assert row["modified_at"] >= since


def test_a_change_of_an_order_alone_brings_its_row_with_a_new_time(db: psycopg.Connection, read: Read) -> None:
    orders.import_order(db, "000000012", [("GLA-0001", 2)])
    since = moment(db)
    orders.pick(db, "000000012")
    (row,) = read(Window(since=since))
    assert (row["location"], row["taken_for_orders"]) == ("MECH", "000000012=2")
    assert row["modified_at"] >= since
    until = moment(db)
    db.execute("update voorraad set aantal = aantal where artnr = 'BOR-0001'")
    assert names(read(Window(since=since, until=until))) == {"MECH:GLA-0001"}


def test_keys_bring_every_place_of_an_article(read: Read) -> None:
    found = read(Window(keys=("GLA-0001", "no such", "x' or 1=1 --")))
    assert names(found) == {f"{place.code}:GLA-0001" for place in IN_THE_ERP}


def test_orders_that_are_long_over_are_settled(db: psycopg.Connection, read: Read) -> None:
    for number, days in (("000000001", 59), ("000000002", 61)):
        orders.import_order(db, number, [("GLA-0001", 1)])
        orders.ship(db, number)
        db.execute("update webord set wijz_op = now() - %s where ordernr = %s", (timedelta(days=days), number))
    assert [row["taken_for_orders"] for row in read(Window(keys=("GLA-0001",))) if row["location"] == "MECH"] == [
        "000000001=1"
    ]


def test_a_carton_of_unknown_size_is_not_taken_for_a_piece(db: psycopg.Connection, read: Read) -> None:
    number, place = db.execute(
        "select artnr, magazijn from voorraad where eenh = 'KRT' order by 1, 2 limit 1"
    ).fetchone()
    db.execute("update artikel set aant_karton = null where artnr = %s", (number,))
    assert [row["unit_size"] for row in read(Window(keys=(number,))) if row["location"] == place] == [0]


def test_the_query_finds_what_changed_by_its_indexes(db: psycopg.Connection) -> None:
    """As many rows as it takes for PostgreSQL to prefer an index; with 1,000,000 the plan is the same."""
    db.execute(
        "insert into voorraad select artnr || '-' || i, magazijn, aantal, geres, te_ontv, verw_op, eenh, vrd_code, geteld_op,"
        " wijz_op - i * interval '1 minute' from voorraad, generate_series(1, 20) i"
    )
    db.execute(
        "insert into webord select i::text, artnr, magazijn, 1, 'V', wijz_op - i * interval '1 minute'"
        " from voorraad, generate_series(1, 2) i"
    )
    db.execute("analyze voorraad, webord")
    query = read_query(CONFIG / "sql", STOCK_LEVEL)
    text = literal(query.text, {"since": moment(db), "until": None, "all_keys": True})
    plan = "\n".join(line for (line,) in db.execute(f"explain {text}"))
    assert "voorraad_wijz_op_idx" in plan
    assert "webord_wijz_op_idx" in plan
    assert "Seq Scan on voorraad" not in plan
    began = time.perf_counter()
    assert db.execute(text).fetchall() == []
    assert time.perf_counter() - began < 0.5  # some milliseconds, but for a busy machine


# --- the signal ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "update voorraad set aantal = 1 where artnr = 'GLA-0001'",
        "insert into webord values ('000000009', 'GLA-0001', 'MECH', 1, 'I', now())",
        "delete from voorraad where artnr = 'GLA-0001'",
    ],
)
def test_a_change_is_signalled_once_it_is_committed(db: psycopg.Connection, url: str, statement: str) -> None:
    db.execute("listen koppel_stock")
    with psycopg.connect(url) as other:
        other.execute(statement)
        assert list(db.notifies(timeout=0.1)) == []
        other.commit()
    assert [signal.channel for signal in db.notifies(timeout=60, stop_after=1)] == ["koppel_stock"]


def test_the_source_of_the_project_hears_it(db: psycopg.Connection, url: str) -> None:
    source = registry.source(Settings.load(CONFIG), "erp")
    source.wait(60)
    db.execute("update voorraad set aantal = 1 where artnr = 'GLA-0001'")
    assert source.wait(60)


def test_a_working_day_moves_stock_in_every_place(db: psycopg.Connection, url: str, read: Read) -> None:
    orders.import_order(db, "000000001", [("GLA-0001", 1)])
    before = {f"{row['location']}:{row['sku']}": row["on_hand"] for row in read()}
    db.execute("update voorraad set aantal = aantal where artnr = 'BOR-0002'")
    since = db.execute("select max(wijz_op) from voorraad").fetchone()[0]
    happened = erp.change(url, 1, 0.05)
    changed = [row for row in read(Window(since=since)) if f"{row['location']}:{row['sku']}" in before]
    assert {row["sku"] for row in changed} >= set(happened["stock"])
    assert {row["location"] for row in changed} == {place.code for place in IN_THE_ERP}
    assert any(
        before[f"{row['location']}:{row['sku']}"] != row["on_hand"] for row in changed if row["location"] == "LIEG"
    )
    assert all(
        Decimal(row["on_hand"]) >= Decimal(row["reserved"]) for row in changed if row["sku"] in happened["stock"]
    )
