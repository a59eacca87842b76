"""Sentences that are made in one place and read in another: the message and its values, told in the reader's language later."""

from dataclasses import dataclass, field
from typing import Any

from data_quality.report.model import Problem
from data_quality.texts import Texts

LONGEST_VALUE = 80
"""Characters of outside text that a sentence repeats."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message (English, with ``{name}`` placeholders) and what to fill in; values are outside text: escape what you show."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def text(self, texts: Texts) -> str:
        """The sentence in a language; a value that is a sentence or a field itself is told in it too."""
        return texts.gettext(self.message, **{name: _told(value, texts) for name, value in self.values.items()})


@dataclass(frozen=True, slots=True)
class Why:
    """What a rule says of a value, told in the reader's language by the catalogue of the rules."""

    problem: Problem

    def text(self, texts: Texts) -> str:
        """The rule's reason."""
        return texts.reason(self.problem)


@dataclass(frozen=True, slots=True)
class Named:
    """A field, named as people call it."""

    field: str

    def text(self, texts: Texts) -> str:
        """The field in words."""
        return texts.field(self.field)


Sentence = Said | Why


def say(message: str, **values: Any) -> Said:
    """A sentence for later. What is longer than a sentence bears is cut, and stays on one line."""
    return Said(message, {name: _short(value) for name, value in values.items()})


def _short(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    line = " ".join(value.split())
    return line if len(line) <= LONGEST_VALUE else f"{line[: LONGEST_VALUE - 1]}…"


def _told(value: Any, texts: Texts) -> Any:
    if isinstance(value, Said | Why | Named):
        return value.text(texts)
    return texts.number(value) if isinstance(value, int) else value
