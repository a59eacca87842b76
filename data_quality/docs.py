"""The page docs/rules.md, made from the rules: ``python -m data_quality.docs`` writes it, a test keeps it true."""

from pathlib import Path

from data_quality.catalogue import RULES
from data_quality.rule import BuiltIn, Rule

PAGE = Path(__file__).parents[1] / "docs" / "rules.md"

_QUESTIONS = {
    "name": "Is the name understandable?",
    "short_text": "Is there a short text that sells?",
    "long_text": "Is there a long text that informs?",
    "weight": "What does one packed unit weigh?",
    "properties": "Are the properties known that matter?",
    "relations": "What goes well with it?",
    "photos": "Are there several good photos?",
    "stock": "Is it known whether it is in stock?",
    "price": "Is the price right?",
    "gtin": "Is the barcode right?",
    "brand": "Is the brand known?",
    "category": "Does it stand where customers look?",
    "status": "Is it known whether it is sold?",
}

_INTRODUCTION = """# The rules

<!-- Made by `python -m data_quality.docs` from data_quality/rules; do not edit. -->

Every record is judged by these rules before it goes to a target. **Block** holds back that record, a text only in its own
language: a new one is not created, an existing one keeps its last good state. **Improve** and **hint** let it pass.
Severity, thresholds and word lists are set in `config/rules.toml`, what a category asks of its products in
`config/assortment.toml`. In `rules.toml` too, `weight` of a rule says what it counts within its question (1 where nothing is
set, 0: not at all), and `[weights]` what each question counts in the score of a product, together 100. A rule that could
not run counts as failed: if it blocks, it holds back what it could not vouch for.

Rules that compare records (shared names, texts, photos and barcodes, weights far from the median, fields that are filled in)
see the records that are judged together: all of them after a full load or a change of configuration, only the changed ones
in between. A text that a source does not deliver at all has no row to judge: give a row per product and language.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *(_section(question, title) for question, title in _QUESTIONS.items())])


def _section(question: str, title: str) -> str:
    rules = [rule for rule in RULES.values() if rule.question == question]
    return "\n".join([f"## {title}\n", *(_rule(rule) for rule in rules)])


def _rule(rule: Rule) -> str:
    thresholds = "".join(f", `{name} = {_toml(value)}`" for name, value in rule.options.items())
    engine = rule.check.expectation if isinstance(rule.check, BuiltIn) else "ExpectRecordsToKeepRule"
    return (
        f"### {rule.title}\n\n`{rule.id}` · {rule.severity} · {rule.role.upper() if rule.role == 'it' else rule.role}, "
        f"about {rule.minutes} min · judges {rule.entity}: {', '.join(rule.columns).replace('_plain', '')}{thresholds}  \n"
        f"> {rule.reason.replace('{value}', '…').format(**rule.options)}\n\n"
        f"Great Expectations: `{engine}`\n"
    )


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(part)}" for name, part in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(value).replace("'", '"')


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
