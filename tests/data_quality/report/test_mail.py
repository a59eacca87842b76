"""The mails: the same facts in HTML and in text, in the reader's language, small, and inert whatever a name holds."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from PIL import Image

from data_quality.report.mail import MOST_BYTES, TOP, manager_mail, owner_mail
from data_quality.texts import Texts
from tests.data_quality.report.samples import sample_report

LINK = "http://127.0.0.1:8080/quality/shop/2026-11-26T063000Z/nl.html"
REPORT = sample_report(60)


class Page(HTMLParser):
    """The words, the tags and the addresses of a mail's HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.tags, self.addresses, self.alt = "", [], [], ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.addresses += [values[name] for name in ("href", "src") if name in values]
        self.alt = values.get("alt") or self.alt

    def handle_data(self, data: str) -> None:
        self.words += data


def html(message: EmailMessage) -> Page:
    return Page(message.get_body(("html",)).get_content())


def text(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def squeezed(words: str) -> str:
    return "".join(words.split())


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_managers_read_the_same_facts_in_both_parts(language: str) -> None:
    message = manager_mail(REPORT, Texts(language), LINK)
    plain, page = text(message), html(message)
    sentences = plain.split("\n\n")[0].splitlines()
    assert 3 <= len(sentences) <= 5
    for sentence in sentences:
        assert squeezed(sentence) in squeezed(page.words)
    assert LINK in plain
    assert LINK in page.addresses
    assert page.tags.count("li") == TOP
    assert page.alt
    assert squeezed(page.alt) in squeezed(plain)
    assert len(message.as_bytes()) < MOST_BYTES


def test_the_subject_carries_the_numbers() -> None:
    subject = manager_mail(REPORT, Texts("en"), LINK)["Subject"]
    assert subject == "Web shop: 60% ready (+3), 4 newly held back"
    worse = replace(REPORT, ready_change=-2)
    assert "(−2)" in manager_mail(worse, Texts("en"), LINK)["Subject"]
    assert "(" not in manager_mail(replace(REPORT, ready_change=None), Texts("en"), LINK)["Subject"]


def test_the_chart_is_a_small_picture_of_its_own_mail() -> None:
    message = manager_mail(REPORT, Texts("nl"), LINK)
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == 1
    assert f"cid:{pictures[0]['Content-ID'].strip('<>')}" in html(message).addresses
    assert len(pictures[0].get_payload(decode=True)) < 40_000


def test_an_owner_reads_own_rows_only_those_that_hold_back_first() -> None:
    message = owner_mail(REPORT, Texts("en"), "an", LINK)
    own = {product.sku for product in REPORT.products if any(problem.owner == "an" for problem in product.problems)}
    page = html(message)
    shown = [sku for sku in (product.sku for product in REPORT.products) if f"({sku})" in page.words]
    assert 0 < len(shown) <= TOP
    assert set(shown) <= own


def test_who_has_nothing_gets_nothing() -> None:
    assert owner_mail(REPORT, Texts("en"), "nobody-of-that-name", LINK) is None
    idle = replace(REPORT, people=tuple(replace(person, open=0) for person in REPORT.people))
    assert owner_mail(idle, Texts("en"), "an", LINK) is None


def test_a_work_list_is_attached_while_the_mail_stays_small() -> None:
    small = owner_mail(REPORT, Texts("nl"), "an", LINK, b"x" * 20_000)
    names = [part.get_filename() for part in small.iter_attachments()]
    assert len(names) == 1
    assert names[0].endswith("2026-11-26.xlsx")
    large = owner_mail(REPORT, Texts("nl"), "an", LINK, b"x" * 90_000)
    assert list(large.iter_attachments()) == []
    assert len(large.as_bytes()) < MOST_BYTES


def test_hostile_names_are_words_and_nothing_else() -> None:
    evil = "Pan</li><script>alert(1)</script>\r\nBcc: everyone@shop.example\u202e"
    product = max(REPORT.products, key=lambda one: (bool(one.problems), one.sku in REPORT.offenders[:1]))
    changed = replace(product, names=dict.fromkeys(("", "nl", "fr", "en"), evil))
    report = replace(
        REPORT,
        products=tuple(changed if one.sku == product.sku else one for one in REPORT.products),
        offenders=(product.sku,),
        biggest=replace(REPORT.biggest, owner_name=evil),
    )
    message = manager_mail(report, Texts("en"), LINK)
    page = html(message)
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.words
    assert message["Bcc"] is None
    assert "Bcc: everyone" in text(message)
    assert "\nBcc" not in text(message)
    assert "\u202e" not in message["Subject"]


def test_a_shop_without_products_still_makes_a_mail() -> None:
    message = manager_mail(sample_report(0), Texts("fr"), LINK)
    assert "0" in message["Subject"]
    assert [part for part in message.walk() if part.get_content_maintype() == "image"] == []


def test_the_same_mail_bears_the_same_name_and_another_day_another() -> None:
    first, again = (owner_mail(REPORT, Texts("en"), "an", LINK) for _ in range(2))
    later = owner_mail(replace(REPORT, day=REPORT.day.replace(day=27)), Texts("en"), "an", LINK)
    assert first["Message-ID"] == again["Message-ID"] != later["Message-ID"]


@pytest.mark.parametrize(
    ("count", "first"), [(0, "There are no products yet."), (1, "1 of 1 product is ready for the shop.")]
)
def test_none_and_one_are_told_as_such(count: int, first: str) -> None:
    message = manager_mail(sample_report(count), Texts("en"), LINK)
    assert text(message).splitlines()[0] == first


def test_revenue_is_told_of_what_is_held_back_only_where_something_is() -> None:
    fine = replace(REPORT, ready=replace(REPORT.ready, count=REPORT.ready.of, worth=REPORT.ready.of_worth))
    assert "revenue in 12 months" not in text(manager_mail(fine, Texts("en"), LINK))
    assert "revenue in 12 months" in text(manager_mail(REPORT, Texts("en"), LINK))


def test_the_oldest_day_is_the_day_where_the_company_is() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)  # the 21st in Brussels
    people = tuple(replace(one, oldest=late) for one in REPORT.people)
    message = owner_mail(replace(REPORT, people=people), Texts("en"), "an", LINK)
    assert "since 21 November 2026" in text(message)


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 1000])
def test_a_mail_is_short_whatever_the_shop_holds(language: str, count: int) -> None:
    report = sample_report(count)
    texts = Texts(language)
    for message in (manager_mail(report, texts, LINK), owner_mail(report, texts, "an", LINK)):
        if message is not None:
            assert len(text(message).split("\n\n")[0].splitlines()) <= 5
            assert html(message).tags.count("li") <= TOP
            assert len(message.as_bytes()) < MOST_BYTES


def test_names_without_an_end_do_not_make_a_mail_large() -> None:
    endless = "x" * 100_000
    products = tuple(
        replace(one, sku=f"{n}{endless}", names=dict.fromkeys(one.names, endless))
        for n, one in enumerate(REPORT.products)
    )
    report = replace(
        REPORT, products=products, offenders=tuple(one.sku for one in products[:25]), people_names={"an": endless},
        biggest=replace(REPORT.biggest, owner_name=endless),
    )  # fmt: skip
    for message in (manager_mail(report, Texts("en"), LINK), owner_mail(report, Texts("en"), "an", LINK)):
        assert len(message.as_bytes()) < MOST_BYTES


def test_the_chart_says_what_its_colours_are() -> None:
    (picture,) = [
        part for part in manager_mail(REPORT, Texts("nl"), LINK).walk() if part.get_content_maintype() == "image"
    ]
    image = Image.open(io.BytesIO(picture.get_payload(decode=True))).convert("RGB")
    legend = image.crop((0, image.height - 56, image.width, image.height))
    colours = {colour for count, colour in legend.getcolors(100_000) if count > 400}
    assert {(0x2F, 0x7D, 0x5B), (0xE0, 0xB2, 0x3C), (0xB3, 0x36, 0x2B)} <= colours


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 of these holds a product back", "2 of these hold a product back"),
        ("nl", "waarvan 1 een product tegenhoudt", "waarvan 2 een product tegenhouden"),
        ("fr", "dont 1 retient un produit", "dont 2 retiennent un produit"),
        ("de", "davon hält 1 ein Produkt zurück", "davon halten 2 ein Produkt zurück"),
    ],
)
def test_the_subject_agrees_with_its_number(language: str, one: str, many: str) -> None:
    for held, words in ((1, one), (2, many)):
        people = tuple(replace(person, held=held) for person in REPORT.people)
        message = owner_mail(replace(REPORT, people=people), Texts(language), "an", LINK)
        assert words in message["Subject"]
