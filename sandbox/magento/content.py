"""The shop's content without ids, times and file paths, so that two shops can be compared for equality."""

import hashlib
from typing import Any

from sandbox.magento import attribute_options, gallery
from sandbox.magento.database import Record
from sandbox.magento.product_json import product_json
from sandbox.magento.state import State


def canonical(state: State) -> dict[str, Any]:
    """Products by SKU, categories by path of names, attributes and sets by code and name."""
    with state.database.lock:
        paths = _category_paths(state)
        return {
            "products": {record["sku"]: _product(state, record, paths) for record in _by(state, "products", "sku")},
            "categories": {paths[record["id"]]: _values(record) for record in state.table("categories")},
            "attributes": {
                record["attribute_code"]: [
                    attribute_options.label_of(option, 0) for option in record.get("options") or []
                ]
                for record in _by(state, "attributes", "attribute_code")
                if record["is_user_defined"]
            },
            "attribute_sets": {
                record["attribute_set_name"]: sorted(record["attributes"])
                for record in _by(state, "attribute_sets", "attribute_set_name")
                if record.get("entity_type_id", 4) == 4
            },
            "source_items": sorted(
                [item["sku"], item["source_code"], item["quantity"], item["status"]]
                for item in state.table("source_items")
            ),
        }


def _by(state: State, table: str, key: str) -> list[Record]:
    return sorted(state.table(table), key=lambda record: record[key])


def _values(record: Record) -> Any:
    """Attribute values as [[store, value], ...] per code; empty ones and the dated ones are left out."""
    return {
        code: sorted([store, held] for store, held in stores.items() if held not in (None, ""))
        for code, stores in sorted(record["values"].items())
        if any(held not in (None, "") for held in stores.values()) and code not in gallery.ROLES
    }


def _labelled(state: State, values: dict[str, Any]) -> dict[str, Any]:
    """Values with the labels of options instead of their numbers."""
    attributes = state.table("attributes")
    return {
        code: [[store, _label(attributes.get(code), held)] for store, held in pairs] for code, pairs in values.items()
    }


def _label(attribute: Record | None, held: Any) -> Any:
    if attribute is None or not attribute["is_user_defined"]:
        return held
    labels = {str(option["value"]): attribute_options.label_of(option, 0) for option in attribute.get("options") or []}
    return labels.get(str(held), held)


def _category_paths(state: State) -> dict[int, str]:
    names = {record["id"]: str(record["values"]["name"].get(0, "")) for record in state.table("categories")}
    return {
        record["id"]: "/".join(names.get(int(part), part) for part in record["path"].split("/"))
        for record in state.table("categories")
    }


def _product(state: State, record: Record, paths: dict[int, str]) -> dict[str, Any]:
    shown = product_json(state, record, 0)
    categories = (shown["extension_attributes"].get("category_links")) or []
    sets = state.table("attribute_sets").get(record["attribute_set_id"]) or {}
    return {
        "attribute_set": sets.get("attribute_set_name"),
        "type": record["type_id"],
        "websites": sorted(record["website_ids"]),
        "values": _labelled(state, _values(record)),
        "categories": sorted([paths.get(int(one["category_id"]), "?"), one["position"]] for one in categories),
        "links": sorted(
            [one["link_type"], one["linked_product_sku"], one["position"]] for one in shown["product_links"]
        ),
        "tier_prices": shown["tier_prices"],
        "images": _images(state, record),
        "stock": [record["stock"]["qty"], record["stock"]["is_in_stock"]],
    }


def _images(state: State, record: Record) -> list[Any]:
    """Images in their order: what is in the file instead of what it is called, with roles and texts per store view."""
    files, result = state.table("media_files"), []
    views = [
        gallery.entries(state, record, store["id"]) for store in sorted(state.table("stores"), key=lambda s: s["id"])
    ]
    for entry in views[0]:
        stored = files.get(entry["file"]) or {"content": b""}
        texts = [
            [one["label"], one["position"], one["disabled"], one["types"]]
            for view in views
            for one in view
            if one["id"] == entry["id"]
        ]
        result.append([hashlib.sha256(stored["content"]).hexdigest(), texts])
    return result
