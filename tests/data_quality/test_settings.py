"""rules.toml and assortment.toml: every mistake is named with its file, its line, what stands there and what may."""

import re
import shutil
from pathlib import Path

import pytest

from data_quality import gate, words
from data_quality.catalogue import RULES
from data_quality.docs import _toml
from data_quality.facts import WEIGHTS
from data_quality.settings import load_facts
from koppel import doctor, flow
from koppel.errors import ConfigError
from koppel.judging import Context
from koppel.settings import read_toml
from koppel.window import Window

ROOT = Path(__file__).parents[2]
LANGUAGES = ("nl", "fr", "en")


def load(folder: Path, rules: str = "", assortment: str = "") -> None:
    (folder / "rules.toml").write_text(rules, "utf-8")
    (folder / "assortment.toml").write_text(assortment, "utf-8")
    load_facts(Context(LANGUAGES, folder, properties={"color": {}, "storage_gb": {}}))


RULES_WRONG = {
    '[rules]\n\n[rules.gtin_wrog]\nseverity = "block"': 'line 3: "gtin_wrog" is no rule. Did you mean gtin_wrong?',
    "[rules.zzz]\nx = 1": 'line 1: "zzz" is no rule. docs/rules.md lists all of them.',
    "[rules]\ngtin_wrong = 3": "line 2: rules.gtin_wrong = 3: a section such as [rules.NAME] is expected.",
    "rules = 3": "line 1: rules = 3: a section such as [rules.NAME] is expected.",
    "[rules.long_text_short]\n# less\nshorttest = 9": (
        'line 3: "shorttest" is no setting of long_text_short. Did you mean shortest? There are: severity, enabled, weight, '
        "shortest."
    ),
    '[rules.long_text_short]\nshortest = "9"': (
        'line 2: shortest = "9" of long_text_short: a whole number that is 0 or more is expected.'
    ),
    "[rules.long_text_short]\nshortest = 9.5": "line 2: shortest = 9.5 of long_text_short: a whole number",
    "[rules.long_text_short]\nshortest = true": "line 2: shortest = true of long_text_short: a whole number",
    "[rules.long_text_short]\nshortest = -1": "line 2: shortest = -1 of long_text_short: a whole number",
    "[rules.name_capitals]\nshare = -0.5": "line 2: share = -0.5 of name_capitals: a number from 0 to 1 is expected.",
    "[rules.name_capitals]\nshare = 50": "line 2: share = 50 of name_capitals: a number from 0 to 1",
    "[rules.price_below_cost]\ntolerance_eur = nan": "line 2: tolerance_eur = nan of price_below_cost: a number that is 0",
    "[rules.status_known]\nknown = 7": 'line 2: known = 7 of status_known: a list such as ["active", "ended"] is expected.',
    "[rules.photo_shared]\nno_photo = [1]": "line 2: no_photo = [1] of photo_shared: a list",
    '[rules.name_colour]\nproperty = ["color"]': 'line 2: property = ["color"] of name_colour: a text such as "color"',
    '[rules.text_claim]\nunits = ["GB"]': 'line 2: units = ["GB"] of text_claim: a table such as { property_storage_gb = "GB" }',
    "[rules.text_claim.units]\nproperty_storage_gb = 1": "line 1: units = { property_storage_gb = 1 } of text_claim: a table",
    '[rules.gtin_wrong]\nseverity = "blok"': (
        'line 2: severity = "blok" of gtin_wrong: one of block, improve, hint is expected. Did you mean block?'
    ),
    '[rules.gtin_wrong]\nenabled = "no"': 'line 2: enabled = "no" of gtin_wrong: true or false is expected.',
    "[rules.gtin_wrong]\nweight = -1": "line 2: weight = -1 of gtin_wrong: a whole number from 0 to 1000 is expected.",
    "[rules.gtin_wrong]\nweight = 0.5": "line 2: weight = 0.5 of gtin_wrong: a whole number from 0 to 1000 is expected.",
    f"[rules.gtin_wrong]\nweight = {10**15}": f"line 2: weight = {10**15} of gtin_wrong: a whole number from 0 to 1000",
    "weights = 3": "line 1: weights = 3: a section such as [weights.NAME] is expected.",
    "[weights]\nphoto = 15": 'line 2: "photo" is no question that counts in a score. Did you mean photos? There are: name, ',
    "[weights]\n\nname = 19\nstock = 10": "line 1: the weights add up to 99, with those that are not named; they must be 100.",
    "[weights]\nname = 20.0": "line 2: name = 20.0: a whole number that is 0 or more is expected.",
    "[weights]\nname = -1\nstock = 31": "line 2: name = -1: a whole number that is 0 or more is expected.",
    "[weights]\nname = true\nstock = 29": "line 2: name = true: a whole number that is 0 or more is expected.",
    '[words.abreviations]\nnl = ["ST"]': 'line 1: "abreviations" is no word list. Did you mean abbreviations? There are: ',
    '[words.blocked]\nln = ["oud"]': 'line 2: "ln" is no language of the word list blocked.',
    '[words.blocked]\nnl = "oud"': 'line 2: nl = "oud": a list such as ["a word", "another"] is expected.',
    '[words.blocked]\nnl = ["oud",\n"", 3]': 'line 2: "" in nl is no word: write each between quotes.',
    '[word.blocked]\nnl = ["oud"]': (
        'line 1: "word" is no section of this file. Did you mean words? There are: rules, words, waivers, weights.'
    ),
    '[waivers]\nrule = "price_zero"': "line 1: write a waiver below [[waivers]], with two brackets.",
    '[[waivers]]\nrule = "price_zero"\nkey = "A"': "line 1: this waiver has no until. It needs",
    '[[waivers]]\nrule = "price_zro"\nkey = "A"\nuntil = 2026-12-31': (
        'line 2: rule = "price_zro" is no rule. Did you mean price_zero?'
    ),
    '[[waivers]]\nrule = "price_zero"\nkey = "A"\nuntil = "31/12/2026"': 'line 4: until = "31/12/2026": a day such as',
    '[[waivers]]\nrule = "price_zero"\nkey = "A"\nuntil = 2026-12-31T10:00:00': "line 4: until = 2026-12-31 10:00:00: a day",
    '[[waivers]]\nrule = "price_zero"\nkey = 12\nuntil = 2026-12-31': "line 3: key = 12: a text is expected.",
    '[[waivers]]\nrule = "price_zero"\nkey = "A"\nuntl = 2026-12-31\nuntil = 2026-12-31': (
        'line 4: "untl" is no part of a waiver. Did you mean until?'
    ),
}  # fmt: skip

ASSORTMENT_WRONG = {
    "[category.TEL]\nneeds_weight = false": 'line 1: "category" is no section of this file. Did you mean categories?',
    "[categories.TEL]\nneeds_weigth = false": 'line 2: "needs_weigth" is no setting of a category. Did you mean needs_weight',
    '[categories.TEL]\n\nneeds_weight = "no"': 'line 3: needs_weight = "no": true or false is expected.',
    '[categories.TEL]\nrequired_properties = "color"': 'line 2: required_properties = "color": a list such as ["a", "b"]',
    '[categories.TEL]\nrequired_properties = ["colour"]': 'line 2: "colour" is no property. Did you mean color?',
    '[categories.TEL]\nmargin = "15 %"': 'line 2: margin = "15 %": two numbers from 0 to 1 are expected, the smaller first',
    "[categories.TEL]\nmargin = [0.15]": "line 2: margin = [0.15]: two numbers from 0 to 1 are expected",
    "[categories.TEL]\nmargin = [0.7, 0.15]": "line 2: margin = [0.7, 0.15]: two numbers from 0 to 1 are expected",
    "[categories.TEL]\n\nmargin = [15, 70]": "line 3: margin = [15, 70]: two numbers from 0 to 1 are expected",
    "[categories.TEL]\nmargin = [false, true]": "line 2: margin = [false, true]: two numbers from 0 to 1 are expected",
    "[categories.TEL]\nparent = 3": 'line 2: parent = 3: a code such as "TEL" is expected.',
}


@pytest.mark.parametrize(("text", "told"), RULES_WRONG.items())
def test_a_mistake_in_rules_toml_is_named_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    assert raised.value.what.startswith(f"{tmp_path / 'rules.toml'}, {told}")
    assert raised.value.do


@pytest.mark.parametrize(("text", "told"), ASSORTMENT_WRONG.items())
def test_a_mistake_in_assortment_toml_is_named_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, assortment=text)
    assert raised.value.what.startswith(f"{tmp_path / 'assortment.toml'}, {told}")


def test_a_section_that_stands_there_twice_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rules\.toml can't be read: .*rules.*twice \(at line 3"):
        load(tmp_path, "[rules.price_zero]\nenabled = true\n[rules.price_zero]\nenabled = false")


def test_all_mistakes_of_a_file_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, "[rules.status_known]\nknown = 7\n[rules.stock_stale]\nhours = 'many'\n" + "[words.x]\n[words.y]\n"
             "[words.z]\n[words.a]\n")  # fmt: skip
    assert [int(line) for line in re.findall(r"line (\d+):", raised.value.what)] == [2, 4, 5, 6, 7]
    assert raised.value.what.endswith("And 1 more.")


def test_what_makes_sense_is_taken(tmp_path: Path) -> None:
    load(
        tmp_path,
        "[rules.photo_shape]\nratio = 2.5\n[rules.name_capitals]\nshare = 0.7\n[rules.stock_stale]\nhours = 0.5\n"
        '[rules.text_claim]\nunits = { property_x = "W" }\n[words.blocked]\nde = ["alt"]\n'
        '[[waivers]]\nrule = "price_zero"\nkey = "A"\nuntil = 2026-12-31\nreason = "a gift"\nby = "An"',
        '[categories."TEL.X"]\nneeds_weight = false\nparent = "TEL"\nrequired_properties = ["property_color", "storage_gb"]',
    )


def test_weights_that_are_not_named_keep_theirs(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("[weights]\nname = 30\nstock = 0\n[rules.gtin_wrong]\nweight = 0\n", "utf-8")
    facts = load_facts(Context(LANGUAGES, tmp_path))
    assert dict(facts.weights) == {**WEIGHTS, "name": 30, "stock": 0}
    assert sum(facts.weights.values()) == 100


def test_no_file_sets_nothing(tmp_path: Path) -> None:
    facts = load_facts(Context(LANGUAGES, tmp_path))
    assert (facts.settings, facts.lists, facts.waivers, facts.weights) == ({}, {}, (), WEIGHTS)


@pytest.mark.parametrize(
    "folder", ["config", *sorted(f"examples/{p.parent.name}" for p in ROOT.glob("examples/*/rules.toml"))]
)
def test_the_files_of_the_project_are_sound(folder: str) -> None:
    path = ROOT / folder / "properties.toml"
    properties = read_toml(path) if path.exists() else {}
    assert re.match(
        r"\d+ rules judge, \d+ are switched off", gate.check(Context(LANGUAGES, ROOT / folder, properties=properties))
    )


def test_every_default_of_a_rule_may_stand_in_the_file(tmp_path: Path) -> None:
    """What docs/rules.md shows as an option can be copied into rules.toml."""
    sections = {
        rule.id: [f"{name} = {_toml(value)}" for name, value in rule.options.items()] for rule in RULES.values()
    }
    load(tmp_path, "".join(f"[rules.{rule}]\n" + "\n".join(lines) + "\n" for rule, lines in sections.items()))


def test_every_word_list_of_the_project_is_one_that_a_rule_looks_into() -> None:
    assert set(read_toml(ROOT / "config" / "rules.toml")["words"]) == set(words.WORD_LISTS)
    code = "".join(path.read_text("utf-8") for path in (ROOT / "data_quality" / "rules").glob("*.py"))
    assert all(f'"{name}"' in code for name in words.WORD_LISTS)


@pytest.fixture
def mistaken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's configuration with a mistake in rules.toml, and no ledger that answers."""
    root = tmp_path / "config"
    shutil.copytree(ROOT / "config", root)
    (root / "rules.toml").write_text("[rules.gtin_wrog]\nenabled = false\n", "utf-8")
    monkeypatch.setenv("KOPPEL_CONFIG", str(root))
    monkeypatch.setenv("KOPPEL_LEDGER_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("KOPPEL_STAGING", f"file://{tmp_path}/staging")
    return root


def test_no_run_starts_with_a_mistake(mistaken: Path) -> None:
    with pytest.raises(ConfigError, match=r"rules\.toml, line 1: \"gtin_wrog\" is no rule"):
        flow.begin("catalogue", Window())


def test_doctor_has_a_line_for_the_rules(mistaken: Path) -> None:
    def look() -> doctor.Check:
        return next(check for check in doctor.examine() if check.subject == "rules")

    check = look()
    assert not check.is_fine
    assert "line 1" in check.detail
    assert "Mend it and run again" in check.mend
    shutil.copy(ROOT / "config" / "rules.toml", mistaken)
    check = look()
    assert check.is_fine
    assert check.detail == f"{len(RULES)} rules judge, 0 are switched off, 0 waivers"
