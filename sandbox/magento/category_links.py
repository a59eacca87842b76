"""Which products stand in which categories, as products and the category routes share it.

Table `category_products` by product id: {"positions": {category id: position}}, oldest assignment first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sandbox.magento.inputs import struct
from sandbox.magento.state import State

struct("CategoryLink", position="int", category_id="string", extension_attributes="Empty")
struct("Empty")


def positions(state: State, product_id: int) -> dict[int, int]:
    """The categories of one product with its position in each, oldest assignment first."""
    return dict((state.table("category_products").get(product_id) or {"positions": {}})["positions"])


def category_ids(state: State, product_id: int) -> list[str]:
    """The categories of a product, as the custom attribute `category_ids` shows them."""
    return [str(category) for category in positions(state, product_id)]


def category_links(state: State, product_id: int) -> list[dict[str, Any]]:
    """The categories of a product, as its extension attribute `category_links` shows them."""
    found = positions(state, product_id)
    return [{"position": position, "category_id": str(category)} for category, position in found.items()]


def by_category(state: State) -> dict[int, dict[int, int]]:
    """Every assignment: products with their positions, by category."""
    table = state.table("category_products")
    found: dict[int, dict[int, int]] = {}
    for number in sorted(int(str(key)) for key in table.keys()):  # noqa: SIM118
        for category, position in table[number]["positions"].items():
            found.setdefault(category, {})[number] = position
    return found


def place(state: State, category_id: int, product_id: int, position: int | None) -> None:
    """Put a product in a category, or move it there."""
    _put(state, product_id, {**positions(state, product_id), category_id: position or 0})


def take_out(state: State, category_id: int, product_id: int) -> None:
    """Remove a product from one category."""
    _put(state, product_id, {key: place for key, place in positions(state, product_id).items() if key != category_id})


def merge(state: State, product_id: int, links: Sequence[Mapping[str, Any]]) -> None:
    """Save `category_links`: the list only adds and moves, but the empty list removes every assignment.

    Categories that do not exist are passed over without a word.
    """
    if not links:
        forget(state, product_id)
    for link in links:
        if (category := _category(state, link.get("category_id"))) is not None:
            place(state, category, product_id, link.get("position"))


def assign(state: State, product_id: int, ids: Iterable[Any]) -> None:
    """Save `category_ids`: exactly these categories; those that stay keep their position."""
    wanted = [category for given in ids if (category := _category(state, given)) is not None]
    present = positions(state, product_id)
    stay = {category: position for category, position in present.items() if category in wanted}
    _put(state, product_id, {**stay, **{category: 0 for category in wanted if category not in stay}})


def forget(state: State, product_id: int) -> None:
    """Take a product out of every category."""
    state.table("category_products").delete(product_id)


def _put(state: State, product_id: int, found: dict[int, int]) -> None:
    state.table("category_products").put(product_id, {"positions": found})


def _category(state: State, given: Any) -> int | None:
    text = str(given).strip()
    return int(text) if text.isdigit() and int(text) in state.table("categories") else None
