"""What happens to stock in the ERP: orders come in, are picked, shipped or cancelled; goods return, arrive and are counted.

Amounts are pieces (metres for what is sold by measure), whatever a place counts in. Importing an order raises ``geres``, picking
changes nothing, shipping lowers ``aantal`` and ``geres``, cancelling lowers ``geres``. Every function works in the caller's
transaction, which commits.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
Pieces = Decimal | int | float

_SIZE = """case when v.eenh = 'KRT'
    then coalesce((select nullif(min(aant_karton), 0) from artikel a where a.artnr = v.artnr), 1) else 1 end"""


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of an article at one place that an order has."""

    number: str
    place: str
    pieces: Decimal


def import_order(connection: Connection, order: str, lines: Iterable[tuple[str, Pieces]]) -> list[Part]:
    """Take over an order of the web shop and reserve its goods, in one place where one has enough, else in several.

    ``order``: the shop's number; one that is known already is left as it is, and gives nothing. ``lines``: article number and
    pieces; a set is taken apart. What is nowhere is reserved in the first place, until goods come. Raises ValueError for an
    article of which the ERP keeps no stock, or pieces that are none.
    """
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (order,))
    if connection.execute("select 1 from webord where ordernr = %s limit 1", (order,)).fetchone():
        return []
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for number, pieces in lines:
        for article, amount in _taken_apart(connection, number, _amount(pieces)):
            wanted[article] += amount
    parts = [part for number in sorted(wanted) for part in _placed(connection, number, wanted[number])]
    for part in parts:
        _move(connection, part, reserved=part.pieces)
        connection.execute(
            "insert into webord values (%s, %s, %s, %s, 'I', nu())", (order, part.number, part.place, part.pieces)
        )
    return parts


def pick(connection: Connection, order: str) -> None:
    """Somebody takes the goods from the shelf; they stay reserved until they leave."""
    connection.execute("update webord set status = 'P' where ordernr = %s and status = 'I'", (order,))


def ship(
    connection: Connection,
    order: str,
    number: str | None = None,
    pieces: Pieces | None = None,
    place: str | None = None,
) -> list[Part]:
    """The goods leave: all of the order, or so many pieces of one article, or what lies in one place. Gives what left."""
    parts = _closed(connection, order, "V", number, pieces, place)
    for part in parts:
        _move(connection, part, on_hand=-part.pieces, reserved=-part.pieces)
    return parts


def cancel(connection: Connection, order: str, number: str | None = None, pieces: Pieces | None = None) -> list[Part]:
    """The customer wants them no more; only what did not leave yet can be cancelled. Gives what was."""
    parts = _closed(connection, order, "X", number, pieces, None)
    for part in parts:
        _move(connection, part, reserved=-part.pieces)
    return parts


def return_goods(connection: Connection, number: str, pieces: Pieces, place: str = "MECH") -> None:
    """Shipped goods come back and are good to sell again; the order stays as it was."""
    amount = _amount(pieces)
    _move(connection, Part(number, place, amount), on_hand=amount)


def receive_goods(connection: Connection, number: str, pieces: Pieces, place: str = "MECH") -> None:
    """The supplier's goods arrive."""
    amount = _amount(pieces)
    _move(connection, Part(number, place, amount), on_hand=amount)
    connection.execute(
        f"update voorraad v set te_ontv = greatest(te_ontv - %s / ({_SIZE}), 0) where artnr = %s and magazijn = %s",
        (amount, number, place),
    )


def count(connection: Connection, number: str, place: str, pieces: Pieces) -> None:
    """Somebody counts what lies there."""
    connection.execute(
        f"update voorraad v set aantal = %s / ({_SIZE}), geteld_op = nu() at time zone 'Europe/Brussels'"
        " where artnr = %s and magazijn = %s",
        (Decimal(str(pieces)), number, place),
    )
    _mark(connection, number, place)


def hear(connection: Connection, *places: str) -> None:
    """The scanners or tills of these places spoke to the ERP."""
    connection.execute("update magazijn set laatst_gehoord = nu() where code = any(%s)", (list(places),))


def _taken_apart(connection: Connection, number: str, pieces: Decimal) -> list[tuple[str, Decimal]]:
    parts = connection.execute("select artnr, aantal from set_onderd where set_artnr = %s", (number,)).fetchall()
    return [(part, each * pieces) for part, each in parts] or [(number, pieces)]


def _placed(connection: Connection, number: str, pieces: Decimal) -> list[Part]:
    """Where the goods are taken from."""
    shelves = connection.execute(
        f"select v.magazijn, round((coalesce(v.aantal, 0) - coalesce(v.geres, 0)) * ({_SIZE}), 4)"
        " from voorraad v join magazijn m on m.code = v.magazijn where v.artnr = %s order by m.volgnr for update of v",
        (number,),
    ).fetchall()
    if not shelves:
        raise ValueError(f"The ERP keeps no stock of {number!r}.")
    for place, free in shelves:
        if free >= pieces:
            return [Part(number, place, pieces)]
    parts: dict[str, Decimal] = defaultdict(Decimal)
    for place, free in shelves:
        parts[place] += max(min(free, pieces - sum(parts.values())), Decimal(0))
    parts[shelves[0][0]] += pieces - sum(parts.values())
    return [Part(number, place, part) for place, part in parts.items() if part]


def _closed(
    connection: Connection, order: str, status: str, number: str | None, pieces: Pieces | None, place: str | None
) -> list[Part]:
    """Give open lines of an order another status, the last one in part; gives what got it."""
    left = _amount(pieces) if pieces is not None else None
    lines = connection.execute(
        "select ctid, artnr, magazijn, aantal, status from webord where ordernr = %s and status in ('I', 'P')"
        " and artnr = coalesce(%s, artnr) and magazijn = coalesce(%s, magazijn) order by artnr, magazijn for update",
        (order, number, place),
    ).fetchall()
    parts: list[Part] = []
    for row, article, where, amount, before in lines:
        part = amount if left is None else min(amount, left)
        if not part:
            break
        connection.execute("update webord set status = %s, aantal = %s where ctid = %s", (status, part, row))
        if part < amount:
            rest = (order, article, where, amount - part, before)
            connection.execute("insert into webord values (%s, %s, %s, %s, %s, nu())", rest)
        left = None if left is None else left - part
        parts.append(Part(article, where, part))
    return parts


def _move(connection: Connection, part: Part, on_hand: Pieces = 0, reserved: Pieces = 0) -> None:
    """Change a row by so many pieces; from whole pieces each time, so that thirds of a carton never add up to a wrong sum."""
    connection.execute(
        f"update voorraad v set aantal = round(coalesce(aantal, 0) * ({_SIZE}) + %s, 4) / ({_SIZE}),"
        f" geres = round(coalesce(geres, 0) * ({_SIZE}) + %s, 4) / ({_SIZE}) where artnr = %s and magazijn = %s",
        (on_hand, reserved, part.number, part.place),
    )
    if on_hand:
        _mark(connection, part.number, part.place)
    hear(connection, part.place)


def _mark(connection: Connection, number: str, place: str) -> None:
    connection.execute(
        "update voorraad set vrd_code = case when aantal > 0 then 'V' else 'N' end"
        " where artnr = %s and magazijn = %s and vrd_code in ('V', 'N')",
        (number, place),
    )


def _amount(pieces: Pieces) -> Decimal:
    amount = Decimal(str(pieces))
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"{pieces} is no amount of goods.")
    return amount
