"""Defects sown on articles that other cases left as they are: nothing is added or exchanged, so the range stays what it was."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.erp.articles import Article
from sandbox.erp.edits import Change, fact, long, nothing, photos, put, relations


@dataclass(frozen=True, slots=True)
class Again:
    """A case about one article, by its number; ``language`` for a case about a text."""

    topic: str
    is_true: bool
    number: str
    change: Change = nothing
    language: str | None = None

    @property
    def key(self) -> str:
        """How the case names its record."""
        return f"{self.language}:{self.number}" if self.language else self.number


def true(topic: str, number: str, change: Change = nothing, language: str | None = None) -> Again:
    """A real defect: the rule must find it."""
    return Again(topic, True, number, change, language)


def false(topic: str, number: str, change: Change = nothing, language: str | None = None) -> Again:
    """A look-alike: the rule must leave it alone."""
    return Again(topic, False, number, change, language)


_CLEANER = (
    "<p>Eén dop {model} van Blinq in een emmer lauw water volstaat voor een vloer van tien meter lang. Strepen blijven er "
    "niet achter, en de geur blijft urenlang hangen.</p><ul><li>Geur: {scent}</li><li>Inhoud: {content} ml</li></ul>"
    "<p>De lege fles vul je bij in onze winkel.</p>"
)

AGAIN: tuple[Again, ...] = (
    true("gtin_brands", "LAD-0043", put(ean="5400050000053")),  # a cable in the box of a cleaner
    true("gtin_brands", "POE-0005"),
    false("gtin_brands", "PAN-0011", put(ean="5400200000018")),  # boxes of 6 and of 24 of one maker
    false("gtin_brands", "PAN-0001"),
    true("price_unusual", "LAD-0043", put(price="1012,00", cost="507,00")),
    false("price_unusual", "PAN-0001", put(price="164,30", cost="104,45")),
    true("price_margin", "INP-0003", put(cost="0,02")),
    false("price_margin", "ZEI-0014", put(cost="3,14")),
    true("price_margin", "KOF-0002", put(cost="148,00")),  # below that of its category only
    false("price_margin", "KOF-0003", put(cost="142,00")),
    true("weight_below_content", "INP-0003", fact("INHGR", "500")),
    false("weight_below_content", "POE-0001"),
    true("category_not_leaf", "BLE-0010", put(group="KEU-MIX")),
    false("category_not_leaf", "ZEI-0014"),
    true("photo_like_no_photo", "POE-0001", photos("algemeen/geen_foto_klein.jpg", keep=2)),
    false("photo_like_no_photo", "BLE-0010"),
    true("photo_blank", "POE-0005", photos("defect/wit.jpg", keep=2)),
    false("photo_blank", "ZEI-0014", photos("bijzonder/wit-op-wit.jpg", keep=2)),
    true("relation_loop", "POE-0001", relations(("A", "POE-0005"))),
    true("relation_loop", "POE-0005", relations(("A", "POE-0001"))),
    false("relation_loop", "INP-0003", relations(("A", "WAT-0001"))),
    true("relation_one_way", "BLE-0010", relations(("S", "POE-0001"))),
    false("relation_one_way", "POE-0001"),
    true("name_amount", "PAN-0039", language="nl"),  # a name of exactly 50 characters, and another diameter
    false("name_amount", "LAD-0043", language="nl"),  # 3 m in the name, 300 cm in the property
    true("short_text_untranslated", "MES-0002", language="fr"),
    false("short_text_untranslated", "POE-0001", language="fr"),
    true("long_text_alike", "POE-0001", long(_CLEANER.format(scent="citroen", model="Citroen", content=500)), "nl"),
    true("long_text_alike", "POE-0005", long(_CLEANER.format(scent="lavendel", model="Lavendel", content=1000)), "nl"),
    false("long_text_alike", "PAN-0001", language="nl"),  # one pan in two sizes
    false("long_text_alike", "PAN-0011", language="nl"),
)


def sow_again(articles: Mapping[str, Article]) -> None:
    """Do to the articles, by their numbers, what the cases say."""
    for case in AGAIN:
        case.change(articles[case.number])
