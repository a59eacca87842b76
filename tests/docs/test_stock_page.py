"""The examples of docs/stock.md come out as the page says, computed by the real functions."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from koppel.entities import STOCK_LEVEL
from koppel.judging import Context
from koppel.order_balance import Balance, OrderLine, Shelf, balance
from koppel.order_texts import parse
from koppel.stock_settings import StockSettings
from koppel.stock_story import told
from tests.docs.pages import ROOT, blocks
from transformers.stock_level import transform

CASES = [case for case in map(tomllib.loads, blocks("stock.md", "toml")) if "shop_holds" in case]
SOURCES = {"mechelen": "MECH", "store_antwerp": "ANT"}
PAGE = (ROOT / "docs" / "stock.md").read_text("utf-8")


def lines_of(case: dict[str, Any]) -> list[OrderLine]:
    return [
        OrderLine(
            line["order"], line.get("sku", "A"), line["ordered"], line.get("shipped", 0), line.get("cancelled", 0),
            line.get("refunded", 0), parse(line.get("shipped_from")).amounts,
        )
        for line in case["orders"]
    ]  # fmt: skip


def completed(case: dict[str, Any], settings: StockSettings) -> pd.DataFrame:
    """The rows of the example's SKU, as the source of stock puts them together."""
    rows = [{"location": "MECH", "sku": "A", "reserved": 0, "unit_size": 1, **row} for row in case["erp"]]
    shelves = [
        Shelf(
            row["location"], row["sku"],
            (row["on_hand"] - row["reserved"]) * row["unit_size"]
            - settings.kept_back(row["location"], None, row["sku"], is_stale=row.get("is_stale", False)),
            parse(row.get("taken_for_orders")).amounts,
        )
        for row in rows
    ]  # fmt: skip
    kits = case.get("sets", {})
    places = sorted({(row["location"], kit) for row in rows for kit in kits})
    found = balance(
        lines_of(case), [*shelves, *(Shelf(*place) for place in places)], kits=kits,
        locations=("MECH", "ANT", "NAM"), sources=SOURCES, reserves=case.get("reserves", True),
    )  # fmt: skip
    rows += [
        {"location": place, "sku": kit, "on_hand": None, "components": json.dumps(parts(kits[kit], place, rows, found))}
        for place, kit in places
    ]
    sku = case.get("sku", "A")
    return pd.DataFrame([row | figures(found[row["location"], sku]) for row in rows if row["sku"] == sku])


def parts(
    kit: dict[str, float], place: str, rows: list[dict[str, Any]], found: dict[tuple[str, str], Balance]
) -> list[dict[str, Any]]:
    return [
        {"sku": row["sku"], "per_set": kit[row["sku"]], "on_hand": row["on_hand"], "reserved": row["reserved"],
         "claimed": found[place, row["sku"]].claimed, "pending": found[place, row["sku"]].pending}
        for row in rows if row["location"] == place and row["sku"] in kit
    ]  # fmt: skip


def figures(known: Balance) -> dict[str, Any]:
    return {"taken": known.taken, "claimed": known.claimed, "moves": known.moves, "orders": known.orders}


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_example_comes_out(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "stock.toml").write_text(case.get("stock_toml", ""), "utf-8")
    result = transform(STOCK_LEVEL, completed(case, StockSettings.load(tmp_path)), Context(("nl",), tmp_path))
    assert result.failures.empty
    held = dict(zip(result.frame["location"], result.frame["quantity"], strict=True))
    assert held == case["shop_holds"]
    wanted = sum(line.open for line in lines_of(case) if line.sku == case.get("sku", "A"))
    own = wanted if case.get("reserves", True) else 0
    assert max(sum(held.values()) - own, 0) == pytest.approx(case["shop_sells"])


def test_every_case_has_its_example() -> None:
    for case in ("Placed", "Imported", "Picked", "Shipped in both", "Shipped in the shop first", "Cancelled", "Returned",
                 "Made to order", "Cartons", "By the metre", "Sets", "Several locations", "What is kept back"):  # fmt: skip
        section = re.search(rf"^##+ {case}.*?(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
        assert section, case
        assert "shop_sells" in section[0], case


def test_the_line_that_the_page_shows_is_the_one_that_is_told() -> None:
    values = {"on_hand": 12, "reserved": 3, "safety": 1, "taken": 2, "free": 8, "quantity": 10, "orders": "000000012=2"}
    (line,) = told(json.dumps(values))
    assert f"*{line}*" in PAGE.replace("\n", " ")


def test_the_formula_of_the_page_is_the_one_of_the_module() -> None:
    module = (ROOT / "koppel" / "order_balance.py").read_text("utf-8")
    for formula in ("min(max(E - H, 0), O)", "max(H - E, 0)"):
        assert formula in PAGE
        assert formula in module
