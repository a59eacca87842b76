"""What the price routes share: per-row errors instead of a refusal, and reading or writing one price attribute."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.magento import catalog
from sandbox.magento.context import Context
from sandbox.magento.errors import ApplicationCrash, filled_in
from sandbox.magento.inputs import php_text
from sandbox.magento.state import State

Row = Mapping[str, Any]
PRICED_TYPES = frozenset({"simple", "virtual", "bundle", "downloadable"})
FIELD_ERROR = "Invalid attribute %fieldName = %fieldValue."
STORE_ERROR = "Requested store is not found. Row ID: SKU = %SKU, Store ID: %storeId."


@dataclass
class Verdict:
    """The errors of a call by row; rows without any are saved."""

    errors: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    def fail(self, index: int, message: str, parameters: Mapping[str, Any], fill: bool = False) -> None:
        """Add an error; Magento fills the placeholders of some messages and leaves those of others."""
        texts = {name: None if value is None else php_text(value) for name, value in parameters.items()}
        shown = filled_in(message, {name: text or "" for name, text in texts.items()}) if fill else message
        self.errors.setdefault(index, []).append({"message": shown, "parameters": list(texts.values())})

    def good(self, rows: Sequence[Row]) -> list[Row]:
        """The rows without errors."""
        return [row for index, row in enumerate(rows) if index not in self.errors]

    def answer(self) -> list[dict[str, Any]]:
        """The answer of the call: every error, row by row."""
        return [error for index in self.errors for error in self.errors[index]]


def sent(ctx: Context) -> list[dict[str, Any]]:
    """The rows of the call; text where a list belongs breaks PHP down."""
    if ctx.inputs["prices"] is None:
        raise ApplicationCrash
    rows: list[dict[str, Any]] = ctx.inputs["prices"]
    return rows


def find(state: State, sku: Any) -> Mapping[str, Any] | None:
    """The product of that SKU, in any letter case, if it is of a kind that has a price."""
    product = catalog.by_sku(state, str(sku)) if sku else None
    return product if product and product["type_id"] in PRICED_TYPES else None


def store_exists(state: State, row: Row) -> bool:
    """Whether the row's store view exists; 0 stands for all."""
    return row.get("store_id") is not None and row["store_id"] in state.table("stores")


def write(state: State, sku: str, code: str, store_id: int, value: Any) -> None:
    """Set one value without saving the product: its updated_at does not move."""
    product = find(state, sku)
    if product is not None:
        record = state.table("products").edit(product["id"])
        record["values"].setdefault(code, {})[store_id] = six_decimals(value) if isinstance(value, float) else value
        state.table("products").put(record["id"], record)


def six_decimals(amount: float) -> float:
    """What a price column keeps of an amount."""
    return float(Decimal(repr(amount)).quantize(Decimal("0.000001"), ROUND_HALF_UP))


def clear(state: State, product_id: int, codes: Iterable[str], store_id: int | None = None) -> None:
    """Remove the values of these attributes, in one store view or in all."""
    record = state.table("products").edit(product_id)
    for code in codes:
        values = record["values"].get(code, {})
        record["values"][code] = (
            {} if store_id is None else {key: value for key, value in values.items() if key != store_id}
        )
    state.table("products").put(product_id, record)


def as_given(state: State, skus: Iterable[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """The products of these SKUs in the order of the database, each under the SKU as the caller spelled it first."""
    found: dict[int, tuple[str, Mapping[str, Any]]] = {}
    for sku in skus:
        if (product := find(state, sku)) is not None:
            found.setdefault(product["id"], (sku, product))
    return [found[number] for number in sorted(found)]


def read(state: State, skus: Iterable[str], code: str) -> list[tuple[Mapping[str, Any], int, Any]]:
    """Product (with the SKU as given), store view and value of every value that these SKUs have; unknown SKUs are passed over."""
    return [
        ({**product, "sku": sku}, store_id, value)
        for sku, product in as_given(state, skus)
        for store_id, value in sorted(product["values"].get(code, {}).items())
        if value is not None
    ]
