"""Reads what the business knows of each product (supplier, owner, revenue, value of its stock) into the ledger, for the report."""

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Connection, MetaData, Numeric, Table, Text, text

from koppel import registry
from koppel.entities import PRODUCT_TRADE
from koppel.errors import SourceEmpty
from koppel.judging import Context
from koppel.ledger import Ledger, now
from koppel.ledger_bulk import append
from koppel.settings import Settings
from koppel.source import Offers
from koppel.window import Window

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

FIGURES = ("supplier", "owner", "revenue_12m_eur", "stock_value_eur")
_MOST_NAMED = 3
"""Examples that one line of the log names."""

_READ = Table(  # the rows of one reading, until they are compared with the ledger
    "trade_read",
    MetaData(),
    Column("number", BigInteger),  # the order in which they were read
    Column("sku", Text),
    Column("supplier", Text),
    Column("owner", Text),
    Column("revenue_12m_eur", Numeric(14, 2)),
    Column("stock_value_eur", Numeric(14, 2)),
    prefixes=["temporary"],
    postgresql_on_commit="DROP",
)


def refresh(settings: Settings, flow: str = "catalogue") -> int:
    """Read the figures anew from the source of a flow, and give of how many products there are some.

    A source that has no figures (no ``product_trade.sql``) leaves the ledger as it is and gives 0. Raises SourceEmpty when
    nothing was read where something was before, and what the source raises; then the figures of last time stay too.
    """
    name = settings.flow(flow).source
    source = registry.source(settings, name)
    if not (isinstance(source, Offers) and source.offers(PRODUCT_TRADE)):
        log.info("The source %s has no figures of trade (no %s); the report goes without.", name, PRODUCT_TRADE.name)
        return 0
    reading = _Reading(Context(settings.languages, settings.root, settings.values.get("transform", {})))
    with Ledger.from_environment().transaction() as connection:
        # two at a time would each delete what only the other one has read
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"trade {name}"})
        _READ.create(connection)
        for table in source.read(PRODUCT_TRADE, Window()):
            append(connection, _READ, reading.rows(table), [column.name for column in _READ.columns])
        reading.doubles += _drop_doubles(connection)
        count = _replace(connection, name, now())
    reading.tell(name)
    log.info("The source %s gave the figures of trade of %d products.", name, count)
    return count


@dataclass(slots=True)
class _Reading:
    """Rows of the source as rows of the ledger, and what was wrong with some."""

    context: Context
    numbers: Iterator[int] = field(default_factory=itertools.count)
    unknown: dict[str, int] = field(default_factory=dict)
    """Per column how many cells could not be read."""
    nameless: int = 0
    """Rows without a key, which are left out."""
    doubles: list[str] = field(default_factory=list)
    """Keys that came more than once."""

    def rows(self, table: Any) -> Iterator[dict[str, Any]]:
        """The rows of one slice, each key once."""
        raw = table.to_pandas()
        made = registry.transform(PRODUCT_TRADE.name)(PRODUCT_TRADE, raw, self.context)
        self._note(raw, made.frame)
        frame = made.frame.reindex(columns=["sku", *FIGURES]).astype("object")
        frame = frame.where(frame.notna(), None)
        for values in frame.itertuples(index=False, name=None):
            yield {"number": next(self.numbers), **dict(zip(("sku", *FIGURES), values, strict=True))}

    def _note(self, raw: "pd.DataFrame", made: "pd.DataFrame") -> None:
        """Count what the transformer left out of the raw rows."""
        keys = raw["sku"].where(raw["sku"].notna(), "").astype("str")
        is_blank = keys.str.strip().eq("")
        is_earlier = keys.duplicated(keep="last") & ~is_blank
        self.nameless += int(is_blank.sum())
        self.doubles += keys[is_earlier].tolist()
        kept = raw[~is_blank & ~is_earlier]
        for name in (name for name in FIGURES if name in raw.columns):
            filled = kept[name].notna() & kept[name].astype("str").str.strip().ne("")
            lost = int(filled.sum()) - int(made[name].notna().sum())
            self.unknown[name] = self.unknown.get(name, 0) + max(lost, 0)

    def tell(self, source: str) -> None:
        """Log what was wrong. Keys and values come from outside: they are shown quoted."""
        for name, count in self.unknown.items():
            if count:
                log.warning(
                    "%d values of %s in the source %s can't be read; they count as unknown.", count, name, source
                )
        if self.nameless:
            log.warning("%d rows of %s have no SKU; their figures are left out.", self.nameless, source)
        if self.doubles:
            some = ", ".join(repr(key[:60]) for key in self.doubles[:_MOST_NAMED])
            log.warning("%d rows of %s repeat a key; the last one counts: %s", len(self.doubles), source, some)


def _drop_doubles(connection: Connection) -> list[str]:
    """Keep the last row of each key; gives the keys of the others."""
    connection.execute(text("analyze trade_read"))
    dropped = connection.execute(
        text(
            "delete from trade_read earlier using (select sku, max(number) as last from trade_read group by sku"
            " having count(*) > 1) twice where earlier.sku = twice.sku and earlier.number < twice.last returning earlier.sku"
        )
    )
    return [sku for (sku,) in dropped]


def _replace(connection: Connection, source: str, at: datetime) -> int:
    """Bring the figures of one source to what was read: what differs is written, what is gone is deleted."""
    count = int(connection.execute(text("select count(*) from trade_read")).scalar_one())
    had = connection.execute(text("select exists (select from trade where source = :source)"), {"source": source})
    if not count and had.scalar_one():
        raise SourceEmpty(
            f"The source {source} gives no figures of trade at all, where it gave some before.",
            kept="The figures of last time stay in the ledger.",
            do=f"Look at the query {PRODUCT_TRADE.name}.sql and what it reads, then run again.",
        )
    names = ", ".join(FIGURES)
    connection.execute(
        text(
            f"insert into trade (source, sku, {names}, at) select :source, sku, {names}, :at from trade_read"  # noqa: S608
            f" on conflict (source, sku) do update set {', '.join(f'{name} = excluded.{name}' for name in FIGURES)}, at = :at"
            f" where ({', '.join(f'trade.{name}' for name in FIGURES)}) is distinct from"
            f" ({', '.join(f'excluded.{name}' for name in FIGURES)})"
        ),
        {"source": source, "at": at},
    )
    gone = "delete from trade where source = :source and not exists (select from trade_read r where r.sku = trade.sku)"
    connection.execute(text(gone), {"source": source})
    return count
