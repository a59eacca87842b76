"""The drop folder: a preview beside each file, nothing accepted without a yes, and each file once."""

import json
import os
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from data_quality.worklist import command
from data_quality.worklist.folder import folder, pick_up
from koppel import corrections
from tests.data_quality.worklist.lists import NOW, Shop, filled

SETTLED = 4e9
"""A clock by which every file is old."""


def drop(shop: Shop, name: str, content: bytes) -> Path:
    path = folder(shop.settings) / name
    path.write_bytes(content)
    return path


def a_file(shop: Shop) -> bytes:
    return filled(
        shop.export().content, {"product|A-1|weight_kg": {"new": "0,12"}, "product|A-2|weight_kg": {"new": "zwaar"}}
    )


def test_a_file_gets_its_preview_and_waits(little_shop: Shop) -> None:
    path = drop(little_shop, "an.xlsx", a_file(little_shop))
    (picked,) = pick_up(little_shop.ledger, little_shop.settings, NOW, lambda: SETTLED)
    assert picked.preview is not None
    assert picked.result is None
    told = json.loads(path.with_name("an.xlsx.preview.json").read_text("utf-8"))
    assert (told["accepted"], told["rejected"]) == (1, 1)
    assert "A-2" in path.with_name("an.xlsx.preview.txt").read_text("utf-8")
    assert corrections.standing(little_shop.ledger, "shop") == []
    (again,) = pick_up(little_shop.ledger, little_shop.settings, NOW, lambda: SETTLED)
    assert again.preview is None
    assert path.exists()


def test_a_file_that_was_accepted_elsewhere_moves_out_with_its_answer(little_shop: Shop) -> None:
    content = a_file(little_shop)
    path = drop(little_shop, "an.xlsx", content)
    pick_up(little_shop.ledger, little_shop.settings, NOW, lambda: SETTLED)
    little_shop.confirm(content)
    (picked,) = pick_up(little_shop.ledger, little_shop.settings, NOW, lambda: SETTLED)
    assert picked.result is not None
    assert picked.result.is_repeat
    root = path.parents[1]
    assert not list((root / "in").iterdir())
    assert (root / "done" / "an.xlsx").read_bytes() == content
    assert len(corrections.standing(little_shop.ledger, "shop")) == 1


def test_where_config_says_so_it_counts_at_once_and_only_once(little_shop: Shop) -> None:
    little_shop.settings.values["worklist"] = {"accept_from_folder": True}
    content = a_file(little_shop)
    drop(little_shop, "an.xlsx", content)
    (picked,) = pick_up(little_shop.ledger, little_shop.settings, NOW, lambda: SETTLED)
    assert picked.result is not None
    assert picked.result.overrides == 1
    root = folder(little_shop.settings).parent
    assert (root / "out" / "an-answer.xlsx").read_bytes() == picked.result.answer
    journal = corrections.journal(little_shop.ledger, "shop")
    drop(little_shop, "an.xlsx", content)
    (again,) = pick_up(little_shop.ledger, little_shop.settings, NOW, lambda: SETTLED)
    assert again.result is not None
    assert again.result.is_repeat
    assert corrections.journal(little_shop.ledger, "shop") == journal
    assert sorted(path.name for path in (root / "done").glob("an*")) == ["an-2.xlsx", "an.xlsx"]


def test_what_can_t_be_read_is_set_aside_with_a_reason_and_the_others_go_on(little_shop: Shop) -> None:
    drop(little_shop, "a.xlsm", b"PK no")
    drop(little_shop, "b.xlsx", a_file(little_shop))
    os.utime(folder(little_shop.settings) / "a.xlsm", (1, 1))
    picked = pick_up(little_shop.ledger, little_shop.settings, NOW, lambda: SETTLED)
    assert [one.name for one in picked] == ["a.xlsm", "b.xlsx"]
    aside = folder(little_shop.settings).parent / "unreadable"
    assert (aside / "a.xlsm").exists()
    assert "workbook" in (aside / "a.xlsm.reason.txt").read_text("utf-8")
    assert picked[1].preview is not None


@pytest.mark.parametrize("name", ["~$an.xlsx", ".an.xlsx", "an.xlsx"])
def test_what_is_not_complete_is_left_alone(little_shop: Shop, name: str) -> None:
    path = drop(little_shop, name, b"half")
    changed = path.stat().st_mtime
    clock = (lambda: changed + 1) if name == "an.xlsx" else (lambda: SETTLED)
    assert pick_up(little_shop.ledger, little_shop.settings, NOW, clock) == []
    assert path.read_bytes() == b"half"


def test_the_command_line_looks_asks_and_accepts(
    little_shop: Shop, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "console", Console(soft_wrap=True, width=200))
    monkeypatch.setenv("KOPPEL_LEDGER_URL", ledger_url)
    monkeypatch.setenv("KOPPEL_CONFIG", str(little_shop.settings.root))
    path = tmp_path / "an.xlsx"
    path.write_bytes(a_file(little_shop))
    run = CliRunner()
    looked = run.invoke(command.app, ["read", str(path)])
    assert looked.exit_code == 0, looked.output
    assert "1 accepted, 0 conflicts, 1 rejected" in looked.output
    assert "Nothing was changed" in run.invoke(command.app, ["accept", str(path)], input="n\n").output
    assert corrections.standing(little_shop.ledger, "shop") == []
    accepted = run.invoke(command.app, ["accept", str(path), "--yes"])
    assert accepted.exit_code == 0, accepted.output
    assert (tmp_path / "an-answer.xlsx").exists()
    assert "weight_kg" in run.invoke(command.app, ["overrides"]).output
    assert "There are none" in run.invoke(command.app, ["waivers"]).output
    assert "override accepted" in run.invoke(command.app, ["journal"]).output
    handed = run.invoke(command.app, ["export", "--folder", str(tmp_path / "out")])
    assert handed.exit_code == 0, handed.output
    assert list((tmp_path / "out").glob("*.xlsx"))
    assert "nobody called" in run.invoke(command.app, ["export", "--owner", "anna"]).output
    path.write_bytes(b"no workbook")
    refused = run.invoke(command.app, ["accept", str(path), "--yes"])
    assert refused.exit_code == 1
    assert "no workbook" in refused.output
