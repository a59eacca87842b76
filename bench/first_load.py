"""(c): the first load of a catalogue with texts in three languages, photos and relations, judged by all rules, not delivered."""

import json
from collections import Counter
from collections.abc import Iterator

from bench import company
from bench.figures import Figure
from bench.place import Place, connect, say, work
from bench.sizes import Sizes

SETTINGS = """
languages = ["nl", "fr", "en"]
[flows.catalogue]
source = "erp"
target = "book"
entities = ["category", "product", "product_text", "product_image", "product_relation"]
[limits]
withdrawn_share = 1.0
held_back_share = 1.0
first_run_only_creates = 0
[sources.erp]
kind = "sql"
connection = "erp"
[targets.book]
kind = "workbook"
file = "book.xlsx"
"""


def measure(place: Place, sizes: Sizes) -> Iterator[Figure]:
    """Seconds per 100,000 products, from begin to plan, one process after the other slice by slice."""
    say(f"first load: making an ERP of {sizes.first_load:,} products ...")
    source = place.database("company")
    company.found(source, place.folder / "media", sizes.first_load)
    with connect(source) as connection:
        row = connection.execute("select count(*) from artikel").fetchone()
    products = row[0] if row else 0
    config = place.config("first-load", SETTINGS)
    environment = place.environment(config, place.ledger("first_ledger"), source)
    run = work("plan", environment, flow="catalogue")
    verdicts: Counter[str] = Counter()
    for part in run["judged"]:
        verdicts.update({name: part[name] for name in ("passed", "held back", "failed") if name in part})
    say(
        f"first load of {products:,} products: {json.dumps(run['steps'])}, records {dict(verdicts)}, {run['peak_mb']:.0f} MB"
    )
    yield Figure("first_load_seconds_per_100k", run["seconds"] * 100_000 / products)
    yield Figure("first_load_records_per_product", sum(verdicts.values()) / products)
    yield Figure("first_load_peak_mb", run["peak_mb"])
