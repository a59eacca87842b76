"""Texts without an end, and halves of characters: the page stays small, every form is written, and codes stay apart."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from data_quality.report import html, store
from data_quality.report.bounded import LONGEST, bounded, cut
from data_quality.report.mail import manager_mail
from data_quality.report.model import Report
from data_quality.texts import Texts
from koppel.settings import Settings
from tests.data_quality.report.samples import sample_report

REPORT = sample_report(60)
ENDLESS = "x" * 100_000


def _products(text: str) -> Report:
    made = tuple(
        replace(one, sku=f"{text}{n}", brand=f"{text}{n}", supplier=f"{text}{n}", category=f"{text}{n}")
        for n, one in enumerate(REPORT.products)
    )
    return replace(REPORT, products=made, offenders=tuple(one.sku for one in made[:25]))


def _groups(text: str) -> Report:
    sides = {
        side: tuple(replace(groups[0], code=f"{text}{n}", name=f"{text}{n}") for n in range(60))
        for side, groups in REPORT.groups.items()
    }
    return replace(REPORT, groups=sides)


def _found(text: str) -> Report:
    made = tuple(
        replace(one, problems=tuple(replace(problem, value=text) for problem in one.problems))
        for one in REPORT.products
    )
    held = tuple(replace(one, problem=replace(one.problem, value=text)) for one in REPORT.held)
    return replace(REPORT, products=made, held=held)


def _people(text: str) -> Report:
    waivers = tuple(replace(REPORT.waivers[0], key=text, reason=text, by=text) for _ in range(60))
    named = dict.fromkeys(REPORT.people_names, text)
    categories = {code: dict.fromkeys(("nl", "en"), text) for code in REPORT.category_names}
    return replace(REPORT, waivers=waivers, people_names=named, category_names=categories)


HOSTS = [_products, _groups, _found, _people]


@pytest.mark.parametrize("host", HOSTS)
def test_a_text_without_an_end_does_not_make_the_page_large(host: Callable[[str], Report]) -> None:
    page = html.render(host(ENDLESS), Texts("en"))
    assert len(page.encode()) < 1_000_000
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page).group(1))
    assert len(data["products"]) == len(REPORT.products)


def test_codes_that_are_cut_stay_apart_and_others_stay_as_they_are() -> None:
    assert cut(f"{ENDLESS}1") != cut(f"{ENDLESS}2")
    assert len(cut(ENDLESS)) == LONGEST
    assert bounded(REPORT) == REPORT
    made = bounded(_products(ENDLESS))
    assert len({one.sku for one in made.products}) == len(made.products)
    assert set(made.offenders) <= {one.sku for one in made.products}


@pytest.mark.parametrize("host", HOSTS)
def test_half_a_character_keeps_no_form_from_being_written(
    host: Callable[[str], Report], tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("KOPPEL_HOME", str(tmp_path))
    report = host("half \ud800 \u202e and \0")
    made = store.publish(report, Settings.load(), ("nl",))
    assert all(made.file("nl", form).stat().st_size for form in store.FORMS)
    assert json.loads(made.file("nl", "json").read_text("utf-8"))["target"] == "shop"
    assert manager_mail(report, Texts("nl"), "http://127.0.0.1/").as_bytes()
