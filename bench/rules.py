"""(g): what the rules cost: the gate over products in three languages, each rule alone, and a rule of Great Expectations' own."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench import company
from bench.figures import Figure
from bench.place import Place, connect, say, work
from bench.quality_ledger import SETTINGS
from bench.sizes import Sizes

A_MILLION = 1_000_000
SLOWEST = 10


def measure(place: Place, sizes: Sizes) -> Iterator[Figure]:
    """Measured with ``sizes.rules`` products; what ends in ``per_million`` is that, in proportion, for a million of them."""
    say(f"rules: making an ERP of {sizes.rules:,} products ...")
    source = place.database("rules")
    company.found(source, place.folder / "media", sizes.rules)
    with connect(source) as connection:
        row = connection.execute("select count(*) from artikel").fetchone()
    products = row[0] if row else 0
    config = place.config("rules_config", SETTINGS)
    environment = place.environment(config, place.ledger("rules_ledger"), source)
    found = work("rules", environment, flows=["catalogue", "prices"])
    say(f"{products:,} products, {found['rows']:,} rows: the gate {found['gate']:.1f} s, {len(found['alone'])} rules")
    yield from figures(found, products)


def figures(found: Mapping[str, Any], products: int) -> Iterator[Figure]:
    """The figures of what ``bench.quality_tasks.rules`` found of so many products."""
    alone: dict[str, float] = found["alone"]
    to_a_million = A_MILLION / products
    yield Figure("rules_products", products)
    yield Figure("rules_judged", len(alone))
    yield Figure("rules_per_second", len(alone) / found["gate"])
    yield Figure("rules_checks_per_second", found["checks"] / found["gate"])
    yield Figure("rules_gate_seconds_per_million", found["gate"] * to_a_million)
    yield Figure("rules_gate_cpu_seconds_per_million", found["busy"] * to_a_million)
    yield Figure("rules_seconds_per_rule_per_million", found["gate"] * to_a_million / len(alone))
    yield Figure("rules_twice_the_records_ratio", found["gate"] / found["half"])
    yield Figure("rules_ratio_to_gx_not_null", found["gate"] / found["not_null"])
    yield Figure("rules_gate_share_of_judging", found["gate"] / found["judge"])
    yield Figure("rules_peak_mb", found["peak_mb"])
    for place, (rule, seconds) in enumerate(slowest(alone), 1):
        yield Figure(f"rules_slowest_{place}_{rule}_alone_seconds_per_million", seconds * to_a_million)


def slowest(alone: Mapping[str, float]) -> list[tuple[str, float]]:
    """The ten rules that take longest alone, the slowest first."""
    return sorted(alone.items(), key=lambda one: (-one[1], one[0]))[:SLOWEST]
