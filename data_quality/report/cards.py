"""Cards: products as a customer sees them, from what the shop was last sent and what the source says now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlalchemy import Text, any_, select
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import ARRAY

from data_quality.report.model import Card
from data_quality.report.photos import thumbnail
from koppel.entities import PRODUCT_TEXT, record_key
from koppel.ledger import Ledger
from koppel.ledger_quality import judgement
from koppel.ledger_schema import delivery

LONGEST_TEXT = 1_500
"""Characters of a text on a card; the work list has all of it."""

PHOTO_BYTES = 500_000
"""All photos of a report together; the products that are asked for first get theirs."""

_PROPERTY = "property_"
_ENTITIES = ("product", "product_text", "product_image", "price")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a record: ``sent`` to the target, ``said`` by the source now (``values``), and the ``facts``."""

    sent: Mapping[str, Any]
    said: Mapping[str, Any]
    facts: Mapping[str, Any]

    def text(self, name: str) -> str:
        """What the source says now comes before what was sent."""
        found = self.said.get(name, self.sent.get(name, self.facts.get(name)))
        return "" if found is None else str(found)


_NOTHING = _Known({}, {}, {})


def cards(
    ledger: Ledger, target: str, wanted: Sequence[tuple[str, str]], media_root: Path
) -> dict[tuple[str, str], Card]:  # fmt: skip
    """The cards of these products and languages. A photo that can't be shown is left out, never an error."""
    skus = list(dict.fromkeys(sku for sku, _ in wanted))
    keys = [*skus, *(_text_key(sku, language) for sku, language in wanted)]
    known = _known(ledger, target, keys)
    photos = _photos(skus, known, media_root)
    return {(sku, language): _card(sku, language, known, photos.get(sku)) for sku, language in wanted}


def _text_key(sku: str, language: str) -> str:
    return record_key(PRODUCT_TEXT, (language, sku))


def _known(ledger: Ledger, target: str, keys: list[str]) -> dict[tuple[str, str], _Known]:
    among = value(keys, ARRAY(Text))
    d, j = delivery.c, judgement.c
    sent = ledger.rows(
        lambda _: select(d.entity, d.key, d.record).where(
            d.target == target, d.entity.in_(_ENTITIES), d.key == any_(among), d.record.is_not(None)
        )
    )
    said = ledger.rows(
        lambda _: select(j.entity, j.key, j["values"], j.facts).where(
            j.target == target, j.entity.in_(_ENTITIES), j.key == any_(among)
        )
    )
    records = {(row["entity"], row["key"]): row["record"] for row in sent}
    judged = {(row["entity"], row["key"]): row for row in said}
    return {
        place: _Known(
            _table(records.get(place)),
            _table(judged.get(place, {}).get("values")),
            _table(judged.get(place, {}).get("facts")),
        )
        for place in {**records, **judged}
    }


def _table(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _photos(skus: Sequence[str], known: Mapping[tuple[str, str], _Known], media_root: Path) -> dict[str, bytes]:
    photos: dict[str, bytes] = {}
    left = PHOTO_BYTES
    for sku in skus:
        file = str(known.get(("product_image", sku), _NOTHING).facts.get("photo") or "")
        photo = thumbnail(file, media_root) if file and left > 0 else None
        if photo and len(photo) <= left:
            photos[sku] = photo
            left -= len(photo)
    return photos


def _card(sku: str, language: str, known: Mapping[tuple[str, str], _Known], photo: bytes | None) -> Card:
    product = known.get(("product", sku), _NOTHING)
    text = known.get(("product_text", _text_key(sku, language)), _NOTHING)
    gallery = known.get(("product_image", sku), _NOTHING).sent.get("rows") or [{}]
    price = known.get(("price", sku), _NOTHING).sent.get("price_eur_excl_vat")
    return Card(
        sku, language, _cut(text.text("name")), _cut(text.text("short_text")), _cut(text.text("long_text")),
        _money(price if price is not None else product.sent.get("first_price_eur_excl_vat")), _properties(product), photo,
        _cut(str(_table(gallery[0]).get(f"alt_text_{language}") or "")), product.text("stock_status"),
    )  # fmt: skip


def _properties(product: _Known) -> dict[str, str]:
    names = sorted(name for name in {**product.sent, **product.said} if name.startswith(_PROPERTY))
    texts = {name.removeprefix(_PROPERTY): product.text(name) for name in names}
    return {code: _cut(text) for code, text in texts.items() if text}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _money(found: Any) -> Decimal | None:
    """An amount as the ledger keeps it (a text); None for what is none."""
    try:
        amount = Decimal(str(found))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
