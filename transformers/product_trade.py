"""What the business knows of a product: a figure that can't be read is unknown, and the rest of the row still counts."""

from decimal import Decimal

import pandas as pd

from koppel.entities import Column, Entity
from koppel.errors import SourceShape
from koppel.judging import Context, Transformed
from transformers.cells import PARSERS
from transformers.text import code

LARGEST = Decimal("999999999999.99")
"""Euro; the ledger keeps no larger amount, and no product has one."""


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:  # noqa: ARG001 (as every transformer)
    """Raw rows to rows with figures; of several rows with the same key the last one counts, and only one without a key fails.

    A key that the shop would not take stays: what is held back for it has its worth too. Raises SourceShape without a key column.
    """
    if missing := [name for name in entity.required if name not in raw.columns]:
        raise SourceShape(
            f"The source gives no {', '.join(missing)} for {entity.name}.",
            kept="Nothing was changed.",
            do=f"Add the column to the query or mapping of {entity.name}.",
        )
    raw = raw.reset_index(drop=True)
    known = {name: column for name in raw.columns if (column := entity.column(name)) is not None}
    frame = pd.DataFrame({name: _typed(column, raw[name]) for name, column in known.items()}, index=raw.index)
    blank = frame["sku"].eq("")
    reasons = ["The record has no SKU. Give it one in the source."] if blank.any() else []
    failures = pd.DataFrame({"key": [""] * len(reasons), "reason": reasons}, dtype="str")
    frame = frame[~blank].drop_duplicates(list(entity.key), keep="last").reset_index(drop=True)
    return Transformed(frame, failures)


def _typed(column: Column, cells: pd.Series) -> pd.Series:
    """The cells as what the column holds; what is none is missing."""
    values: pd.Series = PARSERS[column.dtype][0](cells).values
    if column.role == "key":
        return values.fillna("")
    if column.dtype == "money":
        too_large = values.map(lambda amount: amount is not None and abs(amount) > LARGEST).astype(bool)
        return values.mask(too_large, None)
    return code(values) if column.name in {"supplier", "owner"} else values
