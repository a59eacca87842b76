"""The times at which locations were heard of, as sources give them."""

from datetime import UTC, datetime

import pytest

from extractors.stock_heard import moment

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "is_heard"),
    [
        (NOON, NOON),
        ("2026-11-26 12:00:00+00:00", NOON),
        ("2026-11-26T12:00:00Z", NOON),
        ("2026-11-26 12:00:00", NOON.replace(tzinfo=None)),
        (None, None),
    ],
)
def test_a_time_or_its_text_is_a_moment(value: object, is_heard: datetime | None) -> None:
    assert moment(value) == is_heard


@pytest.mark.parametrize("value", ["yesterday", "", 7, "2026-13-01", "x" * 5000, "\0"])
def test_what_is_no_time_is_left_out_and_told_on_one_line(value: object, caplog: pytest.LogCaptureFixture) -> None:
    assert moment(value) is None
    (line,) = caplog.messages
    assert len(line) < 200
    assert "no time" in line
