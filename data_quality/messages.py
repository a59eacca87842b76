"""The catalogues of texts in data_quality/locale: reading them, and bringing them up to date with the messages in the code.

``rules.po`` is written by hand: msgctxt is a rule's id, msgid one of ``PARTS``. ``report.po`` holds every message of the
code and the templates; ``python -m data_quality.texts`` adds what is new to it and drops what is gone.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import PoFileError, read_po, write_po
from jinja2 import Environment, nodes

from koppel.errors import ConfigError

ROOT = Path(__file__).parent / "locale"
SOURCE = "en"
"""The language that the messages in the code are in; it needs no report.po."""

PARTS = ("title", "reason", "why", "todo", "bad", "good")
"""What the catalogue tells of a rule; title and reason of SOURCE stand in the rule itself."""

KEYWORDS: dict[str, tuple[int, ...] | None] = {"gettext": None, "_": None, "ngettext": (1, 2), "marked": None}

_TEMPLATES = {".html", ".txt", ".j2", ".svg"}
_NOT_OURS = ("templates", "locale")
"""Folders directly below data_quality without messages: the pages of Great Expectations, and the catalogues."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message in the code: its text (a pair: singular and plural) and the files where it stands."""

    id: str | tuple[str, str]
    files: tuple[str, ...]


def marked(message: str) -> str:
    """The message itself; it stands in a table and is translated where it is shown."""
    return message


def languages(root: Path = ROOT) -> tuple[str, ...]:
    """The languages that have a catalogue."""
    return tuple(sorted(folder.name for folder in root.iterdir() if any(folder.glob("*.po"))))


@cache
def catalogue(language: str, name: str, root: Path = ROOT) -> Catalog:
    """``rules`` or ``report`` in a language, read once per process; empty where there is no such file.

    Raises ConfigError for a file that can't be read.
    """
    path = root / language / f"{name}.po"
    if not path.exists():
        return Catalog(locale=language)
    try:
        return read_po(io.BytesIO(path.read_bytes()), locale=language, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(
            f"{path} can't be read: {error}.", kept="No report was made.", do="Mend that line and run again."
        ) from error


def extracted() -> list[Found]:
    """Every message of the code and the templates, sorted by its text. Raises jinja2.TemplateError for a broken template."""
    found: dict[str | tuple[str, str], set[str]] = {}
    for path in sorted(ROOT.parent.rglob("*")):
        if path.relative_to(ROOT.parent).parts[0] not in _NOT_OURS and path.is_file():
            for message in _messages_of(path):
                found.setdefault(message, set()).add(str(path.relative_to(ROOT.parent)))
    return [Found(one, tuple(sorted(found[one]))) for one in sorted(found, key=_by_text)]


def _messages_of(path: Path) -> Iterator[str | tuple[str, str]]:
    if path.suffix == ".py":
        for _, message, _, _ in extract_from_file("python", path, KEYWORDS):
            yield (message[0], message[1]) if isinstance(message, tuple) else message
    elif path.suffix in _TEMPLATES:
        yield from messages_of_template(path.read_text("utf-8"))


def messages_of_template(source: str) -> Iterator[str | tuple[str, str]]:
    """The messages of a Jinja template. Jinja's own extraction sees ``_("...")`` and passes over ``texts.gettext("...")``."""
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        name = getattr(call.node, "attr", None) or getattr(call.node, "name", None)
        texts = [argument.value for argument in call.args[:2] if isinstance(argument, nodes.Const)]
        if name in KEYWORDS and texts:
            yield (str(texts[0]), str(texts[1])) if name == "ngettext" and len(texts) > 1 else str(texts[0])


def _by_text(message: str | tuple[str, str]) -> tuple[str, ...]:
    return (message, "") if isinstance(message, str) else message


def update(root: Path = ROOT) -> dict[str, int]:
    """Write report.po of every language but SOURCE anew. The number of messages without a translation, per language."""
    found = extracted()
    missing = {}
    for language in languages(root):
        if language != SOURCE:
            new = _updated(language, found, root)
            missing[language] = sum(1 for message in new if message.id and not is_translated(message))
            (root / language / "report.po").write_bytes(_header(language) + _body(new))
    catalogue.cache_clear()
    return missing


def is_translated(message: Message) -> bool:
    """Whether a message has a text, in each of its plural forms."""
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(texts)


def _updated(language: str, found: list[Found], root: Path) -> Catalog:
    old, new = catalogue(language, "report", root), Catalog(locale=language)
    for one in found:
        before = old.get(one.id)
        kept = before.string if before is not None and before.id == one.id else None
        new.add(one.id, kept, locations=[(name, 0) for name in one.files])
    return new


def _header(language: str) -> bytes:
    name = Locale.parse(language).get_display_name("en")
    forms = Catalog(locale=language).plural_forms
    return (
        f"# The report in {name}. `python -m data_quality.texts` adds new messages; write the translation of each.\n"
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: {forms}\\n"\n\n'
    ).encode()


def _body(new: Catalog) -> bytes:
    text = io.BytesIO()
    write_po(text, new, width=0, omit_header=True, include_lineno=False)
    return text.getvalue().strip() + b"\n"
