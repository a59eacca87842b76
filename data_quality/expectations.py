"""Rules as Great Expectations knows them: its own expectations where one fits, and one that asks a rule's predicate.

Only imported when a gate judges: Great Expectations takes seconds to import.
"""

from contextvars import ContextVar
from typing import Any

import great_expectations.expectations as builtin
import pandas as pd
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    MulticolumnMapMetricProvider,
    multicolumn_condition_partial,
)

from data_quality.catalogue import RULES
from data_quality.facts import Facts
from data_quality.rule import BuiltIn, Rule, columns_of

FACTS: ContextVar[Facts] = ContextVar("facts")
"""What the predicates may know, while a frame is judged."""

_IMPORTANCE = {"block": "critical", "improve": "warning", "hint": "info"}


class RecordsKeepRule(MulticolumnMapMetricProvider):  # type: ignore[misc]
    """The metric: which rows keep a rule, computed from the rule's columns."""

    condition_metric_name = "records.keep_rule"
    condition_domain_keys = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")
    condition_value_keys = ("rule",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, rule: str, **_: Any) -> "pd.Series[bool]":  # noqa: N805 (a class method, made one by the decorator)
        return is_fine(RULES[rule], column_list, FACTS.get())


class ExpectRecordsToKeepRule(MulticolumnMapExpectation):  # type: ignore[misc]
    """Expect every record to keep a rule that Great Expectations has no expectation for."""

    rule: str
    map_metric = "records.keep_rule"
    success_keys = ("rule", "mostly")
    args_keys = ("column_list", "rule")
    library_metadata = {"maturity": "production", "tags": ["koppel"], "contributors": ["Koppel"]}  # noqa: RUF012 (as GX asks)


def is_fine(rule: Rule, rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A rule's own predicate on rows; only for rules that are no ``BuiltIn``."""
    if isinstance(rule.check, BuiltIn):
        raise TypeError(f"{rule.id} is judged by {rule.check.expectation}.")
    return rule.check(rows, facts.for_rule(rule.options, rule.id)).astype(bool)


def expectation_of(rule: Rule, severity: str, facts: Facts, present: list[str]) -> Any:
    """The expectation that a rule stands for, on a frame with the columns ``present``."""
    about = {"meta": {"rule": rule.id}, "severity": _IMPORTANCE[severity], "description": rule.title}
    if not isinstance(rule.check, BuiltIn):
        columns = columns_of(rule, present)
        return ExpectRecordsToKeepRule(column_list=columns, rule=rule.id, ignore_row_if="never", **about)
    arguments = rule.check.arguments(facts.for_rule(rule.options, rule.id))
    if rule.check.many:
        where: dict[str, Any] = {"column_list": list(rule.fields), "ignore_row_if": "never"}
    else:
        where = {"column": rule.fields[0]}
    return getattr(builtin, rule.check.expectation)(**where, **arguments, **about)
