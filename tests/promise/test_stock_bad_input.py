"""Stock that can't be: broken rows, empty feeds, places that fall silent. The good rows flow, and nothing is zeroed by mistake."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from koppel import flow
from koppel.errors import LimitExceeded, SourceEmpty
from koppel.ledger import Ledger
from koppel.window import Window
from tests.promise import killed
from tests.promise.stock_company import PLACES, now
from tests.promise.stock_scene import StockScene, named

NUL, LONG = "\0", "L" * 300
BROKEN = {
    "MECH:SKU-001": ("veel", "failed", "veel"),
    "MECH:SKU-002": (-5, "held back", "-5"),
    "MECH:SKU-003": (10**7, "held back", "100000"),
    "MECH:SKU-004": (float("inf"), "failed", ""),
    "MECH:SKU-005": (None, "failed", "on hand"),
    "GENT:SKU-001": ("1e400", "failed", ""),
    "GENT:SKU-002": ("<script>alert(1)</script>", "failed", "script"),
}
"""Counts of the ERP, and what becomes of the row: its state, and a word of the reason."""
STRANGE = {
    ("NOWHERE", "SKU-001"): "NOWHERE",
    (LONG, "SKU-001"): "config/stock.toml",
    ("ME:CH", "SKU-001"): "",
    ("MECH", f"SKU{NUL}001"): "",
    ("MECH", "'; drop table shelf; --"): "",
    ("MECH", "<b>SKU</b>"): "",
    ("MECH", "S" * 300): "",
    ("MECH", ""): "",
    ("", "SKU-001"): "",
    (None, None): "",
}
"""Rows that are nobody's, and a word of the reason."""
SILENT, COUNTED = timedelta(hours=3), timedelta(minutes=90)


@pytest.fixture
def judged(stock_scene: StockScene, monkeypatch: pytest.MonkeyPatch) -> Iterator[StockScene]:
    """The company, with the rules that hold for everybody, in this process."""
    monkeypatch.setattr("koppel.registry.target", killed.quick_target)
    monkeypatch.setattr("koppel.registry.source", killed.quick_source)
    yield stock_scene
    Ledger.from_environment().close()


def everything() -> dict[str, int]:
    """A run of everything; its counts."""
    return dict(flow.run_here(flow.begin("stock", Window())))["reconcile"]["stock_level"]  # type: ignore[no-any-return]


def spoil(scene: StockScene) -> None:
    """Every defect once, and a good change beside each."""
    change = "update shelf set on_hand = ?, modified_at = ? where location || ':' || sku = ?"
    scene.company.run("update shelf set on_hand = on_hand - 1, modified_at = ? where location <> 'LEU'", now())
    for key, (count, _, _) in BROKEN.items():
        scene.company.run(change, count, now(), key)
    scene.company.insert("shelf", *((location, sku, 5, 0, now()) for location, sku in STRANGE))
    scene.company.insert("shelf", ("GENT", "SKU-003", 7, 0, now()))  # once more
    scene.company.run("update shelf set modified_at = 'gisteren' where location = 'GENT' and sku = 'SKU-004'")
    scene.company.insert("web_order", ("<b>7</b> =", "GENT", "SKU-005", "many", 0))


def test_bad_rows_are_named_and_the_good_ones_flow(judged: StockScene) -> None:
    before = judged.held()
    spoil(judged)
    for run in (judged.listen_here, everything, judged.listen_here):
        counts = run()  # type: ignore[operator]
        assert counts["read"] == sum(counts[name] for name in ("unchanged", "delivered", "held_back", "failed"))
        rows = judged.ledger.standing("shop", "stock_level", BROKEN)
        for key, (_, state, word) in BROKEN.items():
            assert (rows[key]["state"], word in rows[key]["reason"]) == (state, True), rows[key]["reason"]
        _is_refused(judged)
        bad = {(PLACES[key[:4]][0], key[5:]) for key in [*BROKEN, "GENT:SKU-003"]}
        held = judged.held()
        for (source, sku), quantity in before.items():
            is_good = (source, sku) not in bad and source != "store_leuven"
            assert held[source, sku] == quantity - is_good, (source, sku)
        assert held.keys() == before.keys(), "nothing that nobody sells came into the shop"


def _is_refused(scene: StockScene) -> None:
    """Every row that is nobody's has a state and a reason."""
    rows = scene.ledger.rows(lambda schema: schema.delivery.select().where(schema.delivery.c.entity == "stock_level"))
    sad = {row["key"]: row for row in rows if row["state"] != "delivered"}
    assert sad["GENT:SKU-003"]["state"] == "failed"
    assert "more than once" in sad["GENT:SKU-003"]["reason"]
    strangers = [row for key, row in sad.items() if key not in BROKEN and key != "GENT:SKU-003"]
    assert len(strangers) == len(STRANGE), sorted(sad)
    assert all(row["reason"] for row in strangers)
    reasons = " ".join(row["reason"] for row in strangers)
    assert all(word in reasons for word in STRANGE.values())


def test_what_was_bad_comes_right_when_it_is_corrected(judged: StockScene) -> None:
    spoil(judged)
    judged.listen_here(2)
    judged.company.run("delete from shelf where location not in ('MECH', 'GENT', 'LEU') or sku not like 'SKU-0__'")
    judged.company.run(
        "delete from shelf where location is null or rowid = (select max(rowid) from shelf where sku = 'SKU-003')"
    )
    judged.company.run("delete from web_order")
    judged.company.run("update shelf set on_hand = 12, modified_at = ? where location <> 'LEU'", now())
    judged.listen_here(2)
    assert named(judged.held()) == named(judged.wanted())


@pytest.mark.parametrize("location", ["MECH", "LEU"])
def test_a_feed_that_is_empty_or_says_nothing_but_0_zeroes_nothing(stock_here: StockScene, location: str) -> None:
    company, before = stock_here.company, stock_here.held()
    company.run("create table kept as select * from shelf")

    def empty() -> None:
        if location == "LEU":
            company.drop_till(rows=[])
        else:
            company.run("delete from shelf where location <> 'LEU'")

    def nothing() -> None:
        company.run("delete from shelf")
        company.run("insert into shelf select location, sku, 0, 0, ? from kept", now())
        company.drop_till()

    empty()
    stock_here.listen_here()
    assert stock_here.held() == before
    if location == "LEU":
        everything()  # the file is set aside, and what it gave before still counts
        assert list((company.tills / "unreadable").glob("*.reason.txt"))
    else:
        with pytest.raises(SourceEmpty):
            everything()
    assert stock_here.held() == before
    nothing()
    stock_here.listen_here()
    with pytest.raises(LimitExceeded):
        everything()
    assert stock_here.held() == before
    company.run("delete from shelf")
    company.run("insert into shelf select location, sku, on_hand - 1, 0, ? from kept", now())
    company.drop_till()
    stock_here.listen_here()
    stock_here.has_come_right("it counts again")


def test_a_place_that_falls_silent_counts_as_configured_and_comes_back(stock_here: StockScene) -> None:
    company, settings = stock_here.company, stock_here.company.config / "stock.toml"
    company.take_in(stock_here.trade.place("SKU-001", 2), "GENT")
    before = (datetime.now(UTC) - COUNTED).isoformat()
    company.run("update shelf set modified_at = ? where location = 'GENT'", before)
    whole = settings.read_text()
    for handling, first, others in (("keep", 38, 38), ("zero", 2, 0), ("last_minus_safety", 36, 36)):
        settings.write_text(whole.replace('source = "ghent"\n', f'source = "ghent"\nwhen_silent = "{handling}"\n'))
        company.is_heard("GENT")
        stock_here.listen_here()
        stock_here.has_come_right(f"{handling}: before")
        _passes(stock_here, SILENT)
        stock_here.listen_here()
        held = stock_here.held()
        assert (held["ghent", "SKU-001"], held["ghent", "SKU-002"]) == (first, others), handling
        assert held["mechelen", "SKU-001"] == 40
        is_stale = stock_here.ledger.rows(lambda schema: schema.location.select().where(schema.location.c.is_stale))
        assert "GENT" in {row["location"] for row in is_stale}
        company.is_heard("GENT")
        stock_here.listen_here()
        stock_here.has_come_right(f"{handling}: heard of again")


def _passes(scene: StockScene, time: timedelta) -> None:
    """So much time goes by in which nobody hears of Gent."""
    scene.company.is_heard("GENT", at=(datetime.now(UTC) - time).isoformat())
    with scene.ledger.transaction() as connection:
        connection.exec_driver_sql(
            "update location set heard_at = heard_at - interval '3 hours' where location = 'GENT'"
        )
