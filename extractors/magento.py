"""Reads a Magento shop: its orders, as far as they still hold stock or changed lately, line by line.

Everything: orders that are open, and those that changed in the last ``settled_days`` (2); since: those that changed since; keys:
orders by their number. In pages by ascending ``entity_id``, so that an order that comes or changes meanwhile shifts nothing.
The source of the shop that goods left from stands in the shipments, which are asked for only where something was shipped.
Options: ``settled_days``, ``page_size`` (300), and those of the target: ``calls_per_minute``, ``retry_seconds``...
"""

import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa

from extractors import shape
from extractors.magento_orders import ORDER_FIELDS, SCHEMA, SHIPMENT_FIELDS, has_shipped, table_of, whole
from koppel.clock import Clock
from koppel.entities import ORDER_LINE, Entity
from koppel.errors import ConfigError, KoppelError, SourceDown, SourceShape, TargetDown, TargetRefused
from koppel.magento.client import Filter, MagentoClient, sku_chunks, sku_filters
from koppel.settings import SourceSettings
from koppel.target import Check
from koppel.window import Window

log = logging.getLogger(__name__)

OPEN_STATES = ("new", "pending_payment", "processing", "holded", "payment_review")
"""States of an order that may still hold a reservation."""
_PATIENCE = 15
"""Seconds of waiting within one call: what reads again every second has no use for more."""

Record = dict[str, Any]
Groups = list[Sequence[Filter]]


class MagentoSource:
    """A Magento shop as a source of orders."""

    def __init__(self, settings: SourceSettings, clock: Clock | None = None) -> None:
        self.name = settings.name
        self.settings = settings
        self._clock = clock
        self._knows_sources = True

    @cached_property
    def client(self) -> MagentoClient:
        """The shop; opens nothing by itself."""
        options = {"retry_seconds": _PATIENCE, **self.settings.options}
        client = MagentoClient(replace(self.settings, options=options), self._clock)
        client.page_size = max(1, int(options.get("page_size", 300)))
        return client

    @property
    def settled_after(self) -> timedelta:
        """An order that is not open and did not change for so long is settled."""
        return timedelta(days=float(self.settings.options.get("settled_days", 2)))

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        """The lines of orders, one row per order and SKU; one empty table when there are none.

        All lines of an order come in one reading. Raises ConfigError, SourceDown or SourceShape.
        """
        if entity.name != ORDER_LINE.name:
            raise ConfigError(
                f"Source {self.name!r}, a Magento shop, gives {ORDER_LINE.name}, not {entity.name}.",
                do="Name it as orders = of the source of stock in koppel.toml.",
            )
        is_empty = True
        with _in_words():
            for orders in self._orders(window):
                for table in shape.slices(table_of(orders, self._shipments(orders))):
                    if table.num_rows:
                        is_empty = False
                        yield table
        if is_empty:
            yield shape.with_times(SCHEMA.empty_table(), "The shop's orders")

    def accounted(self, entity: Entity, run_id: str) -> None:
        """A shop keeps no account of who read it."""

    def check(self) -> list[Check]:
        """Whether orders and shipments can be read."""
        subject = f"source {self.name}"
        checks = []
        for path, groups in (("/V1/orders", [[_open()]]), ("/V1/shipments", [[("entity_id", "gt", "0")]])):
            try:
                with _in_words():
                    _, count = self.client.search(path, groups, "entity_id", sorted_by="entity_id", size=1)
                checks.append(Check(subject, True, f"{path}: {count}" + (" open" if "orders" in path else "")))
            except KoppelError as error:
                checks.append(Check(subject, False, f"{path}: {error.what}", error.do))
        return checks

    def _orders(self, window: Window) -> Iterator[list[Record]]:
        for narrowing in self._narrowings(window):
            yield from self._pages("/V1/orders", narrowing, ORDER_FIELDS)

    def _narrowings(self, window: Window) -> Iterator[Groups]:
        """The window as filters; more than one set of them where the keys don't fit in one address."""
        if window.is_full:
            yield [[_open(), ("updated_at", "gteq", _second(datetime.now(UTC) - self.settled_after))]]
            return
        times: Groups = []
        if window.since:
            times.append([("updated_at", "gteq", _second(window.since))])
        if window.until:
            times.append([("updated_at", "lteq", _second(window.until))])
        if not window.keys:
            yield times
        for chunk in sku_chunks(window.keys, self.client.page_size):
            yield [*times, sku_filters(chunk, "increment_id")]

    def _pages(self, path: str, narrowing: Groups, fields: str) -> Iterator[list[Record]]:
        """Records by ascending id. The end is where a page holds all that is left, or, whatever the shop repeats, nothing new."""
        last = 0
        while True:
            newer: Groups = [*narrowing, [("entity_id", "gt", str(last))]]
            items, left = self.client.search(path, newer, fields, sorted_by="entity_id")
            found = {whole(item, "entity_id"): item for item in items}
            if 0 in found:
                raise SourceShape(
                    f"The shop gives records of {path} without entity_id.",
                    kept="Nothing was changed.",
                    do="Look at what stands between Koppel and the shop; run koppel doctor.",
                )
            fresh = {number: item for number, item in found.items() if number > last}
            if not fresh:
                return
            yield list(fresh.values())
            last = max(fresh)
            if left and len(items) >= left:
                return

    def _shipments(self, orders: list[Record]) -> dict[int, list[Record]]:
        """The shipments of these orders, by the order's id; none where the shop does not let us see them."""
        found: dict[int, list[Record]] = defaultdict(list)
        wanted = [str(whole(order, "entity_id")) for order in orders if has_shipped(order)]
        if not wanted or not self._knows_sources:
            return found
        try:
            for chunk in sku_chunks(wanted, self.client.page_size):
                for page in self._pages("/V1/shipments", [[("order_id", "in", ",".join(chunk))]], SHIPMENT_FIELDS):
                    for shipment in page:
                        found[whole(shipment, "order_id")].append(shipment)
        except TargetRefused as error:
            self._knows_sources = False
            log.warning("Where goods of source %s were shipped from is not known: %s", self.name, error.what)
            return {}
        return found


def _open() -> Filter:
    return ("state", "in", ",".join(OPEN_STATES))


def _second(time: datetime) -> str:
    """A time as the shop compares it: UTC, cut to the second, as its own times are."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """What the shared client says of a target, said of a source."""
    try:
        yield
    except TargetDown as error:
        raise SourceDown(error.what, kept="Nothing was changed.", do=error.do) from error
    except TargetRefused as error:
        raise ConfigError(error.what, kept="Nothing was changed.", do=error.do) from error
