"""The product page tells how many can be bought and how many lie where, keeps that up to date, and sells one piece."""

import re
from html.parser import HTMLParser

import pytest
import requests

from sandbox.magento.storefront_words import WORDS, quantity_text

HOSTILE = '<script>alert("x")</script>'


class Page(HTMLParser):
    """The tags of a page, with their attributes, and its text."""

    def __init__(self, answer):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(answer.text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture
def shop(two_sources):
    two_sources.post_product("A/1 é", name="Schop", price=12.5)
    two_sources.push(("A/1 é", "ghent", 3), ("A/1 é", "antwerp", 2.5))
    return two_sources


def see(shop, path="/nl/schop.html", **options):
    return requests.get(shop.shop.url + path, timeout=10, **options)


def buy(shop, sku="A/1 é", store="nl"):
    return requests.post(f"{shop.shop.url}/{store}/buy", data={"sku": sku}, timeout=10, allow_redirects=False)


def stock(shop, store="nl"):
    """What the script of the page gets to know, from the address that stands on the page."""
    box = next(one for one in Page(see(shop, f"/{store}/schop.html")).all("div") if one.get("id") == "stock")
    assert box["aria-live"] == "polite"
    answer = see(shop, box["data-address"])
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()


@pytest.mark.parametrize(
    ("store", "texts"),
    [
        ("nl", ["Op voorraad", "5,5 te koop", "3 in Gent", "2,5 in Antwerpen"]),
        ("fr", ["En stock", "5,5 disponible(s)", "3 à Gent", "2,5 à Antwerpen"]),
        ("en", ["In stock", "5.5 available", "3 in Gent", "2.5 in Antwerpen"]),
    ],
)
def test_the_page_and_its_script_say_the_same_in_the_language_of_the_page(shop, store, texts):
    shown = re.sub(r"\s+", " ", Page(see(shop, f"/{store}/schop.html")).text)
    assert " ".join(texts) in shown
    figures = stock(shop, store)
    assert [figures["label"], figures["available"], *(one["text"] for one in figures["sources"])] == texts


def test_only_sources_with_something_in_them_are_named_and_none_promises_what_is_sold(shop):
    shop.push(("A/1 é", "antwerp", 0), ("A/1 é", "default", 50))
    shop.buy(("A/1 é", 1))
    assert [one["text"] for one in stock(shop)["sources"]] == ["2 in Gent"]
    shop.buy(("A/1 é", 2))
    figures = stock(shop)
    assert (figures["in_stock"], figures["available"], figures["sources"]) == (False, "", [])


def test_the_figures_follow_every_step(shop):
    seen = [stock(shop)["quantity"]]
    order = shop.buy(("A/1 é", 2))
    seen.append(stock(shop)["quantity"])
    shop.act(order, "ship", source="ghent")
    seen.append(stock(shop)["quantity"])
    shop.push(("A/1 é", "ghent", 9))
    seen.append(stock(shop)["quantity"])
    assert seen == [5.5, 3.5, 3.5, 11.5]


def test_only_the_shop_s_own_script_may_run(shop):
    text = [{"attribute_code": "description", "value": f"{HOSTILE}<script src='/stock.js'></script>"}]
    shop.call("PUT", "/all/V1/products/A%2F1%20%C3%A9", {"product": {"custom_attributes": text}})
    first, second = see(shop), see(shop)
    rules = [dict(rule.strip().split(" ", 1) for rule in one.headers["Content-Security-Policy"].split(";"))
             for one in (first, second)]  # fmt: skip
    nonces = [re.fullmatch(r"'nonce-([\w-]{20,})'", rule["script-src"]).group(1) for rule in rules]
    assert nonces[0] != nonces[1]
    assert rules[0]["connect-src"] == "'self'"
    trusted = [one for one in Page(first).all("script") if one.get("nonce") == nonces[0]]
    assert [one["src"] for one in trusted] == ["/stock.js"]
    script = see(shop, "/stock.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "innerHTML" not in script.text


def test_a_source_s_name_is_only_text(shop):
    source = {"name": HOSTILE, "country_id": "BE", "postcode": "9000"}
    shop.call("PUT", "/V1/inventory/sources/ghent", {"source": source})
    page = Page(see(shop))
    assert f"3 in {HOSTILE}" in page.text
    assert len(page.all("script")) == 1


def test_one_is_bought_and_the_page_says_so_and_a_reload_buys_no_second(shop):
    answer = buy(shop)
    assert answer.status_code == 303
    for _ in range(2):
        assert WORDS["nl"]["bought"].format("2000000001") in Page(see(shop, answer.headers["Location"])).text
    order = shop.order(1)
    assert (order["total_qty_ordered"], order["grand_total"], order["store_id"]) == (1, 17.5, 2)
    assert stock(shop)["quantity"] == 4.5


def test_what_is_not_available_is_not_ordered_and_the_page_says_so(shop):
    shop.push(("A/1 é", "ghent", 0), ("A/1 é", "antwerp", 0))
    answer = buy(shop, store="fr")
    assert WORDS["fr"]["not_bought"] in Page(see(shop, answer.headers["Location"])).text
    assert shop.session.get(f"{shop.shop.url}/_sandbox/orders", timeout=10).json() == []


@pytest.mark.parametrize(("sku", "store"), [("nope", "nl"), ("", "nl"), ("A/1 é", "xx"), ("i", "nl")])
def test_what_a_customer_cannot_see_cannot_be_bought(shop, sku, store):
    shop.call("PUT", "/all/V1/products/i", {"product": {"status": 2}})
    assert buy(shop, sku, store).status_code == 404


@pytest.mark.parametrize("query", ["order=2000000009", f"order={HOSTILE}", "order[a]=1", "refused=0"])
def test_an_address_cannot_make_the_page_say_what_did_not_happen(shop, query):
    page = Page(see(shop, f"/nl/schop.html?{query}"))
    assert not [one for one in page.all("p") if one.get("class") == "message"]


def test_a_category_may_be_called_stock(shop):
    parent = {"name": "Stock", "is_active": True, "parent_id": 2}
    number = shop.call("POST", "/all/V1/categories", {"category": parent}).json()["id"]
    child = {"name": "Garden", "is_active": True, "parent_id": number}
    shop.call("POST", "/all/V1/categories", {"category": child})
    assert "Garden" in Page(see(shop, "/nl/stock/garden.html")).text
    assert see(shop, "/nl/stock/nothing").status_code == 404


@pytest.mark.parametrize(
    ("quantity", "language", "text"),
    [(3.0, "nl", "3"), (2.5, "fr", "2,5"), (2.5, "en", "2.5"), (0.1 + 0.2, "nl", "0,3"), (1200, "nl", "1200")],
)
def test_quantities_read_as_the_language_writes_them(quantity, language, text):
    assert quantity_text(quantity, language) == text
