"""The judgement rows of a slice: per record what each question got, what the report groups by, and what a person may correct."""

from collections.abc import Collection, Iterable
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from koppel.entities import Entity
from koppel.judging import Judgement
from koppel.ledger_bulk import without_nul
from koppel.overrides import is_mendable

JUDGEMENTS: Final = pa.schema(
    [
        ("key", pa.string()),
        ("sku", pa.string()),
        ("language", pa.string()),
        ("questions", pa.string()),  # JSON, like the two below
        ("facts", pa.string()),
        ("values", pa.string()),  # null where nothing was found
        ("data_version", pa.int64()),
        ("rules_version", pa.string()),
    ]
)

FACTS: Final[dict[str, tuple[str, ...]]] = {
    "product": ("name", "brand", "category_code", "status", "model", "stock_status", "stock_quantity", "gtin"),
    "product_text": ("name",),
    "product_image": ("photo", "count"),
    "product_relation": (),
    "price": (),
}
"""Per entity that keeps judgements what the report knows of a record besides."""

_NO_DATA = ["_key", "modified_at"]
"""Columns that say when, not what."""


def keeps(entity: Entity) -> bool:
    """Whether judgements of this entity are kept. Those of stock are not: it is judged every second, and nobody reports on it."""
    return entity.name in FACTS


def rows(
    entity: Entity,
    frame: pd.DataFrame,
    source: pd.DataFrame,
    judgement: Judgement,
    not_owned: Collection[str] = (),
) -> pa.Table:
    """One row per record of a judged frame (with its ``_key``). ``source``: the same before corrections were put in."""
    if not keeps(entity) or frame.empty:
        return JUDGEMENTS.empty_table()
    first = frame.drop_duplicates("_key")
    keys = first["_key"]
    given: dict[str, str] = dict(judgement.questions[["key", "questions"]].itertuples(index=False))
    values = _values(entity, source, set(judgement.findings["key"]), not_owned)
    columns = {
        "key": keys.tolist(),
        "sku": first["sku"].tolist(),
        "language": first["language"].tolist() if "language" in entity.key else [""] * len(first),
        "questions": [given.get(key, "{}") for key in keys],
        "facts": _facts(entity, frame, first),
        "values": [values.get(key) for key in keys],
        "data_version": data_versions(frame, entity.previous.values()).loc[keys].to_numpy(),
        "rules_version": [judgement.rules_version] * len(first),
    }
    return pa.table(columns, schema=JUDGEMENTS)


def as_text(column: "pd.Series[Any]") -> "pd.Series[str]":
    """A column as a person would write it in a cell: empty where there is nothing, 1.5 and 2 rather than 2.0."""
    if pd.api.types.is_float_dtype(column.dtype):
        column = column.map(lambda value: repr(float(value)).removesuffix(".0"), na_action="ignore")
    return column.astype("object").where(column.notna(), "").astype("str")


def data_versions(frame: pd.DataFrame, besides: Iterable[str] = ()) -> "pd.Series[Any]":
    """Per ``_key`` a hash (int64) of what is filled in, whatever the order of columns and rows, and whatever the rules.

    An empty column more or less, or another time of change, makes no difference. ``besides``: columns that the source does not
    give, such as what the target was last sent: they change when nothing did there.
    """
    of_rows = np.zeros(len(frame), dtype=np.uint64)
    for name in frame.columns.difference([*_NO_DATA, *besides]):
        column = frame[name]
        hashed = pd.util.hash_pandas_object(column, index=False).to_numpy()
        of_column = pd.util.hash_array(np.array([name], dtype=object))[0]
        of_rows += np.where(column.notna().to_numpy(), _mixed(hashed ^ of_column), np.uint64(0))
    codes, keys = pd.factorize(frame["_key"])
    sums = np.zeros(len(keys), dtype=np.uint64)
    np.add.at(sums, codes, _mixed(of_rows))
    return pd.Series(sums.view(np.int64), index=pd.Index(keys))


def _mixed(numbers: "np.ndarray[Any, np.dtype[np.uint64]]") -> "np.ndarray[Any, np.dtype[np.uint64]]":
    """Each number with its bits scattered (splitmix64), so that equal differences in two columns don't cancel out."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _values(entity: Entity, source: pd.DataFrame, found: set[str], not_owned: Collection[str]) -> dict[str, str]:
    """Per record with a finding what a person may correct, as the source has it: JSON of texts.

    Never what another system looks after; also what the source does not give, for a person may know it.
    """
    given = [str(name) for name in source.columns if is_mendable(entity.name, str(name))]
    declared = [
        column.name for column in entity.columns if is_mendable(entity.name, column.name) and not column.is_family
    ]
    names = [name for name in dict.fromkeys((*declared, *given)) if name not in not_owned]
    if not names:
        return {}
    chosen = source[source["_key"].isin(found)]
    texts = {name: _clean(as_text(chosen[name])) if name in given else [""] * len(chosen) for name in names}
    return dict(zip(chosen["_key"], _json(pl.DataFrame(texts, schema=dict.fromkeys(names, pl.String))), strict=True))


def _facts(entity: Entity, frame: pd.DataFrame, first: pd.DataFrame) -> list[str]:
    names = [name for name in FACTS[entity.name] if name in first]
    if entity.name == "product_image":
        return _photos(frame, first)
    columns = {name: first[name] for name in names}
    return _json(pl.DataFrame({name: _clean(column) for name, column in columns.items()})) or ["{}"] * len(first)


def _photos(frame: pd.DataFrame, first: pd.DataFrame) -> list[str]:
    """The first photo that can be used, and how many there are."""
    usable = frame[frame["is_usable"].fillna(value=False).astype(bool)] if "is_usable" in frame else frame
    usable = usable.sort_values("position", kind="stable")
    galleries = usable.groupby("_key")["file"].agg(["first", "size"]).reindex(first["_key"])
    photos = galleries["first"].astype("str")
    counts = galleries["size"].fillna(0).astype("int64").tolist()
    return _json(pl.DataFrame({"photo": _clean(photos), "count": counts}))


def _clean(column: "pd.Series[Any]") -> list[Any]:
    """The column's values, None where there is nothing; PostgreSQL takes no NUL."""
    values = column.astype("object").where(column.notna(), None).tolist()
    return [without_nul(value) if isinstance(value, str) else value for value in values]


def _json(frame: pl.DataFrame) -> list[str]:
    return frame.select(pl.struct(pl.all()).struct.json_encode()).to_series().to_list() if frame.width else []
