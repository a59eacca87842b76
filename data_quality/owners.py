"""Who mends what: config/owners.toml, checked as it is read, and the owner of each finding that comes of it."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from data_quality.assortment import Assortment
from data_quality.checked_toml import CheckedFile, checked, choices, told
from data_quality.messages import languages
from data_quality.rule import Question, Role
from data_quality.toml_lines import Path as Place
from koppel.entities import PRICE, PRODUCT, PRODUCT_IMAGE, PRODUCT_RELATION, PRODUCT_TEXT
from koppel.judging import Context
from koppel.settings import Settings, read_toml

ROLES: tuple[str, ...] = get_args(Role)
_QUESTIONS: tuple[str, ...] = get_args(Question)
_JUDGED = (PRODUCT, PRODUCT_TEXT, PRODUCT_IMAGE, PRODUCT_RELATION, PRICE)
_FIELDS = tuple(dict.fromkeys(column.name for entity in _JUDGED for column in entity.columns))
_PERSON = ("name", "mail", "language")
_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_ONE_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who mends data or reads the report. ``mail`` is empty for who gets no mail; ``language``: of what they read."""

    id: str
    name: str
    mail: str
    language: str


@dataclass(frozen=True, slots=True)
class Owners:
    """Who owns what. ``roles``, and per category, supplier and product: the id of a person by role."""

    people: Mapping[str, Person] = field(default_factory=dict)
    managers: tuple[str, ...] = ()
    """Ids of those who read about everything."""
    roles: Mapping[str, str] = field(default_factory=dict)
    categories: Assortment = field(default_factory=Assortment)
    suppliers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By name without case and outer spaces."""
    products: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    where_to_fix: Mapping[str, str] = field(default_factory=dict)
    """The screen and field of the ERP, by field or by question."""

    @classmethod
    def load(cls, of: Settings | Context | Path) -> "Owners":
        """What owners.toml in the config folder says; nobody owns anything where there is no such file.

        ``of``: the settings, a rule's context or the folder. Raises ConfigError that names each mistake with its line.
        """
        root = of if isinstance(of, Path) else of.root if isinstance(of, Settings) else of.config_root
        kept = "Nothing was reported and nobody was mailed."
        values = checked(root / "owners.toml", _check, page="the head of that file", kept=kept)
        return cls(
            people={
                name: Person(name, one["name"], one.get("mail", ""), one["language"])
                for name, one in values.get("people", {}).items()
            },
            managers=tuple(values.get("managers", {}).get("people", ())),
            roles=values.get("roles", {}),
            categories=Assortment(_with_parents(values.get("categories", {}), root / "assortment.toml")),
            suppliers={_plain(name): given for name, given in values.get("suppliers", {}).items()},
            products=values.get("products", {}),
            where_to_fix=values.get("where_to_fix", {}),
        )

    def owner(self, role: str, sku: str, category_code: str, supplier: str, trade_owner: str) -> str:
        """The id of the person who mends a finding, or empty: nobody.

        ``role``: of the rule. Whoever the product names comes first, then the supplier, the category or one above it, the
        ``trade_owner`` that the source gives (if that is a known person), and at last the role in general.
        """
        return (
            self.products.get(sku, {}).get(role)
            or self.suppliers.get(_plain(supplier), {}).get(role)
            or self.categories.setting(category_code, role, "")
            or (trade_owner if trade_owner in self.people else "")
            or self.roles.get(role, "")
        )

    def where(self, field: str, question: str) -> str:
        """Where in the ERP a field is mended, else where what a question asks is; empty: not told."""
        family = next((name for name in self.where_to_fix if name.endswith("*") and field.startswith(name[:-1])), "")
        return next((self.where_to_fix[name] for name in (field, family, question) if name in self.where_to_fix), "")


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _with_parents(categories: Mapping[str, Mapping[str, Any]], assortment: Path) -> dict[str, dict[str, Any]]:
    """The owners per category, with the category above it where assortment.toml names one."""
    known = read_toml(assortment).get("categories", {}) if assortment.exists() else {}
    parents = {code: own["parent"] for code, own in known.items() if isinstance(own, dict) and "parent" in own}
    return {
        code: {**categories.get(code, {}), **({"parent": parents[code]} if code in parents else {})}
        for code in {**categories, **parents}
    }


# --- what may stand in the file ---------------------------------------------------------------------------------------


def _check(file: CheckedFile) -> None:
    checks: dict[str, Callable[[CheckedFile, str, object], None]] = {
        "people": _check_people, "roles": _check_roles, "categories": _check_groups, "suppliers": _check_groups,
        "products": _check_groups, "managers": _check_managers, "where_to_fix": _check_where,
    }  # fmt: skip
    for name, value in file.values.items():
        if file.known((name,), "section of this file", tuple(checks)):
            checks[name](file, name, value)


def _people(file: CheckedFile) -> Collection[str]:
    people = file.values.get("people", {})
    return people if isinstance(people, dict) else ()


def _check_people(file: CheckedFile, section: str, value: object) -> None:
    for person, given in file.table((section,), value).items():
        place = (section, person)
        own = file.table(place, given)
        for name, what in own.items():
            if file.known((*place, name), "part of a person", _PERSON):
                _check_person(file, (*place, name), what)
        absent = [name for name in ("name", "language") if name not in own]
        if isinstance(given, dict) and absent:
            example = 'name = "An Peeters", mail = "an@example.org", language = "nl"'
            file.note(place, f"{told(person)} has no {' and no '.join(absent)}. A person is written as: {example}.")


def _check_person(file: CheckedFile, place: Place, value: object) -> None:
    name = str(place[-1])
    if name == "language" and value not in languages():
        chosen = choices(str(value), languages())
        file.note(place, f"language = {told(value)}: there are no texts in that language. {chosen}")
    elif name == "mail" and not (isinstance(value, str) and _MAIL.fullmatch(value)):
        file.note(place, f'mail = {told(value)}: one address such as "an@example.org" is expected.')
    elif name == "name" and not (isinstance(value, str) and value.strip() and _ONE_LINE.fullmatch(value)):
        file.note(place, f'name = {told(value)}: a name on one line, such as "An Peeters", is expected.')


def _check_roles(file: CheckedFile, section: str, value: object) -> None:
    _check_given(file, (section,), file.table((section,), value))


def _check_groups(file: CheckedFile, section: str, value: object) -> None:
    """Categories, suppliers or products: each with whom it gives which role."""
    for name, given in file.table((section,), value).items():
        _check_given(file, (section, name), file.table((section, name), given))


def _check_given(file: CheckedFile, place: Place, given: Mapping[str, object]) -> None:
    for role, person in given.items():
        if file.known((*place, role), "role of a rule", ROLES):
            _check_known_person(file, (*place, role), f"{role} = {told(person)}", person)


def _check_known_person(file: CheckedFile, place: Place, said: str, person: object) -> None:
    people = _people(file)
    if not isinstance(person, str):
        file.note(
            place, f'{said}: the short name of a person is expected, between quotes, such as "an" of [people.an].'
        )
    elif person not in people:
        listed = choices(person, people) if people else "There is no [people.NAME] in this file."
        file.note(place, f"{said}: nobody of that name stands below [people]. {listed}")


def _check_managers(file: CheckedFile, section: str, value: object) -> None:
    for name, given in file.table((section,), value).items():
        if not file.known((section, name), "setting of the managers", ("people",)):
            continue
        if not isinstance(given, list):
            file.note((section, name), f'{name} = {told(given)}: a list such as ["an", "tom"] is expected.')
            continue
        for person in given:
            _check_known_person(file, (section, name), f"{told(person)} in {name}", person)


def _check_where(file: CheckedFile, section: str, value: object) -> None:
    """A field, a family of fields (``property_*``), a member of one, or a question."""
    families = tuple(name[:-1] for name in _FIELDS if name.endswith("*"))
    known = (*_QUESTIONS, *_FIELDS)
    for name, where in file.table((section,), value).items():
        is_known = name.startswith(families) or file.known(
            (section, name), "field or question", known, f"The questions are: {', '.join(_QUESTIONS)}."
        )
        if is_known and not (isinstance(where, str) and where.strip()):
            expected = 'a text such as "Artikel > Logistiek > Gewicht" is expected.'
            file.note((section, name), f"{name} = {told(where)}: {expected}")
