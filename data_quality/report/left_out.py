"""What no rule holds back and that is not in the shop all the same: it could not be read, the shop said no, or it waits."""

from collections.abc import Collection

import polars as pl

from data_quality.report.collect import SKU, read
from data_quality.report.model import LeftOut
from data_quality.scores import ABOUT_A_PRODUCT
from koppel.ledger import Ledger
from koppel.ledger_bulk import literal


def left_out(ledger: Ledger, target: str, counted: Collection[str], held: Collection[str]) -> tuple[LeftOut, ...]:
    """By entity and key. ``counted``: the SKUs that the report counts; ``held``: those that a rule holds back in any language.

    Of what is held back only products are told: their texts and photos wait for them.
    """
    found = read(
        ledger,
        f"select entity, key, {SKU} as sku, state, reason, since from delivery "  # noqa: S608
        f"where target = {literal(target)} and (state = 'failed' and entity in ({', '.join(map(literal, ABOUT_A_PRODUCT))}) "
        "or state = 'held back' and entity = 'product') order by entity, key",
    )
    told = found.filter((pl.col("state") == "failed") | ~pl.col("sku").is_in(list(held)))
    among = frozenset(counted)
    return tuple(
        LeftOut(entity, key, sku, reason, since, sku in among)
        for entity, key, sku, reason, since in told.select("entity", "key", "sku", "reason", "since").iter_rows()
    )
