"""What each owner has: how much, since when, how many minutes it takes, and what they mended; and what to mend first."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import polars as pl
from sqlalchemy import Select, func, select

from data_quality.report.model import Biggest, Person
from data_quality.report.worth import euro
from data_quality.scores import ABOUT_A_PRODUCT
from koppel.ledger import Ledger
from koppel.ledger_quality import override, sheet, waiver


def people(
    found: pl.DataFrame, names: Mapping[str, str], mended: Mapping[str, int]
) -> tuple[Person, ...]:  # fmt: skip
    """Everybody who has something open or mended something, by name; what nobody owns stands first.

    ``found``: problems, of which hints don't count; ``held`` are the products that one of theirs keeps out. ``names``:
    of the people of config/owners.toml.
    """
    holds_back = (pl.col("severity") == "block") & pl.col("entity").is_in(ABOUT_A_PRODUCT)
    figures = (
        found.filter(pl.col("severity") != "hint")
        .group_by("owner")
        .agg(
            pl.len().alias("open"),
            pl.col("sku").filter(holds_back).n_unique().alias("held"),
            pl.col("minutes").sum(),
            pl.col("since").min().alias("oldest"),
        )
    )
    known = {row["owner"]: row for row in figures.iter_rows(named=True)}
    none = {"open": 0, "held": 0, "minutes": 0, "oldest": None}
    everybody = sorted(
        {*known, *(one for one, count in mended.items() if count)}, key=lambda one: (names.get(one, one), one)
    )
    return tuple(_person(one, names.get(one, one), known.get(one, {**none}), mended.get(one, 0)) for one in everybody)


def _person(person: str, name: str, row: Mapping[str, object], mended: int) -> Person:
    oldest = row["oldest"]
    return Person(
        person, name, int(str(row["open"])), int(str(row["held"])), int(str(row["minutes"])),
        oldest if isinstance(oldest, datetime) else None, mended,
    )  # fmt: skip


def mended(ledger: Ledger, target: str, since: datetime, until: datetime, freed: pl.DataFrame) -> dict[str, int]:
    """Per owner what they mended between two moments, as far as that can be known.

    Counted are the corrections, and what was accepted as correct, of the work lists that were made for them (``sheet.owner``),
    and those products that were released (``freed``) and whose owner the source itself names (``trade_owner``). What somebody
    mended in the source of a product that names nobody is among the products that were released, and credited to no guess.
    """
    counts: dict[str, int] = {}
    for table in (override, waiver):
        made = (table.c.target == target, table.c.made_at > since, table.c.made_at <= until)
        query = (
            select(sheet.c.owner, func.count().label("count"))
            .join(sheet, sheet.c.sheet_id == table.c.sheet_id)
            .where(*made)
            .group_by(sheet.c.owner)
        )
        for row in ledger.rows(partial(_as_it_is, query)):
            counts[row["owner"]] = counts.get(row["owner"], 0) + row["count"]
    for owner, count in freed.filter(pl.col("trade_owner") != "")["trade_owner"].value_counts().iter_rows():
        counts[owner] = counts.get(owner, 0) + count
    return counts


def _as_it_is(query: Select[Any], _: object) -> Select[Any]:
    return query


def biggest(found: pl.DataFrame, products: pl.DataFrame, names: Mapping[str, str]) -> Biggest | None:
    """The question and owner with the most worth per minute of work; without worth, with the most products per minute.

    ``products``: ``sku``, ``worth`` (cents). None: nothing is to be mended.
    """
    todo = found.filter((pl.col("severity") != "hint") & (pl.col("question") != ""))
    minutes = todo.group_by("question", "owner").agg(pl.col("minutes").sum())
    about = todo.select("question", "owner", "sku").unique().join(products.select("sku", "worth"), on="sku")
    sums = about.group_by("question", "owner").agg(
        pl.len().alias("products"),
        pl.when(pl.col("worth").is_not_null().any()).then(pl.col("worth").sum()).alias("worth"),
    )
    table = sums.join(minutes, on=["question", "owner"]).with_columns(
        (pl.coalesce("worth", 0) / pl.col("minutes").clip(1)).alias("rank"),
        (pl.col("products") / pl.col("minutes").clip(1)).alias("next"),
    )
    if table.is_empty():
        return None
    row = table.sort(["rank", "next", "question", "owner"], descending=[True, True, False, False]).row(0, named=True)
    owner = row["owner"]
    return Biggest(row["question"], owner, names.get(owner, owner), row["products"], euro(row["worth"]), row["minutes"])
