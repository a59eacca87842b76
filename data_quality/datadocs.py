"""Great Expectations' Data Docs: the technical appendix to what the gate found, as pages in a folder.

Only samples of values get in (Great Expectations' SUMMARY: 20 per rule), so that the pages stay small.
"""

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import great_expectations
from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)

_ALL_ROWS = ("unexpected_list", "unexpected_index_list", "unexpected_index_query")
"""What COMPLETE results hold beyond SUMMARY: every failing value."""


def write_data_docs(entity: str, results: list[Any], docs_root: Path) -> Path:
    """Write one page with all results of an entity below ``docs_root`` and give the path of the site's first page."""
    docs_root.mkdir(parents=True, exist_ok=True)
    context = great_expectations.get_context(mode="file", project_root_dir=docs_root)
    context.variables.progress_bars = {"globally": False}
    outcomes = [_summary(outcome) for result in results for outcome in result.results]
    suite = ExpectationSuiteIdentifier(name=entity)
    context.validation_results_store.set(
        ValidationResultIdentifier(
            suite, RunIdentifier(run_name="gate", run_time=datetime.now(UTC)), f"koppel-{entity}"
        ),
        ExpectationSuiteValidationResult(
            success=all(outcome.success for outcome in outcomes),
            results=outcomes,
            suite_name=entity,
            statistics=_statistics(outcomes),
            meta={key: value for key, value in results[0].meta.items() if key != "active_batch_definition"}
            if results
            else {},
        ),
    )
    context.build_data_docs()
    return docs_root / "gx" / "uncommitted" / "data_docs" / "local_site" / "index.html"


def _summary(outcome: Any) -> Any:
    bounded = copy.copy(outcome)
    bounded.result = {name: value for name, value in outcome.result.items() if name not in _ALL_ROWS}
    return bounded


def _statistics(outcomes: list[Any]) -> dict[str, Any]:
    passed = sum(1 for outcome in outcomes if outcome.success)
    return {
        "evaluated_expectations": len(outcomes),
        "successful_expectations": passed,
        "unsuccessful_expectations": len(outcomes) - passed,
        "success_percent": 100 * passed / len(outcomes) if outcomes else None,
    }
