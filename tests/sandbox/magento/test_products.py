"""Products beyond the recorded exchanges: scopes, SKUs, addresses, stock, and what a failed save leaves behind."""

import pytest


def put(client, sku, store="/all", **fields):
    return client.call("PUT", f"{store}/V1/products/{sku}", {"product": fields})


def custom(product):
    return {one["attribute_code"]: one["value"] for one in product["custom_attributes"]}


def text(code, value):
    return {"custom_attributes": [{"attribute_code": code, "value": value}]}


def test_an_empty_text_in_a_store_view_hides_the_general_one_and_null_shows_it_again(client):
    client.post_product("a", **text("description", "Algemeen"))
    put(client, "a", "/fr", **text("description", ""))
    assert "description" not in custom(client.product("a", "/fr"))
    assert custom(client.product("a", "/nl"))["description"] == "Algemeen"
    put(client, "a", "/fr", **text("description", None))
    assert custom(client.product("a", "/fr"))["description"] == "Algemeen"


def test_a_value_sent_to_a_store_view_stays_there_even_when_it_is_equal(client):
    client.post_product("a", name="Boor")
    put(client, "a", "/fr", name="Boor")
    put(client, "a", name="Boor nieuw")
    assert client.product("a", "/fr")["name"] == "Boor"
    assert client.product("a", "/nl")["name"] == "Boor nieuw"


def test_equal_names_clash_in_the_store_view_in_which_they_are_equal(client):
    client.post_product("a", name="Boor")
    client.post_product("b", name="Zaag")
    put(client, "a", "/fr", name="Outil")
    refused = put(client, "b", "/fr", name="Outil")
    assert refused.json()["message"] == "URL key for specified store already exists."
    assert client.product("b", "/fr")["name"] == "Zaag"
    assert put(client, "b", "/en", name="Outil").status_code == 200


def test_an_address_is_free_again_when_its_product_is_gone_or_renamed(client):
    client.post_product("a", name="Boor")
    put(client, "a", **text("url_key", "anders"))
    assert client.post_product("b", name="Boor").status_code == 200
    client.call("DELETE", "/V1/products/b")
    assert client.post_product("c", name="Boor").status_code == 200


def test_a_hidden_product_clashes_when_it_becomes_visible(client):
    client.post_product("a", name="Boor")
    client.post_product("b", name="Boor", visibility=1)
    assert put(client, "b", visibility=4).status_code == 400
    assert client.product("b")["visibility"] == 1


def test_a_failed_save_leaves_nothing_behind(client):
    client.post_product("a", name="Boor")
    before = client.session.get(client.shop.url + "/_sandbox/content", timeout=5).json()
    links = [{"category_id": "2", "position": 1}]
    refused = client.post_product(
        "b", name="Boor", extension_attributes={"category_links": links, "stock_item": {"qty": 5}}
    )
    assert refused.status_code == 400
    assert client.session.get(client.shop.url + "/_sandbox/content", timeout=5).json() == before


@pytest.mark.parametrize("sku", ["a b", "a/b", "é漢", "x" * 64, "a'b\"c", "a%2Fb", "a?b#c&d", "0123", "a\\b", "-"])
def test_any_sku_is_found_again(client, sku):
    from urllib.parse import quote

    assert client.post_product(sku, name="Zo").status_code == 200
    assert client.call("GET", f"/all/V1/products/{quote(sku, safe='')}").json()["sku"] == sku


def test_a_put_in_capitals_rewrites_the_letters_of_the_sku(client):
    client.post_product("abc")
    put(client, "ABC", price=3)
    assert client.product("abc")["sku"] == "ABC"
    assert client.product("abc")["id"] == 1


def test_an_id_sent_along_renames_its_product(client):
    number = client.post_product("oud").json()["id"]
    client.call("POST", "/all/V1/products", {"product": {"id": number, "sku": "nieuw"}})
    assert client.product("nieuw")["id"] == number
    assert client.call("GET", "/V1/products/oud").status_code == 404


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-02-31", "2026-03-03 00:00:00"),
        ("31-12-2026", "2026-12-31 00:00:00"),
        ("12/31/2026 08:30", "2026-12-31 08:30:00"),
        ("2026-12-31T08:30:00+01:00", "2026-12-31 08:30:00"),
        ("0", "1970-01-01 00:00:00"),
    ],
)
def test_a_date_is_read_as_php_reads_it(client, sent, kept):
    client.post_product("a", **text("news_from_date", sent))
    assert custom(client.product("a"))["news_from_date"] == kept


@pytest.mark.parametrize("sent", ["31/12/2026", "2026-13-01", "2026-12-32", "2026-12-31 25:00", "ooit"])
def test_a_date_that_is_none_is_refused(client, sent):
    refused = client.post_product("a", **text("news_from_date", sent))
    assert refused.json()["parameters"] == {"fieldName": "news_from_date", "value": sent}


def test_a_special_price_starts_today_when_no_day_is_given(client):
    client.post_product("a", **text("special_price", "5"))
    put(client, "a", **text("special_from_date", None))
    assert custom(client.product("a"))["special_from_date"].endswith(" 00:00:00")


def test_half_a_character_is_no_text(client):
    body = b'{"product": {"sku": "a", "name": "\\ud800", "price": 1, "attribute_set_id": 4}}'
    headers = {"Content-Type": "application/json"}
    answer = client.session.post(client.shop.url + "/rest/all/V1/products", data=body, headers=headers, timeout=5)
    assert answer.json() == {"message": "Decoding error."}


def test_a_character_beyond_three_bytes_becomes_question_marks(client):
    client.post_product("a", name="Boor \N{WRENCH} groot")
    assert client.product("a")["name"] == "Boor ???? groot"


def test_a_text_of_a_megabyte_is_kept(client):
    client.post_product("a", **text("description", "x" * 1_000_000))
    assert len(custom(client.product("a"))["description"]) == 1_000_000


def test_the_answer_to_a_save_leaves_out_what_was_not_asked(client):
    assert "product_links" not in client.post_product("a").json()
    assert client.post_product("b", product_links=[], tier_prices=[]).json()["product_links"] == []
    assert "product_links" in put(client, "a", price=2).json()


def test_quantity_without_in_stock_is_not_for_sale(client):
    client.post_product("a", extension_attributes={"stock_item": {"qty": 5}})
    stock = client.product("a")["extension_attributes"]["stock_item"]
    assert (stock["qty"], stock["is_in_stock"]) == (5, False)


def test_a_product_leaves_and_joins_a_website(client):
    client.post_product("a", name="Boor")
    client.call("DELETE", "/V1/products/a/websites/1")
    assert client.product("a")["extension_attributes"]["website_ids"] == []
    assert client.post_product("b", name="Boor").status_code == 200
    link = {"productWebsiteLink": {"sku": "a", "website_id": 1}}
    assert client.call("POST", "/V1/products/a/websites", link).status_code == 400


def test_a_list_of_numbers_takes_what_php_takes(client):
    refused = client.post_product("a", extension_attributes={"website_ids": "een"})
    told = 'The "een" value\'s type is invalid. The "int[]" type was expected. Verify and try again.'
    assert refused.json()["message"].endswith(told)
    assert client.post_product("b", extension_attributes={"website_ids": ["1"]}).status_code == 200


@pytest.mark.parametrize("field", ["custom_attributes", "product_links", "tier_prices"])
def test_a_text_where_a_list_belongs_saves_nothing_odd(client, field):
    answer = client.post_product("a", **{field: "tekst"})
    assert answer.status_code in (200, 500)
    if answer.status_code == 500:
        assert client.call("GET", "/V1/products/a").status_code == 404


def stock_item(client, **sent):
    answer = client.call("PUT", "/all/V1/products/p", {"product": {"extension_attributes": {"stock_item": sent}}})
    assert answer.status_code == 200, answer.text
    return client.product("p")["extension_attributes"]["stock_item"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"qty": 1.23456}, {"qty": 1.2346}),
        ({"qty": 99999999999}, {"qty": 99999999.9999}),
        ({"qty": None}, {"qty": None, "is_in_stock": False}),
        ({"min_qty": 3}, {"min_qty": 0}),
        ({"min_qty": 3, "use_config_min_qty": False}, {"min_qty": 3}),
        ({"manage_stock": False, "use_config_manage_stock": False}, {"manage_stock": False, "is_in_stock": True}),
        ({"qty_increments": 2, "use_config_qty_increments": False}, {"qty_increments": 0}),
        ({"qty_increments": 2, "use_config_qty_increments": False, "enable_qty_increments": True,
          "use_config_enable_qty_inc": False}, {"qty_increments": 2}),
    ],
)  # fmt: skip
def test_a_stock_item_shows_what_holds_for_the_product(client, sent, shown):
    client.post_product("p")
    assert {name: held for name, held in stock_item(client, **sent).items() if name in shown} == shown


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"stock_id": 2}, "Invalid stock id: %1. Only default stock with id %2 allowed"),
        ({"item_id": 0}, "Invalid stock item id: %1. Should be null or numeric value greater than 0"),
        ({"item_id": 999}, "Invalid stock item id: %1. Assigned stock item id is %2"),
    ],
)
def test_a_stock_item_of_another_product_is_refused(client, sent, message):
    client.post_product("p")
    body = {"product": {"extension_attributes": {"stock_item": {"qty": 3, **sent}}}}
    refused = client.call("PUT", "/all/V1/products/p", body)
    assert (refused.status_code, refused.json()["message"]) == (400, message)
    assert client.product("p")["extension_attributes"]["stock_item"]["qty"] is None


def test_a_product_without_a_status_is_enabled_but_in_no_list(client):
    client.post_product("p")
    client.call("PUT", "/all/V1/products/p", {"product": {"status": None}})
    assert client.product("p")["status"] == 1
    assert client.call("GET", "/V1/products?searchCriteria=all").json()["total_count"] == 0


@pytest.mark.parametrize(
    ("sent", "kept"), [("2020-01-02", "2020-01-02 00:00:00"), ("ooit", "0000-00-00 00:00:00")]
)  # fmt: skip
def test_the_day_of_creation_can_be_sent_and_that_of_the_last_change_cannot(client, sent, kept):
    client.post_product("p", created_at=sent, updated_at=sent)
    product = client.product("p")
    assert product["created_at"] == kept
    assert product["updated_at"] > "2021"


def test_an_amount_beyond_the_column_is_the_largest(client):
    assert client.post_product("p", price=1e20).json()["price"] == 1e14


OPTION = {"title": "Graveren", "type": "field", "price": 5, "price_type": "fixed", "sku": "gr"}


def test_custom_options_have_numbers_and_sizes_of_their_own(client):
    color = {"title": "Kleur", "type": "drop_down", "is_require": True, "values": [{"title": "Rood", "price": 1}]}
    first, second = client.post_product("p", options=[OPTION, color]).json()["options"]
    assert (first["option_id"], first["product_sku"], first["max_characters"], first["image_size_x"]) == (1, "p", 0, 0)
    assert [value["option_type_id"] for value in second["values"]] == [1]
    flags = {one["attribute_code"]: one["value"] for one in client.product("p")["custom_attributes"]}
    assert (flags["has_options"], flags["required_options"]) == ("1", "1")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "Missed values for option required fields"),
        ({"type": "nosuch"}, "Invalid option type"),
        ({"price_type": "half"}, "Invalid option value"),
    ],
)
def test_a_custom_option_that_is_none_is_refused(client, changes, message):
    refused = client.post_product("p", options=[{**OPTION, **changes}])
    assert (refused.status_code, refused.json()["message"]) == (400, message)
