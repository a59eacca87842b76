"""Settings: what is wrong with them is said in words."""

from pathlib import Path

import pytest

from koppel.errors import ConfigError
from koppel.settings import Settings

GOOD = """
[flows.catalogue]
source = "erp"
target = "shop"
entities = ["product"]
limits = { withdrawn_share = 0.5 }
[limits]
withdrawn_share = 0.1
held_back_share = 0.3
[sources.erp]
kind = "sql"
connection = "erp"
queries = "$WHERE/sql"
"""


def settings(folder: Path, text: str = GOOD) -> Settings:
    (folder / "koppel.toml").write_text(text)
    return Settings.load(folder)


def test_a_flow_lays_its_limits_over_the_general_ones(tmp_path: Path) -> None:
    assert settings(tmp_path).flow("catalogue").limits == {"withdrawn_share": 0.5, "held_back_share": 0.3}


def test_paths_start_at_the_config_folder_and_take_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERE", "deeper")
    assert settings(tmp_path).source("erp").path("queries") == tmp_path / "deeper" / "sql"
    with pytest.raises(ConfigError, match="'inbox'"):
        settings(tmp_path).source("erp").path("inbox")


def test_an_unknown_flow_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="It knows: catalogue"):
        settings(tmp_path).flow("katalog")


@pytest.mark.parametrize("text", ["languages = [", "\xff"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "koppel.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match="can't be read"):
        Settings.load(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        Settings.load(tmp_path)


def test_the_projects_own_settings_are_whole() -> None:
    own = Settings.load(Path(__file__).parents[2] / "config")
    for name in own.values["flows"]:
        flow = own.flow(name)
        assert own.source(flow.source).kind
        assert own.target(flow.target).languages == own.languages
