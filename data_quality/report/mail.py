"""The mails about the data: weekly to managers, daily to whoever has something to mend; HTML and text with the same facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path

from jinja2 import Environment

from data_quality.report.headline import headline, signed, unread_sentence
from data_quality.report.mail_chart import question_bars
from data_quality.report.model import Person, Problem, Product, Report
from data_quality.texts import Texts
from koppel.page_templates import environment

MOST_BYTES = 100_000
"""Of a whole mail: what is longer is cut off by some readers, and refused by some servers."""

TOP = 5
_LONGEST = 160
_CHART = "questions"
_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_CONTROL = dict.fromkeys(
    (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)), " "
)
"""Control characters, those that turn the direction of what follows them, and halves of characters, which no mail can hold:
a subject has no other fence."""


@dataclass(frozen=True, slots=True)
class Row:
    """A product and what is wrong with it, in the reader's language; outside text, hostile until escaped."""

    sku: str
    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says; its HTML and its text are both made of this."""

    subject: str
    sentences: tuple[str, ...]
    heading: str
    rows: tuple[Row, ...]
    link: str
    chart: bytes = b""  # PNG
    chart_alt: str = ""
    note: str = ""


def manager_mail(report: Report, texts: Texts, link: str) -> EmailMessage:
    """How the shop stands this week: at most five sentences, the five products to mend first, one chart and one link."""
    by_sku = {product.sku: product for product in report.products}
    worst = [by_sku[sku] for sku in report.offenders[:TOP] if sku in by_sku]
    content = Content(
        subject=_manager_subject(report, texts),
        sentences=tuple(_manager_sentences(report, texts)),
        heading=texts.gettext("To mend first"),
        rows=tuple(_row(product, _worst_problem(product.problems), texts) for product in worst if product.problems),
        link=link,
        chart=question_bars(report, texts),
        chart_alt=_chart_alt(report, texts),
        note=unread_sentence(report, texts),
    )
    return _message(content, texts, f"manager-{report.target}-{texts.language}-{report.day:%G-W%V}", report)


def owner_mail(report: Report, texts: Texts, person: str, link: str, work_list: bytes = b"") -> EmailMessage | None:
    """What one owner has to mend, with their own rows only; None when there is nothing.

    ``work_list``: their workbook; it is attached where the mail stays below ``MOST_BYTES`` with it.
    """
    own = next((line for line in report.people if line.person == person and line.open), None)
    if own is None:
        return None
    rows = [
        (product, problem)
        for product in sorted(report.products, key=lambda product: -product.rank_worth)
        for problem in product.problems
        if problem.owner == person and problem.severity != "hint"
    ]
    rows.sort(key=lambda pair: pair[1].severity != "block")
    content = Content(
        subject=_owner_subject(own, texts),
        sentences=tuple(_owner_sentences(own, texts)),
        heading=texts.gettext("To mend first"),
        rows=tuple(_row(product, problem, texts) for product, problem in rows[:TOP]),
        link=link,
        note=texts.gettext("Your work list is attached. Fill in the white cells and hand the file back.")
        if work_list
        else "",
    )
    name = f"owner-{report.target}-{person}-{report.day:%Y-%m-%d}"
    message = _message(content, texts, name, report)
    if not work_list:
        return message
    message.add_attachment(work_list, *_XLSX, filename=f"{_file_name(texts)}-{report.day:%Y-%m-%d}.xlsx")
    if len(message.as_bytes()) <= MOST_BYTES:
        return message
    return owner_mail(report, texts, person, link)


def message_id(name: str) -> str:
    """The Message-ID that goes with a mail's name."""
    return f"<{blake2b(name.encode(), digest_size=12).hexdigest()}@koppel.invalid>"


def _manager_subject(report: Report, texts: Texts) -> str:
    values = {"share": texts.share(report.ready), "held": texts.number(len(report.newly_held))}
    if report.is_first:
        held = texts.number(report.ready.of - report.ready.count)
        return texts.gettext("Web shop: {share} ready, {held} held back", share=values["share"], held=held)
    if report.ready_change is None:
        return texts.gettext("Web shop: {share} ready, {held} newly held back", **values)
    change = signed(report.ready_change, texts)
    return texts.gettext("Web shop: {share} ready ({change}), {held} newly held back", change=change, **values)


def _manager_sentences(report: Report, texts: Texts) -> Iterable[str]:
    ready, told = report.ready, headline(report, texts)
    yield f"{told.line.removesuffix('.')}."
    yield from (_line(sentence, 3 * _LONGEST) for sentence in told.sentences)
    if report.worth_kind != "revenue" or ready.of_worth is None or ready.count == ready.of:
        return
    held = ready.of_worth - (ready.worth or 0)
    yield texts.gettext(
        "The products that are held back had {amount} of revenue in 12 months.", amount=texts.money(held)
    )


def _owner_subject(own: Person, texts: Texts) -> str:
    if own.held:
        return texts.ngettext(
            "Web shop: {open} to mend, {n} of these holds a product back",
            "Web shop: {open} to mend, {n} of these hold a product back",
            own.held,
            open=texts.number(own.open),
        )
    return texts.gettext("Web shop: {open} to mend", open=texts.number(own.open))


def _owner_sentences(own: Person, texts: Texts) -> Iterable[str]:
    yield texts.ngettext("There is {n} thing to mend.", "There are {n} things to mend.", own.open)
    if own.held:
        yield texts.ngettext(
            "{n} of these holds a product back from the shop.", "{n} of these hold a product back from the shop.",
            own.held,
        )  # fmt: skip
    yield texts.gettext("Together this takes about {time}.", time=texts.duration_minutes(own.minutes))
    if own.oldest is not None:
        yield texts.gettext(
            "The oldest one has been waiting since {day}.", day=texts.day(own.oldest.astimezone(texts.timezone).date())
        )
    if own.mended:
        yield texts.ngettext(
            "Thank you: {n} thing was mended in the last week.", "Thank you: {n} things were mended in the last week.",
            own.mended,
        )  # fmt: skip


def _worst_problem(problems: tuple[Problem, ...]) -> Problem:
    order = {"block": 0, "improve": 1, "hint": 2}
    return min(problems, key=lambda problem: order.get(problem.severity, 3))


def _row(product: Product, problem: Problem, texts: Texts) -> Row:
    name = product.names.get(texts.language) or product.names.get("") or ""
    return Row(_line(product.sku), _line(name), _line(texts.reason(problem)))


def _chart_alt(report: Report, texts: Texts) -> str:
    parts = []
    for question, cells in report.questions.items():
        asked = sum(cell.asked for cell in cells.values())
        if asked:
            share = texts.percent(sum(cell.ok for cell in cells.values()), asked)
            parts.append(f"{texts.question(question, short=True)} {share}")
    return texts.gettext("In order, per question: {list}", list="; ".join(parts))


def _message(content: Content, texts: Texts, name: str, report: Report) -> EmailMessage:
    """The mail without sender and recipient. Its Message-ID follows from its name, so that a second sending shows as one."""
    message = EmailMessage()
    message["Subject"] = _line(content.subject)
    message["Date"] = format_datetime(report.made_at)
    message["Message-ID"] = message_id(name)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_templates().get_template("mail.txt").render(content=content, texts=texts))
    html = _templates().get_template("mail.html").render(content=content, texts=texts, chart=_CHART)
    message.add_alternative(html, subtype="html")
    if content.chart:
        body = message.get_payload()[1]  # type: ignore[index]
        body.add_related(content.chart, "image", "png", cid=f"<{_CHART}>", disposition="inline")  # type: ignore[union-attr]
    return message


def _file_name(texts: Texts) -> str:
    return _line(texts.gettext("work-list")).replace(" ", "-").replace("/", "-")


def _line(text: str, most: int = _LONGEST) -> str:
    """Outside text on one line, of a bounded length: a line break in a subject would begin another header."""
    one = " ".join(text.translate(_CONTROL).split())
    return one if len(one) <= most else f"{one[: most - 1]}…"


@cache
def _templates() -> Environment:
    return environment(Path(__file__).parent / "templates")
