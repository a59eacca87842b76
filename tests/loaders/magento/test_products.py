"""Products and texts into the sandbox shop: scopes, visibility, withdrawal, categories, bad records among good ones."""

import json
from typing import Any

import pytest

from koppel.entities import CATEGORY, PRODUCT, PRODUCT_TEXT
from koppel.errors import ConfigError, TargetRefused
from loaders.magento import MagentoTarget
from sandbox.magento.testing import RunningShop
from tests.loaders.conftest import Note, by_key, change


def product(sku: str, **fields: Any) -> dict[str, Any]:
    return {
        "sku": sku,
        "name": f"ERP {sku}",
        "first_price_eur_excl_vat": "9.95",
        "weight_kg": 0.45,
        "tax_class": "standard",
        "status": "active",
    } | fields


def prepared(target: MagentoTarget, records: list[dict[str, Any]]) -> None:
    target.prepare(target.preparations(PRODUCT, records))


def deliver_products(target: MagentoTarget, *records: dict[str, Any], kind: str = "create") -> dict[str, Any]:
    prepared(target, list(records))
    return by_key(target.deliver(PRODUCT, [change(kind, record["sku"], record) for record in records], Note()))


def standing(target: MagentoTarget, sku: str, store: str = "all") -> dict[str, Any]:
    body = target.client.value(f"/V1/products/{sku}", store=store)
    return body | {a["attribute_code"]: a["value"] for a in body["custom_attributes"]}


def text(language: str, sku: str, name: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    return f"{language}:{sku}", {"language": language, "sku": sku, "name": name} | fields


@pytest.mark.parametrize("count", [3, 30])
def test_new_products_stand_at_all_and_are_seen_nowhere(target: MagentoTarget, count: int) -> None:
    records = [product(f"S-{n}", gtin="0541000000000", brand="Ixor", property_colour="red") for n in range(count)]
    receipts = deliver_products(target, *records)
    assert {receipt.outcome for receipt in receipts.values()} == {"delivered"}
    found = standing(target, "S-0")
    assert (found["name"], found["status"], found["visibility"], found["weight"]) == ("ERP S-0", 1, 1, 0.45)
    assert found["gtin"] == "0541000000000"
    assert found["tax_class_id"] == "2"
    assert found["url_key"] == "erp-s-0-s-0"
    assert standing(target, "S-0", "fr")["visibility"] == 1


@pytest.mark.parametrize("count", [2, 30])
def test_a_text_makes_the_product_visible_in_its_view_only(target: MagentoTarget, count: int) -> None:
    deliver_products(target, *(product(f"S-{n}") for n in range(count)))
    texts = [text("fr", f"S-{n}", f"Étui {n}", short_text="Court", long_text="<p>Long</p>") for n in range(count)]
    receipts = by_key(target.deliver(PRODUCT_TEXT, [change("create", *t) for t in texts], Note()))
    assert {receipt.outcome for receipt in receipts.values()} == {"delivered"}
    french, dutch = standing(target, "S-1", "fr"), standing(target, "S-1", "nl")
    assert (french["name"], french["visibility"], french["url_key"]) == ("Étui 1", 4, "etui-1-s-1")
    assert french["description"] == "<p>Long</p>"
    assert (dutch["name"], dutch["visibility"]) == ("ERP S-1", 1)
    assert standing(target, "S-1")["visibility"] == 1


def test_a_corrected_name_keeps_the_address(target: MagentoTarget) -> None:
    deliver_products(target, product("S-1"))
    by_key(target.deliver(PRODUCT_TEXT, [change("create", *text("nl", "S-1", "Hoesje"))], Note()))
    by_key(target.deliver(PRODUCT_TEXT, [change("update", *text("nl", "S-1", "Etui"))], Note()))
    found = standing(target, "S-1", "nl")
    assert (found["name"], found["url_key"]) == ("Etui", "hoesje-s-1")


def test_what_is_not_in_the_record_is_not_touched(target: MagentoTarget) -> None:
    deliver_products(target, product("S-1", gtin="0541", weight_kg=2.5))
    deliver_products(target, {"sku": "S-1", "name": "Nieuw"}, kind="update")
    found = standing(target, "S-1")
    assert (found["name"], found["weight"], found["gtin"]) == ("Nieuw", 2.5, "0541")


def test_an_existing_product_keeps_its_price_and_visibility(target: MagentoTarget) -> None:
    theirs = {"sku": "S-1", "name": "Theirs", "price": 89.95, "attribute_set_id": 4, "visibility": 4, "status": 2}
    assert target.client.send("POST", "/V1/products", {"product": theirs}).kind == "done"
    assert deliver_products(target, product("S-1"))["S-1"].outcome == "delivered"
    found = standing(target, "S-1")
    assert (found["price"], found["visibility"], found["status"]) == (89.95, 4, 1)


def test_withdrawing_disables_or_hides_and_a_return_brings_back(target: MagentoTarget) -> None:
    deliver_products(target, product("S-1"))
    by_key(target.deliver(PRODUCT_TEXT, [change("create", *text("nl", "S-1", "Hoesje"))], Note()))
    gone = by_key(
        target.deliver(PRODUCT_TEXT, [change("withdraw", "nl:S-1", {"language": "nl", "sku": "S-1"})], Note())
    )
    assert gone["nl:S-1"].outcome == "delivered"
    assert standing(target, "S-1", "nl")["visibility"] == 1
    assert standing(target, "S-1", "nl")["name"] == "Hoesje"
    by_key(target.deliver(PRODUCT, [change("withdraw", "S-1", {"sku": "S-1"})], Note()))
    assert standing(target, "S-1")["status"] == 2
    deliver_products(target, product("S-1"), kind="update")
    assert standing(target, "S-1")["status"] == 1


def test_withdrawing_what_the_shop_no_longer_has_is_done(target: MagentoTarget) -> None:
    receipts = by_key(target.deliver(PRODUCT, [change("withdraw", "S-9", {"sku": "S-9"})], Note()))
    assert receipts["S-9"].outcome == "delivered"
    assert "no such product" in receipts["S-9"].message


@pytest.mark.parametrize("good", [2, 40])
def test_bad_records_are_named_and_the_good_ones_flow(target: MagentoTarget, good: int) -> None:
    bad = {
        "x" * 65: "65 characters",
        " S-lead": "space",
        "S-weight": "weight",
        "S-tax": "Tax class",
        "S-name": "cuts",
        "S-long": "cuts",
        "S-bool": "neither yes nor no",
    }
    records = [product(f"S-{n}") for n in range(good)] + [
        product("x" * 65),
        product(" S-lead"),
        product("S-weight", weight_kg="zwaar"),
        product("S-tax", tax_class="luxury"),
        product("S-name", name="n" * 300),
        product("S-long", property_height="9" * 300),
        product("S-bool", property_waterproof="perhaps"),
    ]
    receipts = deliver_products(target, *records)
    assert len(receipts) == len(records)
    for sku, words in bad.items():
        assert receipts[sku].outcome == "rejected"
        assert words.lower() in receipts[sku].message.lower()
    assert [receipts[f"S-{n}"].outcome for n in range(good)] == ["delivered"] * good


@pytest.mark.parametrize(
    "sku", ["a b", "a/b", 'a"b', "a'b", "a%25b", "a+b", "é€漢", "a#b?c&d", "a\\b", "a;b=c", "a<b>", "a,b"]
)
@pytest.mark.parametrize("bulk_from", [0, 20])
def test_odd_skus_arrive_and_are_found_again(make_target: Any, sku: str, bulk_from: int) -> None:
    target = make_target(sync_records=bulk_from)
    record = product(sku)
    assert deliver_products(target, record, product("plain"))[sku].outcome == "delivered"
    read = by_key(target.read_back(PRODUCT, [change("create", sku, record)], None))
    assert read[sku].outcome == "delivered"


def test_moving_to_another_category_leaves_the_old_one_and_no_other(target: MagentoTarget) -> None:
    tree = [("a", "Alfa"), ("b", "Beta")]
    rows = [{"category_code": c, "rows": [{"language": "nl", "name": name}]} for c, name in tree]
    by_key(target.deliver(CATEGORY, [change("create", row["category_code"], row) for row in rows], Note()))
    first = deliver_products(target, product("S-1", category_code="a"))["S-1"]
    assert (
        target.client.send(
            "POST", "/V1/categories/2/products", {"productLink": {"sku": "S-1", "category_id": "2", "position": 3}}
        ).kind
        == "done"
    )
    moved = change("update", "S-1", product("S-1", category_code="b"), first.remote_id)
    receipt = by_key(target.deliver(PRODUCT, [moved], Note()))["S-1"]
    assert receipt.outcome == "delivered"
    links = {link["category_id"] for link in standing(target, "S-1")["extension_attributes"]["category_links"]}
    assert links == {"2", json.loads(receipt.remote_id)["category_id"]}


def test_an_update_leaves_the_place_in_the_category_to_the_shop(target: MagentoTarget) -> None:
    by_key(
        target.deliver(
            CATEGORY, [change("create", "a", {"category_code": "a", "rows": [{"language": "nl", "name": "A"}]})], Note()
        )
    )
    first = deliver_products(target, product("S-1", category_code="a"))["S-1"]
    number = json.loads(first.remote_id)["category_id"]
    link = {"productLink": {"sku": "S-1", "category_id": number, "position": 7}}
    assert target.client.send("PUT", f"/V1/categories/{number}/products", link).kind == "done"
    by_key(
        target.deliver(PRODUCT, [change("update", "S-1", product("S-1", category_code="a"), first.remote_id)], Note())
    )
    links = standing(target, "S-1")["extension_attributes"]["category_links"]
    assert [(link["category_id"], link["position"]) for link in links] == [(number, 7)]


def test_a_store_view_that_does_not_exist_ends_the_run_in_words(make_target: Any) -> None:
    target = make_target(stores={"nl": "nederlands"})
    changes = [change("create", *text("nl", f"S-{n}", "Hoesje")) for n in range(30)]
    with pytest.raises(TargetRefused, match="no store view 'nederlands'"):
        list(target.deliver(PRODUCT_TEXT, changes, Note()))


def test_a_product_whose_category_is_not_in_the_shop_is_rejected_with_its_name(target: MagentoTarget) -> None:
    receipt = deliver_products(target, product("S-1", category_code="nowhere"))["S-1"]
    assert receipt.outcome == "rejected"
    assert "nowhere" in receipt.message


def test_reading_back_tells_what_stands_and_what_does_not(target: MagentoTarget) -> None:
    records = [product("S-1", property_colour="red"), product("S-2")]
    prepared(target, records)
    changes = [change("create", record["sku"], record) for record in records]
    assert {r.outcome for r in by_key(target.read_back(PRODUCT, changes, None)).values()} == {"transient"}
    by_key(target.deliver(PRODUCT, changes[:1], Note()))
    read = by_key(target.read_back(PRODUCT, changes, None))
    assert (read["S-1"].outcome, read["S-2"].outcome) == ("delivered", "transient")
    other = change("update", "S-1", product("S-1", property_colour="red", weight_kg=0.5))
    assert by_key(target.read_back(PRODUCT, [other], None))["S-1"].outcome == "transient"


def test_a_new_product_without_a_price_is_refused_before_the_shop_gives_it_away(target: MagentoTarget) -> None:
    record = product("S-1")
    del record["first_price_eur_excl_vat"]
    target.prepare(target.preparations(PRODUCT, [record]))
    receipt = by_key(target.deliver(PRODUCT, [change("create", "S-1", record)], Note()))["S-1"]
    assert (receipt.outcome, "needs a price" in receipt.message) == ("rejected", True)


def test_the_audit_reads_products_and_texts_in_our_words(target: MagentoTarget) -> None:
    record = product("S-1", gtin="0541", brand="Ixor", property_colour="red", property_waterproof="true")
    deliver_products(target, record)
    key, words = text("nl", "S-1", "Hoesje", short_text="Kort", long_text="Lang")
    by_key(target.deliver(PRODUCT_TEXT, [change("create", key, words)], Note()))
    read = dict(pair for page in target.read_all(PRODUCT) for pair in page)
    del record["first_price_eur_excl_vat"]
    assert {name: read["S-1"][name] for name in record} == record
    texts = dict(pair for page in target.read_all(PRODUCT_TEXT) for pair in page)
    assert texts == {key: words}


def test_nothing_changed_asks_the_shop_nothing(target: MagentoTarget) -> None:
    assert target.preparations(PRODUCT, []) == []
    assert by_key(target.deliver(PRODUCT, [], Note())) == {}
    assert by_key(target.deliver(PRODUCT_TEXT, [], Note())) == {}
    assert target.client.http.calls == 0


def test_what_is_missing_is_planned_once_and_in_words(target: MagentoTarget) -> None:
    records = [
        product("S-1", property_colour="red", property_height="5"),
        product("S-2", property_colour="Red", brand="Ixor"),
    ]
    planned = {(p.kind, p.name): p.detail for p in target.preparations(PRODUCT, iter(records))}
    assert [name for kind, name in planned if kind == "attribute"] == ["brand", "colour", "height"]
    assert [name for kind, name in planned if kind == "option"] == ["brand: Ixor", "colour: red"]
    assert planned["option", "colour: red"]["labels"] == {"nl": "Rood", "fr": "Rouge", "en": "Red"}
    assert planned["attribute", "height"]["labels"]["fr"] == "Hauteur (cm)"
    prepared(target, records)
    assert target.preparations(PRODUCT, records) == []
    options = target.client.value("/V1/products/attributes/colour/options", store="fr")
    assert "Rouge" in {option["label"] for option in options}


def test_a_property_may_not_overwrite_what_is_magentos(target: MagentoTarget) -> None:
    with pytest.raises(ConfigError, match="own"):
        target.preparations(PRODUCT, [product("S-1", property_price="1")])
    with pytest.raises(ConfigError, match="name of a Magento attribute"):
        target.preparations(PRODUCT, [{"sku": "S-1", "property_énorm hoog": "1"}])


def test_five_thousand_changed_texts_take_few_requests(make_target: Any, shop: RunningShop) -> None:
    """The bench measures the real thing; this keeps the economy from breaking unseen: one bulk and few questions."""
    target = make_target()
    skus = [f"S-{n:03}" for n in range(60)]
    deliver_products(target, *(product(sku) for sku in skus))
    before = target.client.http.calls
    changes = [change("update", *text("nl", sku, f"Hoesje {sku}")) for sku in skus]
    assert {r.outcome for r in by_key(target.deliver(PRODUCT_TEXT, changes, Note())).values()} == {"delivered"}
    assert target.client.http.calls - before <= 8
