"""The sandbox ERP: the same seed gives the same shop, every sown pair is there, and the mapping in config/ fits it."""

import argparse
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pyarrow as pa
import pytest

from koppel import registry
from koppel.embedded import EmbeddedPostgres
from koppel.entities import ENTITIES
from koppel.settings import Settings, read_toml
from koppel.window import Window
from sandbox import erp
from sandbox.erp import command
from sandbox.erp.articles import check_digit
from sandbox.erp.blocks import groups, variants
from sandbox.erp.catalogue import catalogue

PRODUCTS = 520
CONFIG = Path(__file__).parents[2] / "config"
TABLES = (
    "artikel", "art_tekst", "art_kenm", "art_foto", "art_rel", "art_groep", "prijs", "syst_param",
    "voorraad", "magazijn", "set_onderd", "webord", "leverancier", "art_inkoop", "verkoop",
)  # fmt: skip
IN_THE_ERP = [name for name in ENTITIES if (CONFIG / "sql" / f"{name}.sql").exists()]
Rows = list[tuple[Any, ...]]
articles_of = cache(catalogue)
"""By seed and number; made once, as tests only read them."""


class Erp(NamedTuple):
    url: str
    media: Path

    def rows(self, query: str, *values: object) -> Rows:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query, values or None).fetchall()


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def built(postgres: EmbeddedPostgres, media: Path) -> Erp:
    """Built once; only read."""
    url = postgres.database("sandbox_erp", template="template0")
    erp.build(url, media, products=PRODUCTS)
    return Erp(url, media)


def _content(one: Erp) -> dict[str, Rows]:
    return {table: sorted(one.rows(f"select * from {table}"), key=repr) for table in TABLES}


def _photos(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_two_builds_are_the_same(built: Erp, postgres_url: str, tmp_path: Path) -> None:
    erp.build(postgres_url, tmp_path, products=PRODUCTS)
    again = Erp(postgres_url, tmp_path)
    erp.build(postgres_url, tmp_path, products=PRODUCTS)
    assert _content(again) == _content(built)
    assert _photos(tmp_path) == _photos(built.media)


def test_another_seed_changes_prices_not_articles() -> None:
    one, other = articles_of(7, PRODUCTS), articles_of(8, PRODUCTS)
    assert [article.number for article in one] == [article.number for article in other]
    assert [article.texts for article in one] == [article.texts for article in other]
    assert [article.price for article in one] != [article.price for article in other]


def test_the_range_is_that_of_a_shop() -> None:
    articles = articles_of(7, 1200)
    assert len(articles) == 1200
    assert len([code for code in groups() if "-" not in code]) == 8
    assert max(code.count("-") for code in groups()) == 2
    names = [article.texts["nl"].get("NAAM") for article in articles]
    assert len(set(names)) > 1180
    assert len({variant.family["code"] for variant in variants()}) > 25


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_texts_of_sound_articles_are_filled_templates(language: str) -> None:
    for article in articles_of(7, 1200):
        for text in article.texts[language].values():
            assert "{" not in text
            assert "}" not in text


def test_barcodes_are_real_and_differ() -> None:
    codes = [str(article.ean) for article in articles_of(7, 1200) if article.number.startswith(("BOR", "DEK", "BES"))]
    assert len(set(codes)) == len(codes)
    assert all(code[-1] == check_digit(code[:-1]) for code in codes)


@pytest.mark.parametrize("products", [10, 5_000])
def test_an_impossible_number_of_products_is_named(products: int) -> None:
    with pytest.raises(ValueError, match="The sandbox ERP has"):
        catalogue(7, products)


def test_the_clock_can_stand_at_another_time(postgres_url: str, built: Erp) -> None:
    now = datetime(2027, 3, 1, 8, 30)  # noqa: DTZ001 -- the ERP writes wall-clock time
    erp.build(postgres_url, built.media, products=PRODUCTS, now=now)
    latest = Erp(postgres_url, built.media).rows(
        "select max(dt_wijz), max(geteld_op), max(dt_aanm) from artikel, voorraad"
    )[0]
    assert all(time <= now for time in latest)
    assert latest[1].date() == now.date()


@pytest.mark.parametrize("topic", sorted(erp.SOWN))
def test_sown_pair_is_in_the_database(topic: str, built: Erp) -> None:
    known = {number for (number,) in built.rows("select artnr from artikel")}
    cases = erp.SOWN[topic]
    keys = cases["true"] + cases["lookalike"]
    assert {key[3:] if key[:3] in ("nl:", "fr:", "en:") else key for key in keys} <= known
    assert not set(cases["true"]) & set(cases["lookalike"])


def test_every_rule_topic_has_both_sides() -> None:
    only_true = {topic for topic, cases in erp.SOWN.items() if not cases["lookalike"]}
    assert only_true <= {"ended", "sku_duplicate", "sku_case_twin", "text_mended", "price_missing", "relation_kind"}


def _number(topic: str, place: int = 0) -> str:
    key = erp.SOWN[topic]["true"][place]
    return key[3:] if key[2] == ":" else key


def _text(built: Erp, topic: str, kind: str = "NAAM", letter: str = "N") -> str:
    found = built.rows(
        "select tekst from art_tekst where artnr = %s and soort = %s and taal = %s", _number(topic), kind, letter
    )
    return str(found[0][0]) if found else ""


def _count(built: Erp, rest: str) -> int:
    return int(built.rows(f"select count(*) from {rest}")[0][0])


LOOPS = "art_groep a join art_groep b on b.grp_code = a.grp_bovenl and a.grp_code = b.grp_bovenl"
DEFECTS: dict[str, Callable[[Erp], bool]] = {
    "name_capitals": lambda e: _text(e, "name_capitals").isupper(),
    "name_missing": lambda e: not _text(e, "name_missing", letter="F"),
    "name_markup": lambda e: "<script>" in _text(e, "name_markup"),
    "formula_in_name": lambda e: _text(e, "formula_in_name").startswith("=HYPERLINK("),
    "long_text_does_not_fit": lambda e: len(_text(e, "long_text_does_not_fit", "LANG")) > 1_000_000,
    "text_mended": lambda e: "\x85" in _text(e, "text_mended", "LANG"),
    "name_garbled": lambda e: "\ufffd" in _text(e, "name_garbled"),
    "sku_duplicate": lambda e: _count(e, "artikel where artnr = 'WIJ-DUBBEL'") == 2,
    "sku_case_twin": lambda e: _count(e, "artikel where lower(artnr) = 'kus-twee'") == 2,
    "sku_too_long": lambda e: len(_number("sku_too_long")) == 65,
    "category_loop": lambda e: _count(e, LOOPS) == 2,
    "relation_unknown": lambda e: _count(e, "art_rel where naar_artnr not in (select artnr from artikel)") == 1,
    "price_not_number": lambda e: _count(e, "prijs where prijs_excl in ('op aanvraag', 'EUR')") == 2,
    "photo_unusable": lambda e: (e.media / "defect/pagina.jpg").read_bytes().startswith(b"<!DOCTYPE html>"),
    "photo_shared": lambda e: _count(e, "art_foto where bestand = 'algemeen/geen_foto.jpg'") == 10,
}  # fmt: skip


@pytest.mark.parametrize("topic", DEFECTS)
def test_defect_is_what_it_says(topic: str, built: Erp) -> None:
    assert DEFECTS[topic](built)


def test_photos_are_there_small_and_one_is_missing(built: Erp) -> None:
    files = {file for (file,) in built.rows("select bestand from art_foto")}
    assert [file for file in files if not (built.media / file).is_file()] == ["defect/bestaat-niet.jpg"]
    assert sum(path.stat().st_size for path in built.media.rglob("*.jpg")) < 40_000_000
    assert not list(built.media.rglob("*.unfinished"))


def _query(entity: str) -> str:
    return (CONFIG / "sql" / f"{entity}.sql").read_text("utf-8").strip()


@pytest.mark.parametrize("name", IN_THE_ERP)
def test_mapping_gives_exactly_the_columns_of_the_entity(
    name: str, built: Erp, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = ENTITIES[name]
    monkeypatch.setenv("AIRFLOW_CONN_ERP", built.url)
    source = registry.source(Settings.load(CONFIG), "erp")
    check = next(check for check in source.check() if check.subject.endswith(f" {name}.sql"))
    assert check.is_fine, check.detail
    assert "not read" not in check.detail
    rows = pa.concat_tables(source.read(entity, Window(since=datetime(2000, 1, 1, tzinfo=UTC))))
    assert rows.num_rows
    assert set(entity.required) <= set(rows.column_names)
    assert rows.column("modified_at").null_count == 0


def test_only_what_the_shop_knows_is_not_read_from_the_erp() -> None:
    assert set(ENTITIES) - set(IN_THE_ERP) == {"order_line"}


@pytest.mark.parametrize("name", [name for name, entity in ENTITIES.items() if entity.many])
def test_rows_of_a_record_stand_together(name: str, built: Erp) -> None:
    keys = [row[0] for row in built.rows(_query(name))]
    assert len([key for key, _ in groupby(keys)]) == len(set(keys))


def test_units_and_codes_are_those_of_koppel(built: Erp) -> None:
    columns = "weight_kg, tax_class, status, stock_status, property_dishwasher_safe"
    query = f"select {columns} from ({_query('product')}) q where sku = %s"
    row = built.rows(query, "GLA-0001")[0]
    assert row[1:] == ("standard", "active", "in_stock", "true")
    assert row[0] == "0.1680"
    assert built.rows(query, _number("tax_class_known"))[0][1] == "9"


def test_properties_are_declared_and_their_options_cover_the_erp(built: Erp) -> None:
    properties = Settings.load(CONFIG).properties
    with psycopg.connect(built.url) as connection:
        cursor = connection.execute(_query("product"))
        columns = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    assert {c.removeprefix("property_") for c in columns if c.startswith("property_")} == set(properties)
    for code, declared in properties.items():
        assert set(declared["label"]) == {"nl", "fr", "en"}
        if declared["input"] == "select":
            used = {row[columns.index(f"property_{code}")] for row in rows} - {None}
            assert used - set(declared["options"]) <= {"zwrt", "n.v.t."}


def test_assortment_names_groups_and_properties_that_exist() -> None:
    settings = read_toml(CONFIG / "assortment.toml")["categories"]
    properties = Settings.load(CONFIG).properties
    assert set(settings) <= set(groups())
    assert {code for group in settings.values() for code in group.get("required_properties", ())} <= set(properties)


def test_a_working_day_changes_what_it_says(postgres_url: str, built: Erp) -> None:
    erp.build(postgres_url, built.media, products=PRODUCTS)
    one = Erp(postgres_url, built.media)
    before = _content(one)
    seen = one.rows(f"select max(modified_at) from ({_query('product')}) q")[0][0]
    happened = erp.change(postgres_url, 1, 0.05)
    assert all(happened.values())
    changed = f"select sku from ({_query('product_text')}) q where modified_at > %s"
    assert {sku for (sku,) in one.rows(changed, seen)} >= {*happened["text"], *happened["ended"], *happened["new"]}
    dead = one.rows("select artnr from artikel where stat = 'U' and artnr = any(%s)", happened["ended"])
    assert len(dead) == len(happened["ended"])
    assert len(one.rows("select 1 from artikel")) == PRODUCTS + len(happened["new"])
    assert _content(one)["art_groep"] == before["art_groep"]


def test_a_working_day_is_the_same_for_the_same_seed(postgres_url: str, built: Erp) -> None:
    days = []
    for _ in range(2):
        erp.build(postgres_url, built.media, products=PRODUCTS)
        erp.change(postgres_url, 3, 0.03)
        days.append(_content(Erp(postgres_url, built.media)))
    assert days[0] == days[1]


def test_a_working_day_in_another_database_is_refused(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("create table syst_param (sleutel text, waarde text)")
    with pytest.raises(ValueError, match="no sandbox ERP"):
        erp.change(postgres_url, 1, 0.1)


def test_command_line_builds_and_changes(postgres_url: str, built: Erp, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    given = ["--url", postgres_url, "--media", str(built.media), "--products", str(PRODUCTS)]
    assert command.run(parser.parse_args(given)) == 0
    assert command.run(parser.parse_args([*given, "--change", "0.02"])) == 0
    assert f"{PRODUCTS} products" in (told := capsys.readouterr().out)
    assert "ended: 1" in told
