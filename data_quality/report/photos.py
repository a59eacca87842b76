"""Small photos for the report: a file below the media root as a JPEG of a few kilobytes, or nothing where it is no sane picture."""

import io
import logging
import warnings
from pathlib import Path

from PIL import Image

log = logging.getLogger(__name__)

LONGEST_SIDE = 240
MOST_BYTES = 8 * 1024
"""A report of 200 products stays small enough to be mailed."""

_FORMATS = ("JPEG", "PNG", "GIF")
_MOST_PIXELS = 40_000_000
_LARGEST_FILE = 50 * 2**20
_TRIES = ((LONGEST_SIDE, 60), (LONGEST_SIDE, 40), (160, 50), (120, 40), (80, 30), (40, 20))
"""Longest side in pixels and quality, until it is small enough."""


def thumbnail(file: str, media_root: Path) -> bytes | None:
    """A JPEG of at most ``MOST_BYTES``; None where the file is missing, outside the media root, too large, or no picture.

    What a picture claims of its size is believed before a pixel of it is read, so none can fill the memory.
    """
    root = media_root.resolve()
    try:
        path = (root / file).resolve()
        if not file or not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > _LARGEST_FILE:
            return None
        with warnings.catch_warnings(), Image.open(path, formats=_FORMATS) as image:
            warnings.simplefilter("ignore")  # Pillow's own bomb warning; the check below is stricter
            return _small(image) if image.width * image.height <= _MOST_PIXELS else None
    except Exception as error:  # noqa: BLE001 -- decoders of hostile bytes raise anything; each means: no photo
        log.info("No photo from %r: %s.", file, type(error).__name__)
        return None


def _small(image: Image.Image) -> bytes | None:
    if image.format == "JPEG":
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # decodes no more detail than is shown
    flat = _on_white(image)
    for side, quality in _TRIES:
        flat.thumbnail((side, side))
        kept = io.BytesIO()
        flat.save(kept, "JPEG", quality=quality, optimize=True)
        if kept.tell() <= MOST_BYTES:
            return kept.getvalue()
    return None


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency: JPEG has none, and what was see-through would turn black."""
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        shown = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown).convert("RGB")
    return image.convert("RGB")
