"""look_of: the same picture saved anew looks the same, another one does not, and one of one colour is told apart."""

import io

import pytest
from PIL import Image, ImageDraw

from extractors.looks import BLANK, look_of


def drawn(*boxes: tuple[int, int, int, int], ground: int = 230) -> Image.Image:
    image = Image.new("RGB", (800, 800), (ground, ground, ground))
    for place, box in enumerate(boxes):
        ImageDraw.Draw(image).rectangle(box, fill=(40 + 60 * place, 90, 140))
    return image


def saved(image: Image.Image, kind: str = "JPEG", **options: int) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    loaded = Image.open(io.BytesIO(stream.getvalue()))
    loaded.load()
    return loaded


def apart(one: Image.Image, other: Image.Image) -> int:
    return (int(look_of(one), 16) ^ int(look_of(other), 16)).bit_count()


PHONE = drawn((250, 100, 550, 700), (300, 150, 500, 500))
OTHERS = (drawn((100, 300, 700, 500)), drawn((50, 50, 300, 300), (500, 500, 700, 750)), drawn((350, 350, 450, 450)))


def test_is_sixteen_hexadecimal_digits() -> None:
    assert len(look_of(PHONE)) == 16
    assert int(look_of(PHONE), 16) > 0


@pytest.mark.parametrize("size", [1600, 640, 333, 120])
@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"quality": 60}), ("PNG", {}), ("GIF", {})])
def test_a_picture_saved_anew_looks_the_same(size: int, kind: str, options: dict[str, int]) -> None:
    assert apart(PHONE, saved(PHONE.resize((size, size)), kind, **options)) <= 2


def test_a_lighter_picture_looks_the_same() -> None:
    assert apart(PHONE, PHONE.point([min(255, shade + 12) for shade in range(256)] * 3)) <= 2


@pytest.mark.parametrize("other", OTHERS)
def test_another_picture_looks_different(other: Image.Image) -> None:
    assert apart(PHONE, other) >= 8


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK"])
def test_a_picture_of_one_colour_is_blank(mode: str) -> None:
    assert look_of(Image.new(mode, (300, 200))) == BLANK


def test_white_on_white_is_not_blank() -> None:
    assert look_of(Image.new("RGB", (400, 400), "white")) == BLANK
    assert look_of(saved(drawn((100, 100, 600, 600), ground=255).point([max(238, x) for x in range(256)] * 3))) != BLANK


def test_transparent_parts_are_white() -> None:
    clear = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    clear.paste(PHONE.crop((250, 100, 551, 701)), (250, 100))
    assert apart(clear, drawn((250, 100, 550, 700), (300, 150, 500, 500), ground=255)) == 0
    assert look_of(Image.new("RGBA", (90, 90), (0, 0, 0, 0))) == BLANK


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (3000, 2)])
def test_any_size_has_a_look(size: tuple[int, int]) -> None:
    assert len(look_of(Image.new("RGB", size, "red"))) == 16
