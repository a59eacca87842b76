"""Rows of stock that orders or sets touch: what the balance of orders makes of them, row by row, because these are few."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from extractors.stock_orders import fold
from extractors.stock_rows import FILLED, GIVEN
from extractors.stock_sets import Sets
from koppel.order_balance import Balance, OrderLine, Shelf, balance
from koppel.order_texts import parse
from koppel.stock_settings import StockSettings

Row = dict[str, Any]
Rows = Mapping[tuple[str, str], Row]
"""By location and folded SKU."""


@dataclass(frozen=True, slots=True)
class Company:
    """What holds for all rows. ``reserves``: whether the shop takes an order off its source only when it is shipped."""

    settings: StockSettings
    locations: Sequence[str] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    reserves: bool = True


def settled(
    rows: pl.DataFrame, wanted: set[str], lines: Iterable[OrderLine], sets: Sets, stale: set[str], company: Company
) -> pl.DataFrame:
    """The rows of the ``wanted`` SKUs, filled in; and a row of each wanted set wherever all that is in it has one.

    ``rows``: every row of the wanted SKUs and of what is in the wanted sets, at every location. SKUs are wanted in their folded
    form.
    """
    given: list[Row] = rows.to_dicts()
    by_place = {(str(row["location"]), fold(row["sku"])): row for row in given if row["sku"]}
    given += _made_up(by_place, wanted, sets)
    kits = {
        sku: sets.parts[sku]
        for sku in wanted | sets.around(wanted) | sets.around(sets.within(wanted))
        if sku in sets.parts
    }
    shelves = [_shelf(row, company.settings, stale) for row in given if row["sku"]]
    found = balance(
        lines,
        shelves,
        kits=kits,
        locations=company.locations,
        sources=company.sources,
        reserves=company.reserves,
        same=fold,
    )
    filled = [_filled(row, by_place, found, sets, stale) for row in given if row["sku"] and fold(row["sku"]) in wanted]
    return pl.DataFrame(filled, schema={**rows.schema, **FILLED}, orient="row")


def _made_up(by_place: Rows, wanted: set[str], sets: Sets) -> list[Row]:
    """Rows of sets that no member counts: they are made of what is in them."""
    locations = sorted({location for location, _ in by_place})
    made = []
    for sku in sorted(wanted & sets.parts.keys()):
        for location in locations:
            is_there = all((location, part) in by_place for part in sets.parts[sku])
            if is_there and (location, sku) not in by_place:
                made.append(dict.fromkeys(GIVEN) | {"location": location, "sku": sets.spelled[sku]})
    return made


def _shelf(row: Row, settings: StockSettings, stale: set[str]) -> Shelf:
    location, category = str(row["location"]), row["category_code"]
    on_hand, reserved = _number(row["on_hand"], 0.0), max(_number(row["reserved"], 0.0), 0.0)
    kept = settings.kept_back(
        location, None if category is None else str(category), row["sku"], is_stale=location in stale
    )
    loose = (on_hand - reserved) * _number(row["unit_size"], 1.0) - kept
    return Shelf(location, row["sku"], loose, parse(row["taken_for_orders"]).amounts)


def _filled(row: Row, by_place: Rows, found: Mapping[tuple[str, str], Balance], sets: Sets, stale: set[str]) -> Row:
    location, sku = str(row["location"]), fold(row["sku"])
    known = found.get((location, row["sku"]), Balance())
    values: Row = {
        "taken": known.taken, "claimed": known.claimed, "moves": known.moves or None, "orders": known.orders or None,
        "components": None, "is_stale": location in stale,
    }  # fmt: skip
    if sku in sets.wrong:
        values["components"] = "[]"
    elif sku in sets.parts:
        values["components"] = json.dumps(_components(location, sku, by_place, found, sets), ensure_ascii=False)
        times = [by_place[location, part]["modified_at"] for part in sets.parts[sku] if (location, part) in by_place]
        values["modified_at"] = max((at for at in (row["modified_at"], *times) if at is not None), default=None)
    return row | values


def _components(
    location: str, sku: str, by_place: Rows, found: Mapping[tuple[str, str], Balance], sets: Sets
) -> list[dict[str, Any]]:
    """What is in a set and how much of it is there, as transformers/stock_level.py describes it."""
    listed = []
    for part, per_set in sets.parts[sku].items():
        row = by_place.get((location, part))
        entry: dict[str, Any] = {"sku": row["sku"] if row else sets.spelled[part], "per_set": per_set}
        if row is None:
            listed.append(entry | {"on_hand": 0})
            continue
        known = found.get((location, row["sku"]), Balance())
        category = row["category_code"]
        entry |= {
            "on_hand": _number(row["on_hand"], None), "reserved": _number(row["reserved"], 0.0),
            "unit_size": _number(row["unit_size"], 1.0), "claimed": known.claimed, "pending": known.pending,
            "category_code": None if category is None else str(category),
            "sold_by_measure": str(row["sold_by_measure"]).strip().lower() in {"true", "1", "yes", "ja", "oui"},
        }  # fmt: skip
        listed.append(entry)
    return listed


def _number(value: Any, missing: Any) -> Any:
    """A number, also one that a member gives as text; ``missing`` for what is none, of which the record will tell itself."""
    try:
        number = float(value) if isinstance(value, int | float | Decimal | str) else missing
    except ValueError:
        return missing
    return number if number is None or abs(number) < 1e15 else missing
