"""What every target must do, whatever it is: a registered target gets these tests by being registered."""

from collections.abc import Iterable
from typing import Any

import pytest

from koppel.entities import (
    CATEGORY,
    ENTITIES,
    PRICE,
    PRODUCT,
    PRODUCT_RELATION,
    PRODUCT_TEXT,
    STOCK_LEVEL,
    Entity,
)
from koppel.target import Change, Receipt, Record, Target
from tests.loaders.conftest import Note, by_key, change

RECORDS: dict[str, list[tuple[str, Record]]] = {
    CATEGORY.name: [
        ("phones", {"category_code": "phones", "rows": [{"language": "nl", "name": "Telefoons"}]}),
        ("cases", {"category_code": "cases", "rows": [{"language": "nl", "name": "Hoesjes", "parent_code": "phones"}]}),
    ],
    PRODUCT.name: [
        ("C-1", {"sku": "C-1", "name": "=HYPERLINK(1)", "gtin": "0541000000000", "first_price_eur_excl_vat": "9.95"}),
        (
            "C-2",
            {
                "sku": "C-2",
                "name": "Glas <b>& co</b>",
                "weight_kg": 0.2,
                "property_colour": "red",
                "first_price_eur_excl_vat": "9.95",
            },
        ),
    ],
    PRODUCT_TEXT.name: [
        ("nl:C-1", {"language": "nl", "sku": "C-1", "name": "Hoesje", "long_text": "<p>Lang</p>"}),
        ("fr:C-1", {"language": "fr", "sku": "C-1", "name": "Étui"}),
    ],
    PRODUCT_RELATION.name: [
        ("C-1", {"sku": "C-1", "rows": [{"relation": "accessory", "related_sku": "C-2", "position": 1}]}),
    ],
    PRICE.name: [
        ("C-1", {"sku": "C-1", "price_eur_excl_vat": "12.30"}),
        ("C-2", {"sku": "C-2", "price_eur_excl_vat": "0.10"}),
    ],
    STOCK_LEVEL.name: [
        (
            "GENT:C-1",
            {"location": "GENT", "sku": "C-1", "quantity": 7.0, "is_in_stock": True, "moves": "000000012:1/0"},
        ),
        ("ANT:C-1", {"location": "ANT", "sku": "C-1", "quantity": 2.5, "is_in_stock": True}),
        ("GENT:C-2", {"location": "GENT", "sku": "C-2", "quantity": 0.0, "is_in_stock": False}),
    ],
}
REFUSED: dict[str, tuple[str, Record]] = {
    "magento": ("x" * 65, {"sku": "x" * 65, "name": "Too long a SKU", "first_price_eur_excl_vat": "9.95"}),
    "workbook": ("C-9", {"sku": "C-9", "name": "n" * 40_000}),
}
NAMES = list(RECORDS)


def changes(entity: Entity, kind: str = "create", remote: dict[str, Receipt] | None = None) -> list[Change]:
    """The lines of a plan about the records of an entity."""
    keys = (
        (lambda record: {name: record[name] for name in entity.key}) if kind == "withdraw" else (lambda record: record)
    )
    return [
        change(kind, key, keys(record), remote[key].remote_id if remote else None)
        for key, record in RECORDS[entity.name]
    ]


def outcomes(receipts: Iterable[Receipt]) -> list[str]:
    return [receipt.outcome for receipt in receipts]


def content(target: Target) -> dict[str, Any]:
    """All that the target holds, in our words."""
    return {name: dict(pair for page in target.read_all(ENTITIES[name]) for pair in page) for name in NAMES}


def deliver(target: Target, entity: Entity, lines: list[Change]) -> dict[str, Receipt]:
    target.prepare(target.preparations(entity, [line.record for line in lines if line.kind != "withdraw"]))
    return by_key(target.deliver(entity, lines, Note()))


def fill(target: Target, up_to: str) -> dict[str, Receipt]:
    """Deliver everything up to and with an entity; the receipts of the last one."""
    receipts: dict[str, Receipt] = {}
    for name in NAMES[: NAMES.index(up_to) + 1]:
        receipts = deliver(target, ENTITIES[name], changes(ENTITIES[name]))
    return receipts


class TargetConformance:
    """Inherit it with fixtures ``target`` (fresh, empty) and ``kind`` (the name it is registered under)."""

    @pytest.mark.parametrize("name", NAMES)
    def test_one_receipt_per_change(self, target: Target, name: str) -> None:
        receipts = fill(target, name)
        assert receipts.keys() == {line.key for line in changes(ENTITIES[name])}
        assert set(outcomes(receipts.values())) == {"delivered"}

    def test_an_empty_batch_is_no_trouble(self, target: Target) -> None:
        for entity in (PRODUCT, PRODUCT_TEXT, PRICE, STOCK_LEVEL):
            assert by_key(target.deliver(entity, [], Note())) == {}

    def test_a_rejected_record_does_not_end_the_batch(self, target: Target, kind: str) -> None:
        key, record = REFUSED[kind]
        receipts = deliver(target, PRODUCT, [change("create", key, record), *changes(PRODUCT)])
        assert receipts.pop(key).outcome == "rejected"
        assert set(outcomes(receipts.values())) == {"delivered"}
        assert set(dict(pair for page in target.read_all(PRODUCT) for pair in page)) == set(receipts)

    def test_a_rejection_says_why(self, target: Target, kind: str) -> None:
        key, record = REFUSED[kind]
        assert len(deliver(target, PRODUCT, [change("create", key, record)])[key].message) > 20

    @pytest.mark.parametrize("name", NAMES)
    def test_delivering_twice_has_the_effect_of_once(self, target: Target, name: str) -> None:
        fill(target, name)
        before = content(target)
        assert set(outcomes(deliver(target, ENTITIES[name], changes(ENTITIES[name])).values())) == {"delivered"}
        assert content(target) == before

    @pytest.mark.parametrize("name", NAMES)
    def test_read_back_knows_what_stands_and_sends_nothing(self, target: Target, name: str) -> None:
        entity = ENTITIES[name]
        if name != NAMES[0]:
            fill(target, NAMES[NAMES.index(name) - 1])
        target.prepare(target.preparations(entity, [record for _, record in RECORDS[name]]))
        before = content(target)
        assert set(outcomes(target.read_back(entity, changes(entity), None))) == {"transient"}
        assert content(target) == before
        receipts = deliver(target, entity, changes(entity))
        after = content(target)
        back = by_key(target.read_back(entity, changes(entity), None))
        assert set(outcomes(back.values())) == {"delivered"}
        assert {key: receipt.remote_id for key, receipt in back.items()} == {
            k: r.remote_id for k, r in receipts.items()
        }
        assert content(target) == after

    @pytest.mark.parametrize("name", NAMES)
    def test_withdrawing_deletes_nothing_and_can_be_taken_back(self, target: Target, name: str) -> None:
        entity = ENTITIES[name]
        receipts = fill(target, name)
        full = content(target)
        gone = deliver(target, entity, changes(entity, "withdraw", receipts))
        assert set(outcomes(gone.values())) == {"delivered"}
        left = content(target)
        assert all(left[other].keys() == full[other].keys() for other in NAMES if other != name)
        assert set(outcomes(target.read_back(entity, changes(entity, "withdraw", receipts), None))) == {"delivered"}
        deliver(target, entity, changes(entity, "update", receipts))
        assert content(target) == full

    def test_what_a_record_lacks_is_not_emptied(self, target: Target, kind: str) -> None:
        if kind == "workbook":
            pytest.skip("a workbook is a whole: an import file shows the record as it is now")
        fill(target, PRODUCT.name)
        deliver(target, PRODUCT, [change("update", "C-2", {"sku": "C-2", "name": "Ander glas"})])
        found = content(target)[PRODUCT.name]["C-2"]
        assert (found["name"], found["weight_kg"], found["property_colour"]) == ("Ander glas", 0.2, "red")

    def test_normalising_a_key_twice_is_normalising_it_once(self, target: Target) -> None:
        for key in (" C-1 ", "é", "STRASSE", "İ", "nl:C-1", ""):
            assert target.normalise_key(target.normalise_key(key)) == target.normalise_key(key)

    @pytest.mark.parametrize("name", [*NAMES, "product_image"])
    def test_a_batch_holds_at_least_one_record(self, target: Target, name: str) -> None:
        assert all(target.batch_size(ENTITIES[name], planned) >= 1 for planned in (0, 1, 5000, 1_000_000))

    @pytest.mark.parametrize("name", NAMES)
    def test_preparing_twice_is_preparing_once(self, target: Target, name: str) -> None:
        records = [record for _, record in RECORDS[name]]
        needed = target.preparations(ENTITIES[name], records)
        target.prepare(needed)
        target.prepare(needed)
        assert target.preparations(ENTITIES[name], records) == []

    def test_the_doctor_finds_nothing_wrong(self, target: Target) -> None:
        checks = target.check()
        assert checks
        assert all(check.is_fine for check in checks), checks
