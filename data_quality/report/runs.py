"""The small print: the latest runs and whether they add up, the rules and how much of each people waive, and the waivers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import func, select

from data_quality.catalogue import RULES, severity_of
from data_quality.facts import Facts
from data_quality.report.model import RuleLine, RunLine, WaiverLine
from koppel.ledger import Ledger
from koppel.ledger_quality import override, waiver

DOUBTFUL_SHARE = 0.2
DOUBTFUL_FROM = 5
"""A rule of which people waive more than that share, and at least so many findings, is to be softened."""

_COUNTS = ("read", "unchanged", "delivered", "held_back", "failed")


def latest_runs(ledger: Ledger, target: str) -> list[dict[str, Any]]:
    """The latest run of each flow to a target that has ended, or waits for a person; dry runs are none."""

    def build(schema: Any) -> Any:
        run = schema.run.c
        ended = (run.target == target, run.is_dry_run.is_(False), run.ended_at.is_not(None))
        return select(schema.run).where(*ended).distinct(run.flow).order_by(run.flow, run.started_at.desc(), run.run_id)

    return ledger.rows(build)


def run_lines(runs: Sequence[Mapping[str, Any]]) -> tuple[RunLine, ...]:
    """One line per run and entity; a run that ended before it could count is one line of nothing, with how it ended."""
    return tuple(_line(run, entity, counts) for run in runs for entity, counts in (run["counts"] or {"": {}}).items())


def _line(run: Mapping[str, Any], entity: str, counts: Any) -> RunLine:
    known = counts if isinstance(counts, dict) else {}
    read, unchanged, delivered, held_back, failed = (int(known.get(name) or 0) for name in _COUNTS)
    return RunLine(
        run["flow"], entity, run["run_id"], run["status"], run["started_at"], run["ended_at"],
        read, unchanged, delivered, held_back, failed,
    )  # fmt: skip


def began(runs: Sequence[Mapping[str, Any]]) -> dict[str, datetime]:
    """Per entity when the latest run that brought it began."""
    return {entity: run["started_at"] for run in runs for entity in run["counts"] or {}}


def waivers(ledger: Ledger, target: str, from_config: Sequence[Mapping[str, Any]], day: date) -> tuple[WaiverLine, ...]:
    """What people accept as it is on a day: in work lists and in config/rules.toml, what ends first first."""
    c = waiver.c
    rows = ledger.rows(
        lambda _: select(c.rule, c.key, c.until, c.reason, c.author).where(
            c.target == target, c.state == "active", c.until >= day
        )
    )
    lines = [WaiverLine(row["rule"], row["key"], row["until"], row["reason"], row["author"]) for row in rows]
    lines += [
        WaiverLine(one["rule"], one["key"], one["until"], one.get("reason", ""), one.get("by", ""))
        for one in from_config
        if one["until"] >= day
    ]
    return tuple(sorted(set(lines), key=lambda line: (line.until, line.rule, line.key, line.by)))


def overrides(ledger: Ledger, target: str, day: date) -> int:
    """How many corrections stand in for the source on a day."""
    c = override.c
    where = (c.target == target, c.state == "active", c.until >= day)
    return int(ledger.rows(lambda _: select(func.count().label("count")).where(*where))[0]["count"])


def rule_lines(findings: pl.DataFrame, waived: Sequence[WaiverLine], facts: Facts) -> tuple[RuleLine, ...]:
    """Each rule that is on, and each that finds something although it is not there any more, in the order of the rules."""
    counts = dict(findings.group_by("rule").agg(pl.len()).iter_rows())
    severities = dict(findings.group_by("rule").agg(pl.col("severity").first()).iter_rows())
    on = [rule for rule in RULES if facts.settings.get(rule, {}).get("enabled", True)]
    keys = {(line.rule, line.key) for line in waived}
    per_rule: dict[str, int] = {}
    for rule, _ in keys:
        per_rule[rule] = per_rule.get(rule, 0) + 1
    return tuple(
        _rule_line(rule, counts.get(rule, 0), per_rule.get(rule, 0), severities.get(rule, ""), facts)
        for rule in dict.fromkeys([*on, *sorted(counts), *sorted(per_rule)])
    )


def _rule_line(rule_id: str, findings: int, waived: int, severity: str, facts: Facts) -> RuleLine:
    """Findings that are waived are not among the findings of the ledger."""
    rule = RULES.get(rule_id)
    question = rule.question if rule else ""
    is_doubtful = waived >= DOUBTFUL_FROM and waived > DOUBTFUL_SHARE * (findings + waived)
    return RuleLine(rule_id, question, severity_of(rule, facts) if rule else severity, findings, waived, is_doubtful)
