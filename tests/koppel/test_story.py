"""What ``koppel why`` tells of decisions by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime

from typer.testing import CliRunner

from koppel.cli import app
from koppel.corrections import Correction, Waived, accept
from tests.koppel.world import World

AT = datetime(2026, 11, 3, 9, tzinfo=UTC)
NAME = Correction("product_text", "nl:A", "name", "Zwart hoesje", "GSM HOESJE", "nobody can read it", date(2999, 5, 1))
LIGHT = Waived("product", "A", "weight_missing", "a licence weighs nothing", date(2999, 1, 1))


def why(sku: str) -> str:
    result = CliRunner().invoke(app, ["why", sku], env={"COLUMNS": "400", "TERM": "dumb"})
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_why_tells_who_corrected_what_until_when_and_what_the_source_says(world: World) -> None:
    accept(world.ledger, "shop", [replace(NAME, value="Hoesje"), LIGHT], "Els", None, AT.replace(day=2))
    accept(world.ledger, "shop", [NAME], "An", None, AT)
    told = why("A")
    assert (
        "name (nl:A): corrected to 'Zwart hoesje' by An on 2026-11-03 until 2999-05-01, because: nobody can read it; "
        "the source says 'GSM HOESJE'"
    ) in told
    assert (
        "corrected to 'Hoesje' by Els on 2026-11-02 until a newer one of 2026-11-03, because: nobody can read it"
        in told
    )
    assert "weight_missing (A): accepted as correct by Els on 2026-11-02 until 2999-01-01, because: a licence" in told


def test_what_people_wrote_can_not_act_on_the_terminal(world: World) -> None:
    hostile = replace(NAME, value="[red]x[/red]\x1b[31m", reason="[link=http://x]y[/link]\x1b]0;z\x07")
    accept(world.ledger, "shop", [hostile], "[bold]An", None, AT)
    told = why("A")
    assert "[red]x[/red]" in told
    assert "by [bold]An" in told
    assert "[link=http://x]y[/link]" in told
    assert "\x1b" not in told
    assert "\x07" not in told
