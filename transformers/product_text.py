"""Product texts: name, short text and long text of one product in one language; the long ones are HTML."""

import pandas as pd

from koppel.entities import Entity
from koppel.judging import Context, Transformed
from transformers.drafts import Draft
from transformers.text import clean_html, code, prose


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """Raw texts to texts whose HTML holds only ``context.options["allowed_tags"]``; ``removed_markup`` names the rest.

    A name is text and never HTML: tags in it stay, harmless because every target escapes, for a rule to report.
    """
    draft = Draft(entity, raw, context)
    sold = draft.frame["language"].isin(context.languages) | draft.frame["language"].eq("")
    languages = ", ".join(context.languages)
    draft.reject(
        ~sold, f"The shop has no language {{value}}, it has {languages}. Correct the language.", draft.frame["language"]
    )
    draft.change(prose, "name", "brand", "model", "property_*")
    draft.change(code, "category_code")
    _clean_texts(draft, frozenset(context.options.get("allowed_tags", ())))
    return draft.done()


def _clean_texts(draft: Draft, allowed_tags: frozenset[str]) -> None:
    removed = pd.Series("", index=draft.frame.index, dtype="str")
    for name in draft.family("short_text", "long_text"):
        draft.frame[name], gone = clean_html(draft.frame[name], allowed_tags)
        removed = removed.str.cat(gone.fillna(""), sep=", ").str.removeprefix(", ").str.removesuffix(", ")
    draft.frame["removed_markup"] = removed.mask(removed.eq(""))
