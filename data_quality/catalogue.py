"""All rules, in the order in which they are told."""

from data_quality.facts import Facts
from data_quality.rule import Rule
from data_quality.rules import duplicates, media, names, price, products, properties, relations, stock, texts, weight

RULES: dict[str, Rule] = {
    rule.id: rule
    for module in (names, texts, duplicates, weight, properties, relations, media, stock, products, price)
    for rule in module.RULES
}


def rules_for(entity: str, facts: Facts) -> list[Rule]:
    """The rules of an entity that config/rules.toml does not switch off."""
    return [
        rule
        for rule in RULES.values()
        if rule.entity == entity and facts.settings.get(rule.id, {}).get("enabled", True)
    ]


def severity_of(rule: Rule, facts: Facts) -> str:
    """The severity that config/rules.toml gives a rule, or its own."""
    return str(facts.settings.get(rule.id, {}).get("severity", rule.severity))
