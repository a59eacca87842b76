"""Product relations: what goes with a product, one row per relation; one that leads nowhere stays in the frame, marked."""

import pandas as pd

from koppel.entities import Entity
from koppel.judging import Context, Transformed
from transformers.drafts import Draft
from transformers.text import code

RELATIONS = ("accessory", "similar", "goes_well_with")


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """Raw relations to relations with ``is_usable``.

    False: to nothing, to the product itself, to a product that is unknown or not active in the source (where it tells), of a
    kind that no shop knows, and the second time that the same relation is given.
    """
    draft = Draft(entity, raw, context)
    draft.change(code, "relation", "related_sku", "related_status")
    draft.change(lambda words: words.str.lower(), "relation", "related_status")
    frame = draft.frame
    usable = frame["relation"].isin(RELATIONS) & frame["related_sku"].notna() & frame["related_sku"].ne(frame["sku"])
    if draft.has("related_status"):
        usable &= frame["related_status"].eq("active")
    frame["is_usable"] = (usable & ~frame.duplicated(["sku", "relation", "related_sku"])).astype("boolean")
    return draft.done()
