"""What is known of the shop's orders: loaded once, kept up to date by what changed, and forgotten when it is settled."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from koppel.clock import Clock
from koppel.entities import ORDER_LINE
from koppel.errors import KoppelError
from koppel.order_balance import OrderLine
from koppel.order_texts import parse
from koppel.source import Source
from koppel.target import Check
from koppel.window import Window

_LATE = timedelta(seconds=30)
"""So much is read again each time: an order is stamped before it can be seen."""
_SWEEP_SECONDS = 60
_FAR = timedelta(minutes=10)
"""So often so much is read again."""


def fold(sku: str) -> str:
    """The form in which two SKUs are one for a shop."""
    return sku.strip().lower()


class OrderBook:
    """The lines of all orders that are open or changed lately, by SKU. SKUs go in and out in their folded form.

    ``source``: where orders come from, None where there are none. It is asked at most every ``poll_seconds``, unless forced.
    """

    def __init__(
        self, source: Source | None, settled_after: timedelta, poll_seconds: float, clock: Clock | None = None
    ) -> None:
        self._source, self._settled_after, self._poll_seconds = source, settled_after, poll_seconds
        self._clock = clock or Clock()
        self._orders: dict[str, list[OrderLine]] = {}
        self._numbers: dict[str, set[str]] = defaultdict(set)
        self._newest: datetime | None = None
        self._asked_at = self._swept_at = float("-inf")
        self.is_loaded = source is None

    @property
    def skus(self) -> set[str]:
        """The SKUs that orders are known of."""
        return set(self._numbers)

    def lines(self, skus: Iterable[str]) -> list[OrderLine]:
        """All known lines about these SKUs."""
        found = ((sku, number) for sku in skus for number in sorted(self._numbers.get(sku, ())))
        return [line for sku, number in found for line in self._orders[number] if fold(line.sku) == sku]

    def spelled(self, sku: str) -> set[str]:
        """How the shop writes a SKU."""
        return {line.sku for line in self.lines([sku])}

    def changed_since(self, time: datetime) -> set[str]:
        """The SKUs of orders that the shop changed since then."""
        lines = (line for lines in self._orders.values() for line in lines)
        return {fold(line.sku) for line in lines if line.modified_at is None or line.modified_at >= time}

    def reload(self) -> set[str]:
        """Read everything anew; the SKUs of which something is not as it was known."""
        return self._ask(Window(), self._clock.now())

    def refresh(self, *, is_forced: bool = False) -> set[str]:
        """Read what changed, if it is time to; the SKUs of which something is not as it was known."""
        now = self._clock.now()
        if self._source is None or not (is_forced or now - self._asked_at >= self._poll_seconds):
            return set()
        if not self.is_loaded or self._newest is None:
            return self._ask(Window(), now)
        is_sweep = now - self._swept_at >= _SWEEP_SECONDS
        return self._ask(Window(since=self._newest - (_FAR if is_sweep else _LATE)), now)

    def _ask(self, window: Window, now: float) -> set[str]:
        if self._source is None:
            return set()
        orders: dict[str, list[OrderLine]] = defaultdict(list)
        for table in self._source.read(ORDER_LINE, window):
            for row in table.to_pylist():
                if row["order_number"] and row["sku"] and fold(row["sku"]):
                    orders[row["order_number"]].append(_line(row))
        changed: set[str] = set()
        for number, lines in orders.items():
            changed |= self._take(number, lines)
        self._forget()
        self._asked_at, self.is_loaded = now, True
        if window.is_full or window.since is None or self._newest is None or self._newest - window.since >= _FAR:
            self._swept_at = now
        return changed

    def _take(self, number: str, lines: list[OrderLine]) -> set[str]:
        known = self._orders.get(number, [])
        self._newest = max([*(line.modified_at for line in lines if line.modified_at), *filter(None, [self._newest])],
                           default=None)  # fmt: skip
        self._drop(number)
        self._orders[number] = lines
        for line in lines:
            self._numbers[fold(line.sku)].add(number)
        before, after = _effects(known), _effects(lines)
        return {sku for sku in before.keys() | after.keys() if before.get(sku) != after.get(sku)}

    def _forget(self) -> None:
        """Drop the orders that are settled: nothing is open, and nothing changed for long."""
        limit = datetime.now(UTC) - self._settled_after
        for number, lines in list(self._orders.items()):
            if all(not line.open and (line.modified_at is None or line.modified_at < limit) for line in lines):
                self._drop(number)

    def _drop(self, number: str) -> None:
        for line in self._orders.pop(number, []):
            sku = fold(line.sku)
            self._numbers[sku].discard(number)
            if not self._numbers[sku]:
                del self._numbers[sku]


def check(source: Source) -> list[Check]:
    """What a source of orders says of itself, and whether it gives orders at all."""
    try:
        next(iter(source.read(ORDER_LINE, Window(keys=("0",)))), None)
    except KoppelError as error:
        return [Check(f"source {source.name}", False, f"gives no orders: {error.what}", error.do)]
    return source.check()


def _line(row: dict[str, Any]) -> OrderLine:
    counts = {name: float(row.get(name) or 0) for name in ("ordered", "shipped", "cancelled", "refunded")}
    shipped_from = parse(row.get("shipped_from")).amounts
    return OrderLine(
        row["order_number"],
        row["sku"],
        **counts,
        shipped_from=shipped_from,
        state=row.get("state") or "",
        modified_at=row.get("modified_at"),
    )


def _effects(lines: list[OrderLine]) -> dict[str, list[Any]]:
    """Per SKU what the lines mean for stock; all else may change as it likes."""
    found: dict[str, list[Any]] = defaultdict(list)
    for line in lines:
        found[fold(line.sku)].append((line.open, line.shipped, line.refunded, sorted(line.shipped_from.items())))
    return {sku: sorted(effects) for sku, effects in found.items()}
