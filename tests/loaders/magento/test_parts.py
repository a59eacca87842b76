"""Categories, images, relations and prices into the sandbox shop."""

import json
from pathlib import Path
from typing import Any

import pytest

from koppel.entities import CATEGORY, PRICE, PRODUCT, PRODUCT_IMAGE, PRODUCT_RELATION
from loaders.magento import MagentoTarget
from tests.loaders.conftest import Note, by_key, change, picture


def make_products(target: MagentoTarget, *skus: str) -> None:
    records = [{"sku": sku, "name": f"ERP {sku}", "first_price_eur_excl_vat": "9.95"} for sku in skus]
    target.prepare(target.preparations(PRODUCT, records))
    receipts = by_key(target.deliver(PRODUCT, [change("create", r["sku"], r) for r in records], Note()))
    assert {receipt.outcome for receipt in receipts.values()} == {"delivered"}


def category(code: str, parent: str | None = None, **names: str) -> dict[str, Any]:
    common = {"parent_code": parent} if parent else {}
    return {"category_code": code, "rows": [{"language": k, "name": v} | common for k, v in names.items()]}


def names_of(target: MagentoTarget, number: int) -> dict[str, str]:
    return {s: target.client.value(f"/V1/categories/{number}", store=s)["name"] for s in ("all", "nl", "fr", "en")}


class TestCategories:
    def deliver(self, target: MagentoTarget, *records: dict[str, Any], kind: str = "create") -> dict[str, Any]:
        return by_key(target.deliver(CATEGORY, [change(kind, r["category_code"], r) for r in records], Note()))

    def test_a_tree_in_any_order_with_a_name_per_view(self, target: MagentoTarget) -> None:
        child = category("PHONE.CASE", "phones", nl="Hoesjes", fr="Étuis")
        receipts = self.deliver(target, child, category("phones", nl="Telefoons", fr="Téléphones", en="Phones"))
        assert {receipt.outcome for receipt in receipts.values()} == {"delivered"}
        parent, number = (json.loads(receipts[code].remote_id)["id"] for code in ("phones", "PHONE.CASE"))
        assert target.client.value(f"/V1/categories/{number}")["parent_id"] == parent
        assert names_of(target, parent) == {"all": "Telefoons", "nl": "Telefoons", "fr": "Téléphones", "en": "Phones"}
        assert names_of(target, number)["fr"] == "Étuis"

    def test_delivering_twice_makes_nothing_twice(self, target: MagentoTarget) -> None:
        first = self.deliver(target, category("a", nl="Alfa"))
        second = self.deliver(target, category("a", nl="Alfa"))
        assert first["a"].remote_id == second["a"].remote_id

    def test_a_new_name_and_a_new_parent(self, target: MagentoTarget) -> None:
        made = self.deliver(target, category("a", nl="Alfa"), category("b", nl="Beta"))
        moved = category("b", "a", nl="Bèta")
        assert self.deliver(target, moved, kind="update")["b"].outcome == "delivered"
        numbers = {code: json.loads(receipt.remote_id)["id"] for code, receipt in made.items()}
        found = target.client.value(f"/V1/categories/{numbers['b']}")
        assert (found["name"], found["parent_id"]) == ("Bèta", numbers["a"])
        assert by_key(target.read_back(CATEGORY, [change("update", "b", moved)], None))["b"].outcome == "delivered"

    def test_a_loop_and_a_missing_parent_are_named(self, target: MagentoTarget) -> None:
        receipts = self.deliver(
            target,
            category("a", "b", nl="A"),
            category("b", "a", nl="B"),
            category("c", "gone", nl="C"),
            category("d", nl="D"),
        )
        assert {code: receipt.outcome for code, receipt in receipts.items()} == {
            "a": "rejected", "b": "rejected", "c": "rejected", "d": "delivered",
        }  # fmt: skip
        assert "loop" in receipts["a"].message
        assert "gone" in receipts["c"].message

    def test_withdrawing_switches_off_and_deletes_nothing(self, target: MagentoTarget) -> None:
        made = self.deliver(target, category("a", nl="Alfa"))
        receipt = self.deliver(target, {"category_code": "a"}, kind="withdraw")["a"]
        assert receipt.outcome == "delivered"
        found = target.client.value(f"/V1/categories/{json.loads(made['a'].remote_id)['id']}")
        assert found["is_active"] is False
        self.deliver(target, category("a", nl="Alfa"), kind="update")
        assert target.client.value(f"/V1/categories/{found['id']}")["is_active"] is True

    def test_the_audit_reads_codes_back(self, target: MagentoTarget) -> None:
        self.deliver(
            target, category("a", nl="Alfa", fr="Alpha", en="Alpha"), category("B é", "a", nl="B", fr="B", en="B")
        )
        read = dict(pair for page in target.read_all(CATEGORY) for pair in page)
        assert set(read) == {"a", "B é"}
        assert {row["language"]: row["name"] for row in read["a"]["rows"]} == {
            "nl": "Alfa",
            "fr": "Alpha",
            "en": "Alpha",
        }
        assert read["B é"]["rows"][0]["parent_code"] == "a"


class TestImages:
    def gallery(self, target: MagentoTarget, sku: str, store: str = "all") -> list[dict[str, Any]]:
        entries = target.client.value(f"/V1/products/{sku}/media", store=store)
        return sorted(entries, key=lambda entry: entry["position"])

    def record(self, root: Path, *colours: str, **alt: str) -> dict[str, Any]:
        rows = []
        for place, colour in enumerate(colours, 1):
            content = picture(root, f"{colour}.png", colour)
            texts = {f"alt_text_{language}": f"{word} {colour}" for language, word in alt.items()}
            rows.append(
                {"position": place, "file": f"{colour}.png", "content_hash": content, "mime_type": "image/png"} | texts
            )
        return {"sku": "S-1", "rows": rows}

    def deliver(
        self, target: MagentoTarget, record: dict[str, Any], remote_id: str | None = None, kind: str = "update"
    ) -> Any:
        return by_key(target.deliver(PRODUCT_IMAGE, [change(kind, "S-1", record, remote_id)], Note()))["S-1"]

    @pytest.mark.parametrize("bulk_from", [0, 20])
    def test_pictures_in_order_with_roles_and_alt_texts_per_view(
        self, make_target: Any, tmp_path: Path, bulk_from: int
    ) -> None:
        target = make_target(sync_records=bulk_from)
        make_products(target, "S-1")
        record = self.record(tmp_path, "red", "blue", nl="foto", fr="photo")
        receipt = self.deliver(target, record)
        assert receipt.outcome == "delivered", receipt.message
        assert "base64" not in json.dumps(receipt.sent)
        first, second = self.gallery(target, "S-1")
        assert (first["label"], first["types"]) == ("foto red", ["image", "small_image", "thumbnail"])
        assert (second["label"], second["types"]) == ("foto blue", [])
        assert [entry["label"] for entry in self.gallery(target, "S-1", "fr")] == ["photo red", "photo blue"]
        assert [entry["label"] for entry in self.gallery(target, "S-1", "en")] == ["foto red", "foto blue"]
        back = by_key(target.read_back(PRODUCT_IMAGE, [change("create", "S-1", record)], None))["S-1"]
        assert (back.outcome, back.remote_id) == ("delivered", receipt.remote_id)

    def test_a_new_order_uploads_nothing_again(self, target: MagentoTarget, tmp_path: Path) -> None:
        make_products(target, "S-1")
        record = self.record(tmp_path, "red", "blue", nl="foto", fr="photo")
        first = self.deliver(target, record)
        for row in record["rows"]:
            row["position"] = 3 - row["position"]
        sent: list[Any] = []
        original = target.client.send
        target.client.send = lambda *a, **k: (sent.append(a), original(*a, **k))[1]  # type: ignore[method-assign]
        again = self.deliver(target, record, first.remote_id)
        assert again.outcome == "delivered", again.message
        assert "base64_encoded_data" not in json.dumps(sent)
        assert json.loads(again.remote_id) == json.loads(first.remote_id)
        for store in ("all", "fr"):
            entries = self.gallery(target, "S-1", store)
            assert entries[0]["label"].endswith("blue")
            assert entries[0]["types"] == ["image", "small_image", "thumbnail"], store

    def test_delivering_twice_sends_nothing_the_second_time(self, target: MagentoTarget, tmp_path: Path) -> None:
        make_products(target, "S-1")
        record = self.record(tmp_path, "red", nl="foto", fr="photo")
        first = self.deliver(target, record)
        before = self.gallery(target, "S-1")
        assert self.deliver(target, record).outcome == "delivered"  # as after a crash: nothing is remembered
        assert self.gallery(target, "S-1") == before
        assert json.loads(first.remote_id)[record["rows"][0]["content_hash"]]["id"] == before[0]["id"]

    def test_a_main_picture_that_is_replaced_goes(self, target: MagentoTarget, tmp_path: Path) -> None:
        """Magento keeps a picture as long as it is the main one of some store view."""
        make_products(target, "S-1")
        first = self.deliver(target, self.record(tmp_path, "red", nl="foto", fr="photo"))
        second = self.deliver(target, self.record(tmp_path, "blue", nl="foto", fr="photo"), first.remote_id)
        assert second.outcome == "delivered", second.message
        assert [entry["label"] for entry in self.gallery(target, "S-1")] == ["foto blue"]
        gone = self.deliver(target, {"sku": "S-1"}, second.remote_id, kind="withdraw")
        assert gone.outcome == "delivered"
        assert self.gallery(target, "S-1") == []

    def test_other_peoples_pictures_stay(self, target: MagentoTarget, tmp_path: Path) -> None:
        make_products(target, "S-1")
        first = self.deliver(target, self.record(tmp_path, "red", "blue", nl="foto"))
        picture(tmp_path, "theirs.png", "green")
        import base64

        content = base64.b64encode((tmp_path / "theirs.png").read_bytes()).decode()
        entry = {"media_type": "image", "label": "Theirs", "position": 9, "disabled": False, "types": ["thumbnail"]}
        body = {
            "entry": entry | {"content": {"base64_encoded_data": content, "type": "image/png", "name": "theirs.png"}}
        }
        assert target.client.send("POST", "/V1/products/S-1/media", body).kind == "done"
        second = self.deliver(target, self.record(tmp_path, "blue", nl="foto"), first.remote_id)
        assert second.outcome == "delivered", second.message
        found = {entry["label"]: entry["types"] for entry in self.gallery(target, "S-1")}
        assert found == {"foto blue": ["image", "small_image"], "Theirs": ["thumbnail"]}
        gone = self.deliver(target, {"sku": "S-1"}, second.remote_id, kind="withdraw")
        assert gone.outcome == "delivered"
        assert [entry["label"] for entry in self.gallery(target, "S-1")] == ["Theirs"]

    def test_what_can_not_be_read_is_named(self, target: MagentoTarget, tmp_path: Path) -> None:
        make_products(target, "S-1")
        outside = {"sku": "S-1", "rows": [{"position": 1, "file": "../secret.png", "content_hash": "0" * 64}]}
        assert "leads out" in self.deliver(target, outside).message
        lost = {"sku": "S-1", "rows": [{"position": 1, "file": "lost.png", "content_hash": "0" * 64}]}
        assert "can't be read" in self.deliver(target, lost).message
        changed = self.record(tmp_path, "red", nl="foto")
        picture(tmp_path, "red.png", "yellow")
        assert "changed after it was read" in self.deliver(target, changed).message


class TestRelations:
    def links(self, target: MagentoTarget, sku: str) -> set[tuple[str, str]]:
        found = target.client.value(f"/V1/products/{sku}")["product_links"]
        return {(link["link_type"], link["linked_product_sku"]) for link in found}

    def record(self, *rows: tuple[str, str]) -> dict[str, Any]:
        return {"sku": "A", "rows": [{"relation": relation, "related_sku": sku} for relation, sku in rows]}

    def deliver(
        self, target: MagentoTarget, record: dict[str, Any], remote_id: str | None = None, kind: str = "update"
    ) -> Any:
        return by_key(target.deliver(PRODUCT_RELATION, [change(kind, "A", record, remote_id)], Note()))["A"]

    def test_only_our_links_are_replaced_and_withdrawn(self, target: MagentoTarget) -> None:
        make_products(target, "A", "B", "C", "D")
        link = {
            "sku": "A",
            "link_type": "related",
            "linked_product_sku": "D",
            "linked_product_type": "simple",
            "position": 1,
        }
        assert target.client.send("POST", "/V1/products/A/links", {"items": [link]}).kind == "done"
        first = self.deliver(target, self.record(("accessory", "B"), ("similar", "c")))
        assert first.outcome == "delivered", first.message
        assert self.links(target, "A") == {("upsell", "B"), ("related", "C"), ("related", "D")}
        second = self.deliver(target, self.record(("goes_well_with", "B")), first.remote_id)
        assert self.links(target, "A") == {("crosssell", "B"), ("related", "D")}
        assert self.deliver(target, {"sku": "A"}, second.remote_id, kind="withdraw").outcome == "delivered"
        assert self.links(target, "A") == {("related", "D")}

    def test_a_relation_to_nothing_is_named_and_the_others_arrive(self, target: MagentoTarget) -> None:
        make_products(target, "A", "B")
        receipt = self.deliver(target, self.record(("accessory", "B"), ("accessory", "Z")))
        assert receipt.outcome == "rejected"
        assert "Z" in receipt.message
        assert self.links(target, "A") == {("upsell", "B")}

    def test_read_back_and_audit(self, target: MagentoTarget) -> None:
        make_products(target, "A", "B")
        record = self.record(("accessory", "B"))
        line = [change("create", "A", record)]
        assert by_key(target.read_back(PRODUCT_RELATION, line, None))["A"].outcome == "transient"
        self.deliver(target, record)
        assert by_key(target.read_back(PRODUCT_RELATION, line, None))["A"].outcome == "delivered"
        read = dict(pair for page in target.read_all(PRODUCT_RELATION) for pair in page)
        assert read == {"A": {"sku": "A", "rows": [{"relation": "accessory", "related_sku": "B", "position": 1}]}}


class TestPrices:
    def deliver(self, target: MagentoTarget, **prices: str) -> dict[str, Any]:
        changes = [change("update", sku, {"sku": sku, "price_eur_excl_vat": price}) for sku, price in prices.items()]
        return by_key(target.deliver(PRICE, changes, Note()))

    def test_good_prices_are_saved_and_bad_ones_named(self, target: MagentoTarget) -> None:
        make_products(target, "A", "B")
        receipts = self.deliver(target, A="12.35", B="112.565", Z="5.00", C="abc", D="-1")
        assert {sku: r.outcome for sku, r in receipts.items()} == {
            "A": "delivered", "B": "delivered", "Z": "rejected", "C": "rejected", "D": "rejected",
        }  # fmt: skip
        assert receipts["Z"].message == "Invalid attribute SKU = Z."
        assert target.client.value("/V1/products/A")["price"] == 12.35
        read = dict(pair for page in target.read_all(PRICE) for pair in page)
        assert read["B"]["price_eur_excl_vat"] == "112.565"

    def test_read_back(self, target: MagentoTarget) -> None:
        make_products(target, "A")
        line = [change("update", "A", {"sku": "A", "price_eur_excl_vat": "12.35"})]
        assert by_key(target.read_back(PRICE, line, None))["A"].outcome == "transient"
        self.deliver(target, A="12.35")
        assert by_key(target.read_back(PRICE, line, None))["A"].outcome == "delivered"

    def test_a_withdrawn_price_sends_nothing(self, target: MagentoTarget) -> None:
        calls = target.client.http.calls
        receipt = by_key(target.deliver(PRICE, [change("withdraw", "A", {"sku": "A"})], Note()))["A"]
        assert receipt.outcome == "delivered"
        assert "keeps" in receipt.message
        assert target.client.http.calls == calls
