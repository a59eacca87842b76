"""Product images: the gallery of a product, one row per image; one that can't be used stays in the frame, marked."""

import pandas as pd

from koppel.entities import Entity
from koppel.judging import Context, Transformed
from transformers.drafts import Draft
from transformers.text import code, prose


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """Raw images to images with ``is_usable``.

    False: without a file, where its reader found a ``problem``, and for the second time that a gallery holds the same picture
    (a target keeps each content once).
    """
    draft = Draft(entity, raw, context)
    draft.change(code, "file", "content_hash", "mime_type", "look_hash")
    draft.change(prose, "alt_text_*", "problem")
    usable = pd.Series(data=True, index=draft.frame.index)
    if draft.has("file"):
        usable &= draft.frame["file"].notna()
    if draft.has("problem"):
        usable &= draft.frame["problem"].isna()
    if draft.has("content_hash"):
        usable &= ~_again(draft.frame, usable)
    draft.frame["is_usable"] = usable.astype("boolean")
    return draft.done()


def _again(frame: pd.DataFrame, usable: pd.Series) -> pd.Series:
    """Whether the same picture stands before this one in the gallery."""
    known = frame[usable & frame["content_hash"].notna()].sort_values("position", kind="stable")
    return known.duplicated(["sku", "content_hash"]).reindex(frame.index, fill_value=False)
