"""What may be chosen in a cell: categories, tax classes, the options of properties, yes and no; each in words and as a code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import select

from data_quality.messages import languages, marked
from data_quality.rules.properties import PREFIX
from data_quality.texts import Texts
from koppel.entities import CATEGORY
from koppel.ledger import Ledger
from koppel.ledger_schema import delivery
from koppel.settings import Settings

YES, NO = marked("yes"), marked("no")
_TRUE = {"true", "t", "1", "y", "j", "o", "x", "waar", "vrai", "wahr"}
_FALSE = {"false", "f", "0", "n", "onwaar", "faux", "falsch"}
_BETWEEN = " · "
"""Between a code and its name in a list."""


@dataclass(frozen=True)
class Choices:
    """``categories``: names per code and language; ``tax_classes``: codes; ``properties``: config/properties.toml."""

    categories: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tax_classes: tuple[str, ...] = ()
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, name: str, texts: Texts) -> list[str]:
        """What a list offers for a field, in the reader's words; empty: anything may be typed."""
        if name == "category_code":
            return [_with_name(code, names, texts) for code, names in sorted(self.categories.items())]
        if name == "tax_class":
            return list(self.tax_classes)
        if self.is_boolean(name):
            return [texts.gettext(YES), texts.gettext(NO)]
        return list(dict.fromkeys(_told(code, words, texts) for code, words in self._options(name).items()))

    def word(self, name: str, code: str, texts: Texts) -> str:
        """What a list calls a code, or what stands there, where it is none of the list."""
        if name == "category_code" and code in self.categories:
            return _with_name(code, self.categories[code], texts)
        if self.is_boolean(name):
            words = {"true": YES, "false": NO}
            return texts.gettext(words[code]) if code in words else code
        known = self.code(name, code) if self._options(name) else None
        return _told(known, self._options(name)[known], texts) if known is not None else code

    def code(self, name: str, text: str) -> str | None:
        """The code of what was chosen or typed, in whatever language and case; None: there is no such choice."""
        typed = text.strip().casefold()
        if name == "category_code":
            code = text.strip().partition(_BETWEEN)[0].casefold()
            return {one.casefold(): one for one in self.categories}.get(code)
        if name == "tax_class":
            return {one.casefold(): one for one in self.tax_classes}.get(typed)
        if self.is_boolean(name):
            return "true" if typed in self._words[YES] else "false" if typed in self._words[NO] else None
        for code, words in self._options(name).items():
            if typed == code.casefold() or typed in {str(word).casefold() for word in words.values()}:
                return code
        return None

    def is_limited(self, name: str) -> bool:
        """Whether only a choice of a list may stand in a field."""
        known = {"category_code": self.categories, "tax_class": self.tax_classes}
        return bool(known.get(name)) or self.is_boolean(name) or bool(self._options(name))

    def is_boolean(self, name: str) -> bool:
        """Whether a field says yes or no."""
        return self._property(name).get("input") == "boolean"

    def is_number(self, name: str) -> bool:
        """Whether a field holds a number."""
        return name == "weight_kg" or self._property(name).get("input") in {"number", "decimal", "integer", "weight"}

    def _property(self, name: str) -> Mapping[str, Any]:
        return self.properties.get(name.removeprefix(PREFIX), {}) if name.startswith(PREFIX) else {}

    def _options(self, name: str) -> dict[str, Mapping[str, str]]:
        options = self._property(name).get("options", {})
        if isinstance(options, Mapping):
            return {str(code): words if isinstance(words, Mapping) else {} for code, words in options.items()}
        return {str(code): {} for code in options}

    @cached_property
    def _words(self) -> dict[str, set[str]]:
        """Yes and no in every language that has a catalogue."""
        told = {word: {Texts(language).gettext(word).casefold() for language in languages()} for word in (YES, NO)}
        return {YES: told[YES] | _TRUE, NO: told[NO] | _FALSE}


def choices(ledger: Ledger, settings: Settings, target: str) -> Choices:
    """The choices that a target leaves: its categories as they were last sent, its tax classes, and the properties."""
    known = settings.target(target).options.get("tax_classes", {})
    return Choices(_categories(ledger, target), tuple(str(code) for code in known), settings.properties)


def _categories(ledger: Ledger, target: str) -> dict[str, dict[str, str]]:
    """Per category code its name in each language."""
    where = (delivery.c.target == target, delivery.c.entity == CATEGORY.name, delivery.c.state != "withdrawn")
    with ledger.transaction() as connection:
        found = connection.execute(select(delivery.c.key, delivery.c.record).where(*where)).all()
    return {
        row.key: {one["language"]: str(one.get("name", "")) for one in row.record.get("rows", ()) if "language" in one}
        for row in found
        if row.record
    }


def _with_name(code: str, names: Mapping[str, str], texts: Texts) -> str:
    name = names.get(texts.language) or next(iter(names.values()), "")
    return f"{code}{_BETWEEN}{name}" if name else code


def _told(code: str, words: Mapping[str, str], texts: Texts) -> str:
    return str(words.get(texts.language) or words.get("en") or code)
