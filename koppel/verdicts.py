"""The second step of a run: one staged slice becomes entity records, each passed, held back or failed, with its reason."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
import polars as pl
import pyarrow as pa

from koppel import judgements
from koppel.changes import VERSION
from koppel.correcting import NOTHING_DECIDED, Decided, as_table, without_effect
from koppel.entities import Column, Entity
from koppel.judging import Context, Judge, Judgement, ReadFacts, Transform, Transformed, record_keys
from koppel.overrides import Corrected, correct
from koppel.target import Record

Verdict = Literal["passed", "held back", "failed"]

VERDICTS = pa.schema(
    [
        ("key", pa.string()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("source_version", pa.int64()),
        ("fingerprint", pa.string()),
        ("record", pa.string()),  # JSON
        ("modified_at", pa.timestamp("us", tz="UTC")),
    ]
)
"""One row per record of a slice; ``record`` and ``fingerprint`` are there for passed records only."""

FINDINGS = pa.schema([(name, pa.string()) for name in ("key", "language", "rule", "severity", "value", "reason")])


@dataclass(frozen=True, slots=True)
class Steps:
    """What a slice goes through: the functions that the registry found, and what they may know."""

    transform: Transform
    gate: Judge
    context: Context
    reader: ReadFacts | None = None
    media_root: Path | None = None
    not_owned: frozenset[str] = frozenset()
    """Columns that another system masters: judged, never sent."""
    decided: Decided = NOTHING_DECIDED
    """Corrections of records of the slice, which stand in for what the source says."""


class Slice(NamedTuple):
    """What came of a slice: tables of ``VERDICTS``, ``FINDINGS``, ``judgements.JUDGEMENTS`` and ``correcting.DECIDED``."""

    verdicts: pa.Table
    findings: pa.Table
    judgements: pa.Table
    decided: pa.Table


def judge_slice(
    entity: Entity, raw: pl.DataFrame, twice: Iterable[str], steps: Steps, previous: pd.DataFrame | None = None
) -> Slice:
    """Verdicts, findings and judgements of a staged raw frame (its columns, ``_key`` and ``_version``).

    ``twice``: keys that the source holds more than once; they are left out here and failed by the plan.
    ``previous``: columns ``key`` and ``previous_*``: what the target was last sent.
    """
    raw = raw.filter(~pl.col("_key").is_in(list(twice)))
    versions = dict(zip(raw["_key"].to_list(), raw[VERSION].to_list(), strict=True))
    has_key = raw.filter(~pl.col("_key").str.starts_with("(no key) "))
    transformed, corrected = _transform(entity, has_key, steps)
    frame = transformed.frame
    if previous is not None:
        frame = _with_previous(frame, previous)
    judgement = steps.gate(entity, frame.drop(columns="_key"), steps.context)
    verdicts = _verdicts(entity, frame, transformed, judgement, versions, steps)
    fit_to_judge = {row["key"] for row in verdicts if row["verdict"] != "failed"}
    judged = frame[frame["_key"].isin(fit_to_judge)]
    met = corrected.met if corrected else ()
    kept = judgements.rows(entity, judged, _as_in_source(judged, corrected), judgement, steps.not_owned)
    found = _findings(judgement, without_effect(entity, met, steps.not_owned))
    return Slice(pa.Table.from_pylist(verdicts, schema=VERDICTS), found, kept, as_table(steps.decided.seen, met))


def _transform(entity: Entity, raw: pl.DataFrame, steps: Steps) -> tuple[Transformed, Corrected | None]:
    """The entity frame with ``_key``, made of rows in which corrections stand for what the source says."""

    def transform(rows: pd.DataFrame) -> Transformed:
        made = steps.transform(entity, rows, steps.context)
        return Transformed(made.frame.assign(_key=record_keys(entity, made.frame)), made.failures)

    frame = raw.drop("_key", VERSION).to_pandas(types_mapper=_pandas_type)
    if steps.reader is not None and steps.media_root is not None:
        frame = steps.reader(entity, frame, steps.media_root)
    if not steps.decided.overrides:
        return transform(frame), None
    corrected = correct(frame, raw["_key"].to_list(), steps.decided.overrides, transform)
    return transform(corrected.raw), corrected


def _as_in_source(frame: pd.DataFrame, corrected: Corrected | None) -> pd.DataFrame:
    """An entity frame with corrected records as they are without their corrections."""
    if corrected is None:
        return frame
    keys = {one.override.key for one in corrected.met}
    return pd.concat([frame[~frame["_key"].isin(keys)], corrected.source.frame], ignore_index=True)


def _pandas_type(arrow: pa.DataType) -> Any:
    """Text as pandas ``str``: measured 3 times faster in the gate than object columns."""
    is_text = pa.types.is_string(arrow) or pa.types.is_large_string(arrow) or pa.types.is_string_view(arrow)
    return pd.StringDtype(na_value=float("nan")) if is_text or pa.types.is_null(arrow) else None


def _with_previous(frame: pd.DataFrame, previous: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=[name for name in previous if name != "key" and name in frame]).merge(
        previous.rename(columns={"key": "_key"}), on="_key", how="left"
    )


def _verdicts(
    entity: Entity,
    frame: pd.DataFrame,
    transformed: Transformed,
    judgement: Judgement,
    versions: dict[str, int],
    steps: Steps,
) -> list[dict[str, Any]]:
    """One row per record; a record that neither the frame nor the failures name is failed too, and says so."""
    failed = {key: _plain(reason) for key, reason in transformed.failures[["key", "reason"]].itertuples(index=False)}
    blocked = _blocked(judgement)
    records = dict(_records(entity, frame, steps.not_owned))
    modified = _newest_per_record(frame)
    ignored = entity.not_compared
    rows = []
    for key, version in versions.items():
        row: dict[str, Any] = {"key": key, "source_version": version, "reason": "", "modified_at": modified.get(key)}
        if key in failed or key not in records:
            lost = "It has no key, so nobody can say which record it is." if key.startswith("(no key) ") else ""
            row |= {"verdict": "failed", "reason": failed.get(key) or lost or "The transformer gave no row for it."}
        elif key in blocked:
            row |= {"verdict": "held back", "reason": blocked[key]}
        elif entity.many and not records[key]["rows"]:
            row |= {"verdict": "held back", "reason": "Nothing of it can be used; its findings say why."}
        else:
            # What is only for the creation, or only explains, is no part of the fingerprint: a change of it sends nothing.
            record = canonical(records[key])
            is_all = not any(name in records[key] for name in ignored)
            sent = record if is_all else canonical({n: v for n, v in records[key].items() if n not in ignored})
            row |= {"verdict": "passed", "record": record, "fingerprint": fingerprint(sent)}
        rows.append(row)
    return rows


def _blocked(judgement: Judgement) -> dict[str, str]:
    """Per record the reasons of its blocking findings, in one sentence after the other."""
    findings = judgement.findings
    reasons: dict[str, dict[str, None]] = {}
    for key, reason in findings.loc[findings["severity"] == "block", ["key", "reason"]].itertuples(index=False):
        reasons.setdefault(key, {})[str(reason)] = None
    return {key: " ".join(texts) for key, texts in reasons.items()}


def _records(entity: Entity, frame: pd.DataFrame, not_owned: frozenset[str]) -> Iterable[tuple[str, Record]]:
    """What a target would receive: only columns that are sent, owned by the source and filled."""
    present = [str(name) for name in frame.columns]
    sent = [name for name in entity.names("sent", present) if name not in not_owned]
    sent += entity.names("first", present) + entity.names("told", present)
    key_columns = list(entity.key)
    if not entity.many:
        yield from zip(frame["_key"], _rows(entity, frame, key_columns + sent), strict=True)
        return
    usable = frame[frame["is_usable"].fillna(value=False).astype(bool)] if "is_usable" in frame else frame
    grouped: dict[str, list[Record]] = {key: [] for key in frame["_key"]}
    for key, row in zip(usable["_key"], _rows(entity, usable, sent), strict=True):
        grouped[key].append(row)
    firsts = frame.drop_duplicates("_key")
    for key, values in zip(firsts["_key"], _rows(entity, firsts, key_columns), strict=True):
        yield key, {**values, "rows": grouped[key]}


def _rows(entity: Entity, frame: pd.DataFrame, names: list[str]) -> Iterable[Record]:
    columns = [_json_values(frame[name], entity.column(name)) for name in names]
    for values in zip(*columns, strict=True):
        yield {name: value for name, value in zip(names, values, strict=True) if value is not None and value != ""}


def _json_values(column: "pd.Series[Any]", declared: Column | None) -> list[Any]:
    """A column as JSON values, None where it holds nothing; money as text, so that no cent is rounded."""
    values = column.astype(object).where(column.notna(), None).tolist()
    dtype = declared.dtype if declared else "text"
    if dtype == "money":
        return [None if value is None else _money(value) for value in values]
    if dtype == "integer":
        return [None if value is None else int(value) for value in values]
    if dtype == "number":
        return [None if value is None else float(value) for value in values]
    if dtype == "time":
        return [None if value is None else value.isoformat() for value in values]
    return values


def _money(value: Any) -> str:
    """A Decimal in plain notation without trailing zeros: 12.50 and 12.5 are the same price."""
    return format(Decimal(str(value)).normalize(), "f")


def _newest_per_record(frame: pd.DataFrame) -> dict[str, Any]:
    if "modified_at" not in frame or frame.empty:
        return {}
    newest = frame.groupby("_key")["modified_at"].max()
    return {str(key): None if pd.isna(value) else value.to_pydatetime() for key, value in newest.items()}


def _findings(judgement: Judgement, more: Sequence[dict[str, str]]) -> pa.Table:
    columns = {
        name: [_plain(value) for value in judgement.findings[name].tolist()] + [one[name] for one in more]
        for name in FINDINGS.names
    }
    return pa.table(columns, schema=FINDINGS)


def _plain(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # noqa: PLR0124 (NaN is unequal to itself)


def canonical(record: Record) -> str:
    """The one JSON text of a record: equal records give equal texts."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(text: str) -> str:
    """The hash (128 bits, hex) of what we would send."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
