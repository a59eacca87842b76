"""The whole way: a run finds problems, a work list goes out, a person fills it in, and the next run brings it to the shop."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_quality.gate import judge
from data_quality.report.build import build
from data_quality.texts import Texts
from data_quality.worklist.handing_out import HandedOut, hand_out
from data_quality.worklist.read import read
from data_quality.worklist.returned import Preview, confirm, preview
from koppel import registry
from koppel.ledger import now
from koppel.settings import Settings
from tests.data_quality.worklist.lists import LONG, filled
from tests.koppel.world import World

PROJECT = Path(__file__).parents[3]
NAME, GOOD_NAME = "GSM HOESJE SAMS A54 ZW", "Zwart hoesje voor Samsung Galaxy A54"
OWNERS = '[people.an]\nname = "An"\nlanguage = "nl"\n[roles]\npurchasing = "an"\nmarketing = "an"\nwarehouse = "an"\nit = "an"\n'


@pytest.fixture
def coupled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ledger_url: str) -> Iterator[World]:
    """Two phone cases; the one has no weight and a name in capitals, and stays out of the shop."""
    world = World(monkeypatch, tmp_path, ledger_url)
    monkeypatch.setattr(registry, "gate", lambda settings: judge)
    for name in ("rules.toml", "assortment.toml", "properties.toml"):
        shutil.copy(PROJECT / "config" / name, tmp_path)
    (tmp_path / "owners.toml").write_text(OWNERS, "utf-8")
    settings = (tmp_path / "koppel.toml").read_text("utf-8").replace('["nl", "fr"]', '["nl"]')
    (tmp_path / "koppel.toml").write_text(settings, "utf-8")
    for sku, weight, gtin, name in (
        ("A-1", "", "5412345678901", NAME),
        ("A-2", "0.1", "5412345678908", "Blauw hoesje voor Apple iPhone 15"),
    ):
        put(world, sku, weight, gtin, name)
    world.source.tables["category"].append({"category_code": "TEL-HOE", "language": "nl", "name": "Hoesjes"})
    world.run()
    yield world
    world.ledger.close()


def put(world: World, sku: str, weight: str, gtin: str, name: str) -> None:
    world.put(
        sku, names={}, brand="Nubo", category_code="TEL-HOE", weight_kg=weight, gtin=gtin, tax_class="standard", status="active",
        property_color="zwart", property_material="silicone", property_fits_model="A54", model="A54", photo_count="3",
        accessory_count="1", stock_status="in_stock", stock_quantity="5", carton_weight_kg="", pack_size="1",
        stock_checked_at=datetime.now(UTC).isoformat(),
    )  # fmt: skip
    world.source.tables["product_text"] = [row for row in world.source.tables["product_text"] if row["sku"] != sku]
    world.source.tables["product_text"].append(
        {
            "sku": sku, "language": "nl", "name": name, "short_text": f"{name}: beschermt het toestel tegen krassen en stoten.",
            "long_text": f"<p>{LONG}</p>", "brand": "Nubo", "model": "A54", "category_code": "TEL-HOE",
        }
    )  # fmt: skip


def exported(world: World) -> HandedOut:
    settings = Settings.load()
    report = build(world.ledger, settings, now(), "shop")
    made = hand_out(world.ledger, settings, report, language="nl", who="els", now=now(), owner="an")
    assert made is not None
    return made


def looked_at(world: World, content: bytes) -> Preview:
    return preview(world.ledger, Settings.load(), content, "an.xlsx", "els", now())


def test_what_a_person_filled_in_is_in_the_shop_after_the_next_run(coupled: World) -> None:
    assert ("product", "A-1") not in coupled.target.content
    handed = exported(coupled).content
    assert not any(line.place.endswith("|brand") for line in read(handed).lines)  # another system owns it
    content = filled(
        handed,
        {"product|A-1|weight_kg": {"new": "0,12"}, "product_text|nl:A-1|name": {"new": GOOD_NAME}},
    )
    made = looked_at(coupled, content)
    assert [line.outcome for line in made.lines] == ["accepted"] * 2, [
        w.text(Texts("en")) for x in made.lines for w in x.why
    ]
    result = confirm(coupled.ledger, Settings.load(), made.preview_id, "els", now())
    assert result.overrides == 2
    coupled.run()
    assert coupled.target.content["product", "A-1"]["weight_kg"] == 0.12
    assert coupled.target.content["product_text", "nl:A-1"]["name"] == GOOD_NAME
    again = looked_at(coupled, content)
    assert {line.outcome for line in again.lines} == {"unchanged"}
    assert confirm(coupled.ledger, Settings.load(), again.preview_id, "els", now()).is_repeat


def test_a_value_is_compared_with_what_the_shop_holds(coupled: World) -> None:
    """The barcode of another product is no barcode for this one, though that one has no problem and is in no list."""
    places = {"product|A-1|gtin": {"new": "5412345678908"}}
    made = looked_at(coupled, filled(exported(coupled).content, places))
    ((line),) = made.lines
    told = " ".join(why.text(Texts("en")) for why in line.why)
    assert "5412345678908" in told, (line.outcome, told)
