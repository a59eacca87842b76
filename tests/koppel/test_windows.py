"""Runs that read only what changed since a cursor: what they bring besides, and how far the cursor moves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from koppel import flow
from koppel.entities import Entity
from koppel.window import Window
from tests.koppel.world import World

OLD = datetime(2026, 1, 1, tzinfo=UTC)
NEW = datetime(2026, 2, 1, tzinfo=UTC)
PLACE = ("erp", "shop", "product")


@pytest.fixture
def dated(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose rows carry the time of their change; a row without one is old."""
    read = world.source.read

    def within(entity: Entity, window: Window) -> Iterator[pa.Table]:
        for table in read(entity, window):
            names = [name for name in table.column_names if name != "modified_at"]
            rows: list[dict[str, Any]] = table.to_pylist()
            times = [datetime.fromisoformat(row.get("modified_at") or OLD.isoformat()) for row in rows]
            kept = [
                number
                for number, time in enumerate(times)
                if (window.since is None or time >= window.since) and (window.until is None or time <= window.until)
            ]
            moments = pa.array([times[number] for number in kept], pa.timestamp("us", tz="UTC"))
            yield table.select(names).take(pa.array(kept, pa.int64())).append_column("modified_at", moments)

    monkeypatch.setattr(world.source, "read", within)
    return world


def cursor(world: World) -> datetime | None:
    return world.ledger.cursor(*PLACE)


def test_what_failed_goes_with_the_next_run_from_the_cursor(dated: World) -> None:
    dated.put("A")
    dated.target.script = ["reject the first"]
    dated.run()
    assert dated.state("A")[0] == "failed"
    counts = dated.run(since=NEW)
    assert counts["product"] == dict(counts["product"], read=1, delivered=1)
    assert counts["product_text"]["delivered"] == 2


def test_a_record_that_waits_and_lies_in_the_window_is_read_once(dated: World) -> None:
    dated.put("A", names={"nl": "BAD", "fr": "BAD"})
    dated.run()
    dated.put("A", modified_at=NEW.isoformat())
    counts = dated.run(since=NEW)
    assert counts["product"] == dict(counts["product"], read=1, delivered=0, held_back=1)
    assert counts["product"]["failed"] == 0


@pytest.mark.parametrize("until", [None, NEW + timedelta(days=1)])
def test_a_record_of_many_rows_is_whole_when_one_of_them_changed(dated: World, until: datetime | None) -> None:
    for sku in ("A", "B", "C"):
        dated.put(sku)
    relation = {"sku": "A", "relation": "similar", "related_status": "active"}
    dated.source.tables["product_relation"] += [
        relation | {"related_sku": "B", "position": "1"},
        relation | {"related_sku": "C", "position": "2"},
    ]
    dated.run()
    dated.source.tables["product_relation"][1] |= {"position": "3", "modified_at": NEW.isoformat()}
    counts = dated.run(since=NEW, until=until)
    assert counts["product_relation"]["delivered"] == 1
    assert len(dated.target.content["product_relation", "A"]["rows"]) == 2


def test_the_cursor_is_the_newest_record_that_was_read(dated: World) -> None:
    dated.put("A", modified_at=NEW.isoformat())
    dated.run()
    assert cursor(dated) == NEW


def test_a_record_from_the_future_does_not_take_the_cursor_with_it(dated: World) -> None:
    dated.put("A", modified_at="2999-01-01T00:00:00+00:00")
    dated.run()
    value = cursor(dated)
    assert value is not None
    assert value < datetime.now(UTC)


def test_a_record_from_the_future_takes_the_cursor_no_further_than_the_others_do(dated: World) -> None:
    dated.put("A", modified_at="2999-01-01T00:00:00+00:00")
    dated.put("B", modified_at=NEW.isoformat())
    dated.run()
    assert cursor(dated) == NEW, "what a clock that is behind stamps next is later than that"


@pytest.mark.parametrize("window", [{"since": NEW}, {"keys": ("A",)}, {"until": NEW}])
def test_the_cursor_does_not_jump_over_what_was_not_read(dated: World, window: dict[str, Any]) -> None:
    dated.put("A", modified_at=NEW.isoformat())
    dated.run(**window)
    assert cursor(dated) is None


def test_the_cursor_moves_on_from_where_it_was(dated: World) -> None:
    dated.put("A")
    dated.run()
    dated.put("B", modified_at=NEW.isoformat())
    dated.run(since=OLD)
    assert cursor(dated) == NEW


def test_each_target_has_its_own_cursor(dated: World) -> None:
    dated.ledger.move_cursor("erp", "shop", "price", NEW, "run")
    assert flow.since_cursor("prices").since == NEW - timedelta(minutes=10)
    assert flow.since_cursor("prices", "workbook") == Window()
