"""Cards: a product as a customer sees it, from what was sent and what the source says now."""

from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from data_quality.report import cards as module
from data_quality.report.build import build
from data_quality.report.cards import LONGEST_TEXT, cards
from tests.data_quality.report.quality_ledger import NOW, QualityLedger, settings


def test_what_the_source_says_now_comes_before_what_was_sent(quality: QualityLedger, tmp_path: Path) -> None:
    Image.new("RGB", (50, 50)).save(tmp_path / "a.png")
    quality.sent("product", "A", {"property_color": "red", "property_size": "XL", "first_price_eur_excl_vat": "9"})
    quality.sent("product_text", "nl:A", {"name": "Old", "short_text": "Short", "long_text": "Long"})
    quality.sent("product_image", "A", {"rows": [{"file": "a.png", "alt_text_nl": "Een foto"}, {"file": "b.png"}]})
    quality.sent("price", "A", {"price_eur_excl_vat": "12.40"})
    quality.judged("product", "A", values={"property_color": "blue"}, stock_status="in_stock")
    quality.judged("product_text", "A", "nl", values={"name": "<b>New</b>", "short_text": ""}, name="<b>New</b>")
    quality.judged("product_image", "A", photo="a.png")
    card = cards(quality.ledger, "shop", [("A", "nl")], tmp_path)["A", "nl"]
    assert (card.name, card.short_text, card.long_text) == ("<b>New</b>", "", "Long")
    assert card.properties == {"color": "blue", "size": "XL"}
    assert card.price_eur_excl_vat == Decimal("12.40")
    assert (card.photo_alt, card.stock_status) == ("Een foto", "in_stock")
    assert card.photo is not None


def test_what_never_went_to_the_shop_is_told_from_the_source(quality: QualityLedger, tmp_path: Path) -> None:
    quality.judged("product_text", "A", "nl", name="Name", values={"long_text": "x" * 5000})
    quality.judged("product_image", "A", photo="../../etc/passwd")
    quality.sent("price", "A", {"price_eur_excl_vat": "much"})
    found = cards(quality.ledger, "shop", [("A", "nl"), ("NOT THERE", "nl")], tmp_path)
    card = found["A", "nl"]
    assert (card.name, card.price_eur_excl_vat, card.photo) == ("Name", None, None)
    assert len(card.long_text) == LONGEST_TEXT
    assert found["NOT THERE", "nl"].name == ""


def test_the_worst_have_a_card_in_all_languages_and_what_is_held_where_it_is(
    quality: QualityLedger, tmp_path: Path
) -> None:
    config = settings(tmp_path / "config")
    for number in range(30):
        quality.product(f"P{number:02}", wrong=1 if number < 27 else 0)
    quality.finding("name_missing", "P28", "fr")
    quality.finding("weight_missing", "P29")
    report = build(quality.ledger, config, NOW)
    assert len(report.offenders) == 25
    worst = {(sku, language) for sku in report.offenders for language in ("nl", "fr")}
    assert set(report.cards) == worst | {("P28", "fr"), ("P29", "nl"), ("P29", "fr")}


def test_photos_together_stay_within_their_limit(
    quality: QualityLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (50, 50)).save(tmp_path / "a.png")
    for sku in "ABC":
        quality.judged("product_image", sku, photo="a.png")
    one = cards(quality.ledger, "shop", [("A", "nl")], tmp_path)["A", "nl"].photo
    assert one is not None
    monkeypatch.setattr(module, "PHOTO_BYTES", 2 * len(one) + 1)
    found = cards(quality.ledger, "shop", [(sku, "nl") for sku in "ABC"], tmp_path)
    assert [card.photo is not None for card in found.values()] == [True, True, False]
