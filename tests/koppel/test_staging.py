"""Staging keeps tables, values and texts the same wherever its root is: a plain folder, an address of one, another file system."""

from pathlib import Path

import pyarrow as pa
import pytest

from koppel import staging
from koppel.staging import Staging

TABLE = pa.table(
    {"key": ["A", "B", "C"], "price": pa.array([1.5, None, 3.0]), "at": pa.array([1, 2, 3], pa.timestamp("us", "UTC"))}
)


@pytest.fixture(params=["plain", "address", "memory"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    folder = tmp_path / "a folder, 100%20"
    return {"plain": str(folder), "address": f"file://{folder}", "memory": f"memory://{tmp_path}"}[request.param]


def test_what_was_written_is_read(root: str) -> None:
    one = Staging(root, "run-1")
    one.write("plan/product-0001", TABLE)
    one.write("plan/product-0000", TABLE.slice(0, 0))
    one.write_json("extract/product", {"read": 3, "name": "é"})
    one.write_text("plan.txt", "Plan\n")
    again = Staging(root, "run-1")
    assert again.read("plan/product-0001").equals(TABLE)
    assert again.read("plan/product-0000").schema == TABLE.schema
    assert [len(rows) for rows in again.batches("plan/product-0001", 2)] == [2, 1]
    assert next(again.batches("plan/product-0001", 2)) == TABLE.slice(0, 2).to_pylist()
    assert again.names("plan/product-*") == ["plan/product-0000", "plan/product-0001"]
    assert again.names("none/product-*") == []
    assert again.read_json("extract/product") == {"read": 3, "name": "é"}
    assert again.has("plan.txt")
    assert not again.has("plan.json")


def test_a_later_try_replaces_what_an_earlier_one_wrote(root: str) -> None:
    one = Staging(root, "run-1")
    one.write("raw/price-0000", TABLE)
    one.write("raw/price-0001", TABLE)
    one.clear("raw/price-*")
    one.write("raw/price-0000", TABLE.slice(2))
    one.write("raw/price-0000", TABLE.slice(1))
    assert one.names("raw/price-*") == ["raw/price-0000"]
    assert one.read("raw/price-0000").equals(TABLE.slice(1))


def test_a_run_is_taken_away_and_no_other(root: str) -> None:
    assert staging.folders(root) == []
    for run in ("run-1", "run-2"):
        Staging(root, run).write_json("extract/price", {})
    staging.remove(root, "run-1")
    assert staging.folders(root) == ["run-2"]


def test_files_lie_where_the_address_says(tmp_path: Path) -> None:
    Staging(f"file://{tmp_path}/here", "run-1").write("raw/price-0000", TABLE)
    assert [path.name for path in (tmp_path / "here" / "runs" / "run-1" / "raw").iterdir()] == ["price-0000.parquet"]
