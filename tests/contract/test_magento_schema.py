"""The check itself is checked: what a real Magento refuses, or never answers, is a violation."""

from typing import Any

import pytest

from tests.contract.magento_schema import MagentoSchema, schema

GOOD = {"sku": "S-1", "name": "N", "custom_attributes": [{"attribute_code": "description", "value": "x"}]}

ITEM = {"sku": "S-1", "source_code": "ghent", "quantity": 2.5, "status": 1}


@pytest.fixture
def adobe() -> MagentoSchema:
    found = schema()
    if found is None:
        pytest.skip("Adobe's schema lies in ../shared/specs/magento, which is not here")
    return found


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/rest/all/V1/products", {"product": GOOD}),
        ("POST", "/rest/fr/async/bulk/V1/products", [{"product": GOOD}, {"product": GOOD}]),
        ("POST", "/rest/V1/products/base-prices", {"prices": [{"price": 1.5, "store_id": 0, "sku": "S"}]}),
        ("GET", "/rest/all/V1/bulk/abc/operation-status/4", None),
        ("DELETE", "/rest/all/V1/products/a%2Fb/media/5", None),
        ("PUT", "/rest/nl/V1/categories/5", {"category": {"name": "N"}}),
        ("POST", "/rest/all/V1/inventory/source-items", {"sourceItems": [ITEM, ITEM]}),
        ("PUT", "/rest/all/V1/products/a%2Fb/stockItems/5", {"stockItem": {"qty": 2.5, "is_in_stock": True}}),
    ],
)
def test_what_magento_takes_is_fine(adobe: MagentoSchema, method: str, path: str, body: Any) -> None:
    assert adobe.request_violations(method, path, body) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("POST", "/rest/all/V1/products", {"product": GOOD | {"colour": "red"}}, "colour"),
        ("POST", "/rest/all/async/bulk/V1/products", [{"product": GOOD}, {"product": GOOD | {"foo": 1}}], "foo"),
        ("POST", "/rest/all/async/bulk/V1/products", {"product": GOOD}, "array"),
        ("POST", "/rest/all/V1/products", {"product": {"name": "no SKU"}}, "sku"),
        ("POST", "/rest/all/V1/products", {"product": GOOD | {"price": "12.50"}}, "number"),
        ("POST", "/rest/all/V1/products", {}, "product"),
        ("POST", "/rest/all/V1/products", {"product": GOOD | {"extension_attributes": {"nosuch": 1}}}, "nosuch"),
        ("PUT", "/rest/all/V1/products", {"product": GOOD}, "no such route"),
        ("POST", "/rest/all/V1/inventory/source-items", {"sourceItems": [ITEM | {"foo": 1}]}, "foo"),
        ("POST", "/rest/all/V1/inventory/source-items", {"sourceItems": [ITEM | {"quantity": "7"}]}, "number"),
        ("POST", "/rest/all/V1/inventory/source-items", {"items": [ITEM]}, "items"),
        ("POST", "/rest/all/V1/inventory/stock-source-links", {"links": [{"stock": 2}]}, "stock"),
        ("PUT", "/rest/all/V1/products/a/stockItems/5", {"stockItem": {"quantity": 2}}, "quantity"),
        ("GET", "/rest/all/V2/products", None, "no such route"),
        ("GET", "/rest/all/V1/products", {"x": 1}, "takes no body"),
    ],
)
def test_what_magento_refuses_is_a_violation(
    adobe: MagentoSchema, method: str, path: str, body: Any, says: str
) -> None:
    violations = adobe.request_violations(method, path, body)
    assert violations
    assert says in violations[0]


def test_answers_are_held_to_it_as_well(adobe: MagentoSchema) -> None:
    fine = {
        "id": 1,
        "sku": "S-1",
        "extension_attributes": [],
        "custom_attributes": [{"attribute_code": "a", "value": ["1"]}],
    }
    assert adobe.answer_violations("POST", "/rest/all/V1/products", 200, fine) == []
    assert adobe.answer_violations("POST", "/rest/all/V1/products", 200, fine | {"stock": 5})
    assert adobe.answer_violations("POST", "/rest/all/V1/products", 200, fine | {"id": "one"})
    assert adobe.answer_violations("POST", "/rest/all/V1/products", 400, {"error": "no"})
    accepted = {
        "bulk_uuid": "u",
        "request_items": [{"id": 0, "data_hash": None, "status": "accepted"}],
        "errors": False,
    }
    assert adobe.answer_violations("POST", "/rest/all/async/bulk/V1/products", 202, accepted) == []
    assert adobe.answer_violations("POST", "/rest/all/async/bulk/V1/products", 202, accepted | {"errors": "no"})
