"""A million products of 25 columns with about 600 bytes of text each, made by the database itself.

They are the same every time, but for the day on which their stock was counted, which is the last one.
"""

import json
from pathlib import Path

import psycopg
from psycopg import sql

from koppel.staging import Staging

_WORDS = (
    "Deze stevige karaf uit gehard glas houdt water en thee lang op temperatuur en past in de deur van elke koelkast. "
    "Ce modèle se nettoie au lave-vaisselle et résiste aux chocs thermiques; le couvercle ne goutte pas quand on verse. "
    "The handle stays cool, the lid locks with a quarter turn and spare seals are sold separately for many years to come. "
    "Met de hand gemaakt in een klein atelier, waar elk stuk wordt nagekeken voor het de deur uit gaat naar de klant. "
    "Convient aux plaques à induction, vitrocéramiques et au gaz; ne pas laisser chauffer à vide ni verser d'eau froide. "
    "Packed without plastic in a box that fits through the letter box, with a leaflet in three languages and a warranty. "
)
_COLUMNS = """
sku, name, gtin, brand, category_code, weight_kg, tax_class, status, first_price_eur_excl_vat, property_color,
property_material, property_origin, property_power_w, property_composition, property_use, property_care, model,
carton_weight_kg, pack_size, photo_count, accessory_count, stock_quantity, stock_status, stock_checked_at, modified_at
"""
_CHECK_DIGIT = " + ".join(f"(i / {10**place}) % 10 * {3 if place % 2 == 0 else 1}" for place in range(10))
# The two digits before the ten of the number are 5 and 4, with weights 1 and 3.
_PRODUCTS = f"""
create table product as
select
    'ART-' || lpad(i::text, 9, '0') as sku,
    (array['Blender', 'Waterkoker', 'Broodrooster', 'Espressomachine', 'Beker'])[1 + i % 5]
        || ' ' || substr(words, 1 + i * 7 % 500, 52)
        as name,
    '54' || lpad(i::text, 10, '0') || (10 - (17 + {_CHECK_DIGIT}) % 10) % 10 as gtin,
    (array['Ardenna', 'Meetjes', 'Noordzee', 'Tafelrond'])[1 + i % 4] as brand,
    (array['KEU-MIX-BLE', 'KEU-ONT-WAT', 'KEU-ONT-TOA', 'KEU-KOF-ESP', 'TAF-BOR-MOK'])[1 + i % 5] as category_code,
    round((200 + i % 900) / 1000.0, 3) as weight_kg,
    'standard' as tax_class,
    'active' as status,
    round((500 + i % 9500) / 100.0, 2) as first_price_eur_excl_vat,
    (array['zwart', 'wit', 'rood', 'blauw'])[1 + i % 4] as property_color,
    (array['glas', 'inox', 'aardewerk'])[1 + i % 3] as property_material,
    'belgie' as property_origin,
    case when i % 20 > 0 then (600 + i % 19 * 100)::text end as property_power_w,
    substr(words, 1 + i * 37 % 400, 200) as property_composition,
    substr(words, 1 + i * 91 % 400, 170) as property_use,
    substr(words, 1 + i * 53 % 400, 120) as property_care,
    'M' || i % 9973 as model,
    6.0 as carton_weight_kg,
    6 as pack_size,
    3 as photo_count,
    2 as accessory_count,
    (i % 250)::numeric as stock_quantity,
    case when i % 250 = 0 then 'out_of_stock' else 'in_stock' end as stock_status,
    date_trunc('day', now()) - (i % 86400) * interval '1 second' as stock_checked_at,
    timestamptz '2026-01-01 00:00:00+00' + (i % 8000000) * interval '1 second' as modified_at
from generate_series(0, {{products}} - 1) as i, (select {{words}}::text as words) as text
order by i
"""
_CHANGED = f"""
create table product_changed as
select {_COLUMNS} from product where false;
insert into product_changed
select
    sku, case when right(sku, 2) = left(right(sku, 4), 2) then 'Nieuw: ' || name else name end,
    gtin, brand, category_code, weight_kg, tax_class,
    status, first_price_eur_excl_vat, property_color, property_material, property_origin, property_power_w,
    property_composition, property_use, property_care, model, carton_weight_kg, pack_size, photo_count, accessory_count,
    stock_quantity, stock_status, stock_checked_at,
    case when right(sku, 2) = left(right(sku, 4), 2) then timestamptz '2026-11-20 12:00:00+00' else modified_at end
from product
"""
_LEDGER = """
insert into delivery
    (target, entity, key, state, reason, fingerprint, source_version, record, modified_at, run_id, since)
select 'book', 'product', key, 'delivered', '', md5(key), version, record::jsonb, null, 'bench', now()
from known
"""


def query(table: str) -> str:
    """The query of the entity, as a company would write it."""
    return f"select {_COLUMNS} from {table}"


def fill(source: psycopg.Connection[object], products: int) -> None:
    """Make the tables ``product`` and ``product_changed``; in the second one of each hundred products has another name."""
    values = {"products": sql.Literal(products), "words": sql.Literal(_WORDS)}
    source.execute(sql.SQL(_PRODUCTS).format(**values))
    source.execute(_CHANGED)
    source.execute("vacuum analyze product")
    source.execute("vacuum analyze product_changed")


def deliver_all(ledger: psycopg.Connection[object], staged: Path, run_id: str) -> int:
    """Write into the ledger that the target holds every product that this run staged; gives how many.

    The versions are those that the product itself computed and staged; each row carries a record of the usual size.
    """
    staging = Staging(f"file://{staged}", run_id)
    ledger.execute("create temporary table known (key text, version bigint, record text)")
    with ledger.cursor() as cursor, cursor.copy("copy known from stdin") as copy:
        for name in staging.names("raw/product-*"):
            for rows in staging.batches(name, 20_000):
                for row in rows:
                    copy.write_row((row["_key"], row["_version"], _record(row)))
    done = ledger.execute(_LEDGER).rowcount
    ledger.execute("vacuum analyze delivery")
    return done


def _record(row: dict[str, object]) -> str:
    sent = [name for name in row if name.startswith("property_")] + ["sku", "name", "gtin", "brand", "category_code"]
    return json.dumps({name: row[name] for name in sent}, ensure_ascii=False)
