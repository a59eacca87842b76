"""Prices per customer group and quantity, as products and the price routes share them.

Table `tier_prices` by product id: {"rows": [{all_groups, group_id, qty, value, percentage, website_id}]}, oldest first;
`customer_groups` by id: {id, code, tax_class_id, tax_class_name}.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.magento.database import Record
from sandbox.magento.inputs import struct
from sandbox.magento.state import State, fixture

ALL_GROUPS_ID = 32000

struct(
    "ProductTierPrice",
    customer_group_id="int",
    qty="float",
    value="float",
    extension_attributes="ProductTierPriceExtension",
)
struct("ProductTierPriceExtension", percentage_value="float", website_id="int")


@fixture
def customer_groups(state: State) -> None:
    """The four groups that every shop has."""
    for number, code in enumerate(("NOT LOGGED IN", "General", "Wholesale", "Retailer")):
        group = {"id": number, "code": code, "tax_class_id": 3, "tax_class_name": "Retail Customer"}
        state.table("customer_groups").put(number, group)
    state.next_id("customer_groups", at_least=3)


def rows(state: State, product_id: int) -> list[Record]:
    """The tier prices of one product, oldest first."""
    return list((state.table("tier_prices").get(product_id) or {"rows": []})["rows"])


def tier_prices(state: State, product_id: int) -> list[dict[str, Any]]:
    """The tier prices of a product as the product shows them: by quantity, then by group; a percentage becomes a price."""
    ordered = sorted(rows(state, product_id), key=lambda row: (row["qty"], row["all_groups"], row["group_id"]))
    base = state.table("products")[product_id]["values"].get("price", {}).get(0) or 0
    return [_shown(row, float(base)) for row in ordered]


def _shown(row: Record, base: float) -> dict[str, Any]:
    extension: dict[str, Any] = {}
    value = row["value"]
    if row["percentage"] is not None:
        extension["percentage_value"] = row["percentage"]
        value = float(Decimal(str(base)) * (100 - Decimal(str(row["percentage"]))) / 100)
    extension["website_id"] = row["website_id"]
    group = ALL_GROUPS_ID if row["all_groups"] else row["group_id"]
    return {"customer_group_id": group, "qty": row["qty"], "value": value, "extension_attributes": extension}


def replace(state: State, product_id: int, items: Sequence[Mapping[str, Any]]) -> None:
    """Save `tier_prices` of a product: exactly this list."""
    forget(state, product_id)
    for item in items:
        extension = item.get("extension_attributes") or {}
        group = item.get("customer_group_id")
        store(
            state,
            product_id,
            group=None if group == ALL_GROUPS_ID else group,
            qty=item.get("qty") or 0,
            value=item.get("value") or 0,
            percentage=extension.get("percentage_value"),
            website_id=extension.get("website_id") or 0,
        )


def store(
    state: State,
    product_id: int,
    group: int | None,
    qty: float,
    value: float,
    percentage: float | None,
    website_id: int,
) -> None:
    """Insert one tier price, or change the one with the same group, quantity and website; `group` None is all groups."""
    row = {
        "all_groups": group is None,
        "group_id": group or 0,
        "qty": float(qty),
        "value": 0.0 if percentage is not None else float(value),
        "percentage": None if percentage is None else float(cut(percentage)),
        "website_id": website_id,
    }
    present = rows(state, product_id)
    place = next((index for index, other in enumerate(present) if _key(other) == _key(row)), len(present))
    put(state, product_id, [*present[:place], row, *present[place + 1 :]])


def put(state: State, product_id: int, left: Sequence[Record]) -> None:
    """Store the rows of one product."""
    state.table("tier_prices").put(product_id, {"rows": list(left)})


def _key(row: Record) -> tuple[Any, ...]:
    return row["all_groups"], row["group_id"], row["qty"], row["website_id"]


def cut(percentage: float) -> Decimal:
    """A discount has two decimals in the database: 10.005 becomes 10.01."""
    return Decimal(str(percentage)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def forget(state: State, product_id: int) -> None:
    """Drop every tier price of a product."""
    state.table("tier_prices").delete(product_id)
