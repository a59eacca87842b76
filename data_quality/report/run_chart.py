"""What the latest runs did, flow by flow, for the part of the HTML report that tells what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from data_quality.report.charts import Bar
from data_quality.report.model import Report, RunLine
from data_quality.texts import Texts

_PARTS = (("ok", "delivered"), ("none", "unchanged"), ("block", "held_back"), ("failed", "failed"))


@dataclass(frozen=True, slots=True)
class Flow:
    """The latest run of a flow. ``counts``: its figures in words, what is nothing left out; the bar tells no more than these."""

    name: str
    when: str
    status: str
    is_amiss: bool
    counts: tuple[str, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class RunChart:
    """The runs, below the sentence that they prove."""

    title: str
    flows: tuple[Flow, ...]


def run_chart(report: Report, texts: Texts) -> RunChart | None:
    """A bar per flow: delivered, unchanged, held back, failed; None: no run is known."""
    if not report.runs:
        return None
    by_run = [list(lines) for _, lines in groupby(report.runs, key=lambda line: (line.flow, line.run_id))]
    return RunChart(_title(report.runs, texts), tuple(_flow(lines, texts) for lines in by_run))


def _title(runs: Sequence[RunLine], texts: Texts) -> str:
    if _sum(runs, "read") and not _is_amiss(runs) and not _sum(runs, "held_back") + _sum(runs, "failed"):
        return texts.gettext("Everything that the latest runs read is in the shop.")
    return texts.gettext("The latest runs: {counts}.", counts=", ".join(_counts(runs, texts)))


def _flow(lines: Sequence[RunLine], texts: Texts) -> Flow:
    first = lines[0]
    return Flow(
        texts.flow(first.flow), texts.moment(first.started_at), texts.run_status(first.status), _is_amiss(lines),
        _counts(lines, texts), _bars(lines),
    )  # fmt: skip


def _is_amiss(lines: Sequence[RunLine]) -> bool:
    return any(line.status != "reconciled" or not line.adds_up for line in lines)


def _sum(lines: Sequence[RunLine], name: str) -> int:
    return sum(getattr(line, name) for line in lines)


def _counts(lines: Sequence[RunLine], texts: Texts) -> tuple[str, ...]:
    read, delivered, unchanged, held, failed = (
        _sum(lines, name) for name in ("read", "delivered", "unchanged", "held_back", "failed")
    )
    said = (
        (delivered, texts.ngettext("{n} delivered", "{n} delivered", delivered)),
        (unchanged, texts.ngettext("{n} unchanged", "{n} unchanged", unchanged)),
        (held, texts.ngettext("{n} held back", "{n} held back", held)),
        (failed, texts.ngettext("{n} failed", "{n} failed", failed)),
    )
    return (texts.ngettext("{n} read", "{n} read", read), *(words for count, words in said if count))


def _bars(lines: Sequence[RunLine]) -> tuple[Bar, ...]:
    """The parts of what is accounted for; in a run that does not add up, that is not what was read."""
    whole, bars, x = sum(_sum(lines, name) for _, name in _PARTS), [], 0.0
    for kind, name in _PARTS:
        if count := _sum(lines, name):
            bars.append(Bar(kind, x, 100 * count / whole))
            x += 100 * count / whole
    return tuple(bars)
