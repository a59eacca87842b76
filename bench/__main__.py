"""``make bench``: prints each figure as ``bench NAME VALUE GOAL ok|short``; all else goes to standard error.

QUICK=1: a tenth of the size. ONLY=unchanged,first_load,dlt,requests,stock,rules,report: only those parts.
"""

import os
import sys
import time
from collections.abc import Iterator

from bench import first_load, report, rivals, rules, shop_requests, stock, unchanged
from bench.figures import Figure
from bench.place import Place, place, say
from bench.sizes import Sizes, chosen
from koppel.settings import Settings

PARTS = ("unchanged", "dlt", "first_load", "requests", "stock", "rules", "report")


def main() -> int:
    """Measure and print; gives the exit code, which is 0 also where a goal is missed: that is a result."""
    sizes, started = chosen(), time.monotonic()
    parts = tuple(part for part in os.environ.get("ONLY", "").split(",") if part) or PARTS
    if unknown := set(parts) - set(PARTS):
        say(f"ONLY names no part of the bench: {', '.join(unknown)}. There are {', '.join(PARTS)}.")
        return 2
    with place(Settings.load().state_root / "bench") as here:
        for figure in _figures(here, sizes, parts):
            print(figure.line, flush=True)
    say(f"{time.monotonic() - started:.0f} s in all")
    return 0


def _figures(here: Place, sizes: Sizes, parts: tuple[str, ...]) -> Iterator[Figure]:
    if "unchanged" in parts or "dlt" in parts:
        case, seconds = unchanged.Unchanged(here, sizes), 0.0
        for figure in unchanged.measure(case):
            seconds = figure.value if figure.name == "unchanged_seconds" else seconds
            yield figure
        if "dlt" in parts:
            yield from rivals.measure(here, sizes, case.source, seconds / sizes.products)
    if "first_load" in parts:
        yield from first_load.measure(here, sizes)
    if "requests" in parts:
        yield from shop_requests.measure(here, sizes)
    if "stock" in parts:
        yield from stock.measure(here, sizes)
    if "rules" in parts:
        yield from rules.measure(here, sizes)
    if "report" in parts:
        yield from report.measure(here, sizes)


if __name__ == "__main__":
    sys.exit(main())
