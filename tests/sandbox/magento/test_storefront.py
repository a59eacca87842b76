"""A customer sees what is for sale in the chosen language, and nothing that a text smuggles in gets to work."""

import base64
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
from PIL import Image

from sandbox.magento.storefront_words import WORDS, price_text
from sandbox.magento.testing import RunningShop, running_shop

PRODUCT = {"price": 12.5, "attribute_set_id": 4, "type_id": "simple", "status": 1, "visibility": 4, "weight": 0.35}
HOSTILE = '<script>alert("x")</script> & "quotes" <b>'
VOID = {"meta", "link", "input", "img", "br"}


class Page(HTMLParser):
    """Collects tags with attributes and the text outside them; notices tags that are not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


class Shop:
    """An administrator who fills the shop, and a customer who looks."""

    def __init__(self, url: str, credentials: Any) -> None:
        self.url = url
        login = {"username": credentials.username, "password": credentials.password}
        self.token = requests.post(f"{url}/rest/V1/integration/admin/token", json=login, timeout=5).json()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.url}/rest{path}", json=body, headers=headers, timeout=5)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def category(self, name: str, **fields: Any) -> int:
        return int(
            self.call(
                "POST", "/all/V1/categories", {"category": {"name": name, "is_active": True, "parent_id": 2, **fields}}
            )["id"]
        )

    def product(self, sku: str, categories: tuple[int, ...] = (), **fields: Any) -> None:
        links = [{"category_id": str(number), "position": 0} for number in categories]
        product = {**PRODUCT, "sku": sku, "name": sku, "extension_attributes": {"category_links": links}, **fields}
        self.call("POST", "/all/V1/products", {"product": product})

    def view(self, path: str, status: int = 200) -> Page:
        answer = requests.get(self.url + path, timeout=5)
        assert answer.status_code == status, answer.text[:300]
        page = Page(answer.text)
        assert page.open == []
        return page


@pytest.fixture(scope="module")
def running() -> Iterator[RunningShop]:
    with running_shop(consumer_running=False) as shop:
        yield shop


@pytest.fixture
def shop(running: RunningShop) -> Shop:
    running.state.reset()
    return Shop(running.url, running.credentials)


def photo(name: str, **fields: Any) -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), "teal").save(buffer, "PNG")
    content = {"base64_encoded_data": base64.b64encode(buffer.getvalue()).decode(), "type": "image/png", "name": name}
    return {
        "media_type": "image",
        "label": name,
        "position": 1,
        "disabled": False,
        "types": [],
        "content": content,
        **fields,
    }


def test_the_front_door_offers_the_three_languages(shop: Shop) -> None:
    links = shop.view("/").all("a")
    assert [(link["href"], link["lang"]) for link in links] == [("/nl", "nl"), ("/fr", "fr"), ("/en", "en")]


@pytest.mark.parametrize("language", ["nl", "fr", "en"])
def test_an_empty_shop_says_so_in_its_language(shop: Shop, language: str) -> None:
    page = shop.view(f"/{language}")
    assert page.all("html")[0]["lang"] == language
    assert WORDS[language]["empty_shop"] in page.text


@pytest.mark.parametrize("path", ["/nl/nothing.html", "/xx", "/admin", "/nl/a/b/c", "/nl/%00", "/nl/search/x"])
def test_what_does_not_exist_is_a_404_page_with_a_way_out(shop: Shop, path: str) -> None:
    page = shop.view(path, 404)
    assert WORDS["nl"]["missing_title"] in page.text
    assert "/nl" in [link.get("href") for link in page.all("a")]


def test_each_language_shows_its_own_values(shop: Shop) -> None:
    garden = shop.category("Tuin")
    shop.call("PUT", f"/fr/V1/categories/{garden}", {"category": {"name": "Jardin"}})
    shop.product("S1", (garden,), name="Schop")
    shop.call("PUT", "/fr/V1/products/S1", {"product": {"name": "Pelle"}})
    assert "Schop" in shop.view("/nl/tuin.html").text
    french = shop.view("/fr/tuin.html").text
    assert "Pelle" in french
    assert "Jardin" in french
    assert "Schop" not in french


@pytest.mark.parametrize(
    ("fields", "in_list", "in_search", "own_page"),
    [
        ({}, True, True, True),
        ({"status": 2}, False, False, False),
        ({"visibility": 1}, False, False, False),
        ({"visibility": 2}, True, False, True),
        ({"visibility": 3}, False, True, True),
    ],
)
def test_only_what_is_for_sale_and_visible_is_shown(
    shop: Shop, fields: dict[str, Any], in_list: bool, in_search: bool, own_page: bool
) -> None:
    garden = shop.category("Tuin")
    shop.product("Schop", (garden,), **fields)
    assert ("Schop" in shop.view("/nl/tuin.html").text) is in_list
    assert ("€" in shop.view("/nl/search?q=scho").text) is in_search
    shop.view("/nl/schop.html", 200 if own_page else 404)


def test_a_product_hidden_in_one_language_stays_in_the_others(shop: Shop) -> None:
    shop.product("Schop")
    shop.call("PUT", "/fr/V1/products/Schop", {"product": {"visibility": 1}})
    shop.view("/nl/schop.html")
    shop.view("/fr/schop.html", 404)
    here = {link["hreflang"]: link["href"] for link in shop.view("/nl/schop.html").all("a") if link.get("hreflang")}
    assert here == {"nl": "/nl/schop.html", "fr": "/fr", "en": "/en/schop.html"}


def test_an_inactive_category_hides_itself_and_what_lies_below(shop: Shop) -> None:
    garden = shop.category("Tuin")
    shop.category("Spades", parent_id=garden)
    shop.view("/nl/tuin/spades.html")
    shop.call("PUT", f"/all/V1/categories/{garden}", {"category": {"is_active": False}})
    shop.view("/nl/tuin.html", 404)
    shop.view("/nl/tuin/spades.html", 404)
    assert "Tuin" not in shop.view("/nl").text


def test_an_empty_category_says_so(shop: Shop) -> None:
    shop.category("Tuin")
    assert WORDS["nl"]["empty_category"] in shop.view("/nl/tuin.html").text


def test_everything_but_the_shop_s_own_html_is_escaped(shop: Shop) -> None:
    garden = shop.category(f"Tuin {HOSTILE}", custom_attributes=[{"attribute_code": "url_key", "value": "tuin"}])
    attributes = [
        {"attribute_code": "url_key", "value": "schop"},
        {"attribute_code": "description", "value": "<p>Lang <em>verhaal</em></p>"},
    ]
    shop.product("S1", (garden,), name=HOSTILE, custom_attributes=attributes)
    shop.call("POST", "/all/V1/products/S1/media", {"entry": photo("a.png", label=HOSTILE)})
    for path in ("/nl", "/nl/tuin.html", "/nl/schop.html", f"/nl/search?q={HOSTILE}"):
        page = shop.view(path)
        assert page.all("script") == []
        assert HOSTILE in page.text or path.startswith("/nl/search")
    product = shop.view("/nl/schop.html")
    assert product.all("em") == [{}]
    assert [image["alt"] for image in product.all("img")] == [HOSTILE]


def test_no_script_can_run_and_nothing_comes_from_elsewhere(shop: Shop) -> None:
    text = [{"attribute_code": "description", "value": "<script>alert(1)</script><img src='http://elsewhere.test/x'>"}]
    shop.product("Schop", custom_attributes=text)
    policy = requests.get(f"{shop.url}/nl/schop.html", timeout=5).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == rules["style-src"] == "'self'"
    assert "script-src" not in rules


def test_the_gallery_shows_the_base_image_first_and_leaves_out_hidden_ones(shop: Shop) -> None:
    shop.product("Schop")
    for name, fields in (
        ("a.png", {"types": ["thumbnail"]}),
        ("b.png", {"types": ["image"]}),
        ("c.png", {"disabled": True}),
    ):
        shop.call("POST", "/all/V1/products/Schop/media", {"entry": photo(name, **fields)})
    images = shop.view("/nl/schop.html").all("img")
    assert [image["alt"] for image in images] == ["b.png", "a.png"]
    picture = requests.get(f"{shop.url}{images[0]['src']}", timeout=5)
    assert picture.headers["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(picture.content)).size == (4, 3)
    assert requests.get(f"{shop.url}/media/catalog/product/n/o/no.png", timeout=5).status_code == 404


def test_relations_are_shown_by_kind_when_a_customer_may_see_them(shop: Shop) -> None:
    shop.product("Schop")
    for sku, fields in (("Steel", {}), ("Hark", {}), ("Uit", {"status": 2})):
        shop.product(sku, **fields)
    kinds = (("related", "Steel"), ("upsell", "Hark"), ("related", "Uit"))
    items = [{"sku": "Schop", "link_type": kind, "linked_product_sku": sku, "position": 1} for kind, sku in kinds]
    shop.call("POST", "/V1/products/Schop/links", {"items": items})
    text = shop.view("/nl/schop.html").text
    assert re.search(f"{WORDS['nl']['related']}.*Steel.*{WORDS['nl']['upsell']}.*Hark", text, re.DOTALL)
    assert "Uit" not in text


def test_properties_carry_the_label_and_the_option_of_the_language(shop: Shop) -> None:
    labels = [{"store_id": 3, "label": "Couleur"}]
    option = {"label": "Rood", "value": "", "store_labels": [{"store_id": 3, "label": "Rouge"}]}
    attribute = {"attribute_code": "tint", "frontend_input": "select", "default_frontend_label": "Kleur",
                 "frontend_labels": labels, "options": [option]}  # fmt: skip
    made = shop.call("POST", "/V1/products/attributes", {"attribute": attribute})
    place = {"attributeSetId": 4, "attributeGroupId": 7, "attributeCode": "tint", "sortOrder": 1}
    shop.call("POST", "/V1/products/attribute-sets/attributes", place)
    shop.product("Schop", custom_attributes=[{"attribute_code": "tint", "value": made["options"][1]["value"]}])
    assert re.search(r"Kleur\s*Rood", shop.view("/nl/schop.html").text)
    assert re.search(r"Couleur\s*Rouge", shop.view("/fr/schop.html").text)
    assert re.search(r"Gewicht\s*0,35 kg", shop.view("/nl/schop.html").text)


def test_long_lists_come_in_pages(shop: Shop) -> None:
    garden = shop.category("Tuin")
    for number in range(30):
        shop.product(f"Schop {number:02}", (garden,))
    first, second, beyond = (shop.view(f"/nl/tuin.html?page={page}") for page in ("1", "2", "99"))
    assert "Schop 00" in first.text
    assert "Schop 29" not in first.text
    assert "Schop 29" in second.text
    assert beyond.text == second.text
    assert shop.view("/nl/tuin.html?page=abc").text == first.text


@pytest.mark.parametrize(
    ("special", "expected"),
    [
        ({"special_price": "10"}, ["€\xa010,00", "€\xa012,50"]),
        ({"special_price": "10", "special_from_date": "2999-01-01"}, ["€\xa012,50"]),
        ({"special_price": "10", "special_from_date": "2001-01-01", "special_to_date": "2001-02-01"}, ["€\xa012,50"]),
        ({"special_price": "15"}, ["€\xa012,50"]),
    ],
)
def test_a_special_price_counts_when_it_is_lower_and_now(
    shop: Shop, special: dict[str, str], expected: list[str]
) -> None:
    attributes = [{"attribute_code": code, "value": value} for code, value in special.items()]
    shop.product("Schop", custom_attributes=attributes)
    assert re.findall("€\xa0[\\d,]+", shop.view("/nl/schop.html").text) == expected


def test_stock_is_told_only_when_someone_told_it(shop: Shop) -> None:
    shop.product("Schop")
    known = (WORDS["nl"]["in_stock"], WORDS["nl"]["out_of_stock"])
    assert not any(word in shop.view("/nl/schop.html").text for word in known)
    for quantity, word in ((5, known[0]), (0, known[1])):
        item = {"sku": "Schop", "source_code": "ghent", "quantity": quantity, "status": 1}
        if quantity:
            shop.call(
                "POST",
                "/V1/inventory/sources",
                {"source": {"source_code": "ghent", "name": "Gent", "country_id": "BE", "postcode": "9000"}},
            )
            channels = {"sales_channels": [{"type": "website", "code": "base"}]}
            stock = shop.call(
                "POST", "/V1/inventory/stocks", {"stock": {"name": "Gent", "extension_attributes": channels}}
            )
            links = [{"stock_id": stock, "source_code": "ghent", "priority": 1}]
            shop.call("POST", "/V1/inventory/stock-source-links", {"links": links})
        shop.call("POST", "/V1/inventory/source-items", {"sourceItems": [item]})
        assert word in shop.view("/nl/schop.html").text


@pytest.mark.parametrize(
    ("amount", "language", "text"),
    [
        (1234.5, "nl", "€\xa01.234,50"),
        (1234.5, "fr", "1\xa0234,50\xa0€"),
        (1234.5, "en", "€1,234.50"),
        (0.005, "nl", "€\xa00,01"),
        (2.675, "en", "€2.68"),
    ],
)
def test_prices_read_as_the_language_writes_them(amount: float, language: str, text: str) -> None:
    assert price_text(amount, language) == text


def test_every_language_has_every_word() -> None:
    assert {language: set(words) ^ set(WORDS["en"]) for language, words in WORDS.items()} == {
        "nl": set(),
        "fr": set(),
        "en": set(),
    }
