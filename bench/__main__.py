"""``make bench``: prints each figure as ``bench NAME VALUE GOAL ok|short``; all else goes to standard error.

QUICK=1: a tenth of the size. ONLY=unchanged,first_load,dlt,requests: only those parts.
"""

import time
from collections.abc import Iterable

from bench import unchanged
from bench.figures import Figure
from bench.place import Place, place, say
from bench.sizes import Sizes, chosen
from koppel.settings import Settings


def main() -> None:
    """Measure and print."""
    sizes, started = chosen(), time.monotonic()
    with place(Settings.load().state_root / "bench") as here:
        for figure in _figures(here, sizes):
            print(figure.line, flush=True)
    say(f"{time.monotonic() - started:.0f} s")


def _figures(here: Place, sizes: Sizes) -> Iterable[Figure]:
    _, figures = unchanged.measure(here, sizes)
    yield from figures


if __name__ == "__main__":
    main()
