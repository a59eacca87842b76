"""The top of the HTML report: one verdict, one line, three sentences."""

from dataclasses import dataclass

from data_quality.report.model import FEW, Report, Verdict
from data_quality.texts import Texts


@dataclass(frozen=True, slots=True)
class Headline:
    """What stands above everything else, in the reader's language."""

    verdict: Verdict
    word: str
    line: str
    aside: str  # the share and the change since last week; empty: neither is known
    sentences: tuple[str, str, str]


def headline(report: Report, texts: Texts) -> Headline:
    """The headline of a report; also of one without products, or without a report before it."""
    return Headline(
        verdict=report.verdict,
        word=texts.verdict(report.verdict),
        line=_line(report, texts),
        aside=", ".join(_asides(report, texts)),
        sentences=sentences(report, texts),
    )


def signed(number: int, texts: Texts) -> str:
    """A change with its sign: +3, −2 (a real minus), 0."""
    sign = "+" if number > 0 else "−" if number < 0 else ""
    return f"{sign}{texts.number(abs(number))}"


def points_sentence(report: Report, texts: Texts) -> str:
    """How the mean score of all products moved in a week, and why; empty where there is nothing to compare with."""
    change = report.score_change
    if change is None:
        return ""
    return texts.gettext(
        "The average is {after} points, {change} since {day}: data {data}, rules {rules}, both {both}, "
        "products that came or went {assortment}.",
        after=texts.number(change.after),
        change=signed(change.after - change.before, texts),
        day=texts.day(change.since),
        **{name: signed(getattr(change, name), texts) for name in ("data", "rules", "both", "assortment")},
    )


def unread_sentence(report: Report, texts: Texts) -> str:
    """How many products could not be read, and so are counted nowhere; empty where there is none."""
    unread = sum(1 for one in report.left_out if one.entity == "product" and not one.is_counted)
    if not unread:
        return ""
    return texts.ngettext(
        "{n} product could not be read, and is not counted here.",
        "{n} products could not be read, and are not counted here.",
        unread,
    )


def _line(report: Report, texts: Texts) -> str:
    ready = report.ready
    if not ready.of:
        return texts.gettext("There are no products yet.")
    return texts.ngettext(
        "{ready} of {n} product is ready for the shop",
        "{ready} of {n} products are ready for the shop",
        ready.of,
        ready=texts.number(ready.count),
        n=texts.number(ready.of),
    )


def _asides(report: Report, texts: Texts) -> list[str]:
    said = [texts.share(report.ready)] if report.ready.of >= FEW else []
    if report.ready_change is not None and report.ready.of:
        change = report.ready_change
        said.append(
            texts.gettext("{change} since last week", change=signed(change, texts))
            if change
            else texts.gettext("unchanged since last week")
        )
    return said


def sentences(report: Report, texts: Texts) -> tuple[str, str, str]:
    """What is newly held back, what was released, and what to mend first; a first report knows of nothing new."""
    held, released = len(report.newly_held), len(report.newly_released)
    if report.is_first:
        return _first(report, texts), texts.gettext("The next report tells what changed."), _biggest(report, texts)
    return (
        texts.ngettext("{n} product is newly held back.", "{n} products are newly held back.", held)
        if held
        else texts.gettext("No product is newly held back."),
        texts.ngettext("{n} product was released.", "{n} products were released.", released)
        if released
        else texts.gettext("No product was released."),
        _biggest(report, texts),
    )


def _first(report: Report, texts: Texts) -> str:
    held = report.ready.of - report.ready.count
    if not held:
        return texts.gettext("No product is held back.")
    return texts.ngettext("{n} product is held back.", "{n} products are held back.", held)


def _biggest(report: Report, texts: Texts) -> str:
    biggest = report.biggest
    if biggest is None:
        return texts.gettext("There is nothing to mend first.")
    values = {
        "question": texts.question(biggest.question, short=True),
        "owner": biggest.owner_name or texts.gettext("nobody yet"),
        "n": texts.number(biggest.products),
    }
    if biggest.worth is None or report.worth_kind == "none":
        return texts.ngettext(
            "Quickest gain: {question} ({owner}, {n} product).", "Quickest gain: {question} ({owner}, {n} products).",
            biggest.products, **values,
        )  # fmt: skip
    if report.worth_kind == "stock":
        return texts.ngettext(
            "Quickest gain: {question} ({owner}, {n} product with {amount} of stock).",
            "Quickest gain: {question} ({owner}, {n} products with {amount} of stock).",
            biggest.products, amount=texts.money(biggest.worth), **values,
        )  # fmt: skip
    return texts.ngettext(
        "Quickest gain: {question} ({owner}, {n} product with {amount} of revenue a year).",
        "Quickest gain: {question} ({owner}, {n} products with {amount} of revenue a year).",
        biggest.products, amount=texts.money(biggest.worth), **values,
    )  # fmt: skip
