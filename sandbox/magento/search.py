"""searchCriteria: filters, sort orders and paging, with the unkind parts of Magento's."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from sandbox.magento.collation import collated, compare, like, sort_key
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError
from sandbox.magento.inputs import internal_error, leading_number, php_text, struct

struct("Filter", field="string", value="string", condition_type="string")
struct("FilterGroup", filters="Filter[]")
struct("SortOrder", field="string", direction="string")
struct("SearchCriteria", filter_groups="FilterGroup[]", sort_orders="SortOrder[]", page_size="int", current_page="int")

Value = Callable[[Record, str], Any]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Filter:
    """One condition."""

    field: str | None
    value: str | None
    condition: str


@dataclass(frozen=True)
class Criteria:
    """What to look for, and which page of it."""

    groups: list[list[Filter]] = field(default_factory=list)
    sort_orders: list[tuple[str, str]] = field(default_factory=list)
    page_size: int = 0
    current_page: int = 1


def parse(ctx: Context) -> Criteria:
    """The criteria of the call. Raises MagentoError for a wrong direction or a page that is too large."""
    sent = ctx.inputs.get("searchCriteria") or {}
    groups = [
        [
            Filter(one.get("field"), one.get("value"), one.get("condition_type") or "eq")
            for one in group.get("filters") or []
        ]
        for group in sent.get("filter_groups") or []
    ]
    orders = [(order.get("field") or "", _direction(order)) for order in sent.get("sort_orders") or []]
    return Criteria(groups, orders, _page_size(ctx, sent), sent.get("current_page") or 1)


def _direction(order: Record) -> str:
    direction = "DESC" if order.get("direction") is None else order["direction"].upper()
    if direction not in ("ASC", "DESC"):
        raise MagentoError(
            "The sort order has to be specified as %1 for ascending order or %2 for descending order.",
            ["ASC", "DESC"],
        )
    return direction


def _page_size(ctx: Context, sent: Record) -> int:
    size, settings = sent.get("page_size"), ctx.state.settings
    if not settings.input_limiting:
        return size or 0
    if size is not None and size > settings.page_size_limit:
        raise MagentoError("Maximum SearchCriteria pageSize is %max", {"max": settings.page_size_limit})
    return size or settings.default_page_size


def matches(stored: Any, one: Filter) -> bool:
    """Whether a stored value meets a condition; an unknown one (moreq, LIKE in capitals) counts as eq.

    Raises MagentoError for `is`, which no text can follow in SQL.
    """
    wanted = one.value if one.value is not None else ""
    condition = (
        EMPTY_TEXTS.get(one.condition, one.condition) if wanted == "" else TEXTS.get(one.condition, one.condition)
    )
    if condition == "is":
        raise internal_error()
    if condition in ("null", "notnull"):
        return (stored is None) == (condition == "null")
    if stored is None:
        return False
    if condition in SETS:
        return SETS[condition](stored, wanted)
    order = compare(stored, wanted)
    return {
        "neq": order != 0, "gt": order > 0, "lt": order < 0, "gteq": order >= 0,
        "lteq": order <= 0, "from": order >= 0, "to": order <= 0,
    }.get(condition, order == 0)  # fmt: skip


@lru_cache(maxsize=100)
def _parts(wanted: str, numbers: bool) -> frozenset[Any]:
    """The values of a list of conditions, as they compare with stored numbers or texts."""
    parts = wanted.split(",")
    return frozenset(leading_number(part) if numbers else collated(part) for part in parts)


def _among(stored: Any, wanted: str) -> bool:
    if isinstance(stored, bool | int | float):
        return float(stored) in _parts(wanted, numbers=True)
    return collated(str(stored)) in _parts(wanted, numbers=False)


def _contains(stored: Any, wanted: str) -> bool:
    return any(compare(part, wanted) == 0 for part in php_text(stored).split(","))


def _fits(stored: Any, wanted: str) -> bool:
    try:
        return re.search(collated(wanted), collated(php_text(stored))) is not None
    except re.error:
        raise internal_error() from None


# The conditions for texts that may be empty, and what they become.
EMPTY_TEXTS, TEXTS = {"seq": "null", "sneq": "notnull"}, {"seq": "eq", "sneq": "neq"}
SETS: dict[str, Callable[[Any, str], bool]] = {
    "like": like,
    "nlike": lambda stored, wanted: not like(stored, wanted),
    "in": _among,
    "nin": lambda stored, wanted: not _among(stored, wanted),
    "finset": _contains,
    "nfinset": lambda stored, wanted: not _contains(stored, wanted),
    "regexp": _fits,
}


def select(criteria: Criteria, records: Iterable[Record], value: Value) -> list[Record]:
    """The records that meet one filter of every group."""
    return [
        record
        for record in records
        if all(any(matches(value(record, one.field or ""), one) for one in group) for group in criteria.groups if group)
    ]


def ordered(criteria: Criteria, records: list[Record], value: Value) -> list[Record]:
    """Sorted by the sort orders, the first the strongest."""
    for name, direction in reversed(criteria.sort_orders):
        records = sorted(records, key=lambda record: sort_key(value(record, name)), reverse=direction == "DESC")
    return records


def page(criteria: Criteria, records: list[Found]) -> list[Found]:
    """One page: size 0 is everything, a negative size is 1, a page before the first is the first."""
    if criteria.page_size == 0:
        return records
    size, number = max(1, criteria.page_size), max(1, criteria.current_page)
    return records[(number - 1) * size : number * size]


def echo(ctx: Context) -> Record:
    """The criteria as Magento repeats them in the answer."""
    sent = ctx.inputs.get("searchCriteria") or {}
    result: Record = {
        "filter_groups": [
            {
                "filters": [
                    {"field": one.get("field"), "value": one.get("value"),
                     "condition_type": one.get("condition_type") or "eq"}
                    for one in group.get("filters") or []
                ]
            }
            for group in sent.get("filter_groups") or []
        ]
    }  # fmt: skip
    if sent.get("sort_orders"):
        result["sort_orders"] = [
            {"field": order.get("field"), "direction": None if order.get("direction") is None else _direction(order)}
            for order in sent["sort_orders"]
        ]
    size = _page_size(ctx, sent)
    if sent.get("page_size") is not None or size:
        result["page_size"] = size
    if sent.get("current_page") is not None:
        result["current_page"] = sent["current_page"]
    return result


def answer(
    ctx: Context,
    records: Iterable[Record],
    shown: Callable[[Record], Any] = lambda record: record,
    value: Value | None = None,
) -> Record:
    """A search over flat records; a field that the records do not have breaks the query, as a missing column would."""
    criteria, found = parse(ctx), list(records)

    def column(record: Record, name: str) -> Any:
        if name not in record:
            raise internal_error()
        return record[name]

    read = value or column
    found = ordered(criteria, select(criteria, found, read), read)
    return {
        "items": [shown(record) for record in page(criteria, found)],
        "search_criteria": echo(ctx),
        "total_count": len(found),
    }
