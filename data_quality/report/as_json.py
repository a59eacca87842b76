"""The report as JSON, for whoever makes something else of it: codes and figures, and each problem also in words."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
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
        **{
            name.name: _value(getattr(report, name.name), texts)
            for name in fields(report)
            if name.name not in _LEFT_OUT
        },
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _value(value: Any, texts: Texts) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        found = {name.name: _value(getattr(value, name.name), texts) for name in fields(value)}
        return found | _added(value, texts)
    if isinstance(value, Mapping):
        return {str(name): _value(item, texts) for name, item in value.items()}
    return [_value(item, texts) for item in value] if isinstance(value, list | tuple) else value


def _added(value: Any, texts: Texts) -> dict[str, Any]:
    """What a reader would otherwise have to work out."""
    if isinstance(value, Problem):
        return {"words": texts.reason(value)}
    if isinstance(getattr(value, "score", None), dict):
        return {"grade": {language: grade_of(score) for language, score in value.score.items()}}
    return {}
