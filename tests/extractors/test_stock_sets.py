"""Stock put together: sets, a shop that knows only one place, and more rows than fit in memory at once."""

import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from koppel.entities import STOCK_COMPONENT, STOCK_LEVEL
from koppel.judging import Context
from tests.extractors.stock_company import Company, now, quantities
from transformers.stock_level import transform

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Company:
    return Company(monkeypatch, tmp_path)


# --- sets -------------------------------------------------------------------------------------------------------------


def test_a_set_is_made_of_what_is_in_it_wherever_all_of_that_lies(company: Company) -> None:
    company.kit("SET", CUP=2, DISH=1)
    company.count("MECH", "CUP", 7)
    company.count("MECH", "DISH", 9)
    company.count("GENT", "CUP", 7)
    rows = company.read()
    assert [part["sku"] for part in json.loads(rows["MECH", "SET"]["components"])] == ["CUP", "DISH"]
    assert quantities(company, rows)["MECH", "SET"] == 3
    assert ("GENT", "SET") not in rows


def test_an_order_of_a_set_claims_what_is_in_it_and_a_changed_part_brings_the_set(company: Company) -> None:
    old = now() - 5 * HOUR
    company.kit("SET", CUP=2)
    company.count("MECH", "CUP", 7, at=old)
    company.count("MECH", "OTHER", 7, at=old)
    company.read()
    company.done()
    company.order("0001", "SET", 1)
    rows = company.read(since=MINUTE)
    assert rows["MECH", "CUP"]["claimed"] == 2
    # Two sets can be made of what is left, and the shop takes the one that is ordered off the third itself.
    assert quantities(company, rows) == {("MECH", "CUP"): 5, ("MECH", "SET"): 3}
    company.done()
    company.count("MECH", "CUP", 4)
    assert set(company.read(since=MINUTE)) == {("MECH", "CUP"), ("MECH", "SET")}


def test_a_set_of_other_content_brings_it_and_what_is_and_was_in_it(company: Company) -> None:
    old = now() - 5 * HOUR
    company.kit("SET", CUP=2)
    for sku in ("CUP", "DISH"):
        company.count("MECH", sku, 7, at=old)
    company.read()
    company.done()
    company.erp.rows[STOCK_COMPONENT.name].clear()
    company.kit("SET", DISH=1)
    company.clock.time += 100
    rows = company.read(since=MINUTE)
    assert set(rows) == {("MECH", "CUP"), ("MECH", "DISH"), ("MECH", "SET")}
    assert quantities(company, rows)["MECH", "SET"] == 7


def test_a_set_that_holds_itself_fails_alone(company: Company) -> None:
    company.kit("SET", SET=1)
    company.count("MECH", "SET", 7)
    company.count("MECH", "A", 7)
    rows = company.read()
    done = transform(STOCK_LEVEL, pd.DataFrame(list(rows.values())), Context(("nl",), company.root, {}, {}, None))
    assert list(done.failures["key"]) == ["MECH:SET"]
    assert list(done.frame["sku"]) == ["A"]


# --- one place --------------------------------------------------------------------------------------------------------


def test_a_shop_that_knows_one_place_gets_one_row_and_orders_count_when_they_are_placed(company: Company) -> None:
    company.options["combine"] = True
    (company.root / "stock.toml").write_text(
        '[locations.MECH]\nsource = "m"\n[locations.GENT]\nsource = "g"\nsafety = 2\n[locations.ANT]\nsource = "a"\n'
        '[locations.default]\nsource = "default"\n'
    )
    company.fresh()
    company.count("MECH", "A", 1, unit_size=12, reserved=0.5)
    company.count("GENT", "A", 1)
    company.count("ANT", "A", 4)
    company.count("ANT", "B", 4, at=now() - 5 * HOUR)
    company.order("0001", "A", 3)
    rows = company.read()
    assert set(rows) == {("default", "A"), ("default", "B")}
    assert quantities(company, rows) == {("default", "A"): 6 + 0 + 4 - 3, ("default", "B"): 4}
    company.done()
    company.count("GENT", "A", 5)
    rows = company.read(since=MINUTE)
    assert quantities(company, rows) == {("default", "A"): 6 + 3 + 4 - 3}


def test_many_rows_come_in_slices_of_bounded_size_also_since(company: Company) -> None:
    company.erp.slice_rows = 20_000
    at = now()
    company.erp.rows[STOCK_LEVEL.name] = [
        {"location": "MECH", "sku": f"S{number}", "on_hand": 1, "modified_at": at} for number in range(60_001)
    ]
    company.order("0001", "S7", 1)
    assert len(company.read()) == 60_001
    company.done()
    rows = company.read(since=HOUR)
    assert len(rows) == 60_001
    assert rows["MECH", "S7"]["taken"] == 0
