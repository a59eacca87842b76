"""The drawer of nasty inputs: good records flow, bad ones are named with a reason, every record stands in exactly one place."""

import dataclasses
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koppel.entities import ENTITIES
from koppel.errors import SourceShape
from koppel.judging import Context, Transformed, record_keys

DRAWER = sorted((Path(__file__).parent / "nasty").glob("*.json"))
CONTEXT = Context(("nl", "fr", "en"), Path(), {"allowed_tags": ["p", "b", "ul", "li"]})
SENT = [name for name in ENTITIES if name not in {"stock_location", "stock_component", "order_line"}]
"""The others are read by the source of stock for itself, and never sent."""
DTYPES = {
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "time": "datetime64[us, UTC]",
    "money": "object",
    "text": "str",
}


def transform(name: str, raw: pd.DataFrame, context: Context = CONTEXT) -> Transformed:
    result: Transformed = importlib.import_module(f"transformers.{name}").transform(ENTITIES[name], raw, context)
    return result


def keys_of(name: str, result: Transformed) -> list[str]:
    return list(record_keys(ENTITIES[name], result.frame))


@pytest.mark.parametrize("file", DRAWER, ids=lambda file: file.stem)
def test_nasty_inputs(file: Path) -> None:
    case = json.loads(file.read_text("utf-8"))
    name = case["entity"]
    result = transform(name, pd.DataFrame(case["raw"]))
    failures = dict(result.failures.itertuples(index=False, name=None))
    assert set(failures) == set(case["failed"])
    assert all(part in failures[key] for key, part in case["failed"].items())
    rows = dict(zip(keys_of(name, result), result.frame.to_dict("records"), strict=True))
    told = {key: {column: _plain(rows[key][column]) for column in cells} for key, cells in case["cells"].items()}
    assert told == case["cells"]


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value if isinstance(value, bool | int | float) else str(value)


@pytest.mark.parametrize("file", DRAWER, ids=lambda file: file.stem)
def test_every_record_stands_in_exactly_one_place(file: Path) -> None:
    case = json.loads(file.read_text("utf-8"))
    entity = ENTITIES[case["entity"]]
    raw = pd.DataFrame(case["raw"])
    result = transform(entity.name, raw)
    read = set(record_keys(entity, raw[list(entity.key)].fillna("")))
    kept, failed = keys_of(entity.name, result), list(result.failures["key"])
    assert set(kept) | set(failed) == read
    assert not set(kept) & set(failed)
    assert len(failed) == len(set(failed))
    assert entity.many or len(kept) == len(set(kept))
    for column in result.frame.columns:
        declared = entity.column(column)
        assert declared is not None
        assert str(result.frame[column].dtype) == DTYPES[declared.dtype]


@pytest.mark.parametrize("file", DRAWER, ids=lambda file: file.stem)
def test_the_raw_frame_is_not_changed(file: Path) -> None:
    raw = pd.DataFrame(json.loads(file.read_text("utf-8"))["raw"])
    before = raw.copy(deep=True)
    transform(file.stem, raw)
    pd.testing.assert_frame_equal(raw, before)


@pytest.mark.parametrize("name", SENT)
def test_a_missing_required_column_is_an_error_of_the_source(name: str) -> None:
    raw = pd.DataFrame({column: ["x"] for column in ENTITIES[name].required[:-1]})
    with pytest.raises(SourceShape, match=ENTITIES[name].required[-1]):
        transform(name, raw)


@pytest.mark.parametrize("name", SENT)
def test_an_empty_frame_stays_empty(name: str) -> None:
    result = transform(name, pd.DataFrame({column: pd.Series(dtype="str") for column in ENTITIES[name].required}))
    assert result.frame.empty
    assert list(result.failures.columns) == ["key", "reason"]


def test_an_unknown_parent_fails_only_when_the_whole_tree_was_read() -> None:
    raw = pd.DataFrame(
        {"category_code": ["A", "B"], "language": ["nl"] * 2, "name": ["x"] * 2, "parent_code": ["GONE", "A"]}
    )
    whole = dataclasses.replace(CONTEXT, options={"is_whole": True})
    failures = transform("category", raw, whole).failures
    assert list(failures["key"]) == ["A", "B"]
    assert "Its parent 'GONE' does not exist" in failures["reason"][0]
    assert transform("category", raw).failures.empty


def test_columns_as_drivers_give_them() -> None:
    raw = pd.DataFrame(
        {
            "sku": pd.Series([1001, 1002]),
            "name": pd.Series(["a", "b"], dtype="category"),
            "weight_kg": pd.Series([1.5, None]),
            "photo_count": pd.Series([3, None]),
            "modified_at": pd.to_datetime(["2026-01-01", None]),
        }
    )
    frame = transform("product", raw).frame
    assert frame["sku"].tolist() == ["1001", "1002"]
    assert frame["photo_count"].tolist() == [3, pd.NA]
    assert frame["modified_at"][0] == pd.Timestamp("2026-01-01", tz="UTC")


@pytest.mark.parametrize("size", [66_000, 1_000_000])
def test_long_texts_pass(size: int) -> None:
    raw = pd.DataFrame({"language": ["nl"], "sku": ["A"], "long_text": ["<p>" + "woord " * (size // 6) + "</p>"]})
    assert transform("product_text", raw).frame["long_text"].str.len()[0] > size - 10


def test_the_same_picture_twice_in_a_gallery_is_used_once() -> None:
    rows = [
        ("A", 2, "again.jpg", "h1", None),
        ("A", 1, "first.jpg", "h1", None),
        ("A", 3, "other.jpg", "h2", None),
        ("B", 1, "shared.jpg", "h1", None),
        ("C", 1, "broken.jpg", "h3", "It is damaged."),
        ("C", 2, "gone.jpg", None, None),
        ("C", 3, "lost.jpg", None, None),
    ]
    raw = pd.DataFrame(rows, columns=["sku", "position", "file", "content_hash", "problem"])
    frame = transform("product_image", raw).frame
    used = frame.loc[frame["is_usable"], ["sku", "file"]].to_records(index=False).tolist()
    assert used == [("A", "first.jpg"), ("A", "other.jpg"), ("B", "shared.jpg"), ("C", "gone.jpg"), ("C", "lost.jpg")]


TEXT = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(["1,5", "<b>", "\x00", "ACTIVE", "nl", "EUR"]))


@given(st.sampled_from(sorted(SENT)), st.data())
@settings(max_examples=25, deadline=None)
def test_no_text_makes_a_transformer_raise(name: str, data: st.DataObject) -> None:
    columns = [column.name.replace("*", "x") for column in ENTITIES[name].columns]
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(columns, TEXT)), min_size=1, max_size=4))
    raw = pd.DataFrame(rows, columns=columns, dtype="object")
    result = transform(name, raw)
    assert not set(keys_of(name, result)) & set(result.failures["key"])


def test_transformers_need_no_network_database_or_airflow() -> None:
    modules = ", ".join(f"transformers.{name}" for name in SENT)
    code = (
        f"import sys, {modules}; sys.exit(any(name in sys.modules for name in ('airflow', 'requests', 'sqlalchemy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
