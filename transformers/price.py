"""Base prices: an amount in euro without VAT, exact to four places."""

import pandas as pd

from koppel.entities import Entity
from koppel.judging import Context, Transformed
from transformers.drafts import Draft
from transformers.text import code

EURO = ("EUR", "€")


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """Raw prices to prices; a currency other than the euro fails, no currency is the euro."""
    draft = Draft(entity, raw, context)
    draft.change(code, "currency", "category_code")
    if draft.has("currency"):
        currency = draft.frame["currency"]
        foreign = currency.notna() & ~currency.str.upper().isin(EURO)
        draft.reject(foreign, "The price is in {value}, not in euro. Give the price in euro, without VAT.", currency)
        draft.frame["currency"] = currency.where(foreign | currency.isna(), "EUR")
    return draft.done()
