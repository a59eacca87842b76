"""Sets that are sold as one SKU: what is in them, and which SKUs have to be looked at together because of it."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from extractors.shape import one_line
from extractors.stock_orders import fold
from koppel.order_balance import exploded

log = logging.getLogger(__name__)


class Sets:
    """All sets, taken apart to single goods. SKUs go in and out in their folded form."""

    def __init__(self, rows: Iterable[dict[str, Any]] = ()) -> None:
        self.spelled: dict[str, str] = {}
        self.changed_at: dict[str, datetime] = {}
        """When the source last changed what is in a set, where it says so."""
        given: dict[str, dict[str, float]] = defaultdict(dict)
        for row in rows:
            names = [str(row[name] or "") for name in ("sku", "component_sku")]
            if not all(map(fold, names)):
                continue
            for name in names:
                self.spelled.setdefault(fold(name), name)
            sku, part = map(fold, names)
            given[sku][part] = given[sku].get(part, 0.0) + _number(row["quantity"])
            if at := row.get("modified_at"):
                self.changed_at[sku] = max(at, self.changed_at.get(sku, at))
        self.parts, wrong = exploded(given)
        self.wrong = frozenset(wrong)
        """Sets that can't be taken apart."""
        for reason in wrong.values():
            log.error("%s", one_line(reason))
        self._inside: dict[str, set[str]] = defaultdict(set)
        for sku, parts in self.parts.items():
            for part in parts:
                self._inside[part].add(sku)

    @property
    def skus(self) -> set[str]:
        """All sets, and all that is in one."""
        return self.parts.keys() | self.wrong | self._inside.keys()

    def around(self, skus: Iterable[str]) -> set[str]:
        """The sets that one of these SKUs is in."""
        return {kit for sku in skus for kit in self._inside.get(sku, ())}

    def within(self, skus: Iterable[str]) -> set[str]:
        """What is in those of these SKUs that are sets."""
        return {part for sku in skus for part in self.parts.get(sku, ())}

    def differing(self, other: "Sets") -> set[str]:
        """The sets that are not what they are in another state, with all that is or was in them."""
        kits = {
            sku
            for sku in self.parts.keys() | other.parts.keys() | self.wrong | other.wrong
            if self.parts.get(sku) != other.parts.get(sku)
        }
        return kits | self.within(kits) | other.within(kits)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
