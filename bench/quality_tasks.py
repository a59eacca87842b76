"""The measured tasks of (g) and (h), each in a process of its own: rules alone and together, scores, and the report."""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.worker import peak_mb, preload


def trade() -> dict[str, Any]:
    """Read the figures of trade into the ledger."""
    from koppel import trade as figures  # noqa: PLC0415
    from koppel.settings import Settings  # noqa: PLC0415

    return {"products": figures.refresh(Settings.load())}


class RulesWatch:
    """A gate that is Koppel's own, watched: how long it takes, how long each of its rules alone, and a rule of Great Expectations.

    ``busy``: of ``gate`` what the cores worked; ``alone``: per rule the seconds of it and nothing else on the same rows;
    ``half``: of the gate with half of them; ``not_null``: of Great Expectations' own not-null expectation on them, once per
    rule; ``extra``: what watching costs.
    """

    def __init__(self) -> None:
        self.gate = self.busy = self.half = self.not_null = self.extra = 0.0
        self.alone: dict[str, float] = defaultdict(float)
        self.checks = self.rows = 0

    def judge(self, entity: Any, frame: Any, context: Any) -> Any:
        """What the gate says of the frame."""
        from data_quality import gate  # noqa: PLC0415

        busy = time.process_time()
        verdict, seconds = _clocked(gate.judge, entity, frame, context)
        self.gate += seconds
        self.busy += time.process_time() - busy
        _, watching = _clocked(self._look_closer, entity, frame, context)
        self.extra += watching
        return verdict

    def _look_closer(self, entity: Any, frame: Any, context: Any) -> None:
        from data_quality import catalogue, gate, settings, validation  # noqa: PLC0415
        from data_quality.rule import missing_fields  # noqa: PLC0415

        self.half += _clocked(gate.judge, entity, frame.iloc[: len(frame) // 2], context)[1]
        facts = settings.load_facts(context)
        rules = catalogue.rules_for(entity.name, facts)
        rows = gate._completed(entity, frame.reset_index(drop=True), rules)
        rules = [one for one in rules if not missing_fields(one, list(rows.columns))]
        self.rows += len(rows)
        not_null = _not_null(rows[[entity.key[0]]])
        self.not_null += not_null * len(rules)
        for rule in rules:
            _, seconds = _clocked(lambda one=rule: validation.validate(gate._parts([one], rows, facts, {}), facts))
            self.alone[rule.id] += seconds
            self.checks += len(rows)


def rules(flows: list[str]) -> dict[str, Any]:
    """Judge all that these flows read; gives the seconds of the gate, of each rule alone, and of what they are compared with."""
    preload()
    from koppel import flow as engine  # noqa: PLC0415
    from koppel import registry  # noqa: PLC0415
    from koppel.run import Run  # noqa: PLC0415
    from koppel.window import Window  # noqa: PLC0415

    watch, step = RulesWatch(), 0.0
    _not_null_warm()
    with patch.object(registry, "gate", lambda _: watch.judge):
        for flow in flows:
            run_id = engine.begin(flow, Window(), trigger="bench")
            for entity in Run(run_id).entities:
                for piece in engine.extract(run_id, entity.name):
                    step += _clocked(engine.judge, run_id, piece)[1]
    return {
        "gate": watch.gate, "busy": watch.busy, "half": watch.half, "judge": step - watch.extra, "alone": dict(watch.alone),
        "not_null": watch.not_null, "checks": watch.checks, "rows": watch.rows, "peak_mb": peak_mb(),
    }  # fmt: skip


def _not_null(rows: Any) -> float:
    """Seconds that Great Expectations' own expectation takes to find no empty cell in a column, as its documentation runs it."""
    from great_expectations.expectations import ExpectColumnValuesToNotBeNull  # noqa: PLC0415

    from data_quality.validation import COMPLETE, _batches  # noqa: PLC0415

    batch = _batches().get_batch({"dataframe": rows})
    expectation = ExpectColumnValuesToNotBeNull(column=rows.columns[0])
    result, seconds = _clocked(lambda: batch.validate(expectation, result_format=COMPLETE))
    if not result.success:
        raise RuntimeError("A key is empty: nothing was measured.")
    return seconds


def _not_null_warm() -> None:
    """Great Expectations' first validation of a process does what later ones need not."""
    import pandas as pd  # noqa: PLC0415

    from data_quality.validation import _hush  # noqa: PLC0415

    _hush()
    _not_null(pd.DataFrame({"key": ["1"]}))


def scores(days_ago: int) -> dict[str, Any]:
    """Write the scores of a day."""
    from data_quality import score_days  # noqa: PLC0415
    from koppel.ledger import Ledger  # noqa: PLC0415
    from koppel.settings import Settings  # noqa: PLC0415

    settings, at = Settings.load(), datetime.now(UTC) - timedelta(days=days_ago)
    rows, seconds = _clocked(score_days.write, Ledger.from_environment(), settings, "book", at)
    return {"rows": rows, "seconds": seconds, "peak_mb": peak_mb()}


def report() -> dict[str, Any]:
    """Build the report and publish it in all its languages; gives the seconds of each step and form, and the files' sizes."""
    from data_quality.report import as_json, html, making, store, workbook  # noqa: PLC0415
    from data_quality.report.build import build  # noqa: PLC0415
    from koppel.ledger import Ledger  # noqa: PLC0415
    from koppel.settings import Settings  # noqa: PLC0415

    settings = Settings.load()
    languages = making.chosen_languages(settings)
    built, seconds = _clocked(build, Ledger.from_environment(), settings, datetime.now(UTC), "book")
    after_build, forms = peak_mb(), defaultdict[str, float](float)
    with (
        patch.object(html, "render", _adding(forms, "html", html.render)),
        patch.object(as_json, "render", _adding(forms, "json", as_json.render)),
        patch.object(workbook, "write", _adding(forms, "xlsx", workbook.write)),
    ):
        published, writing = _clocked(store.publish, built, settings, languages)
    sizes = {path.name: path.stat().st_size / 1e6 for path in sorted(published.folder.iterdir())}
    return {
        "products": len(built.products), "problems": sum(len(one.problems) for one in built.products), "build": seconds,
        "build_peak_mb": after_build, "publish": writing, "forms": dict(forms), "languages": languages, "sizes": sizes,
        "folder": str(published.folder), "peak_mb": peak_mb(),
    }  # fmt: skip


def bare_workbook(file: str) -> dict[str, Any]:
    """Write the cells of a workbook again, with openpyxl's write-only mode and without any style; gives the seconds."""
    from openpyxl import Workbook, load_workbook  # noqa: PLC0415

    sheets = [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(file, read_only=True).worksheets]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        book = Workbook(write_only=True)
        for rows in sheets:
            sheet = book.create_sheet()
            for row in rows:
                sheet.append(row)
        book.save(Path(folder) / "bare.xlsx")
        return {"seconds": time.perf_counter() - started, "cells": sum(len(row) for rows in sheets for row in rows)}


def _clocked(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - started


def _adding(seconds: dict[str, float], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose seconds are added up under a name."""

    def clocked(*arguments: Any) -> Any:
        result, took = _clocked(function, *arguments)
        seconds[name] += took
        return result

    return clocked
