"""The page about the rules is the rules."""

from data_quality.catalogue import RULES
from data_quality.docs import PAGE, page


def test_the_page_is_what_the_rules_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "Run: python -m data_quality.docs"


def test_every_rule_is_on_the_page() -> None:
    told = page()
    assert all(f"`{rule.id}` · {rule.severity}" in told and rule.title in told for rule in RULES.values())
