"""Each fault does what it says, as often as it says, and says afterwards whether the work was done."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.magento.faults import KINDS, Rule
from sandbox.magento.testing import RunningShop, running_shop

CATEGORY = {"category": {"name": "Tuin", "parent_id": 2, "is_active": True}}


class Caller:
    """An administrator without retries."""

    def __init__(self, shop: RunningShop) -> None:
        self.url = shop.url
        login = {"username": shop.credentials.username, "password": shop.credentials.password}
        self.token = requests.post(f"{shop.url}/rest/V1/integration/admin/token", json=login, timeout=5).json()

    def fault(self, **rule: Any) -> requests.Response:
        return requests.post(f"{self.url}/_sandbox/faults", json=rule, timeout=5)

    def create(self, timeout: float = 5) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.post(f"{self.url}/rest/all/V1/categories", json=CATEGORY, headers=headers, timeout=timeout)

    def created(self) -> bool:
        requests.delete(f"{self.url}/_sandbox/faults", timeout=5)
        headers = {"Authorization": f"Bearer {self.token}"}
        tree = requests.get(f"{self.url}/rest/V1/categories", headers=headers, timeout=5).json()
        return [child["name"] for child in tree["children_data"]] == ["Tuin"]


@pytest.fixture(scope="module")
def running() -> Iterator[RunningShop]:
    with running_shop(consumer_running=False) as shop:
        yield shop


@pytest.fixture
def caller(running: RunningShop) -> Caller:
    requests.post(f"{running.url}/_sandbox/reset", timeout=5).raise_for_status()
    return Caller(running)


@pytest.mark.parametrize(
    ("kind", "status", "work_is_done"),
    [
        ("rate_limit", 429, False),
        ("maintenance", 503, False),
        ("error_before", 500, False),
        ("error_after", 500, True),
        ("html", 200, False),
        ("empty", 200, True),
        ("half_json", 200, True),
    ],
)
def test_bad_answers(caller: Caller, kind: str, status: int, work_is_done: bool) -> None:
    caller.fault(kind=kind, path="/categories")
    answer = caller.create()
    assert answer.status_code == status
    if kind in ("html", "empty", "half_json", "maintenance"):
        with pytest.raises(requests.JSONDecodeError):
            answer.json()
    assert caller.created() is work_is_done


@pytest.mark.parametrize(("kind", "work_is_done"), [("reset_before", False), ("reset_after", True), ("cut", True)])
def test_broken_connections(caller: Caller, kind: str, work_is_done: bool) -> None:
    caller.fault(kind=kind)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        caller.create()
    assert caller.created() is work_is_done


def test_timeout_after_the_work_was_done(caller: Caller) -> None:
    caller.fault(kind="timeout_after", delay=30)
    with pytest.raises(requests.ReadTimeout):
        caller.create(timeout=0.3)
    assert caller.created()


def test_slow_takes_its_time_and_then_answers_well(caller: Caller) -> None:
    caller.fault(kind="slow", delay=0.2)
    before = time.monotonic()
    assert caller.create().json()["name"] == "Tuin"
    assert time.monotonic() - before >= 0.2


def test_retry_after_is_there_only_when_asked_for(caller: Caller) -> None:
    caller.fault(kind="rate_limit", retry_after=7, count=1)
    assert caller.create().headers["Retry-After"] == "7"
    caller.fault(kind="rate_limit", count=1)
    assert "Retry-After" not in caller.create().headers


def test_the_work_can_be_switched_per_rule(caller: Caller) -> None:
    caller.fault(kind="html", work=True)
    assert caller.create().status_code == 200
    assert caller.created()


def test_method_path_skip_and_count_choose_the_requests(caller: Caller) -> None:
    caller.fault(kind="rate_limit", method="POST", path="/V1/categories$", skip=1, count=1)
    assert [caller.create().status_code for _ in range(3)] == [200, 429, 400]  # the third is a URL key that exists
    rules = requests.get(f"{caller.url}/_sandbox/faults", timeout=5).json()["rules"]
    assert [rule["hits"] for rule in rules] == [1]
    caller.fault(kind="rate_limit", method="GET")
    assert caller.create().status_code == 400


def test_the_controls_are_never_spoiled(caller: Caller) -> None:
    caller.fault(kind="error_before")
    assert requests.get(f"{caller.url}/_sandbox/log", timeout=5).status_code == 200
    assert requests.post(f"{caller.url}/_sandbox/reset", timeout=5).status_code == 200
    assert requests.get(f"{caller.url}/_sandbox/faults", timeout=5).json() == {"rules": []}


NO_RULES: list[dict[str, Any]] = [
    {"kind": "fire"},
    {"kind": []},
    {"kind": "html", "path": "("},
    {"kind": "html", "x": 1},
    {},
]


@pytest.mark.parametrize("rule", NO_RULES)
def test_a_rule_that_is_none_is_refused_with_a_reason(caller: Caller, rule: dict[str, Any]) -> None:
    answer = caller.fault(**rule)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("no rule was added: ")
    assert caller.create().status_code == 200


def outcomes(seed: int) -> list[str | None]:
    rule = Rule(kind=list(KINDS), probability=0.2, seed=seed)
    return [rule.strike("POST", "/rest/V1/products") for _ in range(500)]


def test_the_same_seed_gives_the_same_faults() -> None:
    assert outcomes(7) == outcomes(7)
    assert outcomes(7) != outcomes(8)


def test_the_probability_is_kept_and_every_kind_comes_up() -> None:
    struck = [kind for kind in outcomes(1) if kind]
    assert 60 <= len(struck) <= 140
    assert set(struck) == set(KINDS)
