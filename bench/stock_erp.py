"""An ERP with stock of many SKUs in seven places, made by the database itself, and somebody who sells in it all the time."""

import threading
import time
from random import Random

from psycopg import sql

from bench.place import connect

PLACES = ("MECH", "GENT", "LIEG", "ANT", "BRU", "LEU", "NAM")

_STOCK = """
drop table if exists stock;
create table stock as
select place as location, 'ART-' || lpad(i::text, 9, '0') as sku, (20 + i % 180)::numeric as on_hand,
       timestamptz '2026-01-01 00:00:00+00' + (i % 8000000) * interval '1 second' as modified_at
from generate_series(0, {skus} - 1) as i, unnest({places}::text[]) as place;
create unique index on stock (sku, location);
create index on stock (modified_at);
create function tell() returns trigger language plpgsql as $$ begin perform pg_notify('koppel_stock', ''); return null; end $$;
create trigger told after update on stock for each statement execute function tell();
"""
QUERY = """
select location, sku, on_hand, modified_at from stock
where modified_at >= coalesce(:since, timestamptz '-infinity') and modified_at <= coalesce(:until, timestamptz 'infinity')
    and (:all_keys or sku in :keys)
"""
_SELL = "update stock set on_hand = on_hand + %s, modified_at = clock_timestamp() where sku = %s and location = %s"
_LEDGER = """
insert into delivery (target, entity, key, state, reason, fingerprint, run_id, since)
select 'shop', 'product', 'ART-' || lpad(i::text, 9, '0'), 'delivered', '', md5(i::text), 'bench', now()
from generate_series(0, {skus} - 1) as i
"""


def fill(url: str, skus: int) -> None:
    """The table ``stock``: so many SKUs in each place."""
    values = {"skus": sql.Literal(skus), "places": sql.Literal(list(PLACES))}
    with connect(url) as connection:
        connection.execute(sql.SQL(_STOCK).format(**values))
        connection.execute("vacuum analyze stock")


def deliver_products(ledger: str, skus: int) -> None:
    """Write into the ledger that the shop holds every product, because stock waits for its product."""
    with connect(ledger) as connection:
        connection.execute(sql.SQL(_LEDGER).format(skus=sql.Literal(skus)))
        connection.execute("vacuum analyze delivery")


class Sales:
    """A thread that changes one row after the other, each in a transaction of its own, so many a second."""

    def __init__(self, url: str, skus: int, a_second: float, seed: int) -> None:
        self._url, self._skus, self._a_second = url, skus, a_second
        self._random = Random(seed)
        self.changes = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._sell, name="sales", daemon=True)

    def __enter__(self) -> "Sales":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _sell(self) -> None:
        begun = time.monotonic()
        with connect(self._url) as connection:
            while not self._is_over.wait(max(0.0, begun + self.changes / self._a_second - time.monotonic())):
                sku = f"ART-{self._random.randrange(self._skus):09}"
                by = self._random.choice((-1, 1))
                connection.execute(_SELL, (by, sku, self._random.choice(PLACES)))
                self.changes += 1
