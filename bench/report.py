"""(h): the report of a catalogue: its scores, how long it takes to build and publish, how large its files are, and its memory."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.figures import Figure
from bench.place import Place, say, work
from bench.quality_ledger import QualityLedger
from bench.sizes import Sizes

FORMS = ("html", "xlsx", "json")


def measure(place: Place, sizes: Sizes) -> Iterator[Figure]:
    """The report of ``sizes.report`` products with a week of scores behind it; then the scores of ``sizes.scores``."""
    ledger = QualityLedger(place, "report")
    ledger.grow(sizes.report)
    for days_ago in (7, 0):
        work("scores", ledger.environment, days_ago=days_ago)
    found = work("report", ledger.environment)
    file = f"{found['folder']}/quality-{found['languages'][0]}.xlsx"
    bare = work("bare_workbook", ledger.environment, file=file)
    say(
        f"report of {found['products']:,} products with {found['problems']:,} findings: built in {found['build']:.1f} s "
        f"({found['build_peak_mb']:.0f} MB), written in {found['publish']:.1f} s; {bare['cells']:,} cells a workbook"
    )
    yield from figures(found, bare["seconds"])
    ledger.grow(sizes.scores)
    scores = work("scores", ledger.environment, days_ago=0)
    say(f"scores of {ledger.products:,} products: {scores['rows']:,} rows in {scores['seconds']:.1f} s")
    yield from score_figures(scores, ledger.products)


def figures(found: Mapping[str, Any], bare_seconds: float) -> Iterator[Figure]:
    """The figures of what ``bench.quality_tasks.report`` found; ``bare_seconds``: openpyxl's for the cells of one workbook."""
    languages = found["languages"]
    yield Figure("report_products", found["products"])
    yield Figure("report_findings", found["problems"])
    yield Figure("report_build_seconds", found["build"])
    yield Figure("report_publish_seconds", found["publish"])
    yield Figure("report_seconds_per_100k_products", (found["build"] + found["publish"]) * 100_000 / found["products"])
    yield Figure("report_peak_mb", found["peak_mb"])
    for form in FORMS:
        yield Figure(f"report_{form}_seconds_per_language", found["forms"][form] / len(languages))
    yield Figure("report_xlsx_ratio_to_bare_openpyxl", found["forms"]["xlsx"] / len(languages) / bare_seconds)
    for language in languages:
        for form in FORMS:
            yield Figure(f"report_{form}_{language}_mb", found["sizes"][f"quality-{language}.{form}"])


def score_figures(scores: Mapping[str, Any], products: int) -> Iterator[Figure]:
    """The figures of the scores of a day, of so many products."""
    yield Figure("scores_products", products)
    yield Figure("scores_rows", scores["rows"])
    yield Figure("scores_seconds", scores["seconds"])
    yield Figure("scores_rows_per_second", scores["rows"] / scores["seconds"])
    yield Figure("scores_peak_mb", scores["peak_mb"])
