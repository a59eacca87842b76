"""Product images: the gallery of a product, one row per image; one that can't be used stays in the frame, marked."""

import pandas as pd

from koppel.entities import Entity
from koppel.judging import Context, Transformed
from transformers.drafts import Draft
from transformers.text import code, prose


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """Raw images to images with ``is_usable``: False without a file, and where its reader found a ``problem``."""
    draft = Draft(entity, raw, context)
    draft.change(code, "file", "content_hash", "mime_type")
    draft.change(prose, "alt_text_*", "problem")
    usable = pd.Series(data=True, index=draft.frame.index)
    if draft.has("file"):
        usable &= draft.frame["file"].notna()
    if draft.has("problem"):
        usable &= draft.frame["problem"].isna()
    draft.frame["is_usable"] = usable.astype("boolean")
    return draft.done()
