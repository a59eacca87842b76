"""An article as the ERP knows it, made from a variant of the building blocks: texts, facts, photos, price and stock."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sandbox.erp.blocks import LANGUAGES, Variant, families, words

NOW = datetime(2026, 11, 20, 22, 0)  # noqa: DTZ001 - the ERP writes Belgian wall-clock time without a zone
"""The ERP's own clock: its last daily closing. Nothing in a fresh database is later than this."""

_VIEWS = {
    "front": {"nl": "vooraanzicht", "fr": "vue de face", "en": "front view"},
    "detail": {"nl": "detail", "fr": "détail", "en": "detail"},
    "packshot": {"nl": "in de verpakking", "fr": "dans l'emballage", "en": "in its packaging"},
    "back": {"nl": "achterkant", "fr": "vue arrière", "en": "back view"},
}
_SHORT_FORMS = (
    ("siliconen", "sil"),
    ("voor ", ""),
    ("met ", "m "),
    ("set van ", "set"),
    ("flessen van", "fl"),
    ("fles van", "fl"),
)
_COLOURLESS = ("DRA", "POE-MID", "POE-WAS", "TAF-GLA-WIJ", "TAF-GLA-BIE", "CAD-BON", "CAD-DIG", "CAD-DIE")


@dataclass(slots=True)
class Picture:
    """What a photo shows: enough to draw it."""

    shape: str
    rgb: tuple[int, int, int]
    view: str
    label: str


@dataclass(slots=True)
class Photo:
    """A row of art_foto; ``file`` is a path below the media root, ``picture`` None when no file is drawn for it."""

    file: str
    picture: Picture | None
    captions: dict[str, str]


@dataclass(slots=True)
class Article:
    """Everything that the ERP keeps about one article number. Weights in grams unless ``weight_unit`` says KG."""

    number: str
    variant: Variant
    texts: dict[str, dict[str, str]]
    facts: dict[str, str]
    photos: list[Photo]
    brand: str | None
    ean: str | None
    group: str | None
    model: str
    weight: str | None
    vat: str
    price: str | None
    cost: str
    created: datetime
    modified: datetime
    counted: datetime
    stock: str | None
    staff_name: str
    stock_code: str = "V"
    weight_unit: str = "G"
    carton_count: int = 1
    carton_weight: int | None = None
    status: str = "A"
    currency: str = "EUR"
    relations: list[tuple[str, str]] = field(default_factory=list)
    has_own_relations: bool = False
    """A sown article whose relations must stay as they are."""

    @property
    def family(self) -> str:
        """The code of its family."""
        return str(self.variant.family["code"])


def make(variant: Variant, seed: int) -> Article:
    """The article of a variant; ``seed`` decides price, stock and times, never what the article is or how it reads."""
    number = f"{variant.family['prefix']}-{variant.serial:04}"
    random = Random(f"{seed}:{number}")
    facts = _facts(variant)
    texts = {language: _texts(variant, facts, language) for language in LANGUAGES}
    weight = round(float(variant.option("weight", 0)) if "weight" not in variant.size else _scaled(variant, "weight"))
    price = _scaled(variant, "price") * random.uniform(0.97, 1.03)
    created = NOW - timedelta(days=random.randint(40, 1900), minutes=random.randint(0, 1439))
    count = int(random.choice((6, 10, 12, 24)))
    modified = created + timedelta(seconds=round((NOW - created).total_seconds() * random.uniform(0.3, 0.97)))
    stock = 0 if random.random() < 0.06 else random.randint(2, 240)
    return Article(
        number, variant, texts, facts, _photos(variant, texts), variant.series["brand"], _ean(variant),
        variant.size.get("group", variant.series["group"]), f"{variant.series['brand']} {variant.series['model']}",
        None if variant.option("weightless") else str(weight), variant.option("vat", "1"),
        f"{price:.2f}".replace(".", ","), f"{price * random.uniform(0.5, 0.72):.2f}".replace(".", ","), created,
        modified, NOW - timedelta(minutes=random.randint(5, 300)), str(stock),
        _staff_name(texts["nl"]["NAAM"], variant), "V" if stock else "N", "G", count, round(weight * count * 1.04) or None,
    )  # fmt: skip


def captions(name: dict[str, str], view: str) -> dict[str, str]:
    """The alt text of a photo in each language."""
    return {language: f"{name[language]}, {_VIEWS[view][language]}" for language in LANGUAGES}


def check_digit(digits: str) -> str:
    """The GS1 check digit of the digits before it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def slug(text: str) -> str:
    """A text as part of a file name: plain small letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _scaled(variant: Variant, what: str) -> float:
    return float(variant.series[what]) * float(variant.size.get(what, 1))


def _facts(variant: Variant) -> dict[str, str]:
    facts = {**variant.series.get("props", {}), **variant.size.get("props", {})}
    if not str(variant.series["group"]).startswith(_COLOURLESS):  # there the colour is only that of the picture
        facts["KLEUR"] = variant.colour
    if unit := variant.option("unit"):
        facts["EENH"] = unit
    return facts


def _texts(variant: Variant, facts: dict[str, str], language: str) -> dict[str, str]:
    series, family = variant.series, variant.family
    what = series.get("what", {}).get(language, "")
    words_in = {
        "brand": series["brand"], "model": series["model"], "what": what, "what_lower": what[:1].lower() + what[1:],
        "size": variant.size[language], "colour": words()["colours"][variant.colour][language],
    }  # fmt: skip
    lead = _pick(family["lead"][language], variant).format_map(words_in)
    if language == "fr":
        lead = re.sub(r"\bde (?=[AEIOUÉ])", "d'", lead)
    outro = _pick(family["outro"][language], variant)
    story = series["story"][language]
    name = family["name"][language].format_map(words_in)
    rows = "".join(f"<li>{_fact(code, value, language)}</li>" for code, value in sorted(facts.items()))
    return {
        "NAAM": name[:1].upper() + name[1:],
        "KORT": _sentence(lead),
        "LANG": f"<p>{_sentence(lead)} {story}</p><ul>{rows}</ul><p>{outro}</p>",
    }


def _pick(choices: list[str], variant: Variant) -> str:
    return choices[variant.serial % len(choices)]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _fact(code: str, value: str, language: str) -> str:
    fact = words()["facts"][code]
    known = words()["values"].get(value) or words()["colours"].get(value)
    shown = known[language] if known else value.replace(",", "." if language == "en" else ",")
    unit = "Go" if (fact.get("unit"), language) == ("GB", "fr") else fact.get("unit", "")
    colon = " :" if language == "fr" else ":"
    return f"{fact[language]}{colon} {shown} {unit}".strip()


def _photos(variant: Variant, texts: dict[str, dict[str, str]]) -> list[Photo]:
    series = variant.series
    parts = [series["brand"], series["model"], variant.colour]
    if "fits" in variant.family:
        parts.insert(2, variant.size["nl"])
    if "shape" in variant.size or variant.option("weightless"):
        parts.insert(2, variant.size["nl"])
    rgb: Any = tuple(words()["colours"][variant.colour]["rgb"])
    label = f"{series['brand']} {series['model']}"
    if "fits" in variant.family or variant.option("weightless"):
        label = f"{series['model']} · {variant.size['nl']}"
    names = {language: texts[language]["NAAM"] for language in LANGUAGES}
    views = ("front", "back") if "fits" in variant.family else ("front", "detail", "packshot")
    folder = variant.family["code"]
    return [
        Photo(f"{folder}/{slug(' '.join(parts))}-{view}.jpg",
              Picture(variant.option("shape"), rgb, view, label), captions(names, view))
        for view in views
    ]  # fmt: skip


def _ean(variant: Variant) -> str:
    """An EAN-13: Belgian prefix, number of the family, serial number."""
    family = list(families()).index(variant.family["code"]) + 1
    digits = f"54{family:04}{variant.serial:06}"
    return digits + check_digit(digits)


def _staff_name(name: str, variant: Variant) -> str:
    """What buyers type: capitals, short forms, cut at the 40 characters of the screen."""
    text = name.lower()
    for long, short in _SHORT_FORMS:
        text = text.replace(long, short)
    text = text.replace(words()["colours"][variant.colour]["nl"], words()["colours"][variant.colour]["code"])
    return text.replace(",", "").upper()[:40]
