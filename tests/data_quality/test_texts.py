"""Every text that people read: complete in each language, free of technical words, and formatted as that language does."""

import re
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st

from data_quality import codes, gate
from data_quality.catalogue import RULES
from data_quality.messages import (
    PARTS,
    ROOT,
    SOURCE,
    Found,
    catalogue,
    extracted,
    is_translated,
    languages,
    messages_of_template,
    update,
)
from data_quality.report.model import DIMENSIONS, QUESTIONS, Problem, Share
from data_quality.texts import Texts
from koppel.entities import ENTITIES
from koppel.errors import ConfigError
from koppel.judging import Context
from koppel.settings import Settings
from tests.data_quality.frames import frame

LANGUAGES = ("en", "nl", "fr", "de")
"""The languages whose rules must be complete; a new one is switched on by naming it here."""

TRANSLATED = tuple(language for language in languages() if language != SOURCE)
"""The languages that messages must be translated into: all."""

BANNED = (
    "null", "regex", "regexp", "nan", "boolean", "booléen", "bool", "string", "integer", "float", "JSON", "SQL", "API",
    "dataframe", "foreign key", "timestamp", "parse", "payload", "exception", "traceback", "primary key", "UTF-8", "hash",
    "HTML", "expression régulière", "chaîne de caractères", "reguliere expressie", "tekenreeks", "Zeichenkette",
    "regulärer Ausdruck",
)  # fmt: skip
"""Words that shop staff should never have to read."""

BY_THE_RULE = ("HTML",)
"""Stand in the title or reason of a rule, which are the English texts, and nowhere else."""

MOST_WORDS = 25

CODES = [
    (question, method)
    for question, method in (
        (codes.QUESTIONS, "question"), (codes.SEVERITIES, "severity"), (codes.ROLES, "role"), (codes.VERDICTS, "verdict"),
        (codes.DIMENSIONS, "dimension"), (codes.HELD_GROUPS, "held_group"), (codes.SHOWS, "shows"),
        (codes.ENTITIES, "entity"), (codes.FLOWS, "flow"), (codes.RUN_STATUSES, "run_status"),
        (codes.STOCK_STATUSES, "stock_status"), (codes.FIELDS, "field"),
    )
]  # fmt: skip


def names_in(text: str) -> set[str]:
    """The placeholders of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return re.split(r"(?<=[.!?…])\s+", text)


def technical(text: str, banned: tuple[str, ...] = BANNED) -> list[str]:
    """The words of a text that are on the ban list, and names with underscores."""
    spoken = re.sub(r"\{\w+\}", "", text)
    words = [word for word in banned if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", spoken, re.IGNORECASE)]
    return [*words, *re.findall(r"\b[a-z]+_[a-z_]+\b", spoken)]


def rule_text(language: str, rule_id: str, part: str) -> str:
    """A part of a rule's text as its catalogue has it; title and reason in English are the rule's own."""
    if language == SOURCE and part in {"title", "reason"}:
        return str(getattr(RULES[rule_id], part))
    found = catalogue(language, "rules").get(part, context=rule_id)
    return str(found.string) if found is not None else ""


def all_texts(language: str) -> list[tuple[str, str]]:
    """Every text of a language with where it stands."""
    rules = [
        (f"{message.context} {message.id}", str(message.string))
        for message in catalogue(language, "rules")
        if message.id
    ]
    messages = [message for message in catalogue(language, "report") if message.id]
    return rules + [(str(message.id), form) for message in messages for form in forms_of(message)]


def forms_of(message: Any) -> list[str]:
    """A message's text, or its plural forms."""
    return list(message.string) if isinstance(message.string, tuple | list) else [message.string]


def problem(rule_id: str, value: str = "", reason: str = "") -> Problem:
    """A finding of a rule."""
    rule = RULES.get(rule_id, RULES["name_missing"])
    since = datetime(2026, 11, 23, tzinfo=UTC)
    return Problem(
        rule.entity, "TEL-1", "", rule_id, rule.question, rule.severity, value, reason, "", "", since, rule.minutes
    )


# --- the catalogues


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_all_its_texts(language: str) -> None:
    missing = [f"{rule_id} {part}" for rule_id in RULES for part in PARTS if not rule_text(language, rule_id, part)]
    assert not missing


@pytest.mark.parametrize("language", languages())
def test_the_catalogue_of_rules_holds_what_there_is_in_the_order_of_the_rules(language: str) -> None:
    found = [(message.context, message.id) for message in catalogue(language, "rules") if message.id]
    parts = PARTS[2:] if language == SOURCE else PARTS
    expected = [(rule_id, part) for rule_id in RULES for part in parts]
    assert not set(found) - set(expected), "entries for a rule or a part that is not there any more"
    assert found == [entry for entry in expected if entry in set(found)]


@pytest.mark.parametrize("language", languages())
def test_a_reason_has_the_placeholders_of_its_rule(language: str) -> None:
    different = {
        rule_id: names_in(text) ^ names_in(rule.reason)
        for rule_id, rule in RULES.items()
        if (text := rule_text(language, rule_id, "reason")) and names_in(text) != names_in(rule.reason)
    }
    assert not different


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_reasons_have_placeholders_and_an_example_shows_a_difference(language: str) -> None:
    for rule_id in RULES:
        assert not any(names_in(rule_text(language, rule_id, part)) for part in PARTS if part != "reason"), rule_id
        assert rule_text(language, rule_id, "bad") != rule_text(language, rule_id, "good"), rule_id


@pytest.mark.parametrize("language", languages())
def test_no_text_holds_a_technical_word(language: str) -> None:
    assert not [(where, words) for where, text in all_texts(language) if (words := technical(text))]


def test_no_message_and_no_rule_holds_a_technical_word() -> None:
    messages = [text for one in extracted() for text in ([one.id] if isinstance(one.id, str) else one.id)]
    own = [text for rule in RULES.values() for text in (rule.title, rule.reason)]
    assert not [(text, words) for text in messages if (words := technical(text))]
    allowed = tuple(word for word in BANNED if word not in BY_THE_RULE)
    assert not [(text, words) for text in own if (words := technical(text, allowed))]


@pytest.mark.parametrize("text", ["The value is null.", "Is NaN, see", "(regex)", "the weight_kg of it", "Un JSON."])
def test_the_ban_list_finds_words_and_names_of_columns(text: str) -> None:
    assert technical(text)


@pytest.mark.parametrize("text", ["It will annul it.", "{weight_kg} kg", "Stringent", "IMG_4512.jpg"])
def test_the_ban_list_leaves_parts_of_words_placeholders_and_file_names(text: str) -> None:
    assert not technical(text)


@pytest.mark.parametrize("language", languages())
def test_no_sentence_is_longer_than_people_read(language: str) -> None:
    reasons = [(f"{rule_id} reason", rule_text(language, rule_id, "reason")) for rule_id in RULES]
    long = [
        (where, sentence)
        for where, text in all_texts(language) + reasons
        if not where.endswith((" bad", " good"))  # examples are what somebody typed, badly too
        for sentence in sentences(text)
        if len(sentence.split()) > MOST_WORDS
    ]
    assert not long


# --- the messages of code and templates


@pytest.fixture(scope="module")
def found() -> list[Found]:
    return extracted()


def test_messages_are_found_in_code_and_in_templates(found: list[Found]) -> None:
    files = {Path(file).suffix for one in found for file in one.files}
    assert {".py", ".html"} <= files
    assert any(isinstance(one.id, tuple) for one in found)


def test_both_ways_of_asking_for_a_text_are_found_in_templates() -> None:
    """Jinja's own extraction passes over methods."""
    source = """{{ _("One") }}{{ t.gettext("Two {n}", n=texts.gettext("Three")) }}{% set a = ngettext("a {n}", "b {n}", 2) %}
    {{ texts.gettext(variable) }}{{ texts.number(1) }}{{ other("Four") }}"""
    assert set(messages_of_template(source)) == {"One", "Two {n}", "Three", ("a {n}", "b {n}")}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_gone(language: str, found: list[Found]) -> None:
    messages = [message for message in catalogue(language, "report") if message.id]
    translated = {tuple(m.id) if m.pluralizable else m.id for m in messages if is_translated(m)}
    wanted = {one.id for one in found}
    do = "run python -m data_quality.texts and translate what is empty in report.po"
    assert not wanted - translated, do
    assert {tuple(m.id) if m.pluralizable else m.id for m in messages} == wanted, do


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_placeholders_and_plural_forms_of_its_message(language: str) -> None:
    report = catalogue(language, "report")
    for message in report:
        if message.id and is_translated(message):
            forms = forms_of(message)
            wanted = [names_in(text) for text in (message.id if message.pluralizable else [message.id])]
            assert all(names_in(form) in wanted for form in forms), message.id
            assert names_in(forms[-1]) == wanted[-1], message.id
            assert len(forms) == (report.num_plurals if message.pluralizable else 1), message.id


def test_bringing_catalogues_up_to_date_keeps_translations_and_drops_what_is_gone(tmp_path: Path) -> None:
    (tmp_path / "nl").mkdir()
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    kept = 'msgid "Is the price right?"\nmsgstr "Is de prijs één?"\n\nmsgid "of long ago"\nmsgstr "van lang geleden"\n'
    (tmp_path / "nl" / "report.po").write_text(head + kept, "utf-8")
    left = update(tmp_path)
    first = (tmp_path / "nl" / "report.po").read_bytes()
    assert left == {"nl": len(extracted()) - 1}
    assert "Is de prijs één?" in first.decode()
    assert "of long ago" not in first.decode()
    assert update(tmp_path) == left
    assert (tmp_path / "nl" / "report.po").read_bytes() == first


# --- texts of a language


@pytest.mark.parametrize("language", ["xx", "", "../en", "EN"])
def test_a_language_without_a_catalogue_is_an_error_that_names_those_that_there_are(language: str) -> None:
    with pytest.raises(ConfigError, match="there are: de, en, fr, nl") as caught:
        Texts(language)
    assert repr(language) in caught.value.what
    assert caught.value.do


def own(tmp_path: Path, entries: str) -> Texts:
    """Dutch with a report.po of these entries only."""
    (tmp_path / "nl").mkdir()
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (tmp_path / "nl" / "report.po").write_text(head + entries, "utf-8")
    return Texts("nl", root=tmp_path)


def test_what_has_no_translation_is_told_in_english(tmp_path: Path) -> None:
    texts = own(tmp_path, 'msgid "Empty {n}"\nmsgstr ""\n')
    assert texts.gettext("Empty {n}", n=3) == "Empty 3"
    assert texts.gettext("Of nobody {n}", n=3) == "Of nobody 3"
    assert texts.ngettext("{n} thing", "{n} things", 1) == "1 thing"
    assert texts.ngettext("{n} thing", "{n} things", 1200) == "1.200 things"
    assert texts.rule("name_missing").why == Texts("en").rule("name_missing").why


def test_a_translation_with_a_wrong_placeholder_is_told_in_english(tmp_path: Path) -> None:
    texts = own(tmp_path, 'msgid "For {name}"\nmsgstr "Voor {naam}"\n\nmsgid "By {name}"\nmsgstr "Door {name"\n')
    assert texts.gettext("For {name}", name="An") == "For An"
    assert texts.gettext("By {name}", name="An") == "By An"


@pytest.mark.parametrize("content", [b"this is no catalogue\n", b'msgid "caf\xe9"\nmsgstr "x"\n'])
def test_a_catalogue_that_cannot_be_read_is_an_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "nl").mkdir()
    (tmp_path / "nl" / "rules.po").write_bytes(content)
    with pytest.raises(ConfigError, match=r"nl.rules\.po can't be read"):
        Texts("nl", root=tmp_path)


def test_values_are_never_read_as_placeholders() -> None:
    texts = Texts("nl")
    hostile = "{n} {0} {x!r} %s <b>"
    assert hostile in texts.gettext("{first} to {second}", first=hostile, second="b")
    assert hostile in texts.reason(problem("name_long", hostile))


@pytest.mark.parametrize(
    ("language", "one", "none"), [("nl", "1 dag", "0 dagen"), ("fr", "1 jour", "0 jour"), ("de", "1 Tag", "0 Tage")]
)
def test_each_language_has_its_own_plural(language: str, one: str, none: str) -> None:
    texts = Texts(language)
    assert texts.ngettext("{n} day", "{n} days", 1) == one
    assert texts.ngettext("{n} day", "{n} days", 0) == none


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("words", "method"), CODES)
def test_codes_are_told_in_words(language: str, words: dict[str, str], method: str) -> None:
    for code in words:
        told = getattr(Texts(language), method)(code)
        assert told
        assert not technical(told), (language, code)


def test_every_code_of_the_rules_and_of_the_model_has_words() -> None:
    assert {rule.question for rule in RULES.values()} | set(QUESTIONS) <= set(codes.QUESTIONS)
    assert codes.QUESTIONS.keys() == codes.SHORT_QUESTIONS.keys()
    assert {rule.severity for rule in RULES.values()} <= set(codes.SEVERITIES)
    assert {rule.role for rule in RULES.values()} <= set(codes.ROLES)
    assert {rule.entity for rule in RULES.values()} <= set(codes.ENTITIES)
    assert set(DIMENSIONS) == set(codes.DIMENSIONS)


def test_questions_have_a_short_form() -> None:
    texts = Texts("nl")
    assert texts.question("name") == "Is de naam begrijpelijk?"
    assert texts.question("name", short=True) == "Naam"


def test_fields_and_properties_are_called_as_people_do() -> None:
    texts = Texts(
        "nl", properties={"color": {"label": {"nl": "Kleur", "en": "Colour"}}, "fit": {"label": {"en": "Fits"}}}
    )
    assert texts.field("weight_kg") == "gewicht (kg)"
    assert texts.field("long_text_plain") == "lange tekst"
    assert texts.field("property_color") == "Kleur"
    assert texts.field("property_fit") == "Fits"
    assert texts.field("property_net_content") == "net content"
    assert texts.field("alt_text_fr") == "beschrijving van de foto (Frans)"
    assert texts.field("some_column") == "some column"


# --- reasons


def test_a_reason_is_told_in_the_readers_language_with_the_thresholds_of_the_company() -> None:
    stored = problem("name_long", "X" * 5, "The name 'XXXXX' has more than 150 characters. Shorten it.")
    assert Texts("en").reason(stored) == stored.reason
    assert "meer dan 150 tekens" in Texts("nl").reason(stored)
    assert "meer dan 1.200 tekens" in Texts("nl", rules={"name_long": {"longest": 1200, "enabled": True}}).reason(
        stored
    )


def test_a_finding_of_a_rule_that_is_gone_keeps_its_english_reason() -> None:
    texts = Texts("nl")
    assert texts.reason(problem("rule_of_long_ago", "x", "What it said then.")) == "What it said then."
    assert texts.rule("rule_of_long_ago").title == "Een regel uit een vroegere versie"


def test_what_could_not_be_judged_is_told_without_its_error(gate_context: Context) -> None:
    """The gate's own sentence names columns and errors: they are for IT."""
    rows = frame("product", [{}]).drop(columns="weight_kg")
    row = gate.judge(ENTITIES["product"], rows, gate_context).findings.query("rule == 'weight_missing'").iloc[0]
    told = Texts("nl").reason(problem("weight_missing", row["value"], row["reason"]))
    assert told == "Dit kon niet nagekeken worden: Het gewicht is bekend. Vraag IT om ernaar te kijken."


PROPERTIES = {"color": {"label": {"nl": "Kleur", "en": "Colour"}}, "size": {"label": {"nl": "Maat", "en": "Size"}}}


@pytest.mark.parametrize(
    ("rule", "value", "told"),
    [
        ("weight_unit", "0.5", "0,5 kg ligt"),
        ("weight_unit", "1e+06", "1.000.000 kg ligt"),
        ("stock_negative", "-3", "voorraad van -3 kan niet"),
        ("price_zero", "0.00", "prijs van 0,00 euro"),
        ("price_jump", "10.00 to 1234.5678", "van 10,00 naar 1.234,5678 euro, meer dan 40 procent"),
        ("price_margin", "2.50 against 30.00", "2,50 tegenover 30,00 euro"),
        ("stock_stale", "03/11/2026 23:30 UTC", "op 4 november 2026 00:30."),
        ("gtin_wrong", "0123", "barcode '0123'"),
        ("alt_text_missing", "nl, fr, fr and 2 more", "in: Nederlands, Frans."),
        ("photo_small", "a.jpg, b.jpg, c.jpg and 4 more", "'a.jpg, b.jpg, c.jpg en nog 4'"),
        ("text_markup", "font, span, Word markup, blink", "(eigen opmaak, opmaak van Word, blink)"),
        ("properties_required", "Colour, Size", "naar: Kleur, Maat."),
        ("property_filling", "Colour: -, Size: n/a, x", "(Kleur: -, Maat: n/a, x)"),
        ("property_filling", "net content: -", "(net content: -)"),
        ("weight_unit", "much", "much kg ligt"),
        ("weight_unit", "inf", "inf kg ligt"),
        ("weight_unit", "1e+100", "1e+100 kg ligt"),
        ("stock_stale", "yesterday", "op yesterday."),
        ("price_jump", "dear", "van dear euro"),
    ],
)  # fmt: skip
def test_values_are_told_as_the_reader_writes_them(rule: str, value: str, told: str) -> None:
    assert told in Texts("nl", properties=PROPERTIES).reason(problem(rule, value))


@given(st.sampled_from(sorted(RULES)), st.text(max_size=60))
def test_any_value_of_any_rule_can_be_told(rule: str, value: str) -> None:
    for language in languages():
        assert Texts(language, properties=PROPERTIES).reason(problem(rule, value))


def test_values_that_the_gate_composes_are_taken_apart(gate_context: Context) -> None:
    """What the gate writes in English and what is read here must stay the same."""
    texts = Texts("nl", properties=gate_context.properties)

    def told(entity: str, rule: str, rows: list[dict[str, Any]]) -> str:
        findings = gate.judge(ENTITIES[entity], frame(entity, rows), gate_context).findings
        row = findings[findings["rule"] == rule].iloc[0]
        return texts.reason(problem(rule, row["value"], row["reason"]))

    photos = [{"file": f"{n}.jpg", "content_hash": f"h{n}", "width_px": 300, "alt_text_fr": ""} for n in range(5)]
    assert "'0.jpg, 1.jpg, 2.jpg en nog 2'" in told("product_image", "photo_small", photos)
    assert "in: Frans." in told("product_image", "alt_text_missing", photos)
    assert "van 19,95 naar 99,00 euro" in told("price", "price_jump", [{"price_eur_excl_vat": "99"}])
    late = [{"stock_checked_at": "2026-11-01T11:00:00Z"}]
    assert "op 1 november 2026 12:00" in told("product", "stock_stale", late)
    label = gate_context.properties["color"]["label"]
    label = label["nl"] if isinstance(label, dict) else label
    assert f"({label}: -)" in told("product", "property_filling", [{"property_color": "-"}])


def test_the_words_of_a_config_folder_have_its_thresholds_labels_and_time_zone(tmp_path: Path) -> None:
    shutil.copytree(ROOT.parents[1] / "config", tmp_path / "config", ignore=shutil.ignore_patterns("__pycache__"))
    settings = tmp_path / "config" / "koppel.toml"
    settings.write_text(settings.read_text("utf-8").replace("Europe/Brussels", "America/New_York"), "utf-8")
    rules = (tmp_path / "config" / "rules.toml").read_text("utf-8")
    (tmp_path / "config" / "rules.toml").write_text(
        rules.replace("[rules]\n", "[rules]\n[rules.name_long]\nlongest = 99\n", 1), "utf-8"
    )
    texts = Texts.of("nl", Settings.load(tmp_path / "config"))
    assert "meer dan 99 tekens" in texts.reason(problem("name_long", "x"))
    assert texts.field("property_material") == "Materiaal"
    assert texts.moment(datetime(2026, 11, 3, 3, 0, tzinfo=UTC)) == "2 november 2026 22:00"


# --- numbers, amounts, times

NO_BREAK, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("language", "number", "percent", "money", "day", "time"),
    [
        ("nl", "1.234.567", "80%", f"€{NO_BREAK}1.235", "3 maart 2026", "2 uur 5 minuten"),
        ("fr", f"1{NARROW}234{NARROW}567", f"80{NO_BREAK}%", f"1{NARROW}235{NO_BREAK}€", "3 mars 2026", "2 heures 5 minutes"),
        ("de", "1.234.567", f"80{NO_BREAK}%", f"1.235{NO_BREAK}€", "3. März 2026", "2 Stunden 5 Minuten"),
        ("en", "1,234,567", "80%", "€1,235", "3 March 2026", "2 hours 5 minutes"),
    ],
)  # fmt: skip
def test_each_language_writes_figures_in_its_own_way(
    language: str, number: str, percent: str, money: str, day: str, time: str
) -> None:
    texts = Texts(language)
    assert texts.number(1_234_567) == number
    assert texts.percent(4, 5) == percent
    assert texts.money(Decimal("1234.50")) == money
    assert texts.day(date(2026, 3, 3)) == day
    assert texts.duration_minutes(125) == time


def test_numbers_keep_the_places_of_a_decimal() -> None:
    texts = Texts("nl")
    assert [texts.number(n) for n in (Decimal("0.50"), 0.5, Decimal("1E+3"), -7)] == ["0,50", "0,5", "1.000", "-7"]


def test_nobody_knows_is_a_dash() -> None:
    texts = Texts("nl")
    assert texts.money(None) == texts.percent(0, 0) == "–"


def test_few_products_are_counted_and_many_are_a_percentage() -> None:
    texts = Texts("nl")
    assert texts.share(Share(7, 19)) == "7 van 19"
    assert texts.share(Share(7, 20)) == "35%"
    assert texts.share(Share(0, 0)) == "0 van 0"


@given(st.integers(0, 3_000_000), st.integers(1, 3_000_000))
def test_a_percentage_is_all_or_nothing_only_where_it_is(part: int, whole: int) -> None:
    part = min(part, whole)
    told = int(Texts("en").percent(part, whole).removesuffix("%"))
    assert (told == 100) == (part == whole)
    assert (told == 0) == (part == 0)
    assert abs(told * whole - part * 100) <= whole


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, "0 minuten"), (1, "1 minuut"), (60, "1 uur"), (599, "9 uur 59 minuten"), (630, "11 uur"), (5999, "100 uur")],
)
def test_times_are_as_exact_as_people_need(minutes: int, told: str) -> None:
    assert Texts("nl").duration_minutes(minutes) == told


@pytest.mark.parametrize(
    ("utc", "told"),
    [((2026, 7, 1, 22, 30), "2 juli 2026 00:30"), ((2026, 12, 31, 23, 30), "1 januari 2027 00:30")],
)
def test_times_are_told_by_the_clock_of_the_company(utc: tuple[int, ...], told: str) -> None:
    assert Texts("nl").moment(datetime(*utc, tzinfo=UTC)) == told


def test_a_language_without_an_own_report_falls_back_whole() -> None:
    assert catalogue("en", "report").get("On course") is None
    assert isinstance(catalogue("en", "report"), Catalog)
    assert Texts("en").verdict("good") == "On course"
