"""Draws the product photos of the sandbox ERP, and the files that are no good photo."""

import io
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from sandbox.erp.articles import Photo, Picture
from sandbox.erp.shapes import RGB, SHAPES, tone

SIZE = 800
"""Pixels, width and height."""
_QUALITY = 62
_BACKGROUNDS: dict[str, tuple[RGB, RGB]] = {
    "front": ((246, 244, 240), (222, 218, 210)),
    "back": ((240, 244, 248), (212, 220, 228)),
    "detail": ((250, 248, 244), (232, 226, 216)),
    "packshot": ((255, 255, 255), (244, 244, 244)),
}


def draw_all(photos: Iterable[Photo], root: Path) -> None:
    """Draw every photo below ``root`` that is not there yet; the same photo always gives the same bytes."""
    for photo in photos:
        if photo.picture is not None:
            _write(root / photo.file, partial(_drawn, photo.picture))
        elif photo.file in _SPECIAL:
            _write(root / photo.file, _SPECIAL[photo.file])


def _write(path: Path, content: Callable[[], bytes]) -> None:
    """Under another name first, so that a file that is there is a whole one."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(content())
    unfinished.rename(path)


def _drawn(picture: Picture) -> bytes:
    image = _scene(picture.shape, picture.rgb, picture.view).copy()
    draw = ImageDraw.Draw(image)
    draw.text((SIZE / 2, SIZE - 44), picture.label, fill=(96, 92, 86), font=_font(24), anchor="mm")
    return _jpeg(image)


@cache
def _scene(shape: str, rgb: RGB, view: str) -> Image.Image:
    """The picture without its label, which is all that differs between the models that a case is made for."""
    image = _background(view).copy()
    draw = ImageDraw.Draw(image)
    draw.ellipse((SIZE * 0.22, SIZE * 0.83, SIZE * 0.78, SIZE * 0.9), fill=tone(_BACKGROUNDS[view][1], 0.93))
    scale = SIZE / 1000
    if view == "detail":
        large = Image.new("RGB", (round(SIZE * 1.8),) * 2, _BACKGROUNDS[view][0])
        SHAPES[shape](ImageDraw.Draw(large), rgb, scale * 1.8)
        left = round(SIZE * 0.4)
        image.paste(large.crop((left, left, left + SIZE, left + SIZE)))
    elif view == "packshot":
        _carton(draw, rgb)
        small = Image.new("RGB", (SIZE // 2,) * 2, (252, 252, 250))
        SHAPES[shape](ImageDraw.Draw(small), rgb, scale / 2)
        image.paste(small.crop((60, 30, 340, 370)), (260, 250))
    elif view == "back":
        SHAPES[shape](draw, tone(rgb, 0.9), scale)
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    else:
        SHAPES[shape](draw, rgb, scale)
    return image


def _carton(draw: ImageDraw.ImageDraw, rgb: RGB) -> None:
    draw.polygon([(640, 180), (700, 140), (700, 640), (640, 680)], fill=tone(rgb, 0.7))
    draw.polygon([(180, 180), (240, 140), (700, 140), (640, 180)], fill=tone(rgb, 1.3))
    draw.rectangle((180, 180, 640, 680), fill=tone(rgb, 1.1), outline=tone(rgb, 0.7), width=3)
    draw.rounded_rectangle((250, 240, 550, 600), 18, fill=(252, 252, 250))


@cache
def _background(view: str) -> Image.Image:
    """From light at the top to a little darker below."""
    top, bottom = _BACKGROUNDS[view]
    column = Image.new("RGB", (1, SIZE))
    for y in range(SIZE):
        share = y / SIZE
        red, green, blue = (round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        column.putpixel((0, y), (red, green, blue))
    return column.resize((SIZE, SIZE))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _plain(width: int, height: int, text: str) -> Image.Image:
    image = Image.new("RGB", (width, height), (228, 228, 226))
    middle = (width / 2, height / 2)
    ImageDraw.Draw(image).text(middle, text, fill=(120, 120, 118), font=_font(max(10, width // 18)), anchor="mm")
    return image


def _white_on_white() -> Image.Image:
    image = Image.new("RGB", (SIZE, SIZE), "white")
    ImageDraw.Draw(image).rounded_rectangle((250, 200, 550, 640), 24, fill=(238, 238, 236))
    return image


def _png() -> bytes:
    buffer = io.BytesIO()
    _scene("phone", (52, 96, 168), "packshot").save(buffer, "PNG")
    return buffer.getvalue()


def _html() -> bytes:
    return b"<!DOCTYPE html><html><body><h1>404 Not Found</h1><p>De foto is verhuisd.</p></body></html>"


_SPECIAL: dict[str, Callable[[], bytes]] = {
    "algemeen/geen_foto.jpg": lambda: _jpeg(_plain(SIZE, SIZE, "Geen foto beschikbaar")),
    "algemeen/geen_foto_klein.jpg": lambda: _jpeg(_plain(SIZE, SIZE, "Geen foto beschikbaar").resize((600, 600))),
    "defect/wit.jpg": lambda: _jpeg(Image.new("RGB", (SIZE, SIZE), "white")),
    "defect/pagina.jpg": _html,
    "defect/afgebroken.jpg": lambda: _jpeg(_scene("phone", (38, 40, 44), "front"))[:4000],
    "defect/klein.jpg": lambda: _jpeg(_scene("cushion", (208, 158, 62), "front").resize((320, 320))),
    "defect/postzegel.jpg": lambda: _jpeg(_scene("cushion", (30, 44, 84), "front").resize((64, 64))),
    "defect/lint.jpg": lambda: _jpeg(_plain(3000, 520, "mes")),
    "bijzonder/eigenlijk-png.jpg": _png,
    "bijzonder/net-groot-genoeg.jpg": lambda: _jpeg(_scene("cushion", (66, 122, 84), "front").resize((500, 500))),
    "bijzonder/honderd.jpg": lambda: _jpeg(_scene("towel", (66, 122, 84), "front").resize((100, 100))),
    "bijzonder/breed.jpg": lambda: _jpeg(_plain(2000, 520, "messenset")),
    "bijzonder/wit-op-wit.jpg": lambda: _jpeg(_white_on_white()),
    "bijzonder/dubbel.jpg": lambda: _jpeg(_scene("blender", (178, 48, 52), "front").resize((780, 780))),
}
"""Files that are drawn on purpose as they are; ``defect/bestaat-niet.jpg`` is not among them."""
