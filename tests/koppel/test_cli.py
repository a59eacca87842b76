"""The command line, as a person at a terminal uses it."""

import pytest
from typer.testing import CliRunner

from koppel.cli import app
from koppel.settings import Settings
from tests.koppel.world import World

runner = CliRunner()


def said(*words: str, code: int = 0) -> str:
    result = runner.invoke(app, list(words))
    text = " ".join((result.stdout + result.stderr).split())
    assert result.exit_code == code, text
    return text


def test_plan_shows_and_sends_nothing(world: World) -> None:
    world.put("A", property_color="rood")
    text = said("plan", "catalogue")
    assert "option color=rood" in text
    assert "Nothing was sent." in text
    assert world.target.requests == 0
    assert "Nothing was sent." in said("run", "catalogue", "--dry-run")


def test_run_ends_with_the_reconciliation(world: World) -> None:
    world.put("A")
    text = said("run", "catalogue")
    assert "held back" in text
    assert "product 1 0 1 0 0 0" in text
    assert "reconciled" in said("runs")


def test_why_tells_the_whole_story(world: World) -> None:
    world.put("A", names={"nl": "Goed [bold]\x1b[2J", "fr": "BAD"})
    said("run", "catalogue")
    text = said("why", "A")
    for part in ("product A in shop: delivered", "held back", "The name BAD is bad.", "read from erp", "sent:", "nl:A"):
        assert part in text
    assert "\x1b[2J" not in text
    assert "knows nothing" in said("why", "unknown", code=1)


def test_replay_does_exactly_what_failed(world: World) -> None:
    assert "nothing to do again" in said("replay", "catalogue")
    for sku in ("A", "B"):
        world.put(sku)
    world.target.script = ["reject the first"]
    said("run", "catalogue")
    assert "1 records again: A" in said("replay", "catalogue")
    assert world.state("A")[0] == "delivered"


def test_a_limit_ends_with_what_to_do(world: World) -> None:
    world.put("A")
    world.target.content["product", "A"] = {"sku": "A"}
    text = said("run", "catalogue", code=3)
    assert "Nothing was sent" in text
    plan_id = text.split("--accept ")[1].split()[0]
    assert "product 1 0 1 0 0 0" in said("run", "catalogue", "--accept", plan_id)
    assert "does not wait" in said("run", "catalogue", "--accept", plan_id, code=1)


def test_doctor_says_what_is_fine_and_what_is_wrong(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (Settings.load().root / "stock.toml").write_text("[locations.MECH]\n", "utf-8")
    text = said("doctor")
    assert "ledger: answers" in text
    assert "always there" in text
    monkeypatch.setenv("KOPPEL_LEDGER_URL", "postgresql://me:very-secret@127.0.0.1:1/x")
    text = said("doctor", code=1)
    assert "WRONG ledger" in text
    assert "very-secret" not in text


def test_audit_lists_differences_and_mends_nothing(world: World) -> None:
    world.put("A")
    said("run", "catalogue")
    assert "exactly what was delivered" in said("audit", "catalogue")
    world.target.content["product", "A"] = {"sku": "A", "name": "by hand"}
    assert "1 difference; nothing was mended" in said("audit", "catalogue", code=1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("run", "no-such-flow"), "It knows: catalogue, prices"),
        (("run", "catalogue", "--since", "yesterday"), "is no time"),
        (("run", "catalogue", "--accept", "no-such-plan"), "knows no run"),
    ],
)
def test_a_wrong_word_gets_an_answer_not_a_traceback(world: World, words: tuple[str, ...], expected: str) -> None:
    result = runner.invoke(app, list(words))
    assert result.exit_code != 0
    assert expected in " ".join((result.stdout + result.stderr).split())
    assert "Traceback" not in result.stderr


def test_since_cursor_reads_from_where_the_last_run_came(world: World) -> None:
    world.put("A", modified_at="2026-11-20T10:00:00+00:00")
    said("run", "catalogue")
    assert "Run catalogue-" in said("run", "catalogue", "--since", "cursor")
