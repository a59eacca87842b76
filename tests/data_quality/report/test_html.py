"""The report as one HTML file: what stands in it without its script, how large it is, and that outside text stays text."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from data_quality.report import html
from data_quality.report.card_text import plain, short
from data_quality.report.headline import headline, points_sentence, signed
from data_quality.report.model import QUESTIONS, Change, Report, Share
from data_quality.report.payload import embedded, packed
from data_quality.texts import Texts
from tests.data_quality.report.samples import HOSTILE, sample_report, without_names

EN = Texts("en")


class Outline(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and what it says."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside = ""
        self.data = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "script":
            self.data = self.data or data
        elif self.inside != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def report() -> Report:
    return sample_report(60)


@pytest.fixture(scope="module")
def outline(report: Report) -> Outline:
    return Outline(html.render(report, EN))


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_the_page_says_its_language_and_has_one_first_heading(report: Report, language: str) -> None:
    outline = Outline(html.render(report, Texts(language)))
    assert outline.all("html")[0]["lang"] == language
    assert len(outline.all("h1")) == 1
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_nothing_is_asked_of_the_network(outline: Outline) -> None:
    policy = next(meta["content"] for meta in outline.all("meta") if "http-equiv" in meta)
    assert policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    addresses = [
        value
        for _, attributes in outline.elements
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "action", "data", "poster"} and value is not None
    ]
    assert addresses
    assert all(value.startswith(("#", "data:")) for value in addresses)
    assert not [
        name for _, attributes in outline.elements for name in attributes if name.startswith("on") or name == "style"
    ]


def test_outside_text_stays_text(report: Report, outline: Outline) -> None:
    ours = {"html", "head", "meta", "link", "title", "style", "body", "a", "header", "p", "span", "time", "div", "svg", "g",
            "circle", "path", "rect", "line", "text", "desc", "defs", "pattern", "polyline", "h1", "h2", "h3", "h4", "ul", "li",
            "nav", "main", "section", "figure", "figcaption", "details", "summary", "table", "caption", "thead", "tbody", "tr",
            "th", "td", "small", "button", "label", "input", "noscript", "strong", "dialog", "script", "template"}  # fmt: skip
    assert {tag for tag, _ in outline.elements} <= ours
    assert len(outline.all("script")) == 2
    assert HOSTILE[0] in outline.text
    assert "Els <b>Öztürk</b>" in outline.text


def test_embedded_lists_can_end_no_element(report: Report) -> None:
    text = embedded(report, EN)
    assert not set("<>&\u2028\u2029") & set(text)
    names = {row[1] for row in json.loads(text)["products"]}
    assert any(HOSTILE[2] in name for name in names)
    assert json.loads(packed({"a": HOSTILE})) == {"a": list(HOSTILE)}


def test_the_lists_hold_every_product_and_everything_held_back(report: Report) -> None:
    data = json.loads(embedded(report, EN))
    assert [row[0] for row in data["products"]] == [product.sku for product in report.products]
    assert len(data["held"]) == len(report.held)
    for row, line in zip(data["held"], report.held, strict=True):
        assert data["products"][row[0]][0] == line.sku
        assert data["said"][str(row[0])][row[1]] == EN.reason(line.problem)
        assert row[3] == line.days


def test_a_question_lists_as_many_products_as_its_cell_counts(report: Report) -> None:
    data = json.loads(embedded(report, EN))
    for question in QUESTIONS:
        for at, language in enumerate(report.languages):
            kinds = {
                n for n, kind in enumerate(data["kinds"]) if kind[5] == question and kind[1] in {-1, at} and kind[3] < 2
            }
            found = sum(1 for row in data["products"] if kinds & set(row[12]))
            cell = report.questions[question][language]
            assert found == cell.improve + cell.block


def test_ten_thousand_products_stay_below_two_megabytes() -> None:
    report = sample_report(10_000)
    page = html.render(report, Texts("nl"))
    assert len(page.encode()) < 2_000_000
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert len(data["products"]) == 10_000
    assert len(data["held"]) == len(report.held)
    offenders = [str(at) for at, row in enumerate(data["products"]) if row[0] in report.offenders]
    assert all(f"{at}/0" in data["cards"] and at in data["said"] for at in offenders)


def test_of_too_many_products_those_that_matter_most_are_listed(
    monkeypatch: pytest.MonkeyPatch, report: Report
) -> None:
    monkeypatch.setattr("data_quality.report.payload.MOST_LISTED", 10)
    monkeypatch.setattr(html, "MOST_LISTED", 10)
    page = html.render(report, EN)
    data = json.loads(embedded(report, EN))
    assert len(data["products"]) == 10
    assert all(row[7] for row in data["products"])
    assert "This file lists the 10 products that matter most" in page


def test_without_the_script_the_figures_are_there(report: Report, outline: Outline) -> None:
    for groups in report.groups.values():
        for group in groups:
            name = report.category_names.get(group.code, {}).get("en") or group.name
            assert (name or "No") in outline.text
    for question in QUESTIONS:
        assert EN.question(question) in outline.text
    assert EN.money(report.groups["supplier"][0].held_worth) in outline.text
    assert len([1 for tag in outline.all("svg") if tag.get("role") == "img"]) == 4
    assert len(outline.all("details")) == 4


def test_the_small_print_says_whether_it_adds_up(report: Report) -> None:
    page = html.render(report, EN)
    assert page.count("✓ yes") == 2
    wrong = replace(report, runs=(replace(report.runs[0], failed=99), report.runs[1]))
    assert html.render(wrong, EN).count("✗ no") == 1


def test_nothing_to_show_is_a_sentence_and_no_empty_chart() -> None:
    page = html.render(replace(sample_report(0), biggest=None), EN)
    outline = Outline(page)
    assert not [1 for tag in outline.all("svg") if tag.get("role") == "img"]
    for said in (
        "There are no products yet.",
        "There is no line yet",
        "Nothing is held back.",
        "There is nothing to mend.",
    ):
        assert said in outline.text


@pytest.mark.parametrize("kind", ["revenue", "stock", "none"])
@pytest.mark.parametrize("count", [1, 12])
def test_few_products_and_every_kind_of_worth(kind: str, count: int) -> None:
    report = without_names(sample_report(count, worth=kind))  # type: ignore[arg-type]
    page = html.render(report, EN)
    assert "lost revenue" not in page.lower()
    assert ("Revenue, 12 months" in page) == (kind == "revenue")
    assert f"of {count}" in page


def test_the_headline_is_one_line_and_three_sentences(report: Report) -> None:
    said = headline(report, EN)
    assert said.line == "36 of 60 products are ready for the shop"
    assert said.aside == "60%, +3 since last week"
    assert len(said.sentences) == 3
    assert said.sentences[0] == "4 products are newly held back."
    assert "An Peeters" in said.sentences[2]


def test_the_headline_of_few_products_has_no_percentage(report: Report) -> None:
    few = replace(report, ready=Share(7, 12), ready_change=None, newly_held=(), newly_released=("A",), biggest=None)
    said = headline(few, EN)
    assert (said.line, said.aside) == ("7 of 12 products are ready for the shop", "")
    assert said.sentences == (
        "No product is newly held back.", "1 product was released.", "There is nothing to mend first."
    )  # fmt: skip


def test_the_points_are_told_with_what_moved_them(report: Report) -> None:
    moved = Change(date(2026, 11, 19), before=70, data=4, rules=-1, both=0, assortment=-1, after=72)
    said = (
        "The average is 72 points, +2 since 19 November 2026: data +4, rules −1, both 0, products that came or went −1."
    )
    assert points_sentence(replace(report, score_change=moved), EN) == said
    assert said in html.render(replace(report, score_change=moved), EN)
    assert points_sentence(report, EN) == ""


def test_a_change_has_its_sign() -> None:
    assert [signed(n, EN) for n in (3, 0, -1200)] == ["+3", "0", "−1,200"]


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("no markup", "no markup"),
        ("<p>One <b>bold</b> word</p><ul><li>a</li><li>b</li></ul>", "One bold word\n• a\n• b"),
        ("<script>alert(1)</script>safe", "safe"),
        ("A &amp; B<br>C", "A & B\nC"),
        ("5 < 6 and 7 > 2", "5 < 6 and 7 > 2"),
        ("<p>never closed <i>here", "never closed here"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_text_is_read_as_a_customer_reads_it(markup: str, read: str) -> None:
    assert plain(markup) == read


def test_an_endless_text_is_cut_off() -> None:
    assert short("a" * 10, 10) == "a" * 10
    assert short("a" * 11, 10) == "a" * 9 + "…"


def test_cards_carry_the_price_to_the_cent(report: Report) -> None:
    data = json.loads(embedded(report, EN))
    assert Decimal(next(card[3] for card in data["cards"].values() if card[3])) == Decimal("12.40")
