"""A work list comes back: first what would come of it, then, when a person says yes, what does. The same file twice is once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from data_quality.messages import marked
from data_quality.texts import Texts
from data_quality.worklist import answer
from data_quality.worklist.check import Check, Line, Outcome
from data_quality.worklist.choices import choices
from data_quality.worklist.options import Options
from data_quality.worklist.package import NotReadable
from data_quality.worklist.read import MOST_TOLD, Filled, read
from data_quality.worklist.rehearsal import Rehearsal
from data_quality.worklist.rows import place_parts
from data_quality.worklist.said import Said, say
from data_quality.worklist.standing import standing, with_products
from data_quality.worklist.waiting import Waiting, id_of
from koppel import corrections
from koppel.corrections import Decision, Sheet
from koppel.ledger import Ledger
from koppel.settings import Settings


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of a file. ``refusal``: why none of it can be read; then all else is empty.

    ``lines``: of what was filled in; ``empty``: lines in which nothing was; ``notices``: what else a person should know;
    ``accepted_before``: somebody said yes to this very file.
    """

    preview_id: str
    filename: str
    lines: tuple[Line, ...] = ()
    empty: int = 0
    notices: tuple[Said, ...] = ()
    refusal: Said | None = None
    sheets: tuple[Sheet, ...] = ()
    accepted_before: bool = False

    def of(self, outcome: Outcome) -> tuple[Line, ...]:
        """The lines with an outcome."""
        return tuple(line for line in self.lines if line.outcome == outcome)

    @property
    def accepted(self) -> tuple[Line, ...]:
        """What would count; ``why`` holds remarks."""
        return self.of("accepted")

    @property
    def conflicts(self) -> tuple[Line, ...]:
        """What is not taken because the source, or somebody else, changed it meanwhile."""
        return self.of("conflict")

    @property
    def rejected(self) -> tuple[Line, ...]:
        """What can't be taken, and why."""
        return self.of("rejected")

    @property
    def unchanged(self) -> tuple[Line, ...]:
        """What stands there already."""
        return self.of("unchanged")

    def sentence(self, texts: Texts) -> str:
        """The one line that says it: "142 accepted, 9 conflicts, 4 rejected"."""
        if self.refusal is not None:
            return self.refusal.text(texts)
        return texts.gettext(
            "{accepted} accepted, {conflicts} conflicts, {rejected} rejected",
            accepted=texts.number(len(self.accepted)), conflicts=texts.number(len(self.conflicts)),
            rejected=texts.number(len(self.rejected)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a file after a yes. ``is_repeat``: it had got one before, and nothing changed now.

    ``overrides``, ``waivers``: how many are new. ``answer``: the workbook of what remains; None: nothing does.
    """

    preview_id: str
    overrides: int
    waivers: int
    conflicts: int
    rejected: int
    answer: bytes | None = None
    answer_name: str = ""
    answer_sheet: str = ""
    is_repeat: bool = False
    refused: tuple[str, ...] = field(default=())
    """What the ledger would not take after all, in English; empty in all but odd cases."""

    def sentence(self, texts: Texts) -> str:
        """What happened, in one or two sentences."""
        if self.is_repeat:
            return texts.gettext("This very list was accepted before. Nothing changed.")
        return texts.gettext(
            "Accepted: {overrides} corrections and {waivers} lines that are correct. The next run brings them to the shop.",
            overrides=texts.number(self.overrides), waivers=texts.number(self.waivers),
        )  # fmt: skip


def preview(
    ledger: Ledger, settings: Settings, content: bytes, filename: str, who: str, now: datetime
) -> Preview:  # fmt: skip
    """What would come of a file, nothing changed but that it waits for a yes. Raises ConfigError, LedgerDown, OSError."""
    made = _preview(ledger, settings, content, filename, who, now)
    if made.refusal is None:
        Waiting.of(settings).keep(content, {"filename": filename, "who": who, "at": now.isoformat()}, now)
    return made


def confirm(ledger: Ledger, settings: Settings, preview_id: str, who: str, now: datetime) -> Result:
    """Take over what a preview showed, as things stand now; what changed meanwhile becomes a conflict and is not taken.

    The second time nothing changes. Raises ConfigError for a preview that waits no longer, LedgerDown, OSError.
    """
    waiting = Waiting.of(settings)
    content, about = waiting.content(preview_id), waiting.about(preview_id)
    if (before := waiting.done(preview_id)) is not None:
        return Result(
            preview_id, before["overrides"], before["waivers"], before["conflicts"], before["rejected"],
            waiting.answer(preview_id), before["answer_name"], before["answer_sheet"], is_repeat=True,
        )  # fmt: skip
    made = _preview(ledger, settings, content, about.get("filename", ""), about.get("who") or who, now)
    done = _accept(ledger, made, now)
    given = answer.answer(ledger, settings, made.lines, made.sheets, who, now)
    result = Result(
        preview_id, done.overrides, done.waivers, len(made.conflicts), len(made.rejected),
        given.content if given else None, given.filename if given else "", given.sheet_id if given else "",
        refused=tuple(why for _, why in done.refused),
    )  # fmt: skip
    outcome = {
        **about, "confirmed_by": who, "confirmed_at": now.isoformat(), "overrides": result.overrides, "waivers": result.waivers,
        "conflicts": result.conflicts, "rejected": result.rejected, "answer_name": result.answer_name,
        "answer_sheet": result.answer_sheet, "sheets": [sheet.sheet_id for sheet in made.sheets],
    }  # fmt: skip
    waiting.close(preview_id, content, outcome, result.answer)
    return result


def _preview(
    ledger: Ledger, settings: Settings, content: bytes, filename: str, who: str, now: datetime
) -> Preview:  # fmt: skip
    name = id_of(content)
    try:
        returned = read(content)
    except NotReadable as error:
        return Preview(name, filename, refusal=error.why)
    sheets, lines, strange = _handed_out(ledger, returned.lines)
    if not sheets:
        known = marked("This work list was not handed out here. Send the list that you got, or ask for a new one.")
        return Preview(name, filename, refusal=say(known))
    decided = [
        line for sheet in sheets.values() for line in _checked(ledger, settings, sheet, lines[sheet.sheet_id], who, now)
    ]
    notices = [*returned.notices, *strange]
    before = Waiting.of(settings).done(name) is not None
    if before:
        notices.append(say(marked("This very list was accepted before. Nothing changed.")))
    empty = sum(one.is_empty for together in lines.values() for one in together)
    ordered = tuple(sorted(decided, key=lambda line: line.filled.line))
    return Preview(name, filename, ordered, empty, tuple(notices), None, tuple(sheets.values()), before)


def _handed_out(
    ledger: Ledger, filled: Iterable[Filled]
) -> tuple[dict[str, Sheet], dict[str, list[Filled]], list[Said]]:  # fmt: skip
    """The work lists that lines are of, their lines, and what is said of lines that are of none."""
    known: dict[str, Sheet | None] = {}
    lines: dict[str, list[Filled]] = {}
    strange: list[Said] = []
    for one in filled:
        if one.sheet_id not in known:
            known[one.sheet_id] = corrections.sheet(ledger, one.sheet_id) if len(known) < MOST_TOLD else None
        sheet = known[one.sheet_id]
        if sheet is None or one.place not in sheet.rows:
            strange.append(
                say(
                    marked("Line {line} is not part of the list that was handed out. It was not read."),
                    line=str(one.line),
                )
            )
        else:
            lines.setdefault(one.sheet_id, []).append(one)
    if (more := len(strange) - MOST_TOLD) > 0:
        strange = [
            *strange[:MOST_TOLD],
            say(marked("{count} more lines are not part of it. They were not read."), count=more),
        ]
    return {name: sheet for name, sheet in known.items() if sheet is not None and name in lines}, lines, strange


def _checked(
    ledger: Ledger, settings: Settings, sheet: Sheet, filled: list[Filled], who: str, now: datetime
) -> list[Line]:  # fmt: skip
    records = {(parts[0], parts[1]) for one in filled if (parts := place_parts(one.place)) and not one.is_empty}
    if not records:
        return []
    options = Options.of(settings)
    check = Check(
        standing(ledger, sheet.target, with_products(records)), Rehearsal(ledger, settings, sheet.target, now),
        choices(ledger, settings, sheet.target), who, options.override_days, options.waiver_days, now, settings.properties,
    )  # fmt: skip
    return check.lines(sheet, filled)


def _accept(ledger: Ledger, made: Preview, now: datetime) -> corrections.Accepted:
    """Each author's decisions of each sheet together."""
    done = corrections.Accepted()
    for sheet in made.sheets:
        by_author: dict[str, list[Decision]] = {}
        for line in made.accepted:
            if line.filled.sheet_id == sheet.sheet_id:
                by_author.setdefault(line.author, []).extend(line.decisions)
        for author, decisions in by_author.items():
            one = corrections.accept(ledger, sheet.target, decisions, author, sheet.sheet_id, now)
            done.overrides += one.overrides
            done.waivers += one.waivers
            done.unchanged += one.unchanged
            done.refused += one.refused
    return done
