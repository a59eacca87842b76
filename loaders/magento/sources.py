"""Where stock stands in the shop: the sources of our locations and the stock that the website sells from, found or made."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from koppel.errors import TargetDown, TargetRefused
from koppel.magento.keys import normalised
from koppel.magento.messages import words
from koppel.stock_settings import Location, StockSettings
from koppel.target import Preparation, Record
from loaders.magento.rejection import Rejection
from loaders.magento.shop import Shop

log = logging.getLogger(__name__)

MAKES = frozenset({"source", "stock", "stock_source", "website_stock"})
"""The kinds of preparations that are made here."""
SOURCES, STOCKS, LINKS = "/V1/inventory/sources", "/V1/inventory/stocks", "/V1/inventory/stock-source-links"
DEFAULT_STOCK = 1
LOOK_AGAIN_SECONDS = 60
"""How long it is believed that a source is missing, before the shop is asked again."""
MOVES = (
    "Website {website} sells from stock {before!r} now; from then on it sells only what lies in the sources of {after!r}. "
    "Until the first delivery is through its products show as sold out, and orders that are open at that moment stay "
    "reserved in {before!r}: choose a quiet hour, then look at bin/magento inventory:reservation:list-inconsistencies."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the shop had when it was asked; codes are normalised."""

    sources: Mapping[str, bool]
    """Every source, and whether it is switched on."""
    stock: int | None
    """The stock that the website sells from."""
    stock_name: str
    priorities: Mapping[str, int]
    """The sources of that stock."""
    read_at: float

    def has(self, source: str) -> bool:
        """Whether the shop has this source."""
        return normalised(source) in self.sources

    def sells(self, source: str) -> bool:
        """Whether the website sells what lies in this source."""
        return self.has(source) and normalised(source) in self.priorities


class Sources:
    """Our locations as the shop knows them. What was found is remembered, because many small batches ask for it.

    Options: ``create_sources`` (false): make sources, stock and links that are missing · ``stock`` ("Koppel"): the stock to
    make where the website still sells from the default one.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.may_make = bool(shop.options.get("create_sources", False))
        self.own_stock = str(shop.options.get("stock", "Koppel"))
        self.website = str(shop.options.get("website", "base"))
        self._standing: Standing | None = None

    @cached_property
    def locations(self) -> dict[str, Location]:
        """What config/stock.toml says, in the order in which orders are sent from them."""
        return StockSettings.load(self._shop.settings.root).locations

    @cached_property
    def has_inventory(self) -> bool:
        """Whether the shop has sources at all; without multi-source inventory their routes do not exist.

        Only Magento's own 404 tells that; a web server answers one as well while a new version is put into place.
        """
        answer = self._shop.client.get(SOURCES, [("searchCriteria[pageSize]", "1"), ("fields", "total_count")])
        has_no_route = answer.status == 404 and isinstance(answer.body, dict) and "message" in answer.body
        if answer.kind != "done" and not has_no_route:
            raise TargetRefused(
                f"The shop does not show its stock sources: {words(answer)}",
                kept="Nothing was sent.",
                do="Run koppel doctor.",
            )
        return answer.kind == "done"

    def source(self, location: str) -> str:
        """The shop's source of a location. Raises Rejection, saying what to add where, when there is none."""
        known = self.locations.get(location)
        if known is None:
            path = self._shop.settings.root / "stock.toml"
            raise Rejection(
                f"Location {location!r} is not configured: add [locations.{location}] with its source to {path}."
            )
        if not self.exists(known.source):
            raise Rejection(
                f"The shop has no source {known.source!r} for location {location!r}. Make it in the shop's admin "
                "(Stores > Sources) and assign it to the website's stock, or set create_sources = true for this target."
            )
        return known.source

    def exists(self, source: str) -> bool:
        """Whether the shop has a source; one that was missing may have been made since."""
        if not self.standing().has(source):
            self._look_again()
        return self.standing().has(source)

    def ours(self) -> dict[str, str]:
        """The location of each source that is ours and exists, by normalised code."""
        return {normalised(one.source): one.code for one in self.locations.values() if self.standing().has(one.source)}

    def standing(self) -> Standing:
        """What the shop has; asked once."""
        if self._standing is None:
            self._standing = self._read()
        return self._standing

    def forget(self) -> None:
        """Ask the shop again next time."""
        self._standing = None

    def lacking(self) -> list[str]:
        """The locations whose stock the website can't sell, because their source is missing or in no stock of the website."""
        return [code for code, one in self.locations.items() if not self.standing().sells(one.source)]

    def preparations(self, records: Iterable[Record]) -> list[Preparation]:
        """What the shop lacks for the locations of these records; they are not even looked at where it lacks nothing."""
        if not self.may_make or not self.locations or not self.has_inventory:
            return []
        seen = _seen(records, set(self.lacking()))
        if not seen:
            return []
        self._look_again()
        seen &= set(self.lacking())
        return self._needed(seen) if seen else []

    def prepare(self, preparations: Sequence[Preparation]) -> None:
        """Make what is missing; what is there already stays as it is. The website moves last, to a stock that is complete."""
        self.forget()
        details: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in MAKES}
        for one in preparations:
            details[one.kind].append(one.detail)
        for source in details["source"]:
            self._make_source(source)
        for stock in details["stock"]:
            self._make_stock(str(stock["name"]))
        self._make_links(details["stock_source"])
        for move in details["website_stock"]:
            self._move_website(str(move["stock"]))
        self.forget()

    def _look_again(self) -> None:
        if self._shop.client.clock.now() - self.standing().read_at >= LOOK_AGAIN_SECONDS:
            self.forget()

    def _read(self) -> Standing:
        client = self._shop.client
        found = client.everything(SOURCES, [], "source_code,enabled")
        sources = {normalised(one["source_code"]): bool(one.get("enabled", True)) for one in found}
        answer = client.get(f"/V1/inventory/stock-resolver/website/{self.website}")
        stock = answer.body if answer.kind == "done" and isinstance(answer.body, dict) else {}
        number = int(stock["stock_id"]) if stock else None
        priorities = self._priorities(number) if number else {}
        return Standing(sources, number, str(stock.get("name", "")), priorities, client.clock.now())

    def _priorities(self, stock: int) -> dict[str, int]:
        links = self._shop.client.everything(LINKS, [[("stock_id", "eq", str(stock))]], "source_code,priority")
        return {normalised(link["source_code"]): int(link.get("priority") or 0) for link in links}

    def _find_stock(self, name: str) -> dict[str, Any] | None:
        found = self._shop.client.everything(STOCKS, [[("name", "eq", name)]], "stock_id,name,extension_attributes")
        return next((stock for stock in found if normalised(stock["name"]) == normalised(name)), None)

    def _needed(self, seen: set[str]) -> list[Preparation]:
        """Sources, then the stock, then its links, and last the website."""
        there = self.standing()
        wanted = [one for code, one in self.locations.items() if code in seen]
        made = [Preparation("source", one.source, _source(one)) for one in wanted if not there.has(one.source)]
        if there.stock not in {None, DEFAULT_STOCK}:
            return made + _links(there.stock_name, wanted, there.priorities)
        own = self._find_stock(self.own_stock)
        made += [] if own else [Preparation("stock", self.own_stock, {"name": self.own_stock})]
        # Whatever lies in another source of ours would go out of sale together with the stock that the website leaves.
        wanted = [one for code, one in self.locations.items() if code in seen or there.has(one.source)]
        made += _links(self.own_stock, wanted, self._priorities(int(own["stock_id"])) if own else {})
        means = MOVES.format(website=self.website, before=there.stock_name or "(none)", after=self.own_stock)
        detail = {"website": self.website, "stock": self.own_stock, "instead_of": there.stock_name, "means": means}
        return [*made, Preparation("website_stock", f"{self.website}: {self.own_stock}", detail)]

    def _make_source(self, source: Mapping[str, Any]) -> None:
        """Sending a source that exists would overwrite what people wrote about it."""
        if not self.standing().has(str(source["source_code"])):
            self._send("POST", SOURCES, {"source": dict(source)}, f"make source {source['source_code']!r}")

    def _make_stock(self, name: str) -> None:
        if self._find_stock(name) is None:
            self._send("POST", STOCKS, {"stock": {"name": name}}, f"make stock {name!r}", unless=name)

    def _make_links(self, links: Sequence[Mapping[str, Any]]) -> None:
        for name in dict.fromkeys(str(link["stock"]) for link in links):
            number = int(self._stock(name)["stock_id"])
            there = self._priorities(number)
            rows = [
                {"stock_id": number, "source_code": link["source"], "priority": link["priority"]}
                for link in links
                if link["stock"] == name and normalised(str(link["source"])) not in there
            ]
            if rows:
                self._send("POST", LINKS, {"links": rows}, f"put sources into stock {name!r}")

    def _move_website(self, name: str) -> None:
        if self.standing().stock not in {None, DEFAULT_STOCK}:
            log.warning(
                "website %s sells from stock %s by now; it stays there", self.website, self.standing().stock_name
            )
            return
        stock = self._stock(name)
        channels = [
            {"type": one["type"], "code": one["code"]}
            for one in (stock.get("extension_attributes") or {}).get("sales_channels") or []
        ]
        channels.append({"type": "website", "code": self.website})
        body = {"stock_id": int(stock["stock_id"]), "name": name, "extension_attributes": {"sales_channels": channels}}
        path = f"{STOCKS}/{stock['stock_id']}"
        self._send("PUT", path, {"stock": body}, f"let website {self.website!r} sell from stock {name!r}")

    def _stock(self, name: str) -> dict[str, Any]:
        stock = self._find_stock(name)
        if stock is None:
            raise TargetRefused(
                f"The shop has no stock {name!r} any more.",
                kept="No stock was sent.",
                do="Run it again: it makes a plan anew.",
            )
        return stock

    def _send(self, method: str, path: str, body: dict[str, Any], what: str, *, unless: str = "") -> None:
        """One thing; repeatable, because each call writes what is to stand. ``unless``: fine if this stock stands there by now."""
        answer = self._shop.client.send(method, path, body, repeatable=True)
        if answer.kind == "done" or (unless and self._find_stock(unless) is not None):
            return
        if answer.kind == "ambiguous":
            raise TargetDown(
                f"The shop gives no usable answer when it has to {what}: {answer.message}.",
                kept="No stock was sent.",
                do="Run it again: it looks what is there before it makes anything.",
            )
        raise TargetRefused(
            f"The shop does not {what}: {words(answer)}",
            kept="No stock was sent.",
            do="Mend config/stock.toml or make it by hand in the shop (Stores > Sources, Stores > Stocks), then run again.",
        )


def _seen(records: Iterable[Record], wanted: set[str]) -> set[str]:
    """Which of these locations occur in the records; stops as soon as all of them did."""
    seen: set[str] = set()
    if wanted:
        for record in records:
            if record.get("location") in wanted:
                seen.add(record["location"])
            if seen == wanted:
                break
    return seen


def _source(location: Location) -> dict[str, Any]:
    return {
        "source_code": location.source,
        "name": location.name,
        "enabled": True,
        "country_id": location.country,
        "postcode": location.postcode,
    }


def _links(stock: str, locations: Sequence[Location], there: Mapping[str, int]) -> list[Preparation]:
    """The sources that a stock lacks, behind those that it has, in the order of the configuration."""
    lacking = [one.source for one in locations if normalised(one.source) not in there]
    return [
        Preparation("stock_source", f"{stock}: {source}", {"stock": stock, "source": source, "priority": priority})
        for priority, source in enumerate(lacking, max(there.values(), default=0) + 1)
    ]
