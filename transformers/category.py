"""Categories: one row per language, in a tree without loops.

A category fails that is its own ancestor, that has several parents, or whose parent failed. A parent that is not in the frame is
only wrong when ``context.options["is_whole"]`` says that the frame holds every category: a frame of changed categories doesn't.
"""

import pandas as pd

from koppel.entities import Entity
from koppel.judging import Context, Transformed
from transformers.drafts import Draft, shown
from transformers.text import code, prose


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """Raw categories to category rows in the languages of the shop."""
    draft = Draft(entity, raw, context)
    draft.change(code, "language", "parent_code")
    draft.change(prose, "name")
    _judge_languages(draft)
    if draft.has("parent_code"):
        _judge_tree(draft)
    result = draft.done()
    sold = result.frame["language"].isin(context.languages)
    return Transformed(result.frame[sold].reset_index(drop=True), result.failures)


def _judge_languages(draft: Draft) -> None:
    sold = draft.frame["language"].isin(draft.context.languages)
    has_one = sold.groupby(draft.frame["category_code"]).transform("any")
    languages = ", ".join(draft.context.languages)
    draft.reject(~has_one, f"The category has no name in a language of the shop ({languages}). Add one.")


def _judge_tree(draft: Draft) -> None:
    codes, parents = draft.frame["category_code"], draft.frame["parent_code"]
    several = parents.fillna("").groupby(codes).transform("nunique").gt(1)
    draft.reject(several, "The category has several parents. Give it the same parent in every language.")
    tree = dict(zip(codes[parents.notna()], parents.dropna(), strict=True))
    faults = {category: fault for category in tree if (fault := _fault(category, tree))}
    if draft.context.options.get("is_whole", False):
        faults |= _orphans(tree, set(codes))
    _judge_heirs(draft, faults, tree)


def _fault(category: str, tree: dict[str, str]) -> str | None:
    """Why a category can't stand where it should: the loop that it is part of, in words."""
    if tree[category] == category:
        return "The category is its own parent. Choose another parent, or none."
    path = {category: None}  # a dict keeps the order and finds at once
    parent = tree.get(category)
    while parent is not None and parent not in path:
        path[parent] = None
        parent = tree.get(parent)
    if parent != category:
        return None
    return f"The category stands below itself: {' in '.join([*path, category])}. Give one of them another parent."


def _orphans(tree: dict[str, str], known: set[str]) -> dict[str, str]:
    return {
        category: f"Its parent {shown(parent)} does not exist. Add that category, or choose another parent."
        for category, parent in tree.items()
        if parent not in known
    }


def _judge_heirs(draft: Draft, faults: dict[str, str], tree: dict[str, str]) -> None:
    """Note the faults, and every category that stands below one that failed for whatever reason."""
    codes = draft.frame["category_code"]
    for category, fault in faults.items():
        draft.reject(codes.eq(category), fault)
    failed = draft.failed_keys()
    for category in tree:
        above, seen = tree.get(category), {category}
        while above is not None and above not in seen and above not in failed:
            seen.add(above)
            above = tree.get(above)
        if above in failed and category not in failed:
            draft.reject(
                codes.eq(category), f"It stands below {shown(above)}, which can't be used. Mend that category first."
            )
