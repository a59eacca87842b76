"""Many viewers cost the ledger one reading, and what goes wrong is a sentence without a secret."""

import threading
from datetime import UTC, datetime

import pytest

from koppel.errors import ConfigError, KoppelError, LedgerDown
from koppel.ledger import Ledger
from koppel.stock_lag import Lags
from koppel.stock_reader import SHARE, StockReader
from koppel.stock_status import StockStatus, read_status
from tests.koppel import stock_ledger

SECRET = "verysecretword"


class Readings:
    """Readings that take two seconds each, by a clock that only they move."""

    def __init__(self) -> None:
        self.count, self.now = 0, 1000.0

    def read(self) -> StockStatus:
        self.count += 1
        self.now += 2
        return StockStatus(datetime.now(UTC), "stock", "shop", None, Lags(), (), ())

    def clock(self) -> float:
        return self.now


def test_a_reading_is_shown_so_long_that_all_readings_take_a_small_share_of_the_time():
    readings = Readings()
    reader = StockReader(readings.read, readings.clock)
    first = reader.status()
    readings.now += 2 / SHARE - 0.1
    assert reader.status() is first
    readings.now += 0.2
    assert reader.status() is not first
    assert readings.count == 2


def test_viewers_who_come_together_share_one_reading():
    readings, gate = Readings(), threading.Event()

    def slow() -> StockStatus:
        gate.wait(10)
        return readings.read()

    reader = StockReader(slow, readings.clock)
    found: list[StockStatus] = []
    viewers = [threading.Thread(target=lambda: found.append(reader.status())) for _ in range(5)]
    for viewer in viewers:
        viewer.start()
    gate.set()
    for viewer in viewers:
        viewer.join(10)
    assert len(found) == 5
    assert readings.count == 1


def test_an_error_is_not_kept():
    readings = Readings()
    answers = iter([LedgerDown("down"), None])

    def read() -> StockStatus:
        if (error := next(answers)) is not None:
            raise error
        return readings.read()

    reader = StockReader(read, readings.clock)
    with pytest.raises(LedgerDown):
        reader.status()
    assert reader.status().flow == "stock"


@pytest.mark.parametrize(
    ("url", "what", "do"),
    [
        (None, "KOPPEL_LEDGER_URL is not set", "Set it"),
        (f"postgresql://me:{SECRET}@127.0.0.1:1/koppel", "does not answer", "koppel doctor"),
        (f"this is not an address {SECRET}", "can't be read", "koppel doctor"),
        (f"mysql://me:{SECRET}@127.0.0.1:1/koppel", "can't be read", "koppel doctor"),
    ],
)
def test_a_ledger_that_can_not_be_read_says_what_to_do(url, what, do, monkeypatch, tmp_path, caplog):
    stock_ledger.settings(tmp_path)
    monkeypatch.setenv("KOPPEL_CONFIG", str(tmp_path))
    monkeypatch.setenv("KOPPEL_LEDGER_URL", url) if url else monkeypatch.delenv("KOPPEL_LEDGER_URL", raising=False)
    with pytest.raises(KoppelError) as caught:
        StockReader().status()
    assert what in caught.value.what
    assert do in caught.value.do
    assert SECRET not in f"{caught.value}{caplog.text}"


def test_a_ledger_of_another_version_asks_for_a_migration(postgres_url, tmp_path):
    ledger, company = Ledger(postgres_url), stock_ledger.settings(tmp_path)
    with pytest.raises(LedgerDown) as caught:
        StockReader(lambda: read_status(ledger, company)).status()
    assert "koppel migrate" in caught.value.do
    ledger.close()


def test_a_wrong_setting_is_told_as_it_is(ledger_url, tmp_path):
    ledger = Ledger(ledger_url)
    company = stock_ledger.settings(tmp_path, stock='[locations.A]\nname="A"\nsource="a"\nwhen_silent="panic"\n')
    with pytest.raises(ConfigError, match="panic"):
        StockReader(lambda: read_status(ledger, company)).status()
    ledger.close()
