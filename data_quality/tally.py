"""What each question got of each record: the weights of the rules that applied to it, and of these the broken ones."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Numbers = np.ndarray[Any, Any]
RowNumbers = Sequence[int] | pd.Index


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one rule: the numbers of the rows that it applied to and that broke it, each None where all did.

    ``accepted``: keys of records for which a person said that it is right as it is.
    """

    question: str
    weight: int
    applied: RowNumbers | None
    broke: RowNumbers | None
    accepted: Collection[str] = ()


def tallies(keys: "pd.Series[str]", languages: "pd.Series[str] | None", outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row per record: ``key``, ``language`` and ``questions``, JSON such as ``{"name": [3, 1]}``: 3 applied, 1 is broken.

    ``keys`` and ``languages`` (None: every language) stand for the judged rows, in their order. In a record of many rows a
    rule applies if it applies to any row, and is broken if any row breaks it.
    """
    record_of_row, names = pd.factorize(keys)
    records = pd.Index(names)
    sums: dict[str, Numbers] = {}
    for outcome in outcomes:
        if not outcome.weight:
            continue
        is_broken = _flags(record_of_row, outcome.broke, len(records))
        if outcome.accepted:
            accepted = records.get_indexer(pd.Index(list(outcome.accepted)))
            is_broken[accepted[accepted >= 0]] = False
        of_question = sums.setdefault(outcome.question, np.zeros((len(records), 2), dtype=np.int64))
        of_question[:, 0] += outcome.weight * _flags(record_of_row, outcome.applied, len(records))
        of_question[:, 1] += outcome.weight * is_broken
    first = ~keys.duplicated().to_numpy()
    said = "" if languages is None else languages.to_numpy()[first]
    return pd.DataFrame({"key": names, "language": said, "questions": _as_json(sums, len(records))}).astype("str")


def _flags(record_of_row: Numbers, rows: RowNumbers | None, size: int) -> Numbers:
    """Whether any of these rows is the record's; None: all rows."""
    if rows is None:
        return np.ones(size, dtype=bool)
    flags = np.zeros(size, dtype=bool)
    flags[record_of_row[np.asarray(rows, dtype=np.int64)]] = True
    return flags


def _as_json(sums: dict[str, Numbers], size: int) -> Numbers:
    """The sums of each record as JSON; made once for all records that have the same, for they are few."""
    same = np.zeros(size, dtype=np.int64)
    for table in sums.values():
        for column in table.T:
            numbers, distinct = pd.factorize(column)
            same = pd.factorize(same * len(distinct) + numbers)[0]
    first = np.unique(same, return_index=True)[1]
    texts = [
        json.dumps({name: table[row].tolist() for name, table in sums.items() if table[row, 0]})
        for row in first.tolist()
    ]
    return np.array(texts, dtype=object)[same] if texts else np.array([], dtype=object)
