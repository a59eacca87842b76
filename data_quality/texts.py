"""The words of the report in one language: its sentences, rules, codes, numbers, amounts and times.

``python -m data_quality.texts`` brings the catalogues up to date with the messages in the code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from gettext import c2py
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from data_quality import codes
from data_quality.catalogue import RULES
from data_quality.found_values import value_in_words
from data_quality.messages import ROOT, SOURCE, catalogue, languages, update
from data_quality.report.model import FEW, Problem, Share
from data_quality.report.options import Options
from data_quality.rule import COULD_NOT_RUN, Rule
from koppel.correcting import NOT_SENT, UNUSABLE
from koppel.entities import spoken
from koppel.errors import ConfigError
from koppel.settings import Settings

_LOCALES = {"nl": "nl_BE", "fr": "fr_BE", "de": "de_DE", "en": "en_GB"}
_TIMEZONE = Options().timezone
_HOURS_WITHOUT_MINUTES = 10


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a rule wants, why a customer cares, what to do, and an example: how it should not be, and how it should."""

    title: str
    why: str
    todo: str
    bad: str
    good: str


class Texts:
    """The words of one language.

    ``rules``: ``[rules.ID]`` of config/rules.toml (``Facts.settings``), for the thresholds in reasons. ``properties``:
    config/properties.toml, for their labels. ``timezone``: whose clock times are told by. ``root``: the folder of the
    catalogues. Raises ConfigError for a language without a catalogue. A message without a translation is told in English.
    """

    def __init__(
        self,
        language: str,
        *,
        rules: Mapping[str, Mapping[str, Any]] | None = None,
        properties: Mapping[str, Mapping[str, Any]] | None = None,
        timezone: str = _TIMEZONE,
        root: Path = ROOT,
    ) -> None:
        if language not in (known := languages(root)):
            raise ConfigError(
                f"There is no catalogue for {language!r}; there are: {', '.join(known)}.",
                kept="Nothing was written in another language instead.",
                do="Choose one of these, or make data_quality/locale/<language> with the files that the others have.",
            )
        self.language = language
        self.locale = Locale.parse(_LOCALES.get(language, language))
        self.rules, self.properties = rules or {}, properties or {}
        self.timezone = ZoneInfo(timezone)
        self._report, self._rules = catalogue(language, "report", root), catalogue(language, "rules", root)
        self._plural = c2py(self._report.plural_expr)
        self._thresholds: dict[str, dict[str, object]] = {}

    @classmethod
    def of(cls, language: str, settings: Settings) -> "Texts":
        """The words of a language, with the thresholds, labels and time zone of a config folder. Raises ConfigError."""
        from data_quality.settings import read_rules  # noqa: PLC0415 (reads every rule; most callers know theirs)
        from koppel.judging import Context  # noqa: PLC0415

        rules = read_rules(Context(settings.languages, settings.root, {}, settings.properties))
        timezone = Options.of(settings).timezone
        return cls(language, rules=rules.get("rules", {}), properties=settings.properties, timezone=timezone)

    def gettext(self, message: str, /, **values: object) -> str:
        """A message of the code in this language, with ``values`` in the place of its ``{names}``."""
        found = self._report.get(message)
        text = found.string if found is not None and isinstance(found.string, str) else ""
        return _filled(text or message, message, values)

    def ngettext(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """A message that depends on a number, in the form that this language has for it; ``{n}`` is the number."""
        values = {"n": self.number(n), **values}
        english = singular if n == 1 else plural
        found = self._report.get((singular, plural))
        forms = found.string if found is not None and isinstance(found.string, tuple | list) else ()
        chosen = self._plural(abs(n))
        return _filled(forms[chosen] if chosen < len(forms) and forms[chosen] else english, english, values)

    def rule(self, rule_id: str) -> RuleText:
        """What the catalogue tells of a rule; of one that there is no more, only that."""
        if rule_id == UNUSABLE:
            return RuleText(self.gettext("The correction can be used"), "", "", "", "")
        if rule_id == NOT_SENT:
            return RuleText(self.gettext("The correction is sent"), "", "", "", "")
        if rule_id not in RULES:
            return RuleText(self.gettext("A rule of an earlier version"), "", "", "", "")
        parts = (self._of_rule(rule_id, part) for part in ("title", "why", "todo", "bad", "good"))
        return RuleText(*parts)

    def reason(self, problem: Problem) -> str:
        """Why a finding is one, in a sentence of this language."""
        rule = RULES.get(problem.rule)
        if problem.rule == UNUSABLE:
            return self.gettext(
                "The correction '{value}' can't be used, so the shop has what the source says. Give another value.",
                value=problem.value,
            )
        if problem.rule == NOT_SENT:
            return self.gettext(
                "The correction '{value}' is not sent, because another system looks after this. Correct it there.",
                value=problem.value,
            )
        if rule is None:
            return problem.reason
        if problem.reason.startswith("The rule '") and COULD_NOT_RUN in problem.reason:
            title = self._of_rule(rule.id, "title")
            return self.gettext("This could not be checked: {title}. Ask IT to look at it.", title=title)
        values = {"value": value_in_words(self, rule, problem.value), **self._options(rule)}
        return _filled(self._of_rule(rule.id, "reason"), rule.reason, values)

    def _options(self, rule: Rule) -> dict[str, object]:
        """The thresholds of a rule as this language writes them; made once, because reasons are told by the hundred thousand."""
        if rule.id not in self._thresholds:
            chosen = {name: value for name, value in self.rules.get(rule.id, {}).items() if name in rule.options}
            self._thresholds[rule.id] = {
                name: self.number(value) if isinstance(value, int | float) else value
                for name, value in {**rule.options, **chosen}.items()
            }
        return self._thresholds[rule.id]

    def _of_rule(self, rule_id: str, part: str) -> str:
        """A part of a rule's text: in this language, else in English."""
        found = self._rules.get(part, context=rule_id) or catalogue(SOURCE, "rules").get(part, context=rule_id)
        if found is not None and found.string:
            return str(found.string)
        return str(getattr(RULES[rule_id], part, ""))

    def question(self, code: str, *, short: bool = False) -> str:
        """A question of a customer as a sentence, or as the head of a column."""
        return self._word(codes.SHORT_QUESTIONS if short else codes.QUESTIONS, code)

    def severity(self, code: str) -> str:
        """What a severity does to a product."""
        return self._word(codes.SEVERITIES, code)

    def role(self, code: str) -> str:
        """A department."""
        return self._word(codes.ROLES, code)

    def verdict(self, code: str) -> str:
        """How things stand, in two words."""
        return self._word(codes.VERDICTS, code)

    def dimension(self, code: str) -> str:
        """By what products are grouped."""
        return self._word(codes.DIMENSIONS, code)

    def held_group(self, code: str) -> str:
        """How long something is held back already."""
        return self._word(codes.HELD_GROUPS, code)

    def shows(self, code: str) -> str:
        """What the shop shows of a product that is held back."""
        return self._word(codes.SHOWS, code)

    def entity(self, name: str) -> str:
        """A kind of record, many of them."""
        return self._word(codes.ENTITIES, name)

    def flow(self, name: str) -> str:
        """A flow; one of a company's own keeps its name."""
        return self._word(codes.FLOWS, name)

    def run_status(self, code: str) -> str:
        """How a run ended."""
        return self._word(codes.RUN_STATUSES, code)

    def stock_status(self, code: str) -> str:
        """What a customer is told about the stock."""
        return self._word(codes.STOCK_STATUSES, code)

    def field(self, name: str) -> str:
        """A column as people call it; a property by its label in this language, else in English, else its code in words."""
        if name.startswith("property_"):
            return self._property(name.removeprefix("property_"))
        if name.startswith("alt_text_"):
            language = self.language_name(name.removeprefix("alt_text_"))
            return self.gettext("description of the photo ({language})", language=language)
        plain = name.removesuffix("_plain")
        return self.gettext(codes.FIELDS[plain]) if plain in codes.FIELDS else spoken(plain)

    def _property(self, code: str) -> str:
        label = self.properties.get(code, {}).get("label", {})
        if not isinstance(label, Mapping):
            return str(label)
        return str(label.get(self.language) or label.get(SOURCE) or next(iter(label.values()), code.replace("_", " ")))

    def language_name(self, code: str) -> str:
        """A language, named in this one."""
        return str(self.locale.languages.get(code, code))

    def _word(self, words: Mapping[str, str], code: str) -> str:
        return self.gettext(words[code]) if code in words else code.replace("_", " ")

    def number(self, n: float | Decimal) -> str:
        """A number; a Decimal keeps its places (``0.50``), another has as few as it needs."""
        if isinstance(n, Decimal) and n.is_finite():
            places = max(0, -int(n.as_tuple().exponent))
            return format_decimal(n, f"#,##0.{'0' * places}" if places else "#,##0", locale=self.locale)
        return format_decimal(n, locale=self.locale, decimal_quantization=False)

    def percent(self, part: int, whole: int) -> str:
        """A part in whole percent; never all or nothing where it is not. A dash where there is no whole."""
        if whole == 0:
            return "–"
        percent = (200 * part + whole) // (2 * whole)
        kept = min(max(percent, 1 if part > 0 else percent), 99 if part < whole else percent)
        return format_percent(Decimal(kept) / 100, locale=self.locale)

    def share(self, share: Share) -> str:
        """A part of the products: in percent, or "7 of 12" where they are few."""
        if share.of < FEW:
            return self.gettext("{part} of {whole}", part=self.number(share.count), whole=self.number(share.of))
        return self.percent(share.count, share.of)

    def money(self, amount: Decimal | None) -> str:
        """An amount in whole euro; a dash where nobody knows it."""
        if amount is None:
            return "–"
        pattern = self.locale.currency_formats["standard"].pattern.replace(".00", "")
        whole = amount.quantize(Decimal(1), ROUND_HALF_UP)
        return format_currency(whole, "EUR", pattern, locale=self.locale, currency_digits=False)

    def day(self, day: date) -> str:
        """A day, its month in words."""
        return format_date(day, "d MMMM y" if self.language != "de" else "d. MMMM y", locale=self.locale)

    def moment(self, moment: datetime) -> str:
        """A time (aware), by the clock of the company, to the minute."""
        local = moment.astimezone(self.timezone)
        return f"{self.day(local.date())} {format_datetime(local, 'HH:mm', locale=self.locale)}"

    def duration_minutes(self, n: int) -> str:
        """A time that something takes: minutes, hours and minutes, or whole hours where they are many."""
        hours, minutes = divmod(n, 60)
        if hours >= _HOURS_WITHOUT_MINUTES:
            hours, minutes = (n + 30) // 60, 0
        parts = [self.ngettext("{n} hour", "{n} hours", hours)] if hours else []
        parts += [self.ngettext("{n} minute", "{n} minutes", minutes)] if minutes or not hours else []
        return " ".join(parts)


def _filled(text: str, english: str, values: Mapping[str, object]) -> str:
    """The text with its values; the English one where the translation names a value that there is not."""
    for one in (text, english):
        try:
            return one.format(**values) if values else one
        except (KeyError, IndexError, ValueError):
            continue
    return english


if __name__ == "__main__":
    for name, count in update().items():
        told = f"{count} messages have no translation yet" if count else "every message is translated"
        print(f"{name}: {told}.")  # noqa: T201
