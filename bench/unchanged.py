"""(a) and (b): a million products that did not change, and one percent of them that did, beside the bare COPY of the query."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from bench import products
from bench.figures import Figure
from bench.place import Place, connect, say, work
from bench.sizes import Sizes

SETTINGS = """
languages = ["nl", "fr", "en"]
[flows.products]
source = "erp"
target = "book"
entities = ["product"]
[sources.erp]
kind = "sql"
connection = "erp"
[targets.book]
kind = "workbook"
file = "book.xlsx"
"""


class Unchanged:
    """The source, a ledger that holds it all, and the two config folders."""

    def __init__(self, place: Place, sizes: Sizes) -> None:
        self.sizes = sizes
        self.source = place.database("products")
        with connect(self.source) as connection:
            say(f"making {sizes.products:,} products ...")
            products.fill(connection, sizes.products)
        ledger = place.ledger("ledger")
        self._environments = {
            table: place.environment(
                place.config(table, SETTINGS, {"product": products.query(table)}), ledger, self.source
            )
            for table in ("product", "product_changed")
        }
        say("reading them for the first time, and noting in the ledger that the target holds them ...")
        first = work("plan", self._environments["product"], flow="products", is_whole=False)
        with connect(ledger) as connection:
            known = products.deliver_all(connection, place.folder / "home" / "staging", first["run_id"])
        _expect(known, sizes.products)

    def copy(self) -> float:
        """Seconds of the bare COPY."""
        return float(work("copy", {}, url=self.source, query=products.query("product"))["seconds"])

    def unchanged(self) -> dict[str, Any]:
        """A run that finds all unchanged."""
        found = work("plan", self._environments["product"], flow="products")
        _expect(found["plan"]["product"]["unchanged"], self.sizes.products)
        return found

    def changed(self) -> dict[str, Any]:
        """A run that finds one percent changed, judges it and plans to send it."""
        found = work("plan", self._environments["product_changed"], flow="products")
        _expect(found["plan"]["product"]["update"], self.sizes.changed)
        _expect(found["plan"]["product"]["unchanged"], self.sizes.products - self.sizes.changed)
        return found


def measure(case: Unchanged) -> Iterator[Figure]:
    """The figures; all three are run in turn, again and again, so that noise falls on all alike."""
    copies, same, changed = [], [], []
    case.copy()  # once unmeasured, so that the files are in memory for all
    for turn in range(case.sizes.repetitions):
        copies.append(case.copy())
        same.append(case.unchanged())
        changed.append(case.changed())
        say(f"turn {turn + 1}: COPY {copies[-1]:.2f} s, unchanged {_told(same[-1])}, 1 % changed {_told(changed[-1])}")
    bare, seconds = median(copies), median(run["seconds"] for run in same)
    with_changes = median(run["seconds"] for run in changed)
    yield Figure("copy_seconds", bare)
    yield Figure("unchanged_seconds", seconds)
    yield Figure("unchanged_ratio_to_copy", seconds / bare, "<=2")
    yield Figure("unchanged_peak_mb", max(run["peak_mb"] for run in same), "<600")
    yield Figure("one_percent_changed_seconds", with_changes)
    yield Figure("one_percent_changed_ratio", with_changes / seconds, "<=1.3")
    yield Figure("one_percent_changed_peak_mb", max(run["peak_mb"] for run in changed))


def _told(run: dict[str, Any]) -> str:
    steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in run["steps"].items())
    return f"{run['seconds']:.2f} s ({steps}; {run['peak_mb']:.0f} MB)"


def _expect(found: int, wanted: int) -> None:
    """A fast run that did something else would be no measurement."""
    if found != wanted:
        raise RuntimeError(
            f"The bench expected {wanted:,} records and the run counted {found:,}: nothing was measured."
        )
