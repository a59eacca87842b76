"""Great Expectations' Data Docs: the technical appendix to what the gate found, as pages in a folder.

Only samples of values get in (Great Expectations' SUMMARY: 20 per rule), each cut short, and only the last runs stay, so that
the folder stays small.
"""

import copy
import shutil
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

from data_quality.datadocs_site import Site
from koppel.appendix import Summary, write_summary

KEPT_RUNS = 20
LONGEST_SAMPLE = 300
SITE = "gx/uncommitted/data_docs/local_site"
"""Where Great Expectations puts its pages, seen from ``docs_root``."""

_ALL_ROWS = ("unexpected_list", "unexpected_index_list", "unexpected_index_query")
"""What COMPLETE results hold beyond SUMMARY: every failing value."""

_BATCH = {"data_asset_name": "records that changed"}
"""What was judged. Great Expectations knows one batch per group of rules; the fingerprint of one would say nothing of all."""


def write_data_docs(entity: str, results: list[Any], docs_root: Path) -> Path:
    """Write one page with all results of an entity below ``docs_root`` and give the path of the site's first page.

    The pages of the last ``KEPT_RUNS`` runs stay; ``summary.json`` says what the last one found.
    """
    docs_root.mkdir(parents=True, exist_ok=True)
    context = great_expectations.get_context(mode="file", project_root_dir=docs_root)
    context.variables.progress_bars = {"globally": False}
    outcomes = [_summary(outcome) for result in results for outcome in result.results]
    run = RunIdentifier(run_name="gate", run_time=datetime.now(UTC))
    key = ValidationResultIdentifier(ExpectationSuiteIdentifier(name=entity), run, f"koppel-{entity}")
    meta = {"great_expectations_version": great_expectations.__version__, "run_id": run, "batch_spec": _BATCH}
    statistics = _statistics(outcomes)
    found = ExpectationSuiteValidationResult(
        success=all(outcome.success for outcome in outcomes),
        results=outcomes,
        suite_name=entity,
        statistics=statistics,
        meta=meta,
    )
    context.validation_results_store.set(key, found)
    _forget_old_runs(context.validation_results_store)
    _build(context, docs_root / SITE, entity, key)
    page = Path(SITE, "validations", *key.to_tuple()).with_suffix(".html")
    judged, failed = statistics["evaluated_expectations"], statistics["unsuccessful_expectations"]
    write_summary(docs_root, Summary(run.run_time.isoformat(), judged, failed, page.as_posix(), f"{SITE}/index.html"))
    return docs_root / SITE / "index.html"


def _forget_old_runs(store: Any) -> None:
    """Remove all but the last results; the site then drops the pages that have none."""
    newest_first = sorted(store.list_keys(), key=lambda key: key.run_id.run_time, reverse=True)
    for key in newest_first[KEPT_RUNS:]:
        store.remove_key(key)


def _build(context: Any, site: Path, name: str, key: Any) -> None:
    """Write this run's page and the list; all pages where those that Great Expectations wrote by itself still stand."""
    has_foreign_pages = (site / "static").exists()
    if has_foreign_pages:
        shutil.rmtree(site)
    Site(context, site, name).build(resource_identifiers=None if has_foreign_pages else [key])


def _summary(outcome: Any) -> Any:
    bounded = copy.copy(outcome)
    bounded.result = {name: _cut(value) for name, value in outcome.result.items() if name not in _ALL_ROWS}
    return bounded


def _cut(value: Any) -> Any:
    """The same with every text cut short: one description of a megabyte would make a page of two."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_SAMPLE else f"{value[:LONGEST_SAMPLE]}… ({len(value)} characters)"
    if isinstance(value, dict):
        return {name: _cut(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_cut(part) for part in value)
    return value


def _statistics(outcomes: list[Any]) -> dict[str, Any]:
    passed = sum(1 for outcome in outcomes if outcome.success)
    return {
        "evaluated_expectations": len(outcomes),
        "successful_expectations": passed,
        "unsuccessful_expectations": len(outcomes) - passed,
        "success_percent": 100 * passed / len(outcomes) if outcomes else None,
    }
