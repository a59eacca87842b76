"""How far we came: the parts of a change always add up, and each has its cause."""

from datetime import date
from typing import Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_quality.report.model import Change, Share
from data_quality.report.trend import change, in_their_week, moved, points, score_change, week_ends

DAY = date(2026, 11, 19)
SOME = settings(max_examples=40, deadline=None)
_KINDS = {
    "sku": pl.String, "language": pl.String, "score": pl.Int16, "is_held": pl.Boolean, "data_version": pl.Int64,
    "rules_version": pl.String,
}  # fmt: skip
Row = tuple[str, str, int | None, bool, int, str]


def scores(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_KINDS, orient="row")


def one(held: bool, data: int = 1, rules: str = "r1", *, score: int | None = 50, sku: str = "A") -> pl.DataFrame:
    return scores([(sku, "nl", score, held, data, rules)])


tables = st.dictionaries(
    st.tuples(st.sampled_from("ABCDEFG"), st.sampled_from(["nl", "fr"])),
    st.tuples(st.none() | st.integers(0, 100), st.booleans(), st.integers(1, 2), st.sampled_from(["r1", "r2"])),
).map(lambda found: scores([(*key, *row) for key, row in found.items()]))


def total(parts: Change) -> int:
    return parts.before + parts.data + parts.rules + parts.both + parts.assortment


@SOME
@given(tables, tables, st.sampled_from(["all", "one"]))
def test_before_and_the_parts_are_after(
    before: pl.DataFrame, after: pl.DataFrame, ready_in: Literal["all", "one"]
) -> None:
    parts = change(DAY, before, after, ready_in)
    assert total(parts) == parts.after
    assert 0 <= parts.after <= after["sku"].n_unique()
    back = change(DAY, after, before, ready_in)
    assert (back.data, back.rules, back.both, back.assortment) == (
        -parts.data,
        -parts.rules,
        -parts.both,
        -parts.assortment,
    )


@SOME
@given(tables, tables)
def test_the_parts_of_the_score_add_up_too(before: pl.DataFrame, after: pl.DataFrame) -> None:
    parts = score_change(DAY, before, after)
    if parts is None:
        assert before["score"].count() == 0 or after["score"].count() == 0
    else:
        assert total(parts) == parts.after
        assert parts.after == int(float(str(after["score"].cast(pl.Float64).mean())) + 0.5)


@SOME
@given(tables)
def test_what_stays_the_same_changes_nothing(table: pl.DataFrame) -> None:
    parts = change(DAY, table, table, "all")
    assert (parts.data, parts.rules, parts.both, parts.assortment) == (0, 0, 0, 0)
    assert moved(table, table, "all") == ((), ())


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        (one(False, data=2), "data"),
        (one(False, rules="r2"), "rules"),
        (one(False, data=2, rules="r2"), "both"),
        (one(False), "data"),  # a waiver, or time that went by
        (scores([("A", "nl", 50, True, 1, "r1"), ("B", "nl", 50, False, 1, "r1")]), "assortment"),
    ],
)  # fmt: skip
def test_each_change_has_its_cause(after: pl.DataFrame, cause: str) -> None:
    parts = change(DAY, one(True), after, "all")
    assert (parts.before, parts.after) == (0, 1)
    assert {name: getattr(parts, name) for name in ("data", "rules", "both", "assortment")} == {
        "data": 0, "rules": 0, "both": 0, "assortment": 0, cause: 1,
    }  # fmt: skip


def test_a_new_rule_that_costs_points_is_no_worse_data() -> None:
    parts = score_change(DAY, one(False, score=90), one(False, rules="r2", score=70))
    assert parts == Change(DAY, 90, 0, -20, 0, 0, 70)


def test_ready_in_one_language_is_ready_where_config_says_so() -> None:
    before = scores([("A", "nl", 50, True, 1, "r1"), ("A", "fr", 50, True, 1, "r1")])
    after = scores([("A", "nl", 50, True, 1, "r1"), ("A", "fr", 50, False, 2, "r1")])
    assert change(DAY, before, after, "one").data == 1
    assert change(DAY, before, after, "all").after == 0


def test_what_is_new_and_held_is_newly_held() -> None:
    after = scores([("A", "nl", 50, False, 1, "r1"), ("B", "nl", 50, True, 1, "r1"), ("C", "nl", 5, False, 1, "r1")])
    assert moved(one(True), after, "all") == (("B",), ("A",))


def test_the_line_has_a_point_per_week_that_somebody_looked_in() -> None:
    ends = week_ends(date(2026, 11, 26))
    assert (ends[0], ends[-1], len(ends)) == (date(2026, 8, 27), DAY, 13)
    found = [None, *[date(2026, 9, 2)] * 2, *ends[3:]]
    assert in_their_week(ends, found)[:4] == [None, date(2026, 9, 2), None, ends[3]]


def test_a_point_says_that_the_rules_changed() -> None:
    rows = [(ends, 10, 8, None, None, rules, rules) for ends, rules in ((date(2026, 11, 12), "r1"), (DAY, "r2"))]
    names = ["day", "products", "ready", "worth", "ready_worth", "first_rules", "last_rules"]
    line = points(pl.DataFrame(rows, schema=names, orient="row"), date(2026, 11, 26), Share(9, 10), ("r2", "r2"))
    assert [(point.rules_changed, point.ready.count) for point in line] == [(False, 8), (True, 8), (False, 9)]
