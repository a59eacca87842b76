"""The two steps between reading and planning: what a transformer and a gate take and give."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from koppel.entities import Entity


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that a person accepts as correct: of this rule, for this ledger key. ``until``: the last day that holds."""

    rule: str
    key: str
    until: date


@dataclass(frozen=True, slots=True)
class Context:
    """What transformers and gates may know besides the rows: configuration, never a connection."""

    languages: tuple[str, ...]
    config_root: Path
    options: dict[str, Any] = field(default_factory=dict)
    """The section ``[transform]`` or ``[gate]`` of koppel.toml."""
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)
    docs_root: Path | None = None
    """Where the gate writes its technical appendix for this slice, and ``summary.json`` (``koppel.appendix``); None: nothing."""
    waivers: tuple[Waiver, ...] = ()
    """Findings about records of this entity that people accept as correct, besides those that configuration names."""


@dataclass(frozen=True, slots=True)
class Transformed:
    """An entity frame, and the records that could not become one.

    ``frame``: the entity's declared columns (``str``, ``Int64``, ``Float64``, ``boolean``, ``datetime64[us, UTC]``, Decimal
    objects for money), nulls as missing values. ``failures``: columns ``key`` (ledger key), ``reason`` (a sentence that
    says what is wrong with which value). A record stands in exactly one of the two.
    """

    frame: pd.DataFrame
    failures: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules found.

    ``findings``: one row per record, language and rule: ``key`` (ledger key), ``language`` (empty: every language), ``rule``,
    ``severity`` (block | improve | hint), ``value`` (what was found, at most 200 characters), ``reason`` (a sentence for a
    person). A record with a ``block`` is held back. ``broken_rules``: rules that could not run, with why; they count as failed.
    """

    findings: pd.DataFrame
    broken_rules: dict[str, str] = field(default_factory=dict)
    questions: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["key", "language", "questions"], dtype="str")
    )
    """One row per record: ``key``, ``language`` (as above) and ``questions``, JSON ``{question: [applied, broken]}``: the
    weights of the rules that block or improve and applied to the record, and of these the broken ones."""
    rules_version: str = ""
    """What changes when the rules or their settings do."""


Transform = Callable[[Entity, pd.DataFrame, Context], Transformed]
"""Raw frame (columns as the source named them, values as text or as the driver gave them) to entity frame; pure."""

Judge = Callable[[Entity, pd.DataFrame, Context], Judgement]
"""Entity frame to findings; pure but for the docs it writes."""


def record_keys(entity: Entity, frame: pd.DataFrame) -> "pd.Series[str]":
    """The ledger key of every row: ``koppel.entities.record_key``, by column."""
    keys = frame[entity.key[0]].astype("str")
    for name in entity.key[1:]:
        keys = keys.str.cat(frame[name].astype("str"), sep=":")
    return keys


ReadFacts = Callable[[Entity, pd.DataFrame, Path], pd.DataFrame]
"""Entity rows, or raw rows, and the media root to the same rows with facts of their files filled in (``koppel.readers``)."""
