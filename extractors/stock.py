"""Puts stock together: the ERP and the shops' tills, what the shop's orders make of it, sets, and locations that fell silent.

Options: ``from`` (the members, the ERP first), ``orders`` (a source of ``order_line``; may be missing), ``combine`` (true: one row
per SKU at location ``default``, for a shop that knows only one place), ``orders_poll_seconds`` (1: orders are asked for at most so
often where nothing else asks), ``poll_seconds`` (1: members that can't signal are looked at so often). What a window reads:

* everything: SKUs that orders or sets touch first, then all others; raises SourceEmpty where a location that the ledger knows
  stock of gives none at all;
* since: what changed in each member; all locations of the SKUs whose orders changed in the shop, or whose set did; and all rows
  of a member when one of its locations fell silent, or is heard of again;
* keys: all rows of these SKUs.

Always the members first, then the orders: what happens between the two makes a figure too low for a moment, and not too high.
An instance remembers the orders while it lives, so that a quick round asks each member and the shop once.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cached_property
from itertools import chain

import polars as pl
import pyarrow as pa

from extractors import shape
from extractors.stock_heard import Heard
from extractors.stock_known import has_stock
from extractors.stock_members import Members
from extractors.stock_orders import OrderBook, fold
from extractors.stock_orders import check as check_orders
from extractors.stock_rows import FOLDED, ONE_PLACE, among, in_one_place, together, without_orders
from extractors.stock_sets import Sets
from extractors.stock_settle import Company, settled
from koppel import registry
from koppel.clock import Clock
from koppel.entities import STOCK_COMPONENT, STOCK_LEVEL, STOCK_LOCATION, Entity
from koppel.errors import ConfigError, KoppelError, SourceEmpty
from koppel.settings import Settings, SourceSettings
from koppel.source import Source
from koppel.stock_settings import StockSettings
from koppel.target import Check
from koppel.window import Window

_CHUNK = 1_000
"""SKUs that are settled at a time."""
_MORE_CHUNKS = 3
"""So often SKUs are added that the shop sold while they were read; what it sells then is for the next reading."""
_FACTS_SECONDS = 60
_SKEW = timedelta(minutes=1)
"""The clocks of shop and ERP may differ by so much when a new instance asks what changed in the shop."""


class StockSource:
    """All members of the company's stock as one source."""

    def __init__(self, settings: SourceSettings, clock: Clock | None = None) -> None:
        self.name = settings.name
        self.settings = settings
        self._clock = clock or Clock()
        self._members = Members(settings)
        self._sets = Sets()
        self._facts_at = float("-inf")
        self._read_in_full_at: dict[str, float] = {}
        self._is_caught_up = False
        self._todo: set[str] = set()
        """SKUs (folded, as all below) to be given whatever the window, until that is accounted for."""
        self._given: set[str] = set()
        """SKUs that were given as they are now known."""
        self._done: set[str] = set()
        self._done_as: set[str] = set()
        """What this reading settled already, and how the members write it."""

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        """Rows of stock with all columns, in slices of at most 50,000; an empty table when there are none.

        Raises ConfigError, SourceDown, SourceShape or SourceEmpty.
        """
        if entity.name != STOCK_LEVEL.name:
            raise ConfigError(
                f"Source {self.name!r} puts {STOCK_LEVEL.name} together; it gives no {entity.name}.",
                do="Read that from one of its members.",
            )
        self._done, self._done_as = set(), set()
        self._heard.load()
        reading = self._of_keys(window) if window.keys else self._all() if window.is_full else self._changes(window)
        is_empty = True
        for frame in reading:
            if not frame.is_empty():
                is_empty = False
                yield from shape.slices(_table(frame))
        if is_empty:
            yield _table(without_orders(together([]), ()))

    def accounted(self, entity: Entity, run_id: str) -> None:
        """What was read needs no second reading: note the locations, and tell the members.

        A process that did not read itself (a task of its own) notes when locations were heard of as far as the members list them.
        """
        if entity.name != STOCK_LEVEL.name:
            return
        if not self._heard.is_loaded:
            self._heard.load()
            self._ask_facts(is_tolerant=True)
        self._todo -= self._given
        self._given = set()
        self._heard.note(run_id)
        self._members.accounted(run_id)

    @property
    def has_left_out(self) -> bool:
        """Whether a member was down in what is not accounted for yet."""
        return self._members.have_left_out

    def check(self) -> list[Check]:
        """What the members and the source of orders say about themselves."""
        try:
            orders = self._orders
        except KoppelError as error:
            return [*self._members.check(), Check(f"source {self.name}", False, error.what, error.do)]
        return [*self._members.check(), *(check_orders(orders) if orders else [])]

    def wait(self, seconds: float) -> bool:
        """Wait at most so long, and no longer than ``poll_seconds``; True as soon as a member may have changed. Never raises."""
        return self._members.wait(min(seconds, self._seconds("poll_seconds")))

    # --- what there is to know --------------------------------------------------------------------------------------------

    @cached_property
    def _stock(self) -> StockSettings:
        return StockSettings.load(self.settings.root)

    @cached_property
    def _heard(self) -> Heard:
        return Heard(self.name, self._stock)

    @cached_property
    def _company(self) -> Company:
        if self._is_one_place:
            sources = {location.source: ONE_PLACE for location in self._stock.locations.values()}
            return Company(self._stock, (ONE_PLACE,), sources, reserves=False)
        places = self._stock.locations
        return Company(self._stock, tuple(places), {place.source: code for code, place in places.items()})

    @property
    def _is_one_place(self) -> bool:
        return bool(self.settings.options.get("combine", False))

    @cached_property
    def _orders(self) -> Source | None:
        name = self.settings.options.get("orders")
        return registry.source(Settings.load(self.settings.root), str(name)) if name else None

    @cached_property
    def _book(self) -> OrderBook:
        days = 2.0
        if name := self.settings.options.get("orders"):
            days = float(Settings.load(self.settings.root).source(str(name)).options.get("settled_days", days))
        return OrderBook(self._orders, timedelta(days=days), self._seconds("orders_poll_seconds"), self._clock)

    def _seconds(self, option: str) -> float:
        return float(self.settings.options.get(option, 1))

    def _learn(self, changed: set[str]) -> set[str]:
        """SKUs of which the shop tells something new, with the sets that they are in and what is in them if they are sets."""
        wider = changed | self._sets.within(changed)
        wider |= self._sets.around(wider)
        self._todo |= wider
        self._given -= wider
        return wider

    def _ask_facts(self, *, is_tolerant: bool) -> None:
        """When the locations were heard of, and what is in sets, if nobody asked lately."""
        now = self._clock.now()
        if is_tolerant and now - self._facts_at < _FACTS_SECONDS:
            return
        found = self._members.facts(STOCK_LOCATION, is_tolerant=is_tolerant)
        for row in found:
            if row["location"] and row["heard_at"]:
                self._heard.hear({str(row["location"]): row["heard_at"]})
        is_first = self._facts_at == float("-inf")
        sets = Sets(self._members.facts(STOCK_COMPONENT, is_tolerant=is_tolerant))
        differing = set() if is_first or not self._members.all_are_up else sets.differing(self._sets)
        if self._members.all_are_up or is_first:
            self._sets = sets
        self._learn(differing)
        self._facts_at = now

    # --- windows ----------------------------------------------------------------------------------------------------------

    def _of_keys(self, window: Window) -> Iterator[pl.DataFrame]:
        self._ask_facts(is_tolerant=True)
        self._load_orders()
        yield from self._settled({fold(key): {key} for key in window.keys}, is_closed=True)

    def _all(self) -> Iterator[pl.DataFrame]:
        self._ask_facts(is_tolerant=False)
        self._book.reload()
        self._heard.decide()
        seen: set[str] = set()
        for frame in chain(self._touched(is_tolerant=False), self._streamed(self._frames(Window(), is_tolerant=False))):
            seen |= set(frame["location"].unique().drop_nulls().to_list())
            yield frame
        self._refuse_empty(seen)
        self._is_caught_up = True

    def _changes(self, window: Window) -> Iterator[pl.DataFrame]:
        """A small window is read to its end before anything is given; a large one streams, but for what orders touch."""
        self._ask_facts(is_tolerant=True)
        self._catch_up(window)
        frames = self._frames(window, is_tolerant=True)
        few = list(_first(frames, shape.SLICE_ROWS))
        is_small = sum(map(len, few)) <= shape.SLICE_ROWS
        again = self._read_again() if is_small else set()
        if is_small and not again:
            yield from self._few(together(few))
            return
        if again:
            windows = {name: Window() if name in again else window for name in self._members.sources}
            few, frames = [], self._frames(windows, is_tolerant=True)
        self._learn(self._book.refresh(is_forced=True))
        yield from self._touched(is_tolerant=True)
        yield from self._streamed(chain(few, frames))

    def _few(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The rows of a small window, and what has to be given besides."""
        touched = self._todo | self._book.skus | self._sets.skus
        inside = _spelled(rows if self._is_one_place else rows.filter(among(FOLDED, touched)))
        wanted = {**_unspelled(self._todo | self._sets.around(inside)), **inside}
        if not wanted:
            is_taken = bool((rows["taken_for_orders"].fill_null("") != "").any())
            wanted = _unspelled(self._learn(self._book.refresh(is_forced=is_taken)))
        yield from self._settled(wanted)
        yield without_orders(rows.filter(~among(FOLDED, self._done)), self._heard.stale)

    def _load_orders(self) -> None:
        if not self._book.is_loaded:
            self._book.reload()

    def _catch_up(self, window: Window) -> None:
        """What changed in the shop and in sets since the window begins, while this instance did not look."""
        self._load_orders()
        if window.since and not self._is_caught_up:
            since = window.since - _SKEW
            self._learn(self._book.changed_since(since) | {s for s, at in self._sets.changed_at.items() if at >= since})
        self._is_caught_up = True

    def _read_again(self) -> set[str]:
        """The members of which a location fell silent or is heard of again, so that all its rows have to be given."""
        now, flipped = self._clock.now(), self._heard.flipped()
        due = {name: at + _FACTS_SECONDS for name, at in self._read_in_full_at.items()}
        again = {name for name in self._members.giving(flipped) if now >= due.get(name, now)}
        self._read_in_full_at |= dict.fromkeys(again, now)
        self._heard.decide({code for code in flipped if self._members.giving({code}) <= again})
        return again

    # --- rows -------------------------------------------------------------------------------------------------------------

    def _frames(self, window: Window | dict[str, Window], *, is_tolerant: bool) -> Iterator[pl.DataFrame]:
        windows = window if isinstance(window, dict) else dict.fromkeys(self._members.sources, window)
        for frame, times in self._members.frames(windows, is_tolerant=is_tolerant):
            self._heard.hear(times)
            yield frame

    def _touched(self, *, is_tolerant: bool) -> Iterator[pl.DataFrame]:
        """All that orders or sets touch."""
        self._learn(self._book.skus | self._sets.skus)
        return self._settled(_unspelled(self._todo), is_tolerant=is_tolerant)

    def _settled(
        self, wanted: dict[str, set[str]], *, is_tolerant: bool = True, is_closed: bool = False
    ) -> Iterator[pl.DataFrame]:
        """All rows of these SKUs (and how they are written, where that is known), with what orders and sets make of them.

        What the shop sells of other SKUs while this reads is added, unless the window is closed to it, and a few times only.
        """
        waiting, more = sorted(wanted), 0 if is_closed else _MORE_CHUNKS
        while waiting:
            chunk, waiting = set(waiting[:_CHUNK]), waiting[_CHUNK:]
            yield self._settle(chunk, wanted, is_tolerant=is_tolerant)
            self._done |= chunk
            if more and not waiting:
                waiting, more = sorted(self._todo - self._given - self._done), more - 1

    def _settle(self, chunk: set[str], spelled: dict[str, set[str]], *, is_tolerant: bool) -> pl.DataFrame:
        """Read the members, then the orders, and bring them together."""
        needed = chunk | self._sets.within(chunk)
        rows = self._members.of_skus(self._written(needed, spelled), is_tolerant=is_tolerant)
        self._learn(self._book.refresh(is_forced=True))
        stale = self._heard.stale
        if self._is_one_place:
            rows, stale = in_one_place(rows, self._stock, stale), set()
        touched = chunk & (self._book.skus | self._sets.skus)
        kits = self._sets.around(needed)
        lines = self._book.lines(sorted(needed | kits))
        plain = without_orders(rows.filter(among(FOLDED, chunk - touched)), stale)
        others = settled(rows.filter(among(FOLDED, touched | needed)), touched, lines, self._sets, stale, self._company)
        found = together([plain, others]).filter(~among(pl.col("sku"), self._done_as))
        self._done_as |= set(found["sku"].to_list())
        if self._members.all_are_up:
            self._given |= chunk
        else:  # without the other places nobody can tell where orders are sent from
            self._todo |= touched
        return found

    def _written(self, skus: set[str], spelled: dict[str, set[str]]) -> set[str]:
        """How these SKUs may be written in a member: as seen there, as in the shop, as in the sets, in capitals or without."""
        forms: set[str] = set()
        for sku in skus:
            known = {*spelled.get(sku, ()), *self._book.spelled(sku), self._sets.spelled.get(sku, sku)}
            forms |= {form for name in known for form in (name, name.strip(), name.upper(), name.lower())}
        return forms

    def _streamed(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """All rows but those that are settled already; one of these that a member writes in another way than it was asked for is
        settled at the end."""
        odd: list[pl.DataFrame] = []
        stale = set() if self._is_one_place else self._heard.stale
        for frame in self._in_one_place(frames) if self._is_one_place else frames:
            is_done = among(FOLDED, self._done)
            odd.append(frame.filter(is_done & ~among(pl.col("sku"), self._done_as)))
            yield without_orders(frame.filter(~is_done), stale)
        yield from self._settled(_spelled(together(odd)), is_closed=True)

    def _in_one_place(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        summed = together([])
        for frame in frames:
            summed = in_one_place(together([summed, frame]), self._stock, self._heard.stale)
        yield summed

    def _refuse_empty(self, seen: set[str]) -> None:
        """Raises SourceEmpty where a location that the ledger knows stock of was not seen at all."""
        codes = {ONE_PLACE} if self._is_one_place else set(self._stock.locations) or self._heard.codes
        empty = [code for code in sorted(codes - seen) if has_stock(self.settings, code)]
        if empty:
            raise SourceEmpty(
                f"No stock at all was read of {', '.join(empty)}, where the ledger knows some.",
                kept="Nothing was withdrawn or changed in the shop.",
                do="Look at the source of it: a query, a folder without files. What is closed for good goes out of stock.toml.",
            )


def _first(frames: Iterator[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """Frames until they hold more rows than this."""
    count = 0
    for frame in frames:
        yield frame
        count += len(frame)
        if count > rows:
            return


def _table(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def _unspelled(skus: Iterable[str]) -> dict[str, set[str]]:
    return {sku: set() for sku in skus}


def _spelled(rows: pl.DataFrame) -> dict[str, set[str]]:
    """How the rows write each SKU."""
    found: dict[str, set[str]] = {}
    for sku in rows["sku"].unique().drop_nulls().to_list():
        found.setdefault(fold(sku), set()).add(sku)
    return found
