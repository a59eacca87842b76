"""The drawing of a day's lags: everything stands within its frame, higher is slower, and labels can be read."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from koppel.lag_chart import HEIGHT, WIDTH, Chart, Scale, spark
from koppel.stock_lag import BUCKET, BUCKETS, Bucket, Lag

FIRST = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
SECONDS = st.floats(-10, 1e9, allow_nan=False)
LAGS = st.one_of(st.just(Lag()), st.builds(lambda a, b: Lag(1, min(a, b), max(a, b)), SECONDS, SECONDS))


def day(lags: list[Lag]) -> list[Bucket]:
    lags = lags + [Lag()] * (BUCKETS - len(lags))
    return [Bucket(FIRST + number * BUCKET, lag) for number, lag in enumerate(lags)]


@given(st.lists(LAGS, max_size=BUCKETS))
def test_every_point_stands_within_the_frame(lags):
    chart = Chart.of(day(lags), str)
    for path in (chart.median.path, chart.p95.path, spark(day(lags))):
        points = [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.e+-]+)", path)]
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
        assert len(points) == sum(lag.count > 0 for lag in lags)


@given(SECONDS, SECONDS)
def test_slower_never_stands_lower(one, other):
    scale = Scale(60.0)
    assert (scale.percent(one) >= scale.percent(other)) or one > other


@given(st.lists(LAGS, max_size=BUCKETS))
def test_the_two_labels_never_stand_on_each_other(lags):
    chart = Chart.of(day(lags), str)
    assert chart.median.percent - chart.p95.percent >= 8


def test_a_line_is_broken_where_nothing_came_and_a_lone_bucket_is_a_dot():
    chart = Chart.of(day([Lag(1, 1, 1), Lag(1, 1, 1), Lag(), Lag(1, 1, 1)]), str)
    assert re.findall("[MLh]", chart.p95.path) == ["M", "L", "M", "h"]


def test_nothing_to_draw_is_a_frame_without_lines():
    chart = Chart.of(day([]), str)
    assert (chart.median.path, chart.p95.path, chart.points) == ("", "", ())
    assert [tick.label for tick in chart.seconds] == ["0.1 s", "1 s", "10 s"]


def test_the_scale_ends_above_the_slowest():
    labels = {p95: Chart.of(day([Lag(1, 0.1, p95)]), str).seconds[-1].label for p95 in (2.0, 11.0, 61.0, 5000.0, 1e9)}
    assert labels == {2.0: "10 s", 11.0: "1 min", 61.0: "10 min", 5000.0: "1 day", 1e9: "100 days"}


def test_the_hours_are_whole_and_keep_clear_of_now():
    assert [tick.label for tick in Chart.of(day([]), str).hours] == ["18:00", "00:00", "06:00"]
