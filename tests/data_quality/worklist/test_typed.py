"""What people type, as the source would have it."""

import pytest

from data_quality.texts import Texts
from data_quality.worklist.choices import Choices
from data_quality.worklist.said import Said
from data_quality.worklist.typed import typed
from koppel.errors import ConfigError
from koppel.settings import Settings

CHOICES = Choices(
    categories={"TEL-HOE": {"nl": "Hoesjes", "fr": "Coques"}, "KOK": {}},
    tax_classes=("standard", "reduced"),
    properties={
        "color": {"input": "select", "options": {"zwart": {"nl": "Zwart", "fr": "Noir"}}},
        "safe": {"input": "boolean"},
        "power_w": {"input": "decimal"},
        "free": {"input": "text"},
    },
)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("weight_kg", "0,35", "0.35"),
        ("weight_kg", " 0.35 ", "0.35"),
        ("weight_kg", "1 200,5", "1200.5"),
        ("weight_kg", "-1", "-1"),
        ("property_power_w", "1200", "1200"),
        ("gtin", "5 412345 678908", "5412345678908"),
        ("gtin", "0012345678905", "0012345678905"),
        ("category_code", "TEL-HOE · Hoesjes", "TEL-HOE"),
        ("category_code", "tel-hoe", "TEL-HOE"),
        ("category_code", "KOK", "KOK"),
        ("tax_class", "Standard", "standard"),
        ("property_color", "noir", "zwart"),
        ("property_color", "ZWART", "zwart"),
        ("property_safe", "Ja", "true"),
        ("property_safe", "oui", "true"),
        ("property_safe", "nein", "false"),
        ("property_safe", "no", "false"),
        ("property_free", "=1+1", "=1+1"),
        ("name", "Hoesje 🍷", "Hoesje 🍷"),
    ],
)
def test_what_is_understood(field: str, text: str, value: str) -> None:
    assert typed(field, text, CHOICES) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("weight_kg", "1.200,5"), ("weight_kg", "0,5 kg"), ("weight_kg", "zwaar"), ("weight_kg", "1e5"), ("gtin", "12AB"),
        ("gtin", "123"), ("category_code", "NIETS"), ("tax_class", "hoog"), ("property_color", "paars"),
        ("property_safe", "misschien"), ("property_power_w", "veel"), ("name", "x" * 300), ("name", "a\x00b"), ("brand", "\ud800"),
    ],
)  # fmt: skip
def test_what_is_not_gets_a_sentence_in_every_language(field: str, text: str) -> None:
    why = typed(field, text, CHOICES)
    assert isinstance(why, Said)
    assert len({why.text(Texts(language)) for language in ("nl", "fr", "de", "en")}) == 4


def test_every_choice_of_a_list_is_understood_in_every_language() -> None:
    for language in ("nl", "fr", "de", "en"):
        for field in ("category_code", "tax_class", "property_color", "property_safe"):
            offered = CHOICES.of(field, Texts(language))
            assert offered
            assert all(isinstance(typed(field, text, CHOICES), str) for text in offered)


@pytest.mark.parametrize(
    "given",
    [
        {"override_days": 0},
        {"waiver_days": "long"},
        {"accept_from_folder": 1},
        {"overide_days": 3},
        {"most_rows": True},
    ],
)
def test_settings_that_make_no_sense_are_named(
    given: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from data_quality.worklist.options import Options

    with pytest.raises(ConfigError, match=next(iter(given))):
        Options.of(Settings(tmp_path_factory.mktemp("config"), {"worklist": given}))
