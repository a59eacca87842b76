"""The gate: is each record fit for a customer? Every rule is judged by Great Expectations, every failure becomes a finding.

Rules that compare records (medians, shared names, shared barcodes) see the records of one call: a frame of a few changed
records can't show that one of them doubles a record that did not change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from data_quality.catalogue import RULES, rules_for, severity_of
from data_quality.facts import RULE_WEIGHT, Facts
from data_quality.rule import COULD_NOT_RUN, Rule, columns_of, missing_fields
from data_quality.settings import load_facts
from data_quality.tally import Outcome, tallies
from data_quality.validation import Part, Verdicts, validate
from data_quality.version import rules_version
from data_quality.words import plain
from koppel.entities import Entity
from koppel.judging import Context, Judgement, record_keys

COLUMNS = ("key", "language", "rule", "severity", "value", "reason")
LONGEST_VALUE = 200
MOST_VALUES = 3

_DERIVED = {"short_text_plain": "short_text", "long_text_plain": "long_text"}
"""Columns that rules see besides the entity's: HTML as a reader sees it."""

_DTYPES = {"text": "str", "integer": "Int64", "number": "Float64", "boolean": "boolean", "time": "datetime64[us, UTC]"}


@dataclass(frozen=True, slots=True)
class _Case:
    """What one call is about. ``waived``: per rule the keys of records for which it is accepted today."""

    entity: Entity
    rows: pd.DataFrame
    keys: "pd.Series[str]"
    facts: Facts
    waived: Mapping[str, set[str]]

    @property
    def languages(self) -> "pd.Series[str] | None":
        """The language of each row, where each language is a record of its own."""
        return self.rows["language"] if "language" in self.entity.key else None


def check(context: Context) -> str:
    """What the configuration of the rules says, in a few words. Raises ConfigError that names each mistake with its line."""
    facts = load_facts(context)
    on = sum(1 for rule in RULES if facts.settings.get(rule, {}).get("enabled", True))
    return f"{on} rules judge, {len(RULES) - on} are switched off, {len(facts.waivers)} waivers"


def judge(entity: Entity, frame: pd.DataFrame, context: Context) -> Judgement:
    """Entity frame to findings, to what each question got of each record, and to the rules that could not run.

    A rule can't run when a column that it needs is missing or when it raises. Then it counts as failed: if it blocks, every
    record of the frame is held back with that reason. Writes Data Docs when ``context.docs_root`` is set.
    """
    facts = load_facts(context)
    rules = rules_for(entity.name, facts)
    version = rules_version(facts)
    if frame.empty or not rules:
        return Judgement(_no_findings(), rules_version=version)
    rows = _completed(entity, frame.reset_index(drop=True), rules)
    present = list(rows.columns)
    broken = {rule.id: _absent(missing) for rule in rules if (missing := missing_fields(rule, present))}
    parts = list(_parts([rule for rule in rules if rule.id not in broken], rows, facts, broken))
    verdicts = validate(parts, facts)
    broken |= verdicts.broken
    case = _Case(entity, rows, record_keys(entity, rows), facts, _waived(facts))
    findings = _all_findings(case, verdicts, broken)
    if context.docs_root is not None:
        from data_quality.datadocs import write_data_docs  # noqa: PLC0415 (imports Great Expectations)

        write_data_docs(entity.name, verdicts.results, context.docs_root)
    questions = tallies(case.keys, case.languages, _outcomes(case, rules, parts, verdicts.failing, broken))
    return Judgement(findings, broken, questions, version)


def _absent(columns: list[str]) -> str:
    return f"the source gives no {', '.join(columns)}"


def _completed(entity: Entity, rows: pd.DataFrame, rules: list[Rule]) -> pd.DataFrame:
    """Rows with the derived columns that rules ask for, and empty columns for what they only look at when it is there."""
    needed = {name for rule in rules for name in rule.columns}
    added = {name: plain(rows[base]) for name, base in _DERIVED.items() if name in needed and base in rows}
    optional = {name for rule in rules for name in rule.also if not name.endswith("*")}
    for name in sorted(optional - set(rows.columns) - set(added)):
        if (column := entity.column(name)) is not None:
            added[name] = pd.Series(None, index=rows.index, dtype=_DTYPES.get(column.dtype, "object"))
    return rows.assign(**added)


def _parts(rules: list[Rule], rows: pd.DataFrame, facts: Facts, broken: dict[str, str]) -> Iterator[Part]:
    """Rules with the rows that they apply to, rules about the same rows together."""
    groups: dict[object, list[Rule]] = {}
    for rule in rules:
        groups.setdefault(rule.applies_to, []).append(rule)
    for group in groups.values():
        applies_to = group[0].applies_to
        if applies_to is None:
            yield Part(rows, tuple(group))
            continue
        try:
            mask = applies_to(rows, facts)
        except Exception as error:  # noqa: BLE001 (whatever a rule does wrong, the other rules must still judge)
            broken |= {rule.id: f"{type(error).__name__}: {error}" for rule in group}
        else:
            if mask.any():
                yield Part(rows if mask.all() else rows[mask], tuple(group))


def _outcomes(
    case: _Case, rules: list[Rule], parts: list[Part], failing: Mapping[str, list[int]], broken: Mapping[str, str]
) -> Iterator[Outcome]:
    """What came of each rule that counts; one that could not run counts as broken by every record."""
    applied = {rule.id: part.rows.index for part in parts for rule in part.rules}
    for rule in rules:
        weight = case.facts.settings.get(rule.id, {}).get("weight", RULE_WEIGHT)
        if severity_of(rule, case.facts) == "hint" or (rule.id not in applied and rule.id not in broken):
            continue
        could_run = rule.id not in broken
        yield Outcome(
            rule.question,
            weight,
            applied[rule.id] if could_run else None,
            failing.get(rule.id, []) if could_run else None,
            case.waived.get(rule.id, ()),
        )


def _all_findings(case: _Case, verdicts: Verdicts, broken: dict[str, str]) -> pd.DataFrame:
    tables = []
    for rule_id, numbers in verdicts.failing.items():
        try:
            if rule_id not in broken:
                tables.append(_findings(case, RULES[rule_id], case.rows.loc[numbers]))
        except Exception as error:  # noqa: BLE001 (a rule that can't say what it found is broken too)
            broken[rule_id] = f"{type(error).__name__}: {error}"
    tables += [
        _held_back(case, rule, why) for rule, why in broken.items() if severity_of(RULES[rule], case.facts) == "block"
    ]
    findings = pd.concat(tables, ignore_index=True) if tables else _no_findings()
    return _without_waived(findings, case.waived)


def _findings(case: _Case, rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    """One finding per record: of a record of several rows the first few values are told."""
    facts = case.facts.for_rule(rule.options, rule.id)
    values = _shown(rule, rows, facts)
    keys = case.keys.loc[rows.index]
    if case.entity.many:
        per_record = values.groupby(keys.to_numpy(), sort=False).agg(_joined)
        keys, values = pd.Series(per_record.index), per_record.reset_index(drop=True)
    reasons = [rule.reason.format(value=value, **facts.options) for value in values]
    languages = "" if case.languages is None else case.languages.loc[rows.index]
    return _table(keys, languages, rule, case.facts, values, reasons)


def _shown(rule: Rule, rows: pd.DataFrame, facts: Facts) -> "pd.Series[str]":
    if callable(rule.shows):
        values = rule.shows(rows[columns_of(rule, list(rows.columns))], facts)
    else:
        column = rule.shows or rule.fields[0]
        values = rows[column] if column in rows else pd.Series("", index=rows.index)
    missing = values.isna()
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = pd.DatetimeIndex(values).strftime("%d/%m/%Y %H:%M UTC").to_series(index=values.index)
    elif pd.api.types.is_float_dtype(values.dtype):
        values = values.map(lambda value: f"{value:g}", na_action="ignore")
    text = values.astype("object").where(~missing, "").map(_told).astype("str")
    return text.str.slice(0, LONGEST_VALUE).str.replace(r"\s*[\r\n\t]\s*", " ", regex=True)


def _told(value: object) -> str:
    """A value as people write it: amounts with two places, more only where there are more."""
    if isinstance(value, Decimal):
        return format(value, ".2f") if value == round(value, 2) else format(value.normalize(), "f")
    return str(value)


def _joined(values: "pd.Series[str]") -> str:
    distinct = list(dict.fromkeys(values))
    more = f" and {len(distinct) - MOST_VALUES} more" if len(distinct) > MOST_VALUES else ""
    return (", ".join(distinct[:MOST_VALUES]))[: LONGEST_VALUE - len(more)] + more


def _held_back(case: _Case, rule_id: str, why: str) -> pd.DataFrame:
    """A rule that could not run holds back what it could not vouch for."""
    rule = RULES[rule_id]
    first = ~case.keys.duplicated()
    keys = case.keys[first]
    languages = "" if case.languages is None else case.languages[first]
    reason = f"The rule '{rule.title}' {COULD_NOT_RUN} {why}. Mend that, or switch {rule.id} off in rules.toml."
    return _table(keys, languages, rule, case.facts, "", reason)


def _table(keys: object, languages: object, rule: Rule, facts: Facts, values: object, reasons: object) -> pd.DataFrame:
    parts = [keys, languages, rule.id, severity_of(rule, facts), values, reasons]
    arrays = [part.to_numpy() if isinstance(part, pd.Series) else part for part in parts]
    return pd.DataFrame(dict(zip(COLUMNS, arrays, strict=True))).astype("str")


def _waived(facts: Facts) -> dict[str, set[str]]:
    waived: dict[str, set[str]] = {}
    for waiver in facts.waivers:
        if waiver.until >= facts.now.date():
            waived.setdefault(waiver.rule, set()).add(waiver.key)
    return waived


def _without_waived(findings: pd.DataFrame, waived: Mapping[str, set[str]]) -> pd.DataFrame:
    for rule, keys in waived.items():
        findings = findings[~(findings["rule"].eq(rule) & findings["key"].isin(keys))]
    return findings.reset_index(drop=True)


def _no_findings() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
