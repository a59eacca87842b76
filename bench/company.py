"""A company of any size with products of the usual shape: the sandbox ERP, its articles copied as often as it takes."""

from pathlib import Path

import psycopg

from sandbox.erp.database import build

ORIGINALS = 1_200
_SUFFIX = "|| '-' || copy"
_TABLES = {
    "art_tekst": f"artnr {_SUFFIX}, taal, soort, tekst || case soort when 'NAAM' then ' ' || copy else "
    "' ' || copy || '.' end, wijz_op",
    "art_kenm": f"artnr {_SUFFIX}, knm_code, waarde, wijz_op",
    "art_foto": f"artnr {_SUFFIX}, volgnr, bestand, bijschr_n, bijschr_f, bijschr_e, wijz_op",
    "art_rel": f"artnr {_SUFFIX}, rel_soort, naar_artnr {_SUFFIX}, volgnr, wijz_op",
    "prijs": f"artnr {_SUFFIX}, prijs_excl, kostprijs, munt, wijz_op",
    "voorraad": f"artnr {_SUFFIX}, magazijn, aantal, geres, te_ontv, verw_op, eenh, vrd_code, geteld_op, wijz_op",
    "artikel": f"artnr {_SUFFIX}, omschr || ' ' || copy, merk, model || '-' || copy, "
    "case when ean ~ '^[0-9]{13}$' then barcode(ean, copy) else ean end, grp_code, gewicht, gew_eenh, gew_karton, aant_karton, "
    "btw_code, stat, dt_aanm, dt_wijz",
}
# A barcode of its own for each copy: other digits in its middle, and the check digit that comes with them; a wrong one stays wrong.
_BARCODE = """
create function barcode(ean text, copy bigint) returns text language sql immutable as $$
    select body || (10 - sum_of(body) % 10 + right(ean, 1)::int + sum_of(left(ean, 12))) % 10
    from (select left(ean, 6) || lpad(((substr(ean, 7, 6)::bigint + copy * 7919) % 1000000)::text, 6, '0') as body) as made
$$
"""
_SUM = """
create function sum_of(digits text) returns int language sql immutable as $$
    select sum(substr(digits, place, 1)::int * case when place % 2 = 0 then 3 else 1 end)::int
    from generate_series(1, 12) as place
$$
"""


def found(url: str, media: Path, products: int) -> None:
    """Make the ERP with so many products, a multiple of the sandbox's own number or a part of it."""
    build(url, media, products=min(products, ORIGINALS))
    copies = -(-products // ORIGINALS) - 1
    with psycopg.connect(url) as connection:
        connection.execute(_SUM)
        connection.execute(_BARCODE)
        for table, columns in _TABLES.items():
            insert = f"insert into {table} select {columns} from {table}, generate_series(1, {copies}) as copy"
            connection.execute(insert.encode())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def keep(url: str, articles: list[str]) -> None:
    """Let all other articles be gone."""
    with psycopg.connect(url) as connection:
        connection.execute("delete from artikel where artnr <> all(%s)", (articles,))


def change_texts(url: str) -> None:
    """Let every short and long text read otherwise, in all languages."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "update art_tekst set tekst = tekst || ' +', wijz_op = wijz_op + interval '1 day' where soort <> 'NAAM'"
        )
