"""Stock per location and SKU: what the source counted, what orders make of it, and the figure that the shop is to hold.

A raw row is a row of the source's stock query, completed from the shop's orders: ``taken``, ``claimed``, ``moves``, ``orders``
(``koppel.order_balance.Balance``), ``is_stale``, and for a set ``components``. Those are a JSON list with an entry for each thing
that is in the set, every location's own::

    [{"sku": "GLAS-1", "per_set": 6, "on_hand": 40, "reserved": 2, "unit_size": 1, "claimed": 0, "pending": 6,
      "category_code": "TAF-GLA", "sold_by_measure": false}]

``on_hand`` and ``reserved`` in units of ``unit_size`` pieces, as in a row of its own; ``claimed`` and ``pending`` in pieces, from
the balance of that thing at that location. ``sku``, ``per_set`` and ``on_hand`` are required (0 where the location has none).
A set's own ``on_hand`` may be missing, and never counts: it is made of what is in it.
"""

import pandas as pd

from koppel.entities import Entity
from koppel.judging import Context, Transformed
from koppel.stock_settings import StockSettings
from transformers.drafts import Draft
from transformers.stock_arithmetic import arithmetic
from transformers.stock_figures import Figures, flags
from transformers.stock_sets import Parts, parts_of
from transformers.text import code

_LARGEST = 1e15
"""Above this a binary fraction no longer tells one piece from the next."""


def transform(entity: Entity, raw: pd.DataFrame, context: Context) -> Transformed:
    """Raw stock to stock with ``quantity``, ``is_in_stock``, ``safety`` and ``arithmetic``.

    A record fails without a count, at a location that config/stock.toml does not know, or with a set that can't be made out;
    a count below nothing passes, because a rule judges it.
    """
    settings = StockSettings.load(context.config_root)
    draft = Draft(entity, raw, context)
    draft.change(code, "status", "category_code", "taken_for_orders", "moves")
    draft.change(lambda words: words.str.lower(), "status")
    _judge_locations(draft, settings)
    sets = _sets(draft, settings)
    _judge_counts(draft)
    figures = Figures.of(draft.frame, settings, sets)
    orders = raw["orders"].reset_index(drop=True).reindex(draft.frame.index) if "orders" in raw else None
    draft.frame["quantity"] = figures.quantity.astype("Float64")
    draft.frame["is_in_stock"] = (figures.quantity.gt(0) | figures.sold_without_stock.notna()).astype("boolean")
    draft.frame["safety"] = figures.safety.astype("Float64")
    draft.frame["arithmetic"] = arithmetic(figures, orders)
    return draft.done()


def _judge_locations(draft: Draft, settings: StockSettings) -> None:
    locations = draft.frame["location"]
    if settings.locations:
        draft.reject(
            ~locations.isin(list(settings.locations)) & locations.ne(""),
            "config/stock.toml has no location {value}. Add it there, with the name of its source in the shop.",
            locations,
        )
    draft.reject(
        locations.str.contains(":", regex=False),
        "The location {value} holds a colon, which parts it from the SKU. Give it another code.",
        locations,
    )


def _sets(draft: Draft, settings: StockSettings) -> dict[int, Parts]:
    """Per row of a set what is in it; a set that can't be made out is rejected."""
    if not draft.has("components"):
        return {}
    texts = draft.frame["components"].dropna()
    rows = draft.frame.loc[texts.index]
    found: dict[int, Parts | str] = {
        row: parts_of(text, location, settings, is_stale=stale)
        for row, text, location, stale in zip(
            texts.index, texts, rows["location"], flags(rows, "is_stale"), strict=True
        )
    }
    wrong = pd.Series({row: parts for row, parts in found.items() if isinstance(parts, str)}, dtype="object")
    draft.reject(
        draft.frame.index.to_series().isin(wrong.index),
        "What the set is made of can't be used: {value}. Correct it in the source.",
        wrong,
    )
    return {row: parts for row, parts in found.items() if not isinstance(parts, str)}


def _judge_counts(draft: Draft) -> None:
    frame = draft.frame
    is_set = frame["components"].notna() if draft.has("components") else pd.Series(data=False, index=frame.index)
    draft.reject(
        frame["on_hand"].isna() & ~is_set,
        "The source does not say how many are on hand. Count them, or leave the row out.",
    )
    for name in ("on_hand", "reserved"):
        if draft.has(name):
            amounts = frame[name]
            draft.reject(
                amounts.abs().gt(_LARGEST), f"{name.replace('_', ' ').capitalize()} is {{value}}. Correct it.", amounts
            )
    if draft.has("unit_size"):
        sizes = frame["unit_size"]
        wrong = sizes.le(0) | sizes.gt(_LARGEST)
        draft.reject(wrong, "A unit of {value} pieces can't be. Say how many pieces are in one.", sizes)
