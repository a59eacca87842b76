"""Galleries: each picture uploaded once per content, then re-ordered, relabelled or taken out; other people's pictures stay."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from koppel.magento.keys import normalised
from koppel.target import Attempt, Change, Outcome, Receipt, Record
from loaders.magento.payloads import Payload, checked_sku
from loaders.magento.products import ProductBase
from loaders.magento.rejection import Rejection
from loaders.magento.writer import Item, Result

FIELDS = "sku,media_gallery_entries"
ROLES = ("image", "small_image", "thumbnail")
RECORDS = 100
"""Galleries are sent with their files; so many at a time stay well within memory."""
LARGEST_BYTES = 20 * 1024 * 1024
ENTRY = ("id", "media_type", "label", "position", "disabled", "types")
_HASH_IN_NAME = re.compile(r"-([0-9a-f]{64})(?:_\d+)?\.\w+$")
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
Entry = dict[str, Any]
Galleries = dict[str, list[Entry]]


class Images(ProductBase):
    """One record is a gallery. A file's name carries its content's hash, so a picture is recognised wherever it is read."""

    def batch_size(self, planned: int) -> int:  # noqa: ARG002
        """Fewer than of other records, because of the files."""
        return RECORDS

    def deliver(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """First the pictures themselves at ``all``, then alt texts in each store view that shows another one."""
        withdrawn = [change for change in changes if change.kind == "withdraw"]
        yield from (self._withdraw(change) for change in withdrawn)
        kept = [change for change in changes if change.kind != "withdraw"]
        results = {result.key: result for result in self._upload(kept, attempt)}
        good = [change for change in kept if results[change.key].outcome == "delivered"]
        standing = self._galleries([change.record["sku"] for change in good], "all")
        for language in self.shop.stores:
            results |= {result.key: result for result in self._label(good, language, standing, attempt)}
            good = [change for change in good if results[change.key].outcome == "delivered"]
        results |= {result.key: result for change in good for result in self._clear(change, standing)}
        for change in kept:
            result = results[change.key]
            entries = standing.get(normalised(change.record["sku"]), [])
            remote = _remote_id(change, entries) if result.outcome == "delivered" else change.remote_id
            yield Receipt(change.key, result.outcome, result.message, remote, change.record)

    def read_back(self, changes: Sequence[Change]) -> Iterator[Receipt]:
        """Compare the galleries, at ``all`` and in each store view, with what would be sent."""
        skus = [change.record["sku"] for change in changes]
        everywhere = {store: self._galleries(skus, store) for store in ("all", *self.shop.stores.values())}
        for change in changes:
            sku = normalised(change.record["sku"])
            views = {store: galleries.get(sku) for store, galleries in everywhere.items()}
            outcome: Outcome = "delivered" if self._agrees(change, views) else "transient"
            remote = _remote_id(change, views["all"] or []) if outcome == "delivered" else change.remote_id
            yield Receipt(
                change.key, outcome, "", None if change.kind == "withdraw" and outcome == "delivered" else remote
            )

    def read_all(self) -> Iterator[list[tuple[str, Record]]]:
        """Every gallery of ours, with the alt texts at ``all``."""
        alt_text = f"alt_text_{self.shop.default_language}"
        for page in self.shop.client.all_products(FIELDS):
            rows = {item["sku"]: _rows(item.get("media_gallery_entries") or [], alt_text) for item in page}
            yield [(sku, {"sku": sku, "rows": ours}) for sku, ours in rows.items() if ours]

    def _upload(self, changes: Sequence[Change], attempt: Attempt) -> Iterator[Result]:
        standing = self._galleries([change.record["sku"] for change in changes], "all")
        items: list[Item] = []
        for change in changes:
            try:
                entries = standing.get(normalised(change.record["sku"]))
                payload = self._payload(change, entries)
            except Rejection as rejection:
                yield Result(change.key, "rejected", str(rejection))
                continue
            if _shows(payload["media_gallery_entries"], entries or []):
                yield Result(change.key, "delivered")
            else:
                items.append(Item(change.key, payload))
        yield from self.writer.write("all", items, attempt, self.stands)

    def _label(self, changes: Sequence[Change], language: str, at_all: Galleries, attempt: Attempt) -> Iterator[Result]:
        """Alt texts in one store view; a view that shows the right ones already is left alone."""
        store = self.shop.store(language)
        shown = self._galleries([change.record["sku"] for change in changes], store)
        items = []
        for change in changes:
            sku = normalised(change.record["sku"])
            wanted = _in_view(change, shown.get(sku, []), at_all.get(sku, []), f"alt_text_{language}")
            if not _shows(wanted, shown.get(sku, [])):
                items.append(Item(change.key, {"sku": change.record["sku"], "media_gallery_entries": wanted}))
        yield from self.writer.write(store, items, attempt, self.stands)

    def stands(self, store: str, items: Sequence[Item]) -> set[str]:
        """Which galleries stand as they would be sent."""
        found = self._galleries([item.payload["sku"] for item in items], store)
        return {
            item.key
            for item in items
            if _shows(item.payload["media_gallery_entries"], found.get(normalised(item.payload["sku"]), []))
        }

    def _galleries(self, skus: Sequence[str], store: str) -> Galleries:
        found = self.find(skus, FIELDS, store)
        return {sku: item.get("media_gallery_entries") or [] for sku, item in found.items()}

    def _payload(self, change: Change, standing: list[Entry] | None) -> Payload:
        """The whole gallery: others' entries as they are, ours in our order; a known picture keeps its content by its id."""
        sku = checked_sku(change.record["sku"])
        if standing is None:
            raise Rejection(f"Product {sku!r} is not in the shop.")
        ours = _ours(change, standing)
        others = [_plain(entry) for entry in standing if int(entry["id"]) not in ours.values()]
        free = [role for role in ROLES if not any(role in entry["types"] for entry in others)]
        entries = []
        for place, row in enumerate(_pictures(change.record)):
            entry: Entry = {
                "media_type": "image",
                "label": row.get(f"alt_text_{self.shop.default_language}") or "",
                "position": int(row["position"]),
                "disabled": False,
                "types": free if place == 0 else [],
            }
            known = ours.get(row["content_hash"])
            entries.append({"id": known, **entry} if known else {**entry, "content": self._content(sku, row)})
        return {"sku": sku, "media_gallery_entries": others + entries}

    def _content(self, sku: str, row: Record) -> dict[str, str]:
        data = _file(self.shop.settings.media_root, row["file"])
        if hashlib.sha256(data).hexdigest() != row["content_hash"]:
            raise Rejection(f"{row['file']} changed after it was read; the next run takes it.")
        kind = row.get("mime_type") or "image/jpeg"
        if kind not in EXTENSIONS:
            raise Rejection(f"{row['file']} is {kind}; Magento takes JPEG, PNG and GIF.")
        name = re.sub(r"[^a-z0-9]+", "-", normalised(sku))[:18].strip("-")
        return {
            "base64_encoded_data": base64.b64encode(data).decode(),
            "type": kind,
            "name": f"{name or 'p'}-{row['content_hash']}.{EXTENSIONS[kind]}",
        }

    def _clear(self, change: Change, at_all: Galleries) -> Iterator[Result]:
        """Take out our pictures that stayed although they were not sent any more: Magento keeps one as long as it is the main
        picture of a store view, and only now each view shows the new one."""
        sku = change.record["sku"]
        ours = _ours(change, at_all.get(normalised(sku), []))
        wanted = {row["content_hash"] for row in _pictures(change.record)}
        for number in [number for content, number in ours.items() if content not in wanted]:
            if message := self._take_out(sku, number, ["all"]):
                yield Result(change.key, "transient", message)

    def _withdraw(self, change: Change) -> Receipt:
        """Take out the pictures that we brought, and only those."""
        sku = change.record["sku"]
        standing = self._galleries([sku], "all").get(normalised(sku), [])
        for entry in (e for e in standing if int(e["id"]) in _remembered(change.remote_id).values()):
            # Through each view first, or a view whose main picture it is would keep it.
            if message := self._take_out(sku, int(entry["id"]), [*self.shop.stores.values(), "all"]):
                return Receipt(change.key, "transient", message, change.remote_id)
        return Receipt(change.key, "delivered")

    def _take_out(self, sku: str, number: int, stores: Sequence[str]) -> str:
        """Delete a picture; why it did not work, or nothing. One that is not there is as good as deleted."""
        for store in stores:
            path = f"/V1/products/{quote(sku, safe='')}/media/{number}"
            answer = self.shop.client.send("DELETE", path, store=store, repeatable=True)
            if answer.kind != "done" and answer.status != 404:
                return answer.message
        return ""

    def _agrees(self, change: Change, views: Mapping[str, list[Entry] | None]) -> bool:
        standing = views["all"]
        if change.kind == "withdraw":
            return not {int(e["id"]) for e in standing or []} & set(_remembered(change.remote_id).values())
        ours = _ours(change, standing or [])
        if standing is None or any(row["content_hash"] not in ours for row in _pictures(change.record)):
            return False
        if not _shows(self._payload(change, standing)["media_gallery_entries"], standing):
            return False
        return all(
            _shows(_in_view(change, views[store] or [], standing, f"alt_text_{language}"), views[store] or [])
            for language, store in self.shop.stores.items()
        )


def _pictures(record: Record) -> list[Record]:
    """The rows that have a file, in order, one per content."""
    rows: dict[str, Record] = {}
    for row in sorted(record.get("rows", []), key=lambda row: int(row["position"])):
        if row.get("file") and row.get("content_hash"):
            rows.setdefault(row["content_hash"], row)
    return list(rows.values())


def _remembered(remote_id: str | None) -> dict[str, int]:
    """The pictures that our last delivery left: content hash to the shop's number."""
    try:
        return {content: int(entry["id"]) for content, entry in json.loads(remote_id or "{}").items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _ours(change: Change, standing: Sequence[Entry]) -> dict[str, int]:
    """Content hash to number of the entries that are ours: remembered, or recognised by the hash in the file's name."""
    numbers = {int(entry["id"]) for entry in standing}
    named = {found[1]: int(e["id"]) for e in standing if (found := _HASH_IN_NAME.search(str(e.get("file") or "")))}
    return {content: number for content, number in _remembered(change.remote_id).items() if number in numbers} | named


def _remote_id(change: Change, standing: Sequence[Entry]) -> str:
    files = {int(entry["id"]): entry.get("file") for entry in standing}
    wanted = {row["content_hash"] for row in _pictures(change.record)}
    ours = {content: number for content, number in _ours(change, standing).items() if content in wanted}
    return json.dumps({content: {"id": number, "file": files[number]} for content, number in ours.items()})


def _in_view(change: Change, shown: Sequence[Entry], at_all: Sequence[Entry], alt_text: str) -> list[Entry]:
    """The gallery of a store view: ours in the order and roles of ``all`` with this language's alt texts, others' as they are."""
    ours = {number: content for content, number in _ours(change, at_all).items()}
    rows = {row["content_hash"]: row for row in _pictures(change.record)}
    general = {int(entry["id"]): _plain(entry) for entry in at_all}
    entries = []
    for entry in map(_plain, shown):
        number = int(entry["id"])
        is_ours = number in ours and number in general
        text = rows.get(ours[number], {}).get(alt_text) if is_ours else None
        entries.append(general[number] | {"label": text or entry["label"]} if is_ours else entry)
    return entries


def _plain(entry: Mapping[str, Any]) -> Entry:
    return {name: entry.get(name) for name in ENTRY} | {
        "label": entry.get("label") or "",
        "types": list(entry.get("types") or []),
    }


def _shows(wanted: Sequence[Entry], standing: Sequence[Entry]) -> bool:
    """Whether a gallery stands as wanted. A new picture, which has no number yet, is looked for by its file name."""
    by_id = {int(entry["id"]): _plain(entry) for entry in standing}
    named = {found[1]: int(e["id"]) for e in standing if (found := _HASH_IN_NAME.search(str(e.get("file") or "")))}
    seen = set()
    for entry in wanted:
        content = _HASH_IN_NAME.search(entry["content"]["name"]) if "content" in entry else None
        number = named.get(content[1]) if content else entry.get("id")
        theirs = by_id.get(int(number or 0))
        if theirs is None or any(_sorted(entry[name]) != _sorted(theirs[name]) for name in ENTRY[2:]):
            return False
        seen.add(int(number or 0))
    return seen == by_id.keys()


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _file(root: Path | None, name: str) -> bytes:
    """A picture below the media root; a path that leads out of it is refused."""
    if root is None:
        raise Rejection("No media root is set, so there is no place to take pictures from.")
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise Rejection(f"{name!r} leads out of the media root.")
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise Rejection(f"{name} is larger than {LARGEST_BYTES // 1024 // 1024} MB.")
        return path.read_bytes()
    except OSError as error:
        raise Rejection(f"{name} can't be read: {error.strerror or error}.") from None


def _rows(entries: Sequence[Entry], alt_text: str) -> list[Record]:
    rows = []
    for entry in sorted(entries, key=lambda entry: int(entry.get("position") or 0)):
        if found := _HASH_IN_NAME.search(str(entry.get("file") or "")):
            row = {"position": entry.get("position"), "content_hash": found[1], alt_text: entry.get("label")}
            rows.append({name: value for name, value in row.items() if value not in (None, "")})
    return rows
