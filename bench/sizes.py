"""How much is measured: all of it, or a tenth for a quick look."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """``products``: rows of (a) and (b); ``first_load``: products of (c); ``rivals``: rows of (d); ``shop``: products of (e);
    ``stock``: rows of stock of (f), and for how many seconds they are sold; ``rules``: products of (g); ``report`` and
    ``scores``: products of (h).
    """

    products: int
    first_load: int
    rivals: int
    shop: int
    repetitions: int
    stock: int
    stock_seconds: float
    rules: int
    report: int
    scores: int

    @property
    def changed(self) -> int:
        """One percent of the products."""
        return self.products // 100


FULL = Sizes(
    products=1_000_000,
    first_load=100_000,
    rivals=1_000_000,
    shop=5_000,
    repetitions=5,
    stock=1_000_000,
    stock_seconds=180,
    rules=100_000,
    report=100_000,
    scores=1_000_000,
)
QUICK = Sizes(
    products=100_000,
    first_load=10_000,
    rivals=100_000,
    shop=1_200,
    repetitions=3,
    stock=100_000,
    stock_seconds=60,
    rules=10_000,
    report=10_000,
    scores=100_000,
)


def chosen(environment: Mapping[str, str] = os.environ) -> Sizes:
    """QUICK when the variable of that name says so (``make bench QUICK=1``), else all."""
    return FULL if environment.get("QUICK", "") in {"", "0", "no", "false"} else QUICK
