"""config/rules.toml and config/assortment.toml, checked as they are read: what is wrong is named with its line.

A typing error in a threshold or in the name of a rule would otherwise change nothing, and nobody would know.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any, get_args

from data_quality.assortment import SETTINGS, Assortment
from data_quality.catalogue import RULES
from data_quality.checked_toml import CheckedFile, checked, choices, told
from data_quality.facts import ANY, WEIGHTS, Facts
from data_quality.languages import TELLING_WORDS
from data_quality.rule import Rule, Severity
from data_quality.toml_lines import Path as Place
from data_quality.words import WORD_LISTS
from koppel.judging import Context, Waiver

_KEPT = "Nothing was judged and nothing was sent."
MOST_WEIGHT = 1000
"""What one rule may count within its question."""

_WAIVER = ("rule", "key", "until", "reason", "by")
_SHARES = {"share", "confidence"}
"""Options that are a part of a whole."""
_WITH_FRACTIONS = {"ratio", "factor", "hours", "minutes", "days", "times", "spreads"}
"""Options that need be no whole number although their default is one."""


def load_facts(context: Context) -> Facts:
    """Facts from rules.toml and assortment.toml in the config folder; a file that is not there means: nothing set.

    ``context.options["now"]`` (aware) stands in for the clock. Raises ConfigError for a file that makes no sense.
    """
    values = read_rules(context)
    return Facts(
        languages=context.languages,
        now=context.options.get("now") or datetime.now(UTC),
        assortment=Assortment(read_assortment(context)),
        properties=context.properties,
        lists=values.get("words", {}),
        settings=values.get("rules", {}),
        waivers=(
            *(Waiver(one["rule"], one["key"], one["until"]) for one in values.get("waivers", [])),
            *context.waivers,
        ),
        weights={**WEIGHTS, **values.get("weights", {})},
    )


def read_rules(context: Context) -> dict[str, Any]:
    """What rules.toml in the config folder sets; empty where there is no such file.

    Raises ConfigError that names the file and, for each mistake, its line, what stands there and what may.
    """
    return checked(
        context.config_root / "rules.toml", lambda file: _check_rules(file, context), page="docs/rules.md", kept=_KEPT
    )


def read_assortment(context: Context) -> dict[str, Any]:
    """What assortment.toml in the config folder asks of each category; empty where there is no such file. Raises as above."""
    path = context.config_root / "assortment.toml"
    values = checked(path, lambda file: _check_assortment(file, context), page="the head of that file", kept=_KEPT)
    return dict(values.get("categories", {}))


def _check_rules(file: CheckedFile, context: Context) -> None:
    checks = {
        "rules": _check_settings, "words": _check_words(context), "waivers": _check_waivers, "weights": _check_weights,
    }  # fmt: skip
    for name, value in file.values.items():
        if file.known((name,), "section of this file", tuple(checks)):
            checks[name](file, value)


def _check_settings(file: CheckedFile, value: object) -> None:
    for rule_id, given in file.table(("rules",), value).items():
        place = ("rules", rule_id)
        if file.known(place, "rule", RULES, "docs/rules.md lists all of them."):
            for name, setting in file.table(place, given).items():
                _check_setting(file, (*place, name), RULES[rule_id], setting)


def _check_setting(file: CheckedFile, place: Place, rule: Rule, value: object) -> None:
    name = str(place[-1])
    if not file.known(place, f"setting of {rule.id}", ("severity", "enabled", "weight", *rule.options)):
        return
    if name == "severity":
        wrong = None if value in get_args(Severity) else f"one of {', '.join(get_args(Severity))}"
    elif name == "enabled":
        wrong = None if isinstance(value, bool) else "true or false"
    elif name == "weight":
        is_fine = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_WEIGHT
        wrong = None if is_fine else f"a whole number from 0 to {MOST_WEIGHT}"
    else:
        wrong = _expected(name, rule.options[name], value)
    if wrong:
        near = get_close_matches(str(value), get_args(Severity), 1) if name == "severity" else []
        hint = f" Did you mean {near[0]}?" if near else ""
        file.note(place, f"{name} = {told(value)} of {rule.id}: {wrong} is expected.{hint}")


def _expected(name: str, default: object, value: object) -> str | None:
    """What an option should be, where it is not; a default shows which kind of value it is."""
    if isinstance(default, list):
        of = int if default and isinstance(default[0], int) else str
        fine = isinstance(value, list) and all(isinstance(part, of) and not isinstance(part, bool) for part in value)
        return None if fine else f"a list such as {told(default or ['a', 'b'])}"
    if isinstance(default, Mapping):
        kind: tuple[type, ...] = (int, float) if any(isinstance(part, float) for part in default.values()) else (str,)
        fine = isinstance(value, dict) and all(isinstance(part, kind) for part in value.values())
        return None if fine else f"a table such as {told(dict(default))}"
    if isinstance(default, str):
        return None if isinstance(value, str) and value.strip() else f"a text such as {told(default)}"
    return _expected_number(name, default, value)


def _expected_number(name: str, default: object, value: object) -> str | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in _SHARES:
        return None if is_number and 0 <= float(str(value)) <= 1 else "a number from 0 to 1"
    if isinstance(default, float) or name in _WITH_FRACTIONS:
        return None if is_number and 0 <= float(str(value)) < float("inf") else "a number that is 0 or more"
    return None if isinstance(value, int) and is_number and value >= 0 else "a whole number that is 0 or more"


def _check_words(context: Context) -> Callable[[CheckedFile, object], None]:
    languages = tuple(dict.fromkeys((ANY, *context.languages, *TELLING_WORDS)))

    def check(file: CheckedFile, value: object) -> None:
        for name, given in file.table(("words",), value).items():
            place = ("words", name)
            if file.known(place, "word list", WORD_LISTS):
                for language, words in file.table(place, given).items():
                    if file.known((*place, language), f"language of the word list {name}", languages):
                        _check_list(file, (*place, language), words)

    return check


def _check_list(file: CheckedFile, place: Place, words: object) -> None:
    if not isinstance(words, list):
        file.note(place, f'{place[-1]} = {told(words)}: a list such as ["a word", "another"] is expected.')
    elif bad := [word for word in words if not isinstance(word, str) or not word.strip()]:
        file.note(place, f"{told(bad[0])} in {place[-1]} is no word: write each between quotes.")


def _check_weights(file: CheckedFile, value: object) -> None:
    """Each question that counts in a score; those that are not named keep their weight, and together they are 100."""
    given = file.table(("weights",), value)
    for name, weight in given.items():
        if file.known(("weights", name), "question that counts in a score", WEIGHTS):
            wrong = _expected_number(name, WEIGHTS[name], weight)
            if wrong:
                file.note(("weights", name), f"{name} = {told(weight)}: {wrong} is expected.")
    together = {**WEIGHTS, **given}.values()
    if not file.wrong and sum(together) != 100:
        file.note(
            ("weights",), f"the weights add up to {sum(together)}, with those that are not named; they must be 100."
        )


def _check_waivers(file: CheckedFile, value: object) -> None:
    if not isinstance(value, list):
        file.note(("waivers",), "write a waiver below [[waivers]], with two brackets.")
        return
    for number, waiver in enumerate(value):
        for what in _of_waiver(file, ("waivers", number), waiver if isinstance(waiver, dict) else {}):
            file.note(("waivers", number), what)


def _of_waiver(file: CheckedFile, place: Place, waiver: dict[str, Any]) -> Iterator[str]:
    for name in waiver:
        file.known((*place, name), "part of a waiver", _WAIVER)
    if absent := [name for name in ("rule", "key", "until") if name not in waiver]:
        yield f'this waiver has no {", ".join(absent)}. It needs rule = "...", key = "..." and until = 2026-12-31.'
    rule = waiver.get("rule")
    if rule is not None and rule not in RULES:
        chosen = choices(str(rule), RULES, "docs/rules.md lists all of them.")
        file.note((*place, "rule"), f"rule = {told(rule)} is no rule. {chosen}")
    for name in ("key", "reason", "by"):
        if name in waiver and (not isinstance(waiver[name], str) or not waiver[name].strip()):
            file.note((*place, name), f"{name} = {told(waiver[name])}: a text is expected.")
    until = waiver.get("until")
    if "until" in waiver and (not isinstance(until, date) or isinstance(until, datetime)):
        file.note((*place, "until"), f"until = {told(until)}: a day such as 2026-12-31 is expected, without quotes.")


def _check_assortment(file: CheckedFile, context: Context) -> None:
    for name, value in file.values.items():
        if file.known((name,), "section of this file", ("categories",)):
            for code, given in file.table((name,), value).items():
                for setting, chosen in file.table((name, code), given).items():
                    _check_category(file, (name, code, setting), chosen, context)


def _check_category(file: CheckedFile, place: Place, value: object, context: Context) -> None:
    if not file.known(place, "setting of a category", SETTINGS):
        return
    name, kind = str(place[-1]), SETTINGS[str(place[-1])]
    if kind is bool and not isinstance(value, bool):
        file.note(place, f"{name} = {told(value)}: true or false is expected.")
    elif kind is str and (not isinstance(value, str) or not value):
        file.note(place, f'{name} = {told(value)}: a code such as "TEL" is expected.')
    elif kind is list and (not isinstance(value, list) or not all(isinstance(part, str) for part in value)):
        file.note(place, f'{name} = {told(value)}: a list such as ["a", "b"] is expected.')
    elif kind is tuple and not _is_range(value):
        file.note(
            place, f"{name} = {told(value)}: two numbers from 0 to 1 are expected, the smaller first: [0.15, 0.7]."
        )
    elif name == "required_properties" and context.properties and isinstance(value, list):
        for code in value:
            if (plain := code.removeprefix("property_")) not in context.properties:
                chosen = choices(plain, context.properties, "config/properties.toml lists all of them.")
                file.note(place, f"{told(code)} is no property. {chosen}")


def _is_range(value: object) -> bool:
    """Whether it is two parts of a whole, the smaller first."""
    if not isinstance(value, list) or len(value) != 2 or any(_expected_number("share", 0.0, part) for part in value):
        return False
    return bool(value[0] < value[1])
