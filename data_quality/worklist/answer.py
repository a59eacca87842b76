"""The answer to a work list: a new one of what remains, with what came of each line that was filled in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Text, any_, select
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import ARRAY

from data_quality.messages import marked
from data_quality.owners import Owners
from data_quality.texts import Texts
from data_quality.worklist.check import Handed, Line
from data_quality.worklist.choices import choices
from data_quality.worklist.handing_out import SUPPLIER, HandedOut, give, new_id
from data_quality.worklist.rows import Row, place_parts
from data_quality.worklist.standing import Standing, standing, with_products
from data_quality.worklist.workbook import WorkList
from koppel.corrections import Sheet
from koppel.entities import ENTITIES, split_key
from koppel.ledger import Ledger
from koppel.ledger_quality import trade
from koppel.settings import Settings

_TOLD = {"conflict": marked("Changed meanwhile:"), "rejected": marked("Not taken:")}


def answer(
    ledger: Ledger, settings: Settings, lines: Sequence[Line], sheets: Sequence[Sheet], who: str, now: datetime
) -> HandedOut | None:
    """A work list of what remains of the first of these lists; None: nothing does. Raises LedgerDown."""
    if not sheets:
        return None
    sheet = sheets[0]
    texts = Texts.of(sheet.language, settings)
    own = [line for line in lines if line.filled.sheet_id == sheet.sheet_id]
    records = {(parts[0], parts[1]) for place in sheet.rows if (parts := place_parts(place))}
    stands = standing(ledger, sheet.target, with_products(records))
    open_ = [line for line in own if line.outcome in _TOLD]
    done = {line.filled.place for line in own} - {line.filled.place for line in open_}
    rows = _remaining(ledger, sheet, stands, done, {line.filled.place for line in open_})
    if not rows:
        return None
    owners = Owners.load(settings)
    people = {person.id: person.name for person in owners.people.values()}
    where = {} if sheet.owner.startswith(SUPPLIER) else owners.where_to_fix
    name = people.get(sheet.owner, sheet.owner.removeprefix(SUPPLIER))
    made = WorkList(
        new_id(now), texts.gettext("What remains: {name}", name=name), sheet.target, now, rows,
        choices(ledger, settings, sheet.target), people, len(rows), has_worth=any(row.worth is not None for row in rows),
        where=where,
        answers={line.filled.place: _told(line, texts) for line in open_},
        typed={
            line.filled.place: {"new": line.filled.new, "because": line.filled.because, "done_by": line.filled.done_by}
            for line in open_
        },
    )  # fmt: skip
    return give(ledger, made, stands, texts, owner=sheet.owner, who=who)


def _told(line: Line, texts: Texts) -> str:
    """What came of a line, with what was typed where it can't stand in its cell."""
    why = " ".join(one.text(texts) for one in line.why)
    return f"{texts.gettext(_TOLD[line.outcome])} {why}".strip()


def _remaining(ledger: Ledger, sheet: Sheet, stands: Standing, done: set[str], open_: set[str]) -> list[Row]:
    """The rows that are not done, of records in which the same is still found; what is held back first, then what is dearest.

    What somebody else corrected meanwhile is done, unless this list says otherwise (``open_``).
    """
    rows = []
    for place, text in sheet.rows.items():
        parts = place_parts(place)
        if (
            parts is None
            or place in done
            or parts[:2] not in stands.facts
            or (parts in stands.overrides and place not in open_)
        ):
            continue
        if (row := _row(sheet, parts, Handed.of(text).rules, stands)) is not None:
            rows.append(row)
    worth = {} if sheet.owner.startswith(SUPPLIER) else _worth(ledger, {row.sku for row in rows})
    rows = [replace(row, worth=worth.get(row.sku)) for row in rows]
    return sorted(rows, key=lambda row: (not row.is_held, -(row.worth or 0), row.sku, row.place))


def _row(sheet: Sheet, parts: tuple[str, str, str], rules: tuple[str, ...], stands: Standing) -> Row | None:
    entity, key, field = parts
    problems = tuple(
        replace(one, owner=sheet.owner, field=field)
        for one in stands.found.get((entity, key), ())
        if one.rule in rules and (entity, key, one.rule) not in stands.waived
    )
    if not problems:
        return None
    names = dict(zip(ENTITIES[entity].key, split_key(ENTITIES[entity], key), strict=True))
    product = stands.facts.get(("product", names["sku"]), {})
    name = str(stands.facts[entity, key].get("name") or product.get("name") or "")
    current = stands.shown(entity, key, field) or ""
    return Row(entity, key, field, names["sku"], names.get("language", ""), name, current, problems, None)


def _worth(ledger: Ledger, skus: set[str]) -> dict[str, Decimal]:
    """The revenue of products in 12 months, where the source tells it."""
    where = (trade.c.sku == any_(value(sorted(skus), ARRAY(Text))), trade.c.revenue_12m_eur.is_not(None))
    with ledger.transaction() as connection:
        return {row.sku: row.revenue_12m_eur for row in connection.execute(select(trade).where(*where))}
