"""The line that a script reads, and which goals a value reaches."""

import pytest

from bench.figures import Figure, shown
from bench.sizes import FULL, QUICK, chosen


@pytest.mark.parametrize(
    ("figure", "line"),
    [
        (Figure("unchanged_ratio_to_copy", 1.7149, "<=2"), "bench unchanged_ratio_to_copy 1.71 <=2 ok"),
        (Figure("unchanged_ratio_to_copy", 2.001, "<=2"), "bench unchanged_ratio_to_copy 2 <=2 short"),
        (Figure("unchanged_peak_mb", 600, "<600"), "bench unchanged_peak_mb 600 <600 short"),
        (Figure("dlt_ratio", 17.04, ">=10"), "bench dlt_ratio 17 >=10 ok"),
        (Figure("dlt_ratio", 9.99, ">=10"), "bench dlt_ratio 9.99 >=10 short"),
        (Figure("requests_per_100_unchanged", 0.0, "0"), "bench requests_per_100_unchanged 0 0 ok"),
        (Figure("requests_per_100_unchanged", 0.02, "0"), "bench requests_per_100_unchanged 0.02 0 short"),
        (Figure("first_load_seconds_per_100k", 123.4), "bench first_load_seconds_per_100k 123 - ok"),
    ],
)
def test_a_figure_is_one_line(figure: Figure, line: str) -> None:
    assert figure.line == line
    assert len(figure.line.split(" ")) == 5


@pytest.mark.parametrize("value", [1e-7, 0.00012, 0.5, 99.96, 1475.3, 123456789.0])
def test_values_are_plain_numbers_close_to_what_was_measured(value: float) -> None:
    text = shown(value)
    assert "e" not in text
    assert float(text) == pytest.approx(value, rel=0.01, abs=1e-6)


@pytest.mark.parametrize(("value", "sizes"), [("1", QUICK), ("yes", QUICK), ("", FULL), ("0", FULL), ("no", FULL)])
def test_quick_is_a_tenth(value: str, sizes: object) -> None:
    assert chosen({"QUICK": value}) is sizes
    assert chosen({}) is FULL


def test_the_sizes_are_those_that_the_goals_speak_of() -> None:
    assert (FULL.products, FULL.shop, FULL.changed) == (1_000_000, 5_000, 10_000)
    assert (QUICK.products, QUICK.first_load) == (FULL.products // 10, FULL.first_load // 10)
