"""`make report` ends in where the report is, or in a sentence that says what to do; never in a traceback."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from data_quality.report import making, store
from scripts import report
from tests.data_quality.report.samples import NOW, sample_report

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    monkeypatch.setenv("KOPPEL_CONFIG", str(folder))
    monkeypatch.setenv("KOPPEL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KOPPEL_MEDIA", str(tmp_path / "media"))
    return folder


class Postgres:
    """A server that is there or not, and remembers what became of it."""

    running = False

    def __init__(self, folder: Path) -> None:
        self.folder, self.is_running, self.stopped = folder, Postgres.running, False

    def start(self) -> str:
        return ""

    def stop(self) -> None:
        self.stopped = True

    def database(self, name: str) -> str:
        return f"postgresql://{name}"


class Ledger:
    def __init__(self, url: str) -> None: ...
    def migrate(self) -> None: ...
    def close(self) -> None: ...


@pytest.fixture
def demo(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Postgres]:
    """A home that has a ledger, of which the report is the sample's."""
    (tmp_path / "home" / "postgres").mkdir(parents=True)
    made: list[Postgres] = []

    def server(folder: Path) -> Postgres:
        made.append(Postgres(folder))
        return made[-1]

    monkeypatch.setattr(report, "EmbeddedPostgres", server)
    monkeypatch.setattr("koppel.ledger.Ledger", Ledger)
    monkeypatch.setattr("koppel.ledger.now", lambda: NOW)
    monkeypatch.setattr(making.score_days, "write", lambda *_: None)
    monkeypatch.setattr(making, "build", lambda *_: sample_report(3))
    return made


def test_without_a_demo_it_says_to_run_one_first(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main() == 2
    assert "make demo" in capsys.readouterr().out


def test_a_config_that_is_missing_is_said(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (config / "koppel.toml").unlink()
    assert report.main() == 1
    assert "koppel.toml does not exist" in capsys.readouterr().out


@pytest.mark.parametrize("running", [False, True])
def test_it_says_where_the_report_is_and_leaves_the_server_as_it_was(
    demo: list[Postgres], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], running: bool
) -> None:
    monkeypatch.setattr(Postgres, "running", running)
    assert report.main() == 0
    told = capsys.readouterr().out
    assert all(f"quality-{language}.html" in told for language in ("nl", "fr", "de", "en"))
    assert [one.stopped for one in demo] == [not running]
    assert report.main() == 0  # in the same second: the new one takes the place of the old


def test_a_disk_that_is_full_is_a_sentence_and_leaves_nothing_half_made(
    demo: list[Postgres], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store.workbook, "write", full)
    assert report.main() == 1
    told = capsys.readouterr().out
    assert "No space left on device" in told
    assert "stay" in told
    assert list((tmp_path / "home" / "reports" / "shop").iterdir()) == []
    assert [one.stopped for one in demo] == [True]


def test_what_a_killed_process_left_is_swept_away_after_a_day(demo: list[Postgres], tmp_path: Path) -> None:
    reports = tmp_path / "home" / "reports" / "shop"
    for name, hours in (("making-old", 30), ("making-now", 1)):
        (reports / name).mkdir(parents=True)
        moment = NOW.timestamp() - 3600 * hours
        os.utime(reports / name, (moment, moment))
    assert report.main() == 0
    assert {one.name for one in reports.iterdir()} == {"making-now", "2026-11-26T063000Z"}
