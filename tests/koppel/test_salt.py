"""What makes every record be judged once more, and what does not."""

from datetime import date
from pathlib import Path

import pytest

from koppel.changes import salt_of


@pytest.mark.parametrize(("name", "judges"), [("rules.toml", True), ("koppel.toml", True), ("owners.toml", False)])
def test_configuration_has_every_record_judged_again_but_not_who_mends_it(
    tmp_path: Path, name: str, *, judges: bool
) -> None:
    before = salt_of(tmp_path)
    (tmp_path / name).write_text("# changed", "utf-8")
    assert (salt_of(tmp_path) != before) is judges


def test_the_day_after_a_waiver_of_rules_toml_ends_its_record_is_judged_again(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(
        '[[waivers]]\nrule = "weight_missing"\nkey = "A"\nuntil = 2026-11-26\n'
        '[[waivers]]\nrule = "weight_missing"\nkey = "B"\nuntil = 2026-12-31\n',
        "utf-8",
    )
    salts = [salt_of(tmp_path, date(2026, 11, day)) for day in (1, 26, 27, 30)]
    assert salts[0] == salts[1] != salts[2] == salts[3]
    assert len({salt_of(tmp_path, date(2027, 1, 1)), *salts}) == 3


@pytest.mark.parametrize("text", ["no toml", "waivers = 1", "[[waivers]]\nuntil = 'soon'", "waivers = [3]", "\x00"])
def test_a_file_of_rules_that_makes_no_sense_is_told_by_whoever_reads_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.toml").write_text(text, "utf-8")
    assert salt_of(tmp_path, date(2026, 11, 26)) == salt_of(tmp_path, date(2027, 11, 26))
