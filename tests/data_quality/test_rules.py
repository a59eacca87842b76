"""Every rule finds its true cases and leaves their look-alikes alone; what it says is fit for a person."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_quality import gate
from data_quality.catalogue import RULES
from koppel.entities import ENTITIES, Entity
from koppel.judging import Context, record_keys
from tests.data_quality.frames import frame

CASES: dict[str, dict[str, Any]] = {
    rule: case
    for file in sorted((Path(__file__).parent / "cases").glob("*.toml"))
    for rule, case in tomllib.loads(file.read_text("utf-8")).items()
}
TECHNICAL = re.compile(
    r"\b(?:null|regex|nan|field|string|boolean|column|sql|json|predicate|exception|dtype)\b", re.IGNORECASE
)


def rows_of(entity: Entity, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a case file: ``copies`` counts ``{n}`` up, ``times`` repeats long texts, ``width`` and ``filled`` fill up."""
    rows = []
    for index, entry in enumerate(entries):
        extra = {"copies": 1, "times": 1, "start": 0, "width": 0, "filled": 0}
        extra |= {name: entry[name] for name in extra if name in entry}
        given = {name: value for name, value in entry.items() if name not in extra}
        if "sku" in entity.key and not entity.many:
            given = {"sku": f"R-{index}", **given}
        numbers = range(extra["start"], extra["start"] + extra["copies"])
        rows += [_worked_out(given, str(number), extra) for number in numbers]
    return rows


def _worked_out(given: dict[str, Any], number: str, extra: dict[str, int]) -> dict[str, Any]:
    row = {name: value.replace("{n}", number) if isinstance(value, str) else value for name, value in given.items()}
    for name in {"short_text", "long_text"} & row.keys():
        row[name] = (row[name] * extra["times"]).strip().ljust(extra["filled"], "x")
    return row | {"name": row["name"].ljust(extra["width"], "x")} if extra["width"] else row


def judged(
    rule: str, entries: list[dict[str, Any]], context: Context, monkeypatch: pytest.MonkeyPatch
) -> tuple[set[str], set[str]]:
    """The keys that a rule finds among the case's rows, and all keys of those rows."""
    entity = ENTITIES[RULES[rule].entity]
    beside = rows_of(entity, CASES[rule].get("background", []))
    table = frame(entity, [*beside, *rows_of(entity, entries)])
    monkeypatch.setattr(gate, "rules_for", lambda *_: [RULES[rule]])
    judgement = gate.judge(entity, table, context)
    assert not judgement.broken_rules
    return set(judgement.findings["key"]), set(record_keys(entity, table)[len(beside) :])


def test_every_rule_has_its_cases() -> None:
    assert set(CASES) == set(RULES)
    assert len(RULES) >= 35
    assert all(case["found"] and case["fine"] for case in CASES.values())


@pytest.mark.parametrize("rule", sorted(CASES))
def test_finds_every_true_case(rule: str, gate_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    found, expected = judged(rule, CASES[rule]["found"], gate_context, monkeypatch)
    assert found == expected


@pytest.mark.parametrize("rule", sorted(CASES))
def test_leaves_look_alikes_alone(rule: str, gate_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = judged(rule, CASES[rule]["fine"], gate_context, monkeypatch)
    assert found == set()


@pytest.mark.parametrize("entity", sorted({rule.entity for rule in RULES.values()}))
def test_a_good_record_has_no_findings(entity: str, gate_context: Context) -> None:
    rows = [{"language": language} for language in ("nl", "fr", "en")] if entity == "category" else [{}]
    judgement = gate.judge(ENTITIES[entity], frame(entity, rows), gate_context)
    assert judgement.findings.to_dict("records") == []
    assert judgement.broken_rules == {}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_is_told_in_words_of_people(rule: Any) -> None:
    told = f"{rule.title}. {rule.reason}"
    assert not TECHNICAL.search(told)
    assert "_" not in re.sub(r"\{\w+\}", "", told)
    assert all(len(sentence.split()) <= 25 for sentence in re.split(r"(?<=[.?!:])\s", told))
    assert rule.reason.endswith((".", "?"))
    assert rule.minutes > 0


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_reason_only_names_what_it_is_given(rule: Any) -> None:
    assert rule.reason.format(value="x", **rule.options)
    entity = ENTITIES[rule.entity]
    known = [name.removesuffix("_plain") for name in rule.columns]
    assert all(entity.column(name) for name in known)


def test_findings_have_the_agreed_columns(gate_context: Context) -> None:
    judgement = gate.judge(ENTITIES["product_text"], frame("product_text", [{"name": ""}]), gate_context)
    assert list(judgement.findings.columns) == ["key", "language", "rule", "severity", "value", "reason"]
    assert all(isinstance(dtype, pd.StringDtype) for dtype in judgement.findings.dtypes)
    assert judgement.findings.iloc[0].to_dict() | {"value": ""} == {
        "key": "nl:TEL-1",
        "language": "nl",
        "rule": "name_missing",
        "severity": "block",
        "value": "",
        "reason": "The product has no name in this language. Write one that a customer understands.",
    }
