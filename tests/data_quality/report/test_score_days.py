"""The scores of each day: how long they are kept."""

from pathlib import Path

from data_quality import score_days
from tests.data_quality.report.quality_ledger import NOW, QualityLedger, settings


def test_a_retention_of_0_keeps_every_day(quality: QualityLedger, tmp_path: Path) -> None:
    quality.product("A")
    quality.score(1, "A", 1)
    quality.score(4000, "A", 1)
    score_days.write(quality.ledger, settings(tmp_path / "config", "[retention]\nscore_days = 0"), "shop", NOW)
    assert quality.ledger.columns("select count(distinct day) as days from score").to_pylist() == [{"days": 3}]
