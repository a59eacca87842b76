"""owners.toml: who owns a finding, and every mistake in the file with its line, what stands there and what may."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_quality.owners import ROLES, Owners
from koppel.errors import ConfigError
from koppel.judging import Context
from koppel.settings import Settings, read_toml
from sandbox.erp.blocks import groups
from sandbox.erp.trade import SUPPLIERS

CONFIG = Path(__file__).parents[2] / "config"
PEOPLE = """
[people.an]
name = "An Peeters"
mail = "an@example.org"
language = "nl"
[people.tom]
name = "Tom"
language = "fr"
"""


def load(folder: Path, text: str, assortment: str = "") -> Owners:
    (folder / "owners.toml").write_text(PEOPLE + text, "utf-8")
    (folder / "assortment.toml").write_text(assortment, "utf-8")
    return Owners.load(folder)


def test_nobody_owns_anything_where_there_is_no_file(tmp_path: Path) -> None:
    owners = Owners.load(tmp_path)
    assert owners.owner("marketing", "A", "KOK", "Nordkoek", "an") == ""
    assert not owners.people
    assert not owners.managers
    assert owners.where("weight_kg", "weight") == ""


def test_people_are_told_with_mail_and_language(tmp_path: Path) -> None:
    owners = load(tmp_path, '[managers]\npeople = ["tom"]')
    an, tom = owners.people["an"], owners.people["tom"]
    assert (an.id, an.name, an.mail, an.language) == ("an", "An Peeters", "an@example.org", "nl")
    assert tom.mail == ""
    assert owners.managers == ("tom",)


RULES = """
[people.role]
name = "R"
language = "nl"
[people.category]
name = "C"
language = "nl"
[people.supplier]
name = "S"
language = "nl"
[people.product]
name = "P"
language = "nl"
[roles]
marketing = "role"
[categories.KOK]
marketing = "category"
[suppliers."Nord  Koek"]
marketing = "supplier"
[products."A:1"]
marketing = "product"
"""


@pytest.mark.parametrize(
    ("sku", "category", "supplier", "trade_owner", "owner"),
    [
        ("A:1", "KOK-PAN", "nord koek", "an", "product"),
        ("B", "KOK-PAN", " NORD KOEK ", "an", "supplier"),
        ("B", "KOK-PAN-BRA", "", "an", "category"),
        ("B", "KOKEN", "other", "an", "an"),
        ("B", "", "", "somebody who left", "role"),
        ("", "", "", "", "role"),
    ],
)
def test_the_nearest_one_owns_a_finding(
    tmp_path: Path, sku: str, category: str, supplier: str, trade_owner: str, owner: str
) -> None:
    owners = load(tmp_path, RULES)
    assert owners.owner("marketing", sku, category, supplier, trade_owner) == owner
    assert owners.owner("warehouse", "A:1", "KOK", "Nord Koek", "") == ""


def test_what_stands_nearer_but_says_nothing_of_a_role_leaves_it_to_the_next(tmp_path: Path) -> None:
    owners = load(tmp_path, '[products.A]\nit = "an"\n[categories.KOK]\nit = "an"\nmarketing = "tom"')
    assert owners.owner("marketing", "A", "KOK-PAN", "", "") == "tom"


def test_the_category_above_is_the_one_that_the_assortment_names(tmp_path: Path) -> None:
    tree = '[categories.PAN7]\nparent = "KOK"\n[categories.KOK]\nparent = "KOK"'
    owners = load(tmp_path, '[categories.KOK]\nmarketing = "an"\n[categories.KOK-X]\nit = "tom"', tree)
    assert owners.owner("marketing", "", "PAN7", "", "") == "an"
    assert owners.owner("marketing", "", "PAN7-DEEP", "", "") == "an"
    assert owners.owner("marketing", "", "KOK-X", "", "") == "an"


@given(st.sampled_from(ROLES), st.text(), st.text(), st.text(), st.text())
def test_an_owner_is_a_known_person_or_nobody(role: str, sku: str, category: str, supplier: str, owner: str) -> None:
    owners = Owners.load(CONFIG)
    assert owners.owner(role, sku, category, supplier, owner) in {*owners.people, ""}


def test_where_to_fix_is_told_by_field_then_family_then_question(tmp_path: Path) -> None:
    owners = load(tmp_path, '[where_to_fix]\nproperty_color = "Kleur"\n"property_*" = "Kenmerk"\nweight = "Gewicht"')
    assert owners.where("property_color", "properties") == "Kleur"
    assert owners.where("property_size", "properties") == "Kenmerk"
    assert owners.where("weight_kg", "weight") == "Gewicht"
    assert owners.where("", "photos") == ""


HEAD = PEOPLE.count("\n")
WRONG = {
    "\n[role]": (
        2, '"role" is no section of this file. Did you mean roles? There are: people, roles, categories, suppliers,',
    ),
    '[roles]\nmarketting = "an"': (2, '"marketting" is no role of a rule. Did you mean marketing? There are: purchasing,'),
    '[roles]\nmarketing = "ann"': (
        2, 'marketing = "ann": nobody of that name stands below [people]. Did you mean an? There are: an, tom.',
    ),
    "[roles]\nmarketing = 7": (2, "marketing = 7: the short name of a person is expected, between quotes"),
    '[roles]\nmarketing = ["an"]': (2, 'marketing = ["an"]: the short name of a person'),
    '[categories.KOK]\nit = "tom"\nit2 = "tom"': (3, '"it2" is no role of a rule.'),
    '[categories]\nKOK = "an"': (2, 'categories.KOK = "an": a section such as [categories.NAME] is expected.'),
    '[suppliers."Nord & Zn"]\nit = "nobody"': (2, 'it = "nobody": nobody of that name'),
    '[products]\n\n"TEL-1" = { marketing = "x" }': (3, 'marketing = "x": nobody of that name'),
    "[people]\nels = 3": (2, "people.els = 3: a section such as [people.NAME] is expected."),
    '[people.els]\nname = "Els"': (1, '"els" has no language. A person is written as: name = "An Peeters", mail ='),
    '[people.els]\nmail = "els@example.org"': (1, '"els" has no name and no language.'),
    '[people.els]\nname = "Els"\nlanguage = "dutch"': (3, 'language = "dutch": there are no texts in that language.'),
    '[people.els]\nname = "Els"\nlanguage = "nl"\nmale = "x@y.be"': (
        4, '"male" is no part of a person. Did you mean mail? There are: name, mail, language.',
    ),
    '[people.els]\nname = ""\nlanguage = "nl"': (2, 'name = "": a name on one line'),
    '[people.els]\nlanguage = "nl"\nname = "Els\\nBcc: x@y.be"': (3, 'name = "Els Bcc: x@y.be": a name on one line'),
    '[managers]\npeople = "an"': (2, 'people = "an": a list such as ["an", "tom"] is expected.'),
    '[managers]\npeople = ["an", "ann"]': (2, '"ann" in people: nobody of that name stands below [people]. Did you mean an?'),
    '[managers]\nmail = ["an"]': (2, '"mail" is no setting of the managers.'),
    '[where_to_fix]\nweigth = "x"': (2, '"weigth" is no field or question. Did you mean weight'),
    "[where_to_fix]\nweight = 3": (2, 'weight = 3: a text such as "Artikel > Logistiek > Gewicht" is expected.'),
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    line, said = WRONG[text]
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert f"owners.toml, line {HEAD + line}: {said}" in error.value.what
    assert error.value.do == "Mend it and run again; the head of that file tells what may stand there."


@pytest.mark.parametrize(
    "section", ["people", "roles", "categories", "suppliers", "products", "managers", "where_to_fix"]
)
def test_a_value_where_a_section_belongs_is_told(tmp_path: Path, section: str) -> None:
    (tmp_path / "owners.toml").write_text(f"# who mends what\n{section} = 3", "utf-8")
    said = f"line 2: {section} = 3: a section such as [{section}.NAME] is expected."
    with pytest.raises(ConfigError, match=re.escape(said)):
        Owners.load(tmp_path)


@pytest.mark.parametrize(
    "mail",
    ["", "an", "an@", "@example.org", "an@example", "a b@example.org", "an@example.org, tom@example.org",
     "an@example.org\\nBcc: tom@example.org", "<an@example.org>", "an@exam ple.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(tmp_path: Path, mail: str) -> None:
    with pytest.raises(
        ConfigError, match=f'line {HEAD + 3}: mail = .*one address such as "an@example.org" is expected'
    ):
        load(tmp_path, f'[people.els]\nlanguage = "nl"\nmail = "{mail}"\nname = "Els"')


def test_several_mistakes_are_told_at_once_and_not_too_many(tmp_path: Path) -> None:
    many = "".join(f'[categories.C{number}]\nit = "x"\n' for number in range(9))
    with pytest.raises(ConfigError) as error:
        load(tmp_path, many)
    assert error.value.what.count("nobody of that name") == 5
    assert error.value.what.endswith("And 4 more.")


def test_a_file_that_is_no_toml_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"owners\.toml can't be read"):
        load(tmp_path, "[people.an")


def test_settings_and_a_context_of_a_rule_lead_to_the_same_file() -> None:
    settings = Settings.load(CONFIG)
    of_context = Owners.load(Context(settings.languages, CONFIG))
    assert of_context == Owners.load(settings) == Owners.load(CONFIG)


def test_the_demo_names_groups_and_suppliers_that_the_erp_has() -> None:
    values = read_toml(CONFIG / "owners.toml")
    assert set(values["categories"]) <= set(groups())
    assert set(values["suppliers"]) <= {name for name, _ in SUPPLIERS.values()}
    owners = Owners.load(CONFIG)
    assert {person.language for person in owners.people.values()} == {"nl", "fr", "en"}
    assert all(person.mail.endswith("@onshuis.example") for person in owners.people.values())
    assert set(owners.roles) == set(ROLES)
