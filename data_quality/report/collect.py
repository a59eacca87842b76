"""Reads the ledger for the report, by column: what stands now, and what stood on earlier days."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from data_quality.scores import ABOUT_A_PRODUCT, decoded, held, scored
from koppel.entities import ENTITIES
from koppel.ledger import Ledger
from koppel.ledger_bulk import literal
from koppel.settings import Settings

CENTS = 100
"""Money is read as whole cents: exact, and a number that columns can hold."""

SKU = (
    "case when entity in ("
    + ", ".join(literal(one.name) for one in ENTITIES.values() if len(one.key) == 2 and one.key[1] == "sku")
    + ") then substr(key, strpos(key, ':') + 1) else key end"
)
"""The SKU that a ledger key is about."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the ledger of one target now, as columns.

    ``products``: ``sku``, ``name`` (the ERP's own), ``brand``, ``category``, ``stock_status``, ``stock_quantity``,
    ``supplier``, ``trade_owner`` (empty: none), ``revenue``, ``stock_value`` (cents; null: not known). ``texts``: ``sku``,
    ``language``, ``name``. ``scores``: as ``data_quality.scores.scored`` gives them, and ``is_held``. ``findings``: ``entity``,
    ``key``, ``sku``, ``language``, ``rule``, ``severity``, ``value``, ``reason``, ``since``; of every entity, also of what is
    no part of a product.
    """

    products: pl.DataFrame
    texts: pl.DataFrame
    scores: pl.DataFrame
    findings: pl.DataFrame


def standing(ledger: Ledger, settings: Settings, target: str, weights: Mapping[str, int]) -> Standing:
    """What stands in a target now. Raises LedgerDown."""
    languages = settings.languages
    findings = _findings(ledger, target)
    scores = scored(_parts(ledger, target, languages, list(weights)), languages, weights)
    blocked = held(findings, languages).with_columns(is_held=pl.lit(value=True))
    scores = scores.join(blocked, on=["sku", "language"], how="left").with_columns(
        pl.col("is_held").fill_null(value=False)
    )
    products = _products(ledger, target).join(_trade(ledger, sources_of(settings, target)), on="sku", how="left")
    blank = pl.col("supplier", "trade_owner").fill_null("")
    return Standing(products.with_columns(blank).sort("sku"), _texts(ledger, target, languages), scores, findings)


def sources_of(settings: Settings, target: str) -> tuple[str, ...]:
    """The sources whose products go to a target, in the order in which config names their flows."""
    flows = settings.values.get("flows", {}).values()
    return tuple(
        dict.fromkeys(
            str(flow["source"]) for flow in flows if flow["target"] == target and "product" in flow["entities"]
        )
    )


def read(ledger: Ledger, query: str) -> pl.DataFrame:
    """What a query of the ledger gives, by column."""
    return pl.DataFrame(pl.from_arrow(ledger.columns(query)))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(literal(name) for name in names) or "null"


def _parts(ledger: Ledger, target: str, languages: Sequence[str], questions: list[str]) -> pl.DataFrame:
    """The judged records with their questions as columns; read by entity and language, so that JSON never fills the memory."""
    slices = [(entity, one) for entity in ABOUT_A_PRODUCT for one in (languages if entity == "product_text" else ("",))]
    tables = (
        read(
            ledger,
            "select entity, sku, language, questions::text as questions, data_version, rules_version from judgement "  # noqa: S608
            f"where target = {literal(target)} and entity = {literal(entity)} and language = {literal(language)}",
        )
        for entity, language in slices
    )
    return pl.concat([decoded(table, questions) for table in tables])


def _products(ledger: Ledger, target: str) -> pl.DataFrame:
    facts = ", ".join(
        f"coalesce(facts->>'{name}', '') as {column}"
        for name, column in (
            ("name", "name"),
            ("brand", "brand"),
            ("category_code", "category"),
            ("stock_status", "stock_status"),
        )
    )
    table = read(
        ledger,
        f"select sku, {facts}, facts->>'stock_quantity' as stock_quantity from judgement "  # noqa: S608
        f"where target = {literal(target)} and entity = 'product'",
    )
    return table.with_columns(pl.col("stock_quantity").cast(pl.Float64, strict=False)).unique("sku", keep="first")


def _texts(ledger: Ledger, target: str, languages: Sequence[str]) -> pl.DataFrame:
    return read(
        ledger,
        "select sku, language, facts->>'name' as name from judgement "  # noqa: S608
        f"where target = {literal(target)} and entity = 'product_text' and language in ({_listed(languages)})",
    )


def _trade(ledger: Ledger, sources: tuple[str, ...]) -> pl.DataFrame:
    """One row per SKU; of a SKU that two sources know, that of the first."""
    table = read(
        ledger,
        "select source, sku, supplier, owner as trade_owner, (revenue_12m_eur * 100)::bigint as revenue, "  # noqa: S608
        f"(stock_value_eur * 100)::bigint as stock_value from trade where source in ({_listed(sources)})",
    )
    order = {name: place for place, name in enumerate(sources)}
    place = pl.col("source").replace_strict(order, default=len(order), return_dtype=pl.Int32)
    return table.sort(place).unique("sku", keep="first", maintain_order=True).drop("source")


def _findings(ledger: Ledger, target: str) -> pl.DataFrame:
    return read(
        ledger,
        f"select entity, key, {SKU} as sku, language, rule, severity, value, reason, since from finding "  # noqa: S608
        f"where target = {literal(target)}",
    )


# --- earlier days -----------------------------------------------------------------------------------------------------


def nearest_days(ledger: Ledger, target: str, wanted: Sequence[date]) -> list[date | None]:
    """Per wanted day the newest day of which there are scores that is not later."""
    asked = ", ".join(f"({place}, date '{day.isoformat()}')" for place, day in enumerate(wanted))
    if not asked:
        return []
    table = read(
        ledger,
        f"select place, (select max(day) from score where day <= asked and target = {literal(target)}) as day "  # noqa: S608
        f"from (values {asked}) as wanted(place, asked) order by place",
    )
    return table["day"].cast(pl.Date).to_list()


def scores_of(ledger: Ledger, target: str, day: date, languages: Sequence[str]) -> pl.DataFrame:
    """The scores of a day: ``sku``, ``language``, ``score``, ``is_held``, ``data_version``, ``rules_version``."""
    return read(
        ledger,
        "select sku, language, score, is_held, data_version, rules_version from score "  # noqa: S608
        f"where day = date '{day.isoformat()}' and target = {literal(target)} and language in ({_listed(languages)})",
    )


def known_on(ledger: Ledger, target: str, day: date) -> pl.DataFrame:
    """``sku`` of the products that had a score on a day."""
    return read(
        ledger,
        f"select distinct sku from score where day = date '{day.isoformat()}' and target = {literal(target)}",  # noqa: S608
    )


def summaries(
    ledger: Ledger, target: str, days: Sequence[date], languages: Sequence[str], ready_in: str
) -> pl.DataFrame:
    """Per day ``products``, ``ready``, ``worth``, ``ready_worth`` (cents; null: not known), ``first_rules``, ``last_rules``."""
    held_ = "bool_or" if ready_in == "all" else "bool_and"
    return read(
        ledger,
        "select day, count(*) as products, count(*) filter (where not held) as ready, "  # noqa: S608
        "(sum(worth) * 100)::bigint as worth, (sum(worth) filter (where not held) * 100)::bigint as ready_worth, "
        'min(first_rules collate "C") as first_rules, max(last_rules collate "C") as last_rules from ('
        f"select day, {held_}(is_held) as held, max(worth_eur) as worth, "
        'min(rules_version collate "C") as first_rules, max(rules_version collate "C") as last_rules from score '
        f"where day in ({_dates(days)}) and target = {literal(target)} and language in ({_listed(languages)}) "
        "group by day, sku) as products group by day order by day",
    )


def question_days(ledger: Ledger, target: str, days: Sequence[date]) -> Iterator[tuple[date, str, str, float | None]]:
    """Day, question, language, and the part of the products that were asked which was in order."""
    table = read(
        ledger,
        "select day, question, language, ok, asked from question_day "  # noqa: S608
        f"where day in ({_dates(days)}) and target = {literal(target)}",
    )
    for day, question, language, ok, asked in table.iter_rows():
        yield day, question, language, ok / asked if asked else None


def _dates(days: Sequence[date]) -> str:
    return ", ".join(f"date '{day.isoformat()}'" for day in days) or "null"
