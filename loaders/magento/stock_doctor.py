"""What ``koppel doctor`` says about stock: whether its sources are there, are sold from, and show at once; only reads."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from koppel.magento.client import sku_filters
from koppel.magento.keys import normalised
from koppel.target import Check
from loaders.magento.shop import Shop
from loaders.magento.sources import Sources

SAMPLE = 20
"""So many source items are looked at to find one that is certainly for sale."""


def looks(sources: Sources) -> tuple[Callable[[Shop], Iterator[Check]], ...]:
    """The looks at a shop whose stock lies in these sources; a shop whose stock nobody configured is not looked at."""

    def _stock_sources(shop: Shop) -> Iterator[Check]:  # noqa: ARG001
        if sources.locations and sources.has_inventory:
            yield from _missing(sources)
            yield _sold(sources)
        elif sources.locations:
            detail = "the shop has no multi-source inventory: one quantity per product, for which the source needs combine = true"
            yield Check("stock", is_fine=True, detail=detail)

    def _stock_index(shop: Shop) -> Iterator[Check]:
        if sources.locations and sources.has_inventory:
            yield from _shown(shop, sources)

    return _stock_sources, _stock_index


def _missing(sources: Sources) -> Iterator[Check]:
    there = sources.standing()
    for one in sources.locations.values():
        place = f"location {one.code} is source {one.source!r}"
        if not there.has(one.source):
            mend = "Make it in the shop's admin (Stores > Sources), or set create_sources = true for this target."
            detail = f"{place}, which the shop lacks" + (" and the next run makes" if sources.may_make else "")
            yield Check("stock source", sources.may_make, detail, "" if sources.may_make else mend)
        elif not there.sources[normalised(one.source)]:
            mend = "Switch it on in the shop's admin (Stores > Sources)."
            yield Check("stock source", is_fine=False, detail=f"{place}, which is switched off", mend=mend)
        else:
            yield Check("stock source", is_fine=True, detail=place)


def _sold(sources: Sources) -> Check:
    there = sources.standing()
    outside = [code for code, one in sources.locations.items() if there.has(one.source) and not there.sells(one.source)]
    detail = f"website {sources.website} sells from stock {there.stock_name!r}"
    if not outside:
        return Check("stock", is_fine=True, detail=detail)
    detail += f", which does not hold {', '.join(outside)}" + ("; the next run mends that" if sources.may_make else "")
    mend = "Assign their sources to that stock (Stores > Stocks), or set create_sources = true for this target."
    return Check("stock", sources.may_make, detail, "" if sources.may_make else mend)


def _shown(shop: Shop, sources: Sources) -> Iterator[Check]:
    """Stock that lies in a source of the website and can't be bought: the shop's index stands still, or is switched off."""
    there = sources.standing()
    sold = [one.source for one in sources.locations.values() if there.sells(one.source)]
    if not sold:
        return
    groups = [sku_filters(sold, "source_code"), [("quantity", "gt", "0")], [("status", "eq", "1")]]
    items, _ = shop.client.search("/V1/inventory/source-items", groups, "sku,source_code,quantity", size=SAMPLE)
    held = {normalised(item["sku"]): float(item["quantity"]) for item in items}
    on_sale = shop.client.products([item["sku"] for item in items], "sku,status") if items else []
    skus = [product["sku"] for product in on_sale if int(product.get("status") or 0) == 1]
    if not skus:
        return
    sku = max(skus, key=lambda one: held.get(normalised(one), 0))
    path = f"/V1/inventory/get-product-salable-quantity/{quote(sku, safe='')}/{there.stock}"
    salable = float(shop.client.value(path) or 0)
    detail = f"{held[normalised(sku)]:g} of {sku} lie in one source; from all of them {salable:g} can be sold"
    mend = (
        "Unless open orders reserve all of it: run bin/magento indexer:reindex inventory cataloginventory_stock, and see that "
        "the shop's cron runs."
    )
    yield Check("stock index", salable > 0, detail, "" if salable > 0 else mend)
