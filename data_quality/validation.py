"""Great Expectations at work: batches of rows in, failing row numbers and broken rules out.

Great Expectations' telemetry is off before it is imported, its progress bars too; nothing leaves this process.
"""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pandas as pd

from data_quality.catalogue import severity_of
from data_quality.facts import Facts
from data_quality.rule import Rule, columns_of

COMPLETE = {"result_format": "COMPLETE"}
"""Without names of index columns the failing rows come as row numbers: measured 2 µs per failure, not 200."""


@dataclass(slots=True)
class Verdicts:
    """Per rule the numbers (frame index) of the rows that broke it; per broken rule why; the raw results, for the docs."""

    failing: dict[str, list[Any]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)
    results: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that a group of rules applies to."""

    rows: pd.DataFrame
    rules: tuple[Rule, ...]


def validate(parts: Iterable[Part], facts: Facts) -> Verdicts:
    """Let Great Expectations judge each part; a rule that raises is broken, the others go on."""
    _hush()
    from great_expectations import ExpectationSuite  # noqa: PLC0415 (seconds to import)

    from data_quality.expectations import FACTS  # noqa: PLC0415

    verdicts = Verdicts()
    token = FACTS.set(facts)
    try:
        for part in parts:
            suite = ExpectationSuite(name="rules")
            suite.expectations.extend(_expectations(part, facts, verdicts))
            _note(_batches().get_batch({"dataframe": _judged(part)}).validate(suite, result_format=COMPLETE), verdicts)
    finally:
        FACTS.reset(token)
    return verdicts


def _expectations(part: Part, facts: Facts, verdicts: Verdicts) -> list[Any]:
    """The expectations of a part; a rule whose settings make no sense is broken."""
    from data_quality.expectations import expectation_of  # noqa: PLC0415

    chosen = []
    for rule in part.rules:
        try:
            chosen.append(expectation_of(rule, severity_of(rule, facts), facts, list(part.rows.columns)))
        except Exception as error:  # noqa: BLE001 (whatever a setting does, the other rules must still judge)
            verdicts.broken[rule.id] = f"{type(error).__name__}: {error}"
    return chosen


def _judged(part: Part) -> pd.DataFrame:
    """Only the columns that a rule looks at: Great Expectations hashes whatever it is given."""
    present = list(part.rows.columns)
    needed = {column for rule in part.rules for column in columns_of(rule, present)}
    return part.rows[[name for name in present if name in needed]]


def _note(result: Any, verdicts: Verdicts) -> None:
    verdicts.results.append(result)
    for outcome in result.results:
        rule = outcome.expectation_config.meta["rule"]
        if (trouble := _trouble(outcome.exception_info)) is not None:
            verdicts.broken[rule] = trouble
        elif not outcome.success:
            numbers = outcome.result["unexpected_index_list"] or []
            if len(numbers) != outcome.result["unexpected_count"]:
                verdicts.broken[rule] = f"{outcome.result['unexpected_count']} failures, but {len(numbers)} rows named"
            verdicts.failing[rule] = numbers


def _trouble(info: dict[str, Any] | None) -> str | None:
    """The first exception message in what Great Expectations noted, flat or per metric."""
    if not info:
        return None
    if "raised_exception" in info:
        return str(info["exception_message"]) if info["raised_exception"] else None
    return next((found for part in info.values() if (found := _trouble(part)) is not None), None)


def _hush() -> None:
    """Before the import of Great Expectations: no telemetry, and no log of what it is busy with."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)


@lru_cache(maxsize=1)
def _batches() -> Any:
    """One context per process: making it costs as much as judging a thousand rows."""
    import great_expectations  # noqa: PLC0415

    # This module of theirs sets its own level when it is imported, and tells of a folder that nobody uses.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("koppel").add_dataframe_asset("records")
    return asset.add_batch_definition_whole_dataframe("slice")
