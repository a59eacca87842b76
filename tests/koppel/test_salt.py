"""What makes every record be judged once more, and what does not."""

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
