"""AdventureWorks all the way into the shop, by configuration alone: twice the same, and once more after a day's changes."""

import hashlib
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from koppel import flow, registry
from koppel.audit import audit
from koppel.cli import app
from koppel.entities import ENTITIES
from koppel.settings import Settings
from koppel.window import Window
from sandbox.magento import content
from tests import adventureworks
from tests.examples.nights import CONFIG, COUPLED, Coupled, Night

pytestmark = pytest.mark.skipif(not adventureworks.FOLDER.is_dir(), reason=adventureworks.MISSING)

FINISHED_GOODS = 295
ENABLED, DISABLED = 1, 2
POUND_KG = 0.45359237
NO_IMAGE = "f304005422457a5967287ad82c2e64909093ef5f2fc7e1e41a2d465213e0b969"
"""sha256 of the picture "no image available", which 138 finished goods show."""


@pytest.fixture(scope="module")
def reasons(coupled: Coupled, first: Night) -> dict[str, dict[str, tuple[str, str]]]:
    """Per entity the state and reason of every record after the first night."""
    return {name: coupled.standing(name) for name in COUPLED}


@pytest.fixture(scope="module")
def differences(coupled: Coupled, first: Night, reasons: object) -> list[Any]:
    """What an audit finds right after the first night."""
    target = registry.target(Settings.load(), "shop")
    return [one for name in COUPLED for one in audit(coupled.ledger, target, ENTITIES[name])]


@pytest.fixture(scope="module")
def second(coupled: Coupled, differences: object) -> Night:
    return coupled.night()


@pytest.fixture(scope="module")
def third(coupled: Coupled, second: Night) -> Night:
    """A day later: a price became 0, a bicycle without a price is new, another one is no longer sold."""
    columns = [name for (name,) in coupled.rows(_COLUMNS)]
    copied = ", ".join(
        {"productid": "9001", "productnumber": "'BK-FREE-38'", "listprice": "0"}.get(c, c) for c in columns
    )
    with psycopg.connect(coupled.database) as connection:
        connection.execute(
            f"insert into production.product ({', '.join(columns)}) select {copied} from production.product"
            " where productnumber = 'BK-M68B-38'"
        )
        connection.execute("update production.product set listprice = 0 where productnumber = 'BK-M68B-38'")
        connection.execute("update production.product set sellenddate = now() where productnumber = 'BK-M68B-42'")
    return coupled.night()


_COLUMNS = """select column_name from information_schema.columns
    where table_schema = 'production' and table_name = 'product' order by ordinal_position"""


def test_every_finished_good_is_accounted_for(coupled: Coupled, first: Night, reasons: dict[str, Any]) -> None:
    assert first.statuses == {"catalogue": "reconciled", "prices": "reconciled"}
    expected = {"product": FINISHED_GOODS, "price": FINISHED_GOODS, "product_text": 2 * FINISHED_GOODS}
    assert {name: first.counts[name]["read"] for name in expected} == expected
    for name, counts in first.counts.items():
        assert counts["read"] == counts["delivered"] + counts["held_back"], name
    sold = {sku for (sku,) in coupled.rows("select productnumber from production.product where finishedgoodsflag")}
    assert set(reasons["product"]) == sold
    assert {key for key, (state, _) in reasons["product"].items() if state == "delivered"} == set(first.products)


def test_who_is_held_back_is_told_why(coupled: Coupled, reasons: dict[str, Any]) -> None:
    """Components that nobody weighed: the shop could not say what sending them costs."""
    unweighed = {
        sku
        for (sku,) in coupled.rows(
            "select productnumber from production.product p join production.productsubcategory s using (productsubcategoryid)"
            " join production.productcategory c using (productcategoryid)"
            " where finishedgoodsflag and weight is null and c.name in ('Components', 'Bikes')"
        )
    }
    held = {sku: reason for sku, (state, reason) in reasons["product"].items() if state == "held back"}
    assert set(held) == unweighed
    assert {reason.split(",")[0] for reason in held.values()} == {"The weight is missing"}
    for name in ("price", "product_text", "product_image"):
        waiting = {key.split(":")[-1]: reason for key, (state, reason) in reasons[name].items() if state != "delivered"}
        assert set(waiting) <= unweighed
        assert all("The weight is missing" in reason for reason in waiting.values())
    told = CliRunner().invoke(app, ["why", "HB-R956"])
    assert told.exit_code == 0
    assert "held back" in told.stdout
    assert "The weight is missing" in told.stdout


@pytest.mark.parametrize(
    ("sku", "kilograms"),
    [
        ("BK-M18S-40", 27.35 * POUND_KG),
        ("FR-R92B-58", 2.24 * POUND_KG),
        ("BK-R89B-52", 15.42 * POUND_KG),
        ("FW-R623", 0.9),
    ],
)
def test_pounds_and_grams_arrive_as_kilograms(first: Night, sku: str, kilograms: float) -> None:
    assert float(first.value(sku, "weight")) == pytest.approx(kilograms, abs=0.0001)


def test_each_store_view_speaks_its_language(coupled: Coupled, first: Night) -> None:
    english, french = coupled.view("en"), coupled.view("fr")
    assert first.value("BK-M18S-40", "description", english).startswith("Suitable for any type of riding")
    assert first.value("BK-M18S-40", "description", french).startswith("Adapté à tous les usages")
    assert first.value("BK-M18S-40", "name", french) == first.value("BK-M18S-40", "name", english)
    for sku in first.products:
        assert first.value(sku, "name", english)
        assert first.value(sku, "name", french)


def test_hexadecimal_photos_become_files_and_are_sent_once(coupled: Coupled, first: Night) -> None:
    files = {path.stem: path for path in coupled.media.iterdir()}
    assert {path.suffix for path in files.values()} == {".gif"}
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == name for name, path in files.items())
    shown = {sku: [image for image, _ in product["images"]] for sku, product in first.products.items()}
    assert all(len(images) == len(set(images)) for images in shown.values())
    assert {image for images in shown.values() for image in images} <= set(files)
    assert first.effects.count(("image", "created")) == sum(map(len, shown.values())) == 142


def test_the_picture_that_says_no_image_is_missing(coupled: Coupled, first: Night) -> None:
    shared = coupled.rows(
        "select productnumber from production.product join production.productproductphoto using (productid)"
        " where productphotoid = 1 and finishedgoodsflag"
    )
    [(digits,)] = coupled.rows(
        "select convert_from(largephoto, 'UTF8') from production.productphoto where productphotoid = 1"
    )
    assert hashlib.sha256(bytes.fromhex(digits)).hexdigest() == NO_IMAGE
    bare = {sku for (sku,) in shared if sku in first.products}
    assert bare
    assert all(first.products[sku]["images"] == [] for sku in bare)
    assert not (coupled.media / f"{NO_IMAGE}.gif").exists()
    findings = coupled.ledger.rows(lambda schema: select(schema.finding).where(schema.finding.c.rule == "photos_none"))
    assert bare <= {row["key"] for row in findings}
    assert NO_IMAGE in (CONFIG / "rules.toml").read_text("utf-8")


def test_what_is_no_longer_sold_is_switched_off(coupled: Coupled, first: Night) -> None:
    ended = {
        sku
        for (sku,) in coupled.rows(
            "select productnumber from production.product where finishedgoodsflag and sellenddate < timestamp '2020-01-01'"
        )
    } & set(first.products)
    assert len(ended) > 50
    assert {sku for sku in first.products if int(first.value(sku, "status")) == DISABLED} == ended


def test_prices_are_those_of_the_list(coupled: Coupled, first: Night) -> None:
    before = dict(coupled.rows("select productnumber, listprice from production.product where finishedgoodsflag"))
    for sku in first.products.keys() - {"BK-M68B-38"}:
        assert Decimal(str(first.value(sku, "price"))) == before[sku]


def test_the_shop_holds_what_the_ledger_says(differences: list[Any]) -> None:
    assert differences == []


def test_a_second_night_sends_nothing(first: Night, second: Night) -> None:
    assert first.writes > 100
    assert second.statuses == first.statuses
    assert second.writes == 0
    assert second.products == first.products
    for name, counts in second.counts.items():
        assert counts["unchanged"] == first.counts[name]["delivered"], name
        assert counts["held_back"] == first.counts[name]["held_back"], name


def test_a_price_of_nothing_never_arrives(coupled: Coupled, second: Night, third: Night) -> None:
    assert third.statuses == second.statuses
    state, reason = coupled.standing("price")["BK-M68B-38"]
    assert state == "held back"
    assert "A price of 0.00 euro would give the product away." in reason
    assert third.value("BK-M68B-38", "price") == second.value("BK-M68B-38", "price")
    assert Decimal(str(third.value("BK-M68B-38", "price"))) > 1000
    state, reason = coupled.standing("product")["BK-FREE-38"]
    assert state == "held back"
    assert "price" in reason
    assert set(third.products) == set(second.products)


def test_what_ends_is_switched_off_and_nothing_else_changes(second: Night, third: Night) -> None:
    assert (int(second.value("BK-M68B-42", "status")), int(third.value("BK-M68B-42", "status"))) == (ENABLED, DISABLED)
    changed = {sku for sku in second.products if second.products[sku]["values"] != third.products[sku]["values"]}
    assert changed == {"BK-M68B-42"}


@pytest.fixture(scope="module")
def stocked(coupled: Coupled, third: Night) -> dict[str, Any]:
    """The stock, after all else: the run's row."""
    return _run_stock(coupled)


def _run_stock(coupled: Coupled) -> dict[str, Any]:
    run_id = flow.begin("stock", Window())
    for _ in flow.run_here(run_id):
        pass
    return coupled.ledger.run(run_id)


def _in_sources(coupled: Coupled) -> dict[tuple[str, str], float]:
    """What each source of the shop that is ours holds."""
    held = content.canonical(coupled.shop.state)["source_items"]
    return {(source, sku): quantity for sku, source, quantity, _ in held if source in SOURCES.values()}


SOURCES = {1: "tool_crib", 5: "metal", 6: "miscellaneous", 7: "finished_goods"}
_STORED = """select locationid, productnumber, quantity from production.productinventory join production.product using (productid)
    where finishedgoodsflag and locationid in (1, 5, 6, 7)"""


def test_stock_is_what_lies_where_finished_goods_are_stored(
    coupled: Coupled, third: Night, stocked: dict[str, Any]
) -> None:
    assert stocked["status"] == "reconciled", stocked["error"]
    stored = {(SOURCES[place], sku): float(quantity) for place, sku, quantity in coupled.rows(_STORED)}
    assert len(stored) == stocked["counts"]["stock_level"]["read"] == 227
    wanted = {place: quantity for place, quantity in stored.items() if place[1] in third.products}
    assert _in_sources(coupled) == wanted
    waiting = {key for key, (state, _) in coupled.standing("stock_level").items() if state == "held back"}
    assert len(waiting) == len(stored) - len(wanted) > 0


def test_one_count_more_is_one_figure_more(coupled: Coupled, stocked: dict[str, Any]) -> None:
    before = _in_sources(coupled)
    with psycopg.connect(coupled.database) as connection:
        connection.execute(
            "update production.productinventory i set quantity = quantity + 5, modifieddate = now() at time zone 'UTC'"
            " from production.product p where p.productid = i.productid and productnumber = 'BK-M68B-38' and locationid = 7"
        )
    row = _run_stock(coupled)
    assert row["counts"]["stock_level"]["delivered"] == 1
    changed = {place: quantity for place, quantity in _in_sources(coupled).items() if before[place] != quantity}
    place = ("finished_goods", "BK-M68B-38")
    assert changed == {place: before[place] + 5}
