"""What ``koppel doctor`` says about the shop; only reads."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from koppel.errors import KoppelError
from koppel.target import Check
from loaders.magento.queue import MEND, OPEN
from loaders.magento.shop import Shop

PERMISSIONS = {
    "products": "/V1/products",
    "attributes": "/V1/products/attributes",
    "attribute sets": "/V1/products/attribute-sets/sets/list",
    "categories": "/V1/categories/list",
    "bulk operations": "/V1/bulk",
}
WAITING_MINUTES = 15


Look = Callable[[Shop], Iterator[Check]]


def checks(shop: Shop, *more: Look) -> list[Check]:
    """Reachable, credentials, permissions, store views, website, queue; stops at the first that makes the rest pointless."""
    found: list[Check] = []
    for look in (_reachable, _store_views, _website, _permissions, _queue, *more):
        try:
            found.extend(look(shop))
        except KoppelError as error:
            found.append(Check(_subject(look), is_fine=False, detail=error.what, mend=error.do))
            if look is _reachable:
                break
    return found


def _reachable(shop: Shop) -> Iterator[Check]:
    started = time.monotonic()
    count = len(shop.store_ids.keys() - {"admin"})
    milliseconds = (time.monotonic() - started) * 1000
    detail = f"{shop.client.http.base_url} answers in {milliseconds:.0f} ms and knows us; {count} store views"
    yield Check("shop", is_fine=True, detail=detail)


def _store_views(shop: Shop) -> Iterator[Check]:
    for language, store in shop.stores.items():
        is_there = store in shop.store_ids
        detail = f"language {language} goes to store view {store!r}" + ("" if is_there else ", which does not exist")
        known = ", ".join(code for code in shop.store_ids if code != "admin")
        yield Check("store view", is_fine=is_there, detail=detail, mend="" if is_there else f"Name one of: {known}.")


def _website(shop: Shop) -> Iterator[Check]:
    yield Check("website", is_fine=True, detail=f"new products are sold on website number {shop.website_id}")


def _permissions(shop: Shop) -> Iterator[Check]:
    for subject, path in PERMISSIONS.items():
        try:
            answer = shop.client.get(path, [("searchCriteria[pageSize]", "1"), ("fields", "total_count")])
            is_fine, detail = answer.kind == "done", answer.message
        except KoppelError as error:
            is_fine, detail = False, error.what
        mend = (
            ""
            if is_fine
            else "Give the integration these resources in the shop's admin: Catalog, Stores, System > Bulk."
        )
        yield Check(f"permission: {subject}", is_fine=is_fine, detail=detail or "may be read", mend=mend)


def _queue(shop: Shop) -> Iterator[Check]:
    """An operation that has been open for long tells that no consumer runs; an empty queue tells nothing bad."""
    query = [
        ("searchCriteria[filter_groups][0][filters][0][field]", "status"),
        ("searchCriteria[filter_groups][0][filters][0][value]", str(OPEN)),
        ("searchCriteria[pageSize]", "1"),
        ("fields", "items[extension_attributes[start_time]],total_count"),
    ]
    answer = shop.client.get("/V1/bulk", query)
    body = answer.body if isinstance(answer.body, dict) else {}
    count, items = int(body.get("total_count") or 0), body.get("items") or []
    starts = [(item.get("extension_attributes") or {}).get("start_time") for item in items]
    waiting = max((_minutes_since(start) for start in starts if start), default=0.0)
    is_fine = waiting < WAITING_MINUTES
    detail = f"{count} operations open" + (f", since {waiting:.0f} minutes" if waiting else "")
    yield Check("bulk queue", is_fine=is_fine, detail=detail, mend="" if is_fine else MEND)


def _minutes_since(start: str) -> float:
    try:
        moment = datetime.strptime(start, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return max(0.0, (datetime.now(UTC) - moment).total_seconds() / 60)


def _subject(look: Look) -> str:
    return look.__name__.strip("_").replace("_", " ")
