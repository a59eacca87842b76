"""The gate as the engine sees it: findings, severities, rules that break, and what it costs to import."""

import dataclasses
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_quality import expectations, gate
from data_quality.catalogue import RULES
from data_quality.expectations import FACTS, is_fine
from data_quality.rule import BuiltIn
from data_quality.settings import load_facts
from data_quality.validation import Part, validate
from koppel.entities import ENTITIES
from koppel.errors import ConfigError
from koppel.judging import Context, Waiver
from tests.data_quality.frames import frame

PRODUCT = ENTITIES["product"]


def rules_toml(tmp_path: Path, text: str, context: Context) -> Context:
    """The context with another rules.toml."""
    shutil.copy(context.config_root / "assortment.toml", tmp_path)
    (tmp_path / "rules.toml").write_text(text, "utf-8")
    return dataclasses.replace(context, config_root=tmp_path)


def found(judgement: Any) -> dict[tuple[str, str], str]:
    """Severity by key and rule."""
    table = judgement.findings
    return {(row.key, row.rule): row.severity for row in table.itertuples()}


def test_a_block_in_one_language_leaves_the_others(gate_context: Context) -> None:
    rows = [
        {"language": "nl", "name": ""},
        {"language": "fr", "name": "Coque noire pour Galaxy", "long_text": "", "short_text": ""},
    ]
    findings = gate.judge(ENTITIES["product_text"], frame("product_text", rows), gate_context).findings
    blocked = findings[findings["severity"] == "block"]
    assert list(blocked["key"]) == ["nl:TEL-1"]
    assert set(findings[findings["key"] == "fr:TEL-1"]["language"]) == {"fr"}


def test_a_record_of_many_rows_has_one_finding_per_rule(gate_context: Context) -> None:
    rows = [{"file": f"{n}.jpg", "content_hash": f"h{n}", "width_px": 300} for n in range(5)]
    findings = gate.judge(ENTITIES["product_image"], frame("product_image", rows), gate_context).findings
    small = findings[findings["rule"] == "photo_small"]
    assert len(small) == 1
    assert small.iloc[0]["value"] == "0.jpg, 1.jpg, 2.jpg and 2 more"


def test_configuration_changes_severity_and_threshold_and_switches_off(tmp_path: Path, gate_context: Context) -> None:
    rows = frame("product", [{"gtin": "123", "brand": "", "photo_count": 0}])
    before = found(gate.judge(PRODUCT, rows, gate_context))
    assert before == {
        ("TEL-1", "gtin_wrong"): "improve",
        ("TEL-1", "brand_missing"): "improve",
        ("TEL-1", "photos_none"): "block",
    }
    text = (
        '[rules.gtin_wrong]\nseverity = "block"\n[rules.brand_missing]\nenabled = false\n[rules.stock_stale]\nhours = 1'
    )
    after = found(gate.judge(PRODUCT, rows, rules_toml(tmp_path, text, gate_context)))
    assert after == {
        ("TEL-1", "gtin_wrong"): "block",
        ("TEL-1", "photos_none"): "block",
        ("TEL-1", "stock_stale"): "improve",
    }


def test_a_waiver_holds_until_its_day(tmp_path: Path, gate_context: Context) -> None:
    rows = frame("price", [{"price_eur_excl_vat": "10"}, {"sku": "B", "price_eur_excl_vat": "10"}])
    entry = '[[waivers]]\nrule = "price_below_cost"\nkey = "{}"\nuntil = {}\n'
    text = entry.format("TEL-1", date(2026, 11, 23)) + entry.format("B", date(2026, 11, 22))
    rows["previous_price_eur_excl_vat"] = None
    findings = gate.judge(ENTITIES["price"], rows, rules_toml(tmp_path, text, gate_context)).findings
    assert list(findings["key"]) == ["B"]


def test_waivers_of_the_ledger_count_beside_those_of_the_file(tmp_path: Path, gate_context: Context) -> None:
    rows = frame("price", [{"sku": sku, "price_eur_excl_vat": "10"} for sku in "ABCD"])
    rows["previous_price_eur_excl_vat"] = None
    text = '[[waivers]]\nrule = "price_below_cost"\nkey = "A"\nuntil = 2026-11-23\n'
    given = [("B", 23, "price_below_cost"), ("C", 22, "price_below_cost"), ("D", 23, "price_zero")]
    waivers = tuple(Waiver(rule, key, date(2026, 11, day)) for key, day, rule in given)
    context = dataclasses.replace(rules_toml(tmp_path, text, gate_context), waivers=waivers)
    assert list(gate.judge(ENTITIES["price"], rows, context).findings["key"]) == ["C", "D"]


def test_a_waiver_without_an_end_is_refused(tmp_path: Path, gate_context: Context) -> None:
    context = rules_toml(tmp_path, '[[waivers]]\nrule = "price_zero"\nkey = "A"', gate_context)
    with pytest.raises(ConfigError, match="until"):
        gate.judge(ENTITIES["price"], frame("price", [{}]), context)


def test_a_rule_without_its_column_is_broken_and_a_block_holds_all_back(gate_context: Context) -> None:
    rows = frame("product", [{"sku": "A"}, {"sku": "B"}]).drop(columns=["weight_kg", "brand"])
    judgement = gate.judge(PRODUCT, rows, gate_context)
    assert judgement.broken_rules["weight_missing"] == "the source gives no weight_kg"
    assert "brand_missing" in judgement.broken_rules
    held = judgement.findings[judgement.findings["rule"] == "weight_missing"]
    assert list(held["key"]) == ["A", "B"]
    assert held.iloc[0]["reason"].startswith(
        "The rule 'The weight is known' could not run: the source gives no weight_kg."
    )
    assert "brand_missing" not in set(judgement.findings["rule"])  # it does not block, so it holds nothing back


@pytest.mark.parametrize("where", ["check", "applies_to", "shows"])
def test_a_rule_that_raises_is_broken_and_the_others_judge(
    where: str, gate_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(rows: pd.DataFrame, facts: object) -> Any:
        raise KeyError("no such thing")

    changed = dataclasses.replace(RULES["gtin_shared"], **{where: breaks})
    monkeypatch.setitem(RULES, "gtin_shared", changed)
    judgement = gate.judge(PRODUCT, frame("product", [{"sku": "A"}, {"sku": "B", "photo_count": 0}]), gate_context)
    assert "no such thing" in judgement.broken_rules["gtin_shared"]
    assert found(judgement) == {
        ("A", "gtin_shared"): "block", ("B", "gtin_shared"): "block", ("B", "photos_none"): "block",
    }  # fmt: skip


def test_a_setting_that_makes_no_sense_is_refused_before_anything_is_judged(
    tmp_path: Path, gate_context: Context
) -> None:
    context = rules_toml(tmp_path, '[rules.status_known]\nknown = 7\n[rules.stock_stale]\nhours = "many"', gate_context)
    with pytest.raises(ConfigError, match=r"line 2: known = 7 .*line 4: hours"):
        gate.judge(PRODUCT, frame("product", [{}]), context)


def test_an_expectation_that_can_not_be_made_breaks_its_rule_only(
    gate_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    impossible = BuiltIn("ExpectColumnValuesToBeInSet", lambda _: {"value_set": 7})
    monkeypatch.setitem(RULES, "status_known", dataclasses.replace(RULES["status_known"], check=impossible))
    judgement = gate.judge(PRODUCT, frame("product", [{"photo_count": 0}]), gate_context)
    assert set(judgement.broken_rules) == {"status_known"}
    assert found(judgement) == {("TEL-1", "status_known"): "block", ("TEL-1", "photos_none"): "block"}


def test_an_optional_column_may_be_missing(gate_context: Context) -> None:
    rows = frame("price", [{}]).drop(columns="previous_price_eur_excl_vat")
    judgement = gate.judge(ENTITIES["price"], rows, gate_context)
    assert judgement.broken_rules == {}
    assert judgement.findings.empty


def test_an_empty_frame_has_no_findings(gate_context: Context) -> None:
    judgement = gate.judge(PRODUCT, frame("product", [{}]).head(0), gate_context)
    assert judgement.findings.empty
    assert list(judgement.findings.columns) == list(gate.COLUMNS)


@pytest.mark.parametrize("value", ["{value}", "{0}", "=1+1", "<script>", "%s", "a\nb", "x" * 5000])
def test_hostile_values_stay_values(value: str, gate_context: Context) -> None:
    judgement = gate.judge(PRODUCT, frame("product", [{"status": value}]), gate_context)
    row = judgement.findings[judgement.findings["rule"] == "status_known"].iloc[0]
    assert len(row["value"]) <= 200
    assert "\n" not in row["reason"]
    assert row["value"] in row["reason"]


def test_great_expectations_names_exactly_the_rows_of_the_predicate(gate_context: Context) -> None:
    """Also for many failures, on a part of the rows, and with row numbers that do not start at nought."""
    facts = load_facts(gate_context)
    rows = pd.concat([frame("product", [{}])] * 9000, ignore_index=True)
    rows["sku"] = [f"S{n}" for n in range(len(rows))]
    rows["gtin"] = pd.Series(["5412345678908", "1", None] * 3000, dtype="str")
    rows = rows[rows.index % 5 != 0]
    own = [rule for rule in RULES.values() if rule.entity == "product" and not isinstance(rule.check, BuiltIn)]
    verdicts = validate([Part(rows, tuple(own))], facts)
    token = FACTS.set(facts)
    expected = {rule.id: list(rows.index[~is_fine(rule, rows, facts)]) for rule in own}
    FACTS.reset(token)
    assert len(expected["gtin_wrong"]) > 2000
    assert verdicts.broken == {}
    assert verdicts.failing == {rule: numbers for rule, numbers in expected.items() if numbers}


def test_every_rule_becomes_an_expectation(gate_context: Context) -> None:
    facts = load_facts(gate_context)
    for rule in RULES.values():
        expectation = expectations.expectation_of(rule, "block", facts, [*rule.columns, "sku", "modified_at"])
        assert expectation.meta == {"rule": rule.id}
        assert expectation.description == rule.title


def test_importing_the_gate_does_not_import_great_expectations() -> None:
    code = "import sys, data_quality.gate; sys.exit('great_expectations' in sys.modules or 'py3langid' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
