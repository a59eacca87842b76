"""Which products point to which others (related, up-sell, cross-sell), as products and the link routes share it.

Table `product_links` by product id: {"positions": {(type, linked product id): position or None}}.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.magento import catalog
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.state import State

TYPES = {"related": 1, "crosssell": 5, "upsell": 4, "associated": 3}
INVALID = "The linked products data is invalid. Verify the data and try again."

struct(
    "ProductLink",
    sku="string",
    link_type="string",
    linked_product_sku="string",
    linked_product_type="string",
    position="int",
    extension_attributes="ProductLinkExtension",
)
struct("ProductLinkExtension", qty="float")


def links(state: State, product_id: int) -> list[dict[str, Any]]:
    """The links of a product as the API shows them: by type, then by the linked product's id; never to itself."""
    products = state.table("products")
    positions = _positions_of(state, product_id)
    return [
        {
            "sku": products[product_id]["sku"],
            "link_type": kind,
            "linked_product_sku": products[linked]["sku"],
            "linked_product_type": products[linked]["type_id"],
            "position": positions[kind, linked] or 0,
        }
        for kind, linked in sorted(positions, key=lambda key: (list(TYPES).index(key[0]), key[1]))
        if linked in products and linked != product_id
    ]


def replace(state: State, product_id: int, items: Sequence[Mapping[str, Any]]) -> None:
    """Save a product with this list of links: all its present links go, each item is stored on the product it names.

    Raises NotFound for an unknown type or product, as the product repository does.
    """
    targets = [_target(state, item) for item in items]
    state.table("product_links").delete(product_id)
    for item, linked, position in zip(items, targets, _numbered(items), strict=True):
        store(state, _owner(state, item)["id"], str(item["link_type"]), linked, position)


def store(state: State, product_id: int, kind: str, linked_id: int, position: int | None) -> None:
    """Insert or move one link; without a position it keeps the one that it has."""
    present, key = _positions_of(state, product_id), (kind, linked_id)
    kept = present.get(key) if position is None else position
    state.table("product_links").put(product_id, {"positions": {**present, key: kept}})


def remove(state: State, product_id: int, kind: str, linked_id: int) -> None:
    """Remove one link, if there."""
    left = {key: position for key, position in _positions_of(state, product_id).items() if key != (kind, linked_id)}
    state.table("product_links").put(product_id, {"positions": left})


def forget(state: State, product_id: int) -> None:
    """Drop the links of a product that is deleted; links to it are passed over when they are read."""
    state.table("product_links").delete(product_id)


def _positions_of(state: State, product_id: int) -> dict[tuple[str, int], int | None]:
    record = state.table("product_links").get(product_id) or {"positions": {}}
    positions: dict[tuple[str, int], int | None] = record["positions"]
    return positions


def _target(state: State, item: Mapping[str, Any]) -> int:
    if item.get("link_type") not in TYPES:
        raise NotFound('The "%1" link type wasn\'t found. Verify the type and try again.', [item.get("link_type")])
    linked = catalog.by_sku(state, str(item.get("linked_product_sku")))
    if linked is None:
        raise NotFound('The Product with the "%1" SKU doesn\'t exist.', [item.get("linked_product_sku")])
    return int(linked["id"])


def _owner(state: State, item: Mapping[str, Any]) -> Mapping[str, Any]:
    product = catalog.by_sku(state, str(item.get("sku")))
    if product is None:
        raise MagentoError("The product was unable to be saved. Please try again.")
    return product


def _numbered(items: Sequence[Mapping[str, Any]]) -> list[int | None]:
    """A type in which any item has no position is numbered 1, 2, ... in the order of the list."""
    unplaced = {item["link_type"] for item in items if item.get("position") is None}
    seen: dict[str, int] = {}
    positions: list[int | None] = []
    for item in items:
        seen[item["link_type"]] = seen.get(item["link_type"], 0) + 1
        positions.append(seen[item["link_type"]] if item["link_type"] in unplaced else item["position"])
    return positions
