"""A working day in the ERP: what people and suppliers change between two nights."""

from datetime import datetime
from random import Random
from typing import Any

import psycopg

from sandbox.erp.articles import Article
from sandbox.erp.catalogue import leftovers, sown
from sandbox.erp.places import moment
from sandbox.erp.stock import Row
from sandbox.erp.tables import rows_of
from sandbox.erp.trade import day_rows

_ADDED = {
    "N": ("<p>Nu ook af te halen in onze winkel in Leuven.</p>", "<p>Uit voorraad leverbaar, morgen in huis.</p>"),
    "F": ("<p>Désormais aussi à retirer dans notre magasin de Louvain.</p>", "<p>En stock, livré demain.</p>"),
    "E": ("<p>Now also to collect in our shop in Leuven.</p>", "<p>In stock, delivered tomorrow.</p>"),
}


def work(connection: psycopg.Connection[Any], seed: int, share: float) -> tuple[dict[str, list[str]], list[Row]]:
    """Change existing rows and give the rows to be added. Articles with a sown defect stay, so that ``SOWN`` stays true."""
    now = _next_day(connection)
    numbers = _sound_numbers(connection)
    random = Random(f"{seed}:{now:%Y-%m-%d}")
    random.shuffle(numbers)
    size = max(1, round(len(numbers) * share))
    picked = [numbers[place * size : (place + 1) * size] for place in range(4)]
    happened = {
        "text": _texts(connection, picked[0], now, random),
        "weight": _weights(connection, picked[1][: max(1, size // 4)], now, random),
        "price": _prices(connection, picked[2][: max(1, size // 2)], now, random),
        "ended": _ended(connection, picked[3][: max(1, size // 10)], now),
    }
    happened |= _mistyped_prices(connection, numbers, now)
    happened["stock"] = _stock(connection, sorted({*happened["text"], *happened["price"]}), now, random)
    new = _new(connection, numbers, max(1, size // 10), now, seed)
    happened["new"] = [article.number for article in new]
    sold = day_rows(connection, numbers, now)
    return happened, [*sold, *(row for article in new for row in rows_of(article))]


def _next_day(connection: psycopg.Connection[Any]) -> datetime:
    row = connection.execute(
        "update syst_param set waarde = (waarde::timestamp + interval '1 day')::text where sleutel = 'KLOK'"
        " returning waarde::timestamp"
    ).fetchone()
    if row is None:
        raise ValueError("This is no sandbox ERP: its clock is missing. Build it first.")
    moment: datetime = row[0]
    return moment


def _sound_numbers(connection: psycopg.Connection[Any]) -> list[str]:
    keys = {key for kinds in sown().values() for keys in kinds.values() for key in keys}
    defects = {key[3:] if key[2:3] == ":" else key for key in keys}
    rows = connection.execute("select artnr from artikel where stat = 'A' order by artnr").fetchall()
    return [number for (number,) in rows if number not in defects]


def _texts(connection: psycopg.Connection[Any], numbers: list[str], now: datetime, random: Random) -> list[str]:
    for number in numbers:
        for language, choices in _ADDED.items():
            connection.execute(
                "update art_tekst set tekst = tekst || %s, wijz_op = %s where artnr = %s and taal = %s and soort = 'LANG'",
                (random.choice(choices), now, number, language),
            )
    return sorted(numbers)


def _weights(connection: psycopg.Connection[Any], numbers: list[str], now: datetime, random: Random) -> list[str]:
    for number in numbers:
        connection.execute(
            "update artikel set gewicht = round(gewicht::numeric * %s::numeric + 1)::text, dt_wijz = %s where artnr = %s"
            " and gewicht is not null",
            (round(random.uniform(1.02, 1.15), 3), now, number),
        )
    return sorted(numbers)


def _prices(connection: psycopg.Connection[Any], numbers: list[str], now: datetime, random: Random) -> list[str]:
    for number in numbers:
        connection.execute(
            "update prijs set wijz_op = %s, prijs_excl ="
            " replace(round(replace(prijs_excl, ',', '.')::numeric * %s::numeric + 0.01, 2)::text, '.', ',') where artnr = %s",
            (now, round(random.uniform(1.01, 1.12), 3), number),
        )
    return sorted(numbers)


def _mistyped_prices(connection: psycopg.Connection[Any], numbers: list[str], now: datetime) -> dict[str, list[str]]:
    """Three slips that happen every day: a forgotten comma, an amount not filled in, a price typed without looking at the cost."""
    slips = {
        "price_jump": "replace(prijs_excl, ',', '')",
        "price_zero": "'0,00'",
        "price_below_cost": "replace(round(replace(kostprijs, ',', '.')::numeric * 0.9, 2)::text, '.', ',')",
    }
    priced = connection.execute(
        "select artnr from prijs where artnr = any(%s) and munt = 'EUR' and prijs_excl ~ '^[1-9][0-9]*,[0-9]{2}$'"
        " and kostprijs ~ '^[1-9][0-9]*,[0-9]{2}$' order by array_position(%s, artnr::text) desc limit 3",
        (numbers, numbers),
    ).fetchall()
    happened = {}
    for (number,), (slip, value) in zip(priced, slips.items(), strict=True):
        connection.execute(f"update prijs set prijs_excl = {value}, wijz_op = %s where artnr = %s", (now, number))
        happened[slip] = [number]
    return happened


def _stock(connection: psycopg.Connection[Any], numbers: list[str], now: datetime, random: Random) -> list[str]:
    """Every place counts these articles; what is promised to orders is always there."""
    stamp = _not_before_the_last_change(connection, now)
    for number in numbers:
        _count(connection, number, "MECH", random.randint(1, 200), now, stamp)
    moves = Random(f"stock {now:%Y-%m-%d}")
    places = [code for (code,) in connection.execute("select code from magazijn where code <> 'MECH' order by volgnr")]
    for number in numbers:
        for place in places:
            _count(connection, number, place, moves.randint(0, 40), now, stamp)
    connection.execute("update magazijn set laatst_gehoord = %s", (stamp,))
    return numbers


def _not_before_the_last_change(connection: psycopg.Connection[Any], now: datetime) -> datetime:
    """Orders and tills keep the real time, which may be past the ERP's own; who reads what changed since goes by it."""
    row = connection.execute("select max(wijz_op) from voorraad").fetchone()
    return max(moment(now), row[0]) if row and row[0] else moment(now)


def _count(
    connection: psycopg.Connection[Any], number: str, place: str, amount: int, now: datetime, stamp: datetime
) -> None:
    connection.execute(
        "update voorraad set aantal = greatest(%s, geres), vrd_code = case when greatest(%s, geres) > 0 then 'V' else 'N' end,"
        " geteld_op = %s, wijz_op = %s where artnr = %s and magazijn = %s",
        (amount, amount, now, stamp, number, place),
    )


def _ended(connection: psycopg.Connection[Any], numbers: list[str], now: datetime) -> list[str]:
    connection.execute("update artikel set stat = 'U', dt_wijz = %s where artnr = any(%s)", (now, numbers))
    return sorted(numbers)


def _new(
    connection: psycopg.Connection[Any], numbers: list[str], count: int, now: datetime, seed: int
) -> list[Article]:
    """Articles of the range that the ERP did not hold yet, with a photo that a sister article already has."""
    taken = {number for (number,) in connection.execute("select artnr from artikel")}
    files = {file for (file,) in connection.execute("select bestand from art_foto")}
    codes = {code for (code,) in connection.execute("select ean from artikel")}
    unused = [article for article in leftovers(seed, taken) if article.ean not in codes]
    found = [a for a in unused if a.photos and all(photo.file in files for photo in a.photos)]
    for article in found[:count]:
        article.created = article.modified = article.counted = now
        article.relations = [("S", numbers[-1])]
    return found[:count]
