"""The category tree below the shop's root: made and kept by code, named per store view, never deleted."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from koppel.errors import TargetDown
from koppel.http import Answer
from koppel.magento.messages import words
from koppel.target import Attempt, Change, Receipt, Record
from loaders.magento.part import Part
from loaders.magento.payloads import attribute_values, category_code, category_url_key, slug
from loaders.magento.rejection import Rejection
from loaders.magento.shop import Shop

FIELDS = "id,parent_id,name,is_active,position,custom_attributes[attribute_code,value]"

Views = Mapping[str, Mapping[str, tuple[str, str]]]
"""Per language the name and the address of each category, by number."""


class Categories(Part):
    """Our categories, found by the address that only we give them at ``all`` (``category_url_key``)."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._index: dict[str, dict[str, Any]] | None = None

    def number(self, code: str) -> str:
        """The shop's number of a category."""
        standing = self._standing().get(code)
        if standing is None:
            raise Rejection(f"The shop does not hold its category {code!r}. Mend that category, or choose another one.")
        return str(standing["id"])

    def codes(self, numbers: Iterable[str]) -> set[str]:
        """Our codes of these categories; others are left out."""
        wanted = set(numbers)
        return {code for code, standing in self._standing().items() if str(standing["id"]) in wanted}

    def deliver(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:  # noqa: ARG002
        """Parents before children. Every call has the effect of once, however often it is made."""
        self._index = None
        waiting = {change.key: change for change in changes}
        while waiting:
            ready = [key for key, change in waiting.items() if _parent(change) not in waiting]
            if not ready:
                yield from (Receipt(key, "rejected", "This category is its own ancestor: a loop.") for key in waiting)
                return
            for key in ready:
                yield self._deliver(waiting.pop(key))

    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare the tree, and the names in each store view, with what would be sent."""
        self._index = None
        named = {language: self._read(store) for language, store in self._shop.stores.items()}
        for change in changes:
            standing = self._standing().get(change.key)
            is_there = standing is not None and self._agrees(change, standing, named)
            remote = json.dumps({"id": standing["id"]}) if is_there and standing else change.remote_id
            yield Receipt(change.key, "delivered" if is_there else "transient", "", remote)

    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """Our categories, one row per language."""
        self._index = None
        named = {language: self._read(store) for language, store in self._shop.stores.items()}
        parents = {str(standing["id"]): code for code, standing in self._standing().items()}
        yield [
            (code, {"category_code": code, "rows": [_row(language, named, standing, parents) for language in named]})
            for code, standing in self._standing().items()
            if standing.get("is_active")
        ]

    def _standing(self) -> dict[str, dict[str, Any]]:
        if self._index is None:
            self._index = {}
            for item in self._all("all"):
                code = category_code(str(attribute_values(item).get("url_key") or ""))
                if code is not None:
                    self._index[code] = item
        return self._index

    def _read(self, store: str) -> dict[str, tuple[str, str]]:
        """Name and address in one store view, by the category's number."""
        return {
            str(item["id"]): (str(item.get("name")), str(attribute_values(item).get("url_key")))
            for item in self._all(store)
        }

    def _all(self, store: str) -> Iterator[dict[str, Any]]:
        last = 0
        while True:
            newer = [[("entity_id", "gt", str(last))]]
            items, _ = self._shop.client.search(
                "/V1/categories/list", newer, FIELDS, store=store, sorted_by="entity_id"
            )
            items = [item for item in items if int(item["id"]) > last]
            if not items:
                return
            yield from items
            last = max(int(item["id"]) for item in items)

    def _deliver(self, change: Change) -> Receipt:
        try:
            if change.kind == "withdraw":
                return self._withdraw(change)
            number = self._at_all(change)
            for row in change.record["rows"]:
                self._in_view(number, change.key, row)
        except Rejection as rejection:
            return Receipt(change.key, "rejected", str(rejection), change.remote_id, change.record)
        return Receipt(change.key, "delivered", "", json.dumps({"id": number}), change.record)

    def _at_all(self, change: Change) -> int:
        """The category itself, with the name of the default language; its number."""
        parent = self._parent_number(change)
        standing = self._standing().get(change.key)
        category: dict[str, Any] = {"name": self._default_name(change), "is_active": True}
        position = change.record["rows"][0].get("position")
        if position is not None:
            category["position"] = int(position)
        if standing is None:
            return self._create(change.key, category | {"parent_id": parent})
        number = int(standing["id"])
        _accept(self._shop.client.send("PUT", f"/V1/categories/{number}", {"category": category}, repeatable=True))
        if int(standing["parent_id"]) != parent:
            _accept(
                self._shop.client.send("PUT", f"/V1/categories/{number}/move", {"parentId": parent}, repeatable=True)
            )
            standing["parent_id"] = parent
        return number

    def _create(self, code: str, category: dict[str, Any]) -> int:
        """Make a category; when nobody knows whether it was made, look for it before it is sent again."""
        category |= {
            "include_in_menu": True,
            "custom_attributes": [{"attribute_code": "url_key", "value": category_url_key(code)}],
        }
        for _ in range(3):
            answer = self._shop.client.send("POST", "/V1/categories", {"category": category})
            if answer.kind == "done" and isinstance(answer.body, dict) and "id" in answer.body:
                self._standing()[code] = answer.body
                return int(answer.body["id"])
            if answer.kind == "rejected":
                raise Rejection(words(answer))
            self._index = None
            if code in self._standing():
                return int(self._standing()[code]["id"])
        raise TargetDown(
            f"The shop fails to make category {code!r}: {answer.message}.",
            kept="It is not in the shop, and no product was sent.",
            do="Look at the shop's log, then run again.",
        )

    def _in_view(self, number: int, code: str, row: Mapping[str, Any]) -> None:
        """The name and the address in one store view."""
        if row.get("language") not in self._shop.stores:
            return
        address = [{"attribute_code": "url_key", "value": slug(row["name"], code)}]
        body = {"category": {"name": row["name"], "custom_attributes": address}}
        store = self._shop.store(row["language"])
        _accept(self._shop.client.send("PUT", f"/V1/categories/{number}", body, store=store, repeatable=True))

    def _withdraw(self, change: Change) -> Receipt:
        standing = self._standing().get(change.key)
        if standing is None:
            return Receipt(change.key, "delivered", "The shop has no such category any more.", change.remote_id)
        body = {"category": {"is_active": False}}
        _accept(self._shop.client.send("PUT", f"/V1/categories/{standing['id']}", body, repeatable=True))
        return Receipt(change.key, "delivered", "", change.remote_id, body)

    def _parent_number(self, change: Change) -> int:
        parent = _parent(change)
        return int(self.number(parent)) if parent else self._shop.root_category

    def _default_name(self, change: Change) -> str:
        names = {row.get("language"): row["name"] for row in change.record["rows"]}
        return str(names.get(self._shop.default_language) or next(iter(names.values())))

    def _agrees(self, change: Change, standing: Mapping[str, Any], named: Views) -> bool:
        if change.kind == "withdraw":
            return not standing.get("is_active")
        parent = (
            self._standing()
            .get(_parent(change) or "", {})
            .get("id", None if _parent(change) else self._shop.root_category)
        )
        number = str(standing["id"])
        rows = [row for row in change.record["rows"] if row.get("language") in named]
        return (
            bool(standing.get("is_active"))
            and parent is not None
            and int(standing["parent_id"]) == int(parent)
            and standing.get("name") == self._default_name(change)
            and change.record["rows"][0].get("position") in {None, standing.get("position")}
            # A view that was never written shows the general name, but the address of ``all`` instead of its own.
            and all(named[row["language"]].get(number) == (row["name"], slug(row["name"], change.key)) for row in rows)
        )


def _parent(change: Change) -> str | None:
    rows = change.record.get("rows") or [{}]
    return rows[0].get("parent_code") or None


def _accept(answer: Answer) -> None:
    """A call that was repeated already: what still fails is this record's trouble if the shop answers, else the shop's."""
    if answer.kind == "rejected" or (answer.kind == "ambiguous" and answer.status):
        raise Rejection(words(answer))
    if answer.kind == "ambiguous":
        raise TargetDown(
            f"The shop fails to change a category: {answer.message}.",
            kept="What was confirmed stays; the rest is read back first.",
            do="Run again later.",
        )


def _row(language: str, named: Views, standing: Mapping[str, Any], parents: Mapping[str, str]) -> Record:
    row: Record = {"language": language, "name": named[language].get(str(standing["id"]), (None, None))[0]}
    row |= {"parent_code": parents.get(str(standing["parent_id"])), "position": standing.get("position")}
    return {name: value for name, value in row.items() if value is not None}
