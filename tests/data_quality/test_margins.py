"""The margin of a category: exact at its bounds, taken from the category above, and nothing of it goes to a target."""

from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from data_quality.assortment import Assortment
from data_quality.catalogue import RULES
from data_quality.facts import Facts
from koppel.entities import ENTITIES

RULE = RULES["price_margin"]
AMOUNTS = st.decimals(Decimal("0.0001"), Decimal(99_999_999), places=4)
BOUNDS = st.lists(st.integers(0, 100), min_size=2, max_size=2, unique=True).map(sorted)


def is_found(price: Decimal | None, cost: Decimal | None, code: str | None, least: float, most: float) -> bool:
    facts = Facts((), datetime(2026, 11, 26, tzinfo=UTC), Assortment({"JUW": {"margin": [least, most]}}))
    rows = pd.DataFrame({"price_eur_excl_vat": [price], "cost_eur": [cost]}, dtype="object")
    rows = rows.assign(category_code=pd.Series([code], dtype="str"))
    return not RULE.check(rows, facts.for_rule(RULE.options, RULE.id)).iloc[0]  # type: ignore[operator]


@given(AMOUNTS, AMOUNTS, BOUNDS)
def test_a_margin_is_compared_exactly(price: Decimal, cost: Decimal, bounds: list[int]) -> None:
    least, most = (Decimal(bound) / 100 for bound in bounds)
    fits = price * least <= price - cost <= price * most
    assert is_found(price, cost, "JUW-RIN", float(least), float(most)) is not fits


def test_without_a_band_for_its_category_a_single_price_is_never_unusual() -> None:
    for code in ("TEL", None):
        assert not is_found(Decimal(20), Decimal(19), code, 0.4, 0.8)
    assert is_found(Decimal(20), Decimal(19), "JUW", 0.4, 0.8)
    assert not is_found(None, Decimal(19), "JUW", 0.4, 0.8)


def test_the_category_of_a_price_is_judged_and_not_sent() -> None:
    price = ENTITIES["price"]
    present = [column.name for column in price.columns]
    assert "category_code" in price.names("judged", present)
    assert price.names("sent", present) == ["price_eur_excl_vat"]
