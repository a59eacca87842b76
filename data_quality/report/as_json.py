"""The report as JSON, for whoever makes something else of it: codes and figures, and each problem also in words."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

from data_quality.report.model import Problem, Report, grade_of
from data_quality.texts import Texts

FORMAT = "koppel quality report"
VERSION = 1
"""Counted up when a name changes or goes; new names may come at any time."""

_LEFT_OUT = {"cards"}
"""Texts as customers see them stand in the shop; they would make the file ten times as long."""


def render(report: Report, texts: Texts) -> str:
    """The report as JSON text: names as in ``data_quality.report.model``; amounts as text with two places, times as ISO 8601.

    ``words`` of a problem is its sentence in the language of ``texts``; ``grade`` stands beside every score.
    """
    values = {
        "format": FORMAT,
        "version": VERSION,
        "language": texts.language,
        **{name: value for name, value in _plain(texts, report).items() if name not in _LEFT_OUT},
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=partial(_plain, texts))


def _plain(texts: Texts, value: Any) -> Any:
    """What JSON has no form for, one level deep; the encoder asks again for what stands inside. Raises TypeError."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _names(type(value))} | _added(value, texts)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"The report holds a {type(value).__name__}, which JSON has no form for.")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def _added(value: Any, texts: Texts) -> dict[str, Any]:
    """What a reader would otherwise have to work out."""
    if isinstance(value, Problem):
        return {"words": texts.reason(value)}
    if isinstance(getattr(value, "score", None), dict):
        return {"grade": {language: grade_of(score) for language, score in value.score.items()}}
    return {}
