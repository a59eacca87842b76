"""The report as an .xlsx workbook, to calculate with: the same figures as the page, one sheet per list, with charts."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from data_quality.report import sheet, workbook_charts
from data_quality.report.headline import headline
from data_quality.report.model import DIMENSIONS, Dimension, Group, Problem, Report, grade_of
from data_quality.report.page_words import nameless_labels
from data_quality.report.sheet import Heading
from data_quality.report.workbook_charts import worth_name
from data_quality.texts import Texts


def write(report: Report, texts: Texts, path: Path) -> None:
    """Write the workbook; ``path`` is replaced in one step. Raises OSError when the disk does not take it."""
    book = Workbook(write_only=True)
    book.properties.creator = "Koppel"
    for add in (
        _overview, workbook_charts.questions, _questions, workbook_charts.suppliers, _groups, _products, _held, _people,
        workbook_charts.trend, workbook_charts.change, _rules, _runs, _left_out,
    ):  # fmt: skip
        add(book, report, texts)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        book.save(Path(folder) / path.name)
        (Path(folder) / path.name).replace(path)


def _overview(book: Workbook, report: Report, texts: Texts) -> None:
    _ = texts.gettext
    rows: list[tuple[Any, ...]] = [(_("Ready for the shop"), *_share(report, None))]
    rows += [(f"{_('Ready for the shop')}: {language}", *_share(report, language)) for language in report.languages]
    for language in report.languages:
        for grade, count in report.grades.get(language, {}).items():
            name = _("Grade {grade}", grade=grade)
            rows.append((f"{name}: {language}", count, None, None, None))
    rows.append((_("Newly held back"), len(report.newly_held), None, None, None))
    rows.append((_("Released"), len(report.newly_released), None, None, None))
    headings = (
        Heading("", 44, "text"), Heading(_("Products"), 12), Heading(_("Of"), 12),
        Heading(worth_name(report, texts), 20, "money"), Heading(_("Of (worth)"), 20, "money"),
    )  # fmt: skip
    told = headline(report, texts)
    about = f"{report.target}, {texts.moment(report.made_at)}: {told.line}{f' ({told.aside})' if told.aside else ''}"
    _sheet(book, report, texts, _("Overview"), about, headings, rows)


def _share(report: Report, language: str | None) -> tuple[Any, ...]:
    share = report.ready if language is None else report.ready_in[language]
    return share.count, share.of, share.worth, share.of_worth


def _sheet(
    book: Workbook, report: Report, texts: Texts, title: str, about: str, headings: Sequence[Heading],
    rows: Iterable[Sequence[Any]],
) -> None:  # fmt: skip
    """Add a sheet; where nobody knows the worth of products it has no columns of money, and days are those of the company."""
    shown = [at for at, heading in enumerate(headings) if heading.kind != "money" or report.worth_kind != "none"]
    if len(shown) < len(headings):
        rows = ([row[at] for at in shown] for row in rows)
    sheet.add(book, title, about, [headings[at] for at in shown], rows, texts.timezone)


def _questions(book: Workbook, report: Report, texts: Texts) -> None:
    _ = texts.gettext
    headings = (
        Heading(_("Question"), 44, "text"), Heading(_("Language"), 12, "text"), Heading(_("In order"), 12),
        Heading(_("To improve"), 12), Heading(_("Held back"), 12), Heading(_("Asked"), 12),
    )  # fmt: skip
    rows = [
        (texts.question(question), language, cell.ok, cell.improve, cell.block, cell.asked)
        for question, cells in report.questions.items()
        for language, cell in cells.items()
    ]
    _sheet(book, report, texts, _("Questions"), _("What a customer wants to know"), headings, rows)


def _groups(book: Workbook, report: Report, texts: Texts) -> None:
    for dimension in DIMENSIONS:
        _group_sheet(book, report, texts, dimension)


def _group_sheet(book: Workbook, report: Report, texts: Texts, dimension: Dimension) -> None:
    _ = texts.gettext
    title = {
        "category": _("Categories"), "brand": _("Brands"), "supplier": _("Suppliers"), "owner": _("Owners"),
    }[dimension]  # fmt: skip
    headings = (
        Heading(_("Code"), 18, "text"), Heading(_("Name"), 36, "text"), Heading(_("Products"), 12), Heading(_("Ready"), 12),
        Heading(_("Score"), 10, "points"), Heading(_("Grade"), 10, "text"),
        Heading(_("Held back: {worth}", worth=worth_name(report, texts)), 24, "money"), Heading(_("Change in a week"), 14),
    )  # fmt: skip
    groups = report.groups.get(dimension, ())
    rows = [
        (one.code, _name(one, report, texts, dimension), one.products, one.ready.count, one.score, one.grade,
         one.held_worth, one.change)
        for one in groups
    ]  # fmt: skip
    if dimension == "supplier":
        rows.sort(key=lambda row: -(row[6] or 0))
    _sheet(book, report, texts, title, title, headings, rows)


def _name(group: Group, report: Report, texts: Texts, dimension: Dimension) -> str:
    if not group.code:
        return nameless_labels(texts)[dimension]
    if dimension == "category":
        names = report.category_names.get(group.code, {})
        return names.get(texts.language) or group.name or group.code
    return group.name or group.code


def _products(book: Workbook, report: Report, texts: Texts) -> None:
    _ = texts.gettext
    per_language = [
        heading
        for language in report.languages
        for heading in (
            Heading(f"{_('Score')} {language}", 10, "points"), Heading(f"{_('Grade')} {language}", 10, "text"),
            Heading(f"{_('Held back')} {language}", 12, "text"),
        )
    ]  # fmt: skip
    headings = (
        Heading(_("Item number"), 18, "text"), Heading(_("Name"), 48, "text"), Heading(_("Category"), 24, "text"),
        Heading(_("Brand"), 18, "text"), Heading(_("Supplier"), 22, "text"), *per_language,
        Heading(worth_name(report, texts), 16, "money"), Heading(_("Problems"), 10), Heading(_("Minutes"), 10),
    )  # fmt: skip
    _sheet(book, report, texts, _("Products"), _("All products"), headings, _product_rows(report, texts))


def _product_rows(report: Report, texts: Texts) -> Iterator[Sequence[Any]]:
    yes = texts.gettext("yes")
    for one in report.products:
        scores = [
            value
            for language in report.languages
            for value in (
                one.score.get(language), grade_of(one.score.get(language)), yes if language in one.held else None,
            )
        ]  # fmt: skip
        name = one.names.get(texts.language) or one.names.get("")
        names = report.category_names.get(one.category, {})
        category = names.get(texts.language) or one.category
        yield one.sku, name, category, one.brand, one.supplier, *scores, one.worth, len(one.problems), one.minutes


def _held(book: Workbook, report: Report, texts: Texts) -> None:
    _ = texts.gettext
    headings = (
        Heading(_("Item number"), 18, "text"), Heading(_("Language"), 10, "text"), Heading(_("Why"), 70, "text"),
        Heading(_("State"), 14, "text"), Heading(_("Shop shows"), 20, "text"), Heading(_("Since"), 12, "day"),
        Heading(_("Days"), 8), Heading(_("Owner"), 20, "text"), Heading(_("Where to fix"), 34, "text"),
        Heading(worth_name(report, texts), 16, "money"),
    )  # fmt: skip
    states = {"new": _("new"), "waiting": _("waiting"), "overdue": _("overdue")}
    shows = {"nothing": _("nothing"), "last good version": _("the last good version")}
    rows = (
        (one.sku, one.problem.language or _("all"), texts.reason(one.problem), states[one.group], shows[one.shows],
         one.problem.since, one.days, report.people_names.get(one.problem.owner, one.problem.owner),
         _where(report, one.problem), one.worth)
        for one in report.held
    )  # fmt: skip
    _sheet(book, report, texts, _("Held back"), _("Held back from the shop"), headings, rows)


def _where(report: Report, problem: Problem) -> str:
    return report.where_to_fix.get(problem.field) or report.where_to_fix.get(problem.question, "")


def _people(book: Workbook, report: Report, texts: Texts) -> None:
    _ = texts.gettext
    headings = (
        Heading(_("Owner"), 30, "text"), Heading(_("To mend"), 12), Heading(_("Held back"), 12), Heading(_("Minutes"), 12),
        Heading(_("Oldest"), 12, "day"), Heading(_("Mended in a week"), 16),
    )  # fmt: skip
    rows = (
        (one.name or _("nobody yet"), one.open, one.held, one.minutes, one.oldest, one.mended) for one in report.people
    )
    _sheet(book, report, texts, _("By person"), _("Who mends what"), headings, rows)


def _rules(book: Workbook, report: Report, texts: Texts) -> None:
    _ = texts.gettext
    headings = (
        Heading(_("Rule"), 56, "text"), Heading(_("Question"), 36, "text"), Heading(_("Level"), 14, "text"),
        Heading(_("Found"), 12), Heading(_("Accepted as correct"), 14), Heading(_("Soften it?"), 14, "text"),
    )  # fmt: skip
    rows = (
        (texts.rule(one.rule).title, texts.question(one.question), texts.severity(one.severity), one.findings, one.waived,
         _("yes") if one.is_doubtful else None)
        for one in report.rules
    )  # fmt: skip
    _sheet(book, report, texts, _("Rules"), _("What each rule found"), headings, rows)
    accepted = (Heading(_("Rule"), 56, "text"), Heading(_("Item number"), 20, "text"), Heading(_("Until"), 12, "day"),
                Heading(_("Why"), 50, "text"), Heading(_("By"), 20, "text"))  # fmt: skip
    waived = ((texts.rule(one.rule).title, one.key, one.until, one.reason, one.by) for one in report.waivers)
    _sheet(
        book, report, texts, _("Accepted as correct"), _("Findings that a person accepted as correct"), accepted, waived
    )


def _runs(book: Workbook, report: Report, texts: Texts) -> None:
    _ = texts.gettext
    headings = (
        Heading(_("Flow"), 16, "text"), Heading(_("Records"), 20, "text"), Heading(_("Run"), 36, "text"),
        Heading(_("Started"), 12, "day"), Heading(_("Read"), 12), Heading(_("Unchanged"), 12), Heading(_("Delivered"), 12),
        Heading(_("Held back"), 12), Heading(_("Failed"), 12), Heading(_("Adds up"), 10, "text"),
    )  # fmt: skip
    rows = (
        (one.flow, texts.gettext(one.entity), one.run_id, one.started_at, one.read, one.unchanged, one.delivered, one.held_back,
         one.failed, _("yes") if one.adds_up else _("no"))
        for one in report.runs
    )  # fmt: skip
    _sheet(book, report, texts, _("Runs"), _("What the latest runs read, and what became of it"), headings, rows)


def _left_out(book: Workbook, report: Report, texts: Texts) -> None:
    """What is not in the shop though no rule holds it back; no sheet where there is nothing."""
    if not report.left_out:
        return
    _ = texts.gettext
    headings = (
        Heading(_("Records"), 24, "text"), Heading(_("Item number"), 24, "text"), Heading(_("Why"), 90, "text"),
        Heading(_("Since"), 12, "day"),
    )  # fmt: skip
    rows = ((texts.entity(one.entity), one.key, one.reason, one.since) for one in report.left_out)
    _sheet(book, report, texts, _("Not in the shop"), _("Not in the shop for another reason"), headings, rows)
