"""(e): how many requests the shop gets for changed texts in three languages, and for nothing changed, by its own log."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bench import company
from bench.figures import Figure
from bench.place import Place, connect, say, work
from bench.sizes import Sizes
from sandbox.magento.testing import RunningShop, running_shop

SETTINGS = """
languages = ["nl", "fr", "en"]
[flows.catalogue]
source = "erp"
target = "shop"
entities = ["category", "product", "product_text"]
[limits]
withdrawn_share = 1.0
held_back_share = 1.0
first_run_only_creates = 0
[sources.erp]
kind = "sql"
connection = "erp"
[targets.shop]
kind = "magento"
connection = "shop"
stores = { nl = "nl", fr = "fr", en = "en" }
tax_classes = { standard = 2, reduced = 2, zero = 0 }
calls_per_minute = 100000
"""
_FIT = """
select split_part(key, ':', 2) from delivery where entity = 'product_text' and state = 'delivered'
group by 1 having count(*) = 3 order by 1 limit %s
"""
_CHANGED = """
select count(*), count(distinct split_part(key, ':', 2)) from receipt
where run_id = %s and entity = 'product_text' and outcome = 'delivered'
"""


def measure(place: Place, sizes: Sizes) -> Iterator[Figure]:
    """Requests per 100 products of a run that changes all texts, and of one that finds all unchanged."""
    say(f"requests: {sizes.shop:,} products into a fresh shop ...")
    source, ledger = place.database("small_company"), place.ledger("shop_ledger")
    company.found(source, place.folder / "media", sizes.shop * 6 // 5)
    with running_shop() as shop, connect(ledger) as look:
        config = place.config("shop", SETTINGS)
        environment = {**place.environment(config, ledger, source), "AIRFLOW_CONN_SHOP": _connection(shop)}
        _told("first load", _run(shop, environment))
        # What the rules hold back or the shop refuses is looked at again in every run; here all products are fit.
        company.keep(source, [row[0] for row in look.execute(_FIT, (sizes.shop,))])
        _told("only what is fit", _run(shop, environment))
        company.change_texts(source)
        changed = _told("all texts changed", _run(shop, environment))
        texts, products = look.execute(_CHANGED, (changed["run_id"],)).fetchone() or (0, 0)
        same = _told("nothing changed", _run(shop, environment))
    if texts != 3 * products or products < 0.99 * sizes.shop:
        raise RuntimeError(f"{texts} texts of {products} products were delivered, not those of {sizes.shop}.")
    yield Figure("requests_per_100_changed", 100 * changed["requests"] / products, "<=3")
    yield Figure("requests_per_100_unchanged", 100 * same["requests"] / products, "0")


def _told(what: str, run: dict[str, Any]) -> dict[str, Any]:
    say(f"{what}: {run['requests']} requests {dict(run['paths'])}, {run['seconds']:.0f} s, {run['counts']}")
    return run


def _run(shop: RunningShop, environment: dict[str, str]) -> dict[str, Any]:
    before = len(_requests(shop))
    done = work("deliver", environment, flow="catalogue")
    made = _requests(shop)[before:]
    return {**done, "requests": len(made), "paths": Counter(made).most_common(8)}


def _requests(shop: RunningShop) -> list[str]:
    """Method and path of every request so far, numbers and names of bulks left out."""
    with shop.state.database.lock:
        lines = [line for line in shop.state.table("log") if line["kind"] == "request"]
    return [f"{line['method']} {re.sub(r'/(?:[0-9a-f-]{36}|[0-9]+)(?=/|$)', '/*', line['path'])}" for line in lines]


def _connection(shop: RunningShop) -> str:
    host, _, port = shop.url.removeprefix("http://").partition(":")
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    extra = {name: getattr(shop.credentials, name) for name in names}
    return json.dumps({"conn_type": "http", "host": host, "port": int(port), "extra": extra})
