"""AdventureWorks coupled by configuration alone: the queries fit the entities, and tell what the database really holds."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
import pytest

from koppel import trade
from koppel.embedded import EmbeddedPostgres
from koppel.entities import ENTITIES
from koppel.settings import Settings, read_toml
from tests import adventureworks

CONFIG = Path(__file__).parents[2] / "examples" / "adventureworks"
needs_data = pytest.mark.skipif(not adventureworks.FOLDER.is_dir(), reason=adventureworks.MISSING)


@pytest.fixture(scope="module")
def url(postgres: EmbeddedPostgres) -> str:
    """The database, loaded once; only read."""
    address = postgres.database("adventureworks", template="template0")
    adventureworks.load(address)
    return address


def _query(entity: str) -> str:
    return (CONFIG / "sql" / f"{entity}.sql").read_text("utf-8").strip()


COUPLED = sorted(path.stem for path in (CONFIG / "sql").glob("*.sql"))
"""The entities that the example couples."""


def _rows(url: str, entity: str, where: str = "true", *values: object) -> list[dict[str, Any]]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute(f"select * from ({_query(entity)}) q where {where}", values or None)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@needs_data
@pytest.mark.parametrize("name", COUPLED)
def test_query_gives_the_columns_of_the_entity(name: str, url: str) -> None:
    entity = ENTITIES[name]
    rows = _rows(url, name)
    assert rows
    unknown = [column for column in rows[0] if entity.column(column) is None]
    assert unknown == (["content_hex"] if name == "product_image" else [])
    assert set(entity.required) <= set(rows[0])
    assert all(row["modified_at"].tzinfo for row in rows)
    assert not _query(name).endswith(";")


@needs_data
@pytest.mark.parametrize("name", [name for name in COUPLED if ENTITIES[name].many])
def test_rows_of_a_record_stand_together(name: str, url: str) -> None:
    keys = [row[ENTITIES[name].key[0]] for row in _rows(url, name)]
    assert len([key for key, _ in groupby(keys)]) == len(set(keys))


@needs_data
def test_only_finished_goods_reach_the_shop(url: str) -> None:
    products = _rows(url, "product")
    assert len(products) == len({product["sku"] for product in products}) == 295
    assert len(_rows(url, "product_text")) == 2 * 295
    assert len([product for product in products if product["status"] == "ended"]) == 98


@needs_data
def test_pounds_and_grams_become_kilograms(url: str) -> None:
    weights = {product["sku"]: product["weight_kg"] for product in _rows(url, "product")}
    assert float(weights["BK-M18S-40"]) == pytest.approx(27.35 * 0.45359237, abs=0.0001)
    assert float(weights["FR-R92B-58"]) == pytest.approx(2.24 * 0.45359237, abs=0.0001)
    assert float(weights["FW-R623"]) == pytest.approx(0.9)  # a front wheel of 900 G
    assert weights["HL-U509-R"] is None


@needs_data
def test_the_no_image_picture_is_missing_not_a_photo(url: str) -> None:
    counts = {product["sku"]: product["photo_count"] for product in _rows(url, "product")}
    images = _rows(url, "product_image")
    assert {sku for sku, count in counts.items() if count} == {image["sku"] for image in images}
    assert sum(count == 0 for count in counts.values()) == 138
    assert not [image for image in images if "no_image" in image["file"]]
    assert all(bytes.fromhex(image["content_hex"])[:4] == b"GIF8" for image in images)


@needs_data
def test_french_descriptions_and_english_names(url: str) -> None:
    texts = {row["language"]: row for row in _rows(url, "product_text", "sku = %s", "BK-M18S-40")}
    assert texts["fr"]["long_text"].startswith("Adapté à tous les usages")
    assert texts["en"]["long_text"].startswith("Suitable for any type of riding")
    assert texts["fr"]["name"] == texts["en"]["name"]
    names = {(row["category_code"], row["language"]): row["name"] for row in _rows(url, "category")}
    assert names["BIKES-MOUNTAIN-BIKES", "fr"] == "VTT"
    assert names["COMPONENTS-CHAINS", "fr"] == "Chains"


@needs_data
def test_every_product_stands_in_a_known_category(url: str) -> None:
    known = {row["category_code"] for row in _rows(url, "category")}
    assert {product["category_code"] for product in _rows(url, "product")} <= known
    parents = {row["parent_code"] for row in _rows(url, "category")} - {None}
    assert parents <= known


@needs_data
def test_relations_lead_to_other_products_that_are_sold(url: str) -> None:
    active = {product["sku"] for product in _rows(url, "product", "status = 'active'")}
    relations = _rows(url, "product_relation")
    assert {row["related_sku"] for row in relations} <= active
    assert not [row for row in relations if row["sku"] == row["related_sku"]]


@needs_data
def test_every_option_is_translated(url: str) -> None:
    properties = Settings.load(CONFIG).properties
    products = _rows(url, "product")
    for code, declared in properties.items():
        used = {product[f"property_{code}"] for product in products} - {None}
        if declared["input"] == "select":
            assert used == set(declared["options"])


@needs_data
def test_figures_of_trade_are_those_of_the_raw_tables(
    url: str, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOPPEL_LEDGER_URL", ledger_url)
    monkeypatch.setenv("AIRFLOW_CONN_ADVENTUREWORKS", url)
    assert trade.refresh(Settings.load(CONFIG)) == 295
    with psycopg.connect(url) as raw, psycopg.connect(ledger_url) as ledger:
        goods = dict(
            raw.execute("select productid, productnumber from production.product where finishedgoodsflag").fetchall()
        )
        costs = dict(raw.execute("select productid, standardcost from production.product").fetchall())
        lies = raw.execute("select productid, quantity from production.productinventory").fetchall()
        bought = raw.execute(
            "select productid, name from purchasing.productvendor join purchasing.vendor using (businessentityid)"
        )
        vendors = {(goods[product], name) for product, name in bought.fetchall() if product in goods}
        rows = ledger.execute("select sku, supplier, owner, revenue_12m_eur, stock_value_eur from trade").fetchall()
    values = {sku: Decimal(0) for sku in goods.values()}
    for product, quantity in lies:
        if product in goods:
            values[goods[product]] += quantity * costs[product]
    assert {sku: value for sku, *_, value in rows} == {
        sku: value.quantize(Decimal("0.01"), ROUND_HALF_UP) for sku, value in values.items()
    }
    supplied = {(sku, supplier) for sku, supplier, *_ in rows if supplier is not None}
    assert supplied <= vendors
    assert {sku for sku, _ in supplied} == {sku for sku, _ in vendors}
    assert {row[2:4] for row in rows} == {(None, None)}  # nobody is named, and this copy has no sales


@needs_data
def test_of_several_vendors_the_one_that_delivered_last_is_the_supplier(url: str) -> None:
    suppliers = {row["sku"]: row["supplier"] for row in _rows(url, "product_trade")}
    assert suppliers["PD-M282"] == "Greenwood Athletic Company"  # a day after Crowley Sport
    assert suppliers["PD-R347"] == "Mitchell Sports"
    assert suppliers["BK-M18S-40"] is None  # made in their own works


def test_settings_are_complete() -> None:
    settings = Settings.load(CONFIG)
    assert settings.languages == ("en", "fr")
    for flow in ("catalogue", "prices"):
        chosen = settings.flow(flow)
        assert settings.source(chosen.source).path("queries") == CONFIG / "sql"
        assert settings.target(chosen.target).options["stores"] == {"en": "en", "fr": "fr"}
        assert all((CONFIG / "sql" / f"{entity}.sql").is_file() for entity in chosen.entities)
    assert set(read_toml(CONFIG / "assortment.toml")["categories"]) == {
        "BIKES",
        "COMPONENTS",
        "CLOTHING",
        "ACCESSORIES",
    }
