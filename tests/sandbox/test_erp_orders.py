"""What happens to stock in the sandbox ERP: orders reserve, shipments take off, nothing appears or gets lost."""

from collections.abc import Iterator
from decimal import Decimal

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koppel.embedded import EmbeddedPostgres
from sandbox.erp import orders
from sandbox.erp.database import _SCHEMA
from sandbox.erp.orders import Part
from sandbox.erp.places import IN_THE_ERP

ARTICLES = {"GLAS": 1, "BIER": 6, "ZEIL": 1}
"""Articles with the pieces in a carton."""
SHELVES = [
    ("GLAS", "MECH", "3", "ST"), ("GLAS", "GENT", "10", "ST"), ("BIER", "MECH", "7", "ST"), ("BIER", "GENT", "4", "KRT"),
    ("ZEIL", "MECH", "12.5", "ST"), ("SET", "MECH", "0", "ST"),
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection]:
    """A tiny ERP in a transaction; every test rolls back."""
    with psycopg.connect(postgres.database("erp_orders", template="template0")) as connection:
        connection.execute(_SCHEMA.read_text("utf-8"))
        for number, size in ARTICLES.items():
            connection.execute(
                "insert into artikel (artnr, aant_karton, dt_aanm, dt_wijz) values (%s, %s, now(), now())",
                (number, size),
            )
        for place, one in enumerate(IN_THE_ERP):
            connection.execute("insert into magazijn values (%s, '', 'W', %s, '2020-01-01')", (one.code, place))
        for row in SHELVES:
            connection.execute(
                "insert into voorraad values (%s, %s, %s, 0, 12, null, %s, 'V', null, '2020-01-01')", row
            )
        connection.execute("insert into set_onderd values ('SET', 'GLAS', 2, now()), ('SET', 'BIER', 6, now())")
        connection.commit()
        yield connection


@pytest.fixture
def db(shop: psycopg.Connection) -> Iterator[psycopg.Connection]:
    yield shop
    shop.rollback()


def pieces(db: psycopg.Connection) -> dict[str, tuple[float, float]]:
    """On hand and reserved, in pieces."""
    rows = db.execute(
        "select v.magazijn, v.artnr, v.aantal, v.geres, case when v.eenh = 'KRT' then a.aant_karton else 1 end"
        " from voorraad v left join artikel a using (artnr)"
    )
    return {f"{place}:{number}": (float(there * size), float(held * size)) for place, number, there, held, size in rows}


def statuses(db: psycopg.Connection) -> list[tuple[str, str, Decimal, str]]:
    return db.execute("select artnr, magazijn, aantal, status from webord order by 1, 2, 4").fetchall()


def test_an_order_goes_its_way(db: psycopg.Connection) -> None:
    assert orders.import_order(db, "000000001", [("GLAS", 1), ("GLAS", 1)]) == [Part("GLAS", "MECH", Decimal(2))]
    assert pieces(db)["MECH:GLAS"] == (3, 2)
    orders.pick(db, "000000001")
    assert pieces(db)["MECH:GLAS"] == (3, 2)
    assert statuses(db) == [("GLAS", "MECH", 2, "P")]
    assert orders.ship(db, "000000001", pieces=1) == [Part("GLAS", "MECH", Decimal(1))]
    assert pieces(db)["MECH:GLAS"] == (2, 1)
    assert statuses(db) == [("GLAS", "MECH", 1, "P"), ("GLAS", "MECH", 1, "V")]
    assert orders.cancel(db, "000000001") == [Part("GLAS", "MECH", Decimal(1))]
    assert pieces(db)["MECH:GLAS"] == (2, 0)
    assert orders.ship(db, "000000001") == orders.cancel(db, "000000001") == []
    orders.return_goods(db, "GLAS", 1)
    assert pieces(db)["MECH:GLAS"] == (3, 0)
    assert statuses(db) == [("GLAS", "MECH", 1, "V"), ("GLAS", "MECH", 1, "X")]  # what was taken off stays told


def test_the_same_order_twice_is_one_order(db: psycopg.Connection) -> None:
    orders.import_order(db, "000000001", [("GLAS", 2)])
    assert orders.import_order(db, "000000001", [("GLAS", 2)]) == []
    assert pieces(db)["MECH:GLAS"] == (3, 2)


def test_goods_come_from_one_place_else_from_several_else_are_waited_for(db: psycopg.Connection) -> None:
    assert orders.import_order(db, "1", [("GLAS", 5)]) == [Part("GLAS", "GENT", Decimal(5))]
    assert orders.import_order(db, "2", [("GLAS", 7)]) == [
        Part("GLAS", "MECH", Decimal(3)), Part("GLAS", "GENT", Decimal(4)),
    ]  # fmt: skip
    assert orders.import_order(db, "3", [("GLAS", 4)]) == [
        Part("GLAS", "MECH", Decimal(3)), Part("GLAS", "GENT", Decimal(1)),
    ]  # fmt: skip
    assert pieces(db)["MECH:GLAS"] == (3, 6)
    orders.receive_goods(db, "GLAS", 5)
    assert pieces(db)["MECH:GLAS"] == (8, 6)
    assert orders.ship(db, "3", place="MECH") == [Part("GLAS", "MECH", Decimal(3))]


def test_a_set_takes_what_is_in_it(db: psycopg.Connection) -> None:
    assert orders.import_order(db, "1", [("SET", 1), ("GLAS", 1)]) == [
        Part("BIER", "MECH", Decimal(6)), Part("GLAS", "MECH", Decimal(3)),
    ]  # fmt: skip
    assert orders.ship(db, "1", "BIER", 6) == [Part("BIER", "MECH", Decimal(6))]
    assert pieces(db)["MECH:GLAS"] == (3, 3)


def test_pieces_out_of_cartons_add_up(db: psycopg.Connection) -> None:
    for number in range(24):
        orders.import_order(db, f"{number}", [("BIER", 1)])
    assert pieces(db)["MECH:BIER"] == (7, 7)
    assert pieces(db)["GENT:BIER"] == (24, 17)
    for number in range(24):
        orders.ship(db, f"{number}")
    assert pieces(db)["GENT:BIER"] == pytest.approx((7, 0), abs=1e-9)
    orders.count(db, "BIER", "GENT", 12)
    assert db.execute("select aantal from voorraad where artnr = 'BIER' and magazijn = 'GENT'").fetchone() == (2,)
    assert db.execute("select geteld_op > now() - interval '1 day' from voorraad where aantal = 2").fetchone() == (
        True,
    )


def test_deliveries_lower_what_is_to_come(db: psycopg.Connection) -> None:
    orders.receive_goods(db, "BIER", 12, "GENT")
    orders.receive_goods(db, "GLAS", 20, "MECH")
    coming = dict(db.execute("select magazijn || artnr, te_ontv from voorraad").fetchall())
    assert (coming["GENTBIER"], coming["MECHGLAS"]) == (10, 0)


def test_what_is_sold_out_is_told(db: psycopg.Connection) -> None:
    orders.import_order(db, "1", [("GLAS", 3)])
    orders.ship(db, "1")
    code = "select vrd_code from voorraad where artnr = 'GLAS' and magazijn = 'MECH'"
    assert db.execute(code).fetchone() == ("N",)
    orders.return_goods(db, "GLAS", 1)
    assert db.execute(code).fetchone() == ("V",)


def test_whatever_happens_is_stamped_and_its_place_heard_of(db: psycopg.Connection) -> None:
    orders.import_order(db, "1", [("GLAS", 1)])
    fresh = "select artnr from {} where wijz_op >= now()"
    assert db.execute(fresh.format("voorraad")).fetchall() == [("GLAS",)]
    db.execute("update webord set wijz_op = '2020-01-01'")
    orders.pick(db, "1")
    assert db.execute(fresh.format("webord")).fetchall() == [("GLAS",)]
    assert db.execute("select code from magazijn where laatst_gehoord >= now()").fetchall() == [("MECH",)]


@pytest.mark.parametrize("amount", [0, -1, float("nan"), float("inf")])
def test_no_amount_of_goods_is_refused(db: psycopg.Connection, amount: float) -> None:
    with pytest.raises(ValueError, match="no amount"):
        orders.import_order(db, "1", [("GLAS", amount)])


def test_an_article_without_stock_is_named(db: psycopg.Connection) -> None:
    with pytest.raises(ValueError, match="keeps no stock of 'TAFEL'"):
        orders.import_order(db, "1", [("TAFEL", 1)])


number = st.sampled_from(["1", "2", "3"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("import"), number, st.sampled_from(["GLAS", "BIER", "ZEIL", "SET"]), st.integers(1, 9)),
        st.tuples(st.just("pick"), number),
        st.tuples(st.just("ship"), number, st.integers(1, 9)),
        st.tuples(st.just("cancel"), number, st.integers(1, 9)),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_reserved_is_what_is_open_and_on_hand_is_what_did_not_leave(shop: psycopg.Connection, history: list) -> None:
    """Whatever happens: geres = what orders wait for, aantal = what was there less what was shipped."""
    shop.rollback()
    before = pieces(shop)
    for what, order, *rest in history:
        if what == "import":
            orders.import_order(shop, order, [(rest[0], rest[1])])
        elif what == "pick":
            orders.pick(shop, order)
        else:
            (orders.ship if what == "ship" else orders.cancel)(shop, order, pieces=rest[0])
    told = "select coalesce(sum(aantal), 0) from webord where magazijn || ':' || artnr = %s and status = any(%s)"
    for key, (there, held) in pieces(shop).items():
        open_ = float(shop.execute(told, (key, ["I", "P"])).fetchone()[0])
        shipped = float(shop.execute(told, (key, ["V"])).fetchone()[0])
        assert held == pytest.approx(open_, abs=1e-9)
        assert there == pytest.approx(before[key][0] - shipped, abs=1e-9)
    shop.rollback()
