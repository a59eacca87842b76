"""Handing out a work list: the rows of one owner, or of one supplier, as a workbook that can come back."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from data_quality.report.model import Report
from data_quality.texts import Texts
from data_quality.worklist.check import Handed
from data_quality.worklist.choices import choices
from data_quality.worklist.options import Options
from data_quality.worklist.rows import Row, rows_for_supplier, rows_of
from data_quality.worklist.standing import Standing, standing
from data_quality.worklist.workbook import WorkList, render
from koppel import corrections
from koppel.corrections import Sheet
from koppel.ledger import Ledger
from koppel.settings import Settings

SUPPLIER = "supplier:"
"""Before the name of a supplier, where an owner stands in the ledger."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A work list as a file. ``count``: its rows; ``of``: how many there would be."""

    sheet_id: str
    filename: str
    content: bytes
    count: int
    of: int


def hand_out(
    ledger: Ledger,
    settings: Settings,
    report: Report,
    *,
    language: str,
    who: str,
    now: datetime,
    owner: str = "",
    supplier: str = "",
) -> HandedOut | None:
    """The work list of an owner (empty: what nobody owns), or of a supplier, written down in the ledger; None: nothing to mend.

    A supplier's list tells no worth and no prices. Raises ConfigError for a language without a catalogue, LedgerDown.
    """
    texts, options = Texts.of(language, settings), Options.of(settings)
    records = {
        (one.entity, one.key)
        for product in report.products
        for one in product.problems
        if (product.supplier == supplier if supplier else one.owner == owner)
    }
    stands = standing(ledger, report.target, records)
    values = stands.corrected()
    if supplier:
        rows = rows_for_supplier(report, supplier, values, settings.properties)
        name = supplier
    else:
        rows = rows_of(report, owner, values, settings.properties)
        name = report.people_names.get(owner, owner) or texts.gettext("What nobody owns")
    made = WorkList(
        new_id(now), texts.gettext("Work list: {name}", name=name), report.target, now, rows[: options.most_rows],
        choices(ledger, settings, report.target), report.people_names, len(rows),
        has_worth=not supplier and report.worth_kind != "none", worth_is_stock=report.worth_kind == "stock",
        where={} if supplier else report.where_to_fix,
    )  # fmt: skip
    return (
        give(ledger, made, stands, texts, owner=f"{SUPPLIER}{supplier}" if supplier else owner, who=who)
        if rows
        else None
    )


def give(ledger: Ledger, made: WorkList, stands: Standing, texts: Texts, *, owner: str, who: str) -> HandedOut:
    """Write a work list down, so that it can come back, and make its file."""
    content = render(made, texts)
    sheet = Sheet(
        made.sheet_id, made.target, owner, texts.language, handed(made.rows, stands), who, made.made_at
    )  # fmt: skip
    corrections.new_sheet(ledger, sheet)
    day = made.made_at.astimezone(UTC).strftime("%Y-%m-%d")
    filename = f"{_slug(owner.removeprefix(SUPPLIER)) or 'worklist'}-{texts.language}-{day}-{made.sheet_id[-6:]}.xlsx"
    return HandedOut(made.sheet_id, filename, content, len(made.rows), max(made.of, len(made.rows)))


def handed(rows: Sequence[Row], stands: Standing) -> dict[str, str]:
    """Per place what has to be known when the list comes back: the hash of what stands there, and the rules that found it."""
    return {row.place: Handed(stands.digest(row.entity, row.key, row.field), row.rules).text() for row in rows}


def new_id(now: datetime) -> str:
    """The id of a new work list: its day, and what nobody guesses."""
    return f"{now.astimezone(UTC):%Y%m%d}-{secrets.token_hex(6)}"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:40]
