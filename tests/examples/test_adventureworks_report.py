"""The data-quality report of AdventureWorks: its figures are those that plain SQL over the raw tables gives."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from data_quality.report import as_json, html, workbook
from data_quality.report.build import build
from data_quality.report.model import QuestionCell, Report
from data_quality.report.sheet import HEADER_ROW
from data_quality.texts import Texts
from data_quality.worklist.handing_out import hand_out
from data_quality.worklist.returned import confirm, preview
from koppel import corrections, trade
from koppel.ledger import now
from koppel.settings import Settings
from tests import adventureworks
from tests.data_quality.worklist.lists import filled
from tests.examples.nights import COUPLED, Coupled, Night

pytestmark = pytest.mark.skipif(not adventureworks.FOLDER.is_dir(), reason=adventureworks.MISSING)

LANGUAGES = ("en", "fr")


@pytest.fixture(scope="module")
def report(coupled: Coupled, first: Night) -> Report:
    """The report after the first night, with the figures of trade."""
    assert first.statuses == {"catalogue": "reconciled", "prices": "reconciled"}
    settings = Settings.load()
    trade.refresh(settings)
    return build(coupled.ledger, settings, datetime.now(UTC))


@pytest.fixture(scope="module")
def found(coupled: Coupled, report: Report) -> dict[str, set[str]]:
    """Per rule the keys of its findings."""
    keys: dict[str, set[str]] = {}
    for row in coupled.ledger.rows(lambda schema: select(schema.finding.c.rule, schema.finding.c.key)):
        keys.setdefault(row["rule"], set()).add(row["key"])
    return keys


def column(coupled: Coupled, query: str) -> set[Any]:
    """The first column of what the database answers."""
    return {row[0] for row in coupled.rows(query)}


_UNWEIGHED = """
    select p.productnumber from production.product p
    where p.finishedgoodsflag and p.weight is null and p.productsubcategoryid in (
        select productsubcategoryid from production.productsubcategory where productcategoryid in (
            select productcategoryid from production.productcategory where name in ('Bikes', 'Components')))"""
"""Clothing and accessories need no weight (assortment.toml)."""

_BARE = """
    select p.productnumber from production.product p
    where p.finishedgoodsflag and p.productid not in (
        select productid from production.productproductphoto where productphotoid <> 1)"""
"""Photo 1 is the picture "no image available"."""

_TEXTS = """
    select p.productnumber, (
        select d.description from production.productmodelproductdescriptionculture x
        join production.productdescription d using (productdescriptionid)
        where x.productmodelid = p.productmodelid and x.cultureid like %s)
    from production.product p where p.finishedgoodsflag"""

_STOCK_VALUE = """
    select p.productnumber, coalesce(
        round((select sum(i.quantity) from production.productinventory i where i.productid = p.productid) * p.standardcost, 2), 0)
    from production.product p where p.finishedgoodsflag"""

_FAMILIES = """
    select s.name, c.name, (select count(*) from production.product p
        where p.finishedgoodsflag and p.productsubcategoryid = s.productsubcategoryid)
    from production.productsubcategory s join production.productcategory c using (productcategoryid)"""

_SUPPLIED = """
    select p.productnumber, (
        select w.name from purchasing.productvendor v join purchasing.vendor w using (businessentityid)
        where v.productid = p.productid and w.activeflag
        order by w.preferredvendorstatus desc, v.lastreceiptdate desc nulls last, v.businessentityid limit 1)
    from production.product p where p.finishedgoodsflag"""


def test_every_finished_good_is_in_it_once(coupled: Coupled, report: Report) -> None:
    sold = column(coupled, "select productnumber from production.product where finishedgoodsflag")
    assert [product.sku for product in report.products] == sorted(sold)
    assert report.ready.of == len(sold)
    assert report.languages == LANGUAGES
    for language in LANGUAGES:
        assert sum(report.grades[language].values()) == report.ready_in[language].of == len(sold)


def test_ready_is_what_is_not_held_back(coupled: Coupled, first: Night, report: Report) -> None:
    held = {line.sku for line in report.held}
    assert held == column(coupled, _UNWEIGHED) == {product.sku for product in report.products if product.held}
    assert report.ready.count == report.ready.of - len(held) == len(first.products)
    assert {product.sku for product in report.products} - held == set(first.products)
    assert {line.shows for line in report.held} == {"nothing"}


def test_categories_hold_the_products_of_the_database(coupled: Coupled, report: Report) -> None:
    groups = {group.code: group for group in report.groups["category"]}
    families = [row for row in coupled.rows(_FAMILIES) if row[2]]
    below = {group.name: (groups[group.parent].name, group.products) for group in groups.values() if group.parent}
    assert below == {name: (above, count) for name, above, count in families}
    per_family: Counter[str] = Counter()
    for _, above, count in families:
        per_family[above] += count
    assert {group.name: group.products for group in groups.values() if not group.parent} == per_family


def test_suppliers_are_the_active_vendors(coupled: Coupled, report: Report) -> None:
    vendors = {sku: vendor or "" for sku, vendor in coupled.rows(_SUPPLIED)}
    assert {product.sku: product.supplier for product in report.products} == vendors
    assert {group.code: group.products for group in report.groups["supplier"]} == Counter(vendors.values())
    assert sum(map(bool, vendors.values())) == 83


def test_worth_is_standard_cost_times_quantity(coupled: Coupled, report: Report) -> None:
    assert report.worth_kind == "stock"
    values = dict(coupled.rows(_STOCK_VALUE))
    assert {product.sku: product.worth for product in report.products} == values
    assert report.ready.of_worth == sum(values.values())
    held = sum((values[sku] for sku in column(coupled, _UNWEIGHED)), Decimal(0))
    assert report.ready.worth == sum(values.values()) - held
    tops = [group for group in report.groups["category"] if not group.parent]
    assert sum((group.held_worth or Decimal(0) for group in tops), Decimal(0)) == held > 0


def both(report: Report, question: str) -> Iterator[tuple[str, QuestionCell]]:
    """The two cells of a question, each of which must add up."""
    for language, cell in report.questions[question].items():
        assert cell.asked == cell.ok + cell.improve + cell.block
        yield language, cell


def test_products_without_a_weight(coupled: Coupled, report: Report, found: dict[str, set[str]]) -> None:
    unweighed = column(coupled, _UNWEIGHED)
    assert found["weight_missing"] == unweighed
    for _, cell in both(report, "weight"):
        assert cell.block == len(unweighed) == 33
    problems = [problem for product in report.products for problem in product.problems]
    assert {one.key for one in problems if one.field == "weight_kg"} == unweighed


def test_products_without_a_photo(coupled: Coupled, report: Report, found: dict[str, set[str]]) -> None:
    bare = column(coupled, _BARE)
    assert found["photos_none"] == bare
    shown = {sku for rule in ("photo_small", "photo_shared") for sku in found[rule]}
    assert not shown & bare  # what is wrong with a photo needs one
    for _, cell in both(report, "photos"):
        assert cell.asked == report.ready.of
        assert cell.improve == len(bare | shown)


def test_products_with_too_little_text(coupled: Coupled, report: Report, found: dict[str, set[str]]) -> None:
    texts = {language: dict(coupled.rows(_TEXTS, f"{language}%")) for language in LANGUAGES}
    silent = {f"{language}:{sku}" for language, told in texts.items() for sku, text in told.items() if not text}
    assert found["short_text_missing"] == found["long_text_missing"] == silent
    assert silent
    for language, cell in both(report, "short_text"):
        firsts = [re.split(r"(?<=[.!?]) ", text or "")[0] for text in texts[language].values()]
        assert cell.improve == sum(len(sentence) < 50 for sentence in firsts)
    for language, cell in both(report, "long_text"):
        brief = [len(text or "") < 200 or not re.search(r"[.!?] ", text) for text in texts[language].values()]
        assert cell.improve == sum(brief)


def test_names_of_fewer_than_three_words(coupled: Coupled, report: Report) -> None:
    query = "select productnumber from production.product where finishedgoodsflag and trim(name) !~ '\\s.*\\s'"
    for _, cell in both(report, "name"):
        assert cell.improve == len(column(coupled, query)) > 0


def test_the_small_print_accounts_for_every_record(coupled: Coupled, first: Night, report: Report) -> None:
    lines = {line.entity: line for line in report.runs}
    assert set(lines) == set(COUPLED)
    assert all(line.read == line.unchanged + line.delivered + line.held_back + line.failed for line in lines.values())
    assert all(line.status == "reconciled" for line in lines.values())
    for entity, line in lines.items():
        assert line.read == first.counts[entity]["read"]
    [(goods, groups, kinds)] = coupled.rows(
        "select (select count(*) from production.product where finishedgoodsflag),"
        " (select count(*) from production.productcategory), (select count(*) from production.productsubcategory)"
    )
    assert lines["product"].read == lines["price"].read == goods
    assert lines["product_text"].read == goods * len(LANGUAGES)
    assert lines["category"].read == groups + kinds


@pytest.mark.parametrize("language", ["fr", "en"])
def test_page_workbook_and_json_tell_as_many(report: Report, language: str, tmp_path: Path) -> None:
    texts = Texts.of(language, Settings.load())
    page, told = html.render(report, texts), json.loads(as_json.render(report, texts))
    workbook.write(report, texts, tmp_path / "report.xlsx")
    listed = openpyxl.load_workbook(tmp_path / "report.xlsx")[texts.gettext("Products")]
    skus = {product.sku for product in report.products}
    assert {one["sku"] for one in told["products"]} == skus
    assert [row[0] for row in listed.iter_rows(min_row=HEADER_ROW + 1, values_only=True) if row[0]] == sorted(skus)
    (data,) = re.findall(r'<script[^>]*id="data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert len(json.loads(data)["products"]) == len(skus)
    counted = texts.ngettext(
        "{ready} of {n} product is ready for the shop", "{ready} of {n} products are ready for the shop", report.ready.of,
        ready=texts.number(report.ready.count),
    )  # fmt: skip
    assert counted in page
    assert f'<html lang="{language}"' in page


def test_categories_are_called_by_their_names_in_the_page(report: Report) -> None:
    page = html.render(report, Texts.of("en", Settings.load()))
    assert "Mountain Bikes" in page
    assert report.category_names["BIKES-MOUNTAIN-BIKES"] == {"en": "Mountain Bikes", "fr": "VTT"}


def test_what_a_person_filled_in_stands_in_the_shop_the_next_night(
    coupled: Coupled, first: Night, report: Report
) -> None:
    """The whole way with the sandbox shop: a work list goes out, a weight comes back, and the product is for sale."""
    sku, place, settings = "HB-R956", "product|HB-R956|weight_kg", Settings.load()
    assert sku not in first.products
    handed = hand_out(coupled.ledger, settings, report, language="fr", who="els", now=now())
    assert handed is not None
    content = filled(handed.content, {place: {"new": "0,31", "done_by": "Claire"}})
    looked_at = preview(coupled.ledger, settings, content, "claire.xlsx", "els", now())
    assert [(line.filled.place, line.outcome) for line in looked_at.lines] == [(place, "accepted")]
    assert confirm(coupled.ledger, settings, looked_at.preview_id, "els", now()).overrides == 1

    second = coupled.night()
    assert second.statuses == {"catalogue": "reconciled", "prices": "reconciled"}
    assert float(second.value(sku, "weight")) == pytest.approx(0.31)
    assert set(second.products) - set(first.products) == {sku}
    [correction] = corrections.standing(coupled.ledger, "shop")
    assert (correction["author"], correction["value"]) == ("Claire", "0.31")
    after = build(coupled.ledger, settings, datetime.now(UTC))
    assert after.ready.count == report.ready.count + 1
    assert after.overrides == 1
    third = coupled.night()
    assert third.writes == 0
    assert third.products == second.products
