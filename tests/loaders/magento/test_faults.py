"""A shop that fails: nothing is lost, nothing is sent blindly again, and each error says what to do."""

import io
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from koppel.entities import PRICE, PRODUCT, PRODUCT_TEXT, Entity
from koppel.errors import ConfigError, TargetDown, TargetRefused
from koppel.settings import TargetSettings
from koppel.target import Change, Receipt
from loaders.magento import MagentoTarget
from sandbox.magento.testing import RunningShop
from tests.loaders.conftest import Note, by_key, change, shop_connection

Fault = Callable[[requests.PreparedRequest], str | None]
BODIES = {"html": b"<html>Oops</html>", "half": b'{"bulk_uuid": "a', "empty": b""}


class FaultyAdapter(HTTPAdapter):
    """The real connection, spoilt where ``fault`` says so: "500 done", "reset", "html done", "429 3" ...

    The first word is what comes back; with "done" the shop has done the work all the same.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self._fault = fault

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        what = self._fault(request)
        if what is None:
            return super().send(request, **options)
        kind, _, rest = what.partition(" ")
        if rest == "done":
            options["stream"] = False
            super().send(request, **options)
        if kind == "reset":
            raise requests.exceptions.ConnectionError("Connection reset by peer")
        if kind == "timeout":
            raise requests.exceptions.ReadTimeout("Read timed out")
        response = requests.Response()
        response.status_code = int(kind) if kind.isdecimal() else 200
        response.raw = io.BytesIO(BODIES.get(kind, b"An error has happened during application run."))
        response.headers["Retry-After"] = rest if rest.isdecimal() else "0"
        response.request, response.url = request, str(request.url)
        return response


def spoil(target: MagentoTarget, fault: Fault) -> None:
    http = target.client.http
    http._session.mount(http.base_url, FaultyAdapter(fault))


def first(times: int, what: str, method: str = "POST", path: str = "products") -> Fault:
    left = [times]

    def fault(request: requests.PreparedRequest) -> str | None:
        if request.method == method and path in str(request.path_url) and left[0]:
            left[0] -= 1
            return what
        return None

    return fault


def products(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"sku": f"S-{n:03}", "name": f"ERP {n}", "first_price_eur_excl_vat": "9.95"} | fields for n in range(count)]


def changes(records: list[dict[str, Any]]) -> list[Any]:
    return [change("create", record["sku"], record) for record in records]


@pytest.fixture
def ready(make_target: Any) -> MagentoTarget:
    """A target on a shop that has what products need."""
    target: MagentoTarget = make_target()
    target.prepare(target.preparations(PRODUCT, products(1)))
    return target


def outcomes(receipts: dict[str, Receipt]) -> set[str]:
    return {receipt.outcome for receipt in receipts.values()}


def creations(shop: RunningShop) -> list[str]:
    """The SKUs that the shop's own log says were created, one entry per creation."""
    effects = [effect for line in list(shop.state.table("log")) for effect in line["effects"]]
    return sorted(
        effect["key"] for effect in effects if effect["effect"] == "created" and effect["entity"] == "product"
    )


def skus_in_shop(target: MagentoTarget) -> list[str]:
    return [key for page in target.read_all(PRODUCT) for key, _ in page]


@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize("what", ["500 done", "html done", "half done", "empty done", "reset done", "timeout done"])
def test_the_answer_was_lost_but_the_work_was_done(ready: MagentoTarget, count: int, what: str) -> None:
    sent: list[str] = []

    def fault(request: requests.PreparedRequest) -> str | None:
        if request.method != "POST":
            return None
        sent.append(str(request.path_url))
        return what if len(sent) == 1 else None

    spoil(ready, fault)
    receipts = by_key(ready.deliver(PRODUCT, changes(products(count)), Note()))
    assert outcomes(receipts) == {"delivered"}
    assert len(receipts) == count
    assert len(sent) == (1 if count > 20 else count), "nothing may be sent a second time"
    assert len(skus_in_shop(ready)) == count


@pytest.mark.parametrize("count", [3, 40])
@pytest.mark.parametrize("what", ["500", "html"])
def test_the_shop_failed_before_it_did_anything(ready: MagentoTarget, count: int, what: str) -> None:
    spoil(ready, first(1, what))
    assert outcomes(by_key(ready.deliver(PRODUCT, changes(products(count)), Note()))) == {"delivered"}


@pytest.mark.parametrize("count", [3, 40])
def test_a_connection_that_broke_before_anything_was_done_stays_unclear(ready: MagentoTarget, count: int) -> None:
    records = products(count)
    spoil(ready, first(1, "reset"))
    receipts = by_key(ready.deliver(PRODUCT, changes(records), Note()))
    assert receipts["S-000"].outcome == "ambiguous"
    back = by_key(ready.read_back(PRODUCT, changes(records[:1]), None))
    assert back["S-000"].outcome == "transient"


def test_one_wrong_type_refuses_the_call_and_only_that_record_is_rejected(make_target: Any) -> None:
    target = make_target(tax_classes={"standard": 2, "odd": "Taxable Goods"})
    records = products(50, tax_class="standard")
    records[17]["tax_class"] = "odd"
    target.prepare(target.preparations(PRODUCT, records))
    receipts = by_key(target.deliver(PRODUCT, changes(records), Note()))
    assert len(receipts) == 50
    rejected = {key for key, receipt in receipts.items() if receipt.outcome == "rejected"}
    assert rejected == {"S-017"}
    assert "tax_class_id" in receipts["S-017"].message
    assert len(skus_in_shop(target)) == 49


def test_limits_of_the_shop_are_found_and_kept_to(make_target: Any, shop: RunningShop) -> None:
    shop.state.settings.input_limiting = True
    shop.state.settings.async_list_limit = 15
    shop.state.settings.sync_list_limit = 4
    shop.state.settings.page_size_limit = 7
    target = make_target(sync_records=2)
    records = products(40)
    target.prepare(target.preparations(PRODUCT, records))
    assert outcomes(by_key(target.deliver(PRODUCT, changes(records), Note()))) == {"delivered"}
    assert target.batch_size(PRODUCT, 40) == 15
    assert len(skus_in_shop(target)) == 40
    prices = [change("create", r["sku"], {"sku": r["sku"], "price_eur_excl_vat": "9.95"}) for r in records]
    assert outcomes(by_key(target.deliver(PRICE, prices, Note()))) == {"delivered"}
    assert target.batch_size(PRICE, 40) == 4


def test_a_queue_that_nobody_works_off_is_named_and_settled_later(make_target: Any, shop: RunningShop) -> None:
    target = make_target(patience_seconds=5)
    records = products(30)
    target.prepare(target.preparations(PRODUCT, records))
    shop.state.settings.consumer_running = False
    note = Note()
    receipts: dict[str, Receipt] = {}

    def deliver() -> None:
        for receipt in target.deliver(PRODUCT, changes(records), note):
            receipts[receipt.key] = receipt

    with pytest.raises(TargetDown, match="30 operations stay open") as error:
        deliver()
    assert "async.operations.all" in error.value.do
    assert outcomes(receipts) == {"ambiguous"}
    assert len(receipts) == 30
    with pytest.raises(TargetDown):
        list(target.read_back(PRODUCT, changes(records), note.reference))
    with pytest.raises(TargetDown):  # also when the bulk's number was never learned
        list(target.read_back(PRODUCT, changes(records), None))
    shop.state.settings.consumer_running = True
    assert outcomes(by_key(target.read_back(PRODUCT, changes(records), note.reference))) == {"delivered"}


@pytest.mark.parametrize("what", ["Unique constraint violation found", "SQLSTATE[40001]: Deadlock found"])
def test_writes_that_got_in_each_others_way_go_once_more(ready: MagentoTarget, what: str) -> None:
    send, refused = ready.client.send, []

    def once(method: str, path: str, body: Any = None, **options: Any) -> Any:
        if path == "/V1/products" and not refused:
            refused.append(path)
            from koppel.http import Answer

            return Answer("rejected", 400, {"message": what})
        return send(method, path, body, **options)

    ready.client.send = once  # type: ignore[method-assign]
    assert outcomes(by_key(ready.deliver(PRODUCT, changes(products(2)), Note()))) == {"delivered"}
    assert refused


def test_items_that_the_queue_did_not_take_are_rejected_and_the_others_followed(ready: MagentoTarget) -> None:
    send = ready.client.send

    def partly(method: str, path: str, body: Any = None, **options: Any) -> Any:
        if "bulk" not in path:
            return send(method, path, body, **options)
        answer = send(method, path, [item for place, item in enumerate(body) if place != 3], **options)
        items = answer.body["request_items"]
        for item in items:
            item["id"] += item["id"] >= 3
        answer.body["request_items"] = [*items, {"id": 3, "status": "rejected", "error_message": "No such type"}]
        answer.body["errors"] = True
        return answer

    ready.client.send = partly  # type: ignore[method-assign]
    receipts = by_key(ready.deliver(PRODUCT, changes(products(30)), Note()))
    assert (receipts["S-003"].outcome, receipts["S-003"].message) == ("rejected", "No such type")
    assert outcomes({key: r for key, r in receipts.items() if key != "S-003"}) == {"delivered"}


def test_a_shop_without_a_queue_gets_products_one_by_one(ready: MagentoTarget) -> None:
    send = ready.client.send

    def no_queue(method: str, path: str, body: Any = None, **options: Any) -> Any:
        from koppel.http import Answer

        if "bulk" in path:
            return Answer("rejected", 400, {"message": "Something went wrong while processing the request."})
        return send(method, path, body, **options)

    ready.client.send = no_queue  # type: ignore[method-assign]
    assert outcomes(by_key(ready.deliver(PRODUCT, changes(products(25)), Note()))) == {"delivered"}


def test_maintenance_ends_the_run_with_what_to_do(ready: MagentoTarget) -> None:
    spoil(ready, lambda _: "503 30")
    with pytest.raises(TargetDown, match="503") as error:
        list(ready.deliver(PRODUCT, changes(products(3)), Note()))
    assert "Run again" in error.value.do


def test_a_shop_that_fails_on_everything_is_left_alone(ready: MagentoTarget) -> None:
    spoil(ready, lambda request: "500" if request.method == "POST" else None)
    with pytest.raises(TargetDown, match="in a row"):
        list(ready.deliver(PRODUCT, changes(products(60)), Note()))


def settle(target: MagentoTarget, entity: Entity, waiting: list[Change]) -> list[Change]:
    """Deliver once as the engine does, and return what has to go again."""
    receipts = by_key(target.deliver(entity, waiting, Note()))
    assert "rejected" not in outcomes(receipts), receipts
    unclear = [line for line in waiting if receipts[line.key].outcome == "ambiguous"]
    receipts |= by_key(target.read_back(entity, unclear, None)) if unclear else {}
    return [line for line in waiting if receipts[line.key].outcome != "delivered"]


def test_one_answer_in_five_spoilt_and_still_everything_arrives_once(make_target: Any, shop: RunningShop) -> None:
    target = make_target(sync_records=5, bulk_records=12)
    records = products(60)
    target.prepare(target.preparations(PRODUCT, records))
    rng = random.Random(20261123)
    kinds = ["500", "500 done", "429 1", "reset", "reset done", "timeout done", "html done", "half done", "503 1"]
    spoil(target, lambda _: rng.choice(kinds) if rng.random() < 0.2 else None)
    texts = [
        change("create", f"fr:{r['sku']}", {"language": "fr", "sku": r["sku"], "name": f"Étui {r['sku']}"})
        for r in records
    ]
    for entity, waiting in ((PRODUCT, changes(records)), (PRODUCT_TEXT, texts)):
        left = waiting
        for _ in range(10):
            left = settle(target, entity, left) if left else []
        assert not left
    spoil(target, lambda _: None)
    assert sorted(skus_in_shop(target)) == sorted(r["sku"] for r in records)
    assert creations(shop) == sorted(r["sku"] for r in records)
    shown = [key for page in target.read_all(PRODUCT_TEXT) for key, _ in page]
    assert sorted(shown) == sorted(line.key for line in texts)


def test_wrong_credentials_are_refused_in_words(
    make_target: Any, shop: RunningShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = shop_connection(shop).replace(shop.credentials.access_token_secret, "wrong")
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", wrong)
    target = make_target()
    with pytest.raises(TargetRefused, match="signature") as error:
        list(target.deliver(PRODUCT, changes(products(1)), Note()))
    assert shop.credentials.access_token not in str(error.value)
    checks = target.check()
    assert [check.is_fine for check in checks] == [False]
    assert "credentials" in checks[0].detail


def test_an_admin_login_is_renewed_when_its_token_runs_out(
    make_target: Any, shop: RunningShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = json.loads(shop_connection(shop))
    known |= {"login": shop.credentials.username, "password": shop.credentials.password, "extra": {}}
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", json.dumps(known))
    target = make_target()
    target.prepare(target.preparations(PRODUCT, products(1)))
    target.client.http.auth._token = "expired"
    assert outcomes(by_key(target.deliver(PRODUCT, changes(products(2)), Note()))) == {"delivered"}


def test_plain_http_to_another_machine_is_refused(
    make_target: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_SHOP", '{"conn_type": "http", "host": "shop.example", "login": "a", "password": "b"}'
    )
    with pytest.raises(ConfigError, match="http to another machine"):
        MagentoTarget(TargetSettings("shop", "magento", tmp_path, "shop")).client.value("/V1/store/websites")


def test_the_doctor_names_what_is_wrong(make_target: Any, shop: RunningShop) -> None:
    assert all(check.is_fine for check in make_target().check())
    checks = make_target(stores={"nl": "nl", "fr": "belgique"}, website="other").check()
    wrong = {check.subject: check for check in checks if not check.is_fine}
    assert "belgique" in wrong["store view"].detail
    assert "other" in wrong["website"].detail
    assert all(check.mend for check in wrong.values())
