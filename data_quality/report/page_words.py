"""What the HTML report says in words beyond its headline: labels of codes, and the sentences that its script needs."""

from data_quality import codes
from data_quality.report.model import DIMENSIONS, Report
from data_quality.texts import Texts


def language_name(language: str, texts: Texts) -> str:
    """A language as the reader calls it, with a capital; its code where nobody named it."""
    return capital(texts.language_name(language))


def capital(text: str) -> str:
    """A text that begins with a capital, where it begins a line."""
    return text[:1].upper() + text[1:]


def short_worth_label(report: Report, texts: Texts) -> str:
    """What the amounts of money are, as the head of a column: revenue, or the value of the stock. Empty: nobody knows."""
    if report.worth_kind == "revenue":
        return texts.gettext("Revenue, 12 months")
    return texts.gettext("Stock value") if report.worth_kind == "stock" else ""


def nameless_labels(texts: Texts) -> dict[str, str]:
    """What stands for a category, brand, supplier or owner that is not known."""
    return {
        "category": texts.gettext("No category"),
        "brand": texts.gettext("No brand"),
        "supplier": texts.gettext("No supplier"),
        "owner": texts.gettext("Nobody yet"),
    }


def script_words(report: Report, texts: Texts) -> dict[str, object]:
    """Every word that the script of the page shows; ``{n}`` and the like are filled in there."""
    return {
        **_plain_words(texts),
        "found": [texts.ngettext("{n} product found", "{n} products found", n, n="{n}") for n in (1, 2)],
        "rows": [texts.ngettext("{n} row found", "{n} rows found", n, n="{n}") for n in (1, 2)],
        "page": texts.gettext("Page {page} of {pages}", page="{page}", pages="{pages}"),
        "waits": [texts.ngettext("{n} day", "{n} days", n, n="{n}") for n in (1, 2)],
        "fix": texts.gettext("Where to mend it: {place}", place="{place}"),
        "owner": texts.gettext("Who mends it: {name}", name="{name}"),
        "without": texts.gettext("Remove the filter {name}", name="{name}"),
        "question": {code: texts.question(code, short=True) for code in codes.QUESTIONS},
        "severity": {code: texts.severity(code) for code in ("block", "improve", "hint")},
        "shows": [capital(texts.shows(code)) for code in ("nothing", "last good version")],
        "stock": {code: capital(texts.stock_status(code)) for code in codes.STOCK_STATUSES},
        "filter": _filter_words(texts),
        "nameless": nameless_labels(texts),
        "language_names": [language_name(language, texts) for language in report.languages],
    }


def _filter_words(texts: Texts) -> dict[str, str]:
    named: dict[str, str] = {code: texts.dimension(code) for code in DIMENSIONS}
    return named | {"question": texts.gettext("Question"), "language": texts.gettext("Language")}


def _plain_words(texts: Texts) -> dict[str, object]:
    return {
        "ready": texts.gettext("Ready"),
        "held": texts.gettext("Held back"),
        "held_in": texts.gettext("Held back in {languages}", languages="{languages}"),
        "nothing_wrong": texts.gettext("Nothing to mend"),
        "no_photo": texts.gettext("No photo"),
        "photo_left_out": texts.gettext("The photo is left out to keep this file small."),
        "no_card": texts.gettext("This file does not hold the texts of this product, to stay small."),
        "no_name": texts.gettext("(no name)"),
        "no_price": texts.gettext("No price"),
        "no_text": texts.gettext("(no text)"),
        "excl_vat": texts.gettext("without VAT"),
        "language": texts.gettext("Language"),
        "previous": texts.gettext("Previous page"),
        "next": texts.gettext("Next page"),
        "nothing_found": texts.gettext("Nothing found. Remove a filter or search for something else."),
        "every_language": texts.gettext("Every language"),
        "nobody": texts.gettext("nobody yet"),
        "close": texts.gettext("Close"),
        "as_customer": texts.gettext("As a customer sees it"),
        "amiss": texts.gettext("What is amiss"),
    }
