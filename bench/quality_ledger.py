"""A ledger as it stands after a catalogue of any size was judged: a small one judged for real, its records copied by SQL."""

from collections.abc import Mapping
from typing import Any

import psycopg

from bench import company
from bench.place import Place, connect, say, work

SETTINGS = """
languages = ["nl", "fr", "en"]
[flows.catalogue]
source = "erp"
target = "book"
entities = ["category", "product", "product_text", "product_image", "product_relation"]
[flows.prices]
source = "erp"
target = "book"
entities = ["price"]
[limits]
withdrawn_share = 1.0
held_back_share = 1.0
first_run_only_creates = 0
[sources.erp]
kind = "sql"
connection = "erp"
[targets.book]
kind = "workbook"
file = "book.xlsx"
"""
_COPIES = {
    "judgement": "target, entity, key || '-' || copy, sku || '-' || copy, language, questions, facts, values, "
    "data_version + copy, rules_version, run_id, at",
    "finding": "target, entity, key || '-' || copy, language, rule, severity, value, reason, run_id, since",
    "delivery": "target, entity, key || '-' || copy, state, reason, fingerprint, source_version, remote_id, record, "
    "modified_at, run_id, since",
    "trade": "source, sku || '-' || copy, supplier, owner, revenue_12m_eur + copy % 100, stock_value_eur + copy % 100, at",
}
"""Per table what a copy of a row is; every ledger key of a product's record ends in its SKU."""


class QualityLedger:
    """``environment``: what a process needs to work with it. ``products``: how many stand in it now."""

    def __init__(self, place: Place, name: str) -> None:
        say(f"{name}: {company.ORIGINALS:,} products are judged by all rules and delivered into a workbook ...")
        source = place.database(f"{name}_erp")
        company.found(source, place.folder / "media", company.ORIGINALS)
        self.url = place.ledger(f"{name}_ledger")
        config = place.config(f"{name}_config", SETTINGS)
        self.environment: Mapping[str, str] = place.environment(config, self.url, source)
        for flow in ("catalogue", "prices"):
            work("deliver", self.environment, flow=flow)
        work("trade", self.environment)
        self._copies = 0
        with connect(self.url) as connection:
            for table in _COPIES:
                of_products = "" if table == "trade" else " where entity <> 'category'"
                connection.execute(f"create table original_{table} as select * from {table}{of_products}".encode())
            self.products = self._originals = _products(connection)

    def grow(self, products: int) -> None:
        """Copy what was judged, until at least so many products stand there."""
        wanted = -(-products // self._originals) - 1
        if wanted <= self._copies:
            return
        say(f"the ledger: {self._originals:,} judged products are copied {wanted - self._copies:,} times ...")
        with connect(self.url) as connection:
            for table, columns in _COPIES.items():
                copies = f"generate_series({self._copies + 1}, {wanted}) as copy"
                connection.execute(f"insert into {table} select {columns} from original_{table}, {copies}".encode())
                connection.execute(f"vacuum analyze {table}".encode())
            self._copies = wanted
            self.products = _products(connection)


def _products(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("select count(*) from judgement where entity = 'product'").fetchone()
    return int(row[0]) if row else 0
