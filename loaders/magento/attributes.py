"""Product attributes and their options: which are needed, which the shop lacks, and how a value is written in Magento."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from koppel.errors import ConfigError, TargetRefused
from koppel.magento.messages import says_exists, words
from koppel.target import Preparation, Record
from loaders.magento.rejection import Rejection
from loaders.magento.shop import Shop

PREFIX = "property_"
TEXT_CHARACTERS = 255
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}")
_TRUE = frozenset({"1", "true", "yes", "ja", "oui"})
_FALSE = frozenset({"0", "false", "no", "nee", "non"})
FIELDS = "attribute_id,attribute_code,frontend_input,is_user_defined,options[label,value]"


_OWN: dict[str, dict[str, Any]] = {
    "gtin": {"label": {"nl": "EAN-code", "fr": "Code EAN", "en": "EAN code", "de": "EAN-Code"}},
    "brand": {"label": {"nl": "Merk", "fr": "Marque", "en": "Brand", "de": "Marke"}, "input": "select"},
}
"""The two fields of a product that Magento has no attribute for, declared like a property."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute as it stands in the shop: how it is filled in, and the labels of its options by number."""

    code: str
    frontend_input: str
    labels: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    """Label without regard to case, as Magento compares it, to number."""

    @property
    def has_options(self) -> bool:
        """Whether a value is one of a list."""
        return self.frontend_input in {"select", "multiselect"}

    def write(self, value: Any) -> str:
        """A value of ours as this attribute takes it."""
        if self.frontend_input == "boolean":
            return self._write_boolean(value)
        if not self.has_options:
            return self._write_text(as_text(value))
        number = self.numbers.get(as_text(value).casefold())
        if number is None:
            raise Rejection(
                f"The shop has no option {as_text(value)!r} of attribute {self.code!r}; preparing makes it."
            )
        return number

    def read(self, value: Any) -> str:
        """A value of the shop in our words."""
        if self.frontend_input == "boolean":
            return "true" if str(value) == "1" else "false"
        if self.has_options:
            return ", ".join(self.labels.get(number, number) for number in str(value).split(","))
        return str(value)

    def _write_text(self, text: str) -> str:
        if self.frontend_input == "text" and len(text) > TEXT_CHARACTERS:
            raise Rejection(
                f"{self.code} has {len(text)} characters; Magento silently cuts it after {TEXT_CHARACTERS}."
            )
        return text

    def _write_boolean(self, value: Any) -> str:
        text = as_text(value).casefold()
        if text not in _TRUE | _FALSE:
            raise Rejection(f"{as_text(value)!r} is neither yes nor no, as attribute {self.code!r} wants.")
        return "1" if text in _TRUE else "0"


MAKES = frozenset({"attribute_set", "attribute", "attribute_in_set", "option"})
"""The kinds of preparations that are made here."""


class Attributes:
    """The attributes of our products. ``known`` is read at first use and again after something was made."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._known: dict[str, Attribute] = {}
        self._missing: set[str] = set()

    def code(self, field: str) -> str:
        """The attribute that carries a field of ours: gtin, brand, or a property by its own or its configured name."""
        name = field.removeprefix(PREFIX)
        code = str(self._declared(field).get("attribute", name)).lower()
        if not _CODE.fullmatch(code):
            raise ConfigError(
                f"Property {name!r} can't be the name of a Magento attribute.",
                do=f'Give it one in properties.toml: attribute = "..." (a-z, 0-9, _; at most 60) below [{name}].',
            )
        return code

    def fields(self, record: Record) -> list[str]:
        """The fields of a product that travel as attributes of our making."""
        return [name for name in record if name in {"gtin", "brand"} or name.startswith(PREFIX)]

    def known(self, codes: Iterable[str]) -> dict[str, Attribute]:
        """These attributes as the shop has them; one that it lacks is absent. Asks only for what was not asked before."""
        wanted = set(codes)
        unasked = sorted(wanted - self._known.keys() - self._missing)
        for start in range(0, len(unasked), 100):
            self._ask(unasked[start : start + 100])
        return {code: self._known[code] for code in wanted if code in self._known}

    def written(self, record: Record) -> dict[str, str]:
        """A product's attribute values as Magento takes them."""
        fields = {self.code(name): record[name] for name in self.fields(record)}
        known = self.known(fields)
        if lacking := sorted(fields.keys() - known.keys()):
            raise Rejection(f"The shop has no attribute {', '.join(lacking)}; preparing makes it.")
        return {code: known[code].write(value) for code, value in fields.items()}

    def preparations(self, records: Iterable[Record]) -> list[Preparation]:
        """What the shop lacks to take these products: the set, attributes, their place in the set, options."""
        wanted = self._wanted(records)
        if wanted is None:
            return []
        found = self._set_preparation()
        in_set = set() if found or not wanted else self._codes_in_set()
        for code, (name, values) in sorted(wanted.items()):
            attribute = self.known([code]).get(code)
            if attribute is None:
                found.append(Preparation("attribute", code, self._definition(code, name)))
            if code not in in_set:
                found.append(Preparation("attribute_in_set", code, {"attribute_set": self._shop.attribute_set_name}))
            found += self._option_preparations(code, name, attribute, values)
        return found

    def _wanted(self, records: Iterable[Record]) -> dict[str, tuple[str, dict[str, str]]] | None:
        """Per attribute the field that it carries and, where it has options, their labels; None without any record.

        Only labels of options are kept, so that memory does not grow with the catalogue.
        """
        wanted: dict[str, tuple[str, dict[str, str]]] | None = None
        for record in records:
            if wanted is None:
                wanted = {}
                self.known(
                    self.code(name) for name in ("gtin", "brand", *map(PREFIX.__add__, self._shop.settings.properties))
                )
            for name in self.fields(record):
                code = self.code(name)
                labels = wanted.setdefault(code, (name, {}))[1]
                if self._takes_options(code, name):
                    labels.setdefault(as_text(record[name]).casefold(), as_text(record[name]))
        return wanted

    def _takes_options(self, code: str, name: str) -> bool:
        attribute = self.known([code]).get(code)
        return attribute.has_options if attribute else self._definition(code, name)["input"] == "select"

    def prepare(self, preparations: Sequence[Preparation]) -> None:
        """Make what is missing; what is there already stays as it is."""
        make = {
            "attribute_set": self._make_attribute_set,
            "attribute": self._make_attribute,
            "attribute_in_set": self._make_attribute_in_set,
            "option": self._make_option,
        }
        for preparation in preparations:
            make[preparation.kind](preparation)
        self._known.clear()
        self._missing.clear()

    def _ask(self, codes: list[str]) -> None:
        groups = [[("attribute_code", "in", ",".join(codes))]]
        for item in self._shop.client.everything("/V1/products/attributes", groups, FIELDS):
            if not item.get("is_user_defined", True):
                raise ConfigError(
                    f"Attribute {item['attribute_code']!r} is Magento's own; a property may not overwrite it.",
                    do='Give the property another name in properties.toml: attribute = "...".',
                )
            labels = {
                str(option["value"]): str(option["label"])
                for option in item.get("options") or []
                if option.get("value")
            }
            numbers = {label.casefold(): number for number, label in labels.items()}
            code = item["attribute_code"]
            self._known[code] = Attribute(code, item["frontend_input"], labels, numbers)
        self._missing |= set(codes) - self._known.keys()

    def _declared(self, field: str) -> dict[str, Any]:
        properties = self._shop.settings.properties
        return properties.get(field.removeprefix(PREFIX), {}) if field.startswith(PREFIX) else _OWN.get(field, {})

    def _definition(self, code: str, field: str) -> dict[str, Any]:
        declared = self._declared(field)
        given = str(declared.get("input", "text"))
        unit = f" ({declared['unit']})" if declared.get("unit") else ""
        labels = declared.get("label") or {}
        labels = labels if isinstance(labels, dict) else {self._shop.default_language: str(labels)}
        return {
            "input": given if given in {"select", "boolean"} else "text",
            "labels": {language: f"{text}{unit}" for language, text in labels.items()},
            "default_label": labels.get(self._shop.default_language, code.replace("_", " ").capitalize()) + unit,
        }

    def _option_preparations(
        self, code: str, field: str, attribute: Attribute | None, values: dict[str, str]
    ) -> list[Preparation]:
        translations = {
            str(key).casefold(): texts for key, texts in (self._declared(field).get("options") or {}).items()
        }
        return [
            Preparation(
                "option", f"{code}: {text}", {"attribute": code, "label": text, "labels": translations.get(key) or {}}
            )
            for key, text in sorted(values.items())
            if attribute is None or key not in attribute.numbers
        ]

    def _set_preparation(self) -> list[Preparation]:
        name = self._shop.attribute_set_name
        return [] if self._shop.find_attribute_set(name) else [Preparation("attribute_set", name)]

    def _codes_in_set(self) -> set[str]:
        path = f"/V1/products/attribute-sets/{self._shop.attribute_set_id}/attributes"
        return {item["attribute_code"] for item in self._shop.client.value(path, [("fields", "attribute_code")])}

    def _make_attribute_set(self, preparation: Preparation) -> None:
        skeleton = self._shop.find_attribute_set(str(self._shop.options.get("attribute_set_skeleton", "Default")))
        body = {
            "attributeSet": {"attribute_set_name": preparation.name, "sort_order": 100},
            "skeletonId": skeleton or 4,
        }
        self._make("/V1/products/attribute-sets", body, preparation)

    def _make_attribute(self, preparation: Preparation) -> None:
        detail = preparation.detail
        attribute = {
            "attribute_code": preparation.name,
            "frontend_input": detail["input"],
            "entity_type_id": "4",
            "is_required": False,
            "is_user_defined": True,
            "scope": "global",
            "default_frontend_label": detail["default_label"],
            "frontend_labels": self._shop.labels(dict(detail["labels"])),
            "is_visible_on_front": "1",
        }
        self._make("/V1/products/attributes", {"attribute": attribute}, preparation)

    def _make_attribute_in_set(self, preparation: Preparation) -> None:
        number = self._shop.attribute_set_id
        groups = self._shop.client.everything(
            "/V1/products/attribute-sets/groups/list",
            [[("attribute_set_id", "eq", str(number))]],
            "attribute_group_id,attribute_group_name",
        )
        if not groups:
            raise TargetRefused(
                f"Attribute set {self._shop.attribute_set_name!r} has no group.", do="Add one in the shop."
            )
        ids = {group["attribute_group_name"]: int(group["attribute_group_id"]) for group in groups}
        body = {
            "attributeSetId": number,
            "attributeGroupId": ids.get("Product Details", min(ids.values())),
            "attributeCode": preparation.name,
            "sortOrder": 100,
        }
        self._make("/V1/products/attribute-sets/attributes", body, preparation)

    def _make_option(self, preparation: Preparation) -> None:
        detail = preparation.detail
        option = {"label": detail["label"], "value": "", "store_labels": self._shop.labels(dict(detail["labels"]))}
        self._make(f"/V1/products/attributes/{detail['attribute']}/options", {"option": option}, preparation)

    def _make(self, path: str, body: dict[str, Any], preparation: Preparation) -> None:
        """One thing; repeatable, because a second one of the same name is refused as already there."""
        answer = self._shop.client.send("POST", path, body, repeatable=True)
        if answer.kind == "done" or says_exists(words(answer)):
            return
        raise TargetRefused(
            f"The shop does not make {preparation.kind} {preparation.name!r}: {words(answer)}",
            kept="No product was sent.",
            do="Mend config/properties.toml or make it by hand in the shop, then run again.",
        )


def as_text(value: Any) -> str:
    """A value of a record as text; whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
