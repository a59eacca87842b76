"""Magento's REST API as Koppel uses it: who we are, store scopes, searches page by page, and answers turned into errors."""

import ipaddress
import logging
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus

import requests
from requests.auth import AuthBase
from requests_oauthlib import OAuth1

from koppel.clock import Clock
from koppel.connections import Connection, connection
from koppel.errors import ConfigError, TargetDown, TargetRefused
from koppel.http import Answer, HttpClient, Limits
from koppel.magento.messages import maximum, words
from koppel.settings import SourceSettings

Filter = tuple[str, str, str]
"""Field, condition, value. Filters of one group are joined by OR, groups by AND."""

OAUTH_VALUES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
# Below these levels they write keys and tokens into the log.
for _name in ("requests_oauthlib", "oauthlib"):
    logging.getLogger(_name).setLevel(logging.INFO)

NO_SUCH_STORE = "Specified request cannot be processed."
QUERY_BYTES = 6000
"""A search travels in the address; web servers commonly refuse request lines of more than 8 KB."""


class Bearer(AuthBase):
    """A token in the Authorization header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class MagentoClient:
    """One shop. Raises TargetDown when it does not take part, TargetRefused when it refuses who we are."""

    def __init__(self, settings: SourceSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self.clock = clock or Clock()
        self.page_size = 300  # Magento's own largest page where input limiting is on

    @cached_property
    def _connection(self) -> Connection:
        return connection(self._settings.connection or self._settings.name)

    @cached_property
    def http(self) -> HttpClient:
        """The session, opened at the first call."""
        options = self._settings.options
        limits = Limits(
            calls_per_minute=int(options.get("calls_per_minute", 600)),
            connect_seconds=float(options.get("connect_seconds", 5)),
            read_seconds=float(options.get("read_seconds", 60)),
            retry_seconds=float(options.get("retry_seconds", 120)),
        )
        client = HttpClient(base_url(self._connection), limits, self.clock)
        client.auth = self._credentials(client)
        return client

    def get(self, path: str, query: list[tuple[str, str]] | None = None, *, store: str = "all") -> Answer:
        """Read something: the answer is done or rejected (not there, not understood)."""
        answer = self._call("GET", path, query, None, store, repeatable=True)
        if answer.kind == "ambiguous":
            raise TargetDown(
                f"{self.http.base_url} gives no usable answer: {answer.message}.",
                kept="Nothing was sent.",
                do="Run again later.",
            )
        return answer

    def value(self, path: str, query: list[tuple[str, str]] | None = None, *, store: str = "all") -> Any:
        """Read something that must be there."""
        answer = self.get(path, query, store=store)
        if answer.kind != "done":
            raise TargetRefused(
                f"The shop refuses to show {path}: {words(answer)}", kept="Nothing was sent.", do="Run koppel doctor."
            )
        return answer.body

    def send(self, method: str, path: str, body: Any = None, *, store: str = "all", repeatable: bool = False) -> Answer:
        """Write something: done, rejected, or ambiguous. ``repeatable``: sending it twice has the effect of once."""
        return self._call(method, path, None, body, store, repeatable=repeatable)

    def search(
        self,
        path: str,
        groups: Sequence[Sequence[Filter]],
        fields: str,
        *,
        store: str = "all",
        sorted_by: str = "",
        size: int | None = None,
        number: int | None = None,
    ) -> tuple[list[dict[str, Any]], int]:
        """One page of a search, ascending by a column if one is given: the items and how many there are in all."""
        while True:
            query = [
                *criteria(groups),
                ("searchCriteria[pageSize]", str(min(size or self.page_size, self.page_size))),
                ("fields", f"items[{fields}],total_count"),
            ]
            query += [("searchCriteria[currentPage]", str(number))] if number is not None else []
            if sorted_by:
                query += [("searchCriteria[sortOrders][0][field]", sorted_by)]
                query += [("searchCriteria[sortOrders][0][direction]", "ASC")]
            answer = self.get(path, query, store=store)
            if answer.kind == "done" and isinstance(answer.body, dict):
                return answer.body.get("items") or [], int(answer.body.get("total_count") or 0)
            limit = maximum(words(answer))
            if limit is None or limit >= self.page_size:
                raise TargetRefused(
                    f"The shop does not answer a search of {path}: {words(answer)}", do="Run koppel doctor."
                )
            self.page_size = limit

    def everything(self, path: str, groups: Sequence[Sequence[Filter]], fields: str) -> list[dict[str, Any]]:
        """All items of a small search (attributes, options, sets), page by page. Magento may repeat its last page for ever."""
        found: dict[str, dict[str, Any]] = {}
        number = 1
        while True:
            items, total = self.search(path, groups, fields, number=number)
            known = len(found)
            found |= {repr(sorted(item.items(), key=lambda pair: pair[0])): item for item in items}
            if len(found) >= total or len(found) == known:
                return list(found.values())
            number += 1

    def products(self, skus: Sequence[str], fields: str, *, store: str = "all") -> list[dict[str, Any]]:
        """These products, as far as the shop has them, in as few requests as the length of an address allows."""
        found = []
        for chunk in sku_chunks(skus, self.page_size):
            items, _ = self.search("/V1/products", [sku_filters(chunk)], fields, store=store)
            # The shop may just have said that its pages are smaller: then this one does not hold all of them.
            found += items if len(chunk) <= self.page_size else self.products(chunk, fields, store=store)
        return found

    def all_products(self, fields: str, *, store: str = "all") -> Iterator[list[dict[str, Any]]]:
        """Every product by ascending id; a product that is added meanwhile shifts nothing."""
        last = 0
        while True:
            newer: list[Sequence[Filter]] = [[("entity_id", "gt", str(last))]]
            items, _ = self.search("/V1/products", newer, f"id,{fields}", store=store, sorted_by="entity_id")
            items = [item for item in items if int(item["id"]) > last]
            if not items:
                return
            yield items
            last = max(int(item["id"]) for item in items)

    def _call(
        self, method: str, path: str, query: list[tuple[str, str]] | None, body: Any, store: str, *, repeatable: bool
    ) -> Answer:
        address = f"/rest/{store}{path}"
        answer = self.http.call(method, address, query=query, body=body, repeatable=repeatable)
        if answer.status == 401 and self._may_try_again(answer):
            answer = self.http.call(method, address, query=query, body=body, repeatable=repeatable)
        if answer.kind == "transient":
            raise TargetDown(
                f"{self.http.base_url} does not take calls: {answer.message}.",
                kept="What was confirmed before stays delivered.",
                do="Run again when the shop is up; nothing is lost.",
            )
        if answer.status == 400 and words(answer) == NO_SUCH_STORE:
            raise TargetRefused(
                f"The shop has no store view {store!r}.",
                kept="This call changed nothing.",
                do="Mend stores in koppel.toml.",
            )
        if answer.status in {401, 403}:
            raise TargetRefused(
                f"The shop refuses our credentials or permissions: {words(answer)}",
                kept="This call changed nothing.",
                do="Look at the integration's values and resources in the shop's admin, then run koppel doctor.",
            )
        return answer

    def _may_try_again(self, answer: Answer) -> bool:
        """A token that ran out is renewed; a nonce that collided is made anew. In both cases nothing was carried out."""
        if isinstance(self.http.auth, Bearer) and self._connection.login and "bearer" not in self._connection.extra:
            self.http.auth = self._log_in(self.http)
            return True
        return "nonce" in words(answer).lower()

    def _credentials(self, client: HttpClient) -> AuthBase:
        extra = self._connection.extra
        if all(extra.get(name) for name in OAUTH_VALUES):
            key, secret, token, token_secret = (str(extra[name]) for name in OAUTH_VALUES)
            return OAuth1(key, secret, token, token_secret, signature_method="HMAC-SHA256")
        if extra.get("bearer"):
            return Bearer(str(extra["bearer"]))
        if self._connection.login:
            return self._log_in(client)
        raise ConfigError(
            f"Connection {self._connection.name!r} holds no credentials.",
            do=f"Give the four OAuth values ({', '.join(OAUTH_VALUES)}) of a Magento integration in its extra.",
        )

    def _log_in(self, client: HttpClient) -> AuthBase:
        """A token of an admin account; it lives four hours."""
        client.auth = None
        login = {"username": self._connection.login, "password": self._connection.password}
        answer = client.call("POST", "/rest/all/V1/integration/admin/token", body=login, repeatable=True)
        if answer.kind == "done" and isinstance(answer.body, str):
            return Bearer(answer.body)
        if answer.kind == "rejected":
            raise TargetRefused(f"The shop refuses the admin login: {words(answer)}", do="Mend the connection's login.")
        raise TargetDown(f"{client.base_url} does not answer the admin login: {answer.message}.", do="Run again later.")


def base_url(conn: Connection) -> str:
    """The shop's address; plain http only on this machine, because credentials and customers travel there."""
    scheme = conn.extra.get("scheme") or (conn.scheme if conn.scheme in {"http", "https"} else "https")
    if not conn.host:
        raise ConfigError(f"Connection {conn.name!r} names no host.", do="Give it as https://host[:port].")
    if scheme == "http" and not _is_loopback(conn.host):
        raise ConfigError(
            f"Connection {conn.name!r} uses http to another machine.", kept="Nothing was sent.", do="Use https."
        )
    host = f"[{conn.host}]" if ":" in conn.host else conn.host
    return f"{scheme}://{host}" + (f":{conn.port}" if conn.port else "") + conn.path.rstrip("/")


def criteria(groups: Sequence[Sequence[Filter]]) -> list[tuple[str, str]]:
    """The filters as Magento's query parameters."""
    query = []
    for i, group in enumerate(groups):
        for j, (field, condition, value) in enumerate(group):
            prefix = f"searchCriteria[filter_groups][{i}][filters][{j}]"
            query += [
                (f"{prefix}[field]", field),
                (f"{prefix}[value]", value),
                (f"{prefix}[condition_type]", condition),
            ]
    return query or [("searchCriteria[currentPage]", "1")]


def sku_filters(skus: Sequence[str], field: str = "sku") -> list[Filter]:
    """One OR group for these SKUs; a SKU with a comma can't stand in a list and gets a filter of its own."""
    plain = [sku for sku in skus if "," not in sku]
    listed: list[Filter] = [(field, "in", ",".join(plain))] if plain else []
    return listed + [(field, "eq", sku) for sku in skus if "," in sku]


def sku_chunks(skus: Sequence[str], count: int) -> Iterator[list[str]]:
    """SKUs in groups that fit on one page and in one address."""
    chunk: list[str] = []
    size = 0
    for sku in dict.fromkeys(skus):
        length = len(quote_plus(sku)) + (200 if "," in sku else 3)
        if chunk and (len(chunk) >= count or size + length > QUERY_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(sku)
        size += length
    if chunk:
        yield chunk


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
