"""Bad input, all the way: one run over everything that an ERP can get wrong, and sources that are not what they were."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from koppel import flow
from koppel.cli import app
from koppel.embedded import EmbeddedPostgres
from koppel.errors import KoppelError, SourceDown, SourceEmpty, SourceShape
from koppel.ledger import Ledger
from koppel.window import Window
from tests.promise import killed
from tests.promise.company import Company
from tests.promise.scene import Scene
from tests.promise.shop import Shop

LONG = "L" * 65
FORMULA = '=HYPERLINK("http://evil.example","Klik")'
ODD = {"space": "SKU 011", "slash": "SKU/012", "quotes": "SKU'013\"", "dots": "../SKU.014", "percent": "SKU%2F015"}
"""SKUs that a shop can take, if it is asked in the right way."""
REFUSED = {"outer space": " SKU-021 ", "long": LONG, "control": "SKU\x00022"}


def spoil(company: Company) -> None:
    """Ten good products, and every defect once."""
    company.stock_up(10)
    for number, sku in enumerate((*ODD.values(), *REFUSED.values(), "CASE-1", "case-1", "TWICE-1"), 20):
        company.add(sku, 4 * number + 1)
    company.run("insert into product select * from product where sku = 'TWICE-1'")
    company.run("update product set name = name || ' again' where rowid = (select max(rowid) from product)")
    text = "update product_text set {} = ? where sku = ? and language = 'nl'"
    company.run(text.format("name"), "Ketel <script>alert('koppel')</script>", "SKU-001")
    company.run(text.format("name"), "Ketel\x00met nul", "SKU-002")
    company.run(text.format("long_text"), "<p>" + "lang " * 200_000 + "</p>", "SKU-003")
    company.run(text.format("name"), FORMULA, "SKU-004")
    company.run("update product set weight_kg = 'heavy' where sku = 'SKU-005'")
    company.run("update price set currency = '12,50' where sku = 'SKU-006'")
    company.run("update price set price_eur_excl_vat = 'free' where sku = 'SKU-007'")
    (company.media / "sku-009-1.png").write_bytes(b"<html>404</html>")
    (company.media / "sku-010-1.png").unlink()
    company.insert("product_relation", ("SKU-009", "similar", "NOWHERE", 1, None))
    for code, parent in (("LOOP-A", "LOOP-B"), ("LOOP-B", "LOOP-A")):
        company.insert("category", (code, "nl", f"Lus {code}", parent, 9))


@dataclass
class Outcome:
    """What one run over the spoilt source left behind."""

    ledger: Ledger
    content: Any
    counts: dict[str, dict[str, int]]

    def of(self, entity: str, key: str) -> tuple[str, str]:
        row = self.ledger.standing("shop", entity, [key])[key]
        return row["state"], row["reason"]


@pytest.fixture(scope="module")
def outcome(
    _own_shop: Shop, tmp_path_factory: pytest.TempPathFactory, postgres: EmbeddedPostgres, ledger_template: str
) -> Iterator[Outcome]:
    """Both flows over the spoilt source, with the real gate."""
    company = Company(tmp_path_factory.mktemp("spoilt")).found()
    spoil(company)
    _own_shop.reset()
    scene = Scene(company, _own_shop, Ledger(postgres.database("bad_input", template=ledger_template)))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in scene.environment.items():
            patch.setenv(name, value)
        patch.setattr("koppel.registry.target", killed.quick_target)
        counts = run("catalogue") | run("prices")
        Ledger.from_environment().close()
    yield Outcome(scene.ledger, _own_shop.content(), counts)
    scene.ledger.close()
    postgres.drop("bad_input")


def run(name: str = "catalogue") -> dict[str, dict[str, int]]:
    return dict(flow.run_here(flow.begin(name, Window())))["reconcile"]


def test_the_numbers_add_up(outcome: Outcome) -> None:
    for entity, counts in outcome.counts.items():
        assert counts["read"] == counts["unchanged"] + counts["delivered"] + counts["held_back"] + counts["failed"], (
            entity
        )
        assert counts["delivered"] > 0, entity
    states = {name: outcome.ledger.counts("shop", name) for name in outcome.counts}
    assert {name: sum(states[name].values()) for name in states} == {n: c["read"] for n, c in outcome.counts.items()}


def test_every_bad_record_has_a_reason(outcome: Outcome) -> None:
    rows = outcome.ledger.rows(lambda schema: schema.delivery.select().where(schema.delivery.c.state != "delivered"))
    assert rows
    assert [row["key"] for row in rows if not row["reason"].strip()] == []


@pytest.mark.parametrize("name", list(ODD))
def test_an_odd_sku_gets_to_the_shop(outcome: Outcome, name: str) -> None:
    assert outcome.of("product", ODD[name]) == ("delivered", "")
    assert outcome.of("product_text", f"nl:{ODD[name]}") == ("delivered", "")
    assert outcome.of("product_image", ODD[name])[0] == "delivered"
    assert outcome.of("price", ODD[name]) == ("delivered", "")
    assert ODD[name] in outcome.content["products"]


@pytest.mark.parametrize(
    ("sku", "words"), [(" SKU-021 ", "space"), (LONG, "64"), ("case-1", "capitals"), ("CASE-1", "capitals"),
                       ("TWICE-1", "more than once")],
)  # fmt: skip
def test_a_sku_that_no_shop_can_take_fails_by_name(outcome: Outcome, sku: str, words: str) -> None:
    state, reason = outcome.of("product", sku)
    assert state == "failed"
    assert words in reason
    assert sku.strip() not in outcome.content["products"]


def test_a_sku_with_a_nul_byte_is_accounted_for(outcome: Outcome) -> None:
    rows = outcome.ledger.rows(lambda schema: schema.delivery.select().where(schema.delivery.c.key.like("SKU%022")))
    assert {(row["entity"], row["state"]) for row in rows} >= {("product", "failed")}


def test_script_in_a_name_never_reaches_the_shop(outcome: Outcome) -> None:
    assert "<script" not in str(outcome.content).lower()
    state, _ = outcome.of("product_text", "nl:SKU-001")
    assert state in {"delivered", "held back"}
    assert outcome.of("product_text", "fr:SKU-001")[0] == "delivered"


def test_a_nul_byte_in_a_name_does_no_harm(outcome: Outcome) -> None:
    assert "\x00" not in str(outcome.content)
    assert outcome.of("product_text", "nl:SKU-002")[0] == "delivered"


def test_a_text_of_a_megabyte_is_held_back_alone(outcome: Outcome) -> None:
    state, reason = outcome.of("product_text", "nl:SKU-003")
    assert state == "held back"
    assert reason
    assert outcome.of("product_text", "fr:SKU-003")[0] == "delivered"


def test_a_weight_in_words_fails_and_keeps_its_texts_waiting(outcome: Outcome) -> None:
    state, reason = outcome.of("product", "SKU-005")
    assert state == "failed"
    assert "'heavy'" in reason
    state, reason = outcome.of("product_text", "nl:SKU-005")
    assert state == "held back"
    assert "SKU-005" in reason


@pytest.mark.parametrize(("sku", "words"), [("SKU-006", "not in euro"), ("SKU-007", "'free'")])
def test_a_price_that_is_none_fails(outcome: Outcome, sku: str, words: str) -> None:
    state, reason = outcome.of("price", sku)
    assert state in {"failed", "held back"}
    assert words in reason or "first_price" in reason
    assert outcome.of("price", "SKU-001")[0] == "delivered"


@pytest.mark.parametrize("sku", ["SKU-009", "SKU-010"])
def test_a_broken_photo_is_named_and_the_others_of_the_product_flow(outcome: Outcome, sku: str) -> None:
    findings = outcome.ledger.rows(lambda schema: schema.finding.select().where(schema.finding.c.key == sku))
    assert "photo_unusable" in {finding["rule"] for finding in findings}
    assert outcome.of("product", sku)[0] == "delivered"


def test_a_relation_to_nothing_is_named(outcome: Outcome) -> None:
    state, reason = outcome.of("product_relation", "SKU-009")
    assert state == "held back"
    assert reason


def test_a_loop_of_categories_fails_and_the_tree_stands(outcome: Outcome) -> None:
    for code in ("LOOP-A", "LOOP-B"):
        state, reason = outcome.of("category", code)
        assert state == "failed"
        assert "below itself" in reason
    assert outcome.of("category", "COFFEE")[0] == "delivered"


# --- sources that are not what they were --------------------------------------------------------------------------


@pytest.fixture
def delivered(here: Scene) -> Scene:
    """A company whose catalogue stands in the shop."""
    here.company.stock_up(4)
    run()
    return here


def check_stops(scene: Scene, error: type[KoppelError], words: str) -> None:
    """A run stops with an error in three parts, and the shop is as it was."""
    before, writes = scene.shop.content(), scene.shop.writes()
    with pytest.raises(error, match=words) as caught:
        run()
    assert caught.value.what
    assert caught.value.do
    assert scene.shop.content() == before
    assert scene.shop.writes() == writes
    latest = scene.ledger.runs(1)[0]
    assert latest["status"] == "failed"
    assert caught.value.what[:100] in latest["error"]
    assert scene.ledger.counts("shop", "product") == {"delivered": 4}


def test_a_source_that_came_back_empty(delivered: Scene) -> None:
    delivered.company.run("delete from product")
    check_stops(delivered, SourceEmpty, "holds no product at all")


def test_a_source_that_lost_a_column(delivered: Scene) -> None:
    delivered.company.run("alter table product drop column name")
    check_stops(delivered, SourceShape, "name")


def test_a_source_that_renamed_a_column_in_use(delivered: Scene) -> None:
    delivered.company.run("alter table category rename column parent_code to parent")
    check_stops(delivered, SourceShape, "parent_code")


def test_a_source_that_lost_a_table(delivered: Scene) -> None:
    delivered.company.run("drop table product_text")
    check_stops(delivered, SourceShape, "product_text")


def test_a_column_of_another_type_fails_its_records_and_no_other_entity(delivered: Scene) -> None:
    delivered.company.run("update product set weight_kg = 'x' || weight_kg")
    counts = run()
    assert counts["product"] == dict(counts["product"], read=4, failed=4)
    assert counts["category"]["unchanged"] == 3
    assert delivered.shop.content()["products"]["SKU-001"]["values"]["weight"]


def test_a_database_that_is_gone(delivered: Scene, monkeypatch: pytest.MonkeyPatch, unused_port: int) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ERP", f"postgresql://erp:verysecretword@127.0.0.1:{unused_port}/erp")
    check_stops(delivered, SourceDown, "AIRFLOW_CONN_ERP|answer|reach|connect")
    result = CliRunner().invoke(app, ["run", "catalogue"])
    assert result.exit_code == 1
    assert "verysecretword" not in result.output


def test_a_database_that_refuses_us(delivered: Scene, monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    place = postgres_url.partition("?")[0].rpartition("/")[0]
    query = postgres_url.partition("?")[2]
    monkeypatch.setenv("AIRFLOW_CONN_ERP", f"{place}/no_such_database" + (f"?{query}" if query else ""))
    check_stops(delivered, KoppelError, "no_such_database|refuse|login|database")


def test_a_formula_in_a_workbook_is_text(here: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back with openpyxl: a cell that a person opens shows the words, and nothing is called."""
    from koppel import registry

    monkeypatch.undo()
    for name, value in here.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(registry, "gate", lambda settings: killed.lenient)
    here.company.stock_up(3)
    here.company.run("update product_text set name = ? where sku = 'SKU-001'", FORMULA)
    run_id = flow.begin("catalogue", Window(), target="workbook")
    counts = dict(flow.run_here(run_id))["reconcile"]
    assert counts["product_text"]["failed"] == 0
    book: Path = here.company.config / "catalogue.xlsx"
    cells = [cell for row in openpyxl.load_workbook(book)["product_text"].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == FORMULA] == ["s", "s"]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
