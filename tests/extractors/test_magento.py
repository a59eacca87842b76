"""The shop's orders as a source: against the sandbox shop, against what a real one was recorded to answer, and bundles by hand."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from extractors.magento import MagentoSource
from extractors.magento_orders import table_of
from koppel.clock import Clock
from koppel.entities import ORDER_LINE, STOCK_LEVEL
from koppel.errors import ConfigError, SourceDown
from koppel.http import Answer
from koppel.order_texts import parse
from koppel.settings import SourceSettings
from koppel.window import Window
from sandbox.magento.sandbox_orders import buy
from sandbox.magento.testing import RunningShop, running_shop
from tests.contract.magento_schema import Recorder, schema

TRANSCRIPTS = Path(__file__).parents[2].parent / "shared" / "transcripts" / "magento"
needs_transcripts = pytest.mark.skipif(
    not TRANSCRIPTS.is_dir(), reason="the recorded exchanges lie beside the checkout, in ../shared/transcripts/magento"
)
MINUTE = timedelta(minutes=1)
Row = dict[str, Any]


class NoClock(Clock):
    """Never waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class Shop:
    """The sandbox shop with two sources, and what a till or an admin does there."""

    def __init__(self, running: RunningShop) -> None:
        self.running = running
        self.time: datetime | None = None
        running.state.now = lambda: self.time or datetime.now(UTC)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self._token()}"

    def _token(self) -> str:
        known = self.running.credentials
        login = {"username": known.username, "password": known.password}
        address = f"{self.running.url}/rest/V1/integration/admin/token"
        return str(requests.post(address, json=login, timeout=10).json())

    def product(self, sku: str, **fields: Any) -> None:
        product = {"price": 9.5, "attribute_set_id": 4, "type_id": "simple", "status": 1, "visibility": 4, "weight": 1}
        product |= {"sku": sku, "name": f"Boormachine {sku}", **fields}
        answer = self.session.post(f"{self.running.url}/rest/all/V1/products", json={"product": product}, timeout=10)
        assert answer.status_code == 200, answer.text
        items = [{"sku": sku, "source_code": code, "quantity": 1000, "status": 1} for code in ("ghent", "antwerp")]
        self.session.post(f"{self.running.url}/rest/V1/inventory/source-items", json={"sourceItems": items}, timeout=10)

    def buy(self, *rows: tuple[str, float]) -> str:
        """Place an order; its number."""
        with self.running.state.database.lock:
            return str(buy(self.running.state, rows)["increment_id"])

    def act(self, number: str, do: str, **options: Any) -> None:
        answer = self.session.post(
            f"{self.running.url}/_sandbox/orders/{number}", json={"do": do, **options}, timeout=10
        )
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def running() -> Iterator[RunningShop]:
    with running_shop(several_sources=True) as shop:
        yield shop


@pytest.fixture
def shop(running: RunningShop) -> Shop:
    running.state.reset()
    running.state.settings.input_limiting = False
    return Shop(running)


@pytest.fixture
def make_source(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., MagentoSource]]:
    """Makes a source over the sandbox shop; every exchange is held against Adobe's schema where that is at hand."""
    host, _, port = shop.running.url.removeprefix("http://").partition(":")
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    extra = {name: getattr(shop.running.credentials, name) for name in names}
    value = json.dumps({"conn_type": "http", "host": host, "port": int(port), "extra": extra})
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", value)
    known = schema()
    recorder = Recorder(known) if known else None

    def make(*, is_watched: bool = True, **options: Any) -> MagentoSource:
        settings = SourceSettings("orders", "magento", tmp_path, "shop", {"calls_per_minute": 1_000_000, **options})
        source = MagentoSource(settings, NoClock())
        if recorder and is_watched:
            recorder.watch(source.client.http._session)
        return source

    yield make
    assert recorder is None or [one for one in recorder.violations if "is a required property" not in one] == []


def read(source: MagentoSource, window: Window | None = None) -> dict[tuple[str, str], Row]:
    """Rows by order and SKU; each once."""
    rows = [row for table in source.read(ORDER_LINE, window or Window()) for row in table.to_pylist()]
    found = {(row["order_number"], row["sku"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def counts(row: Row) -> tuple[float, ...]:
    return tuple(row[name] for name in ("ordered", "shipped", "cancelled", "refunded"))


def test_an_order_from_placing_to_refund(shop: Shop, make_source: Callable[..., MagentoSource]) -> None:
    shop.product("A")
    shop.product("B")
    number, source = shop.buy(("A", 3), ("B", 1)), make_source()
    assert counts(read(source)[number, "A"]) == (3, 0, 0, 0)
    shop.act(number, "ship", qty=1, source="antwerp")
    shop.act(number, "ship", qty=2, source="ghent")
    row = read(source)[number, "A"]
    assert counts(row) == (3, 3, 0, 0)
    assert parse(row["shipped_from"]).amounts == {"antwerp": 1, "ghent": 2}
    shop.act(number, "invoice")
    shop.act(number, "refund", qty=1)
    row = read(source)[number, "A"]
    assert counts(row) == (3, 3, 0, 1)
    assert row["state"] == "complete"
    other = shop.buy(("A", 2))
    shop.act(other, "cancel")
    assert counts(read(source)[other, "A"]) == (2, 0, 2, 0)


def test_everything_is_what_is_open_or_changed_lately(shop: Shop, make_source: Callable[..., MagentoSource]) -> None:
    shop.product("A")
    shop.time = datetime.now(UTC) - timedelta(days=3)
    still_open, settled = shop.buy(("A", 1)), shop.buy(("A", 1))
    shop.act(settled, "cancel")
    shop.time = None
    lately = shop.buy(("A", 1))
    shop.act(lately, "cancel")
    assert {number for number, _ in read(make_source())} == {still_open, lately}
    assert {number for number, _ in read(make_source(settled_days=4))} == {still_open, settled, lately}


def test_since_is_inclusive_to_the_second_and_times_are_aware(
    shop: Shop, make_source: Callable[..., MagentoSource]
) -> None:
    shop.product("A")
    at = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)
    numbers = []
    for second in (-1, 0, 0, 1):
        shop.time = at + timedelta(seconds=second)
        numbers.append(shop.buy(("A", 1)))
    shop.time = at
    shop.act(numbers[0], "hold")  # changed in that second, made before it
    found = read(make_source(), Window(since=at + timedelta(milliseconds=700)))
    assert {number for number, _ in found} >= {*numbers}
    newest = max(row["modified_at"] for row in found.values())
    assert newest.tzinfo is not None
    after = read(make_source(), Window(since=newest))
    assert numbers[3] in {number for number, _ in after}
    assert read(make_source(), Window(since=newest + MINUTE)) == {}


def test_keys_are_order_numbers(shop: Shop, make_source: Callable[..., MagentoSource]) -> None:
    shop.product("A")
    numbers = [shop.buy(("A", 1)) for _ in range(3)]
    keys = (numbers[0], numbers[2], "no such number", "1,2")
    assert {number for number, _ in read(make_source(), Window(keys=keys))} == {numbers[0], numbers[2]}


def test_a_page_is_a_request_and_shipments_are_asked_for_once_a_page(
    shop: Shop, make_source: Callable[..., MagentoSource]
) -> None:
    shop.product("A")
    numbers = [shop.buy(("A", 1)) for _ in range(7)]
    source = make_source()
    assert len(read(source)) == 7
    assert source.client.http.calls == 1
    for number in numbers[:5]:
        shop.act(number, "ship", source="ghent")
    source = make_source()
    assert {row["shipped_from"] for row in read(source).values()} == {"ghent=1", None}
    assert source.client.http.calls == 2
    source = make_source(page_size=3)
    assert len(read(source)) == 7
    assert source.client.http.calls == 3 + 2
    shop.running.state.settings.input_limiting = True
    shop.running.state.settings.page_size_limit = 2
    assert len(read(make_source())) == 7


def test_pages_that_repeat_end(shop: Shop, make_source: Callable[..., MagentoSource], monkeypatch: Any) -> None:
    shop.product("A")
    number, source = shop.buy(("A", 1)), make_source()
    plain = source.client.search

    def repeating(path: str, groups: Any, fields: str, **more: Any) -> tuple[list[Row], int]:
        items, _ = plain(path, groups[:-1], fields, **more)  # as if the shop did not know entity_id gt
        return [*items, *items], 10_000

    monkeypatch.setattr(source.client, "search", repeating)
    assert list(read(source)) == [(number, "A")]


def test_an_order_that_comes_while_pages_are_read_shifts_nothing(
    shop: Shop, make_source: Callable[..., MagentoSource]
) -> None:
    shop.product("A")
    numbers = [shop.buy(("A", 1)) for _ in range(4)]
    pages = make_source(page_size=2).read(ORDER_LINE, Window())
    found = next(pages)["order_number"].to_pylist()
    shop.act(numbers[0], "cancel")
    numbers.append(shop.buy(("A", 1)))
    for page in pages:
        found += page["order_number"].to_pylist()
    assert found == numbers


@pytest.mark.parametrize("sku", ["a,b", "é/ü %20", "'; drop table", "<script>", "=1+1", "x" * 64])
def test_hostile_skus_are_data(shop: Shop, make_source: Callable[..., MagentoSource], sku: str) -> None:
    shop.product(sku, custom_attributes=[{"attribute_code": "url_key", "value": "x1"}])
    number = shop.buy((sku, 2))
    assert counts(read(make_source())[number, sku]) == (2, 0, 0, 0)


def test_a_shop_without_sources_tells_no_source(shop: Shop, make_source: Callable[..., MagentoSource]) -> None:
    shop.product("A")
    number = shop.buy(("A", 2))
    shop.act(number, "ship", source="ghent")
    shipment = next(iter(shop.running.state.table("shipments")))
    with shop.running.state.database.transaction():
        shop.running.state.table("shipments").put(shipment["entity_id"], {**shipment, "extension_attributes": {}})
    assert read(make_source())[number, "A"]["shipped_from"] is None


def test_where_shipments_may_not_be_read_orders_still_are(
    shop: Shop, make_source: Callable[..., MagentoSource], monkeypatch: Any
) -> None:
    shop.product("A")
    number, source = shop.buy(("A", 2)), make_source()
    shop.act(number, "ship", source="ghent")
    plain = source.client.http.call

    def call(method: str, path: str, **more: Any) -> Any:
        if path.endswith("/V1/shipments"):
            return Answer("rejected", 403, {"message": "The consumer isn't authorized to access %resources."})
        return plain(method, path, **more)

    monkeypatch.setattr(source.client.http, "call", call)
    assert counts(read(source)[number, "A"]) == (2, 2, 0, 0)
    assert [check.is_fine for check in source.check()] == [True, False]


def test_the_doctor_sees_how_many_orders_are_open(shop: Shop, make_source: Callable[..., MagentoSource]) -> None:
    shop.product("A")
    shop.buy(("A", 1))
    assert [check.detail for check in make_source().check()] == ["/V1/orders: 1 open", "/V1/shipments: 0"]


def test_a_shop_that_is_down_and_one_that_refuses_us(
    shop: Shop, make_source: Callable[..., MagentoSource], monkeypatch: Any
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SHOP", "http://a:b@127.0.0.1:9")
    with pytest.raises(SourceDown):
        read(make_source(is_watched=False, retry_seconds=0))
    host, _, port = shop.running.url.removeprefix("http://").partition(":")
    monkeypatch.setenv(
        "AIRFLOW_CONN_SHOP",
        json.dumps({"conn_type": "http", "host": host, "port": int(port), "extra": {"bearer": "x"}}),
    )
    with pytest.raises(ConfigError, match="refuses our credentials"):
        read(make_source())


def test_other_entities_are_refused(make_source: Callable[..., MagentoSource]) -> None:
    with pytest.raises(ConfigError, match="gives order_line, not stock_level"):
        next(make_source().read(STOCK_LEVEL, Window()))


# --- what a line means ------------------------------------------------------------------------------------------------


def rows_of(*items: Row, shipments: tuple[Row, ...] = ()) -> dict[str, Row]:
    order = {"entity_id": 7, "increment_id": "0007", "state": "processing", "updated_at": "2026-11-23 22:36:57"}
    found = table_of([{**order, "items": list(items)}], {7: list(shipments)}).to_pylist()
    return {row["sku"]: row for row in found}


def item(number: int, sku: Any, ordered: Any, kind: str = "simple", **more: Any) -> Row:
    return {"item_id": number, "sku": sku, "product_type": kind, "qty_ordered": ordered, **more}


def shipment(source: str, **pieces: float) -> Row:
    rows = [{"order_item_id": int(number[1:]), "qty": qty} for number, qty in pieces.items()]
    return {"items": rows, "extension_attributes": {"source_code": source}}


def test_a_variant_counts_once_with_what_happened_to_its_parent() -> None:
    found = rows_of(
        item(1, "SHIRT-M", 3, "configurable", qty_shipped=2, qty_canceled=1),
        item(2, "SHIRT-M", 3, parent_item_id=1, qty_shipped=0),
        shipments=(shipment("ghent", i1=2),),
    )
    assert counts(found["SHIRT-M"]) == (3, 2, 1, 0)
    assert found["SHIRT-M"]["shipped_from"] == "ghent=2"


def test_a_bundle_that_ships_together_shares_its_counts_out() -> None:
    found = rows_of(
        item(1, "BUNDLE", 2, "bundle", qty_shipped=1),
        item(2, "CUP", 4, parent_item_id=1),
        item(3, "DISH", 2, parent_item_id=1),
        item(4, "VOUCHER", 2, "virtual", parent_item_id=1, is_virtual=1),
        shipments=(shipment("ghent", i1=1),),
    )
    assert set(found) == {"CUP", "DISH"}
    assert (counts(found["CUP"]), found["CUP"]["shipped_from"]) == ((4, 2, 0, 0), "ghent=2")
    assert (counts(found["DISH"]), found["DISH"]["shipped_from"]) == ((2, 1, 0, 0), "ghent=1")


def test_a_bundle_that_ships_apart_counts_thing_by_thing() -> None:
    """The bundle's own row then says 1, whatever was shipped (magento2#19069)."""
    found = rows_of(
        item(1, "BUNDLE", 2, "bundle", qty_shipped=1),
        item(2, "CUP", 4, parent_item_id=1, qty_shipped=3),
        item(3, "DISH", 2, parent_item_id=1, qty_shipped=0),
        shipments=(shipment("ghent", i1=1, i2=2), shipment("antwerp", i2=1)),
    )
    assert (counts(found["CUP"]), found["CUP"]["shipped_from"]) == ((4, 3, 0, 0), "antwerp=1 ghent=2")
    assert (counts(found["DISH"]), found["DISH"]["shipped_from"]) == ((2, 0, 0, 0), None)


def test_lines_of_one_sku_are_added_up_decimals_kept_and_what_needs_no_stock_left_out() -> None:
    found = rows_of(
        item(1, "ROPE", "1.2500"), item(2, "ROPE", 0.5), item(3, "PDF", 1, "downloadable"), item(4, None, 1),
        item(5, "ODD", "many", qty_shipped=float("nan")), item(6, "half \ud800", 1),
    )  # fmt: skip
    assert counts(found["ROPE"]) == (1.75, 0, 0, 0)
    assert counts(found["ODD"]) == (0, 0, 0, 0)
    assert set(found) == {"ROPE", "ODD", "half ?"}
    assert found["ROPE"]["modified_at"] == datetime(2026, 11, 23, 22, 36, 57, tzinfo=UTC)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda x: st.lists(x, max_size=2)
)
NAMES = ("item_id", "parent_item_id", "sku", "product_type", "is_virtual", "qty_ordered", "qty_shipped")


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JUNK)), max_size=4))
def test_no_line_is_so_odd_that_it_stops_the_others(items: list[Row]) -> None:
    assert counts(rows_of(*items, item(99_999, "GOOD-ONE", 2))["GOOD-ONE"]) == (2, 0, 0, 0)


@needs_transcripts
def test_a_recorded_order_is_read_as_it_was() -> None:
    exchanges = json.loads((TRANSCRIPTS / "order-01-guest-to-complete.json").read_text("utf-8"))["exchanges"]
    order = next(
        one["response"]["body"]
        for one in exchanges
        if one.get("request", {}).get("path") == "/rest/V1/orders/{{order}}" and not one["request"]["query"]
    )
    rows = table_of([order], {}).to_pylist()
    assert [(row["order_number"], row["sku"], counts(row)) for row in rows] == [
        ("000000009", "o1x-a", (3, 0, 0, 0)),
        ("000000009", "o1x-b", (3, 0, 0, 0)),
    ]
    sources = next(
        one["response"]["body"]["items"]
        for one in exchanges
        if one.get("request", {}).get("path") == "/rest/V1/shipments"
    )
    assert [one["extension_attributes"] for one in sources] == [{"source_code": "antwerp"}, {"source_code": "ghent"}]
