"""What a picture looks like, in 64 bits: the same picture saved anew, smaller or a little lighter, is only a few bits apart."""

from functools import cache
from typing import Any

import numpy as np
from PIL import Image

SIDE = 32
"""Pixels of the small grey picture that is looked at."""
_KEPT = 8
_CLEAR = 0.1
"""The part of a usual wave (root of the mean square) that a wave must reach."""
_FLAT = 1.0
"""Shades by which a picture of one colour may vary."""

BLANK = "0" * 16
"""The look of a picture of one colour."""


def look_of(image: Image.Image) -> str:
    """The look of a picture that is loaded, as 16 hexadecimal digits.

    The coarse waves of its grey shades (the first of a discrete cosine transform), each clearly above nought or not: light and
    size fall away, and what saving anew leaves of a wave that is not there does not count. Transparent parts are seen as white.
    """
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    shades = np.asarray(small, dtype=np.float64)
    if float(shades.std()) < _FLAT:
        return BLANK
    waves = (_cosines() @ shades @ _cosines().T).ravel()[1:]
    bits = np.concatenate(
        ([True], waves > _CLEAR * np.sqrt(np.square(waves).mean()))
    )  # the first bit tells it from a blank one
    return np.packbits(bits).tobytes().hex()


@cache
def _cosines() -> "np.ndarray[Any, np.dtype[np.float64]]":
    places = np.arange(SIDE) + 0.5
    return np.cos(np.pi / SIDE * np.outer(np.arange(_KEPT), places))
