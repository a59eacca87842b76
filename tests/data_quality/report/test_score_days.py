"""The scores of each day: how long they are kept."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data_quality import score_days
from koppel.ledger import Ledger
from tests.data_quality.report.quality_ledger import NOW, QualityLedger, settings


def test_a_retention_of_0_keeps_every_day(quality: QualityLedger, tmp_path: Path) -> None:
    quality.product("A")
    quality.score(1, "A", 1)
    quality.score(4000, "A", 1)
    score_days.write(quality.ledger, settings(tmp_path / "config", "[retention]\nscore_days = 0"), "shop", NOW)
    assert quality.ledger.columns("select count(distinct day) as days from score").to_pylist() == [{"days": 3}]


def test_two_at_once_leave_each_product_once(quality: QualityLedger, ledger_url: str, tmp_path: Path) -> None:
    """A report by hand while Airflow makes one: the second waits, and replaces what the first has written."""
    config, products = settings(tmp_path / "config"), 200
    for number in range(products):
        quality.product(f"P{number:03}")
    ledgers = [Ledger(ledger_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda one: score_days.write(one, config, "shop", NOW), ledgers))
    for one in ledgers:
        one.close()
    assert done == [2 * products] * 4
    assert quality.ledger.columns("select count(*) as rows from score").to_pylist() == [{"rows": 2 * products}]
