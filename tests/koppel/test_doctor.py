"""What doctor says of the places where stock lies, and that it says nothing twice."""

from pathlib import Path

import pytest

from koppel.doctor import examine
from koppel.target import Check

KOPPEL = """
[flows.stock]
source = "{source}"
target = "list"
entities = ["{entity}"]
[sources.files]
kind = "excel"
folder = "nowhere"
[sources.stock]
kind = "stock"
from = ["files"]
combine = {combine}
[targets.list]
kind = "workbook"
file = "list.xlsx"
"""


def found(
    folder: Path, stock: str = "", *, source: str = "stock", entity: str = "stock_level", combine: str = "false"
) -> list[Check]:
    """All that doctor says of a configuration."""
    (folder / "koppel.toml").write_text(KOPPEL.format(source=source, entity=entity, combine=combine), "utf-8")
    (folder / "stock.toml").write_text(stock, "utf-8")
    return list(examine())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KOPPEL_CONFIG", str(tmp_path))
    monkeypatch.setenv("KOPPEL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KOPPEL_LEDGER_URL", raising=False)
    return tmp_path


def places(checks: list[Check]) -> list[tuple[bool, str]]:
    return [(check.is_fine, check.detail) for check in checks if check.subject == "stock.toml"]


def test_the_places_are_listed(folder: Path) -> None:
    assert places(found(folder, "[locations.MECH]\n[locations.GENT]")) == [(True, "stock lies in MECH, GENT")]


def test_a_flow_of_stock_without_places_is_wrong(folder: Path) -> None:
    [(is_fine, detail)] = places(found(folder))
    assert not is_fine
    assert "names no place" in detail


def test_where_all_places_are_one_none_has_to_be_named(folder: Path) -> None:
    assert [is_fine for is_fine, _ in places(found(folder, combine="true"))] == [True]


def test_a_company_without_a_flow_of_stock_hears_nothing_of_places(folder: Path) -> None:
    assert places(found(folder, source="files", entity="product")) == []


def test_a_mistake_in_the_settings_is_said_once(folder: Path) -> None:
    said = [check.detail for check in found(folder, "[locations.MECH]\nwhen_silent = 'zerro'") if not check.is_fine]
    assert sum("zerro" in detail for detail in said) == 1


def test_what_two_sources_say_alike_is_said_once(folder: Path) -> None:
    said = [check.detail for check in found(folder, "[locations.MECH]")]
    assert len(said) == len(set(said))


def test_a_typing_error_in_owners_is_found_with_its_line(folder: Path) -> None:
    (folder / "owners.toml").write_text(
        '[people.an]\nname = "An"\nlanguage = "nl"\n\n[roles]\nmarketing = "anne"\n', "utf-8"
    )
    [check] = [check for check in found(folder) if check.subject == "owners and report"]
    assert not check.is_fine
    assert "line 6" in check.detail
    assert "anne" in check.detail


def test_people_and_languages_of_the_report_are_told(folder: Path) -> None:
    (folder / "owners.toml").write_text('[people.an]\nname = "An"\nlanguage = "nl"\n', "utf-8")
    [check] = [check for check in found(folder) if check.subject == "owners and report"]
    assert check.is_fine
    assert check.detail == "1 people, 0 of them managers; reports in de, en, fr, nl"
