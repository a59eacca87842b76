"""Products: what is the same in every language."""

import pandas as pd

from koppel.entities import Entity
from koppel.judging import Context, Transformed
from transformers.drafts import Draft
from transformers.text import code, prose


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """Raw products to product rows; weights of any sign stay, rules judge them."""
    draft = Draft(entity, raw, context)
    draft.change(prose, "name", "brand", "model", "property_*")
    draft.change(code, "gtin", "category_code", "tax_class", "status", "stock_status")
    draft.change(lambda codes: codes.str.replace(r"[\s-]", "", regex=True), "gtin")
    draft.change(lambda words: words.str.lower(), "status", "stock_status")
    return draft.done()
