"""Product images: entries per product, texts per store view, files by path, and the roles that point to a file.

Table `gallery` by product id: {"rows": {id: {id, file, media_type, video, values: {store_id: {label, position, disabled}}}}}.
Table `media_files` by path ("/f/o/foto.png"): {content, mime}. A role (image, ...) is an attribute value of the product.
"""

import base64
import binascii
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from PIL import Image, UnidentifiedImageError

from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError
from sandbox.magento.inputs import struct
from sandbox.magento.state import State

ROLES = ("image", "small_image", "swatch_image", "thumbnail")
LABELLED_ROLES = ("image", "small_image", "thumbnail")
NONE = "no_selection"
EXTENSIONS = {"image/jpg": "jpg", "image/jpeg": "jpg", "image/gif": "gif", "image/png": "png"}
MEDIA_TYPES = ("image", "external-video")
NO_CONVERTER = "There is no MediaGalleryEntryConverter for given type"
BAD_DATA = "The image content must be valid base64 encoded data."

struct(
    "GalleryEntry",
    id="int",
    media_type="string",
    label="string",
    position="int",
    disabled="boolean",
    types="string[]",
    file="string",
    content="ImageContent",
    extension_attributes="GalleryEntryExtension",
)
struct("ImageContent", base64_encoded_data="string", type="string", name="string")
struct("GalleryEntryExtension", video_content="VideoContent")
struct(
    "VideoContent",
    media_type="string",
    video_provider="string",
    video_url="string",
    video_title="string",
    video_description="string",
    video_metadata="string",
)


def rows(state: State, product_id: int) -> list[Record]:
    """The gallery rows of one product, by id."""
    return list((state.table("gallery").get(product_id) or {"rows": {}})["rows"].values())


def entries(state: State, record: Record, store_id: int) -> list[dict[str, Any]]:
    """The gallery of a product as one store view shows it: by position; among equals the newest first, as Magento sorts."""
    shown = [_shown(row, record, store_id) for row in rows(state, record["id"])]
    placed = sorted(
        (entry for entry in shown if entry["position"] is not None), key=lambda entry: (entry["position"], -entry["id"])
    )
    return placed + [entry for entry in shown if entry["position"] is None]


def _shown(row: Record, record: Record, store_id: int) -> dict[str, Any]:
    own, general = row["values"].get(store_id, {}), row["values"].get(0, {})
    texts = {key: general.get(key) if own.get(key) is None else own[key] for key in ("label", "position", "disabled")}
    entry = {
        "id": row["id"],
        "media_type": row["media_type"],
        "label": texts["label"],
        "position": texts["position"],
        "disabled": bool(texts["disabled"]),
        "types": [role for role in ROLES if role_value(record, role, store_id) == row["file"]],
        "file": row["file"],
    }
    return {**entry, "extension_attributes": {"video_content": row["video"]}} if row["video"] else entry


def role_value(record: Record, code: str, store_id: int) -> Any:
    """The attribute's value in that store view, else the general one."""
    values = record["values"].get(code, {})
    return values.get(store_id, values.get(0))


def check_types(sent: Sequence[Mapping[str, Any]]) -> None:
    """Refuse entries of a kind that Magento cannot convert."""
    if any(entry.get("media_type") not in MEDIA_TYPES for entry in sent):
        raise MagentoError(NO_CONVERTER)


def decoded(content: Mapping[str, Any]) -> bytes:
    """The bytes of an image that is sent; raises MagentoError when it is none, of another kind, or badly named."""
    try:
        data = base64.b64decode(re.sub(r"\s", "", content.get("base64_encoded_data") or ""), validate=True)
        mime = Image.open(io.BytesIO(data)).get_format_mimetype() if data else None
    except (binascii.Error, ValueError, UnidentifiedImageError, OSError) as error:
        raise MagentoError(BAD_DATA) from error
    if mime is None:
        raise MagentoError(BAD_DATA)
    if mime != content.get("type") or mime not in EXTENSIONS:
        raise MagentoError("The image MIME type is not valid or not supported.")
    if not re.fullmatch(r'[^\\/?*:";<>()|{}]+', content.get("name") or ""):
        raise MagentoError("Provided image name contains forbidden characters.")
    return data


def save(state: State, record: Record, sent: Sequence[Mapping[str, Any]] | None, store_id: int) -> None:
    """Save a product's gallery through one store view, changing role values in `record`.

    `sent` replaces the gallery: entries with a known id are changed, those without are new, the others go, unless a role of
    another store view still names their file. None leaves the gallery and only refreshes the labels of the roles.
    """
    before = {row["file"]: entry for row, entry in zip(*_pairs(state, record, store_id), strict=True)}
    if sent is not None:
        check_types(sent)
        _save_sent(state, record, sent, store_id)
    _label_roles(state, record, store_id, before)


def _pairs(state: State, record: Record, store_id: int) -> tuple[list[Record], list[dict[str, Any]]]:
    found = rows(state, record["id"])
    return found, [_shown(row, record, store_id) for row in found]


def _save_sent(state: State, record: Record, sent: Sequence[Mapping[str, Any]], store_id: int) -> None:
    known = {row["id"]: row for row in rows(state, record["id"])}
    by_id = {entry["id"]: entry for entry in sent if entry.get("id") in known}
    # An id that is not the product's own is passed over, unless the product has no image yet: then every entry is new.
    new = [entry for entry in sent if entry.get("id") is None or not known]
    gone = [row for number, row in known.items() if number not in by_id and _removable(record, row["file"], store_id)]
    order = [entry["id"] for entry in entries(state, record, store_id)]
    for role in ROLES:
        _set(record, role, NONE, store_id)
    for number in sorted(by_id, key=order.index):
        row = _written(known[number], by_id[number], store_id)
        if by_id[number].get("content"):
            row["file"], _ = _store_file(state, by_id[number]["content"])
        _set_roles(record, by_id[number].get("types"), row["file"], store_id)
        _put(state, record["id"], row)
    for row in gone:
        _delete(state, record, row)
    for entry in new:
        _add(state, record, entry, store_id)


def _set(record: Record, code: str, value: Any, store_id: int) -> None:
    record["values"].setdefault(code, {})[store_id] = value


def _set_roles(record: Record, types: Sequence[str] | None, file: str, store_id: int) -> None:
    for role in types or ():
        if role in ROLES:
            _set(record, role, file, store_id)


def _removable(record: Record, file: str, store_id: int) -> bool:
    """An entry stays as long as a role of another store view points to it."""
    return not any(
        value == file
        for role in ROLES
        for store, value in record["values"].get(role, {}).items()
        if store not in (0, store_id)
    )


def _written(row: Record, entry: Mapping[str, Any], store_id: int) -> Record:
    texts = {
        "label": entry.get("label") or "",
        "position": entry.get("position"),
        "disabled": bool(entry.get("disabled")),
    }
    video = (entry.get("extension_attributes") or {}).get("video_content")
    return {**row, "values": {**row["values"], store_id: texts}, "video": video or row["video"]}


def _put(state: State, product_id: int, row: Record) -> None:
    present = {other["id"]: other for other in rows(state, product_id)}
    state.table("gallery").put(product_id, {"rows": {**present, row["id"]: row}})


def _delete(state: State, record: Record, row: Record) -> None:
    left = {other["id"]: other for other in rows(state, record["id"]) if other["id"] != row["id"]}
    state.table("gallery").put(record["id"], {"rows": left})
    state.table("media_files").delete(row["file"])
    for role in ROLES:
        values = record["values"].get(role, {})
        record["values"][role] = {store: value for store, value in values.items() if value != row["file"]}


def _add(state: State, record: Record, entry: Mapping[str, Any], store_id: int) -> None:
    if not entry.get("content"):
        raise MagentoError("The image content is invalid. Verify the content and try again.")
    file, wanted = _store_file(state, entry["content"])
    number = state.next_id("gallery")
    row = {"id": number, "file": file, "media_type": entry["media_type"], "video": None, "values": {}}
    if store_id != 0:  # a new image also gets a general position, without a label
        row["values"] = {0: {"label": None, "position": entry.get("position"), "disabled": False}}
    _put(state, record["id"], _written(row, entry, store_id))
    effect = {"effect": "created", "entity": "image", "key": f"{record['sku']} {file}"}
    state.record_event({"kind": "image", "time": state.timestamp(), "effects": [effect]})
    # Magento compares roles with the name before it was made unique, so they move to a new file of the same name.
    for role in ROLES:
        if file != wanted and role_value(record, role, store_id) == wanted:
            _set(record, role, file, store_id)
    _set_roles(record, entry.get("types"), file, store_id)


def _store_file(state: State, content: Mapping[str, Any]) -> tuple[str, str]:
    """Keep a file that was sent; its path, and the path it would have had if no file of that name had been there."""
    data = decoded(content)
    wanted = path_for(content["name"], content["type"])
    file = _unused(state, wanted)
    state.table("media_files").put(file, {"content": data, "mime": content["type"]})
    return file, wanted


def path_for(name: str, mime: str) -> str:
    """Where a file of that name goes: "é Foto.png" becomes "/_/f/_foto.png"; raises MagentoError for an unusable name."""
    full = name if PurePosixPath(name).suffix else f"{name}.{EXTENSIONS[mime]}"
    # PHP replaces bytes; a run of them becomes one underscore either way.
    clean = re.sub(r"[^a-z0-9_\-.]+", "_", full, flags=re.IGNORECASE).lower()
    stem, _, extension = clean.rpartition(".")
    if not stem.strip("_"):
        clean = f"file.{extension}"
    if extension not in ("jpg", "jpeg", "gif", "png") or len(clean) > 90:
        raise MagentoError("The product can't be saved.")
    first, second = (("_" if letter == "." else letter) for letter in clean[:2])
    return f"/{first}/{second}/{clean}"


def _unused(state: State, path: str) -> str:
    stem, _, extension = path.rpartition(".")
    number, candidate = 0, path
    while candidate in state.table("media_files"):
        number += 1
        candidate = f"{stem}_{number}.{extension}"
    return candidate


def _label_roles(state: State, record: Record, store_id: int, before: Mapping[str, Mapping[str, Any]]) -> None:
    """Roles carry the label of their image, from the first save after the one that brought the image."""
    files = {row["file"]: row for row in rows(state, record["id"])}
    for role in LABELLED_ROLES:
        file, code = role_value(record, role, store_id), f"{role}_label"
        if file in files and file in before:
            label = _shown(files[file], record, store_id)["label"]
            if label:
                _set(record, code, label, store_id)
        elif (file == NONE or (file in before and file not in files)) and role_value(record, code, store_id):
            _set(record, code, None, store_id)


def forget(state: State, product_id: int) -> None:
    """Drop the gallery of a product that is deleted; the files stay on disk, as they do in Magento."""
    state.table("gallery").delete(product_id)
