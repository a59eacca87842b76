"""The four charts of the HTML report as figures to draw: places in percent of the width and in pixels of the height.

Widths are percentages so that a chart fills any screen and its letters keep their size. Each chart knows the sentence that
it proves, and the rows of the table that tells the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from data_quality.report.headline import signed
from data_quality.report.model import Change, Group, QuestionCell, Report, Share
from data_quality.report.page_words import nameless_labels
from data_quality.texts import Texts

ROW = 52
"""Pixels of a bar with its label above it."""

SUPPLIERS = 8
"""Bars of suppliers; the others are one bar together."""


@dataclass(frozen=True, slots=True)
class Table:
    """The table twin of a chart: the same figures as text."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a bar; ``x`` and ``width`` in percent. ``label`` is empty where it would not fit."""

    kind: str
    x: float
    width: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar of one or more parts, with its name above it and its figure at the end of that line."""

    label: str
    figure: str
    top: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class BarChart:
    """Rows of bars. ``lines``: thin links between rows as (x in percent, top, bottom)."""

    name: str
    title: str
    description: str
    rows: tuple[BarRow, ...]
    table: Table
    lines: tuple[tuple[float, int, int], ...] = ()
    note: str = ""

    @property
    def height(self) -> int:
        """Pixels."""
        return len(self.rows) * ROW


def question_chart(report: Report, texts: Texts) -> BarChart | None:
    """How many products are in order, can be improved and are held back, per question over all languages; None: nothing asked."""
    asked = _asked(report)
    if not asked:
        return None
    worst = max(asked, key=lambda code: (asked[code].improve + asked[code].block) / asked[code].asked)
    wrong = asked[worst].improve + asked[worst].block
    title = (
        texts.gettext(
            "Most falls short on {question}: {share}.",
            question=texts.question(worst, short=True),
            share=texts.share(Share(wrong, asked[worst].asked)),
        )
        if wrong
        else texts.gettext("Every question is in order for every product.")
    )
    rows = tuple(_question_row(code, cell, at, texts) for at, (code, cell) in enumerate(asked.items()))
    heads = (texts.gettext("Question"), *part_labels(texts).values())
    table = Table(
        heads,
        tuple(
            (texts.question(code), *(texts.number(n) for n in (cell.ok, cell.improve, cell.block)))
            for code, cell in asked.items()
        ),
    )
    described = texts.gettext("A bar per question: in order, to improve and held back, in all languages together.")
    note = texts.gettext("Every product counts once per language.") if len(report.languages) > 1 else ""
    return BarChart("questions", title, described, rows, table, note=note)


def question_sums(report: Report, texts: Texts) -> list[tuple[str, int, int, int]]:
    """The bars as figures: a question, and its products in order, to improve and held back."""
    return [
        (texts.question(code, short=True), cell.ok, cell.improve, cell.block) for code, cell in _asked(report).items()
    ]


def _asked(report: Report) -> dict[str, QuestionCell]:
    sums = {code: _sum(tuple(cells.values())) for code, cells in report.questions.items()}
    return {code: cell for code, cell in sums.items() if cell.asked}


def part_labels(texts: Texts) -> dict[str, str]:
    """The parts of the bars of the questions."""
    return {
        "ok": texts.gettext("In order"),
        "improve": texts.gettext("To improve"),
        "block": texts.gettext("Held back"),
    }


def _sum(cells: Sequence[QuestionCell]) -> QuestionCell:
    return QuestionCell(*(sum(getattr(cell, name) for cell in cells) for name in ("ok", "improve", "block", "asked")))


def _question_row(code: str, cell: QuestionCell, at: int, texts: Texts) -> BarRow:
    bars, x = [], 0.0
    for kind, count in (("ok", cell.ok), ("improve", cell.improve), ("block", cell.block)):
        width = 100 * count / cell.asked
        if count:
            bars.append(Bar(kind, x, width, texts.number(count) if width >= 18 else ""))
        x += width
    return BarRow(texts.question(code, short=True), texts.share(Share(cell.ok, cell.asked)), at * ROW, tuple(bars))


def supplier_chart(report: Report, texts: Texts) -> BarChart | None:
    """Worth of what is held back per supplier, most first; None: no worth is known, or nothing is held back."""
    groups = _holding(report)
    if not groups:
        return None
    top = supplier_bars(report, texts)
    total = sum((worth for _, worth in top), Decimal(0))
    most = max(worth for _, worth in top)
    rows = tuple(
        BarRow(name, texts.money(worth), at * ROW, (Bar("block", 0, float(100 * worth / most)),))
        for at, (name, worth) in enumerate(top)
    )
    title = _supplier_title(report, groups[0], total, texts)
    table = Table(
        (texts.gettext("Supplier"), texts.gettext("Held back")), tuple((row.label, row.figure) for row in rows)
    )
    described = texts.gettext("A bar per supplier: the worth of its products that are held back.")
    return BarChart("suppliers", title, described, rows, table)


def supplier_bars(report: Report, texts: Texts) -> list[tuple[str, Decimal]]:
    """The bars as figures: a supplier and the worth of what is held back, most first, the small ones together."""
    named = [(_supplier(group, texts), group.held_worth or Decimal(0)) for group in _holding(report)]
    top, rest = named[:SUPPLIERS], named[SUPPLIERS:]
    return top + ([(texts.gettext("All others"), sum((worth for _, worth in rest), Decimal(0)))] if rest else [])


def _holding(report: Report) -> list[Group]:
    if report.worth_kind == "none":
        return []
    groups = [group for group in report.groups.get("supplier", ()) if group.held_worth]
    return sorted(groups, key=lambda group: -(group.held_worth or 0))


def _supplier_title(report: Report, first: Group, total: Decimal, texts: Texts) -> str:
    """Whose products hold back most. Those of nobody are told as such: "no supplier has most" would be another sentence."""
    values = {"amount": texts.money(first.held_worth), "total": texts.money(total)}
    is_stock = report.worth_kind == "stock"
    if not first.code:
        return texts.gettext(
            "Products without a supplier have the largest part: {amount} of {total}, {of_what}.",
            of_what=texts.gettext("the stock value of products that are held back")
            if is_stock
            else texts.gettext("the revenue of products that are held back"),
            **values,
        )
    values["supplier"] = _supplier(first, texts)
    if is_stock:
        return texts.gettext(
            "{supplier} has the largest part: {amount} of {total}, the stock value of products that are held back.",
            **values,
        )
    return texts.gettext(
        "{supplier} has the largest part: {amount} of {total}, the revenue of products that are held back.", **values
    )  # fmt: skip


def _supplier(group: Group, texts: Texts) -> str:
    return group.name or group.code or nameless_labels(texts)["supplier"]


def change_chart(report: Report, texts: Texts) -> BarChart | None:
    """From the ready products of then to those of now, step by step; None: there is nothing to compare with."""
    change = report.change
    if change is None:
        return None
    labels = step_labels(texts)
    steps = [(kind, getattr(change, kind)) for kind in ("data", "rules", "both", "assortment")]
    levels = [change.before]
    for _, step in steps:
        levels.append(levels[-1] + step)
    low, high = _window([*levels, change.after])

    def at(value: float) -> float:
        return 100 * (value - low) / (high - low)

    rows = [BarRow(labels["before"], texts.number(change.before), 0, (Bar("total", 0, at(change.before)),))]
    for number, (kind, step) in enumerate(steps, start=1):
        left, right = sorted((at(levels[number - 1]), at(levels[number])))
        sort = "gain" if step > 0 else "loss" if step < 0 else "none"
        bar = Bar(sort, left, max(right - left, 0.6))
        rows.append(BarRow(labels[kind], signed(step, texts), number * ROW, (bar,)))
    rows.append(BarRow(labels["after"], texts.number(change.after), 5 * ROW, (Bar("total", 0, at(change.after)),)))
    note = (
        texts.gettext("To show small steps, the bars begin at {number}, not at 0.", number=texts.number(low))
        if low
        else ""
    )
    lines = tuple((at(level), number * ROW + 44, (number + 1) * ROW + 24) for number, level in enumerate(levels))
    table = Table(
        (texts.gettext("Step"), texts.gettext("Ready products")), tuple((row.label, row.figure) for row in rows)
    )
    described = texts.gettext("From the number of ready products then to the number now, with what each cause did.")
    return BarChart("change", _change_title(change, texts), described, tuple(rows), table, lines, note)


def step_labels(texts: Texts) -> dict[str, str]:
    """The steps from then to now."""
    return {
        "before": texts.gettext("Ready a week ago"),
        "data": texts.gettext("Data got better or worse"),
        "rules": texts.gettext("Other rules"),
        "both": texts.gettext("Other data and other rules"),
        "assortment": texts.gettext("Products that came or went"),
        "after": texts.gettext("Ready now"),
    }


def _window(levels: list[int]) -> tuple[int, int]:
    """Lowest and highest value that the bars show: from 0, unless the steps would be too small to see."""
    least, most = min(levels), max(levels)
    span = max(most - least, 1)
    if most <= 5 * span:
        return min(0, least), max(most, 1)
    return max(0, least - 2 * span), most


def _change_title(change: Change, texts: Texts) -> str:
    day, difference = texts.day(change.since), change.after - change.before
    values = {"day": day, "n": texts.number(abs(difference))}
    causes = {"data": change.data, "rules": change.rules, "both": change.both, "assortment": change.assortment}
    if difference == 0:
        return texts.gettext("As many products are ready as on {day}.", day=day)
    cause = max(causes, key=lambda name: causes[name] if difference > 0 else -causes[name])
    said = {
        "data": texts.gettext("mostly through the data"),
        "rules": texts.gettext("mostly through other rules"),
        "both": texts.gettext("mostly through other data and other rules"),
        "assortment": texts.gettext("mostly through products that came or went"),
    }[cause]
    if difference > 0:
        return texts.ngettext(
            "{n} more product is ready than on {day}, {cause}.", "{n} more products are ready than on {day}, {cause}.",
            difference, cause=said, **values,
        )  # fmt: skip
    return texts.ngettext(
        "{n} fewer product is ready than on {day}, {cause}.", "{n} fewer products are ready than on {day}, {cause}.",
        -difference, cause=said, **values,
    )  # fmt: skip
