"""The workbook: text stays text, rows stay, files are whole."""

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from koppel.entities import PRODUCT, PRODUCT_IMAGE
from koppel.settings import TargetSettings
from koppel.sheets import read_sheets, write_sheets
from loaders.workbook import WorkbookTarget
from tests.loaders.conftest import Note, by_key, change


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.xlsx"


@pytest.fixture
def target(file: Path) -> WorkbookTarget:
    return WorkbookTarget(TargetSettings("book", "workbook", file.parent, None, {"file": file.name}))


def deliver(target: WorkbookTarget, *records: dict[str, Any], kind: str = "create") -> dict[str, Any]:
    return by_key(target.deliver(PRODUCT, [change(kind, record["sku"], record) for record in records], Note()))


@pytest.mark.parametrize(
    "text", ["0541000000000", '=HYPERLINK("http://x","y")', "+1", "@SUM(A1)", "2026-01-02", "1,50", "1E5"]
)
def test_every_cell_is_text_as_it_was(target: WorkbookTarget, file: Path, text: str) -> None:
    deliver(target, {"sku": "S-1", "name": text})
    sheet = load_workbook(file)["product"]
    names = [cell.value for cell in sheet[1]]
    cell = sheet[2][names.index("name")]
    assert (cell.value, cell.data_type, cell.number_format) == (text, "s", "@")


def test_control_characters_are_left_out(target: WorkbookTarget, file: Path) -> None:
    assert deliver(target, {"sku": "S-1", "name": "a\x00b\x0bc\nd"})["S-1"].outcome == "delivered"
    assert read_sheets(file)["product"][0]["name"] == "abc\nd"


def test_a_text_too_long_for_a_cell_is_rejected_and_what_stood_there_stays(target: WorkbookTarget, file: Path) -> None:
    deliver(target, {"sku": "S-1", "name": "short"})
    receipts = deliver(
        target, {"sku": "S-1", "name": "x" * 32_768}, {"sku": "S-2", "name": "x" * 32_767}, kind="update"
    )
    assert (receipts["S-1"].outcome, receipts["S-2"].outcome) == ("rejected", "delivered")
    assert "32,767" in receipts["S-1"].message
    assert {row["key"]: len(row["name"]) for row in read_sheets(file)["product"]} == {"S-1": 5, "S-2": 32_767}


def test_rows_of_other_keys_and_other_sheets_stay(target: WorkbookTarget, file: Path) -> None:
    deliver(target, {"sku": "S-1", "name": "one", "gtin": "05"}, {"sku": "S-2", "name": "two"})
    picture = {"sku": "S-1", "rows": [{"position": 1, "file": "a.jpg"}, {"position": 2, "file": "b.jpg"}]}
    by_key(target.deliver(PRODUCT_IMAGE, [change("create", "S-1", picture)], Note()))
    deliver(target, {"sku": "S-2", "name": "zwei"}, kind="update")
    deliver(target, {"sku": "S-1"}, kind="withdraw")
    sheets = read_sheets(file)
    assert [(row["key"], row["name"], row["state"]) for row in sheets["product"]] == [
        ("S-1", "one", "withdrawn"),
        ("S-2", "zwei", "active"),
    ]
    assert [row["file"] for row in sheets["product_image"]] == ["a.jpg", "b.jpg"]


def test_a_write_that_fails_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sheets(file, {"product": [{"key": "S-1"}]})
    monkeypatch.setattr("openpyxl.Workbook.save", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_sheets(file, {"product": []})
    assert read_sheets(file) == {"product": [{"key": "S-1"}]}
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_an_empty_sheet_reads_as_empty(file: Path) -> None:
    write_sheets(file, {"product": []})
    assert read_sheets(file) == {"product": []}
    assert read_sheets(file.with_name("none.xlsx")) == {}


def test_the_module_shows_that_a_target_is_small() -> None:
    import loaders.workbook

    assert len(Path(str(loaders.workbook.__file__)).read_text("utf-8").splitlines()) < 100
