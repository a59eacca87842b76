"""What each question got of each record: the same as counting row by row, whatever is set, waived or can't run."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_quality import gate
from data_quality.catalogue import RULES, rules_for, severity_of
from data_quality.facts import Facts, Waiver
from data_quality.rule import Rule
from data_quality.settings import load_facts
from data_quality.tally import Outcome, tallies
from data_quality.version import rules_version
from koppel.entities import ENTITIES
from koppel.judging import Context, record_keys
from tests.data_quality.frames import frame

NAMES = ("", "Kabel", "GSM HOESJE ZW", "Zwart hoesje voor Samsung Galaxy A54", "Test hoesje 50 % korting")
SKUS = ("A", "B", "C")

ROWS: dict[str, dict[str, Any]] = {
    "product": {
        "name": NAMES, "gtin": ("", "123", "5412345678908"), "brand": ("", "Nubo"), "weight_kg": (None, 0.0, 0.12, 250.0),
        "category_code": ("", "TEL", "TEL-HOE", "SRV"), "photo_count": (0, 1, 3), "stock_status": ("", "in_stock", "on_order"),
    },
    "product_text": {
        "language": ("nl", "fr"), "name": NAMES, "short_text": ("", "Een hoesje dat past."), "long_text": ("", "<p>te kort</p>"),
    },
    "product_image": {
        "file": ("", "a.jpg", "b.jpg"), "width_px": (50, 300, 1200), "problem": ("", "not read"), "is_usable": (True, False),
    },
    "product_relation": {"relation": ("accessory", "similar"), "related_sku": SKUS, "related_status": ("active", "ended", "")},
}  # fmt: skip
"""Per entity what its cells may hold: enough to keep and to break many rules."""

WEIGHTS = st.dictionaries(st.sampled_from(sorted(RULES)), st.integers(0, 5), max_size=8)
SEVERITIES = st.dictionaries(st.sampled_from(sorted(RULES)), st.sampled_from(["block", "improve", "hint"]), max_size=8)


@st.composite
def frames(draw: st.DrawFn) -> tuple[str, pd.DataFrame]:
    """An entity and a few rows of it; one row per key, unless a record is many rows."""
    name = draw(st.sampled_from(sorted(ROWS)))
    cells = st.fixed_dictionaries(
        {"sku": st.sampled_from(SKUS), **{k: st.sampled_from(v) for k, v in ROWS[name].items()}}
    )
    rows = draw(st.lists(cells, min_size=1, max_size=6))
    table = frame(name, rows)
    if not ENTITIES[name].many:
        table = table[~record_keys(ENTITIES[name], table).duplicated()].reset_index(drop=True)
    dropped = draw(st.sampled_from([None, *[column for column in ROWS[name] if column != "language"]]))
    return name, table.drop(columns=dropped) if dropped else table


def by_hand(
    entity: str, rows: pd.DataFrame, facts: Facts, judgement: Any, unwaived: pd.DataFrame
) -> Iterator[tuple[str, str, list[int]]]:
    """Row by row: (key, question, [applied, broken]) of each record and question that something applied to.

    ``unwaived``: the findings as they are without waivers and with every rule blocking, so that all that is broken is there.
    """
    keys = record_keys(ENTITIES[entity], rows)
    waived = {(waiver.rule, waiver.key) for waiver in facts.waivers if waiver.until >= facts.now.date()}
    broke = {(row.rule, row.key) for row in unwaived.itertuples()}
    for key in dict.fromkeys(keys):
        sums: dict[str, list[int]] = {}
        for rule in rules_for(entity, facts):
            if severity_of(rule, facts) == "hint" or not _applies(rule, key, keys, rows, facts, judgement):
                continue
            weight = facts.settings.get(rule.id, {}).get("weight", 1)
            is_broken = (rule.id, key) in broke and (rule.id, key) not in waived
            if weight:
                so_far = sums.get(rule.question, [0, 0])
                sums[rule.question] = [so_far[0] + weight, so_far[1] + weight * is_broken]
        yield from ((key, question, sum_) for question, sum_ in sums.items())


def _applies(rule: Rule, key: str, keys: pd.Series, rows: pd.DataFrame, facts: Facts, judgement: Any) -> bool:
    if rule.id in judgement.broken_rules or rule.applies_to is None:
        return True
    full = gate._completed(ENTITIES[rule.entity], rows, rules_for(rule.entity, facts))
    return any(
        bool(rule.applies_to(full.iloc[[number]], facts).iloc[0]) for number in range(len(rows)) if keys[number] == key
    )


@settings(max_examples=10, deadline=None)  # Great Expectations judges each of them twice
@given(frames(), WEIGHTS, SEVERITIES, st.data())
def test_the_tallies_are_those_of_counting_row_by_row(
    gate_context: Context, drawn: tuple[str, pd.DataFrame], weights: Any, severities: Any, data: st.DataObject
) -> None:
    name, rows = drawn
    entity, known = ENTITIES[name], load_facts(gate_context)
    own = [rule.id for rule in rules_for(name, known)]
    keys = sorted(set(record_keys(entity, rows)))
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(own), st.sampled_from([*keys, "nobody"])), max_size=6))
    days = [date(2026, 11, 22), date(2026, 11, 23), date(2027, 1, 1)]
    waivers = tuple(Waiver(rule, key, data.draw(st.sampled_from(days))) for rule, key in pairs)
    chosen: dict[str, dict[str, Any]] = {rule: {"weight": weight} for rule, weight in weights.items()}
    for rule, severity in severities.items():
        chosen.setdefault(rule, {})["severity"] = severity
    facts = dataclasses.replace(known, settings=chosen, waivers=waivers)
    blocking = {rule: {**chosen.get(rule, {}), "severity": "block"} for rule in own}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "load_facts", lambda _: dataclasses.replace(known, settings=blocking))
        unwaived = gate.judge(entity, rows, gate_context).findings
        patch.setattr(gate, "load_facts", lambda _: facts)
        judgement = gate.judge(entity, rows, gate_context)
    assert list(judgement.questions["key"]) == list(dict.fromkeys(record_keys(entity, rows)))
    told = {
        (row.key, question): sums
        for row in judgement.questions.itertuples()
        for question, sums in json.loads(row.questions).items()
    }
    assert told == {(key, question): sums for key, question, sums in by_hand(name, rows, facts, judgement, unwaived)}


def test_a_language_is_a_record_of_its_own(gate_context: Context) -> None:
    rows = frame("product_text", [{"language": "nl"}, {"language": "fr", "name": ""}])
    questions = gate.judge(ENTITIES["product_text"], rows, gate_context).questions.set_index("key")
    assert list(questions["language"]) == ["nl", "fr"]
    assert json.loads(questions["questions"]["nl:TEL-1"])["name"][1] == 0
    assert json.loads(questions["questions"]["fr:TEL-1"])["name"][1] > 0


def test_a_rule_that_can_not_run_is_broken_by_every_record(gate_context: Context) -> None:
    rows = frame("product", [{"sku": "A"}, {"sku": "B"}]).drop(columns="weight_kg")
    judgement = gate.judge(ENTITIES["product"], rows, gate_context)
    for text in judgement.questions["questions"]:
        applied, broken = json.loads(text)["weight"]
        assert applied == broken > 0


def test_a_waived_finding_counts_as_kept_and_a_hint_never(
    gate_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = frame("product", [{"brand": ""}])
    known = load_facts(gate_context)

    def brand(**changed: Any) -> list[int] | None:
        monkeypatch.setattr(gate, "load_facts", lambda _: dataclasses.replace(known, **changed))
        text = gate.judge(ENTITIES["product"], rows, gate_context).questions["questions"].iloc[0]
        sums: list[int] | None = json.loads(text).get("brand")
        return sums

    others = {rule.id: {"enabled": False} for rule in RULES.values() if rule.id != "brand_missing"}
    assert brand(settings=others) == [1, 1]
    assert brand(settings={**others, "brand_missing": {"weight": 3}}) == [3, 3]
    assert brand(settings=others, waivers=(Waiver("brand_missing", "TEL-1", date(2026, 11, 23)),)) == [1, 0]
    assert brand(settings=others, waivers=(Waiver("brand_missing", "TEL-1", date(2026, 11, 22)),)) == [1, 1]
    assert brand(settings={**others, "brand_missing": {"severity": "hint"}}) is None
    assert brand(settings={**others, "brand_missing": {"weight": 0}}) is None


OUTCOMES = st.lists(
    st.builds(
        Outcome,
        st.sampled_from(["name", "photos", "stock"]),
        st.integers(0, 1000),
        st.none() | st.lists(st.integers(0, 7), max_size=8),
        st.none() | st.lists(st.integers(0, 7), max_size=8),
        st.sets(st.sampled_from(["A", "B", "C", "nobody"])),
    ),
    max_size=8,
)


@given(st.lists(st.sampled_from("ABC"), min_size=8, max_size=8), OUTCOMES)
def test_sums_are_those_of_adding_up_one_by_one(keys: list[str], outcomes: list[Outcome]) -> None:
    expected: dict[str, dict[str, list[int]]] = {key: {} for key in keys}
    for one in outcomes:
        for key, sums in expected.items():
            numbers = {number for number in range(8) if keys[number] == key}
            applied = one.applied is None or numbers & set(one.applied)
            broke = (one.broke is None or numbers & set(one.broke)) and key not in one.accepted
            so_far = sums.get(one.question, [0, 0])
            sums[one.question] = [so_far[0] + one.weight * bool(applied), so_far[1] + one.weight * bool(broke)]
    found = tallies(pd.Series(keys), None, outcomes)
    assert {row.key: json.loads(row.questions) for row in found.itertuples()} == {
        key: {question: two for question, two in sums.items() if two[0]} for key, sums in expected.items()
    }


def test_a_rule_that_applies_to_nobody_is_left_out() -> None:
    keys = pd.Series(["A", "A", "B"])
    found = tallies(keys, None, [Outcome("name", 2, [1], [1]), Outcome("photos", 1, [2], [])])
    assert found.to_dict("records") == [
        {"key": "A", "language": "", "questions": '{"name": [2, 2]}'},
        {"key": "B", "language": "", "questions": '{"photos": [1, 0]}'},
    ]


def test_without_any_rule_nothing_was_asked() -> None:
    assert list(tallies(pd.Series(["A", "B"]), None, [])["questions"]) == ["{}", "{}"]


def test_the_version_of_the_rules_changes_with_their_settings_and_not_with_waivers(gate_context: Context) -> None:
    facts = load_facts(gate_context)
    version = rules_version(facts)
    assert len(version) == 12
    assert version == rules_version(load_facts(gate_context))
    assert version == rules_version(dataclasses.replace(facts, waivers=(Waiver("price_zero", "A", date(2027, 1, 1)),)))
    others = [
        dataclasses.replace(facts, settings={"price_zero": {"weight": 2}}),
        dataclasses.replace(facts, lists={"blocked": {"all": ["weg"]}}),
        dataclasses.replace(facts, weights={**facts.weights, "name": 19, "stock": 11}),
        dataclasses.replace(facts, properties={"color": {}}),
        dataclasses.replace(facts, assortment=type(facts.assortment)({"TEL": {"needs_weight": False}})),
    ]
    assert len({version, *map(rules_version, others)}) == len(others) + 1


def test_a_judgement_tells_the_version_of_its_rules(gate_context: Context) -> None:
    rows = frame("product", [{}])
    judged = gate.judge(ENTITIES["product"], rows, gate_context).rules_version
    assert judged == rules_version(load_facts(gate_context))
    assert gate.judge(ENTITIES["product"], rows.head(0), gate_context).rules_version == judged
