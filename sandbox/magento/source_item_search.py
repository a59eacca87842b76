"""Reading quantities per source; the two ways in which a coupling reads a million of them do not look at every row."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from sandbox.magento import search, source_items
from sandbox.magento.collation import collated
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.inventory import API, SOURCE_ACL
from sandbox.magento.routing import route
from sandbox.magento.state import State


@route(
    "GET", "/V1/inventory/source-items", SOURCE_ACL, {"searchCriteria?": "SearchCriteria"},
    API + "SourceItemRepositoryInterface::getList",
)  # fmt: skip
def list_items(ctx: Context) -> Any:
    """Search quantities."""
    criteria = search.parse(ctx)
    skus = _through_a_source(ctx.state, criteria)
    if skus is None:
        return search.answer(ctx, _named(ctx.state, criteria))
    table, source = ctx.state.table("source_items"), str(_single(criteria)["source_code"].value)
    items = [table[(sku, source)] for sku in search.page(criteria, skus)]
    return {"items": items, "search_criteria": search.echo(ctx), "total_count": len(skus)}


def _single(criteria: search.Criteria) -> dict[str, search.Filter]:
    """The filters by field, when every group is a single one."""
    return {str(group[0].field): group[0] for group in criteria.groups if len(group) == 1}


def _through_a_source(state: State, criteria: search.Criteria) -> list[str] | None:
    """The SKUs of one source after a given one, in order; None when something else is asked for."""
    filters = _single(criteria)
    conditions = {name: one.condition for name, one in filters.items()}
    by_sku = criteria.sort_orders == [("sku", "ASC")] and len(filters) == len(criteria.groups)
    if not by_sku or conditions not in ({"source_code": "eq"}, {"source_code": "eq", "sku": "gt"}):
        return None
    source = filters["source_code"].value or ""
    if source not in state.table("sources"):
        return None
    skus = source_items.skus_of(state, source)
    after = filters["sku"].value if "sku" in filters else None
    return skus if after is None else skus[bisect_right(skus, collated(after)) :]


def _named(state: State, criteria: search.Criteria) -> Iterable[Record]:
    """The rows of the SKUs that the search names, else all rows."""
    for group in criteria.groups:
        if group and all(one.field == "sku" and one.condition in ("eq", "in") for one in group):
            wanted = [sku for one in group for sku in _values(one)]
            skus = {collated(sku): sku for sku in wanted}
            return [item for sku in skus.values() for item in source_items.of_product(state, sku)]
    return state.table("source_items")


def _values(one: search.Filter) -> list[str]:
    return (one.value or "").split(",") if one.condition == "in" else [one.value or ""]
