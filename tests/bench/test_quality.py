"""What `make bench` tells of the rules and the report is worked out of what was measured, and the tasks measure what they say."""

import pandas as pd
import pytest

from bench import report, rules
from bench.quality_tasks import RulesWatch, bare_workbook
from bench.sizes import FULL, QUICK
from data_quality.catalogue import RULES
from koppel.entities import ENTITIES
from koppel.judging import Context

ALONE = {f"rule_{number:02d}": float(number) for number in range(12)}
RULES_FOUND = {
    "gate": 6.0, "busy": 5.0, "half": 3.0, "judge": 8.0, "alone": ALONE, "not_null": 4.0, "checks": 120_000, "rows": 10_000,
    "peak_mb": 512.0,
}  # fmt: skip
REPORT_FOUND = {
    "products": 10_000, "problems": 15_000, "build": 5.0, "publish": 15.0, "peak_mb": 400.0, "languages": ["en", "nl"],
    "forms": {"html": 2.0, "xlsx": 8.0, "json": 4.0},
    "sizes": {f"quality-{language}.{form}": size for language in ("en", "nl")
              for form, size in (("html", 1.9), ("xlsx", 0.6), ("json", 12.0))},
}  # fmt: skip


def values(figures: object) -> dict[str, float]:
    return {figure.name: figure.value for figure in figures}  # type: ignore[attr-defined]


def test_a_million_products_are_in_proportion_to_those_that_were_measured() -> None:
    found = values(rules.figures(RULES_FOUND, products=10_000))
    assert found["rules_gate_seconds_per_million"] == 600
    assert found["rules_gate_cpu_seconds_per_million"] == 500
    assert found["rules_seconds_per_rule_per_million"] == 50
    assert found["rules_per_second"] == 2
    assert found["rules_checks_per_second"] == 20_000
    assert found["rules_ratio_to_gx_not_null"] == 1.5
    assert found["rules_twice_the_records_ratio"] == 2


def test_the_ten_slowest_rules_are_named_the_slowest_first() -> None:
    lines = [figure.line for figure in rules.figures(RULES_FOUND, products=10_000)]
    slowest = [line for line in lines if line.startswith("bench rules_slowest_")]
    assert len(slowest) == 10
    assert slowest[0] == "bench rules_slowest_1_rule_11_alone_seconds_per_million 1100 - ok"
    assert "rule_02" in slowest[-1]


def test_the_report_is_told_per_language_and_form() -> None:
    found = values(report.figures(REPORT_FOUND, bare_seconds=2.0))
    assert found["report_seconds_per_100k_products"] == 200
    assert found["report_xlsx_seconds_per_language"] == 4
    assert found["report_xlsx_ratio_to_bare_openpyxl"] == 2
    assert {f"report_{form}_{language}_mb" for form in report.FORMS for language in ("en", "nl")} <= set(found)


def test_the_scores_are_told_per_second() -> None:
    found = values(report.score_figures({"rows": 300, "seconds": 2.0, "peak_mb": 90.0}, products=100))
    assert (found["scores_products"], found["scores_rows_per_second"]) == (100, 150)


def test_the_sizes_of_rules_and_report() -> None:
    assert (FULL.rules, FULL.report, FULL.scores) == (100_000, 100_000, 1_000_000)
    assert (QUICK.rules, QUICK.report, QUICK.scores) == (10_000, 10_000, 100_000)


def test_the_watch_judges_as_the_gate_does_and_times_every_rule_of_the_entity(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    from data_quality import gate

    frame = pd.DataFrame({"sku": ["A-1", "A-2"], "price_eur_excl_vat": [None, None], "cost_eur": [None, None]})
    entity, context = ENTITIES["price"], Context(("nl",), tmp_path_factory.mktemp("config"))
    watch = RulesWatch()
    found = watch.judge(entity, frame, context)
    assert found.findings.equals(gate.judge(entity, frame, context).findings)
    assert set(watch.alone) == {rule.id for rule in RULES.values() if rule.entity == "price"}
    assert watch.checks == 2 * len(watch.alone)
    assert min(watch.gate, watch.busy, watch.half, watch.not_null, watch.extra) > 0


def test_the_bare_workbook_counts_every_cell_of_every_sheet(tmp_path: object) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name in ("a", "b"):
        sheet = book.create_sheet(name)
        for line in range(3):
            sheet.append([name, line])
    book.save(f"{tmp_path}/book.xlsx")
    found = bare_workbook(f"{tmp_path}/book.xlsx")
    assert found["cells"] == 12
    assert found["seconds"] > 0
