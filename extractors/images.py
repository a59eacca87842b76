"""Facts of product images, read from the files: hash, type, look, size in pixels and bytes, and why a file can't be used.

Bytes that a source delivers as hexadecimal digits (``content_hex``) become a file first. Files are hostile: a path never leaves
the media root, and no picture is unpacked before its size in pixels is known.
"""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from PIL import Image, UnidentifiedImageError

from extractors.looks import look_of
from extractors.shape import one_line
from koppel.entities import Entity

MAX_PIXELS = 50_000_000
MAX_BYTES = 50 * 1024 * 1024
_TYPES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "GIF": ("image/gif", "gif")}
"""What shops can show; by Pillow's name."""
_OTHERS = ("WEBP", "BMP", "TIFF", "AVIF")
_THREADS = 8


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file holds; ``problem`` is a sentence, empty when the file can be used."""

    content_hash: str | None = None
    mime_type: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    size_bytes: int | None = None
    problem: str = ""
    look_hash: str | None = None


def read_images(entity: Entity, frame: pd.DataFrame, media_root: Path) -> pd.DataFrame:  # noqa: ARG001 -- ReadFacts
    """The rows with the facts of their files filled in; ``content_hex`` is gone, its bytes stand below ``media_root``.

    Row count and order stay. A row with neither a file nor bytes gets a ``problem``. Raises OSError only when the media root
    can't be written.
    """
    frame = frame.copy()
    root = media_root.resolve()
    if "file" not in frame:
        frame["file"] = pd.Series(None, index=frame.index, dtype="str")
    names = [_text(value) for value in frame["file"]]
    problems: list[str | None] = [None] * len(names)
    if "content_hex" in frame:
        stored = _each(lambda value: _stored(_text(value), root), list(frame.pop("content_hex")))
        for place, (name, problem) in enumerate(stored):
            if name or problem:
                names[place], problems[place] = name or names[place], problem
    facts = _each(
        lambda pair: Facts(problem=pair[1]) if pair[1] else facts_of(pair[0], root),
        list(zip(names, problems, strict=True)),
    )
    return _filled(frame, names, facts)


def facts_of(name: str | None, root: Path) -> Facts:
    """The facts of the file ``name`` below ``root``; never raises for what is wrong with the file."""
    if not name:
        return Facts(problem="No file is named.")
    shown = one_line(name, 120)
    path = _below(root, name)
    if path is None:
        return Facts(problem=f"The path {shown} leads out of the media folder.")
    try:
        stat = path.stat()
        if not path.is_file():
            return Facts(problem=f"{shown} is no file.")
        return _cached_facts(str(path), shown, stat.st_size, stat.st_mtime_ns)
    except FileNotFoundError:
        return Facts(problem=f"The file {shown} does not exist.")
    except (OSError, ValueError) as error:
        return Facts(problem=f"The file {shown} can't be read: {one_line(getattr(error, 'strerror', None) or error)}.")


def _below(root: Path, name: str) -> Path | None:
    """The path, or None when it leads out of the root: by .., as an absolute path, or through a link."""
    if "\0" in name:
        return None
    path = (root / name.replace("\\", "/")).resolve()
    return path if path.is_relative_to(root) and path != root else None


@lru_cache(maxsize=100_000)
def _cached_facts(path: str, shown: str, size: int, _mtime_ns: int) -> Facts:
    if size == 0:
        return Facts(size_bytes=0, problem=f"The file {shown} is empty.")
    if size > MAX_BYTES:
        return Facts(size_bytes=size, problem=f"{shown} is {size // 2**20} MB; {MAX_BYTES // 2**20} MB is allowed.")
    with Path(path).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    mime_type, width, height, problem, look = _judged(path, shown)
    return Facts(digest, mime_type, width, height, size, problem, look)


def _judged(path: str, shown: str) -> tuple[str | None, int | None, int | None, str, str | None]:
    """Type and size in pixels from the header, and only then, if they are sane, the whole picture."""
    look = None
    try:
        with warnings.catch_warnings(), Image.open(path, formats=[*_TYPES, *_OTHERS]) as image:
            warnings.simplefilter("ignore")  # Pillow's own bomb warning; the check below is stricter
            mime_type, (width, height) = Image.MIME.get(str(image.format)), image.size
            problem = _unusable(str(image.format), width * height, shown)
            if not problem:
                problem = _damage(image, shown)
                look = None if problem else look_of(image)
    except Image.DecompressionBombError:
        return None, None, None, f"{shown} has more pixels than {MAX_PIXELS // 10**6} million.", None
    except UnidentifiedImageError:
        return None, None, None, f"{shown} is not an image that can be read (JPEG, PNG or GIF).", None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, IndexError, OverflowError) as error:
        return None, None, None, f"{shown} is damaged: {one_line(error, 120)}.", None
    return mime_type, width, height, problem, look


def _unusable(kind: str, pixels: int, shown: str) -> str:
    if kind not in _TYPES:
        return f"{shown} is a {kind} image; the shop takes JPEG, PNG or GIF."
    if pixels > MAX_PIXELS:
        return f"{shown} has {pixels // 10**6} million pixels; {MAX_PIXELS // 10**6} million are allowed."
    return ""


def _damage(image: Image.Image, shown: str) -> str:
    """Decode the whole picture: a header may be fine where the rest is cut off."""
    try:
        if image.format == "JPEG":
            image.draft("L", (64, 64))  # decodes an eighth of the detail; a cut file still shows
        image.load()
    except Exception as error:  # noqa: BLE001 -- decoders of hostile bytes raise anything; each means: damaged
        return f"{shown} is damaged or cut off: {one_line(error, 120)}."
    return ""


def _stored(digits: str | None, root: Path) -> tuple[str | None, str | None]:
    """Write hexadecimal digits as ``<sha256>.<ext>`` below the root; gives the name, or a problem."""
    if not digits:
        return None, None
    try:
        content = bytes.fromhex(digits.strip().removeprefix("\\x").removeprefix("0x"))
    except ValueError:
        return None, "The bytes of the image are no hexadecimal digits."
    if len(content) > MAX_BYTES:
        return None, f"The image is {len(content) // 2**20} MB; {MAX_BYTES // 2**20} MB is allowed."
    name = f"{hashlib.sha256(content).hexdigest()}.{_extension(content)}"
    if not (root / name).exists():
        _write_whole(root / name, content)
    return name, None


def _extension(content: bytes) -> str:
    heads = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png", b"GIF8": "gif"}
    return next((extension for head, extension in heads.items() if content.startswith(head)), "bin")


def _write_whole(path: Path, content: bytes) -> None:
    """A reader sees the whole file or none, whenever this process is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).chmod(0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _filled(frame: pd.DataFrame, names: list[str | None], facts: list[Facts]) -> pd.DataFrame:
    rows = [asdict(item) for item in facts]
    frame["file"] = pd.Series(names, index=frame.index, dtype="str")
    for name in ("content_hash", "mime_type", "problem", "look_hash"):
        frame[name] = pd.Series([row[name] for row in rows], index=frame.index, dtype="str")
    for name in ("width_px", "height_px", "size_bytes"):
        frame[name] = pd.array([row[name] for row in rows], dtype="Int64")
    return frame


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _each(work: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    """Run over the items in threads: reading and decoding happen outside Python's lock."""
    if not items:
        return []
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(work, items))
