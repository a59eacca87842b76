"""Products, texts, categories and prices out of a real Tryton, with everything in it that leads a reader astray."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from extractors.tryton_rpc import decode
from koppel.entities import ENTITIES
from koppel.errors import ConfigError, SourceShape
from koppel.window import Window
from tests.extractors.tryton.company import PRODUCTS, Company, money
from tests.extractors.tryton.conftest import MakeSource, rows_of

MOMENT = timedelta(microseconds=1)


def _times(company: Company, sku: str) -> dict[str, datetime | None]:
    """When Tryton says that a variant and its template were entered and changed."""
    fields = ["create_date", "write_date", "template.create_date", "template.write_date"]
    [row] = decode(company.office.call("product.product", "read", [company.skus[sku]], fields))
    own = {name: row[name] for name in fields[:2]}
    return own | {f"template.{name}": value for name, value in row["template."].items()}


def _template(company: Company, sku: str) -> int:
    [row] = company.office.call("product.product", "read", [company.skus[sku]], ["template"])
    return int(row["template"])


def _change(company: Company, sku: str, values: dict[str, Any], **context: Any) -> datetime:
    """Change a product's template; when Tryton says that this was."""
    company.office.call("product.template", "write", [_template(company, sku)], values, **context)
    changed = _times(company, sku)["template.write_date"]
    assert changed
    return changed


def test_the_whole_assortment_comes_once_and_in_slices(tryton_source: MakeSource) -> None:
    source = tryton_source(page_rows=150)
    tables = list(source.read(ENTITIES["product"], Window()))
    assert all(table.schema == tables[0].schema for table in tables)
    skus = Counter(row["sku"] for table in tables for row in table.to_pylist() if (row["sku"] or "").startswith("P-"))
    assert len(skus) == PRODUCTS
    assert set(skus.values()) == {1}


def test_a_product_says_what_tryton_says(company: Company, tryton_source: MakeSource) -> None:
    company.sell(company.template("Kettle", "KETTLE-1", "12.3456"))
    ean = {"product": company.skus["KETTLE-1"], "type": "ean", "code": "5412345678908"}
    company.office.call("product.identifier", "create", [ean])
    company.office.call("product.template", "write", [_template(company, "KETTLE-1")], {"categories": [["add", [1]]]})
    [row] = rows_of(tryton_source(), "product", keys=("KETTLE-1",))
    del row["modified_at"]
    assert row == {
        "sku": "KETTLE-1", "name": "Kettle", "gtin": "5412345678908", "category_code": "KITCHEN", "weight_kg": 0.35,
        "status": "active", "first_price_eur_excl_vat": "12.3456",
    }  # fmt: skip


def test_what_was_never_changed_is_new_since_its_creation(company: Company, tryton_source: MakeSource) -> None:
    """The time of writing is empty until the first change, of the template and, where it has no code, of the variant too."""
    [variant] = company.sell(company.template("Fresh", None, "1"))
    fields = ["create_date", "write_date", "template.write_date"]
    [told] = decode(company.office.call("product.product", "read", [variant], fields))
    assert (told["write_date"], told["template."]["write_date"]) == (None, None)
    [row] = [row for row in rows_of(tryton_source(), "product", since=told["create_date"]) if row["name"] == "Fresh"]
    assert row["modified_at"] == told["create_date"]


def test_fifty_products_with_one_timestamp_are_all_read_by_small_pages(
    company: Company, tryton_source: MakeSource
) -> None:
    """A page that ends in the middle of equal times loses nothing, doubles nothing; the bound itself counts."""
    names = [f"BATCH-{number:02}" for number in range(50)]
    company.sell(*(company.template(name, name, "3") for name in names))
    stamps = {_times(company, name)["template.create_date"] for name in names}
    assert len(stamps) == 1
    [stamp] = stamps
    found = rows_of(tryton_source(page_rows=7), "product", since=stamp)
    assert Counter(row["sku"] for row in found if row["sku"] in names) == dict.fromkeys(names, 1)


def test_a_change_of_the_template_brings_its_variants(company: Company, tryton_source: MakeSource) -> None:
    company.sell(
        company.template("Shirt", "SHIRT", "9", products=[["create", [{"suffix_code": "-S"}, {"suffix_code": "-M"}]]])
    )
    before = _times(company, "SHIRT-S")["write_date"]
    renamed = _change(company, "SHIRT-S", {"name": "Polo shirt"})
    assert _times(company, "SHIRT-S")["write_date"] == before
    rows = {row["sku"]: row for row in rows_of(tryton_source(), "product", since=renamed)}
    assert rows["SHIRT-S"]["name"] == rows["SHIRT-M"]["name"] == "Polo shirt"
    assert rows["SHIRT-S"]["modified_at"] == renamed


def test_a_change_of_one_variant_brings_that_one(company: Company, tryton_source: MakeSource) -> None:
    company.sell(
        company.template("Sock", "SOCK", "9", products=[["create", [{"suffix_code": "-1"}, {"suffix_code": "-2"}]]])
    )
    company.office.call("product.product", "write", [company.skus["SOCK-2"]], {"list_price": money("11.5")})
    changed = _times(company, "SOCK-2")["write_date"]
    assert changed
    rows = {row["sku"]: row for row in rows_of(tryton_source(), "price", since=changed)}
    assert rows.keys() & {"SOCK-1", "SOCK-2"} == {"SOCK-2"}
    assert rows["SOCK-2"]["price_eur_excl_vat"] == "11.5"
    [other] = rows_of(tryton_source(), "price", keys=("SOCK-1",))
    assert other["price_eur_excl_vat"] == "9"


def test_an_inherited_price_is_read_though_the_variant_has_none(company: Company, tryton_source: MakeSource) -> None:
    """Without a company every price is empty in Tryton, and the variant's own one is empty where it is inherited."""
    company.sell(company.template("Pan", "PAN-1", "45.9950"), company.template("Gift", "GIFT-1", None))
    ids = [company.skus["PAN-1"]]
    [bare] = company.office.call("product.product", "read", ids, ["list_price_used"], company=None)
    [own] = company.office.call("product.product", "read", ids, ["list_price"])
    assert (bare["list_price_used"], own["list_price"]) == (None, None)
    rows = {row["sku"]: row for row in rows_of(tryton_source(), "price", keys=("PAN-1", "GIFT-1"))}
    assert rows["PAN-1"]["price_eur_excl_vat"] == "45.9950"
    assert rows["PAN-1"]["currency"] == "EUR"
    assert rows["PAN-1"]["cost_eur"] is None
    assert rows["GIFT-1"]["price_eur_excl_vat"] is None


def test_what_is_archived_or_no_longer_for_sale_has_ended(company: Company, tryton_source: MakeSource) -> None:
    company.sell(*(company.template(name, name, "5") for name in ("OLD-1", "OLD-2", "OLD-3", "OLD-4")))
    archived = _change(company, "OLD-1", {"active": False})
    company.office.call("product.product", "write", [company.skus["OLD-2"]], {"active": False})
    _change(company, "OLD-3", {"salable": False})
    assert not company.office.find("product.product", [["code", "=", "OLD-1"]])
    rows = {row["sku"]: row["status"] for row in rows_of(tryton_source(), "product", since=archived - MOMENT)}
    assert {sku: rows.get(sku) for sku in ("OLD-1", "OLD-2", "OLD-3")} == dict.fromkeys(
        ("OLD-1", "OLD-2", "OLD-3"), "ended"
    )
    assert [row["status"] for row in rows_of(tryton_source(), "product", keys=("OLD-4",))] == ["active"]


def test_a_variant_without_a_code_is_told_and_not_lost(company: Company, tryton_source: MakeSource) -> None:
    company.sell(company.template("Nameless", None, "5"))
    rows = [row for row in rows_of(tryton_source(), "product") if row["name"] == "Nameless"]
    assert [row["sku"] for row in rows] == [None]


def test_a_text_per_language_that_has_one(company: Company, tryton_source: MakeSource) -> None:
    """Tryton answers with the source text where a translation is missing or outdated; that is no text in this language."""
    company.sell(company.template("Spoon", "SPOON-1", "2"))
    assert [row["language"] for row in rows_of(tryton_source(), "product_text", keys=("SPOON-1",))] == ["en"]
    translated = _change(company, "SPOON-1", {"name": "Lepel"}, language="nl")
    company.office.call("product.product", "write", [company.skus["SPOON-1"]], {"description": "Of steel."})
    rows = [row for row in rows_of(tryton_source(), "product_text", since=translated) if row["sku"] == "SPOON-1"]
    assert {row["language"]: (row["name"], row["long_text"]) for row in rows} == {
        "en": ("Spoon", "Of steel."),
        "nl": ("Lepel", None),
    }
    _change(company, "SPOON-1", {"name": "Ladle"})
    assert [row["name"] for row in rows_of(tryton_source(), "product_text", keys=("SPOON-1",))] == ["Ladle"]


def test_languages_may_be_named_and_must_be_there(tryton_source: MakeSource) -> None:
    chosen = tryton_source(languages={"en-GB": "en"})
    assert {row["language"] for row in rows_of(chosen, "product_text", keys=("P-0001",))} == {"en-GB"}
    with pytest.raises(ConfigError, match="does not translate into de; it does into en, nl"):
        rows_of(tryton_source(languages=["en", "de"]), "product_text", keys=("P-0001",))


def test_categories_come_by_code_and_not_those_of_accounting(company: Company, tryton_source: MakeSource) -> None:
    office = company.office
    [tools] = office.call("product.category", "create", [{"name": "Tools", "code": "GARDEN-TOOLS", "parent": 2}])
    office.call(
        "product.category", "create", [{"name": "21 %", "accounting": True}, {"name": "Uncoded", "parent": tools}]
    )
    rows = rows_of(tryton_source(), "category")
    assert [row["category_code"] for row in rows] == sorted(row["category_code"] for row in rows)
    told = {(row["category_code"], row["language"]): (row["name"], row["parent_code"]) for row in rows}
    assert told["KITCHEN", "en"] == ("Kitchen", None)
    assert told["KITCHEN", "nl"] == ("Keuken", None)
    assert ("GARDEN", "nl") not in told
    assert told["GARDEN-TOOLS", "en"] == ("Tools", "GARDEN")
    assert [parent for (code, _), (name, parent) in told.items() if name == "Uncoded" and code.startswith("id-")] == [
        "GARDEN-TOOLS"
    ]
    assert "21 %" not in {name for name, _ in told.values()}
    assert {row["language"] for row in rows_of(tryton_source(), "category", keys=("KITCHEN",))} == {"en", "nl"}


def test_more_keys_than_one_question_bears(tryton_source: MakeSource) -> None:
    keys = tuple(f"P-{number:04}" for number in range(1_500))
    assert len(rows_of(tryton_source(), "price", keys=keys)) == PRODUCTS
    assert rows_of(tryton_source(), "price", keys=("no' such",)) == []


def test_an_end_leaves_out_what_changed_after_it(company: Company, tryton_source: MakeSource) -> None:
    company.sell(company.template("Late", "LATE-1", "5"))
    changed = _change(company, "LATE-1", {"name": "Later"})
    skus = {row["sku"] for row in rows_of(tryton_source(), "product", since=changed, until=changed)}
    assert "LATE-1" in skus
    assert "LATE-1" not in {row["sku"] for row in rows_of(tryton_source(), "product", until=changed - MOMENT)}


def test_the_cursor_never_passes_a_change_that_comes_while_pages_are_read(
    company: Company, tryton_source: MakeSource
) -> None:
    """A product of a page that was read, and one of a page to come, change between the two: neither may be lost."""
    company.sell(company.template("First", "RACE-1", "5"), company.template("Second", "RACE-2", "5"))
    source = tryton_source(own=True, page_rows=1, domain=[["code", "like", "RACE-%"]])
    office, seen, plain = company.office, [], source.tryton.search_read

    def slow(model: str, *values: Any, **more: Any) -> list[dict[str, Any]]:
        found = plain(model, *values, **more)
        if any(row.get("code") == "RACE-1" for row in found) and not seen:
            seen.append(1)
            for sku in ("RACE-1", "RACE-2"):
                office.call("product.template", "write", [_template(company, sku)], {"name": f"New {sku}"})
        return found

    source.tryton.search_read = slow  # type: ignore[method-assign]
    first = {row["sku"]: row for row in rows_of(source, "product")}
    assert (first["RACE-1"]["name"], first["RACE-2"]["name"]) == ("First", "New RACE-2")
    cursor = max(row["modified_at"] for row in first.values())
    again = {row["sku"]: row["name"] for row in rows_of(tryton_source(), "product", since=cursor)}
    assert (again["RACE-1"], again["RACE-2"]) == ("New RACE-1", "New RACE-2")


def test_what_tryton_does_not_hold_comes_from_config(tryton_source: MakeSource) -> None:
    constants = {"product": {"tax_class": "standard", "property_origin": "BE"}}
    [row] = rows_of(tryton_source(constants=constants), "product", keys=("P-0001",))
    assert (row["tax_class"], row["property_origin"]) == ("standard", "BE")
    for wrong in ({"name": "x"}, {"colour": "red"}):
        with pytest.raises(ConfigError, match="constants of product"):
            rows_of(tryton_source(constants={"product": wrong}), "product")


def test_a_domain_chooses_and_a_wrong_one_is_told(tryton_source: MakeSource) -> None:
    chosen = tryton_source(domain=[["code", "like", "P-000%"]])
    assert {row["sku"] for row in rows_of(chosen, "product")} == {f"P-{number:04}" for number in range(10)}
    with pytest.raises(SourceShape, match="colour"):
        rows_of(tryton_source(domain=[["colour", "=", "red"]]), "product")


def test_an_entity_that_tryton_has_not_is_told(tryton_source: MakeSource) -> None:
    with pytest.raises(ConfigError, match="gives no product_image"):
        rows_of(tryton_source(), "product_image")


def test_times_of_the_future_bring_nothing_but_the_columns(tryton_source: MakeSource) -> None:
    source = tryton_source()
    far = datetime(2200, 1, 1, tzinfo=UTC)
    for entity in ("product", "product_text", "price", "stock_level", "category"):
        [table] = source.read(ENTITIES[entity], Window(since=far))
        assert table.num_rows == 0
        assert set(ENTITIES[entity].required) <= set(table.column_names)
