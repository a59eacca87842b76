"""The dry run of a work list: what would come of each line that a person filled in, and why."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from data_quality.catalogue import RULES
from data_quality.messages import marked
from data_quality.report.model import Problem
from data_quality.worklist.choices import Choices
from data_quality.worklist.read import Filled
from data_quality.worklist.rehearsal import Judged, Rehearsal, looks_at
from data_quality.worklist.rows import cells_of, place_parts
from data_quality.worklist.said import Said, Sentence, Why, say
from data_quality.worklist.standing import Record, Standing
from data_quality.worklist.typed import typed
from koppel.corrections import Correction, Decision, Sheet, Waived

Outcome = Literal["accepted", "conflict", "rejected", "unchanged"]

_LONGEST_REASON = 1_000
_LONGEST_NAME = 100
_WORDS = 2
"""So many words at least say why something is correct."""
_ROUNDS = 3
"""How often the values that remain are judged again without those that were rejected."""


@dataclass(frozen=True, slots=True)
class Line:
    """What would come of one line. ``why``: sentences; ``value``: what would stand there; ``author``: who filled it in."""

    filled: Filled
    outcome: Outcome
    why: tuple[Sentence, ...] = ()
    value: str = ""
    author: str = ""
    decisions: tuple[Decision, ...] = ()

    @property
    def entity(self) -> str:
        """Of which kind the record is."""
        return self._parts[0]

    @property
    def key(self) -> str:
        """The record's ledger key."""
        return self._parts[1]

    @property
    def field(self) -> str:
        """The field, or ``:`` and a question."""
        return self._parts[2]

    @property
    def _parts(self) -> tuple[str, str, str]:
        return place_parts(self.filled.place) or ("", "", "")


@dataclass(frozen=True, slots=True)
class Handed:
    """What a work list said of one line when it was handed out."""

    digest: str
    rules: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Handed":
        """From the ledger: the hash and the rules, with spaces between."""
        digest, *rules = text.split(" ")
        return cls(digest, tuple(rules))

    def text(self) -> str:
        """For the ledger."""
        return " ".join((self.digest, *self.rules))


@dataclass(frozen=True, slots=True)
class Check:
    """Decides line by line. ``who``: sent the list back; ``days``: how long a correction, and an acceptance, holds."""

    standing: Standing
    rehearsal: Rehearsal
    choices: Choices
    who: str
    override_days: int
    waiver_days: int
    now: datetime
    properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def lines(self, sheet: Sheet, filled: Iterable[Filled]) -> list[Line]:
        """What would come of lines of one sheet, in their order; those that are empty are left out."""
        early = [self._early(sheet, one) for one in _once(filled)]
        waived = {
            (one.entity, one.key, one.rule) for line in early for one in line.decisions if isinstance(one, Waived)
        }
        return self._judged(early, waived)

    def _early(self, sheet: Sheet, filled: Filled) -> Line:
        """What can be said without the rules; a new value that nothing speaks against so far is ``accepted``."""
        author = _short(filled.done_by or self.who, _LONGEST_NAME)
        line = Line(filled, "rejected", value=filled.new, author=author)
        handed = Handed.of(sheet.rows[filled.place])
        if filled.wrong:
            return replace(line, why=(filled.wrong,))
        if (line.entity, line.key) not in self.standing.facts:
            return replace(line, why=(say(marked("We do not have this product any more. Nothing can be mended.")),))
        if filled.new and filled.because:
            why = marked("It has a new value and a reason why nothing is wrong. Keep one of the two.")
            return replace(line, why=(say(why),))
        return self._waiver(sheet, line, handed) if filled.because else self._value(sheet, line, handed)

    def _value(self, sheet: Sheet, line: Line, handed: Handed) -> Line:
        if line.field.startswith(":"):
            return replace(line, why=(say(marked("Nothing can be filled in here. Mend it where it is kept.")),))
        value = typed(line.field, line.filled.new, self.choices)
        if isinstance(value, Said):
            return replace(line, why=(value,))
        place = (line.entity, line.key, line.field)
        if value in {self.standing.shown(*place), self.standing.source(*place)}:
            return replace(line, outcome="unchanged", value=value, why=(say(marked("This stands there already.")),))
        if moved := self._moved(line, handed):
            return replace(line, outcome="conflict", value=value, why=(moved,))
        titles = " ".join(f"{RULES[rule].title}." for rule in handed.rules if rule in RULES)
        decision = Correction(
            *place, value, self.standing.source(*place) or "", self._signed(titles or "From a work list.", line),
            self._until(sheet, self.override_days),
        )  # fmt: skip
        return replace(line, outcome="accepted", value=value, decisions=(decision,))

    def _waiver(self, sheet: Sheet, line: Line, handed: Handed) -> Line:
        reason = " ".join(line.filled.because.split())
        if len(re.findall(r"\w{2,}", reason)) < _WORDS:
            why = marked("Write in a few words why this is correct, so that others understand it later.")
            return replace(line, why=(say(why),))
        if len(reason) > _LONGEST_REASON:
            return replace(
                line,
                why=(say(marked("The reason is longer than {most} characters. Shorten it."), most=_LONGEST_REASON),),
            )
        record = (line.entity, line.key)
        if all((*record, rule) in self.standing.waived for rule in handed.rules):
            return replace(line, outcome="unchanged", why=(say(marked("This is accepted as correct already.")),))
        found = {problem.rule for problem in self.standing.found.get(record, ())}
        rules = [rule for rule in handed.rules if rule in found and (*record, rule) not in self.standing.waived]
        if not rules:
            return replace(line, outcome="unchanged", why=(say(marked("Nothing is wrong here any more.")),))
        if moved := self._moved(line, handed):
            return replace(line, outcome="conflict", why=(moved,))
        until = self._until(sheet, self.waiver_days)
        decisions = tuple(Waived(*record, rule, self._signed(reason, line), until) for rule in rules)
        return replace(line, outcome="accepted", decisions=decisions)

    def _signed(self, reason: str, line: Line) -> str:
        """A reason, with who sent the list where that is not who filled it in: anybody can write any name in a cell."""
        return reason if line.author == self.who else f"{reason} (Sent back by {self.who}.)"

    def _until(self, sheet: Sheet, days: int) -> Any:
        """Counted from the day on which the list first came back, so that the same list once more says the same."""
        return ((sheet.returned_at or self.now) + timedelta(days=days)).date()

    def _moved(self, line: Line, handed: Handed) -> Said | None:
        """What stands there now, where it is not what the person saw."""
        place = (line.entity, line.key, line.field)
        if self.standing.digest(*place) == handed.digest:
            return None
        now = self.standing.shown(*place)
        if now is None:
            return say(marked("The source changed since the list was made, and nothing is wrong here now."))
        if not now:
            return say(marked("What stands there changed since the list was made. It is empty now."))
        return say(marked("What stands there changed since the list was made. It is now “{value}”."), value=now)

    # --- the rules ----------------------------------------------------------------------------------------------------

    def _judged(self, lines: list[Line], waived: set[tuple[str, str, str]]) -> list[Line]:
        """The lines after the rules spoke; without those that they reject, the others are judged again."""
        for _ in range(_ROUNDS):
            new = _new_values(lines)
            if not new:
                return lines
            judged = self.rehearsal.judge(self.standing, new, waived)
            after = [self._after(line, judged) if _is_value(line) else line for line in lines]
            rejected = {(b.entity, b.key) for a, b in zip(lines, after, strict=True) if a.outcome != b.outcome}
            lines = after
            if not any((line.entity, line.key) in rejected for line in lines if _is_value(line)):
                return lines
        return lines

    def _after(self, line: Line, judged: Judged) -> Line:
        record = (line.entity, line.key)
        if record in judged.failed:
            why = say(marked("The record can't be read with this value: {reason}"), reason=judged.failed[record])
            return replace(line, outcome="rejected", why=(why,), decisions=())
        found = [one for one in judged.found.get(record, ()) if looks_at(RULES[one.rule], line.field)]
        wrong = [one for one in found if self._speaks_against(line, one)]
        if wrong:
            return replace(line, outcome="rejected", why=tuple(map(Why, wrong)), decisions=())
        remarks = [one for one in found if one.severity != "hint" and (self._is_about(line, one) or self._is_new(one))]
        return replace(line, why=tuple(map(Why, remarks)))

    def _speaks_against(self, line: Line, problem: Problem) -> bool:
        """What keeps the product out, or what was wrong before and still is."""
        if problem.severity == "block" and self._is_new(problem):
            return True
        return self._is_about(line, problem) and (
            problem.severity == "block" or (problem.severity == "improve" and not self._is_new(problem))
        )

    def _is_about(self, line: Line, problem: Problem) -> bool:
        fields = {**self.standing.values.get((line.entity, line.key), {}), line.field: ""}
        return line.field in cells_of(problem, fields, self.properties)

    def _is_new(self, problem: Problem) -> bool:
        before = self.standing.found.get((problem.entity, problem.key), ())
        return problem.rule not in {one.rule for one in before}


def _is_value(line: Line) -> bool:
    return line.outcome == "accepted" and not line.filled.because


def _new_values(lines: Iterable[Line]) -> dict[Record, dict[str, str]]:
    new: dict[Record, dict[str, str]] = {}
    for line in lines:
        if _is_value(line):
            new.setdefault((line.entity, line.key), {})[line.field] = line.value
    return new


def _once(filled: Iterable[Filled]) -> list[Filled]:
    """Lines with something in them; of a line that stands there twice nothing is taken, unless both say the same."""
    by_place: dict[str, list[Filled]] = {}
    for one in filled:
        if not one.is_empty:
            by_place.setdefault(one.place, []).append(one)
    chosen = []
    for together in by_place.values():
        first = together[0]
        if len({(one.new, one.because, one.wrong is None) for one in together}) > 1:
            lines = ", ".join(str(one.line) for one in together)
            why = say(
                marked("The same line stands there more than once, with different values: lines {lines}."), lines=lines
            )
            first = replace(first, wrong=why)
        chosen.append(first)
    return chosen


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
