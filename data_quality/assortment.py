"""What a category asks of its products, from config/assortment.toml; what it does not say is taken from the one above it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

SEPARATORS = "-./_> "
"""Between the levels of a category code: PHONES-CASES stands below PHONES."""

SETTINGS: dict[str, type] = {
    "required_properties": list, "has_accessories": bool, "needs_weight": bool, "needs_photos": bool,
    "one_photo_is_enough": bool, "neutral_names": bool, "short_texts": bool, "shares_texts": bool, "sold_by_measure": bool,
    "holds_products": bool, "tax_classes": list, "margin": tuple, "parent": str,
}  # fmt: skip
"""What may be said of a category, and of which kind it is; a tuple is the least and the most of a part of a whole."""


@dataclass(frozen=True, slots=True)
class Assortment:
    """Settings per category code: ``required_properties``, ``has_accessories``, ``needs_weight`` and others."""

    categories: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def setting(self, code: str, name: str, default: Any) -> Any:
        """One setting of a category, or of the nearest category above it that has it, or ``default``."""
        while code:
            if name in (own := self.categories.get(code, {})):
                return own[name]
            code = self.above(code)
        return default

    def flags(self, codes: "pd.Series[str]", name: str, *, default: bool) -> "pd.Series[bool]":
        """A yes-or-no setting per row; a row without a category has the default."""
        known = {code: bool(self.setting(code, name, default)) for code in codes.dropna().unique()}
        return codes.map(known).astype("boolean").fillna(default).astype(bool)

    def groups(self, codes: "pd.Series[str]", name: str) -> "dict[Any, pd.Series[bool]]":
        """Per value of a setting the rows that have it; rows without it are in none. Values are lists, given as tuples."""
        values = {code: tuple(self.setting(code, name, ())) for code in codes.dropna().unique()}
        return {
            value: codes.isin([c for c, v in values.items() if v == value]) for value in {*values.values()} if value
        }

    def above(self, code: str) -> str:
        """The category above a category; empty at the top."""
        parent = self.categories.get(code, {}).get("parent")
        if isinstance(parent, str) and parent != code:
            return parent
        cut = max(code.rfind(separator) for separator in SEPARATORS)
        return code[:cut] if cut > 0 else ""
