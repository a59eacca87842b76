"""The report follows from the ledger: each figure from what stands there, whatever stands there."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from data_quality import score_days
from data_quality.report.build import build
from data_quality.report.model import DIMENSIONS, QUESTIONS, Change, Group, Product, Report, Share
from koppel.errors import ConfigError
from koppel.settings import Settings
from tests.data_quality.report.quality_ledger import NOW, TODAY, QualityLedger, settings


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    """A small company."""
    return settings(tmp_path / "config")


def of(report: Report, sku: str) -> Product:
    return next(one for one in report.products if one.sku == sku)


def group(report: Report, dimension: str, code: str) -> Group:
    return next(one for one in report.groups[dimension] if one.code == code)  # type: ignore[index]


def test_a_ledger_with_nothing_in_it_gives_a_report_of_nothing(quality: QualityLedger, config: Settings) -> None:
    report = build(quality.ledger, config, NOW)
    assert (report.target, report.day, report.languages) == ("shop", TODAY, ("nl", "fr"))
    assert report.ready == Share(0, 0)
    assert report.verdict == "good"
    assert (report.products, report.held, report.people, report.runs, report.cards) == ((), (), (), (), {})
    assert (report.change, report.score_change, report.ready_change, report.biggest) == (None, None, None, None)
    assert set(report.questions) == set(QUESTIONS)
    assert all(report.groups[one] == () for one in DIMENSIONS)
    assert len(report.trend) == 1
    assert score_days.write(quality.ledger, config, "shop", NOW) == 0
    assert build(quality.ledger, config, NOW).ready == Share(0, 0)


def test_one_product_and_everything_that_is_said_of_it(quality: QualityLedger, config: Settings) -> None:
    quality.product("A", wrong=1, brand="Noord", category_code="GLA", stock_status="on_order")
    quality.finding("name_capitals", "A", "nl", value="GSM ZW")
    quality.finding("weight_missing", "A", days=9)
    quality.finding("gtin_missing", "A")
    quality.trade("A", "1200.50", "80", supplier="Nordkoek", owner="luc")
    report = build(quality.ledger, config, NOW)
    product = of(report, "A")
    assert product.names == {"": "ERP A", "nl": "A (nl)", "fr": "A (fr)"}
    assert product.score == {"nl": 83, "fr": 83}  # (20 x 3/4 + 10) / 30
    assert (product.held, product.worth, product.supplier) == (("nl", "fr"), Decimal("1200.50"), "Nordkoek")
    assert product.lost == pytest.approx(0.17)
    assert product.minutes == 6
    assert product.rank_worth == pytest.approx(1200.5 * 0.5 * 0.17 / 6)
    told = [(one.rule, one.field, one.owner, one.severity) for one in product.problems]
    assert told == [
        ("weight_missing", "weight_kg", "luc", "block"), ("name_capitals", "name", "luc", "improve"),
        ("gtin_missing", "gtin", "luc", "hint"),
    ]  # fmt: skip
    assert report.ready == Share(0, 1, Decimal(0), Decimal("1200.50"))
    assert report.worth_kind == "revenue"
    assert report.grades == {one: {"A": 0, "B": 1, "C": 0, "D": 0, "E": 0} for one in ("nl", "fr")}
    assert [(line.person, line.open, line.held, line.minutes) for line in report.people] == [("luc", 2, 1, 6)]
    assert report.people[0].oldest == NOW - timedelta(days=9)
    assert report.offenders == ("A",)
    assert report.biggest is not None
    assert (report.biggest.question, report.biggest.owner, report.biggest.minutes) == ("name", "luc", 2)


def test_a_question_counts_each_product_once_per_language(quality: QualityLedger, config: Settings) -> None:
    quality.product("A", wrong=1)
    quality.product("B")
    quality.product("C", languages=("nl",))
    quality.finding("name_missing", "B", "nl")
    quality.finding("name_capitals", "B", "nl")
    quality.finding("gtin_missing", "B")
    cells = build(quality.ledger, config, NOW).questions
    found = {language: (cell.ok, cell.improve, cell.block, cell.asked) for language, cell in cells["name"].items()}
    assert found == {"nl": (1, 1, 1, 3), "fr": (1, 1, 0, 2)}
    assert cells["weight"]["fr"].ok == 3
    assert cells["photos"]["nl"].asked == 0


def test_readiness_per_language_and_in_one_of_them(quality: QualityLedger, config: Settings) -> None:
    quality.product("A")
    quality.product("B")
    quality.finding("name_missing", "A", "fr")
    report = build(quality.ledger, config, NOW)
    assert report.ready.count == 1
    assert {one: share.count for one, share in report.ready_in.items()} == {"nl": 2, "fr": 1}
    either = settings(config.root, '[report]\nready_in = "one"')
    assert build(quality.ledger, either, NOW).ready.count == 2


def test_groups_hold_the_same_figures_and_categories_what_is_below_them(
    quality: QualityLedger, config: Settings
) -> None:
    quality.product("A", brand="X", category_code="TEL-SMA")
    quality.product("B", brand="X", category_code="TEL")
    quality.product("C", category_code="UNKNOWN-CODE", wrong=4)
    quality.finding("photos_none", "A")
    quality.sent("category", "TEL", {"rows": [{"language": "nl", "name": "Telefonie"}]})
    quality.sent("category", "TEL-SMA", {"rows": [{"language": "fr", "name": "Mobiles", "parent_code": "TEL"}]})
    quality.sent("category", "LOOP", {"rows": [{"language": "nl", "name": "Rond", "parent_code": "LOOP"}]})
    quality.trade("A", "10", supplier="S")
    quality.trade("B", "5", supplier="S")
    report = build(quality.ledger, config, NOW)
    above = group(report, "category", "TEL")
    assert (above.name, above.parent, above.products, above.ready.count) == ("Telefonie", "", 2, 1)
    assert (above.held_worth, above.ready.worth, above.ready.of_worth) == (Decimal(10), Decimal(5), Decimal(15))
    assert (group(report, "category", "TEL-SMA").name, group(report, "category", "TEL-SMA").parent) == (
        "Mobiles",
        "TEL",
    )
    unknown = group(report, "category", "UNKNOWN-CODE")
    assert (unknown.name, unknown.parent, unknown.held_worth, unknown.score) == ("UNKNOWN-CODE", "", None, 33)
    assert {one.code: one.products for one in report.groups["brand"]} == {"": 1, "X": 2}
    assert {one.code: one.products for one in report.groups["supplier"]} == {"": 1, "S": 2}
    assert {one.code: (one.name, one.products) for one in report.groups["owner"]} == {"an": ("An Peeters", 1)}
    assert report.category_names["TEL"] == {"nl": "Telefonie"}


def test_what_is_held_says_what_the_shop_shows_and_how_long(quality: QualityLedger, config: Settings) -> None:
    for sku in "ABCDE":
        quality.product(sku)
        quality.trade(sku, "1000" if sku == "E" else "10")
    quality.run("catalogue", hours=24, counts={"product": {}, "product_text": {}})
    quality.finding("weight_missing", "A", days=0.5)
    quality.finding("weight_missing", "B", days=4)
    quality.finding("weight_missing", "C", days=9)
    quality.finding("name_missing", "D", "fr", days=4)
    quality.finding("photos_none", "E", days=4)
    quality.finding("count_negative", "A", "", entity="stock_level")
    quality.sent("product", "B")
    quality.sent("product", "C", fingerprint="-")
    quality.sent("product", "D")
    quality.sent("product", "E", state="held back", fingerprint="?")
    quality.score(1, "A", 80)
    report = build(quality.ledger, config, NOW)
    found = {one.sku: (one.group, one.days, one.shows) for one in report.held}
    assert found == {
        "A": ("new", 0, "nothing"), "B": ("waiting", 4, "last good version"), "C": ("overdue", 9, "nothing"),
        "D": ("waiting", 4, "nothing"), "E": ("overdue", 4, "last good version"),
    }  # fmt: skip
    assert [one.sku for one in report.held] == ["E", "C", "B", "D", "A"]


def test_what_changed_since_yesterday_and_since_a_week(quality: QualityLedger, config: Settings) -> None:
    for sku in ("GOOD", "BAD", "FREED", "NEW"):
        quality.product(sku, wrong=1)
    quality.finding("weight_missing", "BAD")
    quality.finding("weight_missing", "NEW")
    score_days.write(quality.ledger, config, "shop", NOW)
    for days in (1, 8):
        for language in ("nl", "fr"):
            for sku, held in (("GOOD", False), ("BAD", False), ("FREED", True), ("GONE", False)):
                quality.score(days, sku, 73, held=held, language=language, rules="old")
    report = build(quality.ledger, config, NOW)
    assert (report.newly_held, report.newly_released) == (("BAD", "NEW"), ("FREED",))
    assert report.change is not None
    assert report.change == Change(TODAY - timedelta(days=8), before=3, data=0, rules=0, both=0, assortment=-1, after=2)
    assert report.ready_change == -1
    assert report.score_change is not None
    assert (report.score_change.before, report.score_change.both, report.score_change.after) == (73, 10, 83)
    assert {one.sku: one.change for one in report.products} == {"GOOD": 10, "BAD": 10, "FREED": 10, "NEW": None}
    assert [(point.day, point.ready.count, point.rules_changed) for point in report.trend] == [
        (TODAY - timedelta(days=8), 3, False), (TODAY, 2, True),
    ]  # fmt: skip
    assert report.verdict == "alarm"  # a third of what was ready is not any more
    assert group(report, "brand", "").change == 0


@pytest.mark.parametrize(("days", "is_told"), [(7, True), (13, True), (14, False), (60, False)])
def test_a_change_in_a_week_is_told_only_where_somebody_looked_about_a_week_ago(
    quality: QualityLedger, config: Settings, days: int, *, is_told: bool
) -> None:
    quality.product("A")
    quality.score(days, "A", 40, held=True)
    report = build(quality.ledger, config, NOW)
    assert report.ready_change == (1 if is_told else None)
    assert [one is not None for one in (report.change, report.score_change, of(report, "A").change)] == [is_told] * 3
    assert not report.is_first


def test_the_verdict(quality: QualityLedger, config: Settings) -> None:
    for number in range(30):
        quality.product(f"P{number:02}", languages=("nl",))
        quality.score(1, f"P{number:02}", 80)
        quality.score(1, f"P{number:02}", 80, language="fr")
    assert build(quality.ledger, config, NOW).verdict == "good"
    quality.finding("weight_missing", "P00", days=5)
    assert build(quality.ledger, config, NOW).verdict == "attention"  # newly held back
    quality.run("catalogue", "waiting", counts={"product": {"read": 1, "held_back": 1}})
    assert build(quality.ledger, config, NOW).verdict == "alarm"


@pytest.mark.parametrize(("days", "verdict"), [(2, "good"), (30, "attention")])
def test_what_is_held_back_as_before_is_no_news_until_it_is_overdue(
    quality: QualityLedger, config: Settings, days: int, verdict: str
) -> None:
    quality.product("A", languages=("nl", "fr"))
    for language in ("nl", "fr"):
        quality.score(1, "A", 80, held=True, language=language)
    quality.finding("weight_missing", "A", days=days)
    report = build(quality.ledger, config, NOW)
    assert (report.verdict, report.is_first) == (verdict, False)


def test_a_first_report_calls_nothing_new_and_asks_for_attention_where_something_is_held_back(
    quality: QualityLedger, config: Settings
) -> None:
    quality.product("A")
    report = build(quality.ledger, config, NOW)
    assert (report.verdict, report.is_first, report.newly_held) == ("good", True, ())
    quality.run("catalogue", hours=24, counts={"product": {}})
    quality.finding("weight_missing", "A", days=0.5)
    report = build(quality.ledger, config, NOW)
    assert (report.verdict, [one.group for one in report.held]) == ("attention", ["waiting"])


def test_the_small_lines_come_from_the_days_that_were_kept(quality: QualityLedger, config: Settings) -> None:
    quality.product("A", wrong=1)
    quality.product("B")
    score_days.write(quality.ledger, config, "shop", NOW - timedelta(days=14))
    weeks = build(quality.ledger, config, NOW).questions["name"]["nl"].weeks
    assert weeks == (*[None] * 11, 0.5, None)


def test_scores_of_a_day_are_replaced_and_go_after_their_time(quality: QualityLedger, config: Settings) -> None:
    quality.product("A")
    quality.score(100, "A", 1)
    quality.score(101, "A", 1)
    late = NOW.replace(hour=23, minute=30)  # the next day where people work
    for moment in (NOW, NOW, late):
        assert score_days.write(quality.ledger, config, "shop", moment) == 2
    days = quality.ledger.columns("select day, count(*) as rows from score group by day order by day").to_pylist()
    assert [(row["day"], row["rows"]) for row in days] == [(TODAY, 2), (TODAY + timedelta(days=1), 2)]


def test_mended_is_what_came_back_from_work_lists_and_what_was_released(
    quality: QualityLedger, config: Settings
) -> None:
    quality.product("A")
    quality.score(7, "A", 50, held=True)
    quality.trade("A", owner="luc")
    quality.insert("sheet", {
        "sheet_id": "s1", "target": "shop", "owner": "an", "language": "nl", "rows": {}, "made_by": "x", "made_at": NOW,
    })  # fmt: skip
    plain = {
        "target": "shop",
        "entity": "product",
        "author": "an",
        "reason": "",
        "until": date(2026, 12, 31),
        "state": "active",
    }
    for key, days, sheet in (("A", 1, "s1"), ("B", 8, "s1"), ("C", 1, None)):
        made = {"key": key, "made_at": NOW - timedelta(days=days), "sheet_id": sheet, **plain}
        quality.insert("override", {"field": "gtin", "value": "1", "replaced": "", **made})
        quality.insert("waiver", {"rule": "gtin_wrong", **made})
    report = build(quality.ledger, config, NOW)
    assert {line.person: (line.name, line.open, line.mended) for line in report.people} == {
        "an": ("An Peeters", 0, 2), "luc": ("Luc", 0, 1),
    }  # fmt: skip
    assert report.overrides == 3


def test_a_rule_that_people_waive_a_lot_is_doubtful(quality: QualityLedger, tmp_path: Path) -> None:
    rules = '[[waivers]]\nrule = "name_long"\nkey = "nl:A"\nuntil = 2026-12-01\nreason = "<b>"\nby = "an"\n'
    expired = rules.replace("2026-12-01", "2026-11-25").replace("nl:A", "nl:OLD")
    config = settings(tmp_path / "config", rules=rules + expired + "[rules.name_typing]\nenabled = false")
    plain = {
        "target": "shop", "entity": "product_text", "author": "an", "reason": "", "until": TODAY, "made_at": NOW, "sheet_id": None,
    }  # fmt: skip
    for number in range(6):
        state = "active" if number < 4 else "expired"
        quality.insert("waiver", {**plain, "rule": "name_long", "key": f"nl:{number}", "state": state})
        quality.insert("waiver", {**plain, "rule": "name_capitals", "key": f"nl:{number}", "state": "active"})
    for number in range(24):
        quality.finding("name_capitals", f"{number}", "nl")
    report = build(quality.ledger, config, NOW)
    lines = {line.rule: (line.findings, line.waived, line.is_doubtful) for line in report.rules}
    assert lines["name_long"] == (0, 5, True)
    assert lines["name_capitals"] == (24, 6, False)  # 6 of 30 are not more than a fifth
    assert "name_typing" not in lines
    assert len(report.waivers) == 11
    assert report.waivers[-1].until == date(2026, 12, 1)


def test_runs_tell_what_became_of_each_record(quality: QualityLedger, config: Settings) -> None:
    counts = {"read": 9, "unchanged": 4, "delivered": 3, "held_back": 1, "failed": 1, "withdrawn": 2}
    quality.run("catalogue", hours=5, counts={"product": {"read": 1}})
    newest = quality.run("catalogue", hours=2, counts={"product": counts, "price": {**counts, "failed": 0}})
    quality.run("catalogue", hours=1, is_dry_run=True, counts={"product": {"read": 3}})
    quality.run("catalogue", "running", hours=0.5, ended_at=None)
    quality.run("stock", "failed")
    quality.run("other", target="elsewhere")
    lines = build(quality.ledger, config, NOW).runs
    assert [(line.flow, line.entity, line.read, line.adds_up) for line in lines] == [
        ("catalogue", "price", 9, False), ("catalogue", "product", 9, True), ("stock", "", 0, True),
    ]  # fmt: skip
    assert lines[0].run_id == newest
    assert lines[2].status == "failed"


def test_what_nobody_knows_any_more_does_no_harm(quality: QualityLedger, config: Settings) -> None:
    quality.product("A", languages=("nl", "xx"), category_code="", brand=None)
    quality.judged("product_text", "TEXT ONLY", "nl", name="no product")
    quality.finding("rule_of_yesterday", "A", entity="product")
    quality.finding("name_missing", "A", "xx")
    quality.finding("category_name_missing", "GLA", "")
    quality.finding("weight_missing", "NOT THERE")
    quality.trade("A", "1", owner="left the company")
    quality.trade("A", "999", source="elsewhere")
    quality.score(3, "A", 40, language="xx", held=True)
    report = build(quality.ledger, config, NOW)
    product = of(report, "A")
    assert (product.names, product.brand, product.worth) == ({"": "ERP A", "nl": "A (nl)", "fr": ""}, "", Decimal(1))
    assert [(one.rule, one.question, one.owner) for one in product.problems if one.rule == "rule_of_yesterday"] == [
        ("rule_of_yesterday", "", "")
    ]
    assert product.score == {"nl": 100, "fr": 100}
    assert [one.sku for one in report.products] == ["A"]
    assert "category_name_missing" in {line.rule for line in report.rules if line.findings}
    assert "left the company" not in report.people_names


def test_a_column_of_another_system_is_no_field_to_mend(quality: QualityLedger, config: Settings) -> None:
    quality.product("A")
    quality.finding("brand_missing", "A")
    owned = replace(config, values={**config.values, "ownership": {"product": {"brand": "shop"}}})
    assert of(build(quality.ledger, config, NOW), "A").problems[0].field == "brand"
    assert of(build(quality.ledger, owned, NOW), "A").problems[0].field == ""
    its_own = replace(config, values={**config.values, "ownership": {"product": {"brand": "erp"}}})
    assert of(build(quality.ledger, its_own, NOW), "A").problems[0].field == "brand"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[report]\nready_in = "both"', "ready_in"), ('[report]\ntimezone = "Europe/Brussel"', "Europe/Brussels"),
        ("[report]\ndeadline_days = -1", "0 or more"), ("[retention]\nscore_days = 1.5", "score_days"),
        ("[report]\nnew_days = true", "new_days"),
    ],
)  # fmt: skip
def test_what_config_can_not_mean_is_told(quality: QualityLedger, tmp_path: Path, text: str, told: str) -> None:
    config = settings(tmp_path / "config", text)
    with pytest.raises(ConfigError, match=told):
        build(quality.ledger, config, NOW)
