"""The stand-in shop answers what the real Magento answered, exchange by exchange."""

import json
from pathlib import Path

import pytest

from sandbox.replay import main, replay
from sandbox.transcripts import Scenario, TranscriptError, find

TRANSCRIPTS = Path(__file__).parents[2].parent / "shared" / "transcripts" / "magento"
AREAS = frozenset(
    {
        "auth",
        "http",
        "store",
        "category",
        "attribute",
        "product",
        "media",
        "links",
        "price",
        "bulk",
        "inventory",
        "order",
    }
)
SCENARIOS = find(TRANSCRIPTS, AREAS) if TRANSCRIPTS.is_dir() else []

needs_transcripts = pytest.mark.skipif(
    not SCENARIOS, reason="the recorded exchanges lie beside the checkout, in ../shared/transcripts/magento"
)


@needs_transcripts
@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.name for one in SCENARIOS])
def test_the_stand_in_answers_as_the_real_shop(scenario: Scenario) -> None:
    assert replay(scenario) == []


@needs_transcripts
def test_every_area_of_the_catalogue_is_there() -> None:
    assert {one.name.partition("-")[0] for one in SCENARIOS} == AREAS


def exchange(path: str, body: object, status: int = 200, **more: object) -> dict[str, object]:
    request = {"method": "GET", "path": path, "query": [], "headers": {"accept": "application/json", "auth": "admin"}}
    response = {"status": status, "content_type": "application/json", "body": body}
    return {"request": request, "response": response, **more}


def write(folder: Path, *exchanges: dict[str, object], name: str = "made-up") -> Path:
    transcript = {"scenario": name, "area": "made", "about": "", "preconditions": [], "exchanges": list(exchanges)}
    (folder / f"{name}.json").write_text(json.dumps(transcript), encoding="utf-8")
    return folder


CATEGORY = {"id": 2, "parent_id": 1, "name": "Default Category", "is_active": True, "position": 1, "level": 1,
            "product_count": 0, "children_data": []}  # fmt: skip


def test_an_equal_answer_prints_ok(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(write(tmp_path, exchange("/rest/V1/categories", CATEGORY)))]) == 0
    assert capsys.readouterr().out == "replay made-up.json ok\n"


def test_a_difference_is_counted_shown_and_ends_in_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = exchange("/rest/V1/categories", {**CATEGORY, "name": "Root", "level": "1"})
    assert main([str(write(tmp_path, wrong))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "replay made-up.json 2 differences"
    assert lines[1] == '    #0 GET /rest/V1/categories: $.name: "Default Category" instead of "Root"'
    assert "number 1 instead of text" in lines[2]


def test_captures_travel_into_later_paths(tmp_path: Path) -> None:
    first = exchange("/rest/V1/categories", CATEGORY, capture={"root": "$.id"})
    second = exchange("/rest/V1/categories/{{root}}/products", [])
    assert main([str(write(tmp_path, first, second))]) == 0


def test_a_relation_to_the_previous_read_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vary = ["$.updated_at"]
    body = {"updated_at": "2026-01-01 00:00:00"}
    read = exchange("/rest/V1/categories/2", body, vary=vary, capture={"now": "$.updated_at"})
    later = {**read, "expect": {"$.updated_at": "later than in the previous read"}}
    for one in (read, later):
        one["request"] = {**one["request"], "query": [["fields", "updated_at"]]}  # type: ignore[dict-item]
    assert main([str(write(tmp_path, read, later))]) == 1
    assert "is not later than in the previous read" in capsys.readouterr().out


def test_an_unknown_step_and_an_unknown_placeholder_are_differences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(write(tmp_path, {"step": "dance"}, exchange("/rest/V1/categories/{{nobody}}", {})))])
    out = capsys.readouterr().out
    assert "'dance' is no known step" in out
    assert "nothing was captured under the name 'nobody'" in out


def test_a_file_that_is_no_transcript_stops_with_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    assert main([str(tmp_path)]) == 2
    assert "broken.json is not a transcript" in capsys.readouterr().err


def test_an_empty_folder_is_an_error_not_a_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "no transcripts" in capsys.readouterr().err


def test_an_area_can_be_chosen(tmp_path: Path) -> None:
    write(tmp_path, exchange("/rest/V1/categories", CATEGORY))
    assert [one.name for one in find(tmp_path, frozenset({"made"}))] == ["made-up"]
    assert find(tmp_path, frozenset({"other"})) == []


def test_a_fixture_that_is_refused_stops_the_scenario(tmp_path: Path) -> None:
    link = {"items": [{"sku": "a", "link_type": "related", "linked_product_sku": "", "position": 1}]}
    scenario = find(write(tmp_path, exchange("/rest/V1/categories", CATEGORY)))[0]
    unwanted = Scenario(scenario.name, "attribute", (), scenario.exchanges, scenario.path)
    assert replay(unwanted) == []
    bad = {"request": {"method": "POST", "path": "/rest/V1/products/a/links", "query": [], "headers": {}, "body": link},
           "response": {"status": 200, "body": True}}  # fmt: skip
    link["items"][0]["linked_product_sku"] = "x" * 65
    with pytest.raises(TranscriptError, match="was refused"):
        replay(Scenario("made", "links", (), (bad,), scenario.path))
