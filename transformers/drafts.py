"""An entity frame in the making: columns typed one by one, and the reasons why a record can't become one."""

from collections.abc import Callable
from functools import partial

import pandas as pd

from koppel.entities import Column, Entity, spoken
from koppel.errors import SourceShape
from koppel.judging import Context, Transformed, record_keys
from transformers.cells import PARSERS, Parsed, times

LONGEST_KEY = 64
"""Characters; Magento's limit for a SKU."""


class Draft:
    """The typed frame of an entity, and per row the reasons against it.

    Unknown columns of ``raw`` are dropped, key columns keep their text to the letter (missing ones become empty).
    Raises SourceShape when a column is missing that the entity requires.
    """

    def __init__(self, entity: Entity, raw: pd.DataFrame, context: Context) -> None:
        missing = [name for name in entity.required if name not in raw.columns]
        if missing:
            raise SourceShape(
                f"The source gives no {', '.join(missing)} for {entity.name}.",
                kept="Nothing was changed.",
                do=f"Add the column to the query or mapping of {entity.name}.",
            )
        self.entity, self.context = entity, context
        self._reasons: dict[int, list[str]] = {}
        raw = raw.reset_index(drop=True)
        known = {name: column for name in raw.columns if (column := entity.column(name)) is not None}
        self.frame = pd.DataFrame(
            {name: self._typed(column, raw[name]) for name, column in known.items()}, index=raw.index
        )
        self._judge_keys()

    def reject(self, rows: pd.Series, reason: str, values: pd.Series | None = None) -> None:
        """Note ``reason`` against the rows where ``rows`` is true; ``{value}`` in it is filled from ``values``."""
        for row in rows.index[rows.fillna(False).astype(bool)]:
            sentence = reason if values is None else reason.replace("{value}", shown(values[row]))
            self._reasons.setdefault(row, []).append(sentence)

    def has(self, name: str) -> bool:
        """Whether the source gave this column."""
        return name in self.frame.columns

    def family(self, *names: str) -> list[str]:
        """The columns at hand that one of the names covers; a name may end in ``*``."""
        return [column for column in self.frame.columns if any(Column(name).covers(column) for name in names)]

    def change(self, function: Callable[[pd.Series], pd.Series], *names: str) -> None:
        """Replace columns by what a function makes of them; a name may end in ``*``."""
        for name in self.family(*names):
            self.frame[name] = function(self.frame[name])

    def failed_keys(self) -> set[str]:
        """The ledger keys of the records that have a reason against them so far."""
        return set(record_keys(self.entity, self.frame).reindex(list(self._reasons)))

    def done(self) -> Transformed:
        """The rows without a reason against their record, and one row per failed record with all its reasons."""
        keys = record_keys(self.entity, self.frame)
        rows = pd.Series(list(self._reasons), dtype="int64")
        failed = pd.DataFrame({"key": keys.reindex(rows).to_numpy(), "reason": list(self._reasons.values())})
        failed = failed.explode("reason").drop_duplicates().astype("str")
        failures = failed.groupby("key", sort=False)["reason"].agg(" ".join).reset_index().astype("str")
        frame = self.frame[~keys.isin(failures["key"])].reset_index(drop=True)
        return Transformed(frame, failures)

    def _typed(self, column: Column, cells: pd.Series) -> pd.Series:
        parse, fault = PARSERS[column.dtype]
        if column.dtype == "time":
            parse = partial(times, zone=self.context.options.get("time_zone", "UTC"))
        parsed: Parsed = parse(cells)
        if parsed.bad.any():
            column_name = str(cells.name)
            self.reject(parsed.bad, f"The {spoken(column_name)} is {{value}}, which is {fault}.", cells)
        return parsed.values.fillna("") if column.role == "key" else parsed.values

    def _judge_keys(self) -> None:
        for name in self.entity.key:
            self._judge_key(name, self.frame[name])
        if not self.entity.many:
            self._judge_doubles()

    def _judge_key(self, name: str, keys: pd.Series) -> None:
        self.reject(keys.eq(""), f"The record has no {spoken(name)}. Give it one in the source.")
        self.reject(
            keys.str.len().gt(LONGEST_KEY),
            f"The {spoken(name)} {{value}} is longer than {LONGEST_KEY} characters. Shorten it.",
            keys,
        )
        self.reject(
            keys.ne(keys.str.strip()),
            f"The {spoken(name)} {{value}} starts or ends with a space, which the shop would take off. Remove it in the source.",
            keys,
        )
        self.reject(
            keys.str.contains("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\ufeff\ufffd]", na=False),
            f"The {spoken(name)} {{value}} holds a character that can't be seen or read. Type it again in the source.",
            keys,
        )

    def _judge_doubles(self) -> None:
        """Rows that are the same in every column count once; the same key with other values, or in other case, can't be told."""
        self.frame = self.frame[~self.frame.duplicated() | self.frame.index.isin(self._reasons)]
        keys = record_keys(self.entity, self.frame)
        named = ~self.frame[self.entity.key[-1]].eq("")
        double = keys.duplicated(keep=False) & named
        names = self.frame[self.entity.key[-1]]
        self.reject(double, "The source gives {value} more than once, with different values. Keep one of them.", names)
        # a shop that sorts without regard to case would see one product where the source holds two
        folded = self.frame[list(self.entity.key)].assign(**{self.entity.key[-1]: names.str.lower()})
        alike = folded.duplicated(keep=False) & named & ~double
        self.reject(
            alike,
            "{value} differs from another one only in capitals, and a shop sees them as one. Rename one of them.",
            names,
        )


def shown(value: object) -> str:
    """A value of a source as it may stand in a sentence or a log: quoted, on one line, at most 60 characters."""
    text = str(value)
    return repr(text if len(text) <= 60 else text[:59] + "…")
