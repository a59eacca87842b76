"""Corrections in the place of the source's values: put into raw rows, so that a transformer types and cleans them like any other.

Whatever is made of a value besides (which markup was taken out of a text, say) follows the correction too.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from koppel.entities import Column

if TYPE_CHECKING:
    import pandas as pd

    from koppel.judging import Transformed

MENDABLE: dict[str, tuple[str, ...]] = {
    "product": ("gtin", "brand", "category_code", "weight_kg", "tax_class", "property_*"),
    "product_text": ("name", "short_text", "long_text"),
}
"""Per entity the fields that a person may correct; ``property_*`` stands for all of them."""


def is_mendable(entity: str, field: str) -> bool:
    """Whether a person may correct a field of an entity."""
    return field != "property_" and any(Column(name).covers(field) for name in MENDABLE.get(entity, ()))


@dataclass(frozen=True, slots=True)
class Override:
    """An active correction. ``source_now``: what the source says, as far as it is known."""

    override_id: int
    key: str
    field: str
    value: str
    source_now: str


@dataclass(frozen=True, slots=True)
class Met:
    """What a correction met in the source. ``source``: what the source says, as text; None: that can't be told.

    ``agrees``: the source says the same as the correction. ``problem``: why the correction could not be used, in a sentence.
    ``is_news``: the source says something that it did not say before.
    """

    override: Override
    source: str | None
    agrees: bool = False
    problem: str = ""
    is_news: bool = False


@dataclass(frozen=True, slots=True)
class Corrected:
    """``raw``: all rows, corrected. ``source``: the corrected records as the source has them. ``met``: one per correction."""

    raw: "pd.DataFrame"
    source: "Transformed"
    met: tuple[Met, ...]


Rows = Callable[["pd.DataFrame"], "Transformed"]
"""Raw rows to an entity frame that keeps the ledger key as ``_key``."""


def correct(raw: "pd.DataFrame", keys: Sequence[str], overrides: Sequence[Override], transform: Rows) -> Corrected:
    """Put corrections into raw rows; ``keys``: the ledger key of each row. Only the cells that they name change.

    A correction that the column can't hold leaves the source's value where it is, and says why. The few corrected records are
    transformed on their own for that; all others are looked at by nobody here.
    """
    wanted = {one.key for one in overrides}
    places = [place for place, key in enumerate(keys) if key in wanted]
    few, few_keys = raw.iloc[places].reset_index(drop=True), [keys[place] for place in places]
    trial = _Trial(few, few_keys, transform)
    problems = trial.problems(overrides)
    usable = [one for one in overrides if one.override_id not in problems]
    tried = trial.transformed(usable)
    present = set(few_keys)
    met = [_met(one, trial, tried, problems.get(one.override_id, "")) for one in overrides if one.key in present]
    return Corrected(put(raw, keys, usable), trial.source, tuple(trial.with_news(met)))


class _Trial:
    """The rows of the corrected records alone: what the source makes of them, and what corrections do."""

    def __init__(self, raw: "pd.DataFrame", keys: Sequence[str], transform: Rows) -> None:
        self._raw, self._keys, self._transform = raw, keys, transform
        self.source = transform(raw)
        self._fails = _reasons(self.source)

    def transformed(self, overrides: Sequence[Override]) -> "Transformed":
        """The records with these corrections."""
        return self._transform(put(self._raw, self._keys, overrides))

    def problems(self, overrides: Sequence[Override]) -> dict[int, str]:
        """Which corrections make a record impossible, and why. Field by field, so that one doesn't take others with it."""
        worse = {key for key, why in _reasons(self.transformed(overrides)).items() if why != self._fails.get(key)}
        found: dict[int, str] = {}
        for name in sorted({one.field for one in overrides if one.key in worse}):
            alone = [one for one in overrides if one.key in worse and one.field == name]
            reasons = _reasons(self.transformed(alone))
            for one in alone:
                if reasons.get(one.key, "") not in {"", self._fails.get(one.key, "")}:
                    found[one.override_id] = reasons[one.key]
        return found

    def with_news(self, met: list[Met]) -> list[Met]:
        """The same, those marked whose source says something else than was known of it: 0.50 is no news where 0.5 was."""
        others = [one for one in met if not one.agrees and one.source not in {None, one.override.source_now}]
        if not others:
            return met
        known = self.transformed([replace(one.override, value=one.override.source_now) for one in others]).frame
        news = {one.override.override_id for one in others if cell(known, one.override) != one.source}
        return [replace(one, is_news=one.override.override_id in news) for one in met]

    def said(self, override: Override) -> str:
        """What the source has in that cell, in its own words."""
        if override.field not in self._raw:
            return ""
        cell = self._raw[override.field].iloc[self._keys.index(override.key)]
        return "" if _is_missing(cell) else str(cell).strip()


def _met(override: Override, trial: _Trial, tried: "Transformed", problem: str) -> Met:
    source, corrected = cell(trial.source.frame, override), cell(tried.frame, override)
    if problem:
        return Met(override, source, problem=problem)
    if corrected is None:
        return Met(override, source)  # something else is wrong with the record
    if source is None:
        return Met(override, trial.said(override))  # the source's value is what was wrong with it
    return Met(override, source, agrees=source == corrected)


def _reasons(transformed: "Transformed") -> dict[str, str]:
    return dict(transformed.failures[["key", "reason"]].itertuples(index=False))


def cell(frame: "pd.DataFrame", override: Override) -> str | None:
    """What a frame holds where a correction belongs, as text; None where it has no such record."""
    from koppel.judgements import as_text

    row = frame[frame["_key"].eq(override.key)]
    if row.empty:
        return None
    return str(as_text(row[override.field]).iloc[0]).strip() if override.field in row else ""


def put(raw: "pd.DataFrame", keys: Sequence[str], overrides: Iterable[Override]) -> "pd.DataFrame":
    """A copy of raw rows with the values of corrections in their cells; a column that the source does not give is added."""
    import pandas as pd

    by_field: dict[str, dict[str, str]] = {}
    for one in overrides:
        by_field.setdefault(one.field, {})[one.key] = one.value
    columns = {}
    for name, values in by_field.items():
        column = raw[name] if name in raw else pd.Series(None, index=raw.index, dtype="str")
        is_text = isinstance(column.dtype, pd.StringDtype)
        changed = column.copy() if is_text else column.astype("object")
        for place, key in enumerate(keys):
            if key in values:
                changed.iloc[place] = values[key]
        columns[name] = changed
    return raw.assign(**columns)


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))
