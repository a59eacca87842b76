"""What a score promises, whatever the rules found."""

import json
from collections.abc import Sequence

import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data_quality.facts import WEIGHTS
from data_quality.scores import ABOUT_A_PRODUCT, decoded, held, scored

LANGUAGES = ("nl", "fr")
Questions = dict[str, tuple[int, int]]
SOME = settings(max_examples=25, deadline=None)
"""Each example is a table of its own."""


def parts(records: Sequence[tuple[str, str, str, Questions]], rules: str = "r1") -> pl.DataFrame:
    """Judged records: entity, sku, language, questions."""
    table = [
        {
            "entity": entity, "sku": sku, "language": language, "data_version": -(2**63) + len(entity + language),
            "rules_version": rules, "questions": json.dumps(questions),
        }
        for entity, sku, language, questions in records
    ]  # fmt: skip
    kinds = dict.fromkeys(("entity", "sku", "language", "rules_version", "questions"), pl.String)
    return decoded(pl.DataFrame(table, schema={**kinds, "data_version": pl.Int64}), list(WEIGHTS))


def score(questions: Questions, weights: dict[str, int] | None = None, texts: Questions | None = None) -> int | None:
    records = [("product", "A", "", questions), ("product_text", "A", "nl", texts or {})]
    table = scored(parts(records), ("nl",), weights or WEIGHTS)
    points: int | None = table["score"].item()
    return points


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


@st.composite
def tallies(draw: st.DrawFn) -> Questions:
    names = draw(st.lists(st.sampled_from([*WEIGHTS, "price", "gtin"]), unique=True))
    sums = {}
    for name in names:
        asked = draw(st.integers(0, 60))
        sums[name] = (asked, draw(st.integers(0, asked)))
    return sums


@SOME
@given(tallies(), tallies())
def test_a_score_is_a_whole_number_from_0_to_100_or_none(product: Questions, texts: Questions) -> None:
    got = score(product, texts=texts)
    is_asked = any(sums[0] for found in (product, texts) for name, sums in found.items() if name in WEIGHTS)
    assert (got is not None) == is_asked
    assert got is None or 0 <= got <= 100


@SOME
@given(tallies(), st.data())
def test_more_broken_never_raises_it(sums: Questions, data: st.DataObject) -> None:
    assume(sums)
    name = data.draw(st.sampled_from(sorted(sums)))
    asked, wrong = sums[name]
    worse = {**sums, name: (asked, data.draw(st.integers(wrong, asked)))}
    before, after = score(sums), score(worse)
    assert before is None or (after is not None and after <= before)


@SOME
@given(tallies())
def test_what_does_not_apply_is_left_out_and_not_rewarded(sums: Questions) -> None:
    asked = {name: pair for name, pair in sums.items() if pair[0]}
    assert score(sums) == score(asked)
    if all(wrong == count for count, wrong in asked.values()) and any(name in WEIGHTS for name in asked):
        assert score(sums) == 0


@SOME
@given(tallies(), st.integers(2, 50))
def test_only_the_ratio_of_weights_counts(sums: Questions, times: int) -> None:
    assert score(sums) == score(sums, {name: weight * times for name, weight in WEIGHTS.items()})


@SOME
@given(tallies(), tallies())
def test_records_add_up(product: Questions, gallery: Questions) -> None:
    together = {name: _sum(product.get(name, (0, 0)), gallery.get(name, (0, 0))) for name in {*product, *gallery}}
    apart = scored(
        parts([("product", "A", "", product), ("product_image", "A", "", gallery)]), ("nl",), WEIGHTS
    )  # fmt: skip
    assert apart["score"].item() == score(together)


def test_points_are_weighted_and_half_a_point_is_rounded_up() -> None:
    assert score({"name": (4, 1), "photos": (1, 0)}) == 86  # (20 x 0.75 + 15) / 35 = 85.7
    assert score({"name": (200, 41)}) == 80  # 79.5
    assert score({"short_text": (2, 1), "long_text": (100, 49)}) == 51  # 50.5
    assert score({"name": (1000, 205)}) == 80
    assert score({"price": (4, 4)}) is None


def test_a_text_counts_in_its_own_language_only() -> None:
    records = [
        ("product", "A", "", {"weight": (1, 0)}),
        ("product_text", "A", "nl", {"name": (1, 1)}),
        ("product_text", "A", "fr", {"name": (1, 0)}),
        ("product_text", "A", "xx", {"name": (1, 1)}),
        ("product_text", "GONE", "nl", {"name": (1, 0)}),
    ]
    table = scored(parts(records), LANGUAGES, WEIGHTS)
    assert table.select("sku", "language", "score").rows() == [("A", "fr", 100), ("A", "nl", 33)]


def test_the_versions_tell_which_part_changed() -> None:
    records: list[tuple[str, str, str, Questions]] = [
        ("product", "A", "", {}),
        ("product_text", "A", "nl", {}),
        ("product_text", "A", "fr", {}),
    ]
    before = parts(records)
    is_dutch = pl.col("language") == "nl"
    after = before.with_columns(pl.when(is_dutch).then(7).otherwise(pl.col("data_version")).alias("data_version"))
    old, new = (
        dict(scored(frame, LANGUAGES, WEIGHTS).select("language", "data_version").rows()) for frame in (before, after)
    )
    assert old["nl"] != new["nl"]
    assert old["fr"] == new["fr"]


def test_the_same_change_of_two_records_is_seen() -> None:
    records: list[tuple[str, str, str, Questions]] = [("product", "A", "", {}), ("product_image", "A", "", {})]
    frames = [parts(records).with_columns(pl.lit(version).alias("data_version")) for version in (5, 6)]
    versions = {scored(frame, ("nl",), WEIGHTS)["data_version"].item() for frame in frames}
    assert len(versions) == 2


def test_records_judged_by_several_versions_of_the_rules_say_so() -> None:
    table = pl.concat([parts([("product", "A", "", {})], "r2"), parts([("product_text", "A", "nl", {})], "r1")])
    assert scored(table, LANGUAGES, WEIGHTS)["rules_version"].to_list() == ["r2", "r1+r2"]


def test_nothing_gives_nothing() -> None:
    assert scored(parts([]), LANGUAGES, WEIGHTS).is_empty()
    assert scored(parts([("product", "A", "", {})]), (), WEIGHTS).is_empty()
    assert held(findings([]), LANGUAGES).is_empty()


def findings(rows: list[tuple[str, str, str, str]]) -> pl.DataFrame:
    kinds = dict.fromkeys(("entity", "sku", "language", "severity"), pl.String)
    return pl.DataFrame(rows, schema=kinds, orient="row")


def test_a_block_holds_its_language_or_all_of_them() -> None:
    table = findings([
        ("product_text", "A", "nl", "block"), ("price", "B", "", "block"), ("product_image", "C", "", "improve"),
        ("stock_level", "D", "", "block"), ("product_text", "E", "xx", "block"), ("product", "A", "", "hint"),
    ])  # fmt: skip
    assert held(table, LANGUAGES).rows() == [("A", "nl"), ("B", "fr"), ("B", "nl")]


@SOME
@given(st.lists(st.tuples(st.sampled_from(ABOUT_A_PRODUCT), st.sampled_from("AB"), st.sampled_from(["", "nl", "fr"]),
                          st.sampled_from(["block", "improve", "hint"]))))  # fmt: skip
def test_held_follows_from_blocks_alone(rows: list[tuple[str, str, str, str]]) -> None:
    blocks = [row for row in rows if row[3] == "block"]
    assert held(findings(rows), LANGUAGES).equals(held(findings(blocks), LANGUAGES))
    expected = {(sku, one) for _, sku, language, _ in blocks for one in LANGUAGES if language in {"", one}}
    assert set(held(findings(rows), LANGUAGES).rows()) == expected
