"""The entry to the technical appendix: made of what the gates left, whole or not at all, and never the reason that a run ends."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from koppel import registry
from koppel.appendix import Summary, write_index, write_summary
from koppel.entities import Entity
from koppel.errors import LimitExceeded
from koppel.judging import Context
from tests.koppel import world as stage
from tests.koppel.world import World

FOUND = Summary("2026-11-23T06:30:12+00:00", 12, 3, "site/a.html", "site/index.html")


def leave(root: Path, flow: str, entity: str, summary: Summary = FOUND) -> None:
    (root / flow / entity).mkdir(parents=True)
    write_summary(root / flow / entity, summary)


def test_it_names_every_flow_and_entity(tmp_path: Path) -> None:
    leave(tmp_path, "catalogue", "product")
    leave(tmp_path, "prices", "price", Summary("2026-11-23T06:45:00+00:00", 4, 0, "site/b.html", "site/index.html"))
    page = write_index(tmp_path)
    assert page == tmp_path / "index.html"
    text = page.read_text("utf-8")
    assert "✗ 3 of 12 rules failed" in text
    assert "✓ all 4 rules passed" in text
    assert "2026-11-23 06:30 UTC" in text
    assert 'href="catalogue/product/site/a.html"' in text
    assert 'href="prices/price/site/index.html"' in text


def test_without_docs_there_is_no_page(tmp_path: Path) -> None:
    assert write_index(tmp_path / "nothing-here") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"at": "today"}'])
def test_a_summary_that_can_not_be_read_is_left_out(tmp_path: Path, broken: str) -> None:
    leave(tmp_path, "catalogue", "product")
    leave(tmp_path, "catalogue", "category")
    (tmp_path / "catalogue" / "category" / "summary.json").write_text(broken, "utf-8")
    page = write_index(tmp_path)
    assert page is not None
    assert "catalogue/product/" in page.read_text("utf-8")
    assert "catalogue/category/" not in page.read_text("utf-8")


def test_names_stay_text(tmp_path: Path) -> None:
    leave(tmp_path, "<b>flow", "entity", Summary("<b>today", 1, 1, '"><script>.html', "all.html"))
    page = write_index(tmp_path)
    assert page is not None
    text = page.read_text("utf-8")
    assert "<b>" not in text
    assert "<script" not in text


def test_nothing_half_written_stays_beside_it(tmp_path: Path) -> None:
    leave(tmp_path, "catalogue", "product")
    for _ in range(2):
        write_index(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalogue", "index.html"]
    assert [path.name for path in (tmp_path / "catalogue" / "product").iterdir()] == ["summary.json"]


def writing_gate(entity: Entity, frame: pd.DataFrame, context: Context) -> Any:
    """The gate of the small world, that also leaves a summary."""
    if context.docs_root is not None:
        context.docs_root.mkdir(parents=True, exist_ok=True)
        write_summary(context.docs_root, FOUND)
    return stage.gate(entity, frame, context)


def test_it_stands_there_before_a_person_decides_on_the_plan(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(registry, "gate", lambda settings: writing_gate)
    config = tmp_path / "koppel.toml"
    config.write_text(config.read_text("utf-8").replace("held_back_share = 1.0", "held_back_share = 0.1"), "utf-8")
    for sku in ("A", "B", "C"):
        world.put(sku, names={"nl": "BAD", "fr": "BAD"})
    with pytest.raises(LimitExceeded):
        world.run()
    text = (tmp_path / "home" / "data-docs" / "index.html").read_text("utf-8")
    assert 'href="catalogue/product/site/a.html"' in text
    assert 'href="catalogue/product_text/site/a.html"' in text
