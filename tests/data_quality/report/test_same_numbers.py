"""The page, the workbook, the JSON and the mail tell the same numbers: each is read back and compared."""

import json
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from data_quality.report import as_json, html, workbook
from data_quality.report.mail import manager_mail
from data_quality.report.model import DIMENSIONS, QUESTIONS, Report, grade_of
from data_quality.report.sheet import HEADER_ROW
from data_quality.texts import Texts
from tests.data_quality.report.samples import sample_report

REPORT = sample_report(60)
TEXTS = Texts("en")


class Tables(HTMLParser):
    """The cells of every table of the page, row by row, and the JSON that it embeds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.embedded, self.words = "", ""
        self._cell: list[str] | None = None
        self._is_data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self._cell = []
        elif tag == "script":
            self._is_data = dict(attrs).get("id") == "data"

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None and self.rows:
            self.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        elif tag == "script":
            self._is_data = False

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._is_data:
            self.embedded += data
        if self._cell is not None:
            self._cell.append(data)


@pytest.fixture(scope="module")
def page() -> Tables:
    return Tables(html.render(REPORT, TEXTS))


@pytest.fixture(scope="module")
def values() -> dict:
    return json.loads(as_json.render(REPORT, TEXTS))


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict]]:
    path = tmp_path_factory.mktemp("book") / "report.xlsx"
    workbook.write(REPORT, TEXTS, path)
    found = {}
    for sheet in openpyxl.load_workbook(path):
        head, *rows = sheet.iter_rows(min_row=HEADER_ROW, values_only=True)
        found[sheet.title] = [dict(zip(head, row, strict=True)) for row in rows if any(v is not None for v in row)]
    return found


def test_ready_is_the_same_everywhere(page: Tables, values: dict, sheets: dict) -> None:
    ready = REPORT.ready
    assert (values["ready"]["count"], values["ready"]["of"]) == (ready.count, ready.of)
    first = sheets["Overview"][0]
    assert (first["Products"], first["Of"]) == (ready.count, ready.of)
    assert f"{ready.count} of {ready.of}" in " ".join(page.words.split())
    mail = manager_mail(REPORT, TEXTS, "http://127.0.0.1/")
    assert f"{ready.count} of {ready.of}" in mail.get_body(("plain",)).get_content()


def test_questions_are_the_same(page: Tables, values: dict, sheets: dict) -> None:
    book = {(row["Question"], row["Language"]): row for row in sheets["Questions"]}
    for question in QUESTIONS:
        for language in REPORT.languages:
            cell = REPORT.questions[question][language]
            told = values["questions"][question][language]
            row = book[TEXTS.question(question), language]
            figures = (cell.ok, cell.improve, cell.block, cell.asked)
            assert tuple(told[name] for name in ("ok", "improve", "block", "asked")) == figures
            assert tuple(row[name] for name in ("In order", "To improve", "Held back", "Asked")) == figures
        in_page = next(row for row in page.rows if row and TEXTS.question(question) in row[0] and len(row) > 3)
        shares = [TEXTS.percent(cell.ok, cell.asked) for cell in REPORT.questions[question].values()]
        assert all(any(share in cell for cell in in_page) for share in shares), (in_page, shares)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_groups_are_the_same(page: Tables, values: dict, sheets: dict, dimension: str) -> None:
    title = {"category": "Categories", "brand": "Brands", "supplier": "Suppliers", "owner": "Owners"}[dimension]
    book = {row["Code"] or "": row for row in sheets[title]}
    told = {group["code"]: group for group in values["groups"][dimension]}
    for group in REPORT.groups[dimension]:
        row, one = book[group.code], told[group.code]
        assert row["Products"] == one["products"] == group.products
        assert row["Ready"] == one["ready"]["count"] == group.ready.count
        assert row["Score"] == one["score"] == group.score
        assert row["Grade"] == one["grade"] == group.grade
        held = None if group.held_worth is None else float(group.held_worth)
        assert row["Held back: Revenue in 12 months"] == held
        assert held == (None if one["held_worth"] is None else float(one["held_worth"]))
        # In the page a few groups may have the same products and name; one row must tell these figures.
        share = TEXTS.share(group.ready)
        assert any(str(group.products) in row and share in row for row in page.rows), group


def test_products_are_the_same(page: Tables, values: dict, sheets: dict) -> None:
    book = {row["Item number"]: row for row in sheets["Products"]}
    told = {one["sku"]: one for one in values["products"]}
    data = json.loads(page.embedded)
    assert len(data["products"]) == len(book) == len(told) == len(REPORT.products)
    for product in REPORT.products:
        row, one = book[product.sku], told[product.sku]
        assert one["score"] == product.score
        assert [row[f"Score {language}"] for language in REPORT.languages] == list(product.score.values())
        assert [row[f"Grade {language}"] for language in REPORT.languages] == list(one["grade"].values())
        assert one["grade"] == {language: grade_of(score) for language, score in product.score.items()}
        assert one["held"] == list(product.held)
        assert row["Problems"] == len(one["problems"]) == len(product.problems)


def test_held_back_people_and_runs_are_the_same(page: Tables, values: dict, sheets: dict) -> None:
    assert len(values["held"]) == len(sheets["Held back"]) == len(REPORT.held)
    assert [row["Days"] for row in sheets["Held back"]] == [one["days"] for one in values["held"]]
    assert [row["Why"] for row in sheets["Held back"]] == [one["problem"]["words"] for one in values["held"]]
    assert len(json.loads(page.embedded)["held"]) == len(REPORT.held)
    people = [(row["To mend"], row["Held back"], row["Minutes"]) for row in sheets["By person"]]
    assert people == [(one["open"], one["held"], one["minutes"]) for one in values["people"]]
    for person in REPORT.people:
        assert any(TEXTS.number(person.open) in row for row in page.rows if row and (person.name or "") in row[0])
    for row, run in zip(sheets["Runs"], values["runs"], strict=True):
        names = {
            "Read": "read",
            "Unchanged": "unchanged",
            "Delivered": "delivered",
            "Held back": "held_back",
            "Failed": "failed",
        }
        assert {name: row[name] for name in names} == {name: run[field] for name, field in names.items()}


def test_trend_and_change_are_the_same(page: Tables, values: dict, sheets: dict) -> None:
    book = [(row["Ready"], row["Of"]) for row in sheets["Trend"]]
    assert book == [(one["ready"]["count"], one["ready"]["of"]) for one in values["trend"]]
    assert book == [(point.ready.count, point.ready.of) for point in REPORT.trend]
    change = REPORT.change
    parts = [change.before, change.data, change.rules, change.both, change.assortment, change.after]
    assert [row["Products"] for row in sheets["Change"]] == parts
    assert [values["change"][name] for name in ("before", "data", "rules", "both", "assortment", "after")] == parts
    for point in REPORT.trend:
        share = TEXTS.share(point.ready)
        assert any(share in cell for row in page.rows for cell in row), point


@pytest.mark.parametrize("language", ["nl", "fr", "de"])
def test_another_language_changes_words_only(language: str, values: dict) -> None:
    other = json.loads(as_json.render(REPORT, Texts(language)))

    def figures(value: object, name: str = "") -> object:
        if isinstance(value, dict):
            return {key: figures(part, key) for key, part in value.items() if key not in {"words", "language"}}
        return [figures(part) for part in value] if isinstance(value, list) else value

    assert figures(other) == figures(values)


def test_a_shop_without_products_is_told_in_every_form(tmp_path: Path) -> None:
    empty: Report = sample_report(0)
    assert json.loads(as_json.render(empty, TEXTS))["ready"]["of"] == 0
    assert html.render(empty, TEXTS)
    workbook.write(empty, TEXTS, tmp_path / "empty.xlsx")
    assert openpyxl.load_workbook(tmp_path / "empty.xlsx").sheetnames
