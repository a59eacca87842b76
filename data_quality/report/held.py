"""What is held back from the shop: since when, whether that is too long, and what customers see meanwhile."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from data_quality.report.model import Held, HeldGroup, Problem, Product
from data_quality.report.options import Options
from data_quality.scores import ABOUT_A_PRODUCT
from koppel.ledger import Ledger
from koppel.ledger_bulk import literal
from koppel.ledger_states import GONE


@dataclass(frozen=True, slots=True)
class Deadline:
    """When what is held back is overdue: a dear product sooner. ``began``: per entity when its latest run did; None: nothing
    is called new, because no earlier day is known."""

    now: datetime
    options: Options
    dear_above: Decimal | None
    began: Mapping[str, datetime] | None

    def group(self, problem: Problem, worth: Decimal | None) -> HeldGroup:
        """Overdue comes before new: after weeks without a run nothing is new any more."""
        is_dear = worth is not None and self.dear_above is not None and worth > self.dear_above
        days = self.options.deadline_days_dear if is_dear else self.options.deadline_days
        if self.now - problem.since > timedelta(days=days):
            return "overdue"
        if self.began is None:
            return "waiting"
        began = self.began.get(problem.entity, self.now - timedelta(days=1))
        return "new" if problem.since >= began else "waiting"


def dear_above(products: pl.DataFrame) -> int | None:
    """Above which worth (cents) a product belongs to the dearest quarter; None: worth is not known."""
    at = products["worth"].quantile(0.75, "lower")
    return None if at is None else int(at)


def held(
    products: Iterable[Product], standing: Collection[tuple[str, str]], deadline: Deadline
) -> tuple[Held, ...]:  # fmt: skip
    """What is held back, once per reason, the dearest first. ``standing``: entity and key of what the shop shows."""
    found = [
        Held(
            one.sku, problem, deadline.group(problem, one.worth), max((deadline.now - problem.since).days, 0),
            "last good version" if _shown(one.sku, problem) in standing else "nothing", one.worth,
        )
        for one in products
        for problem in one.problems
        if problem.severity == "block" and problem.entity in ABOUT_A_PRODUCT
    ]  # fmt: skip
    return tuple(
        sorted(found, key=lambda one: (-(one.worth or 0), -one.days, one.sku, one.problem.rule, one.problem.language))
    )


def _shown(sku: str, problem: Problem) -> tuple[str, str]:
    """What a customer misses: that text, or else the product."""
    return ("product_text", problem.key) if problem.entity == "product_text" else ("product", sku)


def standing(ledger: Ledger, target: str) -> set[tuple[str, str]]:
    """Of what blocks hold back, entity and key of what the target holds in its last good version."""
    blocked = f"(select key from finding where target = {literal(target)} and severity = 'block' and entity"  # noqa: S608
    query = (
        f"select entity, key from delivery where target = {literal(target)} and state <> 'withdrawn' "  # noqa: S608
        f"and fingerprint <> {literal(GONE)} and ("
        f"entity = 'product' and key in {blocked} in ('product', 'product_image', 'product_relation', 'price')) or "
        f"entity = 'product_text' and key in {blocked} = 'product_text'))"
    )
    table = ledger.columns(query)
    return set(zip(table["entity"].to_pylist(), table["key"].to_pylist(), strict=True))
