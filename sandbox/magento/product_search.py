"""searchCriteria on products: attributes per store view, categories, websites, and the oddities of sorting by price."""

import dataclasses
import functools
from collections.abc import Iterable
from typing import Any

from sandbox.magento import catalog, category_links, price_index, search
from sandbox.magento.collation import sort_key
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import internal_error
from sandbox.magento.product_values import OPTION_FLAGS, database_time, option_flag, own_value, value
from sandbox.magento.search import Criteria, Filter
from sandbox.magento.state import State

STATIC = {"entity_id": "id", "sku": "sku", "type_id": "type_id", "attribute_set_id": "attribute_set_id",
          "created_at": "created_at", "updated_at": "updated_at"}  # fmt: skip
DATES = ("created_at", "updated_at")
SPECIAL = ("category_id", "website_id", "store", "store_id")
# Attributes that are said to be columns of the product table, and are not.
NO_COLUMN = ("category_ids", "media_gallery")


def in_store(ctx: Context) -> Context:
    """The context in the store view that a filter on `store` or `store_id` names; else as it is."""
    named = [one.value for group in search.parse(ctx).groups for one in group if one.field in ("store", "store_id")]
    if not named:
        return ctx
    found = ctx.state.table("stores").find(lambda store: named[-1] in (store["code"], str(store["id"])))
    if found is None:
        raise NotFound("The store that was requested wasn't found. Verify the store and try again.")
    return dataclasses.replace(ctx, store_id=found["id"])


def find(ctx: Context) -> list[Record]:
    """All products that meet the criteria, sorted. Raises MagentoError for an unknown attribute."""
    criteria, state = search.parse(ctx), ctx.state
    _check_fields(state, criteria)
    records: list[Record] = [
        record
        for record in _candidates(state, criteria)
        if _listed(record) and all(any(_meets(ctx, record, one) for one in group) for group in criteria.groups if group)
    ]
    records.sort(key=lambda record: record["id"])
    for name, direction in reversed(criteria.sort_orders):
        records = _sorted(ctx, records, name, direction == "DESC")
    return records


def _listed(record: Record) -> bool:
    """Whether lists show the product at all: only with a general status and visibility."""
    return own_value(record, "status", 0) is not None and own_value(record, "visibility", 0) is not None


def _candidates(state: State, criteria: Criteria) -> Iterable[Record]:
    """All products, or the few that a filter on the SKU alone can mean; thousands of products make the difference felt."""
    for group in criteria.groups:
        if len(group) == 1 and group[0].field == "sku" and group[0].condition in ("eq", "in"):
            skus = (group[0].value or "").split(",") if group[0].condition == "in" else [group[0].value or ""]
            found = [catalog.by_sku(state, sku) for sku in skus]
            return {record["id"]: record for record in found if record}.values()
    return state.table("products")


def _check_fields(state: State, criteria: Criteria) -> None:
    for one in (one for group in criteria.groups for one in group):
        if one.field not in STATIC and one.field not in SPECIAL and one.field not in state.table("attributes"):
            raise MagentoError('The "%1" attribute name is invalid. Reset the name and try again.', [one.field])
    if any(one.field in NO_COLUMN for group in criteria.groups for one in group):
        raise internal_error()
    if any(name in NO_COLUMN for name, _ in criteria.sort_orders):
        raise internal_error()


def _meets(ctx: Context, record: Record, one: Filter) -> bool:
    name = one.field or ""
    if name in SPECIAL:
        return _meets_special(ctx, record, one)
    if name in DATES:
        return search.matches(record[name], _dated(one))
    held = record[STATIC[name]] if name in STATIC else value(record, name, ctx.store_id)
    if name in OPTION_FLAGS:
        held = option_flag(record, name)
    return search.matches(None if held == "" else held, one)


def _dated(one: Filter) -> Filter:
    """A date filter as the database reads it; a text that is no date counts as the zero date."""
    text = database_time(one.value or "")
    keep = one.condition in ("like", "nlike", "in", "nin", "null", "notnull")
    return one if keep else Filter(one.field, text, one.condition)


def _meets_special(ctx: Context, record: Record, one: Filter) -> bool:
    wanted = {int(part) for part in (one.value or "").split(",") if part.strip().isdigit()}
    if one.field == "category_id":
        held = set(category_links.positions(ctx.state, record["id"]))
        wanted = _with_descendants(ctx.state, frozenset(wanted))
    elif one.field == "website_id":
        held = set(record["website_ids"])
    else:
        return ctx.store_id == 0 or ctx.website_id in record["website_ids"]
    return bool(held & wanted) != (one.condition in ("neq", "nin"))


def _with_descendants(state: State, wanted: frozenset[int]) -> set[int]:
    """An anchor category shows the products of the categories below it."""
    return {
        category["id"]
        for category in state.table("categories")
        if wanted & {int(part) for part in category["path"].split("/")}
    }


def _sorted(ctx: Context, records: list[Record], name: str, descending: bool) -> list[Record]:
    state = ctx.state
    name = "entity_id" if name == "position" else name
    if name == "price" and ctx.store_id != 0:
        # The price comes from the index, in which only what can be sold stands.
        records = [record for record in records if price_index.contains(state, record, ctx.store_id)]
    if name not in STATIC and name not in state.table("attributes"):
        return records
    read = functools.partial(_sort_value, name=name, store_id=ctx.store_id)
    return sorted(records, key=lambda record: sort_key(read(record)), reverse=descending)


def _sort_value(record: Record, name: str, store_id: int) -> Any:
    return record[STATIC[name]] if name in STATIC else value(record, name, store_id)
